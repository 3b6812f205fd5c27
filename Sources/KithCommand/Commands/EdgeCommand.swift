import ArgumentParser
import Kith

/// `kith edge`
struct EdgeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "edge", abstract: "Show one edge; exit with 1 when there is none.")

    @OptionGroup var store: StoreArgument
    @Argument(help: "The edge type.") var type: EdgeType.Name
    @Argument(help: "The key of the node the edge comes from.", completion: .nodeKey) var from: String
    @Argument(help: "The key of the node the edge points to.", completion: .nodeKey) var to: String
    @OptionGroup var output: OutputOptions

    func run() throws {
        let edge = try store.openToRead().read { snapshot in
            try snapshot.edge(from: try parseKey(from), type, to: try parseKey(to))
        }
        let weight: JSON = edge?.weight.map { .number($0) } ?? .null
        let time: JSON = edge?.time.map { .time($0) } ?? .null
        var members: [(String, JSON)] = [
            ("from", .string(from)), ("type", .string(type.text)), ("to", .string(to)), ("exists", .bool(edge != nil)),
        ]
        if edge?.weight != nil { members.append(("weight", weight)) }
        if edge?.time != nil { members.append(("time", time)) }
        try Report(
            json: .object(members), headings: ["from", "type", "to", "exists", "weight", "time"],
            rows: [[.string(from), .string(type.text), .string(to), .bool(edge != nil), weight, time]]
        ).print(as: output.format)
        if edge == nil { throw ExitCode(Failure.Code.found.rawValue) }
    }
}

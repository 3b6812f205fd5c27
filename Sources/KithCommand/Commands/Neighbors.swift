import ArgumentParser
import Kith

/// `kith neighbors`
struct Neighbors: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List the neighbours of a node, page by page.",
        discussion: """
            In the order of ids, unless --recent is given. With --format json there is a "next", for --after: where the \
            next page starts.

            Examples:
              kith neighbors people.kith alice --via follows
              kith neighbors people.kith alice --via follows --in --limit 1000 --format json
            """)

    @OptionGroup var store: StoreArgument
    @Argument(help: "The node's key.", completion: .nodeKey) var node: String
    @Option(help: ArgumentHelp("The edge type.", valueName: "type"))
    var via: EdgeType.Name
    @Flag(name: .customLong("in"), help: "Walk edges backwards: who points to the node.") var inward = false
    @Flag(help: "The newest edges first.") var recent = false
    @Option(help: "How many at most.") var limit = 100
    @Option(help: ArgumentHelp("Go on where the page before ended: its \"next\".", valueName: "cursor"))
    var after: String?
    @OptionGroup var output: OutputOptions

    func run() throws {
        let cursor = try after.map(parseCursor)
        let direction: EdgeDirection = inward ? .in : .out
        let (page, kind) = try store.openToRead().read { snapshot in
            let page = try snapshot.neighbors(
                of: try parseKey(node), via: via, direction: direction, order: recent ? .newestFirst : .ascending,
                limit: limit, after: cursor)
            return (page, snapshot.kind(at: via, direction))
        }
        let weight: (Neighbor) -> JSON = { $0.weight.map { .number($0) } ?? .null }
        let time: (Neighbor) -> JSON = { $0.time.map { .time($0) } ?? .null }
        let json = JSON.object([
            ("node", .string(node)), ("via", .string(via.text)), ("direction", .string(direction.rawValue)),
            ("degree", .integer(page.degree)),
            (
                "neighbors",
                .array(
                    page.neighbors.map { neighbor in
                        var members: [(String, JSON)] = [("key", .string(neighbor.key.description))]
                        if neighbor.weight != nil { members.append(("weight", weight(neighbor))) }
                        if neighbor.time != nil { members.append(("time", time(neighbor))) }
                        return .object(members)
                    })
            ),
            ("next", page.next.map { .string($0.description) } ?? .null),
        ])
        let rows = page.neighbors.map { [.string($0.key.description), weight($0), time($0)] }
        try Report(json: json, headings: ["key", "weight", "time"], rows: rows, kind: kind).print(as: output.format)
    }
}

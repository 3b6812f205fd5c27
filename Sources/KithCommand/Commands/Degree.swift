import ArgumentParser
import Kith

/// `kith degree`
struct Degree: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "How many edges of each type a node has.")

    @OptionGroup var store: StoreArgument
    @Argument(help: "The node's key.", completion: .nodeKey) var node: String
    @Option(help: "The node's kind.") var kind: NodeKind = .user
    @OptionGroup var output: OutputOptions

    func run() throws {
        let key = try parseKey(node)
        let degrees: [(EdgeType.Name, out: Int?, in: Int?)] = try store.openToRead().read { snapshot in
            guard try snapshot.contains(key, kind: kind) else { throw GraphStoreError.noSuchNode(kind, key) }
            return try snapshot.schema.edgeTypes.filter { $0.source == kind || $0.target == kind }.map { type in
                (
                    type.name,
                    type.source == kind ? try snapshot.degree(of: key, via: type.name) : nil,
                    type.target == kind ? try snapshot.degree(of: key, via: type.name, direction: .in) : nil
                )
            }
        }
        func members(_ degree: (EdgeType.Name, out: Int?, in: Int?)) -> [(String, JSON)] {
            [("out", degree.out), ("in", degree.in)].compactMap { name, count in count.map { (name, .integer($0)) } }
        }
        let json = JSON.object([("node", .string(node))] + degrees.map { ($0.0.text, .object(members($0))) })
        let rows: [[JSON]] = degrees.map { degree in
            [
                .string(degree.0.text), degree.out.map { .integer($0) } ?? .null,
                degree.in.map { .integer($0) } ?? .null,
            ]
        }
        try Report(json: json, headings: ["type", "out", "in"], rows: rows).print(as: output.format)
    }
}

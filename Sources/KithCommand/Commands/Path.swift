import ArgumentParser
import Kith

/// `kith path`
struct Path: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Find a shortest path between two nodes; exit with 1 when there is none.",
        discussion: """
            Directed edges are walked the way they point, from A to B. Of several shortest paths it is always the same: \
            the one with the smallest ids. Private and hidden accounts are walked like any others.

            Examples:
              kith path people.kith alice bob
              kith path people.kith alice bob --via follows friends --max-hops 6
              kith path people.kith alice bob --format json
            """)

    @OptionGroup var store: StoreArgument
    @Argument(help: "The key of the node the path starts from.", completion: .nodeKey) var from: String
    @Argument(help: "The key of the node it leads to.", completion: .nodeKey) var to: String
    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "The edge types; friends when the store has any, else follows, unless given.", valueName: "type"))
    var via: [EdgeType.Name] = []
    @Flag(help: "Walk directed edges both ways.") var undirected = false
    @Option(help: ArgumentHelp("How many edges long it may be; any length unless given.", valueName: "n"))
    var maxHops: Int?
    @OptionGroup var limits: WorkLimit
    @OptionGroup var output: OutputOptions

    func run() throws {
        let (types, path, kind) = try limits.read(store.openToRead()) { snapshot in
            let types = via.isEmpty ? [try snapshot.relation] : via
            let hop = Hop((undirected ? [.out, .in] : [.out]).flatMap { way in types.map { Hop.Step($0, way) } })
            let path = try snapshot.shortestPath(
                from: try parseKey(from), to: try parseKey(to), via: hop, maximumHops: maxHops)
            return (types, path, snapshot.kind(at: types[0], .out))
        }
        let nodes = path?.nodes ?? []
        let json = JSON.object([
            ("a", .string(from)), ("b", .string(to)), ("via", .names(types)),
            ("hops", path.map { .integer($0.hops) } ?? .null),
            ("nodes", .array(nodes.map { .string($0.description) })),
            ("types", .array((path?.types ?? []).map { .string($0.text) })),
        ])
        let rows: [[JSON]] = nodes.enumerated().map { hop, key in
            [
                .integer(hop), .string(key.description),
                hop == 0 ? .null : .string(path.map { $0.types[hop - 1].text } ?? ""),
            ]
        }
        try Report(json: json, headings: ["hop", "key", "by"], rows: rows, kind: kind).print(as: output.format)
        if path == nil { throw ExitCode(Failure.Code.found.rawValue) }
    }
}

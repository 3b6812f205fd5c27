import ArgumentParser
import Kith

/// `kith common`
struct Common: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List the neighbours that two nodes share, page by page.",
        discussion: """
            With --format json "count" is how many there are in all, and "next", for --after, where the next page starts.

            Examples:
              kith common people.kith alice bob                            # whom both know
              kith common people.kith alice bob --via follows --in         # who follows both
              kith common people.kith alice bob --via follows friends      # known in either way
              kith common people.kith alice bob --via follows --only-first # whom alice follows and bob does not
            """)

    @OptionGroup var store: StoreArgument
    @Argument(help: "The first node's key.", completion: .nodeKey) var first: String
    @Argument(help: "The second node's key.", completion: .nodeKey) var second: String
    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "The edge types; friends when the store has any, else follows, unless given.", valueName: "type"))
    var via: [EdgeType.Name] = []
    @Flag(name: .customLong("in"), help: "Walk edges backwards: who points to the nodes.") var inward = false
    @Flag(help: "The neighbours of either node.") var union = false
    @Flag(help: "The first node's neighbours that are not the second's.") var onlyFirst = false
    @Option(help: "How many at most.") var limit = 100
    @Option(help: ArgumentHelp("Go on where the page before ended: its \"next\".", valueName: "cursor"))
    var after: String?
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard !(union && onlyFirst) else { throw ValidationError("--union and --only-first exclude each other") }
    }

    func run() throws {
        let cursor = try after.map(parseCursor)
        let selection: NeighborSelection = union ? .inEither : onlyFirst ? .onlyInFirst : .inBoth
        let (types, page, kind) = try store.openToRead().read { snapshot in
            let types = via.isEmpty ? [try snapshot.relation] : via
            let hop = Hop(types.map { Hop.Step($0, inward ? .in : .out) })
            let page = try snapshot.commonNeighbors(
                NeighborSet(of: try parseKey(first), via: hop), NeighborSet(of: try parseKey(second), via: hop),
                selection, limit: limit, after: cursor)
            return (types, page, snapshot.kind(at: types[0], inward ? .in : .out))
        }
        let json = JSON.object([
            ("a", .string(first)), ("b", .string(second)), ("via", .names(types)), ("count", .integer(page.count)),
            ("nodes", .array(page.nodes.map { .string($0.description) })),
            ("next", page.next.map { .string($0.description) } ?? .null),
        ])
        try Report(json: json, headings: ["key"], rows: page.nodes.map { [.string($0.description)] }, kind: kind)
            .print(as: output.format)
    }
}

/// A cursor from the command line.
func parseCursor(_ text: String) throws -> NeighborCursor {
    guard let cursor = NeighborCursor(text) else {
        throw GraphStoreError.badRequest("--after takes the \"next\" of the page before, found '\(text)'")
    }
    return cursor
}

extension JSON {
    /// Edge types as the flag `--via` had them: one is a string, several are an array.
    static func names(_ types: [EdgeType.Name]) -> JSON {
        types.count == 1 ? .string(types[0].text) : .array(types.map { .string($0.text) })
    }
}

import ArgumentParser
import Kith

/// `kith add`
struct Add: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Add one edge, durably.",
        discussion: """
            An edge that is there already is replaced, or accumulated into, as its type says. Nodes are made as they are \
            named.

            Examples:
              kith add people.kith follows alice bob
              kith add people.kith interacts alice bob --weight 2 --at 2026-01-31T12:00:00Z
            """)

    @OptionGroup var store: StoreArgument
    @Argument(help: "The edge type.") var type: EdgeType.Name
    @Argument(help: "The key of the node the edge comes from.", completion: .nodeKey) var from: String
    @Argument(help: "The key of the node the edge points to.", completion: .nodeKey) var to: String
    @Option(help: "The edge's weight; 1 unless given.") var weight: Float?
    @Option(help: ArgumentHelp("The edge's time; now unless given.", valueName: "time"))
    var at: String?
    @OptionGroup var output: OutputOptions

    func run() throws {
        let (source, target) = (try parseKey(from), try parseKey(to))
        let time = try at.map { try parseTime($0) }
        let isNew = try store.openToWrite().write { graph in
            try RunningVerb.checkCancelled()
            return try graph.add(source, type, target, weight: weight, at: time)
        }
        Accomplishment.current.note(isNew ? "the edge is added" : "the edge is changed")
        try Report(json: .object([("added", .bool(isNew))]), headings: ["added"], rows: [[.bool(isNew)]])
            .print(as: output.format)
    }
}

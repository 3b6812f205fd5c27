import ArgumentParser
import Kith

/// `kith add`
struct Add: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Add one edge, durably.",
        discussion: """
            An edge that is there already is replaced, or accumulated into, as its type says; 'added' is false then. Nodes \
            are made as they are named. 'settings' of an account are 'hidden', which is never suggested, and 'private', \
            through which nobody is led.

            Examples:
              kith add people.kith follows alice bob
              kith add people.kith interacts alice bob --weight 2 --at 2026-01-31T12:00:00Z
              kith add people.kith settings alice private
            """)

    @OptionGroup var store: StoreArgument
    @Argument(help: "The edge type.") var type: EdgeType.Name
    @Argument(help: "The key of the node the edge comes from.", completion: .nodeKey) var from: String
    @Argument(help: "The key of the node the edge points to.", completion: .nodeKey) var to: String
    @Option(help: "The edge's weight; 1 unless given.") var weight: String?
    @Option(help: ArgumentHelp("The edge's time; now unless given.", valueName: "time"))
    var at: String?
    @OptionGroup var wait: WaitOption
    @OptionGroup var output: OutputOptions

    func run() throws {
        let (source, target) = (try parseKey(from), try parseKey(to))
        let time = try at.map { try parseTime($0) }
        let weight = try weight.map { try Add.weight($0) }
        let store = try store.openToWrite(wait)
        // In bulk a service may write settings of its own; one that is typed is meant for Kith.
        let targetKind = try store.read { snapshot in snapshot.schema.edgeType(type)?.target }
        if type == .settings, targetKind == .setting, !Setting.all.contains(target) {
            throw GraphStoreError.unknownSetting(target, known: Setting.all)
        }
        let isNew = try store.write { graph in
            try RunningVerb.checkCancelled()
            return try graph.add(source, type, target, weight: weight, at: time)
        }
        Accomplishment.current.note(isNew ? "the edge is added" : "the edge is changed")
        try Report(json: .object([("added", .bool(isNew))]), headings: ["added"], rows: [[.bool(isNew)]])
            .print(as: output.format)
    }

    /// The number that a text is.
    private static func weight(_ text: String) throws -> Double {
        guard let number = Double(text) else {
            throw UsageError(description: "--weight is a number, found '\(text)'")
        }
        guard !RowValues.isAnother(text, than: number) else {
            throw UsageError(
                description:
                    "--weight \(text) is a whole number that is rounded even in double precision; scale the weights")
        }
        return number
    }
}

import ArgumentParser
import Foundation
import Kith

/// `kith schema`
struct SchemaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema", abstract: "Show the store's kinds of node and types of edge, or add some.",
        discussion: """
            With --format json it is a file that `kith create --schema` takes. What is added is there for every process \
            that has the store open from its next transaction on; nothing is ever taken away.

            A type has a name, from and to; columns, of "weight" and "time"; "symmetric", "selfLoops" and "accumulates", false \
            unless given; "halfLifeDays" where it accumulates; and "precision", "single" or "double": weights are 32-bit \
            floats, or 64-bit ones, and then the type has no times.

            Examples:
              kith schema people.kith
              kith schema people.kith --format json > schema.json
              kith schema people.kith --add-edge-type '{"name": "mentors", "from": "user", "to": "user"}'
              kith schema people.kith --add-kind place --add-edge-type visits.json
            """)

    @OptionGroup var store: StoreArgument
    @Option(help: ArgumentHelp("Add a kind of node; may be given again.", valueName: "kind"))
    var addKind: [NodeKind] = []
    @Option(
        help: ArgumentHelp(
            "Add a type of edge, as the schema's JSON writes one: the text, or a file of it; may be given again.",
            valueName: "json"))
    var addEdgeType: [String] = []
    @OptionGroup var wait: WaitOption
    @OptionGroup var output: OutputOptions

    func run() throws {
        let schema: Schema
        if addKind.isEmpty, addEdgeType.isEmpty {
            let store = try store.openToRead()
            schema = try store.read { $0.schema }
        } else {
            schema = try store.openToWrite(wait).add(
                nodeKinds: addKind, edgeTypes: try addEdgeType.map(SchemaCommand.edgeType))
            Accomplishment.current.note("the schema has grown")
        }
        if output.format == .json {
            var writer = try LineWriter.standardOutput()
            try writer.write(json: schema.json)
            try writer.finish()
            return
        }
        try Report(
            json: .null, headings: ["what", "name", "from", "to", "direction", "columns", "repeated"],
            rows: schema.nodeKinds.map(SchemaCommand.row) + schema.edgeTypes.map(SchemaCommand.row)
        ).print(as: output.format)
    }

    /// An edge type from its JSON, or from a file of it.
    private static func edgeType(_ argument: String) throws -> EdgeType {
        try argument.drop(while: \.isWhitespace).hasPrefix("{")
            ? EdgeType(json: argument.utf8) : EdgeType(json: InputFile.text(of: argument))
    }

    private static func row(_ kind: NodeKind) -> [JSON] {
        [.string("kind"), .string(kind.name), .null, .null, .null, .null, .null]
    }

    private static func row(_ type: EdgeType) -> [JSON] {
        var columns: [JSON] = []
        if type.columns.contains(.weight) {
            columns.append(.string(type.precision == .double ? "weight (double)" : "weight"))
        }
        if type.columns.contains(.time) { columns.append(.string("time")) }
        let repeated =
            switch type.repetition {
            case .replace: "replaces"
            case .accumulate(nil): "adds up"
            case .accumulate(.some(let seconds)): "adds up, halved every \(seconds / 86_400) days"
            }
        return [
            .string("edge type"), .string(type.name.text), .string(type.source.name), .string(type.target.name),
            .string(type.isSymmetric ? "symmetric" : "directed"), .array(columns), .string(repeated),
        ]
    }
}

import ArgumentParser
import Kith

/// `kith schema`
struct SchemaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema", abstract: "Show the store's kinds of node and types of edge.",
        discussion: "With --format json it is a file that `kith create --schema` takes.")

    @OptionGroup var store: StoreArgument
    @OptionGroup var output: OutputOptions

    func run() throws {
        let schema = try store.openToRead().schema
        if output.format == .json {
            var writer = try LineWriter(path: nil)
            try writer.write(schema.json)
            try writer.finish()
            return
        }
        let rows: [[JSON]] = schema.edgeTypes.map { type in
            var columns: [JSON] = []
            if type.columns.contains(.weight) { columns.append(.string("weight")) }
            if type.columns.contains(.time) { columns.append(.string("time")) }
            return [
                .string(type.name.text), .string(type.source.name), .string(type.target.name),
                .string(type.isSymmetric ? "symmetric" : "directed"), .array(columns),
            ]
        }
        try Report(json: .null, headings: ["type", "from", "to", "direction", "columns"], rows: rows)
            .print(as: output.format)
    }
}

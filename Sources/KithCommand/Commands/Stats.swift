import ArgumentParser
import Kith

/// `kith stats`
struct Stats: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "What the store holds and how large it is.")

    @OptionGroup var store: StoreArgument
    @OptionGroup var output: OutputOptions

    func run() throws {
        let statistics = try store.openToRead().statistics()
        let edgeTotal = statistics.edges.reduce(0) { $0 + $1.count }
        let bytesPerEdge: JSON =
            edgeTotal == 0 ? .null : .number(Double(statistics.bytes) / Double(edgeTotal))
        let oldest: JSON = statistics.oldestReaderCommitsBehind.map { .integer($0) } ?? .null
        let json = JSON.object([
            ("version", .integer(Int(statistics.formatVersion))),
            ("nodes", .object(statistics.nodes.map { ($0.kind.name, .integer($0.count)) })),
            ("edges", .object(statistics.edges.map { ($0.type.text, .integer($0.count)) })),
            ("bytes", .integer(statistics.bytes)), ("freeBytes", .integer(statistics.freeBytes)),
            ("bytesPerEdge", bytesPerEdge),
            ("uuid", .string(statistics.uuid)), ("created", .integer(Int(statistics.created))),
            (
                "readers",
                .array(
                    statistics.readers.map { reader in
                        .object([
                            ("process", .integer(reader.process)),
                            ("commitsBehind", reader.commitsBehind.map { .integer($0) } ?? .null),
                        ])
                    })
            ),
            ("oldestReaderCommitsBehind", oldest),
        ])
        var rows: [[JSON]] = [[.string("version"), .integer(Int(statistics.formatVersion))]]
        rows += statistics.nodes.map { [.string("nodes \($0.kind)"), .integer($0.count)] }
        rows += statistics.edges.map { [.string("edges \($0.type)"), .integer($0.count)] }
        rows += [
            [.string("bytes"), .integer(statistics.bytes)], [.string("free bytes"), .integer(statistics.freeBytes)],
            [.string("bytes per edge"), bytesPerEdge],
            [.string("readers"), .integer(statistics.readers.count)],
            [.string("commits behind the oldest reader"), oldest],
        ]
        try Report(json: json, headings: ["what", "count"], rows: rows).print(as: output.format)
    }
}

import ArgumentParser
import Foundation
import Kith

/// `kith load`
struct Load: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Load files of edges, all or nothing.",
        discussion: """
            Files are TSV, CSV or edge lists (columns between blanks, # comments), plain or .gz; - is standard input. The \
            format comes from the name unless --input-format is given. With a header the columns are found by name: \
            from/source/src, to/target/dst, weight, time. Without: source, target, then weight and time as far as the \
            edge type has them. Times are seconds or milliseconds since 1970, or ISO 8601; rows without one get --at.

            STORE is made when it is missing. Nothing is loaded when a row is bad, unless --on-error skip is given.
            """)

    enum OnError: String, ExpressibleByArgument {
        case stop, skip
    }

    @OptionGroup var store: StoreArgument
    @Option(parsing: .upToNextOption, help: "An edge type and a file of its edges: TYPE=FILE.")
    var edges: [String]
    @Option(help: "How rows are written: tsv, csv or edges.")
    var inputFormat: EdgeFileFormat?
    @Option(help: "The schema of a store that is made, a JSON file; the social schema unless given.")
    var schema: String?
    @Option(help: "What a bad row does: stop the load, or be skipped.")
    var onError: OnError = .stop
    @Option(help: "Where skipped rows are written, as JSON lines.")
    var rejects: String?
    @Option(help: "The time of rows without one; now unless given.")
    var at: String?
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard !edges.isEmpty else { throw ValidationError("name at least one file: --edges TYPE=FILE") }
        for argument in edges where !argument.contains("=") {
            throw ValidationError("--edges takes TYPE=FILE, found '\(argument)'")
        }
    }

    func run() throws {
        let start = ContinuousClock.now
        let files = edges.map { argument in
            let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return BulkLoader.EdgeFile(
                type: EdgeType.Name(String(parts[0])), path: String(parts[1]), format: inputFormat)
        }
        let rejected = try rejects.map { try RejectFile(path: $0) }
        let loader = BulkLoader(
            schema: try schema.map { try readSchema($0) } ?? .social, onError: onError == .stop ? .stop : .skip,
            time: try at.map { try parseTime($0) }, onReject: { try rejected?.write($0) })
        let report = try loader.load(files, into: store.store)
        try rejected?.close()
        try print(report, seconds: start.duration(to: .now) / .seconds(1))
    }

    private func print(_ report: BulkLoader.Report, seconds: Double) throws {
        let bytes = try FileManager.default.attributesOfItem(atPath: store.store)[.size] as? Int ?? 0
        let edges = report.edges.sorted { $0.key.text < $1.key.text }
        let nodes = report.nodes.sorted { $0.key.name < $1.key.name }
        let rejected = report.rejected.values.reduce(0, +)
        let json = JSON.object([
            ("edges", .object(edges.map { ($0.key.text, .integer($0.value)) })),
            ("nodes", .object(nodes.map { ($0.key.name, .integer($0.value)) })),
            ("rejected", .integer(rejected)), ("duplicates", .integer(report.duplicates)),
            ("seconds", .number(seconds)), ("bytes", .integer(bytes)),
        ])
        var rows: [[JSON]] = edges.map { [.string("edges \($0.key)"), .integer($0.value)] }
        rows += nodes.map { [.string("nodes \($0.key)"), .integer($0.value)] }
        rows += report.rejected.sorted { $0.key < $1.key }.map { [.string("rejected \($0.key)"), .integer($0.value)] }
        rows += [
            [.string("duplicates"), .integer(report.duplicates)], [.string("seconds"), .number(seconds)],
            [.string("bytes"), .integer(bytes)],
        ]
        try Report(json: json, headings: ["what", "count"], rows: rows).print(as: output.format)
    }
}

/// The file of rows that were left out, a JSON object a line. Used by the loading thread alone.
private final class RejectFile: @unchecked Sendable {
    private let handle: FileHandle
    private let path: String

    init(path: String) throws {
        guard FileManager.default.createFile(atPath: path, contents: nil),
            let handle = FileHandle(forWritingAtPath: path)
        else { throw LoadError.cannotWrite(path: path, reason: "the folder is missing or may not be written") }
        self.path = path
        self.handle = handle
    }

    func write(_ row: RejectedRow) throws {
        let line = JSON.object([
            ("file", .string(row.path)), ("line", .integer(row.line)),
            ("column", row.error.column.map { .integer($0) } ?? .null), ("code", .string(row.error.code)),
            ("reason", .string("\(row.error)")), ("text", .string(row.text)),
        ])
        do {
            try handle.write(contentsOf: Data((line.text + "\n").utf8))
        } catch {
            throw LoadError.cannotWrite(path: path, reason: "\(error.localizedDescription)")
        }
    }

    func close() throws {
        try handle.close()
    }
}

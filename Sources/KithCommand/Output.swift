import ArgumentParser
import Foundation

/// How results are printed.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    case table, json, jsonl, csv
}

/// What every verb takes.
struct OutputOptions: ParsableArguments {
    @Option(name: .customLong("format"), help: "How results are printed; as a table unless given.")
    var asked: OutputFormat?
    @Option(
        defaultAsFlag: .line,
        help: "Show progress on standard error. A line on a terminal unless given; none for none.")
    var progress: ProgressFormat?

    /// How results are printed.
    var format: OutputFormat { asked ?? .table }

    /// Where progress is shown.
    var progressLine: ProgressLine { ProgressLine(ProgressFormat.chosen(progress)) }
}

/// Rows under headings, printed as a table, as lines of JSON or as CSV; or a whole answer as one JSON object.
struct Report {
    /// The answer as the contract's JSON object.
    var json: JSON
    /// Names of the columns.
    var headings: [String]
    /// The rows.
    var rows: [[JSON]]

    /// Prints on standard output, or into a file.
    func print(as format: OutputFormat, to path: String? = nil) throws {
        var writer = try LineWriter(path: path)
        switch format {
        case .json:
            try writer.write(json.text)
        case .jsonl:
            for row in rows { try writer.write(JSON.object(Array(zip(headings, row))).text) }
        case .csv:
            try writer.write(headings.map(Report.csvField).joined(separator: ","))
            for row in rows { try writer.write(row.map { Report.csvField($0.cell) }.joined(separator: ",")) }
        case .table:
            var table =
                path == nil
                ? Table(headings, sampleMax: .max) : Table(headings, sampleMax: .max, width: nil, isStyled: false)
            for row in rows { for line in table.append(row) { try writer.write(line) } }
            for line in table.finish() { try writer.write(line) }
        }
        try writer.finish()
    }

    static func csvField(_ text: String) -> String {
        guard text.contains(where: { ",\"\n\r".contains($0) }) else { return text }
        return "\"" + text.replacingOccurrences(of: "\"", with: "\"\"") + "\""
    }
}

/// Writes lines, many at a time, to standard output or to a file.
@safe struct LineWriter: ~Copyable {
    private let file: UnsafeMutablePointer<FILE>
    /// What is written to, as errors name it.
    private let name: String

    /// Opens `path`, or standard output for nil.
    init(path: String?, appending: Bool = false) throws {
        try RunningVerb.checkCancelled()
        let name = path.map { "'\($0)'" } ?? "standard output"
        let descriptor = path == nil ? dup(STDOUT_FILENO) : STDOUT_FILENO
        guard descriptor >= 0 else { throw OutputError(writing: name) }
        let opened = unsafe path.map { unsafe fopen($0, appending ? "a" : "w") } ?? fdopen(descriptor, "w")
        guard let opened = unsafe opened else {
            throw OutputError(writing: name)
        }
        unsafe file = unsafe opened
        self.name = name
    }

    /// Writes a line.
    mutating func write(_ line: String) throws {
        try RunningVerb.checkCancelled()
        guard unsafe fputs(line, file) >= 0, unsafe fputc(10, file) >= 0 else { throw OutputError(writing: name) }
    }

    /// Writes lines that have their ends.
    mutating func write(_ lines: [UInt8]) throws {
        try RunningVerb.checkCancelled()
        let count = unsafe fwrite(lines, 1, lines.count, file)
        guard count == lines.count else { throw OutputError(writing: name) }
    }

    /// Sees to it that everything was written.
    consuming func finish() throws {
        guard unsafe fclose(file) == 0 else { throw OutputError(writing: name) }
    }
}

import ArgumentParser
import Foundation
import Kith

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

    /// Prints on standard output.
    func print(as format: OutputFormat) throws {
        try print(as: format, to: LineWriter.standardOutput())
    }

    /// Prints into an output.
    func print(as format: OutputFormat, to output: consuming LineWriter) throws {
        var writer = output
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
                writer.isStandardOutput
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

/// Writes lines, many at a time, to standard output or to an ``OutputFile``.
@safe struct LineWriter: ~Copyable {
    private let file: UnsafeMutablePointer<FILE>
    private let output: OutputFile?
    /// What is written to, as errors name it.
    private let name: String

    /// Whether the lines go where results go unless something else is said.
    var isStandardOutput: Bool { output == nil }

    /// Standard output.
    static func standardOutput() throws -> LineWriter {
        try LineWriter(dup(STDOUT_FILENO), nil, name: "standard output")
    }

    /// The file at `path`, or standard output for nil.
    ///
    /// - Parameters:
    ///   - protected: what the file may not be.
    ///   - unfinished: what becomes of a file that is not finished.
    init(
        path: String?, access: OutputFile.Access, protected: ProtectedFiles,
        unfinished: OutputFile.Unfinished = .discarded
    ) throws {
        guard let path else {
            self = try LineWriter.standardOutput()
            return
        }
        let output = try OutputFile(at: path, access: access, protected: protected, unfinished: unfinished)
        try self.init(dup(output.descriptor), output, name: "'\(path)'")
    }

    private init(_ descriptor: Int32, _ output: OutputFile?, name: String) throws {
        try RunningVerb.checkCancelled()
        guard let file = unsafe fdopen(descriptor, "w") else { throw OutputError(writing: name) }
        unsafe self.file = unsafe file
        self.output = output
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

    /// Sees to it that everything was written, and gives a file its name.
    consuming func finish() throws {
        guard unsafe fclose(file) == 0 else { throw OutputError(writing: name) }
        try output?.finish()
    }
}

/// Who may read a file that a verb makes.
struct FileModeOption: ParsableArguments {
    /// Permissions in octal, as chmod(1) takes them.
    struct Mode: ExpressibleByArgument {
        let bits: UInt32

        init?(argument: String) {
            guard argument.utf8.count <= 4, let bits = UInt32(argument, radix: 8), bits <= 0o777,
                argument.allSatisfy(\.isNumber)
            else { return nil }
            self.bits = bits
        }
    }

    @Option(
        help: ArgumentHelp(
            "The permissions of the files that are made, such as 640. Unless given they are as private as the store.",
            valueName: "octal"))
    var mode: Mode?

    /// The access to an output that tells of a store.
    func access(to store: String) -> OutputFile.Access {
        mode.map { .exactly($0.bits) } ?? .ofStore(at: store)
    }
}

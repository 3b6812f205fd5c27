import ArgumentParser
import Foundation
import Glibc
import Kith

/// How results are printed.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    case table, json, jsonl, csv
    /// CSV of which a spreadsheet takes no cell for a formula; asked for by a flag of its own.
    case safeCSV

    static let allCases: [OutputFormat] = [.table, .json, .jsonl, .csv]

    init?(argument: String) {
        guard let format = OutputFormat.allCases.first(where: { $0.rawValue == argument }) else { return nil }
        self = format
    }
}

/// What every verb takes.
struct OutputOptions: ParsableArguments {
    @Option(name: .customLong("format"), help: "How results are printed; as a table unless given.")
    var asked: OutputFormat?
    @Option(
        defaultAsFlag: .line,
        help: "Show progress on standard error. A line on a terminal unless given; none for none.")
    var progress: ProgressFormat?

    @Flag(
        name: .customLong("safe-csv"),
        help: """
            CSV for spreadsheets: text that begins with = + - @, a tab or a line end, which would be taken for a formula, \
            gets a ' before it, and all text is in quotes. Such text is not the same when it is loaded again.
            """)
    var isSafeCSV = false

    func validate() throws {
        guard !isSafeCSV || asked == nil || asked == .csv else {
            throw ValidationError("--safe-csv goes with --format csv")
        }
    }

    /// How results are printed.
    var format: OutputFormat { isSafeCSV ? .safeCSV : asked ?? .table }

    /// How the results for many users are printed: as JSON lines unless asked for otherwise.
    var askedForMany: OutputFormat { isSafeCSV ? .safeCSV : asked ?? .jsonl }

    /// The arguments that ask another process for the same format.
    var formatArguments: [String] {
        (asked.map { ["--format", $0.rawValue] } ?? []) + (isSafeCSV ? ["--safe-csv"] : [])
    }

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
    /// Of which kind the listed nodes are: what a table calls the column of their keys, which is "key" or "user" elsewhere.
    var kind: NodeKind?

    /// Names of the columns of a table.
    private var tableHeadings: [String] { Report.headings(headings, of: kind) }

    /// The headings of a table whose keys are those of nodes of a kind.
    static func headings(_ headings: [String], of kind: NodeKind?) -> [String] {
        headings.map { ["key", "user"].contains($0) ? kind?.name ?? $0 : $0 }
    }

    /// Prints on standard output.
    func print(as format: OutputFormat) throws {
        try print(as: format, to: LineWriter.standardOutput())
    }

    /// Prints into an output.
    func print(as format: OutputFormat, to output: consuming LineWriter) throws {
        var writer = output
        switch format {
        case .json:
            try writer.write(json: json.text)
        case .jsonl:
            for row in rows { try writer.write(json: JSON.object(Array(zip(headings, row))).text) }
        case .csv, .safeCSV:
            let rules = CSVRules(isSafe: format == .safeCSV, isForTerminal: writer.isTerminal)
            try writer.write(rules.line(of: headings.map { .string($0) }))
            for row in rows { try writer.write(rules.line(of: row)) }
        case .table:
            var table =
                writer.isStandardOutput
                ? Table(tableHeadings, sampleMax: .max)
                : Table(tableHeadings, sampleMax: .max, width: nil, isStyled: false)
            for row in rows { for line in table.append(row) { try writer.write(line) } }
            for line in table.finish() { try writer.write(line) }
        }
        try writer.finish()
    }
}

/// Writes lines, many at a time, to standard output or to an ``OutputFile``.
///
/// Not by standard I/O: behind a write that failed that would go on with what comes next, and leave a gap.
struct LineWriter: ~Copyable {
    private let descriptor: Int32
    private let output: OutputFile?
    /// What is written to, as errors name it.
    private let name: String
    private var buffer: [UInt8] = []
    /// What is gathered before it is written, and the line that goes beyond.
    private static let bufferBytes = 4_096

    /// Whether a person reads the lines as they are written.
    let isTerminal: Bool

    /// Whether a line could not be written, and no other is to be written behind it.
    private(set) var hasFailed = false

    /// Whether the lines go where results go unless something else is said.
    var isStandardOutput: Bool { output == nil }

    /// Standard output.
    static func standardOutput() throws -> LineWriter {
        try LineWriter(STDOUT_FILENO, nil, name: "standard output")
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
        try self.init(output.descriptor, output, name: "'\(path)'")
    }

    private init(_ descriptor: Int32, _ output: OutputFile?, name: String) throws {
        try RunningVerb.checkCancelled()
        self.descriptor = descriptor
        self.output = output
        self.name = name
        isTerminal = Terminal.isTerminal(descriptor)
    }

    /// Writes JSON.
    mutating func write(json: String) throws {
        try write(isTerminal ? json.printableJSON : json)
    }

    /// Writes a line.
    mutating func write(_ line: String) throws {
        try RunningVerb.checkCancelled()
        buffer += line.utf8
        buffer.append(10)
        if isTerminal || buffer.count >= LineWriter.bufferBytes { try flush() }
    }

    /// Writes lines that have their ends.
    mutating func write(_ lines: some Collection<UInt8>) throws {
        try RunningVerb.checkCancelled()
        buffer += lines
        if isTerminal || buffer.count >= LineWriter.bufferBytes { try flush() }
    }

    /// Sees to it that everything was written, and gives a file its name.
    consuming func finish() throws {
        try flush()
        try output?.finish()
    }

    /// Ends what is not whole: it was written as far as it came, and a file that has a name only when it is whole gets none.
    consuming func stop() throws {
        if !hasFailed { try flush() }
    }

    /// Writes what was gathered, in as many pieces as the system takes it.
    private mutating func flush() throws {
        var written = 0
        while written < buffer.count {
            let count = unsafe buffer.withUnsafeBytes { bytes in
                unsafe Glibc.write(descriptor, bytes.baseAddress! + written, bytes.count - written)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                hasFailed = true
                throw OutputError(writing: name)
            }
            written += count
        }
        buffer.removeAll(keepingCapacity: true)
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

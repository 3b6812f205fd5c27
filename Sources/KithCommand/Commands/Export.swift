import ArgumentParser
import Foundation
import Kith

/// `kith export`
struct Export: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write the graph as files that can be loaded again.",
        discussion: """
            With --edges or --nodes one file, to standard output or --output. With --folder everything: a file \
            TYPE.edges.tsv for each edge type that has edges, KIND.nodes.tsv for each kind that has nodes, and schema.json. \
            What is exported and loaded again is the same graph. All of it is of one moment. A file has its name when it is \
            whole, and is compressed when that ends with .gz.

            The rows are those of 'kith load': tsv, csv, jsonl, edges (columns between tabs, names in a # comment) or \
            adjacency (a source, a tab, its targets between commas); --header neo4j gives csv and tsv the header of \
            neo4j-admin. graphml (Gephi, yEd, NetworkX, igraph), dot (Graphviz) and mtx (a sparse matrix, for SciPy and \
            MATLAB) are for other programs. --edges :TYPE writes the edges of all types into one file, each with its type. What a format cannot \
            hold is refused before anything is written: tabs, line ends and outer quotes in keys by tsv, blanks too by edges, commas, \
            weights and times by adjacency; keys that are no numbers from 1 on, and times, by mtx. csv and jsonl hold everything.

            --safe-csv is for spreadsheets: text that would be taken for a formula gets a ' before it, so what is loaded again \
            is another graph where keys begin with = + - @, a tab or a line end.

            --format is how standard output looks: that of the rows, which are TSV unless it is csv, jsonl or json; or that \
            of the list of files that were written.

            Examples:
              kith export people.kith --edges follows > follows.tsv
              kith export people.kith --edges follows --output follows.csv.gz
              kith export people.kith --edges friends --file-format edges --output friends.txt
              kith export people.kith --edges follows --output follows.graphml
              kith export people.kith --folder dump --file-format csv --header neo4j --gzip
            """)

    @OptionGroup var store: StoreArgument
    @Option(
        help: ArgumentHelp(
            "Write the edges of this type; of all types, each with its type, for :TYPE.", valueName: "type"))
    var edges: EdgeType.Name?
    @Option(help: ArgumentHelp("Write the keys of the nodes of this kind.", valueName: "kind"))
    var nodes: NodeKind?
    @Option(help: "Write everything into this folder, which is made.", completion: .directory) var folder: String?
    @Option(
        help: """
            How the rows of files are written. As the name of --output ends unless given, which ends as those of a format \
            do; where it has no ending, and on standard output, tsv, or csv with --header neo4j.
            """)
    var fileFormat: EdgeFileFormat?
    @Option(help: "How the columns of csv and tsv are called.") var header: GraphExport.Header = .plain
    @Option(
        help: ArgumentHelp("Where to write instead of to standard output, which is - too.", valueName: "file"),
        completion: .file())
    var output: String?
    @Flag(help: "Compress the files of --folder.") var gzip = false
    @OptionGroup var file: FileModeOption
    @OptionGroup var limits: WorkLimit
    @OptionGroup var printing: OutputOptions

    func validate() throws {
        let count = [edges != nil, nodes != nil, folder != nil].filter { $0 }.count
        guard count == 1 else { throw ValidationError("say one of --edges TYPE, --nodes KIND and --folder FOLDER") }
        guard output == nil || folder == nil else { throw ValidationError("--output goes with --edges or --nodes") }
        guard file.mode == nil || output != nil || folder != nil else {
            throw ValidationError("--mode goes with --output or --folder")
        }
        // A format that cannot be told is told of when it is used.
        guard !printing.isSafeCSV || (try? format) == .csv else {
            throw ValidationError("--safe-csv goes with rows of CSV; say --file-format csv")
        }
        guard output?.hasSuffix(".zst") != true else {
            throw ValidationError(
                "what is exported is compressed by gzip alone; name the --output .gz, or pass it to zstd")
        }
        guard !gzip || folder != nil else {
            throw ValidationError("--gzip goes with --folder; an --output whose name ends with .gz is compressed")
        }
    }

    func run() throws {
        let graph = try store.openToRead()
        let format = try format
        let interruption = try Interruption(patienceSeconds: 1)
        let line = printing.progressLine
        defer { line.clear() }
        var export = try GraphExport(format, header: header) { progress in
            line.show("exporting \(progress.part)", done: progress.rows, of: progress.rowsTotal, unit: "rows")
        }
        export.fileMode = file.mode?.bits
        export.isSafeForSpreadsheets = printing.isSafeCSV
        var files: [GraphExport.WrittenFile] = []
        try limits.bounding(interruption.wasRequested) { isCancelled in
            try graph.read(isCancelled: isCancelled) { snapshot in
                if let folder {
                    files = try export.writeAll(of: snapshot, toFolder: folder, compressing: gzip)
                } else if let path {
                    files = [try export.write(part, of: snapshot, toFile: path)]
                } else {
                    try print(export, of: snapshot, isJSON: format == .jsonl)
                }
            }
        }
        if let written = folder ?? path { Accomplishment.current.note("'\(written)' is written") }
        line.clear()
        if folder != nil || path != nil { try report(files).print(as: printing.asked ?? .table) }
    }

    /// The file that is written, unless it is a folder or standard output.
    private var path: String? { output == "-" ? nil : output }

    /// The one thing that is written, unless all is.
    private var part: GraphExport.Part {
        if let nodes { return .nodes(nodes) }
        return .edges(edges == ":TYPE" ? nil : edges)
    }

    /// How rows are written: on standard output as results are asked to be.
    ///
    /// - Throws: ``UsageError`` when the name of the output ends as that of no format, and none is said.
    private var format: EdgeFileFormat {
        get throws {
            if folder == nil, path == nil {
                switch printing.asked {
                case .csv: return .csv
                case .json, .jsonl: return .jsonl
                case .table, .safeCSV, nil: break
                }
            }
            let usual: EdgeFileFormat = header == .neo4j || printing.isSafeCSV ? .csv : .tsv
            if let fileFormat { return fileFormat }
            guard let output = path else { return usual }
            if let named = EdgeFileFormat(ofFileNamed: output) { return named }
            let name = output.split(separator: "/").last ?? ""
            // A name without an ending says nothing, as that of a stream does: /dev/stdout.
            guard (name.hasSuffix(".gz") ? name.dropLast(3) : name).contains(".") else { return usual }
            let endings = EdgeFileFormat.allCases.map { ".\($0.fileNameExtension)" }.joined(separator: ", ")
            throw UsageError(
                description:
                    "the output '\(output)' ends as files of no format do: give it one of the endings \(endings), or "
                    + "say --file-format")
        }
    }

    /// Writes the rows to standard output.
    private func print(_ export: GraphExport, of snapshot: borrowing Snapshot, isJSON: Bool) throws {
        let rows = try PrintedRows(isArray: printing.asked == .json, isJSON: isJSON)
        switch part {
        case .edges(let type): unsafe try export.edges(of: type, in: snapshot) { unsafe try rows.write($0) }
        case .nodes(let kind): unsafe try export.nodes(of: kind, in: snapshot) { unsafe try rows.write($0) }
        }
        try rows.finish()
    }

    private func report(_ files: [GraphExport.WrittenFile]) throws -> Report {
        let headings = ["what", "rows", "bytes", "file"]
        let rows: [[JSON]] = try files.map { file in
            let bytes = try byteCount(of: file.path)
            return [.string("\(file.part)"), .integer(file.rows), .integer(bytes), .string(file.path)]
        }
        let json = rows.map { JSON.object(Array(zip(headings, $0))) }
        return Report(json: .object([("files", .array(json))]), headings: headings, rows: rows)
    }
}

extension GraphExport.Header: ExpressibleByArgument {}

/// The rows of an export on standard output.
private final class PrintedRows {
    /// Whether the lines become the elements of one JSON array.
    private let isArray: Bool
    private let isJSON: Bool
    /// Whether the next byte is the first of a line, and of all.
    private var (isAtStart, isFirst) = (true, true)
    /// At a terminal, the beginning of a line whose end is not there yet.
    private var line: [UInt8] = []
    private var writer: LineWriter?
    private let isTerminal = Terminal.isTerminal(STDOUT_FILENO)

    init(isArray: Bool, isJSON: Bool) throws {
        self.isArray = isArray
        self.isJSON = isJSON
        writer = try LineWriter.standardOutput()
        if isArray { try write(Data("[".utf8)) }
    }

    func write(_ piece: UnsafeRawBufferPointer) throws {
        guard isArray else { return try write(unsafe Data(piece)) }
        // No line end stands in a line of JSON: each starts the next element, or ends the last.
        var elements = Data()
        for index in piece.indices {
            let byte = unsafe piece[index]
            if isAtStart { elements += Data((isFirst ? "\n" : ",\n").utf8) }
            (isAtStart, isFirst) = (byte == 10, false)
            if byte != 10 { elements.append(byte) }
        }
        try write(elements)
    }

    /// Ends what was begun.
    func finish() throws {
        if isArray { try write(Data("\n]\n".utf8)) }
        try writer.take()?.finish()
    }

    private func write(_ data: Data) throws {
        guard isTerminal else {
            try writer?.write(data)
            return
        }
        // By whole lines: a piece may end within a letter.
        line += data
        guard let end = line.lastIndex(of: 10) else { return }
        let text = String(decoding: line[...end], as: UTF8.self)
        line.removeSubrange(...end)
        try writer?.write(Data((isJSON ? text.printableJSON : text.printable(keeping: ["\n", "\t"])).utf8))
    }
}

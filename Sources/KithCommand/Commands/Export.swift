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
            What is exported and loaded again is the same graph. All of it is of one moment.

            --format is how standard output looks: that of the rows, which are TSV unless it is csv, jsonl or json; or that \
            of the list of files that were written.

            Examples:
              kith export people.kith --edges follows > follows.tsv
              kith export people.kith --folder dump --file-format jsonl
            """)

    @OptionGroup var store: StoreArgument
    @Option(help: ArgumentHelp("Write the edges of this type.", valueName: "type"))
    var edges: EdgeType.Name?
    @Option(help: ArgumentHelp("Write the keys of the nodes of this kind.", valueName: "kind"))
    var nodes: NodeKind?
    @Option(help: "Write everything into this folder, which is made.", completion: .directory) var folder: String?
    @Option(help: "How the rows of files are written: tsv, csv or jsonl.") var fileFormat: EdgeFileFormat = .tsv
    @Option(help: ArgumentHelp("Where to write instead of to standard output.", valueName: "file"), completion: .file())
    var output: String?
    @OptionGroup var printing: OutputOptions

    func validate() throws {
        let count = [edges != nil, nodes != nil, folder != nil].filter { $0 }.count
        guard count == 1 else { throw ValidationError("say one of --edges TYPE, --nodes KIND and --folder FOLDER") }
        guard output == nil || folder == nil else { throw ValidationError("--output goes with --edges or --nodes") }
    }

    func run() throws {
        let graph = try store.openToRead()
        let (folder, output) = (folder, output)
        let interruption = Interruption(patienceSeconds: 1) {
            // An export that was not finished is none.
            if let path = folder ?? output { try? FileManager.default.removeItem(atPath: path) }
        }
        let line = printing.progressLine
        defer { line.clear() }
        let rows = ExportedRows(line, isCancelled: interruption.wasRequested)
        guard folder != nil || output != nil else {
            try graph.read { snapshot in try write(snapshot, to: ExportFile(as: printing.asked), rows) }
            return
        }
        if let folder {
            guard !FileManager.default.fileExists(atPath: folder) else {
                throw GraphStoreError.storeExists(path: folder)
            }
            do {
                try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
                try graph.read { snapshot in try writeAll(snapshot, to: folder, rows) }
            } catch {
                try? FileManager.default.removeItem(atPath: folder)
                throw error
            }
        } else if let output {
            do {
                try graph.read { snapshot in try write(snapshot, to: ExportFile(path: output), rows) }
            } catch is Interrupted {
                try? FileManager.default.removeItem(atPath: output)
                throw Interrupted()
            }
        }
        line.clear()
        try rows.report.print(as: printing.format)
    }

    /// Writes the one file that was asked for.
    private func write(_ snapshot: borrowing Snapshot, to file: ExportFile, _ rows: ExportedRows) throws {
        if let edges { try write(edges, of: snapshot, to: file, rows) }
        if let nodes { try write(nodes, of: snapshot, to: file, rows) }
    }

    private func writeAll(_ snapshot: borrowing Snapshot, to folder: String, _ rows: ExportedRows) throws {
        let schema = snapshot.schema
        try Data(schema.json.utf8).write(to: URL(fileURLWithPath: folder + "/schema.json"))
        for kind in schema.nodeKinds where try snapshot.nodeCount(of: kind) > 0 {
            let file = try ExportFile(path: "\(folder)/\(kind).nodes.\(fileFormat.rawValue)")
            try write(kind, of: snapshot, to: file, rows)
        }
        for type in schema.edgeTypes where try snapshot.edgeCount(of: type.name) > 0 {
            let file = try ExportFile(path: "\(folder)/\(type.name).edges.\(fileFormat.rawValue)")
            try write(type.name, of: snapshot, to: file, rows)
        }
    }

    private func write(
        _ type: EdgeType.Name, of snapshot: borrowing Snapshot, to file: ExportFile, _ rows: ExportedRows
    ) throws {
        rows.begin("edges \(type)", of: try snapshot.edgeCount(of: type))
        let count = unsafe try GraphExport(file.format ?? fileFormat).edges(of: type, in: snapshot) { bytes in
            unsafe try file.write(bytes)
            try rows.note(unsafe bytes.count { $0 == 10 })
        }
        try rows.end(try file.close(), rows: count)
    }

    private func write(
        _ kind: NodeKind, of snapshot: borrowing Snapshot, to file: ExportFile, _ rows: ExportedRows
    ) throws {
        rows.begin("nodes \(kind)", of: try snapshot.nodeCount(of: kind))
        let count = unsafe try GraphExport(file.format ?? fileFormat).nodes(of: kind, in: snapshot) { bytes in
            unsafe try file.write(bytes)
            try rows.note(unsafe bytes.count { $0 == 10 })
        }
        try rows.end(try file.close(), rows: count)
    }
}

/// The rows of an export while they are written, and the files when they are.
private final class ExportedRows {
    private let line: ProgressLine
    private let isCancelled: @Sendable () -> Bool
    private var what = ""
    private var (done, total) = (0, 0)
    private var files: [[JSON]] = []
    private static let headings = ["what", "rows", "bytes", "file"]

    init(_ line: ProgressLine, isCancelled: @escaping @Sendable () -> Bool) {
        (self.line, self.isCancelled) = (line, isCancelled)
    }

    func begin(_ what: String, of total: Int) { (self.what, done, self.total) = (what, 0, total) }

    func note(_ rows: Int) throws {
        if isCancelled() { throw Interrupted() }
        done += rows
        line.show("exporting \(what)", done: done, of: total, unit: "rows")
    }

    func end(_ file: (name: String, bytes: Int), rows: Int) throws {
        files.append([.string(what), .integer(rows), .integer(file.bytes), .string(file.name)])
    }

    var report: Report {
        let json = files.map { JSON.object(Array(zip(ExportedRows.headings, $0))) }
        return Report(json: .object([("files", .array(json))]), headings: ExportedRows.headings, rows: files)
    }
}

/// A file that is written in large pieces, or standard output.
private final class ExportFile {
    /// What the rows on standard output were asked to be; nil for what all files are.
    let format: EdgeFileFormat?
    private let handle: FileHandle
    private let path: String?
    /// Whether the lines become the elements of one JSON array.
    private let isArray: Bool
    /// Whether the next byte is the first of a line, and of all.
    private var (isAtStart, isFirst) = (true, true)
    private var bytes = 0

    /// A file, which is made.
    init(path: String) throws {
        guard FileManager.default.createFile(atPath: path, contents: nil),
            let handle = FileHandle(forWritingAtPath: path)
        else { throw LoadError.cannotWrite(path: path, reason: "the folder is missing or may not be written") }
        (self.handle, self.path, format, isArray) = (handle, path, nil, false)
    }

    /// Standard output.
    init(as output: OutputFormat?) throws {
        (handle, path, isArray) = (.standardOutput, nil, output == .json)
        format =
            switch output {
            case .csv: .csv
            case .json, .jsonl: .jsonl
            case .table, nil: nil
            }
        if isArray { try write("[") }
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

    private func write(_ text: String) throws { try write(Data(text.utf8)) }

    private func write(_ data: Data) throws {
        bytes += data.count
        do {
            try handle.write(contentsOf: data)
        } catch {
            throw LoadError.cannotWrite(path: path ?? "standard output", reason: error.localizedDescription)
        }
    }

    /// Sees to it that all is written; answers where, and how much.
    func close() throws -> (name: String, bytes: Int) {
        if isArray { try write("\n]\n") }
        guard let path else { return ("standard output", bytes) }
        do {
            try handle.close()
        } catch {
            throw LoadError.cannotWrite(path: path, reason: error.localizedDescription)
        }
        return (path, bytes)
    }
}

import ArgumentParser
import Foundation
import Kith

/// `kith load`
struct Load: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Load files of edges and nodes, all or nothing.",
        discussion: """
            Files are TSV, CSV (RFC 4180; comma, semicolon, bar or tab), JSON lines, edge lists (columns between blanks, \
            # comments), adjacency lines (a source, a tab, its targets between commas), GraphML, or files of Matrix Market, METIS, \
            KONECT and NetworkX, plain, .gz or .zst; - is standard input. The format comes from the name, or from how the file \
            begins, unless --input-format is given; files of other kinds are told of by name, with the way to convert them. With \
            a header the columns are found by name: from, source, src, user_id, follower_id, :START_ID ...; to, target, dst, \
            followee_id, friend_id, item_id, :END_ID ...; weight, value, count, rating; time, timestamp, created_at, date. \
            Without: source, target, then weight and time as far as the edge type has them. A header that is not understood \
            stops the load; --columns, --header, --delimiter, --quote, --comment, --skip and --time-format say by hand how files \
            are laid out, and TYPE=FILE,columns=from:_:to,header=no says it of one file (format=NAME and header-file=FILE too). \
            At a terminal, with --dry-run and in JSON the report says of each file how it was read.

            A time is a number of seconds since 1970 (milliseconds from 10^11, microseconds from 10^14 on), or ISO 8601: \
            2024-05-01, 2024-05-01 08:00, 2024-05-01T08:00:00.5+02:00; UTC where there is no zone; fractions are dropped. \
            The report says how times were read.

            All files of one call are one load. --edges :TYPE=FILE takes each row's edge type from its column :TYPE. \
            Of the rows with the same edge the last wins, or all are summed up, as the edge type says.

            --folder FOLDER loads what 'kith export --folder' wrote, with its schema; into a store that is there only when its \
            schema is the same. A file of the folder that is not of the export is an error.

            --replace TYPE fills a type anew, in one commit: readers see the old edges or the new, never none; nodes stay. \
            It is refused when no file has an edge of the type.

            STORE is made when it is missing. Nothing is loaded when a row is bad, unless --on-error skip is given; \
            Ctrl-C leaves the store as it was.

            Examples:
              kith load people.kith --edges follows=follows.tsv.gz --edges interests=likes.csv
              kith load people.kith --edges friends=- --input-format edges < friends.txt
              kith load copy.kith --folder dump
              kith load people.kith --replace follows --edges follows=all-follows.csv
              kith load people.kith --edges follows=dump.tsv --on-error skip --rejects bad.jsonl
              kith load people.kith --edges follows=f.csv,columns=_:from:to,header=yes --dry-run
            """)

    @OptionGroup var store: StoreArgument
    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "An edge type and a file of its edges, TYPE=FILE; :TYPE=FILE when a column names the type.",
            valueName: "type=file"), completion: .edgeTypeAndFile)
    var edges: [String] = []
    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("A node kind and a file of keys of its nodes: KIND=FILE.", valueName: "kind=file"),
        completion: .nodeKindAndFile)
    var nodes: [String] = []
    @Option(
        help: ArgumentHelp(
            "A folder that 'kith export --folder' wrote: its edges, its nodes and its schema.", valueName: "folder"),
        completion: .directory)
    var folder: String?
    @Option(help: "How rows are written.")
    var inputFormat: EdgeFileFormat?
    @OptionGroup var dialect: DialectOptions
    @Option(
        help: ArgumentHelp(
            "The schema of a store that is made, a JSON file; the social schema unless given.", valueName: "file"),
        completion: .file())
    var schema: String?
    @OptionGroup var badRows: BadRowOptions
    @Option(help: ArgumentHelp("How many bad rows are skipped before the load stops after all.", valueName: "n"))
    var maxRejects: Int?
    @Option(
        help: ArgumentHelp(
            """
            Fill this edge type anew: the edges it has go in the commit in which those of the files come. May be given \
            again.
            """, valueName: "type"))
    var replace: [EdgeType.Name] = []
    @Option(
        help: ArgumentHelp(
            "The time of rows without one. Unless given, rows of types that accumulate get the present, others none.",
            valueName: "time"))
    var at: String?
    @Option(help: ArgumentHelp("How many threads work; as many as there are cores unless given.", valueName: "n"))
    var threads: Int?
    @Option(
        help: ArgumentHelp(
            "How much memory to take, such as 512M or 4G; half of what is free unless given.", valueName: "bytes"))
    var memory: ByteCount?
    @Flag(help: "Read and check everything, say what would be loaded and what it would take, and write no store.")
    var dryRun = false
    @OptionGroup var wait: WaitOption
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard maxRejects == nil || badRows.onError == .skip else {
            throw ValidationError("--max-rejects goes with --on-error skip: else the first bad row stops all")
        }
        if let maxRejects, maxRejects < 0 { throw ValidationError("--max-rejects is 0 or more") }
        guard !edges.isEmpty || !nodes.isEmpty || folder != nil else {
            throw ValidationError("name at least one file: --edges TYPE=FILE or --nodes KIND=FILE; or --folder FOLDER")
        }
        guard
            folder == nil
                || edges.isEmpty && nodes.isEmpty && schema == nil && inputFormat == nil && dialect.said.isEmpty
        else {
            throw ValidationError(
                "--folder names all files with their formats and the schema; leave out --edges, --nodes, --schema, "
                    + "--input-format, --columns and the like")
        }
        let files = try edgeArguments() + nodeArguments()
        for file in files {
            _ = try file.dialect(dialect)
            _ = try file.format(inputFormat)
        }
        if files.filter({ $0.path == "-" }).count > 1 {
            throw ValidationError("standard input can be read once; name one file as -")
        }
        for type in replace
        where try folder == nil && !edgeArguments().contains(where: { [type.text, ":TYPE"].contains($0.name) }) {
            throw ValidationError("--replace \(type) goes with a file of its edges: --edges \(type)=FILE")
        }
        if let threads, !(1...256).contains(threads) { throw ValidationError("--threads is 1 to 256") }
    }

    func run() throws {
        let start = ContinuousClock.now
        let exported = try folder.map { try ExportFolder(at: $0) }
        let edgeFiles = try exported?.edges ?? edgeArguments().map(edgeFile)
        let nodeFiles = try exported?.nodes ?? nodeArguments().map(nodeFile)
        let path = store.store
        let schemaPath = schema ?? exported.map { $0.path + "/schema.json" }
        let headers = (edgeFiles.map(\.dialect) + nodeFiles.map(\.dialect)).compactMap(\.headerFile)
        let inputs = edgeFiles.map(\.path) + nodeFiles.map(\.path) + headers + (schemaPath.map { [$0] } ?? [])
        let protected = ProtectedFiles(store: path, inputs: inputs)
        try StorePath.checkStreams(protected)
        let rejected = try badRows.rejectFile(of: store, protected)
        let line = output.progressLine
        let interruption = try Interruption()
        var options = GraphStore.Options(verification: store.verification, busyTimeout: wait.timeout)
        if let tell = WaitOption.teller(path) {
            options.onLongWait = { process in
                line.clear()
                tell(process)
            }
        }
        var loader = BulkLoader(
            schema: try schema.map { try readSchema($0, for: path) } ?? .social,
            options: options, onError: badRows.policy, maximumRejects: maxRejects,
            time: try at.map { try parseTime($0) }, replaces: Set(replace), memoryBytes: memory?.bytes,
            onReject: { try rejected?.write($0) }, onProgress: { line.show($0) },
            isCancelled: interruption.wasRequested)
        loader.codings = InputCodings.all
        if let threads { loader.threads = threads }
        defer { line.clear() }
        if dryRun {
            let estimate = try exported.map { try loader.dryRun($0) } ?? loader.dryRun(edgeFiles, nodes: nodeFiles)
            line.clear()
            try rejected?.close()
            LoadedFiles.warn(of: estimate.report.files)
            Load.warnOfDates(estimate.report)
            if output.format == .table {
                var writer = try LineWriter.standardOutput()
                for line in LoadedFiles.lines(estimate.report.files, rowsShown: FileReport.rowsShown) {
                    try writer.write(line.printable)
                }
                try writer.finish()
            }
            try print(estimate, seconds: start.duration(to: .now) / .seconds(1))
            return
        }
        let report: BulkLoader.Report
        do {
            report =
                try exported.map { try loader.load($0, into: path) }
                ?? loader.load(edgeFiles, nodes: nodeFiles, into: path)
        } catch let error as GraphStoreError {
            // The rows that were left out are left out for good.
            if case .doneExcept = error {
                do {
                    try rejected?.close()
                } catch {
                    Accomplishment.current.note("the load is done")
                    throw error
                }
            }
            throw error
        }
        Accomplishment.current.note("the load is done")
        line.clear()
        try rejected?.close()
        LoadedFiles.tell(report.files, output)
        Load.warnOfDates(report)
        try print(report, seconds: start.duration(to: .now) / .seconds(1))
    }

    private func edgeFile(_ file: FileArgument) throws -> BulkLoader.EdgeFile {
        .init(
            type: file.name == ":TYPE" ? nil : EdgeType.Name(file.name), path: file.path,
            format: try file.format(inputFormat), dialect: try file.dialect(dialect))
    }

    private func nodeFile(_ file: FileArgument) throws -> BulkLoader.NodeFile {
        .init(
            kind: NodeKind(file.name), path: file.path, format: try file.format(inputFormat),
            dialect: try file.dialect(dialect))
    }

    private func edgeArguments() throws -> [FileArgument] {
        try edges.map { try FileArgument($0, option: "--edges TYPE") }
    }

    private func nodeArguments() throws -> [FileArgument] {
        try nodes.map { try FileArgument($0, option: "--nodes KIND") }
    }

    private func print(_ estimate: BulkLoader.Estimate, seconds: Double) throws {
        let (members, rows) = Load.common(estimate.report)
        let extra: [(String, JSON)] = [
            ("seconds", .number(seconds)), ("bytes", .integer(estimate.storeBytes)),
            ("memory", .integer(estimate.memoryBytes)), ("dryRun", .bool(true)),
        ]
        let extraRows: [[JSON]] = [
            [.string("seconds"), .number(seconds)], [.string("bytes, about"), .integer(estimate.storeBytes)],
            [.string("memory to need no files, about"), .integer(estimate.memoryBytes)],
        ]
        try Report(json: .object(members + extra), headings: ["what", "count"], rows: rows + extraRows)
            .print(as: output.format)
    }

    private func print(_ report: BulkLoader.Report, seconds: Double) throws {
        let bytes = try byteCount(of: store.store)
        let (members, rows) = Load.common(report)
        let extra: [(String, JSON)] = [("seconds", .number(seconds)), ("bytes", .integer(bytes))]
        try Report(
            json: .object(members + extra), headings: ["what", "count"],
            rows: rows + extra.map { [.string($0.0), $0.1] }
        ).print(as: output.format)
    }

    /// What a load and a dry run both say, as members of an object and as rows.
    private static func common(_ report: BulkLoader.Report) -> ([(String, JSON)], [[JSON]]) {
        let edges = report.edges.sorted { $0.key.text < $1.key.text }
        let nodes = report.nodes.sorted { $0.key.name < $1.key.name }
        let reasons = report.rejected.sorted { $0.key < $1.key }
        let replaced = report.replaced.sorted { $0.key.text < $1.key.text }
        let times = Timestamp.Reading.allCases.filter { report.times[$0] != nil }
        let members: [(String, JSON)] = [
            ("edges", .object(edges.map { ($0.key.text, .integer($0.value)) })),
            ("nodes", .object(nodes.map { ($0.key.name, .integer($0.value)) })),
            ("rows", .integer(report.rows)),
            ("rejected", .integer(report.rejected.values.reduce(0, +))),
            ("reasons", .object(reasons.map { ($0.key, .integer($0.value)) })),
            ("duplicates", .integer(report.duplicates)), ("selfLoops", .integer(report.selfLoops)),
            ("replaced", .object(replaced.map { ($0.key.text, .integer($0.value)) })),
            ("spilledBytes", .integer(report.spilledBytes)), ("redoneLists", .integer(report.redoneLists)),
            ("times", .object(times.map { ($0.rawValue, .integer(report.times[$0] ?? 0)) })),
            ("files", LoadedFiles.json(report.files)),
        ]
        var rows: [[JSON]] = edges.map { [.string("edges \($0.key)"), .integer($0.value)] }
        rows += nodes.map { [.string("nodes \($0.key)"), .integer($0.value)] }
        rows += replaced.map { [.string("edges \($0.key) replaced"), .integer($0.value)] }
        rows += [[.string("rows"), .integer(report.rows)]]
        rows += reasons.map { [.string("rejected \($0.key)"), .integer($0.value)] }
        rows += [
            [.string("duplicates"), .integer(report.duplicates)], [.string("self-loops"), .integer(report.selfLoops)],
            [.string("bytes in temporary files"), .integer(report.spilledBytes)],
        ]
        if report.redoneLists > 0 {
            rows.append([.string("lists merged again, others wrote meanwhile"), .integer(report.redoneLists)])
        }
        rows += times.map { [.string("times \($0.explanation)"), .integer(report.times[$0] ?? 0)] }
        return (members, rows)
    }

    /// Reads the schema of a store that is made; one that is there has it already, or another.
    private func readSchema(_ file: String, for path: String) throws -> Schema {
        let schema = try KithCommand.readSchema(file)
        guard FileManager.default.fileExists(atPath: path) else { return schema }
        let options = GraphStore.Options(isReadOnly: true, verification: store.verification)
        guard try GraphStore(opening: path, options: options).schema == schema else {
            throw UsageError(
                description: "--schema is for a store that is made, and '\(path)' has another schema; leave it out, or "
                    + "change the store with 'kith schema'")
        }
        return schema
    }

    /// Warns of times that may have been meant otherwise.
    private static func warnOfDates(_ report: BulkLoader.Report) {
        guard let count = report.times[.likeDate] else { return }
        Terminal.say(
            "kith: warning: \(count) \(count == 1 ? "time" : "times") of eight digits, such as 20240501, looked like a date "
                + "and was read as seconds since 1970; write dates as 2024-05-01\n")
    }
}

extension Timestamp.Reading {
    /// What a row of the report says of it.
    fileprivate var explanation: String {
        switch self {
        case .milliseconds: "taken for milliseconds"
        case .microseconds: "taken for microseconds"
        case .withoutZone: "without a zone, taken for UTC"
        case .fraction: "whose fractions of a second were dropped"
        case .likeDate: "of eight digits, taken for seconds"
        }
    }
}

/// A number of bytes from the command line: plain, or with K, M, G or T for powers of 1,024.
struct ByteCount: ExpressibleByArgument {
    let bytes: Int

    init?(argument: String) {
        let units: [Character: Int] = ["K": 10, "M": 20, "G": 30, "T": 40]
        let text = argument.uppercased()
        let shift = text.last.flatMap { units[$0] }
        guard let number = Double(shift == nil ? text : String(text.dropLast())), number > 0, number < 1e15 else {
            return nil
        }
        bytes = Int(min(number * Double(1 << (shift ?? 0)), 1e18))
    }
}

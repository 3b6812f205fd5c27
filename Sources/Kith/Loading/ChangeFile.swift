/// A file of changes: edges and nodes to be added and removed, line by line, all or nothing.
///
/// ```swift
/// let report = try store.apply(ChangeFile(path: "changes.jsonl"))
/// print(report.added, report.removed, report.missing)
/// ```
/// A line is a JSON object, an edge by its type or a node by its kind:
/// ```
/// {"add": "follows", "from": "a", "to": "b", "weight": 2, "time": 1700000000}
/// {"remove": "follows", "from": "a", "to": "b"}
/// {"remove": {"kind": "user", "key": "a"}}
/// ```
/// The order of lines is the order of changes, and each means what ``GraphTransaction/add(_:_:_:weight:at:)`` and its siblings
/// mean. What is to be removed and is not there is counted, and no error. Lines are read as they are applied: the memory does
/// not depend on how many there are, but for the pages that the transaction changes, of which LMDB holds up to 512 MiB.
///
/// Of other ``contents`` it is a file of edges or of keys in any format that a load reads, and what its rows name is removed.
public struct ChangeFile: Sendable {
    /// What the rows of the file say.
    public enum Contents: Sendable, Hashable {
        /// Changes as JSON lines.
        case changes
        /// Edges of a type to be removed; with nil, of the type that a column `:TYPE` names in each row.
        case removedEdges(of: EdgeType.Name?)
        /// Nodes of a kind to be removed, with all their edges.
        case removedNodes(of: NodeKind)
    }

    /// What the changes came to, as far as they were applied.
    public struct Report: Sendable, Hashable {
        /// How many rows of the file are done: changes, and rows left out.
        public internal(set) var rows = 0
        /// How many lines of the file are done, blank ones and comments too.
        public internal(set) var lines = 0
        /// Edges that are new.
        public internal(set) var added = 0
        /// Edges that were there, and were replaced or accumulated into as their types say.
        public internal(set) var updated = 0
        /// Edges that were removed by name. Those that go with a node are not counted.
        public internal(set) var removed = 0
        /// Edges that were to be removed, and were not there.
        public internal(set) var missing = 0
        /// Nodes that are new, but for those that came with an edge.
        public internal(set) var nodesAdded = 0
        /// Nodes that were to be added, and were there.
        public internal(set) var nodesKnown = 0
        /// Nodes that were removed.
        public internal(set) var nodesRemoved = 0
        /// Nodes that were to be removed, and were not there.
        public internal(set) var nodesMissing = 0
        /// Rows left out, by reason.
        public internal(set) var rejected: [String: Int] = [:]
        /// How many commits were made.
        public internal(set) var commits = 0
        /// What was understood of a file of rows that are to be removed, when all of it is done; nil for changes.
        public internal(set) var file: FileReport?
    }

    /// Where it is; `-` is standard input. It may be compressed.
    public var path: String
    /// What its rows say.
    public var contents: Contents
    /// How rows of edges or nodes are written; by the file's name when nil. Changes are JSON lines.
    public var format: EdgeFileFormat?
    /// What is known of the layout of rows of edges or nodes; the rest is found out.
    public var dialect = FileDialect()
    /// What the file may be wrapped in, beside gzip.
    package var codings: [any ByteCoding] = []
    /// How many rows are changed in one commit; all of them when nil. What is committed stays, whatever becomes of the rest.
    public var rowsPerCommit: Int?
    /// What to do about bad rows.
    public var onError: BulkLoader.RowErrorPolicy
    /// Called for each row left out, in the order of rows.
    public var onReject: @Sendable (RejectedRow) throws -> Void
    /// Called after each commit with what is durable by then.
    public var onCommit: @Sendable (Report) -> Void
    /// Called now and then with what is applied so far, committed or not.
    public var onProgress: @Sendable (Report) -> Void
    /// Asked now and then whether to give up: then `CancellationError` is thrown, and what is not committed is taken back.
    public var isCancelled: @Sendable () -> Bool

    /// A file of changes.
    public init(
        path: String, contents: Contents = .changes, format: EdgeFileFormat? = nil, rowsPerCommit: Int? = nil,
        onError: BulkLoader.RowErrorPolicy = .stop,
        onReject: @escaping @Sendable (RejectedRow) throws -> Void = { _ in },
        onCommit: @escaping @Sendable (Report) -> Void = { _ in },
        onProgress: @escaping @Sendable (Report) -> Void = { _ in },
        isCancelled: @escaping @Sendable () -> Bool = { false }
    ) {
        self.path = path
        self.contents = contents
        self.format = format
        self.rowsPerCommit = rowsPerCommit
        self.onError = onError
        self.onReject = onReject
        self.onCommit = onCommit
        self.onProgress = onProgress
        self.isCancelled = isCancelled
    }
}

extension GraphStore {
    /// Applies the changes of a file, in the order of its rows: all in one commit, or ``ChangeFile/rowsPerCommit`` rows in
    /// each.
    ///
    /// Other writers wait from the first row of a commit to its last: a stream that is slow to come is better applied in
    /// several commits.
    /// - Returns: what came of it.
    /// - Complexity: as that of the single changes; O(1) memory beside the pages that are changed.
    /// - Throws: ``LoadError/badChange(_:linesDone:)`` for the first row that is no change, unless such are left out;
    ///   ``LoadError`` when the file cannot be read; ``GraphStoreError``. What the last commits have made durable stays, and
    ///   ``ChangeFile/onCommit`` was told of it; nothing else is changed.
    @discardableResult
    public func apply(_ file: ChangeFile) throws -> ChangeFile.Report {
        if let count = file.rowsPerCommit, count < 1 {
            throw GraphStoreError.badRequest("'rowsPerCommit' needs to be at least 1, found \(count)")
        }
        let reader = try ChangeReader(file, schema)
        var report = ChangeFile.Report()
        var cancellation = CancellationPoint(file.isCancelled)
        repeat {
            let done = report
            report = try write { graph in
                var report = done
                while report.rows - done.rows < file.rowsPerCommit ?? .max, let row = try reader.next(after: done) {
                    if try cancellation.pass() { file.onProgress(report) }
                    report.rows += 1
                    report.lines = row.line
                    do {
                        try graph.apply(row.change.get(), counting: &report)
                    } catch let error as RowError {
                        try file.reject(row.rejected(error, in: file.path), counting: &report, after: done)
                    }
                }
                report.file = reader.isAtEnd ? reader.understood : nil
                report.lines = reader.isAtEnd ? reader.lineCount : report.lines
                report.commits += 1
                return report
            }
            file.onCommit(report)
        } while try reader.hasNext(after: report)
        return report
    }
}

extension ChangeFile {
    /// Leaves a row out, or ends with it.
    fileprivate func reject(_ row: RejectedRow, counting report: inout Report, after done: Report) throws {
        guard onError == .skip else { throw LoadError.badChange(row, linesDone: done.lines) }
        report.rejected[row.error.code, default: 0] += 1
        try onReject(row)
    }
}

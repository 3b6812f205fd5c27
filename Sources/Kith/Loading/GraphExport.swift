import Glibc

/// Writes a graph as the files that ``BulkLoader`` reads, and some for other programs: what is exported and loaded again is the
/// same graph.
///
/// ```swift
/// let file = try store.read { snapshot in
///     try GraphExport(.csv).write(.edges(.follows), of: snapshot, toFile: "follows.csv.gz")
/// }
/// ```
/// Every format says what it can hold; what a graph has beyond that is refused before the first byte is written:
///
/// | format | cannot hold |
/// |---|---|
/// | `csv`, `jsonl` | |
/// | `tsv` | keys with tabs or line ends, or with blanks at an end; sources and nodes called `from` or `key` |
/// | `edges` | keys with tabs, line ends or blanks, and sources that start with `#` or `%`; edges of several types |
/// | `adjacency` | keys with tabs or line ends, or with blanks at an end, sources that start with `#` or `%`, targets with commas; weights other than 1, times; edges of several types |
/// | `graphml` | keys with characters that XML does not have, a key of two kinds; edges of several types |
/// | `dot` | keys that start with `%`, or have a backslash before a quote, a line end or their end; a key of two kinds; edges of several types |
/// | `mtx` | keys that are no numbers from 1 on; times; nodes; edges of several types |
///
/// Edges come in the order of the store; those of a symmetric type stand there once. Weights that fade are written as they
/// are stored, as of the time beside them. All but JSON lines start with the names of the columns, edge lists and adjacency
/// lines in a comment. An adjacency list of more than a mebibyte goes on in another line.
public struct GraphExport: Sendable {
    /// How the columns are called.
    public enum Header: String, Sendable, Hashable, CaseIterable {
        /// `from`, `to`, `type`, `weight`, `time`; `key`.
        case plain
        /// As neo4j-admin reads them: `:START_ID(user)`, `:END_ID(user)`, `:TYPE`, `weight:float`, `time:long`; `:ID(user)`,
        /// `:LABEL`. The groups are the kinds.
        case neo4j
    }

    /// One of the files that a graph is written as.
    public enum Part: Sendable, Hashable, CustomStringConvertible {
        /// The edges of a type; of all types, when nil.
        case edges(EdgeType.Name?)
        /// The nodes of a kind.
        case nodes(NodeKind)

        /// `edges follows`, `nodes user`; `edges` when they are of all types.
        public var description: String {
            switch self {
            case .edges(let type?): "edges \(type)"
            case .edges(nil): "edges"
            case .nodes(let kind): "nodes \(kind)"
            }
        }
    }

    /// How far the writing of a part is.
    public struct Progress: Sendable, Hashable {
        /// What is written.
        public var part: Part
        /// How many edges or nodes were written.
        public var rows: Int
        /// How many there are.
        public var rowsTotal: Int
    }

    /// How rows are written.
    public let format: EdgeFileFormat
    /// How columns are called.
    public let header: Header
    /// Whether CSV is for spreadsheets, which take text that begins with `=`, `+`, `-`, `@`, a tab or a line end for a formula:
    /// keys that do get an apostrophe before them, and keys but for numbers are in quotes. What is exported so and loaded
    /// again is another graph where there are such keys. Other formats are not changed by it.
    public var isSafeForSpreadsheets = false
    /// The permissions of files that are made, such as 0o640. When nil they are the store's, as far as umask(2) allows.
    public var fileMode: UInt32?
    /// Called now and then, some 256 KiB of text apart, and at the end of each part.
    public var onProgress: @Sendable (Progress) -> Void

    /// An export in a format.
    ///
    /// - Throws: ``LoadError/cannotExport(reason:)`` for neo4j's header in other formats than TSV and CSV.
    public init(
        _ format: EdgeFileFormat, header: Header = .plain, onProgress: @escaping @Sendable (Progress) -> Void = { _ in }
    ) throws(LoadError) {
        guard header == .plain || format.format.contents.contains(.headerRow) else {
            throw .cannotExport(
                reason: "neo4j's header stands above columns, and \(format.plural) have none; export as csv or tsv")
        }
        self.format = format
        self.header = header
        self.onProgress = onProgress
    }
}

extension GraphExport {
    /// Writes the edges of a type, as of the snapshot; those of all types, each with the name of its type, when `type` is nil.
    ///
    /// - Parameter write: is given pieces of the file, each to follow the one before.
    /// - Returns: how many edges were written.
    /// - Complexity: O(edges), twice where keys, weights or times may not fit; memory of the keys of the kinds that the type
    ///   joins.
    /// - Throws: ``GraphStoreError``; ``LoadError/cannotExport(reason:)`` when the format cannot hold what the edges have,
    ///   before anything is written; `CancellationError` when the snapshot's reader gives up; what `write` throws.
    @discardableResult
    public func edges(
        of type: EdgeType.Name?, in snapshot: borrowing Snapshot,
        to write: @escaping (UnsafeRawBufferPointer) throws -> Void
    ) throws -> Int {
        let tables =
            if let type {
                [try snapshot.tables.edges(type)]
            } else {
                snapshot.tables.edges.filter { snapshot.counters.edges[$0.index] > 0 }
            }
        let contents = format.format.contents
        let columns = RowColumns(
            hasWeight: contents.contains(.weights) && tables.contains { $0.type.columns.contains(.weight) },
            hasTime: contents.contains(.times) && tables.contains { $0.type.columns.contains(.time) },
            hasType: type == nil || header == .neo4j)
        let names = try names(of: columns, in: tables)
        if type == nil { try refuseSeveralTypes() }
        var texts: [Int: KeyTexts] = [:]
        for edges in tables {
            for kind in [edges.source, edges.target] where texts[kind.index] == nil {
                texts[kind.index] = try KeyTexts(of: kind, in: snapshot, format.format)
            }
            if let sources = texts[edges.source.index], let targets = texts[edges.target.index] {
                try refuseLosses(of: edges, sources, targets, in: snapshot)
            }
        }
        let total = try tables.reduce(0) { try $0 + snapshot.edgeCount(of: $1.type.name) }
        let writer = try format.format.makeWriter(of: columns, isSafe: isSafeForSpreadsheets)
        var rows = unsafe RowWriter(writer, to: write) { [onProgress] rows in
            onProgress(Progress(part: .edges(type), rows: rows, rowsTotal: total))
        }
        if contents.contains(.wholeGraph) {
            for edges in tables {
                guard let sources = texts[edges.source.index], let targets = texts[edges.target.index] else { continue }
                try begin(
                    ExportedGraph(edges, sources, targets, count: total, in: snapshot), of: edges, in: snapshot, &rows)
            }
        }
        rows.appendHeader(names)
        var cancellation = snapshot.cancellation
        for edges in tables {
            guard let sources = texts[edges.source.index], let targets = texts[edges.target.index] else { continue }
            try rows.begin(EdgeBatch(type: edges.type, sources: sources, targets: targets))
            var reader = edges.out.neighbors(in: snapshot.transaction)
            try reader.forEachEdge { node, neighbor, value in
                try cancellation.pass()
                if edges.type.isSymmetric, neighbor < node { return }
                guard sources.contains(node), targets.contains(neighbor) else {
                    throw edges.out.namesNoNode(node, neighbor)
                }
                try rows.append(node, neighbor, value)
            }
        }
        try rows.finish()
        return rows.count
    }

    /// Writes the keys of a kind's nodes, in the order of their ids.
    ///
    /// - Parameter write: is given pieces of the file, each to follow the one before.
    /// - Returns: how many nodes were written.
    /// - Complexity: O(nodes); memory of their keys.
    /// - Throws: as ``edges(of:in:to:)``.
    @discardableResult
    public func nodes(
        of kind: NodeKind, in snapshot: borrowing Snapshot,
        to write: @escaping (UnsafeRawBufferPointer) throws -> Void
    ) throws -> Int {
        let keys = try KeyTexts(of: try snapshot.tables.dictionary(kind), in: snapshot, format.format)
        for id in keys.suspects.keys.sorted() { try keys.check(id, format, in: .first) }
        let total = try snapshot.nodeCount(of: kind)
        let columns = RowColumns(hasWeight: false, hasTime: false, hasType: false)
        let writer = try format.format.makeWriter(of: columns, isSafe: isSafeForSpreadsheets)
        var rows = unsafe RowWriter(writer, to: write) {
            [onProgress] rows in onProgress(Progress(part: .nodes(kind), rows: rows, rowsTotal: total))
        }
        if format.format.contents.contains(.wholeGraph) {
            try rows.begin(ExportedGraph(keys, of: kind, count: total))
        }
        rows.appendHeader(header == .neo4j ? [":ID(\(kind))", ":LABEL"] : ["key"])
        var cancellation = snapshot.cancellation
        try rows.begin(NodeBatch(keys: keys, label: header == .neo4j ? kind.name : nil))
        for id in 0..<UInt32(keys.count) where !keys.isMissing(id) {
            try cancellation.pass()
            try rows.append(id)
        }
        try rows.finish()
        return rows.count
    }

    /// Begins a file that is the graph of one type of edges.
    private func begin(
        _ graph: ExportedGraph, of edges: EdgeTables, in snapshot: borrowing Snapshot, _ rows: inout RowWriter
    ) throws {
        let contents = format.format.contents
        if contents.contains(.oneNamespace) { try graph.refuseSharedKeys(of: edges, format, in: snapshot) }
        try rows.begin(graph)
        guard contents.contains(.nodesBeforeEdges) else { return }
        try rows.appendEnds(graph.sources)
        try rows.appendEnds(graph.targets)
    }

    /// The names of the columns of edges.
    ///
    /// - Throws: ``LoadError/cannotExport(reason:)`` when edges of several types have no header in common.
    private func names(of columns: RowColumns, in tables: [EdgeTables]) throws(LoadError) -> [String] {
        switch header {
        case .plain:
            return ["from", "to"] + (columns.hasType ? ["type"] : []) + (columns.hasWeight ? ["weight"] : [])
                + (columns.hasTime ? ["time"] : [])
        case .neo4j:
            let rest = (columns.hasWeight ? ["weight:float"] : []) + (columns.hasTime ? ["time:long"] : [])
            guard let first = tables.first?.type else { return [":START_ID", ":END_ID", ":TYPE"] + rest }
            if let other = tables.first(where: { $0.type.source != first.source || $0.type.target != first.target }) {
                throw .cannotExport(
                    reason: "'\(first.name)' and '\(other.type.name)' join different kinds, which one header of neo4j "
                        + "cannot say; export a file of each type, or with the plain header")
            }
            return [":START_ID(\(first.source))", ":END_ID(\(first.target))", ":TYPE"] + rest
        }
    }

    /// Refuses edges of several types where a row cannot say its type.
    private func refuseSeveralTypes() throws(LoadError) {
        guard EdgeFileFormat.complete.contains(format) else {
            throw .cannotExport(
                reason: "\(format.plural) cannot hold the types of edges; export one type, or "
                    + EdgeFileFormat.complete.advice)
        }
    }

    /// Refuses edges whose keys the format cannot hold, and those that would be read back with another weight or time
    /// from a row that has none. Looks at the edges only where such may be.
    private func refuseLosses(
        of edges: EdgeTables, _ sources: KeyTexts, _ targets: KeyTexts, in snapshot: borrowing Snapshot
    ) throws {
        let contents = format.format.contents
        let losesWeights = !contents.contains(.weights) && edges.type.columns.contains(.weight)
        let losesTimes = !contents.contains(.times) && edges.type.columns.contains(.time)
        guard losesWeights || losesTimes || !sources.suspects.isEmpty || !targets.suspects.isEmpty else { return }
        var cancellation = snapshot.cancellation
        var reader = edges.out.neighbors(in: snapshot.transaction)
        try reader.forEachEdge { node, neighbor, value in
            try cancellation.pass()
            if edges.type.isSymmetric, neighbor < node { return }
            try sources.check(node, format, in: .first)
            try targets.check(neighbor, format, in: .listed)
            let hasTime = losesTimes && edges.type.hasToSay(time: value.time)
            guard hasTime || losesWeights && edges.type.weight(of: value) != 1 else { return }
            throw LoadError.cannotExport(
                reason: "edges of '\(edges.type.name)' have \(hasTime ? "times" : "weights"), which \(format.plural) "
                    + "cannot hold; \(EdgeFileFormat.withValues.advice)")
        }
    }
}

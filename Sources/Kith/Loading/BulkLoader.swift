import Adjacency
import LMDB

/// Loads whole files of edges, all or nothing.
///
/// A load into a new store numbers the nodes by descending in-degree, equal ones by ascending key, writes every table in
/// order and gives the file its name when it is whole. A load into a store that exists is one write transaction: readers
/// see the old graph until it commits.
///
/// ```swift
/// let report = try BulkLoader().load([.init(type: .follows, path: "follows.tsv")], into: "people.kith")
/// ```
public struct BulkLoader: Sendable {
    /// A file of edges of one type.
    public struct EdgeFile: Sendable, Hashable {
        /// The type of its edges.
        public var type: EdgeType.Name
        /// Where it is; `-` is standard input.
        public var path: String
        /// How its rows are written; by its name when nil.
        public var format: EdgeFileFormat?

        /// A file of edges.
        public init(type: EdgeType.Name, path: String, format: EdgeFileFormat? = nil) {
            self.type = type
            self.path = path
            self.format = format
        }
    }

    /// What a row that is no edge does to the load.
    public enum RowErrorPolicy: Sendable, Hashable {
        /// The load stops and nothing is loaded.
        case stop
        /// The row is left out and counted.
        case skip
    }

    /// The schema of a store that is made.
    public var schema: Schema
    /// How the store is opened.
    public var options: GraphStore.Options
    /// What to do about bad rows.
    public var onError: RowErrorPolicy
    /// The time of rows without one; now when nil.
    public var time: Timestamp?
    /// Called for each row left out.
    public var onReject: @Sendable (RejectedRow) throws -> Void

    /// A loader.
    public init(
        schema: Schema = .social, options: GraphStore.Options = .init(), onError: RowErrorPolicy = .stop,
        time: Timestamp? = nil, onReject: @escaping @Sendable (RejectedRow) throws -> Void = { _ in }
    ) {
        self.schema = schema
        self.options = options
        self.onError = onError
        self.time = time
        self.onReject = onReject
    }

    /// What a load did.
    public struct Report: Sendable, Hashable {
        /// Edges the store has now, of the types loaded.
        public internal(set) var edges: [EdgeType.Name: Int] = [:]
        /// Nodes the store has now, of the kinds loaded.
        public internal(set) var nodes: [NodeKind: Int] = [:]
        /// Rows left out, by reason.
        public internal(set) var rejected: [String: Int] = [:]
        /// Rows whose edge was there already, from another row or before the load.
        public internal(set) var duplicates = 0
    }
}

extension BulkLoader {
    /// Loads the files into the store at `path`, which is made when it is missing.
    ///
    /// Of the rows with the same edge the last wins, or all are summed up, as the edge type says.
    /// - Complexity: O(rows log rows); every row is in memory, some 20 bytes each.
    /// - Throws: ``LoadError``, ``GraphStoreError``; nothing is loaded then.
    public func load(_ files: [EdgeFile], into path: String) throws -> Report {
        if StoreFile.exists(path) {
            return try load(files, into: GraphStore(opening: path, options: options))
        }
        var graph = try GatheredGraph(schema)
        var report = Report()
        let now = time ?? options.clock()
        for file in files {
            let edges = try graph.index(of: file.type)
            try forEachRow(of: file, schema.edgeTypes[edges], &report) { row in
                graph.add(row, to: edges, now: now)
            }
        }
        report.duplicates = graph.mergeDuplicates()
        try GraphStore.build(at: path, schema: schema, options: options) { builder in
            try graph.write(to: &builder)
        }
        try count(files, in: GraphStore(opening: path, options: options), &report)
        return report
    }

    private func load(_ files: [EdgeFile], into store: GraphStore) throws -> Report {
        var report = Report()
        var duplicates = 0
        let now = time ?? options.clock()
        try store.write { graph in
            for file in files {
                guard let type = store.schema.edgeType(file.type) else {
                    throw GraphStoreError.unknownEdgeType(file.type, known: store.schema.edgeTypes.map(\.name))
                }
                try forEachRow(of: file, type, &report) { row in
                    let time = type.columns.contains(.time) ? row.time ?? now : nil
                    let isNew = try graph.add(row.source, type.name, row.target, weight: row.weight, at: time)
                    if !isNew { duplicates += 1 }
                }
            }
        }
        report.duplicates = duplicates
        try count(files, in: store, &report)
        return report
    }

    private func forEachRow(
        of file: EdgeFile, _ type: EdgeType, _ report: inout Report, _ body: (EdgeFileReader.Row) throws -> Void
    ) throws {
        var reader = try EdgeFileReader(opening: file.path, format: file.format, type: type)
        while true {
            do {
                guard let row = try reader.next() else { return }
                try body(row)
            } catch let error as RowError {
                let rejected = reader.rejected(error)
                // A file that cannot be read on has no next row to go on with.
                if case .unreadable = error { throw LoadError.badRow(rejected) }
                guard onError == .skip else { throw LoadError.badRow(rejected) }
                report.rejected[error.code, default: 0] += 1
                try onReject(rejected)
            }
        }
    }

    private func count(_ files: [EdgeFile], in store: GraphStore, _ report: inout Report) throws {
        try store.read { snapshot in
            for file in files {
                report.edges[file.type] = try snapshot.edgeCount(of: file.type)
                guard let type = snapshot.schema.edgeType(file.type) else { continue }
                for kind in [type.source, type.target] { report.nodes[kind] = try snapshot.nodeCount(of: kind) }
            }
        }
    }
}

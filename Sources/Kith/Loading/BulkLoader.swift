import FoundationEssentials
import Glibc
import OperatingSystem

/// Loads whole files of edges, all or nothing.
///
/// A load into a new store numbers the nodes by descending in-degree, equal ones by ascending key, writes every table in
/// order and gives the file its name when it is whole. A load into a store that exists is one write transaction: readers
/// see the old graph until it commits.
///
/// ```swift
/// let report = try BulkLoader().load([.init(type: .follows, path: "follows.tsv")], into: "people.kith")
/// ```
/// The keys of the nodes stay in memory, some 30 bytes each and the strings themselves, and up to 110 bytes each while they
/// are numbered; edges do as far as ``memoryBytes`` goes, those of one node too, and are in files without a name beside the
/// store beyond that. The store is the same, byte for byte but for its identity and dates, for any number of threads and any
/// amount of memory.
public struct BulkLoader: Sendable {
    /// A file of edges.
    public struct EdgeFile: Sendable, Hashable {
        /// The type of its edges; when nil, a column `:TYPE` names each row's.
        public var type: EdgeType.Name?
        /// Where it is; `-` is standard input.
        public var path: String
        /// How its rows are written; by its name when nil.
        public var format: EdgeFileFormat?
        /// What is known of its layout; the rest is found out.
        public var dialect: FileDialect

        /// A file of edges.
        public init(
            type: EdgeType.Name?, path: String, format: EdgeFileFormat? = nil, dialect: FileDialect = FileDialect()
        ) {
            self.type = type
            self.path = path
            self.format = format
            self.dialect = dialect
        }
    }

    /// A file of keys of nodes, a row each, which may have no edges.
    public struct NodeFile: Sendable, Hashable {
        /// The kind of its nodes.
        public var kind: NodeKind
        /// Where it is; `-` is standard input.
        public var path: String
        /// How its rows are written; by its name when nil.
        public var format: EdgeFileFormat?
        /// What is known of its layout; the rest is found out.
        public var dialect: FileDialect

        /// A file of nodes.
        public init(
            kind: NodeKind, path: String, format: EdgeFileFormat? = nil, dialect: FileDialect = FileDialect()
        ) {
            self.kind = kind
            self.path = path
            self.format = format
            self.dialect = dialect
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
    /// How many bad rows are left out before the load stops after all; any number when nil.
    public var maximumRejects: Int?
    /// The time of rows without one. When nil: none for types whose edges are replaced, now for those that accumulate,
    /// because what was never would have faded.
    public var time: Timestamp?
    /// Types of edges that the load fills anew: what a store has of them goes in the commit in which the edges of the load
    /// come, so that readers see the old ones or the new, never none. Nodes stay, those without edges too.
    ///
    /// A load that has no edge of one of these types is refused: an input that is empty by mistake takes nothing away. The
    /// file grows by what is loaded; the pages of what goes are used again by later writes.
    public var replaces: Set<EdgeType.Name>
    /// How many threads parse, sort and write: 1 to 1,024.
    public var threads: Int
    /// How much memory the load may take for edges and keys, in bytes; half of what the machine has free when nil. Never
    /// less than 8 MiB is taken, and never less than the keys need.
    public var memoryBytes: Int?
    /// Called for each row left out, in the order of rows.
    public var onReject: @Sendable (RejectedRow) throws -> Void
    /// Called now and then with how far the load is, by one thread at a time.
    public var onProgress: @Sendable (LoadProgress) -> Void
    /// Asked now and then, by any thread, whether to give up: then `CancellationError` is thrown and the store is as it was.
    public var isCancelled: @Sendable () -> Bool

    /// What files may be wrapped in, beside gzip.
    package var codings: [any ByteCoding] = []

    /// How a load is cut into pieces, for tests that need many pieces of little; by memory and threads when nil.
    struct Pieces: Sendable {
        /// Bytes of text a thread reads at once.
        var chunkBytes: Int
        /// Parts records are dealt out into: a power of two.
        var partCount: Int
        /// Records of a part of a table.
        var recordsPerPart: Int
        /// Bytes of records held in memory.
        var recordBytes: Int
        /// Records of a part that one thread holds while it sorts them.
        var recordsInMemory = Int.max
    }

    var pieces: Pieces?

    /// Called when all is prepared that a load into a store that is there writes, for tests that write before it.
    var onPrepared: @Sendable () throws -> Void = {}

    /// The identity of a store that is made, for tests that compare bytes; a new one when nil.
    var identity: StoreMeta.Identity?

    /// A loader.
    public init(
        schema: Schema = .social, options: GraphStore.Options = .init(), onError: RowErrorPolicy = .stop,
        maximumRejects: Int? = nil, time: Timestamp? = nil, replaces: Set<EdgeType.Name> = [],
        threads: Int = ProcessInfo.processInfo.activeProcessorCount, memoryBytes: Int? = nil,
        onReject: @escaping @Sendable (RejectedRow) throws -> Void = { _ in },
        onProgress: @escaping @Sendable (LoadProgress) -> Void = { _ in },
        isCancelled: @escaping @Sendable () -> Bool = { false }
    ) {
        self.schema = schema
        self.options = options
        self.onError = onError
        self.maximumRejects = maximumRejects
        self.time = time
        self.replaces = replaces
        self.threads = threads
        self.memoryBytes = memoryBytes
        self.onReject = onReject
        self.onProgress = onProgress
        self.isCancelled = isCancelled
    }

    /// Half of the memory that the machine has free, and no more than an eighth of what the process may have.
    static var defaultMemoryBytes: Int {
        let pages = max(0, sysconf(Int32(_SC_AVPHYS_PAGES)))
        let free = max(1 << 28, pages * sysconf(Int32(_SC_PAGESIZE)) / 2)
        // The limit is of addresses: of maps, of stacks and of what the programs' libraries take, too.
        return Refusal.limit(RLIMIT_AS).map { min(free, $0 / 8) } ?? free
    }
}

extension BulkLoader {
    /// Loads the files into the store at `path`, which is made when it is missing.
    ///
    /// Of the rows with the same edge the last wins, or all are summed up, as the edge type says.
    /// - Complexity: O(rows), and O(nodes log nodes) where string keys share their first eight bytes.
    /// - Throws: ``LoadError``, ``GraphStoreError``; nothing is loaded then, and nothing replaced.
    public func load(_ files: [EdgeFile], nodes: [NodeFile] = [], into path: String) throws -> Report {
        try load(into: path) { schema in
            expected(try inputs(files, nodes, in: schema), in: schema)
        } reading: { pipeline in
            try read(inputs(files, nodes, in: pipeline.schema), by: pipeline)
        }
    }

    /// Loads what `produce` adds into the store at `path`, which is made when it is missing.
    ///
    /// ```swift
    /// let report = try BulkLoader().load(into: "people.kith") { sink in
    ///     for (follower, followed) in follows { try sink.add(follower, .follows, followed) }
    /// }
    /// ```
    /// - Throws: what `produce` throws, ``LoadError``, ``GraphStoreError``; nothing is loaded then.
    public func load(into path: String, _ produce: (inout EdgeSink) throws -> Void) throws -> Report {
        try load(into: path) { _ in
            ExpectedLoad()
        } reading: { pipeline in
            var sink = EdgeSink(pipeline)
            try produce(&sink)
            try sink.handOn()
            try pipeline.finishReading()
        }
    }

    /// Reads and checks the files and says what loading them into a new store would give and take. Writes no store, but
    /// does all else that a load does, and takes as long and as much memory.
    ///
    /// - Throws: ``LoadError``, ``GraphStoreError``.
    public func dryRun(_ files: [EdgeFile], nodes: [NodeFile] = []) throws -> Estimate {
        try validate()
        try checkReplaces(in: schema)
        let inputs = try inputs(files, nodes, in: schema)
        let pipeline = makePipeline(
            schema, beside: FileManager.default.temporaryDirectory.path + "/kith",
            expectedRows: expected(inputs, in: schema).rows)
        try read(inputs, by: pipeline)
        try pipeline.merge()
        try checkReplaces(by: pipeline)
        var report = pipeline.finishedReport
        for (index, type) in schema.edgeTypes.enumerated() where pipeline.edgeCounts[index] > 0 {
            report.edges[type.name] = pipeline.edgeCounts[index]
        }
        for (index, kind) in schema.nodeKinds.enumerated() where pipeline.interners[index].count > 0 {
            report.nodes[kind] = pipeline.interners[index].count
        }
        return Estimate(
            report: report, storeBytes: try pipeline.storeBytes(), memoryBytes: pipeline.memoryBytesWithoutFiles())
    }

    private func load(
        into path: String, expecting expectation: (Schema) throws -> ExpectedLoad,
        reading read: (LoadPipeline) throws -> Void
    ) throws -> Report {
        try validate()
        let metrics = LoadMetrics(path: path, options: options)
        if StoreFile.exists(path) {
            // This load may make no file of its own.
            TemporaryFile.removeStale(beside: path)
            let store = try GraphStore(opening: path, options: options)
            try store.checkCanWrite()
            try checkReplaces(in: store.schema)
            let expected = try expectation(store.schema)
            let pipeline = makePipeline(store.schema, beside: path, expectedRows: expected.rows)
            try pipeline.checkRoom(for: expected)
            try read(pipeline)
            try pipeline.merge()
            try checkReplaces(by: pipeline)
            let order = pipeline.order()
            // Others write meanwhile; the snapshot ends before the turn is waited for.
            let prepared = try store.read(isCancelled: isCancelled) { try pipeline.prepare(order, on: $0) }
            try onPrepared()
            // Counted before the commit: behind it nothing may fail.
            let report = try store.write { graph in
                let replaced = try graph.removeEdges(of: replaces)
                var report = try pipeline.add(prepared, to: &graph, replacing: replaces)
                report.replaced = replaced
                report.note(graph.counters, of: pipeline)
                return report
            }
            metrics.note(report, bytes: pipeline.progress.bytes)
            return report
        }
        try checkReplaces(in: schema)
        var report = Report()
        let expected = try expectation(schema)
        let pipeline = makePipeline(schema, beside: path, expectedRows: expected.rows)
        try GraphStore.build(at: path, schema: schema, options: options, identity: identity) { builder in
            try pipeline.checkRoom(for: expected)
            try read(pipeline)
            try pipeline.merge()
            try checkReplaces(by: pipeline)
            report = try pipeline.write(to: &builder)
            report.note(builder.counters, of: pipeline)
        }
        metrics.note(report, bytes: pipeline.progress.bytes)
        return report
    }

    /// - Throws: ``GraphStoreError/badRequest(_:)``.
    func validate() throws(GraphStoreError) {
        guard (1...GraphStore.threadsMax).contains(threads) else { throw GraphStore.badThreads(threads) }
        try options.validate()
    }

    /// Sees to it that the types to be filled anew are in the schema.
    ///
    /// - Throws: ``GraphStoreError/unknownEdgeType(_:known:)``.
    private func checkReplaces(in schema: Schema) throws(GraphStoreError) {
        for name in replaces where schema.edgeType(name) == nil {
            throw .unknownEdgeType(name, known: schema.edgeTypes.map(\.name))
        }
    }

    /// Sees to it that there are edges of each type that is to be filled anew.
    ///
    /// - Throws: ``GraphStoreError/badRequest(_:)``.
    private func checkReplaces(by pipeline: LoadPipeline) throws(GraphStoreError) {
        for state in pipeline.types where replaces.contains(state.type.name) && state.edgeCount == 0 {
            throw .badRequest(
                "the edges of '\(state.type.name)' are to be replaced, and no edge of it was read; nothing was changed: name "
                    + "a file that has some")
        }
    }

    func makePipeline(_ schema: Schema, beside path: String, expectedRows: Int) -> LoadPipeline {
        LoadPipeline(
            schema: schema, beside: TemporaryFile.destination(of: path), settings: self, now: options.clock(),
            expectedRows: expectedRows)
    }

    private func inputs(
        _ files: [EdgeFile], _ nodes: [NodeFile], in schema: Schema
    ) throws -> [LoadPipeline.Input] {
        var inputs: [LoadPipeline.Input] = []
        for file in nodes {
            guard let kind = schema.nodeKinds.firstIndex(of: file.kind) else {
                throw GraphStoreError.unknownKind(file.kind, known: schema.nodeKinds)
            }
            inputs.append(
                .init(
                    path: file.path, format: file.format, dialect: file.dialect, codings: codings, rows: .nodes,
                    subject: .nodes(kind)))
        }
        for file in files {
            let type = try file.type.map { name in
                guard let index = schema.edgeTypes.firstIndex(where: { $0.name == name }) else {
                    throw GraphStoreError.unknownEdgeType(name, known: schema.edgeTypes.map(\.name))
                }
                return index
            }
            let undirected = BulkLoader.undirectedEdges(of: type.map { schema.edgeTypes[$0] })
            inputs.append(
                .init(
                    path: file.path, format: file.format, dialect: file.dialect, codings: codings,
                    rows: .edges(undirected: undirected), subject: .edges(type)))
        }
        return inputs
    }

    /// What becomes of edges without a direction: of a type, or of the type that each names when nil.
    static func undirectedEdges(of type: EdgeType?) -> UndirectedEdges {
        guard let type else { return .refused }
        return type.isSymmetric || type.source != type.target ? .once : .bothWays
    }

    private func read(_ inputs: [LoadPipeline.Input], by pipeline: LoadPipeline) throws {
        try pipeline.read(
            inputs, bytesTotal: BulkLoader.byteCount(inputs.map(\.path)),
            rejects: RejectPolicy(onError: onError, maximum: maximumRejects, onReject: onReject))
    }

    /// What a load of files will need, as far as they are files and not streams.
    private func expected(_ inputs: [LoadPipeline.Input], in schema: Schema) -> ExpectedLoad {
        inputs.reduce(into: ExpectedLoad()) { expected, input in
            guard let bytes = BulkLoader.byteCount([input.path]) else { return }
            expected.add(input, bytes: bytes, schema: schema)
        }
    }

    /// How many bytes the files have; nil when one is no file of known size.
    private static func byteCount(_ paths: [String]) -> Int? {
        var total = 0
        for path in paths {
            var status = stat()
            guard path != "-", unsafe stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
            total += Int(status.st_size)
        }
        return total
    }
}

extension BulkLoader.Report {
    /// Says how many edges and nodes there are of each type and kind that the load has to do with.
    fileprivate mutating func note(_ counters: StoreCounters, of pipeline: LoadPipeline) {
        let kinds = pipeline.schema.nodeKinds
        for (index, state) in pipeline.types.enumerated() where state.rowCount > 0 {
            edges[state.type.name] = Int(counters.edges[index])
            for kind in [state.source, state.target] { nodes[kinds[kind]] = Int(counters.kinds[kind].nodes) }
        }
        for (index, kind) in kinds.enumerated() where pipeline.interners[index].count > 0 {
            nodes[kind] = Int(counters.kinds[index].nodes)
        }
    }
}

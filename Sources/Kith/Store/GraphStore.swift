import CoreMetrics
import Foundation
import Glibc
import LMDB
import Logging
import OperatingSystem
import Synchronization

/// A social graph in one file: written by one at a time, read by any number of threads and processes meanwhile.
///
/// ```swift
/// let store = try GraphStore(opening: "people.kith")
/// try store.write { graph in
///     try graph.add("alice", .follows, "bob")
/// }
/// let follows = try store.read { snapshot in
///     try snapshot.degree(of: "alice", via: .follows)
/// }
/// ```
/// Transactions are the braces: what is read in one pair of braces is of one moment; what is written in one pair becomes
/// visible and durable when they end, and not at all when they throw.
///
/// A store may be used from any thread. Opening one file twice in a process gives two stores over one environment.
public final class GraphStore: Sendable {
    /// How a store is opened.
    public struct Options: Sendable {
        /// What a crash of the machine may lose; a crash of the process alone never loses a commit.
        public enum Durability: Sendable {
            /// Nothing that was acknowledged.
            case full
            /// The last commit, at most; the file stays sound.
            case noMetaSync
            /// Everything since the last sync, and the file itself: for data that can be made again.
            case none
        }

        /// How much of the file is proved, by a reader that trusts nothing, before LMDB reads it.
        public enum Verification: Sendable {
            /// What opening itself reads: some pages. Of a file that is damaged elsewhere, reading and writing may crash
            /// the process.
            case none
            /// Every page: its form, the order of all keys, and that each page is in use once or free. Takes as long as
            /// reading the file once, some seconds a gigabyte, and two bits of memory for each page. What is opened so
            /// crashes nobody; whether what the pages hold makes sense is for ``GraphStore/check(problemsMax:onProgress:isCancelled:)``.
            case structure
        }

        /// What a crash may lose.
        public var durability: Durability
        /// Whether the store is only read. A store on a read-only file system can be opened in no other way.
        public var isReadOnly: Bool
        /// The largest the file may grow, in bytes of address space reserved now.
        public var sizeMax: Int
        /// How many snapshots may be open at once, in all processes together.
        public var readersMax: Int
        /// Whether opening frees the places of readers whose process has died; see ``GraphStore/readers()``.
        public var clearsDeadReaders: Bool
        /// How much of the file is proved before it is used.
        public var verification: Verification
        /// Whether a read takes the writer's turn where all places of readers are taken, so that others cannot write while
        /// it lasts; else it throws ``GraphStoreError/busy(path:reason:)``. For administration of a store whose readers hold
        /// on; not with ``isReadOnly``, and without effect where the process has the store open already.
        public var readsAsWriter: Bool
        /// Whether a network file system is accepted: LMDB's locks do not work across machines.
        public var allowsNetworkFilesystem: Bool
        /// For how long a write waits for others to end theirs, in this process and in others, before it throws
        /// ``GraphStoreError/busy(path:reason:)``; without end when nil.
        public var busyTimeout: Duration?
        /// For how long a snapshot may be open before ``onLongRead`` is told of it.
        public var longReadSeconds: Double
        /// Told, by a thread that writes, of a snapshot of this process that has been open for longer, once, and for how
        /// many seconds: while it is open the file can only grow.
        public var onLongRead: (@Sendable (_ seconds: Double) -> Void)?
        /// The most memory, in bytes, that all requests together keep decoded lists in for PageRanks over whole graphs; 4
        /// bytes an edge and direction, 12 where edges have weights. A graph that needs more is read from the file in every
        /// sweep, at about half the speed.
        public var decodedBytesMax: Int
        /// The clock that dates edges added without a time, and that fades weights when they are read.
        public var clock: @Sendable () -> Timestamp
        /// Where the store says what it does, and warns of snapshots that are open for long; nowhere unless given.
        public var logger: Logger?
        /// Where the store records what it measures; what the process has bootstrapped when the store is opened unless
        /// given, which is nowhere until it has.
        public var metrics: (any MetricsFactory)?

        /// The defaults: durable, writable, up to 1 TiB, 1,024 readers, writes that wait without end, an eighth of the
        /// machine's memory for decoded lists, the system's clock, silent.
        public init(
            durability: Durability = .full, isReadOnly: Bool = false,
            sizeMax: Int = Environment.Options.usualMapSizeMax, readersMax: Int = 1_024,
            clearsDeadReaders: Bool = true, verification: Verification = .none, readsAsWriter: Bool = false,
            allowsNetworkFilesystem: Bool = false, busyTimeout: Duration? = nil,
            longReadSeconds: Double = 60,
            onLongRead: (@Sendable (_ seconds: Double) -> Void)? = nil,
            decodedBytesMax: Int = Int(clamping: ProcessInfo.processInfo.physicalMemory / 8),
            clock: @escaping @Sendable () -> Timestamp = { Timestamp.ofSystemClock },
            logger: Logger? = nil, metrics: (any MetricsFactory)? = nil
        ) {
            self.durability = durability
            self.isReadOnly = isReadOnly
            self.sizeMax = sizeMax
            self.readersMax = readersMax
            self.clearsDeadReaders = clearsDeadReaders
            self.verification = verification
            self.readsAsWriter = readsAsWriter
            self.allowsNetworkFilesystem = allowsNetworkFilesystem
            self.busyTimeout = busyTimeout
            self.longReadSeconds = longReadSeconds
            self.onLongRead = onLongRead
            self.decodedBytesMax = decodedBytesMax
            self.clock = clock
            self.logger = logger
            self.metrics = metrics
        }
    }

    /// The path the store was opened by.
    public let path: String
    /// The kinds and types the store has, as far as is known: where another process adds some, from the next read or write
    /// on.
    public var schema: Schema { tables.schema }

    let environment: Environment
    let knownTables: Mutex<StoreTables>
    /// The tables of the greatest schema met so far.
    var tables: StoreTables { knownTables.withLock { $0 } }
    private let clock: @Sendable () -> Timestamp
    /// For how long a write waits for others.
    let busyTimeout: Duration?
    private let scratch: ScratchPool
    private let attentionCache = AttentionCache()
    private let preparedRequests = PreparedRequestCache()
    private let lastCounters = Mutex<(commit: UInt64, counters: StoreCounters)?>(nil)
    let groupCommit: GroupCommit
    /// Where the reads of tasks run.
    let queries: WorkerPool
    let metrics: StoreMetrics
    private let requestMetrics: RequestMetrics
    let logger: Logger

    /// Opens a store that exists.
    ///
    /// - Throws: ``GraphStoreError/noSuchStore(path:)``, ``GraphStoreError/notAStore(path:reason:)``,
    ///   ``GraphStoreError/otherFormatVersion(path:found:expected:)``, ``GraphStoreError/damaged(table:node:reason:)`` when
    ///   what is proved, see ``Options/verification``, is not as LMDB writes it; ``GraphStoreError/storage(_:)``.
    public convenience init(opening path: String, options: Options = Options()) throws {
        try self.init(existing: path, options: options)
    }

    /// Makes a new, empty store; never overwrites.
    ///
    /// The file is made under another name and appears under `path` whole.
    /// - Throws: ``GraphStoreError/storeExists(path:)``, ``GraphStoreError/storage(_:)``,
    ///   ``GraphStoreError/doneExcept(done:reason:)`` when it is made and something fails then.
    public convenience init(
        creating path: String, schema: Schema = .social, options: Options = Options()
    ) throws {
        try StoreFile.create(at: path, options: options) { environment in
            _ = try StoreTables.make(schema, .init(created: options.clock()), in: environment)
        }
        do {
            try self.init(existing: path, options: options)
        } catch {
            throw GraphStoreError.doneExcept(done: "'\(path)' is created", reason: "it could not be opened: \(error)")
        }
    }

    /// Opens a store that nobody else can open now, for reading, without LMDB's locks.
    convenience init(unlocked path: String, _ verification: Options.Verification) throws {
        try self.init(
            existing: path, options: Options(isReadOnly: true, verification: verification), isLocked: false)
    }

    private init(existing path: String, options: Options, isLocked: Bool = true) throws {
        self.path = path
        clock = options.clock
        busyTimeout = options.busyTimeout
        let processors = ProcessInfo.processInfo.activeProcessorCount
        scratch = ScratchPool(idleMax: processors, decodedBytesMax: options.decodedBytesMax)
        // More would only share the same processors, and each have memory of its own.
        queries = WorkerPool(workersMax: processors)
        metrics = StoreMetrics(path: path, factory: options.metrics)
        requestMetrics = RequestMetrics(metrics)
        groupCommit = GroupCommit(metrics)
        logger = options.storeLogger(path)
        let tables: StoreTables
        (environment, tables) = try GraphStore.translatingErrors(at: path) {
            let environment = try StoreFile.open(path, options: options, isLocked: isLocked)
            return (environment, try StoreStructure.tables(of: environment, at: path, options.verification))
        }
        knownTables = Mutex(tables)
        logger.debug("opened a store", metadata: ["readOnly": "\(options.isReadOnly)"])
    }
}

extension GraphStore.Options {
    /// The logger of the store at `path`, which names it.
    func storeLogger(_ path: String) -> Logger {
        var logger = logger ?? Logger(label: "kith") { _ in SwiftLogNoOpLogHandler() }
        logger[metadataKey: "store"] = "\(path)"
        return logger
    }
}

extension GraphStore {
    /// Runs `body` on one state of the graph, the latest committed.
    ///
    /// Never waits for a writer and never makes one wait. The body is synchronous, so a snapshot cannot be held across a
    /// suspension; keep it short, see ``Snapshot``. A task asks by ``query(at:_:)``.
    /// - Parameters:
    ///   - moment: when weights that fade are read at; now unless given.
    ///   - isCancelled: asked now and then by what is long in the body (an export, a path, a PageRank, a ranking of all),
    ///     which throws `CancellationError` when it answers true.
    public func read<Result>(
        at moment: Timestamp? = nil, isCancelled: @escaping @Sendable () -> Bool = { false },
        _ body: (borrowing Snapshot) throws -> Result
    ) throws -> Result {
        try GraphStore.translatingErrors(at: path) {
            while true {
                let tables = tables
                let transaction = try environment.beginRead()
                guard let counters = try counters(of: tables, in: transaction) else {
                    _ = consume transaction
                    try followSchema(from: tables)
                    continue
                }
                let snapshot = Snapshot(
                    transaction: transaction, tables: tables, counters: counters, scratch: scratch,
                    attentionCache: attentionCache, preparedRequests: preparedRequests, requestMetrics: requestMetrics,
                    cancellation: CancellationPoint(isCancelled), now: moment ?? clock())
                let begin = metrics.now
                defer { metrics.snapshotDuration.record(since: begin) }
                return try body(snapshot)
            }
        }
    }

    /// The counters of a commit, nil where it knows more tables; those of the last one asked for are kept.
    ///
    /// The next id of each kind is that behind the greatest in use: a reader sizes its memory by it.
    private func counters(of tables: StoreTables, in transaction: borrowing ReadTransaction) throws -> StoreCounters? {
        let commit = transaction.id
        let known = lastCounters.withLock { $0 }
        if let known, known.commit == commit, known.counters.edges.count == tables.edges.count,
            known.counters.kinds.count == tables.dictionaries.count
        {
            return known.counters
        }
        guard var counters = try StoreMeta.counters(of: tables, in: transaction) else { return nil }
        for dictionary in tables.dictionaries {
            let nextID = counters.kinds[dictionary.index].nextID
            counters.kinds[dictionary.index].nextID = try dictionary.idEnd(below: nextID, in: transaction)
        }
        lastCounters.withLock { $0 = (commit, counters) }
        return counters
    }

    /// Runs `body` as one change to the graph: all of it is visible and durable when this returns, or none when it throws.
    ///
    /// Waits for other writers, of this process and of others, for ``Options/busyTimeout``. Costs two syncs of
    /// the disk however much it changes: put what belongs together in one `write`, and use ``submit(_:)`` for many small changes from many tasks. A `write`
    /// inside a `write` is refused.
    @discardableResult
    public func write<Result>(_ body: (inout GraphTransaction) throws -> Result) throws -> Result {
        let begin = metrics.now
        let result = try GraphStore.translatingErrors(at: path) {
            let now = clock()
            while true {
                let tables = tables
                let transaction = try beginWrite(tables.meta)
                guard let counters = try StoreMeta.counters(of: tables, in: transaction) else {
                    _ = consume transaction
                    try followSchema(from: tables)
                    continue
                }
                var graph = GraphTransaction(transaction, tables: tables, counters: counters, now: now)
                let result = try body(&graph)
                let bytes = graph.transaction.bytesPut
                let commitBegin = metrics.now
                try graph.commit()
                metrics.noteCommit(begin, commitBegin, bytes: bytes)
                return result
            }
        }
        recordDueGauges()
        return result
    }

    /// LMDB's errors become the store's, with what they mean for a store.
    static func translatingErrors<Result>(at path: String, _ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let error as LMDBError {
            throw StoreFile.translate(error, at: path)
        }
    }
}

extension Timestamp {
    /// The moment the system's clock shows.
    public static var ofSystemClock: Timestamp {
        Timestamp(rawValue: UInt32(clamping: Glibc.time(nil)))
    }
}

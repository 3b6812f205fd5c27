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
        /// How many snapshots may be open at once, in all processes together: 1 to 1,000,000, of 64 bytes in the lock file each.
        public var readersMax: Int
        /// Whether opening frees the places of readers whose process has died; see ``GraphStore/readers()``.
        public var clearsDeadReaders: Bool
        /// How much of the file is proved before it is used.
        public var verification: Verification
        /// Whether a store of an older format version is upgraded when it is opened to be written to: see
        /// ``GraphStore/upgrade(isCancelled:)``. Unless set, it is only read. Without effect with ``isReadOnly``.
        public var upgrades: Bool
        /// Whether the store goes on with the file that its path leads to, when another was put in the place of the one it
        /// has open; see ``GraphStore/replace(at:with:options:onProgress:isCancelled:)``. Unless set, reads and writes throw
        /// ``GraphStoreError/replaced(path:)`` from then on.
        public var followsReplacement: Bool
        /// Whether a read takes the writer's turn where all places of readers are taken, so that others cannot write while
        /// it lasts; else it throws ``GraphStoreError/busy(path:reason:)``. For administration of a store whose readers hold
        /// on; not with ``isReadOnly``, and without effect where the process has the store open already.
        public var readsAsWriter: Bool
        /// Whether a network file system is accepted: LMDB's locks do not work across machines.
        public var allowsNetworkFilesystem: Bool
        /// For how long a write waits for others to end theirs, in this process and in others, and opening for another process
        /// that has the file for itself (a compaction, say), before they throw ``GraphStoreError/busy(path:reason:)``;
        /// without end when nil.
        public var busyTimeout: Duration?
        /// For how long a snapshot may be open before ``onLongRead`` is told of it.
        public var longReadSeconds: Double
        /// Told, by a thread that writes, of a snapshot of this process that has been open for longer, once, and for how
        /// many seconds: while it is open the file can only grow.
        public var onLongRead: (@Sendable (_ seconds: Double) -> Void)?
        /// Told, once and by a thread of its own, when a write has waited for others for a second: which process writes, as
        /// `process 4711 (kith load people.kith --edges follows=f.tsv)`; nil when it is this one, or is not found.
        public var onLongWait: (@Sendable (_ process: String?) -> Void)?
        /// The most memory, in bytes, that all requests together keep decoded lists in for PageRanks over whole graphs; 4
        /// bytes an edge and direction, 12 where edges have weights. A graph that needs more is read from the file in every
        /// sweep, at about half the speed.
        public var decodedBytesMax: Int
        /// What the rooms above the store add to its options, by type.
        private var additions: [ObjectIdentifier: any Sendable] = [:]
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
            clearsDeadReaders: Bool = true, verification: Verification = .none, upgrades: Bool = false,
            followsReplacement: Bool = false,
            readsAsWriter: Bool = false, allowsNetworkFilesystem: Bool = false, busyTimeout: Duration? = nil,
            longReadSeconds: Double = 60,
            onLongRead: (@Sendable (_ seconds: Double) -> Void)? = nil,
            onLongWait: (@Sendable (_ process: String?) -> Void)? = nil,
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
            self.upgrades = upgrades
            self.followsReplacement = followsReplacement
            self.readsAsWriter = readsAsWriter
            self.allowsNetworkFilesystem = allowsNetworkFilesystem
            self.busyTimeout = busyTimeout
            self.longReadSeconds = longReadSeconds
            self.onLongRead = onLongRead
            self.onLongWait = onLongWait
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
    public var schema: Schema { file.tables.schema }

    let options: Options
    /// The data file that reads and writes begin on.
    private let opened: Mutex<OpenFile>
    /// One thread at a time takes another data file.
    private let following = Mutex(())
    let groupCommit: GroupCommit
    /// Where the reads of tasks run.
    let queries: WorkerPool
    let metrics: StoreMetrics
    let logger: Logger

    /// Opens a store that exists.
    ///
    /// - Throws: ``GraphStoreError/noSuchStore(path:)``, ``GraphStoreError/notAStore(path:reason:)``,
    ///   ``GraphStoreError/otherFormatVersion(path:found:expected:)``,
    ///   ``GraphStoreError/unknownFeatures(path:_:isReadable:)``, ``GraphStoreError/damaged(table:node:reason:)`` when
    ///   what is proved, see ``Options/verification``, is not as it was written; ``GraphStoreError/storage(path:_:)``.
    public convenience init(opening path: String, options: Options = Options()) throws {
        try self.init(existing: path, options: options)
    }

    /// Makes a new, empty store; never overwrites.
    ///
    /// The file is made under another name and appears under `path` whole.
    /// - Throws: ``GraphStoreError/storeExists(path:)``, ``GraphStoreError/storage(path:_:)``,
    ///   ``GraphStoreError/doneExcept(done:reason:)`` when it is made and something fails then.
    public convenience init(
        creating path: String, schema: Schema = .social, options: Options = Options()
    ) throws {
        try options.validate()
        try StoreFile.create(at: path, options: options) { environment in
            _ = try StoreTables.make(schema, .init(created: options.clock()), in: environment)
        }
        do {
            try self.init(existing: path, options: options)
        } catch {
            let reason = (error as? GraphStoreError)?.withoutOutcome ?? "\(error)"
            throw GraphStoreError.doneExcept(done: "'\(path)' is created", reason: "it could not be opened: \(reason)")
        }
    }

    /// Opens a store that nobody else can open now, for reading, without LMDB's locks.
    convenience init(unlocked path: String, _ verification: Options.Verification) throws {
        try self.init(
            existing: path, options: Options(isReadOnly: true, verification: verification), isLocked: false)
    }

    private init(existing path: String, options: Options, isLocked: Bool = true) throws {
        try options.validate()
        self.path = path
        self.options = options
        let processors = ProcessInfo.processInfo.activeProcessorCount
        // More would only share the same processors, and each have memory of its own.
        queries = WorkerPool(workersMax: processors)
        metrics = StoreMetrics(path: path, factory: options.metrics)
        groupCommit = GroupCommit(metrics)
        logger = options.storeLogger(path)
        opened = Mutex(try OpenFile(path, options: options, isLocked: isLocked))
        if options.upgrades, !options.isReadOnly { try upgrade() }
        logger.debug("opened a store", metadata: ["readOnly": "\(options.isReadOnly)"])
    }
}

extension GraphStore {
    /// No machine gains by more threads than that, and each takes memory.
    static let threadsMax = 1_024

    /// Why a number of threads is none.
    static func badThreads(_ count: Int) -> GraphStoreError {
        .badRequest("'threads' needs to be 1 to \(threadsMax), found \(count)")
    }
}

extension GraphStore.Options {
    /// Options that a room above the store declares.
    subscript<Addition: Sendable>(_ type: Addition.Type) -> Addition? {
        get { additions[ObjectIdentifier(type)] as? Addition }
        set { additions[ObjectIdentifier(type)] = newValue }
    }

    /// - Throws: ``GraphStoreError/badRequest(_:)``.
    func validate() throws(GraphStoreError) {
        guard (1...1_000_000).contains(readersMax) else {
            throw .badRequest("'readersMax' needs to be 1 to 1,000,000, found \(readersMax)")
        }
        guard sizeMax > 0 else { throw .badRequest("'sizeMax' needs to be above 0, found \(sizeMax)") }
    }

    /// The logger of the store at `path`, which names it.
    func storeLogger(_ path: String) -> Logger {
        var logger = logger ?? Logger(label: "kith") { _ in SwiftLogNoOpLogHandler() }
        logger[metadataKey: "store"] = "\(path)"
        return logger
    }
}

/// The data file, and another in its place.
extension GraphStore {
    /// The data file that was opened last.
    var file: OpenFile { opened.withLock { $0 } }
    /// Its environment, and its tables. Where both are needed, or more than once, ask one ``file`` for them.
    var environment: Environment { file.environment }
    var tables: StoreTables { file.tables }

    /// The data file to read: the one that is open, or the one in its place when the store follows.
    ///
    /// - Throws: ``GraphStoreError/replaced(path:)`` at most 100 ms after the replacement.
    func currentFile() throws -> OpenFile {
        let file = file
        return file.wasReplaced ? try follow(file) : file
    }

    /// Takes the file that is in the place of `replaced` now.
    ///
    /// - Throws: ``GraphStoreError/replaced(path:)`` unless the store follows; why the other cannot be opened, and `replaced`
    ///   stays the store's file then.
    @discardableResult
    func follow(_ replaced: OpenFile) throws -> OpenFile {
        guard options.followsReplacement else { throw GraphStoreError.replaced(path: path) }
        return try following.withLock { _ in
            let file = file
            // Another thread was here first.
            guard file === replaced else { return file }
            let latest = try OpenFile(path, options: options, isLocked: true)
            if options.upgrades, !options.isReadOnly { _ = try latest.upgrade { false } }
            opened.withLock { $0 = latest }
            logger.notice("went on with the file that was put in the place of the one that was open")
            return latest
        }
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
    /// - Throws: ``GraphStoreError/replaced(path:)`` when another file has been in the place of the store's for 100 ms or
    ///   more, and ``Options/followsReplacement`` is not set; what `body` throws.
    public func read<Result>(
        at moment: Timestamp? = nil, isCancelled: @escaping @Sendable () -> Bool = { false },
        _ body: (borrowing Snapshot) throws -> Result
    ) throws -> Result {
        try GraphStore.translatingErrors(at: path) {
            while true {
                let file = try currentFile()
                let tables = file.tables
                let transaction = try file.environment.beginRead()
                guard let counters = try file.counters(of: tables, in: transaction) else {
                    _ = consume transaction
                    try file.followSchema(from: tables)
                    continue
                }
                let snapshot = Snapshot(
                    transaction: transaction, file: file, tables: tables, counters: counters,
                    metrics: metrics, cancellation: CancellationPoint(isCancelled), now: moment ?? options.clock())
                let begin = metrics.now
                defer { metrics.snapshotDuration.record(since: begin) }
                return try body(snapshot)
            }
        }
    }

    /// Runs `body` as one change to the graph: all of it is visible and durable when this returns, or none when it throws.
    ///
    /// Waits for other writers, of this process and of others, for ``Options/busyTimeout``. Costs two syncs of
    /// the disk however much it changes: put what belongs together in one `write`, and use ``submit(_:)`` for many small changes from many tasks. A `write`
    /// inside a `write` is refused.
    /// - Throws: ``GraphStoreError/replaced(path:)`` when another file is in the place of the store's and
    ///   ``Options/followsReplacement`` is not set, so that nothing is written to a file without a name;
    ///   ``GraphStoreError/olderFormatVersion(path:found:written:)`` unless the store was upgraded,
    ///   ``GraphStoreError/unknownFeatures(path:_:isReadable:)``; what `body` throws.
    @discardableResult
    public func write<Result>(_ body: (inout GraphTransaction) throws -> Result) throws -> Result {
        let begin = metrics.now
        let result = try GraphStore.translatingErrors(at: path) {
            let now = options.clock()
            while true {
                let file = file
                let tables = file.tables
                let transaction = try file.beginWrite()
                // Asked as the only writer, as which ``replace(at:with:options:onProgress:isCancelled:)`` replaces: what is
                // committed from here on is committed to the file that has the name.
                if file.isReplaced {
                    _ = consume transaction
                    try follow(file)
                    continue
                }
                guard let counters = try StoreMeta.countersToChange(of: tables, in: transaction) else {
                    _ = consume transaction
                    try file.followSchema(from: tables)
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

    /// LMDB's errors, and refusals of a format, become the store's, with what they mean for a store.
    static func translatingErrors<Result>(at path: String, _ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let error as LMDBError {
            throw StoreFile.translate(error, at: path)
        } catch let refusal as FormatRefusal {
            throw refusal.error(at: path)
        }
    }
}

extension Timestamp {
    /// The moment the system's clock shows.
    public static var ofSystemClock: Timestamp {
        Timestamp(rawValue: UInt32(clamping: Glibc.time(nil)))
    }
}

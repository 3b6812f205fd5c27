import CLMDB
import Glibc
import Synchronization

/// One LMDB file, open in this process.
///
/// Used from any thread. The same file opened twice, under whatever name, is the same environment: LMDB's locks belong to
/// the process, and closing one of two would drop those of the other.
///
/// **Unsafety:** `@unchecked`, because LMDB's handle is a pointer; LMDB's environment functions are safe from any thread.
@safe public final class Environment: @unchecked Sendable {
    /// Whether the file is written.
    public enum Access: Sendable {
        /// Read and written.
        case readWrite
        /// Only read.
        case readOnly
    }

    /// What a crash of the machine may lose; a crash of the process never loses a commit.
    public enum Durability: Sendable {
        /// Nothing that was committed.
        case full
        /// The last commit.
        case noMetaSync
        /// Everything since the last sync, and the file itself.
        case none
    }

    /// How a file is opened.
    public struct Options: Sendable {
        /// Whether the file is written.
        public var access = Access.readWrite
        /// Whether a file that is not there is made.
        public var createsFile = false
        /// The largest the file may grow: address space that is reserved at once, less where there is less.
        public var mapSizeMax = 1 << 40
        /// How many tables can be open.
        public var databasesMax = 256
        /// How many readers there can be at once, in all processes.
        public var readersMax = 1_024
        /// What a crash of the machine may lose.
        public var durability = Durability.full
        /// Whether a network file system is accepted.
        public var allowsNetworkFilesystem = false

        /// The defaults.
        public init() {}
    }

    /// Handles of ended read transactions, to be renewed, and how many transactions are open.
    ///
    /// `@unchecked`, because a handle is a pointer; one thread at a time has it, under the lock or after taking it out.
    @safe private struct Readers: @unchecked Sendable {
        var idle: [OpaquePointer] = unsafe []
        var live = 0
    }

    private let handle: OpaquePointer
    private let file: FileIdentity
    private let path: String
    let access: Access
    private let process: pid_t
    private let readers = Mutex(Readers())
    /// The thread that has the write transaction; 0 for none.
    private let writer = Atomic<UInt>(0)

    /// At most so many ended read transactions keep their place in the reader table.
    private static let idleReadersMax = 64
    /// How long a begin waits for this process's own transactions, when the file was grown by another.
    private static let resizeWaitMilliseconds = 5_000

    init(_ handle: OpaquePointer, file: FileIdentity, path: String, access: Access) {
        unsafe self.handle = unsafe handle
        self.file = file
        self.path = path
        self.access = access
        process = getpid()
    }

    deinit {
        // In a forked child nothing of the parent's may be touched: the memory goes with the process.
        if getpid() == process {
            EnvironmentRegistry.shared.close(file) {
                readers.withLock { readers in
                    while let reader = unsafe readers.idle.popLast() { unsafe mdb_txn_abort(reader) }
                }
                unsafe mdb_env_close(handle)
            }
        }
    }
}

extension Environment {
    /// Opens the table `name`, making it when `creating`.
    ///
    /// Not while this thread has a write transaction.
    /// - Throws: ``LMDBError/notFound`` when there is none and none is to be made.
    public func openDatabase<Key>(named name: String, creating: Bool) throws(LMDBError) -> Database<Key> {
        try checkProcess()
        var transaction: OpaquePointer?
        unsafe try LMDBError.check(mdb_txn_begin(handle, nil, creating ? 0 : UInt32(MDB_RDONLY), &transaction))
        var database: MDB_dbi = 0
        let flags = (Key.isInteger ? MDB_INTEGERKEY : 0) | (creating ? MDB_CREATE : 0)
        let code = unsafe mdb_dbi_open(transaction, name, UInt32(flags), &database)
        if code != 0 {
            unsafe mdb_txn_abort(transaction)
            throw explain(code)
        }
        let committed = unsafe mdb_txn_commit(transaction)
        if committed != 0 { throw explain(committed) }
        return Database(handle: database)
    }

    /// Begins to read the latest state.
    ///
    /// - Throws: ``LMDBError/forked``, ``LMDBError/readersFull``, ``LMDBError/mapResized``.
    public func beginRead() throws(LMDBError) -> ReadTransaction {
        try checkProcess()
        let idle = unsafe readers.withLock { readers in
            readers.live += 1
            return unsafe readers.idle.popLast()
        }
        var transaction = unsafe idle
        let code = begin {
            if let idle = unsafe idle { return unsafe mdb_txn_renew(idle) }
            return unsafe mdb_txn_begin(handle, nil, UInt32(MDB_RDONLY), &transaction)
        }
        guard code == 0, let transaction = unsafe transaction else {
            if let idle = unsafe idle { unsafe mdb_txn_abort(idle) }
            readers.withLock { $0.live -= 1 }
            throw explain(code)
        }
        return unsafe ReadTransaction(transaction, of: self)
    }

    func endRead(_ transaction: OpaquePointer) {
        unsafe mdb_txn_reset(transaction)
        let isKept = readers.withLock { readers in
            readers.live -= 1
            guard unsafe readers.idle.count < Environment.idleReadersMax else { return false }
            unsafe readers.idle.append(transaction)
            return true
        }
        if !isKept { unsafe mdb_txn_abort(transaction) }
    }

    /// Begins to write; waits for other writers, of this process and of others.
    ///
    /// - Throws: ``LMDBError/forked``, ``LMDBError/writeInsideWrite``, ``LMDBError/mapResized``.
    public func beginWrite() throws(LMDBError) -> WriteTransaction {
        try checkProcess()
        let thread = UInt(pthread_self())
        guard writer.load(ordering: .acquiring) != thread else { throw .writeInsideWrite }
        readers.withLock { $0.live += 1 }
        var transaction: OpaquePointer?
        let code = begin { unsafe mdb_txn_begin(handle, nil, 0, &transaction) }
        guard code == 0, let transaction = unsafe transaction else {
            readers.withLock { $0.live -= 1 }
            throw explain(code)
        }
        writer.store(thread, ordering: .releasing)
        return unsafe WriteTransaction(transaction, of: self, isNested: false)
    }

    /// Stops the process when a write transaction is about to end on another thread: LMDB's lock would stay taken.
    func checkWriterThread() {
        precondition(
            writer.load(ordering: .acquiring) == UInt(pthread_self()),
            "a write transaction ends on another thread than it began on; LMDB's lock belongs to the thread")
    }

    func endWrite() {
        writer.store(0, ordering: .releasing)
        readers.withLock { $0.live -= 1 }
    }

    /// Begins, and begins again when a reader's place or a larger map can be had.
    private func begin(_ attempt: () -> Int32) -> Int32 {
        let code = attempt()
        switch code {
        case MDB_READERS_FULL:
            var cleared: Int32 = 0
            unsafe mdb_reader_check(handle, &cleared)
            return attempt()
        case MDB_MAP_RESIZED:
            return followResize() ? attempt() : code
        default:
            return code
        }
    }

    /// Takes over the size another process gave the map, as soon as this process has no other transaction open.
    private func followResize() -> Bool {
        for _ in 0..<Environment.resizeWaitMilliseconds {
            let isDone = readers.withLock { readers in
                // The one that asks is counted.
                guard readers.live == 1 else { return false }
                return unsafe mdb_env_set_mapsize(handle, 0) == 0
            }
            if isDone { return true }
            usleep(1_000)
        }
        return false
    }

    private func checkProcess() throws(LMDBError) {
        guard getpid() == process else { throw .forked }
    }

    /// The error of `code`; input/output errors on a full disk are told as what they are.
    func explain(_ code: Int32) -> LMDBError {
        guard code == EIO else { return LMDBError(code: code) }
        var space = statvfs()
        guard unsafe statvfs(path, &space) == 0, space.f_bavail * space.f_frsize < 1 << 20 else { return .system(EIO) }
        return .diskFull
    }

    /// Lengthens the file to its last page.
    ///
    /// LMDB leaves a page unwritten that was taken at the end of the file and freed in one transaction. With the file as
    /// long as its head says, one that is shorter is known to be cut off.
    func coverLastPage() throws(LMDBError) {
        var descriptor: Int32 = 0
        var info = unsafe MDB_envinfo()
        var statistics = MDB_stat()
        var status = stat()
        guard unsafe mdb_env_get_fd(handle, &descriptor) == 0, unsafe mdb_env_info(handle, &info) == 0,
            unsafe mdb_env_stat(handle, &statistics) == 0, unsafe fstat(descriptor, &status) == 0
        else { return }
        let bytes = unsafe (info.me_last_pgno + 1) * Int(statistics.ms_psize)
        if status.st_size < bytes, ftruncate(descriptor, bytes) != 0 { throw .system(errno) }
    }

    /// Brings everything committed to the disk.
    public func sync() throws(LMDBError) {
        let code = unsafe mdb_env_sync(handle, 1)
        if code != 0 { throw explain(code) }
    }

    /// How many places of readers are taken, in all processes.
    public func readersUsed() throws(LMDBError) -> Int {
        var info = unsafe MDB_envinfo()
        unsafe try LMDBError.check(mdb_env_info(handle, &info))
        return unsafe Int(info.me_numreaders)
    }
}

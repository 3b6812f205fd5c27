import CLMDB
import Glibc
import OperatingSystem
import Synchronization

/// One LMDB file, open in this process.
///
/// Used from any thread. The same file opened twice, under whatever name, is the same environment: LMDB's locks belong to
/// the process, and closing one of two would drop those of the other.
///
/// **Unsafety:** `@unchecked`, because LMDB's handle is a pointer; LMDB's environment functions are safe from any thread.
@safe public final class Environment: @unchecked Sendable {
    /// The handle of a read transaction, with its cursors.
    ///
    /// `@unchecked`, because a handle is a pointer; one thread at a time has it.
    @safe struct ReadHandle: @unchecked Sendable {
        let transaction: OpaquePointer
        let cursors: CursorPool?

        /// Ends it for good.
        func abort() {
            cursors?.close()
            unsafe mdb_txn_abort(transaction)
        }
    }

    /// Handles of ended read transactions, to be renewed, and how many transactions are open.
    ///
    /// `@unchecked`, because of the handles: one thread at a time has one, under the lock or after taking it out.
    @safe struct Readers: @unchecked Sendable {
        var idle: [ReadHandle] = []
        /// Transactions that are open, begin or end.
        fileprivate var live = 0
        /// How many of those wait for a larger map and touch nothing of the old one.
        fileprivate(set) var waiting = 0
        /// How often the map was made anew.
        fileprivate var mapGeneration = 0
        /// Whether the map was lost: any use of it would end the process.
        private(set) var isPoisoned = false
        /// When each open read transaction began, and whether it has been told of.
        fileprivate var begun: [UInt: (at: ContinuousClock.Instant, isTold: Bool)] = [:]
        private var lastClearing = ContinuousClock.now
        private var lastLook = ContinuousClock.now

        /// Counts a transaction that is about to begin.
        mutating func enter() throws(LMDBError) {
            if isPoisoned { throw .poisoned }
            live += 1
        }

        /// Makes the map of `handle` anew, when nobody uses the old one; nil when somebody does, false when it is lost.
        fileprivate mutating func remap(_ handle: OpaquePointer, ifStillAt generation: Int) -> Bool? {
            if isPoisoned { return false }
            if mapGeneration != generation { return true }
            guard live == waiting else { return nil }
            // Idle transactions point into the old map; they are renewed into the new one.
            isPoisoned = unsafe mdb_env_set_mapsize(handle, 0) != 0
            mapGeneration += 1
            return !isPoisoned
        }

        /// Whether dead readers are to be cleared now, and who has been reading for too long.
        mutating func dues(
            at now: ContinuousClock.Instant, longReadSeconds: Double?
        ) -> (mustClear: Bool, long: [LongRead]) {
            let mustClear = now - lastClearing > .seconds(Environment.clearingSeconds)
            if mustClear { lastClearing = now }
            guard let longReadSeconds, (now - lastLook) / .seconds(1) > min(1, longReadSeconds) else {
                return (mustClear, [])
            }
            lastLook = now
            var long: [LongRead] = []
            for (transaction, begin) in begun {
                guard !begin.isTold, (now - begin.at) / .seconds(1) > longReadSeconds else { continue }
                long.append(LongRead(seconds: (now - begin.at) / .seconds(1)))
                begun[transaction]?.isTold = true
            }
            return (mustClear, long)
        }

        /// When the oldest open read transaction began.
        var oldest: ContinuousClock.Instant? { begun.values.lazy.map(\.at).min() }
    }

    let handle: OpaquePointer
    let data: DataFile
    /// The lock file that processes with this file open meet in; nil when none is used.
    let lockFile: FileIdentity?
    let access: Access
    /// The path without symbolic links, at the time of opening.
    var path: String { data.path }
    private let process: pid_t
    let readsAsWriter: Bool
    let reading = Mutex(Readers())
    /// How often a transaction has ended, or a map was made anew, while somebody waited for a larger map.
    private let mapEvents = Monitor(0)
    private let resizeWaitSeconds: Double
    let longReadSeconds: Double?
    let onLongRead: (@Sendable (LongRead) -> Void)?
    /// After how many erasures the memory of pages was cleared; nil before this process wrote any.
    let clearedAt = Mutex<UInt64?>(nil)
    /// LMDB opens one table at a time in a process.
    let opening = Mutex(())
    /// The thread that has the write transaction; 0 for none.
    private let writer = Atomic<UInt>(0)
    /// Whose turn it is to write.
    private let gate: WriterGate
    private let onLongWait: (@Sendable (WritingProcess?) -> Void)?

    /// At most so many ended read transactions keep their place in the reader table.
    private static let idleReadersMax = 64
    /// After how long a wait for the writer's turn is told of.
    private static let longWaitSeconds = 1.0
    /// How often writers look for dead readers.
    private static let clearingSeconds = 30.0

    init(_ handle: OpaquePointer, data: DataFile, lockFile: FileIdentity?, options: Options) {
        unsafe self.handle = unsafe handle
        self.data = data
        self.lockFile = lockFile
        var descriptor: mdb_filehandle_t = -1
        unsafe mdb_env_get_fd(handle, &descriptor)
        // LMDB leaves it open in programs that this process starts: they would keep a writer's turn when it is killed.
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        gate = WriterGate(descriptor: descriptor)
        access = options.access
        readsAsWriter = options.readsAsWriter && options.access == .readWrite
        resizeWaitSeconds = options.resizeWaitSeconds
        longReadSeconds = options.longReadSeconds
        onLongRead = options.onLongRead
        onLongWait = options.onLongWait
        process = getpid()
    }

    deinit {
        // In a forked child nothing of the parent's may be touched: the memory goes with the process.
        if isOwnProcess {
            EnvironmentRegistry.shared.close(data.identity) {
                reading.withLock { readers in
                    while let reader = readers.idle.popLast() { reader.abort() }
                }
                unsafe mdb_env_close(handle)
            }
        }
    }
}

extension Environment {
    /// Begins to read the latest state.
    ///
    /// - Throws: ``LMDBError/forked``, ``LMDBError/readersFull``, ``LMDBError/mapResized``, ``LMDBError/poisoned``.
    public func beginRead() throws(LMDBError) -> ReadTransaction {
        try checkProcess()
        let idle = try reading.withLock { readers throws(LMDBError) in
            try readers.enter()
            return readers.idle.popLast()
        }
        var transaction = unsafe idle?.transaction
        let code = begin {
            if let idle { return unsafe mdb_txn_renew(idle.transaction) }
            return unsafe mdb_txn_begin(handle, nil, UInt32(MDB_RDONLY), &transaction)
        }
        guard code == 0, let transaction = unsafe transaction else {
            idle?.abort()
            let error = leave(code)
            guard error == .readersFull, readsAsWriter else { throw error }
            return unsafe ReadTransaction(try beginWriting(waiting: nil), of: self)
        }
        let now = ContinuousClock.now
        let address = UInt(bitPattern: transaction)
        // From now on the map stays where it is until this transaction has ended.
        let mapGeneration = reading.withLock { readers in
            readers.begun[address] = (now, false)
            return readers.mapGeneration
        }
        let cursors = idle?.cursors ?? CursorPool()
        cursors.begin(mapGeneration: mapGeneration)
        return unsafe ReadTransaction(transaction, cursors, of: self)
    }

    func endRead(_ transaction: OpaquePointer, _ cursors: CursorPool?) {
        // What a fork copied shares the parent's place: ending it would let the pages go that the parent reads.
        guard isOwnProcess else { return }
        unsafe mdb_txn_reset(transaction)
        let reader = unsafe ReadHandle(transaction: transaction, cursors: cursors)
        let (isKept, isAwaited) = reading.withLock { readers in
            readers.live -= 1
            readers.begun.removeValue(forKey: UInt(bitPattern: transaction))
            let isKept = readers.idle.count < Environment.idleReadersMax
            if isKept { readers.idle.append(reader) }
            return (isKept, readers.waiting > 0)
        }
        if !isKept { reader.abort() }
        if isAwaited { mapEvents.change { $0 += 1 } }
    }

    /// Begins to write; waits for other writers, of this process and of others.
    ///
    /// - Parameter patience: for how long to wait for them; without end when nil. For a writer of another program than this
    ///   one it waits without end.
    /// - Throws: ``LMDBError/forked``, ``LMDBError/writeInsideWrite``, ``LMDBError/writerBusy(_:)``,
    ///   ``LMDBError/mapResized``, ``LMDBError/poisoned``.
    public func beginWrite(waiting patience: Duration? = nil) throws(LMDBError) -> WriteTransaction {
        unsafe WriteTransaction(try beginWriting(waiting: patience), of: self, isNested: false)
    }

    @unsafe
    func beginWriting(waiting patience: Duration?) throws(LMDBError) -> OpaquePointer {
        try checkProcess()
        try checkNoWriter()
        // As LMDB would say, which is asked after the gate.
        if access == .readOnly { throw .system(EACCES) }
        lookAfterReaders()
        try enterGate(waiting: patience)
        var transaction: OpaquePointer?
        let code: Int32
        do throws(LMDBError) {
            try reading.withLock { readers throws(LMDBError) in try readers.enter() }
            code = begin { unsafe mdb_txn_begin(handle, nil, 0, &transaction) }
            guard code == 0 else { throw leave(code) }
        } catch {
            gate.leave()
            throw error
        }
        guard let transaction = unsafe transaction else { preconditionFailure("LMDB began a transaction and has none") }
        writer.store(UInt(pthread_self()), ordering: .releasing)
        return unsafe transaction
    }

    /// Takes the writer's turn; tells who has it when that takes long.
    private func enterGate(waiting patience: Duration?) throws(LMDBError) {
        guard let onLongWait else { return try gate.enter(waiting: patience) }
        do throws(LMDBError) {
            return try gate.enter(waiting: .zero)
        } catch .writerBusy {
            // The thread below is for those alone who wait.
        }
        let isOver = Monitor(false)
        let teller = try? Worker { [gate] in
            let isLong = isOver.wait(seconds: Environment.longWaitSeconds, until: { $0 }) { !$1 }
            if isLong { onLongWait(gate.holder) }
        }
        defer {
            isOver.change { $0 = true }
            teller?.join()
        }
        try gate.enter(waiting: patience)
    }

    /// The process that writes now; nil when none does, when it is this one, or when it is not found.
    public var writingProcess: WritingProcess? { gate.holder }

    /// Refuses a thread that has a write transaction: LMDB would wait for itself.
    func checkNoWriter() throws(LMDBError) {
        guard writer.load(ordering: .acquiring) != UInt(pthread_self()) else { throw .writeInsideWrite }
    }

    /// Makes ready to end the write transaction; false in a forked child, where it is the parent's and stays untouched.
    ///
    /// Stops the process when it ends on another thread than it began on: LMDB's lock would stay taken. Forgets the thread
    /// while the lock is still held, because the next writer notes its own as soon as it is free.
    func willEndWrite() -> Bool {
        guard isOwnProcess else { return false }
        precondition(
            writer.load(ordering: .acquiring) == UInt(pthread_self()),
            "a write transaction ends on another thread than it began on; LMDB's lock belongs to the thread")
        writer.store(0, ordering: .releasing)
        return true
    }

    /// No longer counts a transaction, and tells those who wait for all to end.
    func didEnd() {
        let isAwaited = reading.withLock { readers in
            readers.live -= 1
            return readers.waiting > 0
        }
        if isAwaited { mapEvents.change { $0 += 1 } }
    }

    /// ``didEnd()`` of a writer, whose turn is over.
    func didEndWrite() {
        didEnd()
        gate.leave()
    }

    /// Runs `body`, which begins and ends a read transaction of LMDB's own, as one that is counted.
    func countingRead(_ body: () -> Int32) throws(LMDBError) {
        try checkProcess()
        try reading.withLock { readers throws(LMDBError) in try readers.enter() }
        let code = begin(body)
        let error = leave(code)
        if code != 0 { throw error }
    }

    /// Begins, and begins again when a reader's place or a larger map can be had.
    func begin(_ attempt: () -> Int32) -> Int32 {
        var code = attempt()
        if code == MDB_READERS_FULL {
            var cleared: Int32 = 0
            unsafe mdb_reader_check(handle, &cleared)
            code = attempt()
        }
        guard code == MDB_MAP_RESIZED else { return code }
        let end = ContinuousClock.now + .seconds(resizeWaitSeconds)
        while code == MDB_MAP_RESIZED, followResize(until: end) { code = attempt() }
        return code
    }

    /// No longer counts a transaction; the error of a `code` it did not begin with.
    func leave(_ code: Int32) -> LMDBError {
        didEnd()
        return reading.withLock { $0.isPoisoned } ? .poisoned : explain(code)
    }

    /// Takes over the size another process gave the map, as soon as this process has no transaction open.
    ///
    /// Those who wait for the same do not wait for each other: one makes the map anew, and all go on. True when it is worth
    /// another attempt.
    private func followResize(until end: ContinuousClock.Instant) -> Bool {
        let generation = reading.withLock { readers in
            readers.waiting += 1
            return readers.mapGeneration
        }
        defer {
            reading.withLock { $0.waiting -= 1 }
            // The map may be another now, or one who waited has given up: those who still wait look again.
            mapEvents.change { $0 += 1 }
        }
        while true {
            let count = mapEvents.change { $0 }
            let isFollowed = reading.withLock { unsafe $0.remap(handle, ifStillAt: generation) }
            if let isFollowed { return isFollowed }
            let left = (end - ContinuousClock.now) / .seconds(1)
            guard left > 0, mapEvents.wait(seconds: left, until: { $0 > count }, { $1 }) else { return false }
        }
    }

    /// Whether this is the process that opened the environment, and not one it forked.
    private var isOwnProcess: Bool { getpid() == process }

    func checkProcess() throws(LMDBError) {
        guard isOwnProcess else { throw .forked }
    }

    /// The error of `code`; input/output errors on a full disk are told as what they are.
    func explain(_ code: Int32) -> LMDBError {
        guard code == EIO else { return LMDBError(code: code) }
        var space = statvfs()
        guard unsafe statvfs(path, &space) == 0, space.f_bavail * space.f_frsize < 1 << 20 else { return .system(EIO) }
        return .diskFull
    }

    /// Brings everything committed to the disk.
    public func sync() throws(LMDBError) {
        try checkProcess()
        let code = unsafe mdb_env_sync(handle, 1)
        if code != 0 { throw explain(code) }
    }
}

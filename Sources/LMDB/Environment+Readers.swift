import CLMDB
import Glibc
import Synchronization

/// Who reads: every open snapshot keeps the pages it sees, so one that is held long makes the file grow.
extension Environment {
    /// One place in the table of readers, which all processes share.
    public struct Reader: Sendable, Hashable {
        /// The process that has it.
        public let process: pid_t
        /// The thread that took it, as pthread_self(3) names it; another of the process may read there by now.
        public let thread: UInt
        /// The transaction whose state it reads; nil when it reads nothing now.
        public let transaction: UInt64?
        /// How many commits were made since the state it reads; nil when it reads nothing now.
        public let commitsBehind: Int?
    }

    /// A read transaction of this process that has been open for longer than ``Options/longReadSeconds``.
    public struct LongRead: Sendable, Hashable {
        /// For how long, so far.
        public let seconds: Double
    }

    /// The places of readers that are taken, in all processes.
    public func readers() throws(LMDBError) -> [Reader] {
        try checkProcess()
        var info = unsafe MDB_envinfo()
        // LMDB reads its head in the map, which must not be made anew meanwhile.
        try reading.withLock { readers throws(LMDBError) in
            if readers.isPoisoned { throw .poisoned }
            unsafe try LMDBError.check(mdb_env_info(handle, &info))
        }
        let latest = unsafe UInt64(info.me_last_txnid)
        let listing = Listing()
        let context = unsafe Unmanaged.passUnretained(listing).toOpaque()
        let code = unsafe mdb_reader_list(
            handle,
            { line, context in
                guard let line = unsafe line, let context = unsafe context else { return 0 }
                unsafe Unmanaged<Listing>.fromOpaque(context).takeUnretainedValue().lines.append(String(cString: line))
                return 0
            }, context)
        guard code >= 0 else { throw LMDBError(code: code) }
        // "       pid     thread     txnid" is the first line; a place without a transaction has "-".
        return listing.lines.flatMap { $0.split(separator: "\n") }.compactMap { line in
            let fields = line.split(separator: " ")
            guard fields.count == 3, let process = pid_t(fields[0]), let thread = UInt(fields[1], radix: 16) else {
                return nil
            }
            let transaction = UInt64(fields[2])
            return Reader(
                process: process, thread: thread, transaction: transaction,
                // Somebody may have committed and read since the latest was asked for.
                commitsBehind: transaction.map { $0 < latest ? Int(latest - $0) : 0 })
        }
    }

    private final class Listing {
        var lines: [String] = []
    }

    /// For how long the oldest read transaction of this process has been open, in seconds; 0 when none is.
    public var oldestReadSeconds: Double {
        guard let oldest = reading.withLock({ $0.oldest }) else { return 0 }
        return (ContinuousClock.now - oldest) / .seconds(1)
    }

    /// Frees the places of readers whose process has died; answers how many. A read transaction that finds no place does
    /// so by itself, and so does a writer now and then.
    @discardableResult
    public func clearStaleReaders() throws(LMDBError) -> Int {
        try checkProcess()
        var cleared: Int32 = 0
        unsafe try LMDBError.check(mdb_reader_check(handle, &cleared))
        return Int(cleared)
    }

    /// What a writer looks after, because it is writers who suffer: dead readers, and those who hold on.
    func lookAfterReaders() {
        let now = ContinuousClock.now
        let (mustClear, long) = reading.withLock { readers in
            readers.dues(at: now, longReadSeconds: longReadSeconds)
        }
        if mustClear {
            var cleared: Int32 = 0
            // A failure here is no failure of the write; the next one tries again.
            _ = unsafe mdb_reader_check(handle, &cleared)
        }
        for read in long { onLongRead?(read) }
    }
}

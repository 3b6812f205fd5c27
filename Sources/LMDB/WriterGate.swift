import Glibc

/// Whose turn it is to write, decided before LMDB is asked: its own lock can only be waited for without end.
///
/// ```
/// threads     a mutex in this process's memory         pthread_mutex_timedlock(3)
/// processes   a lock on one byte of the data file      fcntl(2), of the open file description
/// LMDB        its lock in the lock file                free by then, unless another program than this writes
/// ```
/// The byte is behind all that a file can hold. Both locks go with the process, however it ends; closing another opening
/// of the file does not drop the second, as it would drop a lock of the process. Without anybody else a turn costs two
/// system calls, less than a microsecond beside two syncs of the disk.
///
/// **Unsafety:** `@unchecked`, because the mutex is a pointer; it is a lock, for any thread.
@safe final class WriterGate: @unchecked Sendable {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let descriptor: Int32

    /// The byte that writers lock.
    private static let turnOffset: off_t = 1 << 62 - 1
    /// `F_OFD_SETLK` and `F_OFD_SETLKW`, which the C library shows to C alone.
    private static let (setLock, setLockWaiting): (Int32, Int32) = (37, 38)

    /// - Parameter descriptor: the data file, open for writing for as long as the gate is used.
    init(descriptor: Int32) {
        unsafe mutex = .allocate(capacity: 1)
        unsafe pthread_mutex_init(mutex, nil)
        self.descriptor = descriptor
    }

    deinit {
        unsafe pthread_mutex_destroy(mutex)
        unsafe mutex.deallocate()
    }

    /// Takes the turn; the thread gives it back by ``leave()``.
    ///
    /// - Parameter patience: for how long to wait; without end when nil.
    /// - Throws: ``LMDBError/writerBusy`` when others have had it for as long.
    func enter(waiting patience: Duration?) throws(LMDBError) {
        let end = patience.map { ContinuousClock.now + $0 }
        try lockMutex(waiting: patience)
        do throws(LMDBError) {
            try lockFile(until: end)
        } catch {
            unsafe pthread_mutex_unlock(mutex)
            throw error
        }
    }

    /// Gives the turn back.
    func leave() {
        _ = setLock(F_UNLCK, WriterGate.setLock)
        unsafe pthread_mutex_unlock(mutex)
    }

    private func lockMutex(waiting patience: Duration?) throws(LMDBError) {
        guard let patience else {
            unsafe pthread_mutex_lock(mutex)
            return
        }
        var end = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &end)
        let (seconds, attoseconds) = max(patience, .zero).components
        let nanoseconds = end.tv_nsec + Int(attoseconds / 1_000_000_000)
        // Years are as good as no end, and cannot overflow.
        end.tv_sec += Int(min(seconds, 1 << 32)) + nanoseconds / 1_000_000_000
        end.tv_nsec = nanoseconds % 1_000_000_000
        let code = unsafe pthread_mutex_timedlock(mutex, &end)
        guard code != ETIMEDOUT else { throw .writerBusy }
        if code != 0 { throw .system(code) }
    }

    private func lockFile(until end: ContinuousClock.Instant?) throws(LMDBError) {
        guard let end else {
            while setLock(F_WRLCK, WriterGate.setLockWaiting) != 0 {
                guard errno == EINTR else { throw .system(errno) }
            }
            return
        }
        let isTaken = try FileLockWait.poll(until: end) { () throws(LMDBError) in
            if setLock(F_WRLCK, WriterGate.setLock) == 0 { return true }
            guard errno == EAGAIN || errno == EACCES || errno == EINTR else { throw .system(errno) }
            return false
        }
        if !isTaken { throw .writerBusy }
    }

    private func setLock(_ type: Int32, _ command: Int32) -> Int32 {
        var lock = flock()
        lock.l_type = Int16(type)
        lock.l_whence = Int16(SEEK_SET)
        lock.l_start = WriterGate.turnOffset
        lock.l_len = 1
        return unsafe fcntl(descriptor, command, &lock)
    }
}

import Glibc

/// Whose turn it is to write, decided before LMDB is asked: its own lock can only be waited for without end.
///
/// ```
/// threads     a mutex in this process's memory         pthread_mutex_timedlock(3)
/// processes   a lock on one byte of the data file      fcntl(2), of the open file description
/// LMDB        its lock in the lock file                free by then, unless another program than this writes
/// ```
/// The byte is behind all that a file can hold. Both locks go with the process, however it ends; closing another opening
/// of the file does not drop the second, as it would drop a lock of the process. But nobody can tell whose such a lock is:
/// so who has the turn also locks the byte before as a process, and is found by that, as long as no opening of the file is
/// closed. Without anybody else a turn costs four system calls, about a microsecond beside two syncs of the disk.
///
/// **Unsafety:** `@unchecked`, because the mutex is a pointer; it is a lock, for any thread.
@safe final class WriterGate: @unchecked Sendable {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let descriptor: Int32

    /// The byte that writers lock.
    private static let turnOffset: off_t = 1 << 62 - 1
    /// The byte by which the process is found that has the turn.
    private static let nameOffset: off_t = turnOffset - 1
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
    /// - Throws: ``LMDBError/writerBusy(_:)`` when others have had it for as long.
    func enter(waiting patience: Duration?) throws(LMDBError) {
        let end = patience.map { ContinuousClock.now + $0 }
        try lockMutex(waiting: patience)
        do throws(LMDBError) {
            try lockFile(until: end)
        } catch {
            unsafe pthread_mutex_unlock(mutex)
            throw error
        }
        _ = setLock(F_WRLCK, F_SETLK, at: WriterGate.nameOffset)
    }

    /// The process that has the turn; nil when none has, when it is this one, or when it is not found.
    var holder: WritingProcess? {
        var lock = OpenFileLock.range(F_WRLCK, WriterGate.nameOffset, 1)
        guard unsafe fcntl(descriptor, F_GETLK, &lock) == 0, lock.l_type != Int16(F_UNLCK), lock.l_pid > 0 else {
            return nil
        }
        return WritingProcess(lock.l_pid)
    }

    /// Gives the turn back.
    func leave() {
        _ = setLock(F_UNLCK, F_SETLK, at: WriterGate.nameOffset)
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
        guard code != ETIMEDOUT else { throw .writerBusy(holder) }
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
        if !isTaken { throw .writerBusy(holder) }
    }

    private func setLock(_ type: Int32, _ command: Int32, at offset: off_t = turnOffset) -> Int32 {
        var lock = OpenFileLock.range(type, offset, 1)
        return unsafe fcntl(descriptor, command, &lock)
    }
}

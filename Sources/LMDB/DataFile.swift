import Glibc

/// What tells files apart, whatever their names.
struct FileIdentity: Hashable, Sendable {
    let device: UInt64
    let inode: UInt64

    init(device: UInt64, inode: UInt64) {
        self.device = device
        self.inode = inode
    }

    /// The identity of the file at `path`, and nil when there is none.
    init?(_ path: String) throws(LMDBError) {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else {
            if errno == ENOENT { return nil }
            throw .system(errno)
        }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .notAFile(path: path) }
        self.init(status)
    }

    /// The identity of an open file.
    init(_ descriptor: Int32) throws(LMDBError) {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw .system(errno) }
        self.init(status)
    }

    init(_ status: stat) {
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
    }
}

/// A descriptor of the data file beside LMDB's own, for the two locks that belong to the data file and not to its name.
///
/// - **Set-up.** flock(2) on the whole file, held by the process that opens or replaces the file. Two processes that open
///   the same data file choose their lock file one after the other.
/// - **Claim.** A shared lock of an open file description on one byte far behind the end of the file, held for as long as
///   an environment is open. The byte's offset names the lock file that the environment uses, so a process that comes
///   with another lock file sees the difference: by a hard link, by a bind mount, or because the lock file was removed.
///
/// Both locks belong to the open file description, so closing another descriptor of the file does not drop them, and both
/// need no more than the right to read.
final class DataFile: Sendable {
    let identity: FileIdentity
    /// Whether this opening made the file, which is empty then.
    let isNew: Bool
    let path: String
    private let descriptor: Int32
    private let process = getpid()

    /// The first byte that claims stand for; LMDB's files end far before it.
    private static let claimsOffset: off_t = 1 << 62

    /// Opens the file at `path`, which has no symbolic links.
    ///
    /// - Throws: ``LMDBError/notAFile(path:)``, ``LMDBError/system(_:)`` with `ENOENT` when there is none and none is to be
    ///   made.
    init(_ path: String, creating: Bool) throws(LMDBError) {
        self.path = path
        // Looked at first: opening a pipe would wait for its writer.
        isNew = try FileIdentity(path) == nil
        if isNew, !creating { throw .system(ENOENT) }
        let flags = isNew ? O_RDWR | O_CREAT | O_EXCL : O_RDONLY
        descriptor = unsafe open(path, flags | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw LMDBError(code: errno) }
        do throws(LMDBError) {
            identity = try FileIdentity(descriptor)
        } catch {
            close(descriptor)
            throw error
        }
    }

    deinit {
        // Explicitly, because a child that is about to run another program shares the locks until it does. One that was
        // forked for good leaves its parent's alone.
        if getpid() == process {
            var claim = OpenFileLock.range(F_UNLCK, DataFile.claimsOffset, 0)
            _ = unsafe fcntl(descriptor, OpenFileLock.set, &claim)
        }
        close(descriptor)
    }

    /// Whether `path` leads to this file.
    func isNamed() throws(LMDBError) -> Bool { try FileIdentity(path) == identity }

    /// Owner, group and permissions.
    func status() throws(LMDBError) -> stat {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw .system(errno) }
        return status
    }

    /// Waits until no other process sets up an environment of the file, or has the file for itself.
    ///
    /// - Parameter patience: for how long to wait; without end when nil.
    /// - Throws: ``LMDBError/inUse(path:)`` when another has had it for as long.
    func beginSetUp(waiting patience: Duration?) throws(LMDBError) {
        if let patience {
            let isTaken = try FileLockWait.poll(until: .now + patience) { () throws(LMDBError) in try tryBeginSetUp() }
            if !isTaken { throw .inUse(path: path) }
            return
        }
        while flock(descriptor, LOCK_EX) != 0 {
            guard errno == EINTR else { throw .system(errno) }
        }
    }

    /// Whether nobody sets up an environment of the file, and nobody else can from now on.
    func tryBeginSetUp() throws(LMDBError) -> Bool {
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            if errno == EWOULDBLOCK { return false }
            guard errno == EINTR else { throw .system(errno) }
        }
        return true
    }

    /// Lets others set up theirs.
    func endSetUp() { _ = flock(descriptor, LOCK_UN) }

    /// Whether an environment of another opening of the file is open, by whichever lock file.
    func isClaimed() throws(LMDBError) -> Bool {
        try isClaimed(from: DataFile.claimsOffset, bytes: 0)
    }

    /// Says that an environment of the file uses `lockFile`, for as long as this object lives.
    ///
    /// - Throws: ``LMDBError/otherLockFile(path:)`` when another environment uses another.
    func claim(_ lockFile: FileIdentity) throws(LMDBError) {
        let offset = DataFile.claimsOffset + off_t((lockFile.inode ^ lockFile.device << 40) & (1 << 61 - 1))
        var lock = OpenFileLock.range(F_RDLCK, offset, 1)
        guard unsafe fcntl(descriptor, OpenFileLock.set, &lock) == 0 else { throw .system(errno) }
        // Bytes in front of the own one, and behind it. No bytes would mean all.
        let lower = offset - DataFile.claimsOffset
        if lower > 0, try isClaimed(from: DataFile.claimsOffset, bytes: lower) { throw .otherLockFile(path: path) }
        if try isClaimed(from: offset + 1, bytes: 0) { throw .otherLockFile(path: path) }
    }

    private func isClaimed(from offset: off_t, bytes: off_t) throws(LMDBError) -> Bool {
        var lock = OpenFileLock.range(F_WRLCK, offset, bytes)
        guard unsafe fcntl(descriptor, OpenFileLock.get, &lock) == 0 else { throw .system(errno) }
        return lock.l_type != Int16(F_UNLCK)
    }
}

/// Commands of fcntl(2) for locks that belong to an open file description; the C library shows them to C alone.
enum OpenFileLock {
    /// `F_OFD_GETLK`
    static let get: Int32 = 36
    /// `F_OFD_SETLK`
    static let set: Int32 = 37

    /// A lock of bytes; 0 bytes are all that follow.
    static func range(_ type: Int32, _ offset: off_t, _ bytes: off_t) -> flock {
        var lock = flock()
        lock.l_type = Int16(type)
        lock.l_whence = Int16(SEEK_SET)
        lock.l_start = offset
        lock.l_len = bytes
        return lock
    }
}

import Glibc
import OperatingSystem

/// The lock file beside a data file, made before LMDB maps it.
///
/// LMDB keeps in it the mutex of writers, the slots of readers and the number of the latest transaction, and finds it by
/// name. A data file that was put in the place of another would meet the other's transaction number and be read through a
/// stale meta page. So a lock file says whose it is:
///
/// | bytes | content |
/// |---|---|
/// | 0 ..< 128 | LMDB's header: magic number, format, transaction number, two mutexes |
/// | 128 + 64 i | slot of reader i |
/// | the last 24 | the record: ``LockFile/recordMagic``, device and inode of the data file |
///
/// LMDB 0.9 takes the number of readers from the size of the file by a division without remainder, so it never sees the
/// record, which is shorter than a slot. The record is only believed while a process holds the lock file: that process has
/// the recorded data file open, so its inode number cannot have been given to another file meanwhile. A lock file that
/// nobody holds serves whichever data file is opened next. Lock files without a record, of LMDB's own making, are accepted
/// while they are held.
///
/// The whole file is reserved on the disk, because LMDB writes it through a map, where a page that cannot be had ends the
/// process. It belongs to the data file's owner, whoever makes it.
@safe struct LockFile: ~Copyable {
    let identity: FileIdentity
    /// Whether no other process had the lock file when it was prepared, and none can have it until ``close()``.
    private(set) var isAlone = false
    private let descriptor: Int32

    private static let headerBytes: off_t = 128
    private static let slotBytes: off_t = 64
    private static let recordBytes = 24
    private static let recordMagic: UInt64 = 0x6B63_6F4C_6874_694B  // "KithLock"
    /// What LMDB's lock files begin with.
    private static let headerMagic: UInt32 = 0xBEEF_C0DE
    private static let pageBytes: off_t = 4_096

    /// Where the lock file of a data file is, as LMDB names it.
    static func path(of dataPath: String) -> String { dataPath + "-lock" }

    /// Whether a path is that of a lock file.
    static func isName(_ path: String) -> Bool { path.hasSuffix("-lock") }

    private init(_ descriptor: Int32, identity: FileIdentity) {
        self.descriptor = descriptor
        self.identity = identity
    }

    deinit {
        // Explicitly, because a child that is about to run another program shares the lock until it does, and LMDB would
        // take a new lock file for one that is in use.
        var lock = OpenFileLock.range(F_UNLCK, 0, 1)
        _ = unsafe fcntl(descriptor, OpenFileLock.set, &lock)
        Glibc.close(descriptor)
    }

    /// Lets others have it. Before LMDB opens the file: closing a descriptor drops the locks that LMDB took for the process.
    consuming func close() {}

    /// The lock file of `data` at `path`: the one that is there, if it serves this data file or nobody, else a new one.
    ///
    /// Called by the process that sets up the data file, see ``DataFile/beginSetUp(waiting:)``.
    /// - Parameter heldHere: lock files of environments that this process has open. None of them is opened again: closing
    ///   it would drop the locks of the process. They serve other data files.
    /// - Returns: nil when a name has changed meanwhile: look again.
    /// - Throws: ``LMDBError/diskFull``, ``LMDBError/notALockFile(path:)``, ``LMDBError/lockOwner(path:owner:)``,
    ///   ``LMDBError/otherLockFile(path:)``, ``LMDBError/system(_:)``.
    static func prepare(
        for data: DataFile, at path: String, readersMax: Int, heldHere: Set<FileIdentity>
    ) throws(LMDBError) -> LockFile? {
        guard try data.isNamed() else { return nil }
        var oldMode: mode_t = 0
        if let found = try FileIdentity(path), !heldHere.contains(found) {
            let descriptor = unsafe open(path, O_RDWR | O_CLOEXEC)
            guard descriptor >= 0 else {
                if errno == ENOENT { return nil }
                throw LMDBError(code: errno)
            }
            var file = LockFile(descriptor, identity: found)
            guard try FileIdentity(descriptor) == found else { return nil }
            if try file.takeAlone() {
                try file.checkContent(path)
                try file.reserve(readersMax: readersMax)
                try file.giveToOwner(of: data, isNew: false)
                try file.record(data.identity)
                return file
            }
            let recorded = try file.recorded()
            if recorded == nil || recorded == data.identity { return file }
            oldMode = try file.status().st_mode & 0o777
        }
        // Who has the data file open uses another lock file than a new one.
        if try data.isClaimed() { throw .otherLockFile(path: data.path) }
        guard try data.isNamed() else { return nil }
        guard unsafe unlink(path) == 0 || errno == ENOENT else { throw LMDBError(code: errno) }
        return try make(for: data, at: path, readersMax: readersMax, mode: oldMode)
    }

    /// Makes a new lock file, whole or not at all; nil when another process has just made one.
    private static func make(
        for data: DataFile, at path: String, readersMax: Int, mode: mode_t
    ) throws(LMDBError) -> LockFile? {
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            if errno == EEXIST { return nil }
            throw LMDBError(code: errno)
        }
        do throws(LMDBError) {
            var file = LockFile(descriptor, identity: try FileIdentity(descriptor))
            _ = try file.takeAlone()
            try file.reserve(readersMax: readersMax)
            try file.giveToOwner(of: data, isNew: true, mode)
            try file.record(data.identity)
            return file
        } catch {
            _ = unsafe unlink(path)
            throw error
        }
    }

    /// Takes the lock that LMDB takes for each process that has the file open, alone; false when another has it.
    private mutating func takeAlone() throws(LMDBError) -> Bool {
        var lock = OpenFileLock.range(F_WRLCK, 0, 1)
        isAlone = unsafe fcntl(descriptor, OpenFileLock.set, &lock) == 0
        guard isAlone || [EAGAIN, EACCES].contains(errno) else { throw .system(errno) }
        return isAlone
    }

    /// Refuses a file that is no lock file: LMDB would write over it.
    private func checkContent(_ path: String) throws(LMDBError) {
        var header = [UInt8](repeating: 0, count: Int(LockFile.headerBytes))
        let count = unsafe header.withUnsafeMutableBytes { unsafe preadWhole(descriptor, $0, 0) }
        guard count >= 0 else { throw .system(errno) }
        let found = unsafe header.withUnsafeBytes { unsafe $0.loadUnaligned(as: UInt32.self) }
        // Zeros are what a process leaves that ends before LMDB has written its header.
        guard found == LockFile.headerMagic || header.allSatisfy({ $0 == 0 }) else { throw .notALockFile(path: path) }
    }

    /// Has room for `readersMax` readers on the disk, or for more where it had.
    private func reserve(readersMax: Int) throws(LMDBError) {
        let found = (try status().st_size - LockFile.headerBytes) / LockFile.slotBytes
        var slots = max(off_t(readersMax), found)
        // LMDB unmaps the slots alone: the record must not begin a page.
        if (LockFile.headerBytes + slots * LockFile.slotBytes) % LockFile.pageBytes == 0 { slots += 1 }
        let bytes = LockFile.headerBytes + slots * LockFile.slotBytes + off_t(LockFile.recordBytes)
        guard ftruncate(descriptor, bytes) == 0 else { throw LMDBError(code: errno) }
        let code = posix_fallocate(descriptor, 0, bytes)
        if code != 0 { throw LMDBError(code: code) }
    }

    /// Gives the file the owner and group of the data file, and a new one its permissions and `mode`.
    ///
    /// A lock file that its owner cannot open keeps the owner from the data: one that cannot be given away is not made.
    private func giveToOwner(of data: DataFile, isNew: Bool, _ mode: mode_t = 0) throws(LMDBError) {
        let wanted = try data.status()
        let found = try status()
        if found.st_uid != wanted.st_uid || found.st_gid != wanted.st_gid {
            let isGiven = fchown(descriptor, wanted.st_uid, wanted.st_gid) == 0
            if isNew, !isGiven {
                let isShared = fchown(descriptor, uid_t.max, wanted.st_gid) == 0 && wanted.st_mode & 0o060 == 0o060
                // The superuser opens any.
                guard isShared || found.st_uid == wanted.st_uid || wanted.st_uid == 0 else {
                    throw .lockOwner(path: data.path, owner: wanted.st_uid)
                }
            }
        }
        guard isNew else { return }
        // Who can open it must be able to write it, LMDB's readers too.
        guard fchmod(descriptor, wanted.st_mode & 0o777 | mode | 0o600) == 0 else { throw LMDBError(code: errno) }
    }

    private func status() throws(LMDBError) -> stat {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw .system(errno) }
        return status
    }

    /// Writes whose lock file it is.
    private func record(_ data: FileIdentity) throws(LMDBError) {
        let record = [LockFile.recordMagic, data.device, data.inode]
        let offset = try status().st_size - off_t(LockFile.recordBytes)
        let count = unsafe record.withUnsafeBytes { unsafe pwrite(descriptor, $0.baseAddress, $0.count, offset) }
        guard count == LockFile.recordBytes else { throw count < 0 ? LMDBError(code: errno) : .diskFull }
    }

    /// Whose lock file it is; nil when it does not say.
    private func recorded() throws(LMDBError) -> FileIdentity? {
        var record: [UInt64] = [0, 0, 0]
        let offset = try status().st_size - off_t(LockFile.recordBytes)
        guard offset > 0 else { return nil }
        let count = unsafe record.withUnsafeMutableBytes { unsafe preadWhole(descriptor, $0, offset) }
        guard count >= 0 else { throw .system(errno) }
        guard count == LockFile.recordBytes, record[0] == LockFile.recordMagic else { return nil }
        return FileIdentity(device: record[1], inode: record[2])
    }
}

import CLMDB
import Glibc
import OperatingSystem
import Synchronization

/// What tells files apart, whatever their names.
struct FileIdentity: Hashable, Sendable {
    let device: UInt64
    let inode: UInt64

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

    private init(_ status: stat) {
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
    }
}

/// Which files this process has open.
final class EnvironmentRegistry: Sendable {
    static let shared = EnvironmentRegistry()

    private struct Entry {
        /// Nil while the last user has let go and the file is being closed.
        weak var environment: Environment?
    }

    private struct Files {
        var entries: [FileIdentity: Entry] = [:]
        /// Lock files that one user in this process holds alone. The system would let others of the process in.
        var reserved: Set<FileIdentity> = []
    }

    private let files = Mutex(Files())
    /// How often a file has been closed.
    private let closings = Monitor(0)

    /// The environment of the file at `path`: the one that is open, or a new one by `open`.
    ///
    /// - Parameter lockPath: where its lock file is; nil for one who goes without.
    /// - Throws: ``LMDBError/inUse(path:)`` when the lock file is reserved.
    func environment(
        at path: String, lockPath: String?, _ open: (FileIdentity?) throws(LMDBError) -> Environment
    ) throws(LMDBError) -> Environment {
        while true {
            let closed = closings.change { $0 }
            let result: Result<Environment?, LMDBError> = files.withLock { files in
                do throws(LMDBError) {
                    if let lockPath, let lock = try FileIdentity(lockPath), files.reserved.contains(lock) {
                        throw .inUse(path: path)
                    }
                    let file = try FileIdentity(path)
                    if let file, let entry = files.entries[file] { return .success(entry.environment) }
                    let environment = try open(file)
                    files.entries[environment.file] = Entry(environment: environment)
                    return .success(environment)
                } catch {
                    return .failure(error)
                }
            }
            if let environment = try result.get() { return environment }
            // Another thread is closing the file; its locks must be gone before they are taken anew.
            closings.wait(until: { $0 > closed }) { _ in }
        }
    }

    /// Runs `close` and forgets the file.
    func close(_ file: FileIdentity, _ close: () -> Void) {
        files.withLock { files in
            close()
            files.entries[file] = nil
        }
        closings.change { $0 += 1 }
    }

    /// Opens the lock file at `lockPath` for one user alone; nil when this process has `file` or its lock in use.
    func reserve(_ file: FileIdentity, lockPath: String) throws(LMDBError) -> Int32? {
        try files.withLock { files throws(LMDBError) in
            if files.entries[file] != nil { return nil }
            // Not to be opened while it is reserved: closing it would drop the locks of who did.
            if let lock = try FileIdentity(lockPath), files.reserved.contains(lock) { return nil }
            let descriptor = unsafe Glibc.open(lockPath, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { throw .system(errno) }
            files.reserved.insert(try FileIdentity(descriptor))
            return descriptor
        }
    }

    /// Closes a lock file that was reserved, and lets others have it.
    func release(_ descriptor: Int32) {
        files.withLock { files in
            if let lock = try? FileIdentity(descriptor) { files.reserved.remove(lock) }
            Glibc.close(descriptor)
        }
    }
}

extension Environment {
    /// Opens the file at `path`.
    ///
    /// Reads the file's meta pages first and refuses what LMDB would crash on. Clears the places of readers that died, unless the
    /// options say otherwise. The lock
    /// file is beside the file itself, also when `path` is a symbolic link: LMDB alone would make one for each name. Hard
    /// links in different processes have different lock files; do not use them.
    /// - Throws: ``LMDBError/system(_:)`` with `ENOENT` when there is no file and none is to be made,
    ///   ``LMDBError/notAFile(path:)``, ``LMDBError/invalidFile(path:reason:)``,
    ///   ``LMDBError/truncatedFile(path:bytes:expected:)``, ``LMDBError/networkFilesystem(path:)``,
    ///   ``LMDBError/openReadOnly(path:)``, ``LMDBError/inUse(path:)``.
    public static func open(at path: String, options: Options) throws(LMDBError) -> Environment {
        let resolved = resolve(path)
        let environment = try EnvironmentRegistry.shared.environment(
            at: path, lockPath: options.isLocked ? resolved + "-lock" : nil
        ) { file throws(LMDBError) in
            if file == nil, !options.createsFile { throw .system(ENOENT) }
            if file != nil { try MetaPage.validate(path) }
            if !options.allowsNetworkFilesystem, isOnNetworkFilesystem(path) { throw .networkFilesystem(path: path) }
            if file != nil, options.access == .readWrite, unsafe Glibc.access(path, W_OK) != 0 { throw .system(errno) }
            return try openNew(resolved, options)
        }
        guard options.access == .readOnly || environment.access == .readWrite else { throw .openReadOnly(path: path) }
        return environment
    }

    /// The least that is reserved for a file and what it may grow by.
    private static let mapSizeMin = 16 << 20

    private static func openNew(_ path: String, _ options: Options) throws(LMDBError) -> Environment {
        var flags = UInt32(MDB_NOSUBDIR) | UInt32(MDB_NOTLS)
        if options.access == .readOnly { flags |= UInt32(MDB_RDONLY) }
        if !options.isLocked { flags |= UInt32(MDB_NOLOCK) }
        switch options.durability {
        case .full: break
        case .noMetaSync: flags |= UInt32(MDB_NOMETASYNC)
        case .none: flags |= UInt32(MDB_NOSYNC)
        }
        // Where the address space is limited a quarter of it is reserved, and less where there is less: the rest is for
        // what is done with the file. LMDB never makes the map smaller than the file.
        var mapSize = options.mapSizeMax
        if let limit = Refusal.limit(RLIMIT_AS) { mapSize = min(mapSize, max(mapSizeMin, limit / 4 & -mapSizeMin)) }
        while true {
            var created: OpaquePointer?
            unsafe try LMDBError.check(mdb_env_create(&created))
            guard let handle = unsafe created else { throw .system(ENOMEM) }
            unsafe mdb_env_set_mapsize(handle, mapSize)
            unsafe mdb_env_set_maxdbs(handle, MDB_dbi(options.databasesMax))
            unsafe mdb_env_set_maxreaders(handle, UInt32(options.readersMax))
            let code = unsafe mdb_env_open(handle, path, flags, 0o600)
            if code == 0 {
                guard let file = unsafe try identity(of: handle, at: path) else {
                    unsafe mdb_env_close(handle)
                    continue
                }
                if options.clearsStaleReaders {
                    var cleared: Int32 = 0
                    unsafe mdb_reader_check(handle, &cleared)
                }
                return unsafe Environment(handle, file: file, path: path, options: options)
            }
            unsafe mdb_env_close(handle)
            guard code == ENOMEM, mapSize > mapSizeMin else { throw LMDBError(code: code) }
            mapSize = max(mapSizeMin, mapSize / 4)
        }
    }

    /// The identity of the file that was opened; nil when another has its name by now: one that was put in its place while
    /// LMDB waited for the lock of who did.
    private static func identity(of handle: OpaquePointer, at path: String) throws(LMDBError) -> FileIdentity? {
        do throws(LMDBError) {
            var descriptor: mdb_filehandle_t = -1
            unsafe try LMDBError.check(mdb_env_get_fd(handle, &descriptor))
            let opened = try FileIdentity(descriptor)
            guard let named = try FileIdentity(path) else { throw .system(ENOENT) }
            return opened == named ? opened : nil
        } catch {
            unsafe mdb_env_close(handle)
            throw error
        }
    }

    /// The path without symbolic links; as it is when there is no such file.
    private static func resolve(_ path: String) -> String {
        guard let resolved = unsafe realpath(path, nil) else { return path }
        defer { unsafe free(resolved) }
        return unsafe String(cString: resolved)
    }

    /// The magic numbers of file systems that span machines, from statfs(2).
    private static let networkFilesystems: Set<UInt32> = [
        0x6969, 0x517B, 0xFF53_4D42, 0xFE53_4D42, 0x0102_1997, 0x5346_414F, 0x7375_7245, 0x00C3_6400,
    ]

    private static func isOnNetworkFilesystem(_ path: String) -> Bool {
        var status = statfs()
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        guard unsafe statfs(path, &status) == 0 || statfs(folder, &status) == 0 else { return false }
        return networkFilesystems.contains(UInt32(truncatingIfNeeded: status.f_type))
    }
}

extension Environment {
    /// Runs `body` while nobody else has the file at `path` open, in this process or another, and nobody can open it.
    ///
    /// Takes the lock that LMDB takes of whoever opens a file, in the lock file beside it; inside, the file is to be
    /// opened without LMDB's own locks. Where there is no lock file, nobody has opened the file yet, and one is made.
    /// - Throws: ``LMDBError/inUse(path:)``, what `body` throws.
    public static func withExclusiveUse<Result>(of path: String, _ body: () throws -> Result) throws -> Result {
        guard let file = try FileIdentity(path) else { throw LMDBError.system(ENOENT) }
        let registry = EnvironmentRegistry.shared
        guard let descriptor = try registry.reserve(file, lockPath: resolve(path) + "-lock") else {
            throw LMDBError.inUse(path: path)
        }
        defer { registry.release(descriptor) }
        var lock = flock()
        lock.l_type = Int16(F_WRLCK)
        lock.l_whence = Int16(SEEK_SET)
        lock.l_start = 0
        lock.l_len = 1
        guard unsafe fcntl(descriptor, F_SETLK, &lock) == 0 else { throw LMDBError.inUse(path: path) }
        return try body()
    }
}

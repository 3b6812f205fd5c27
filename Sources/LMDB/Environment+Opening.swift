import CLMDB
import Glibc
import OperatingSystem

extension Environment {
    /// Opens the file at `path`.
    ///
    /// Reads the meta pages first and refuses what LMDB would crash on. Clears the places of readers that died, unless the
    /// options say otherwise. The lock file is beside the file itself, also when `path` is a symbolic link: LMDB alone would
    /// make one for each name. It is made, or made anew, for this data file: see ``LockFile``. A file that is open by
    /// another lock file, through a hard link or a bind mount, is refused.
    /// - Throws: ``LMDBError/system(_:)`` with `ENOENT` when there is no file and none is to be made,
    ///   ``LMDBError/notAFile(path:)``, ``LMDBError/invalidFile(path:reason:)``,
    ///   ``LMDBError/truncatedFile(path:bytes:expected:)``, ``LMDBError/networkFilesystem(path:)``,
    ///   ``LMDBError/openReadOnly(path:)``, ``LMDBError/inUse(path:)``, ``LMDBError/otherLockFile(path:)``,
    ///   ``LMDBError/lockFileName(path:)``, ``LMDBError/notALockFile(path:)``, ``LMDBError/lockOwner(path:owner:)``,
    ///   ``LMDBError/diskFull``.
    public static func open(at path: String, options: Options) throws(LMDBError) -> Environment {
        let registry = EnvironmentRegistry.shared
        while true {
            let resolved = resolve(path)
            if LockFile.isName(resolved) { throw .lockFileName(path: path) }
            // Before waiting: the thread may wait for itself.
            if options.isLocked, try registry.isReserved(LockFile.path(of: resolved)) { throw .inUse(path: path) }
            let data = try DataFile(resolved, creating: options.createsFile && options.access == .readWrite)
            do throws(LMDBError) {
                let isRemote = isOnNetworkFilesystem(resolved)
                if isRemote, !options.allowsNetworkFilesystem { throw .networkFilesystem(path: path) }
                // Locks across machines are the user's care there.
                let isGuarded = options.isLocked && !isRemote
                if isGuarded { try data.beginSetUp(waiting: options.openWait) }
                defer { if isGuarded { data.endSetUp() } }
                let environment = try registry.environment(of: data.identity) { heldHere throws(LMDBError) in
                    if !data.isNew { try MetaPage.validate(path) }
                    if options.access == .readWrite, unsafe Glibc.access(path, W_OK) != 0 { throw .system(errno) }
                    return try openNew(data, isGuarded: isGuarded, heldHere, options)
                }
                // The file has lost its name meanwhile: to one that was put in its place.
                guard let environment else { continue }
                guard options.access == .readOnly || environment.access == .readWrite else {
                    throw .openReadOnly(path: path)
                }
                return environment
            } catch {
                if data.isNew { _ = unsafe unlink(resolved) }
                throw error
            }
        }
    }

    /// The least that is reserved for a file and what it may grow by.
    private static let mapSizeMin = 16 << 20

    /// Opens a file that this process has not open; nil when its name, or that of its lock file, leads to another by now.
    private static func openNew(
        _ data: DataFile, isGuarded: Bool, _ heldHere: Set<FileIdentity>, _ options: Options
    ) throws(LMDBError) -> Environment? {
        guard isGuarded else { return try openNew(data, lockFile: nil, options) }
        let lockPath = LockFile.path(of: data.path)
        let lockFile: FileIdentity
        do throws(LMDBError) {
            let prepared = try LockFile.prepare(
                for: data, at: lockPath, readersMax: options.readersMax, heldHere: heldHere)
            guard let prepared else { return nil }
            lockFile = prepared.identity
            try data.claim(lockFile)
            prepared.close()
        } catch .system(EROFS) where options.access == .readOnly {
            // Nobody writes there, and LMDB goes without a lock file.
            return try openNew(data, lockFile: nil, options)
        }
        return try openNew(data, lockFile: lockFile, options)
    }

    private static func openNew(
        _ data: DataFile, lockFile: FileIdentity?, _ options: Options
    ) throws(LMDBError) -> Environment? {
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
            let code = unsafe mdb_env_open(handle, data.path, flags, 0o600)
            if code == 0 {
                guard unsafe try isOpen(data, lockFile, by: handle) else {
                    unsafe mdb_env_close(handle)
                    return nil
                }
                if options.clearsStaleReaders {
                    var cleared: Int32 = 0
                    unsafe mdb_reader_check(handle, &cleared)
                }
                return unsafe Environment(handle, data: data, lockFile: lockFile, options: options)
            }
            unsafe mdb_env_close(handle)
            // The head was read, and is one. What LMDB says of another, it says of a short read and of a refused lock, too.
            if code == MDB_INVALID { throw .headNotRead(path: data.path) }
            guard code == ENOMEM, mapSize > mapSizeMin else { throw LMDBError(code: code) }
            mapSize = max(mapSizeMin, mapSize / 4)
        }
    }

    /// Whether LMDB has opened `data`, and the names of the data file and of its lock file lead there still.
    private static func isOpen(
        _ data: DataFile, _ lockFile: FileIdentity?, by handle: OpaquePointer
    ) throws(LMDBError) -> Bool {
        do throws(LMDBError) {
            var descriptor: mdb_filehandle_t = -1
            unsafe try LMDBError.check(mdb_env_get_fd(handle, &descriptor))
            guard try FileIdentity(descriptor) == data.identity, try data.isNamed() else { return false }
            guard let lockFile else { return true }
            return try FileIdentity(LockFile.path(of: data.path)) == lockFile
        } catch {
            unsafe mdb_env_close(handle)
            throw error
        }
    }

    /// Whether a path is that of a lock file, which a data file cannot have.
    public static func isLockFileName(_ path: String) -> Bool { LockFile.isName(path) }

    /// Whether `path` leads to this file. True where the system does not tell: only what is known to be another counts.
    public func isFile(at path: String) -> Bool {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return ![ENOENT, ENOTDIR, ELOOP].contains(errno) }
        return FileIdentity(status) == data.identity
    }

    /// Whether two paths lead to one file.
    public static func areSameFile(_ path: String, _ other: String) -> Bool {
        var (first, second) = (stat(), stat())
        guard unsafe stat(path, &first) == 0, unsafe stat(other, &second) == 0 else { return false }
        return FileIdentity(first) == FileIdentity(second)
    }

    /// `path` from the root on; symbolic links stay.
    public static func absolute(_ path: String) -> String {
        guard !path.hasPrefix("/"), let folder = unsafe getcwd(nil, 0) else { return path }
        defer { unsafe free(folder) }
        return unsafe String(cString: folder) + "/" + path
    }

    /// The path without symbolic links; as it is when there is no such file.
    static func resolve(_ path: String) -> String {
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

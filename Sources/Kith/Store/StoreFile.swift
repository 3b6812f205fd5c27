import FoundationEssentials
import Glibc
import LMDB
import Synchronization

/// The file of a store: opening one that exists, and making a new one appear whole.
enum StoreFile {
    /// Opens the file at `path`, which must exist.
    static func open(_ path: String, options: GraphStore.Options, isLocked: Bool = true) throws -> Environment {
        var options = environmentOptions(options, at: path, createsFile: false)
        options.isLocked = isLocked
        return try Environment.open(at: path, options: options)
    }

    /// Puts a new file in place of the one at `path` while nobody has it open, and nobody can.
    ///
    /// - Parameter make: makes the new file under the name it is given, whole and on the disk.
    /// - Throws: ``GraphStoreError/busy(path:reason:)`` when somebody has it open.
    static func replace(_ path: String, _ make: (_ temporary: String) throws -> Void) throws {
        try claim(path)
        defer { release(path) }
        let temporary = path + newSuffix + String(getpid())
        defer { removeFiles(temporary) }
        do {
            try Environment.withExclusiveUse(of: path) {
                try make(temporary)
                guard unsafe rename(temporary, path) == 0 else { throw LMDBError.system(errno) }
                try syncFolder(of: path)
            }
        } catch let error as LMDBError {
            throw translate(error, at: path)
        }
    }

    /// Makes a new file in which `fill` puts what belongs there, and gives it its name when it is whole and on the disk.
    ///
    /// A crash leaves at most a file of another name beside it, never half a store under `path`.
    /// - Throws: ``GraphStoreError/storeExists(path:)`` when there is something at `path`, before or meanwhile.
    static func create(
        at path: String, options: GraphStore.Options, _ fill: (Environment) throws -> Void
    ) throws {
        guard !exists(path) else { throw GraphStoreError.storeExists(path: path) }
        try checkFolder(of: path)
        try claim(path)
        defer { release(path) }
        let temporary = path + newSuffix + String(getpid())
        defer { removeFiles(temporary) }
        do {
            let environment = try Environment.open(
                at: temporary, options: environmentOptions(options, at: path, createsFile: true))
            try fill(environment)
            try environment.sync()
        } catch let error as LMDBError {
            throw translate(error, at: path)
        }
        try publish(temporary, as: path)
    }

    /// Gives `temporary` the name `path`, unless something has that name, and makes the name durable.
    private static func publish(_ temporary: String, as path: String) throws {
        // A hard link fails when the name is taken, which a rename does not.
        guard unsafe link(temporary, path) == 0 else {
            if errno == EEXIST { throw GraphStoreError.storeExists(path: path) }
            throw GraphStoreError.storage(.system(errno))
        }
        try syncFolder(of: path)
    }

    /// Makes what names the folder of `path` has durable.
    private static func syncFolder(of path: String) throws {
        let descriptor = unsafe Glibc.open(folder(of: path), O_RDONLY | O_DIRECTORY)
        guard descriptor >= 0 else { throw GraphStoreError.storage(.system(errno)) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw GraphStoreError.storage(.system(errno)) }
    }

    /// What stands between a store's name and the number of the process that makes it.
    private static let newSuffix = ".making-"

    /// The same for a copy, as ``LMDB/Environment/copy(to:compacting:verify:)`` names it.
    private static let copySuffix = ".copying-"

    /// The stores this process makes just now.
    private static let claimed = Mutex<Set<String>>([])

    /// Makes ready to make a store of this name: nobody else of this process does, and what others left is gone.
    ///
    /// - Throws: ``GraphStoreError/busy(path:reason:)`` when another thread is at it.
    private static func claim(_ path: String) throws {
        guard claimed.withLock({ $0.insert(path).inserted }) else {
            throw GraphStoreError.busy(path: path, reason: "this process is making it already; wait for that")
        }
        // In a container, the process before may have had the number of this one.
        removeLitter(of: path) { process in process == getpid() || kill(process, 0) != 0 && errno == ESRCH }
    }

    private static func release(_ path: String) {
        _ = claimed.withLock { $0.remove(path) }
    }

    /// Removes what processes left that were killed while they made a store, or a copy, of this name.
    static func removeLitter(of path: String) {
        removeLitter(of: path) { process in kill(process, 0) != 0 && errno == ESRCH }
    }

    /// Removes what this process has made so far of a store of this name.
    static func discardUnfinished(_ path: String) {
        removeLitter(of: path) { process in process == getpid() }
    }

    /// Removes the unfinished files of a store of this name, and what belongs to them, that processes made that `isOver`.
    private static func removeLitter(of path: String, ofProcesses isOver: (pid_t) -> Bool) {
        let folder = folder(of: path)
        let file = path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
        // A folder that cannot be listed is one that no store can be made in; that is said where it is tried.
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        for prefix in [file + newSuffix, file + copySuffix] {
            for name in names where name.hasPrefix(prefix) {
                let digits = name.dropFirst(prefix.count).prefix { $0.isNumber }
                let rest = name.dropFirst(prefix.count + digits.count)
                guard let process = pid_t(digits), rest.isEmpty || rest.first == "." || rest.first == "-" else {
                    continue
                }
                if isOver(process) { _ = unsafe unlink(folder + "/" + name) }
            }
        }
    }

    private static func folder(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
    }

    /// Refuses to make a file where there is no folder.
    static func checkFolder(of path: String) throws {
        guard exists(folder(of: path)) else { throw GraphStoreError.noSuchFolder(path: path) }
    }

    /// Removes a temporary file and its lock file; that one of them is not there is no matter.
    private static func removeFiles(_ path: String) {
        _ = unsafe unlink(path)
        _ = unsafe unlink(path + "-lock")
    }

    /// Whether there is something at `path`.
    static func exists(_ path: String) -> Bool {
        unsafe access(path, F_OK) == 0
    }

    private static func environmentOptions(
        _ options: GraphStore.Options, at path: String, createsFile: Bool
    ) -> Environment.Options {
        var environment = Environment.Options()
        environment.access = options.isReadOnly && !createsFile ? .readOnly : .readWrite
        environment.createsFile = createsFile
        environment.mapSizeMax = options.sizeMax
        environment.databasesMax = 1 + 2 * (Schema.nodeKindsMax + Schema.edgeTypesMax)
        environment.readersMax = options.readersMax
        environment.allowsNetworkFilesystem = options.allowsNetworkFilesystem
        environment.clearsStaleReaders = options.clearsDeadReaders
        environment.longReadSeconds = options.longReadSeconds
        let (logger, onLongRead) = (options.storeLogger(path), options.onLongRead)
        environment.onLongRead = { read in
            logger.warning(
                "a snapshot is open for long; the file cannot use again what was freed since it began",
                metadata: ["seconds": "\(read.seconds)"])
            onLongRead?(read.seconds)
        }
        environment.durability =
            switch options.durability {
            case .full: .full
            case .noMetaSync: .noMetaSync
            case .none: .none
            }
        return environment
    }

    /// LMDB's error as a store's, with the path where LMDB has none.
    static func translate(_ error: LMDBError, at path: String) -> GraphStoreError {
        switch error {
        case .system(ENOENT): .noSuchStore(path: path)
        case .system(EACCES), .system(EPERM):
            .cannotOpen(
                path: path,
                reason:
                    "it, its lock file or its folder may not be read or written by this user; change the permissions")
        case .system(EROFS):
            .cannotOpen(path: path, reason: "its file system is read-only; open it for reading only")
        case .notAFile(let path): .notAStore(path: path, reason: "it is not a regular file; name the store's file")
        case .invalidFile(let path, let reason): .notAStore(path: path, reason: reason)
        case .invalid, .versionMismatch, .notFound: .notAStore(path: path, reason: "\(error)")
        case .truncatedFile(let path, let bytes, let expected):
            .notAStore(
                path: path, reason: "it is cut short, with \(bytes) bytes of at least \(expected); restore a backup")
        case .corrupted, .pageNotFound, .cursorFull, .pageFull:
            .damaged(table: path, node: nil, reason: "\(error)")
        case .diskFull: .diskFull(path: path)
        case .writeInsideWrite, .readersFull, .mapResized, .openReadOnly, .poisoned, .inUse:
            .busy(path: path, reason: "\(error)")
        default: .storage(error)
        }
    }
}

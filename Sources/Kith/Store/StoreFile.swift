import Glibc
import LMDB
import OperatingSystem

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
    /// The new file is what the old one was: what a symbolic link leads to, with its mode, owner and group.
    /// - Parameter make: makes the new file under the name it is given, whole and on the disk.
    /// - Throws: ``GraphStoreError/busy(path:reason:)`` when somebody has it open,
    ///   ``GraphStoreError/cannotReplace(path:reason:)``.
    static func replace(_ path: String, _ make: (_ temporary: String) throws -> Void) throws {
        try GraphStore.translatingErrors(at: path) {
            try TemporaryFile.making(path) { temporary in
                try Environment.withExclusiveUse(of: path) {
                    try temporary.checkCanReplaceStore()
                    try make(temporary.path)
                    try temporary.replaceStore()
                }
            }
        }
    }

    /// Puts the file at `new` in place of the one at `path`, while others have that open.
    ///
    /// - Parameter prove: throws when `new` is not to be taken.
    static func replace(
        _ path: String, with new: String, options: GraphStore.Options, _ prove: () throws -> Void
    ) throws {
        try GraphStore.translatingErrors(at: path) {
            let options = environmentOptions(options, at: path, createsFile: false)
            try Environment.replace(path, with: new, options: options) {
                try GraphStore.translatingErrors(at: new) { try prove() }
            }
        }
    }

    /// Makes a new file in which `fill` puts what belongs there, and gives it its name when it is whole and on the disk.
    ///
    /// A crash leaves at most a ``PrivateFolder`` beside it, never half a store under `path`.
    /// - Throws: ``GraphStoreError/storeExists(path:)`` when there is something at `path`, before or meanwhile.
    static func create(
        at path: String, options: GraphStore.Options, _ fill: (Environment) throws -> Void
    ) throws {
        guard !exists(path) else { throw GraphStoreError.storeExists(path: path) }
        try checkName(path)
        try GraphStore.translatingErrors(at: path) {
            try TemporaryFile.making(path) { temporary in
                do {
                    // Closed before the file has its name: one who opens the name would be given this environment, whose
                    // lock file is gone with the temporary file.
                    let environment = try Environment.open(
                        at: temporary.path, options: environmentOptions(options, at: path, createsFile: true))
                    try fill(environment)
                    try environment.sync()
                }
                try temporary.takeName()
            }
        }
    }

    /// Refuses to make a file where there is no folder, and one with the name of a lock file.
    static func checkName(_ path: String) throws {
        if Environment.isLockFileName(path) { throw translate(.lockFileName(path: path), at: path) }
        guard exists(TemporaryFile.folder(of: TemporaryFile.destination(of: path))) else {
            throw GraphStoreError.noSuchFolder(path: path)
        }
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
        environment.readsAsWriter = options.readsAsWriter
        environment.clearsStaleReaders = options.clearsDeadReaders
        environment.openWait = options.busyTimeout
        environment.longReadSeconds = options.longReadSeconds
        let (logger, onLongRead) = (options.storeLogger(path), options.onLongRead)
        environment.onLongRead = { read in
            logger.warning(
                "a snapshot is open for long; the file cannot use again what was freed since it began",
                metadata: ["seconds": "\(read.seconds)"])
            onLongRead?(read.seconds)
        }
        if let onLongWait = options.onLongWait { environment.onLongWait = { onLongWait($0?.description) } }
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
        case .system(let code) where [EMFILE, ENFILE, ENOMEM, EAGAIN].contains(code):
            .cannotOpen(path: path, reason: "\(error)")
        case .notAFile(let path): .notAStore(path: path, reason: "it is not a regular file; name the store's file")
        case .invalidFile(let path, let reason): .notAStore(path: path, reason: reason)
        case .invalid, .versionMismatch, .notFound: .notAStore(path: path, reason: "\(error)")
        case .truncatedFile(let path, let bytes, let expected):
            .notAStore(
                path: path, reason: "it is cut short, with \(bytes) bytes of at least \(expected); restore a backup")
        case .unsound(let tree, let problem): .damaged(table: tree, node: nil, reason: problem)
        case .corrupted, .pageNotFound, .cursorFull, .pageFull, .incompatible:
            .damaged(table: path, node: nil, reason: "\(error)")
        case .diskFull: .diskFull(path: path)
        case .noThread: .noThread(reason: "\(error)")
        case .readersFull:
            .busy(
                path: path,
                reason:
                    "all places of readers are taken; see who has them (`kith readers`), end some of them, or open with "
                    + "more")
        case .writeInsideWrite, .mapResized, .openReadOnly, .poisoned, .inUse, .otherLockFile,
            .writerBusy:
            .busy(path: path, reason: "\(error)")
        case .networkFilesystem(let path):
            .cannotOpen(
                path: path, reason: "it is on a network file system, where locks do not work; move it to a local disk")
        case .headNotRead(let path): .cannotOpen(path: path, reason: "\(error)")
        case .lockFileName: .badRequest("\(error)")
        case .nameNotSynced(let path, let code): .nameMayBeLost(path, Refusal(code))
        case .notALockFile, .lockOwner, .otherFileSystem, .fileOwner: .cannotOpen(path: path, reason: "\(error)")
        default: .storage(path: path, error)
        }
    }
}

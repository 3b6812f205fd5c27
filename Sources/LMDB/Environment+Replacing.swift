import Glibc

extension Environment {
    /// Puts the file at `new` in the place of the one at `path`, while others read and write that.
    ///
    /// `new` is used by this alone from before `prove` on. The name changes hands under the lock of the writers of the file
    /// at `path`, so a writer that looks, once it has the lock, whether its file still has the name ``isFile(at:)`` never
    /// commits to a file without one. Who has the old file open reads it on. The new file gets the owner, the group and the
    /// permissions of the old one; a symbolic link at `path` stays, and its target is replaced. The lock files of both are
    /// removed: whoever opens the file next makes one.
    ///
    /// A file at `path` whose head is damaged is replaced while nobody has it open.
    /// - Parameters:
    ///   - options: how the file at `path` is opened, to wait for its writers.
    ///   - prove: throws when `new` is not to be taken; opens it without locks, if at all.
    /// - Throws: ``LMDBError/inUse(path:)`` when somebody has `new` open, ``LMDBError/notAFile(path:)`` when it is no regular
    ///   file or a link, ``LMDBError/otherFileSystem(path:)``, ``LMDBError/fileOwner(path:owner:)``,
    ///   ``LMDBError/nameNotSynced(path:code:)`` when the file was replaced and a crash of the machine may take that back;
    ///   what ``open(at:options:)``, ``beginWrite()`` and `prove` throw. Nothing was replaced then, but for the last but one.
    public static func replace(_ path: String, with new: String, options: Options, _ prove: () throws -> Void) throws {
        var newStatus = stat()
        guard unsafe lstat(new, &newStatus) == 0 else { throw LMDBError.system(errno) }
        guard newStatus.st_mode & S_IFMT == S_IFREG else { throw LMDBError.notAFile(path: new) }
        // Opened before `new` is taken: of two replacements in opposite directions neither waits for the other.
        let old = try openIfSound(at: path, options)
        try withExclusiveUse(of: new) {
            try prove()
            try asOnlyWriter(of: path, old, options) { target, lockFile in
                try bringToDisk(new, as: target)
                guard unsafe rename(new, target) == 0 else {
                    throw errno == EXDEV ? LMDBError.otherFileSystem(path: new) : LMDBError(code: errno)
                }
                _ = unsafe unlink(LockFile.path(of: resolve(new)))
                // Not one that another made meanwhile for a file that was moved here by other means.
                let lockPath = LockFile.path(of: target)
                if let lockFile, try FileIdentity(lockPath) == lockFile { _ = unsafe unlink(lockPath) }
                for folder in Set([folder(of: target), folder(of: new)]) { try sync(folder, of: path) }
            }
        }
    }

    /// The environment of the file at `path`; nil when its head is damaged.
    private static func openIfSound(at path: String, _ options: Options) throws(LMDBError) -> Environment? {
        do throws(LMDBError) {
            return try open(at: path, options: options)
        } catch .invalidFile, .truncatedFile, .invalid, .versionMismatch, .corrupted {
            return nil
        }
    }

    /// Runs `body` while nobody else writes the file that `path` leads to, which is that of `old`, or nobody has it open
    /// when it is damaged; gives it the path without symbolic links, and which lock file its users have.
    private static func asOnlyWriter(
        of path: String, _ old: Environment?, _ options: Options,
        _ body: (_ target: String, _ lockFile: FileIdentity?) throws -> Void
    ) throws {
        var old = old
        while let environment = old {
            let transaction = try environment.beginWrite()
            if environment.isFile(at: path) {
                try body(environment.path, environment.lockFile)
                _ = consume transaction
                return
            }
            _ = consume transaction
            old = try openIfSound(at: path, options)
        }
        try withExclusiveUse(of: path) { try body(resolve(path), nil) }
    }

    /// Gives the file at `new` owner, group and permissions of the one at `path`, and brings it to the disk.
    private static func bringToDisk(_ new: String, as path: String) throws {
        var wanted = stat()
        guard unsafe stat(path, &wanted) == 0 else { throw LMDBError.system(errno) }
        let descriptor = unsafe Glibc.open(new, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw LMDBError.system(errno) }
        defer { close(descriptor) }
        var found = stat()
        guard unsafe fstat(descriptor, &found) == 0 else { throw LMDBError.system(errno) }
        guard found.st_dev == wanted.st_dev else { throw LMDBError.otherFileSystem(path: new) }
        if found.st_uid != wanted.st_uid || found.st_gid != wanted.st_gid {
            guard fchown(descriptor, wanted.st_uid, wanted.st_gid) == 0 else {
                throw LMDBError.fileOwner(path: new, owner: wanted.st_uid)
            }
        }
        guard fchmod(descriptor, wanted.st_mode & 0o777) == 0, fsync(descriptor) == 0 else {
            throw LMDBError(code: errno)
        }
    }

    private static func folder(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
    }

    /// Makes the names in a folder durable, after the file at `path` has got its own.
    private static func sync(_ folder: String, of path: String) throws {
        let descriptor = unsafe Glibc.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw LMDBError.nameNotSynced(path: path, code: errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw LMDBError.nameNotSynced(path: path, code: errno) }
    }
}

import Glibc
import LMDB
import OperatingSystem
import Synchronization

/// A file, or a folder of files, that gets its name when it is whole and on the disk.
///
/// Until then it is in a ``PrivateFolder`` beside that name: a process that is killed leaves nothing that the next one
/// meets. One maker of a name at a time in a process; of two processes each has a temporary file of its own.
final class TemporaryFile: Sendable {
    /// Where it is made.
    let path: String
    /// The name it will have, without symbolic links.
    let destination: String
    /// That name as it was given.
    private let name: String
    private let folder: PrivateFolder

    /// The names that are made in this process just now.
    private static let claimed = Mutex<Set<String>>([])

    /// Begins what is to have the name `path`; where that is a symbolic link, what the link leads to.
    ///
    /// - Throws: ``GraphStoreError/busy(path:reason:)`` when another thread is at it; `LMDBError` where there can be no
    ///   file.
    init(for path: String) throws {
        let destination = TemporaryFile.destination(of: path)
        guard TemporaryFile.claimed.withLock({ $0.insert(destination).inserted }) else {
            throw GraphStoreError.busy(path: path, reason: "this process is making it already; wait for that")
        }
        do {
            folder = try PrivateFolder(in: TemporaryFile.folder(of: destination))
        } catch {
            _ = TemporaryFile.claimed.withLock { $0.remove(destination) }
            throw error
        }
        self.destination = destination
        name = path
        self.path = folder.path + "/" + PrivateFolder.fileName
    }

    deinit {
        _ = TemporaryFile.claimed.withLock { $0.remove(destination) }
    }

    /// Begins what is to have the name `path`, and removes it when `make` returns or throws and it has no name.
    static func making<Result>(_ path: String, _ make: (TemporaryFile) throws -> Result) throws -> Result {
        let file = try TemporaryFile(for: path)
        return try withExtendedLifetime(file) { try make(file) }
    }

    /// An open file that has no name, in the folder of `path`: it is gone when it is closed.
    static func unnamed(beside path: String) throws(LMDBError) -> Int32 {
        let folder = try PrivateFolder(in: folder(of: path))
        // The folder goes with its last use, and the file's name with it.
        return try withExtendedLifetime(folder) { () throws(LMDBError) in
            let descriptor = unsafe open(
                folder.path + "/" + PrivateFolder.fileName, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { throw LMDBError(code: errno) }
            return descriptor
        }
    }

    /// Removes what other processes that have ended left in the folder of `path`.
    static func removeStale(beside path: String) {
        PrivateFolder.removeStale(in: folder(of: destination(of: path)))
    }
}

/// How it gets its name.
extension TemporaryFile {
    /// Gives it its name, unless something has that name, and makes the name durable.
    ///
    /// - Throws: ``GraphStoreError/storeExists(path:)``, ``GraphStoreError/storage(path:_:)``,
    ///   ``GraphStoreError/doneExcept(done:reason:)``.
    func takeName() throws {
        // A hard link fails when the name is taken, which a rename does not.
        guard unsafe link(path, destination) == 0 else {
            if errno == EEXIST { throw GraphStoreError.storeExists(path: name) }
            throw GraphStoreError.storage(path: name, LMDBError(code: errno))
        }
        try TemporaryFile.syncFolder(of: destination)
    }

    /// Gets the attributes of another file, as far as this user may give them, and is brought to the disk.
    ///
    /// - Throws: `LMDBError`.
    func take(_ attributes: FileAttributes) throws {
        let descriptor = unsafe open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { throw LMDBError(code: errno) }
        defer { close(descriptor) }
        try attributes.give(to: descriptor, at: name, orElse: .narrow)
        guard fsync(descriptor) == 0 else { throw LMDBError(code: errno) }
    }

    /// Becomes the store that has its name: see ``replace(_:with:)``.
    func replaceStore() throws {
        try TemporaryFile.replace(destination, with: path)
    }

    /// Refuses, before anything is made, to replace a store whose owner or group the new file could not have.
    ///
    /// - Throws: ``GraphStoreError/cannotReplace(path:reason:)``.
    func checkCanReplaceStore() throws {
        let attributes = try FileAttributes(of: destination)
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw LMDBError(code: errno) }
        defer { close(descriptor) }
        do {
            try attributes.give(to: descriptor, at: name, orElse: .refuse)
        } catch {
            _ = unsafe unlink(path)
            throw error
        }
        // What is made next gets that name.
        guard unsafe unlink(path) == 0 else { throw LMDBError(code: errno) }
    }

    /// Puts the file `new` in place of the one at `path`, which may be a symbolic link: what it leads to is replaced.
    ///
    /// The file becomes what the other was: its mode, owner, group, access list and extended attributes are those of the
    /// old one before it has the name. Other hard links of the old file lead to the old one still.
    /// - Throws: ``GraphStoreError/cannotReplace(path:reason:)`` where it cannot become that, ``GraphStoreError/storage(path:_:)``,
    ///   and the old file is there then; ``GraphStoreError/doneExcept(done:reason:)``.
    static func replace(_ path: String, with new: String) throws {
        let destination = destination(of: path)
        let attributes = try FileAttributes(of: destination)
        let descriptor = unsafe open(new, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { throw GraphStoreError.storage(path: new, LMDBError(code: errno)) }
        defer { close(descriptor) }
        try attributes.give(to: descriptor, at: path, orElse: .refuse)
        guard fsync(descriptor) == 0, unsafe rename(new, destination) == 0 else {
            throw GraphStoreError.storage(path: path, LMDBError(code: errno))
        }
        try syncFolder(of: destination)
    }

    /// Makes the name of `path`, which it has just got, durable.
    ///
    /// - Throws: ``GraphStoreError/doneExcept(done:reason:)``: it has its name, which a crash of the machine may take away.
    static func syncFolder(of path: String) throws {
        let descriptor = unsafe open(folder(of: path), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        let isDurable = descriptor >= 0 && fsync(descriptor) == 0
        let refusal = Refusal(errno)
        if descriptor >= 0 { close(descriptor) }
        guard isDurable else { throw GraphStoreError.nameMayBeLost(path, refusal) }
    }
}

/// What names mean.
extension TemporaryFile {
    /// How many symbolic links a name may lead through, as in the kernel.
    private static let linksMax = 40

    /// The folder that `path` is in.
    static func folder(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
    }

    /// Where a name leads that may be a symbolic link, also to something that is not there yet.
    static func destination(of path: String) -> String {
        var path = path
        for _ in 0..<linksMax {
            if let resolved = unsafe realpath(path, nil) {
                defer { unsafe free(resolved) }
                return unsafe String(cString: resolved)
            }
            guard let target = linkTarget(of: path) else { break }
            path = target.hasPrefix("/") || !path.contains("/") ? target : folder(of: path) + target
        }
        // What is not there yet has one name, too, by whatever way it is named.
        guard let resolved = unsafe realpath(folder(of: path), nil) else { return path }
        defer { unsafe free(resolved) }
        let name = path.split(separator: "/").last.map(String.init) ?? ""
        return unsafe String(cString: resolved) + "/" + name
    }

    /// What a symbolic link says; nil for anything else.
    static func linkTarget(of path: String) -> String? {
        var target = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = unsafe target.withUnsafeMutableBytes { target in
            unsafe readlink(path, target.baseAddress!.assumingMemoryBound(to: CChar.self), target.count)
        }
        return count > 0 ? String(validating: target[..<count], as: UTF8.self) : nil
    }
}

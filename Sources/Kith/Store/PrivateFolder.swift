import Glibc
import LMDB
import Synchronization

/// A folder for what is in the making, beside the name it will have.
///
/// ```
/// people.kith
/// .kith-temporary-5f0c9a3be1d27784/      mode 0700: nobody else sees what is half done
///     new
/// ```
/// Its maker holds a lock on it (flock(2)), which the kernel takes away when the process ends, however it ends. So a folder
/// whose lock can be had is stale, and whoever makes the next private folder beside it removes it, whatever was made there.
/// The number of a process would not do: another process may have it by now, and in containers many do at once.
///
/// Where a file system has no such locks, a folder stays until its maker removes it.
final class PrivateFolder: Sendable {
    /// Where it is.
    let path: String
    /// The open folder, which has the lock.
    private let descriptor: Int32

    /// The name in it of what is made.
    static let fileName = "new"

    private static let namePrefix = ".kith-temporary-"
    private static let nameDigits = 16
    /// Those of this process, for ``removeAll()``.
    private static let live = Mutex<Set<String>>([])

    /// Makes one in `folder`, where it removes stale ones first.
    init(in folder: String) throws(LMDBError) {
        PrivateFolder.removeStale(in: folder)
        while true {
            let digits = String(UInt64.random(in: 0...UInt64.max), radix: 16)
            let zeros = String(repeating: "0", count: PrivateFolder.nameDigits - digits.count)
            let path = folder + (folder.hasSuffix("/") ? "" : "/") + PrivateFolder.namePrefix + zeros + digits
            guard unsafe mkdir(path, 0o700) == 0 else {
                if errno == EEXIST { continue }
                throw LMDBError(code: errno)
            }
            let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            guard descriptor >= 0 else {
                let code = errno
                // Another took it for stale before it was locked.
                if code == ENOENT { continue }
                _ = unsafe rmdir(path)
                throw LMDBError(code: code)
            }
            let isTaken = flock(descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK
            if !isTaken, PrivateFolder.leads(path, to: descriptor) {
                self.path = path
                self.descriptor = descriptor
                _ = PrivateFolder.live.withLock { $0.insert(path) }
                return
            }
            close(descriptor)
        }
    }

    deinit {
        // What is made in most cases is removed by its name, also where no folder can be opened any more to be listed.
        for name in [PrivateFolder.fileName, PrivateFolder.fileName + "-lock"] {
            _ = unsafe unlinkat(descriptor, name, 0)
        }
        PrivateFolder.remove(path)
        _ = PrivateFolder.live.withLock { $0.remove(path) }
        close(descriptor)
    }

    /// Whether the folder of that name is the open one still.
    private static func leads(_ path: String, to descriptor: Int32) -> Bool {
        var (named, opened) = (stat(), stat())
        guard unsafe stat(path, &named) == 0, unsafe fstat(descriptor, &opened) == 0 else { return false }
        return named.st_dev == opened.st_dev && named.st_ino == opened.st_ino
    }
}

extension PrivateFolder {
    /// Removes the private folders in `folder` whose makers have ended.
    ///
    /// A folder that cannot be listed is one that nothing can be made in; that is said where it is tried.
    static func removeStale(in folder: String) {
        let parent = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard parent >= 0 else { return }
        defer { close(parent) }
        for name in names(in: parent) where isName(name) {
            let descriptor = unsafe openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            guard descriptor >= 0 else { continue }
            defer { close(descriptor) }
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { continue }
            removeContents(of: descriptor)
            _ = unsafe unlinkat(parent, name, AT_REMOVEDIR)
        }
    }

    /// Removes all private folders of this process, for a process that ends at once while its threads go on.
    static func removeAll() {
        for path in live.withLock({ $0 }) { remove(path) }
    }

    /// Whether a name is that of a private folder.
    static func isName(_ name: String) -> Bool {
        let digits = name.dropFirst(namePrefix.count)
        return name.hasPrefix(namePrefix) && digits.count == nameDigits
            && digits.allSatisfy { $0.isHexDigit && !$0.isUppercase }
    }

    /// Removes one with all that is in it. A thread that goes on may put more in meanwhile, but not without end; and what the
    /// system refuses once it may do the next time.
    private static func remove(_ path: String) {
        for _ in 0..<8 {
            let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            if descriptor >= 0 {
                removeContents(of: descriptor)
                close(descriptor)
            }
            if unsafe rmdir(path) == 0 || errno == ENOENT { return }
        }
    }

    /// Removes what is in an open folder. Goes by open folders alone and follows no links: whoever may write there cannot
    /// lead it elsewhere.
    private static func removeContents(of folder: Int32) {
        for name in names(in: folder) {
            if unsafe unlinkat(folder, name, 0) == 0 { continue }
            let inner = unsafe openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            guard inner >= 0 else { continue }
            removeContents(of: inner)
            close(inner)
            _ = unsafe unlinkat(folder, name, AT_REMOVEDIR)
        }
    }

    /// The names in an open folder; those that are no UTF-8 are none of ours.
    private static func names(in folder: Int32) -> [String] {
        // From its start, whoever has listed it before.
        let own = unsafe openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard own >= 0 else { return [] }
        guard let stream = unsafe fdopendir(own) else {
            close(own)
            return []
        }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                unsafe String(validating: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if let name, name != ".", name != ".." { names.append(name) }
        }
        return names
    }
}

import FoundationEssentials
import Glibc
import OperatingSystem
import Synchronization

/// A file, or a folder of files, that gets its name when it is whole.
///
/// Until then it has a name beside it that ends with the number of the process that makes it. What a process leaves that
/// is killed is removed by the next that makes something of that name.
enum UnfinishedFile {
    /// What stands between the name of a file and the number of the process that makes it.
    private static let newSuffix = ".making-"

    /// The same for a copy, as ``LMDB/Environment/copy(to:compacting:verify:)`` names it.
    private static let copySuffix = ".copying-"

    /// The same for what a load spills, in the moment in which such a file has a name.
    static let spillSuffix = ".spill-"

    /// What this process makes just now.
    private static let claimed = Mutex<Set<String>>([])

    /// Makes what is to have the name `path`: nobody else of this process does, and what others left is gone.
    ///
    /// - Parameter make: makes it under the name it is given, and gives it its own; what has the other name still when
    ///   this returns or throws is removed.
    /// - Throws: ``GraphStoreError/busy(path:reason:)`` when another thread is at it; what `make` throws.
    static func making<Result>(_ path: String, _ make: (_ temporary: String) throws -> Result) throws -> Result {
        guard claimed.withLock({ $0.insert(path).inserted }) else {
            throw GraphStoreError.busy(path: path, reason: "this process is making it already; wait for that")
        }
        defer { _ = claimed.withLock { $0.remove(path) } }
        removeLitter(of: path, [newSuffix, copySuffix, spillSuffix]) { $0 == getpid() || isDead($0) }
        let temporary = path + newSuffix + String(getpid())
        // That there is nothing left to remove is no matter; a store has a lock file, too.
        defer { for name in [temporary, temporary + "-lock"] { try? FileManager.default.removeItem(atPath: name) } }
        return try make(temporary)
    }

    /// Removes what processes left that were killed while they made something, or a copy, of this name.
    static func removeLitter(of path: String) {
        claimed.withLock { claimed in
            removeLitter(of: path, [newSuffix, spillSuffix]) { $0 == getpid() && !claimed.contains(path) || isDead($0) }
        }
        removeLitter(of: path, [copySuffix], ofProcesses: isDead)
    }

    /// Removes what this process has made so far of something of this name.
    static func discard(_ path: String) {
        removeLitter(of: path, [newSuffix, copySuffix, spillSuffix]) { $0 == getpid() }
    }

    private static func isDead(_ process: pid_t) -> Bool { kill(process, 0) != 0 && errno == ESRCH }

    /// Removes what has an unfinished name of `path`, and what belongs to it, of processes that `isOver` says are. In a
    /// container, the process before may have had the number of this one.
    private static func removeLitter(of path: String, _ suffixes: [String], ofProcesses isOver: (pid_t) -> Bool) {
        let folder = folder(of: path)
        let file = path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
        // A folder that cannot be listed is one that nothing can be made in; that is said where it is tried.
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        for prefix in suffixes.map({ file + $0 }) {
            for name in names where name.hasPrefix(prefix) {
                let digits = name.dropFirst(prefix.count).prefix { $0.isNumber }
                let rest = name.dropFirst(prefix.count + digits.count)
                guard let process = pid_t(digits), rest.isEmpty || rest.first == "." || rest.first == "-" else {
                    continue
                }
                if isOver(process) { try? FileManager.default.removeItem(atPath: folder + "/" + name) }
            }
        }
    }

    /// The folder that `path` is in.
    static func folder(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
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

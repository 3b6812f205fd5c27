import OperatingSystem
import Synchronization

/// Which files this process has open.
///
/// LMDB's locks belong to the process and to the lock file: two environments of one file, or a second descriptor of its
/// lock file, would drop them when the first of the two is closed.
final class EnvironmentRegistry: Sendable {
    static let shared = EnvironmentRegistry()

    private struct Entry {
        /// Nil while the last user has let go and the file is being closed.
        weak var environment: Environment?
    }

    private struct Files {
        var entries: [FileIdentity: Entry] = [:]
        /// By data file, the lock files of environments that are open.
        var held: [FileIdentity: FileIdentity] = [:]
        /// Lock files that one user in this process holds alone.
        var reserved: Set<FileIdentity> = []

        func isReserved(_ lockPath: String) throws(LMDBError) -> Bool {
            guard !reserved.isEmpty, let lock = try FileIdentity(lockPath) else { return false }
            return reserved.contains(lock)
        }
    }

    private let files = Mutex(Files())
    /// How often a file has been closed.
    private let closings = Monitor(0)

    /// Whether one user of this process has the lock file at `lockPath` alone.
    func isReserved(_ lockPath: String) throws(LMDBError) -> Bool {
        try files.withLock { files throws(LMDBError) in try files.isReserved(lockPath) }
    }

    /// The environment of `file`: the one that is open, or a new one by `open`, which is given the lock files that
    /// environments of this process hold, and answers nil where the file has lost its name.
    func environment(
        of file: FileIdentity, _ open: (_ heldHere: Set<FileIdentity>) throws(LMDBError) -> Environment?
    ) throws(LMDBError) -> Environment? {
        while true {
            let closed = closings.change { $0 }
            let result: Result<(environment: Environment?, isClosing: Bool), LMDBError> = files.withLock { files in
                do throws(LMDBError) {
                    if let entry = files.entries[file] {
                        return .success((entry.environment, entry.environment == nil))
                    }
                    let environment = try open(Set(files.held.values))
                    if let environment {
                        files.entries[file] = Entry(environment: environment)
                        files.held[file] = environment.lockFile
                    }
                    return .success((environment, false))
                } catch {
                    return .failure(error)
                }
            }
            let (environment, isClosing) = try result.get()
            if !isClosing { return environment }
            // Another thread is closing the file; its locks must be gone before they are taken anew.
            closings.wait(until: { $0 > closed }) { _ in }
        }
    }

    /// Runs `close` and forgets the file.
    func close(_ file: FileIdentity, _ close: () -> Void) {
        files.withLock { files in
            close()
            files.entries[file] = nil
            files.held[file] = nil
        }
        closings.change { $0 += 1 }
    }

    /// Takes the lock file at `lockPath` for the one user of `data`, which the user knows as `path`.
    ///
    /// - Throws: ``LMDBError/inUse(path:)`` when anybody has the data file open, or its lock file.
    func reserve(_ data: DataFile, lockPath: String, for path: String) throws(LMDBError) -> LockFile {
        try files.withLock { files throws(LMDBError) in
            guard files.entries[data.identity] == nil, try !files.isReserved(lockPath), try !data.isClaimed() else {
                throw .inUse(path: path)
            }
            let lock = try LockFile.prepare(
                for: data, at: lockPath, readersMax: Environment.Options().readersMax,
                heldHere: Set(files.held.values))
            guard let lock, lock.isAlone else { throw .inUse(path: path) }
            files.reserved.insert(lock.identity)
            return lock
        }
    }

    /// Lets others have a lock file that was reserved.
    func release(_ lock: consuming LockFile) {
        let identity = lock.identity
        lock.close()
        files.withLock { files in _ = files.reserved.remove(identity) }
    }
}

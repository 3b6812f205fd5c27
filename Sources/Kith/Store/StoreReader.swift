import Glibc
import LMDB

/// A place in the table of readers, which all processes that have a store open share.
///
/// A process keeps places for its next snapshots, so one that reads nothing now is no cause for worry. One that reads an old
/// state is: the file cannot use again what changed since.
public struct StoreReader: Sendable, Hashable {
    /// The process that has the place.
    public let process: Int
    /// The thread that took it, as pthread_self(3) names it; another of the process may read there by now.
    public let thread: UInt
    /// The number of the commit whose state is read; nil when nothing is read now.
    public let transaction: UInt64?
    /// How old that state is, in commits made since: no clock is kept in the table. Nil when nothing is read now.
    public let commitsBehind: Int?
    /// Whether there is a process of that number.
    public let isAlive: Bool
}

extension GraphStore {
    /// The places of readers that are taken, in all processes, this one's too.
    ///
    /// - Throws: ``GraphStoreError/storage(path:_:)``.
    public func readers() throws -> [StoreReader] {
        try GraphStore.translatingErrors(at: path) {
            try currentFile().environment.readers().map { reader in
                StoreReader(
                    process: Int(reader.process), thread: reader.thread, transaction: reader.transaction,
                    commitsBehind: reader.commitsBehind, isAlive: kill(reader.process, 0) == 0 || errno == EPERM)
            }
        }
    }

    /// Frees the places of readers whose process has died; answers how many.
    ///
    /// Seldom needed: opening a store does so, a reader that finds no place, and a writer now and then.
    /// - Throws: ``GraphStoreError/storage(path:_:)``.
    @discardableResult
    public func clearDeadReaders() throws -> Int {
        try GraphStore.translatingErrors(at: path) { try currentFile().environment.clearStaleReaders() }
    }
}

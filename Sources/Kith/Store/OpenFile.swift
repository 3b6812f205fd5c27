import Foundation
import LMDB
import Synchronization

/// A data file that a store has open: the environment, the tables, and what is computed from them.
///
/// It belongs to one data file for good. A store that follows a replacement takes another `OpenFile`, while snapshots keep
/// theirs until they end: ids, tables and caches of two data files never meet.
final class OpenFile: Sendable {
    let environment: Environment
    /// The path the store was opened by, made absolute: a change of the working folder changes nothing.
    let path: String
    /// What the store was opened with.
    let options: GraphStore.Options
    /// The tables of the greatest schema and the latest version met so far, and the counters of the last commit that was
    /// asked for.
    private let known: Mutex<(tables: StoreTables, counters: KnownCounters?)>
    /// What the rooms above keep with this file: one object of a type.
    private let companions = Mutex<[ObjectIdentifier: any AnyObject & Sendable]>([:])
    /// When ``path`` was last seen to lead here, in milliseconds of the system's coarse clock.
    private let lastLook: Atomic<Int>

    /// The counters of a commit, and the version of the file at that commit.
    private struct KnownCounters {
        let commit: UInt64
        let version: FormatVersion
        let counters: StoreCounters
    }

    /// Readers look at the path at most so often: a look is a system call.
    private static let lookMilliseconds = 100

    /// Opens the data file at `path`.
    init(_ path: String, options: GraphStore.Options, isLocked: Bool) throws {
        let (environment, tables) = try GraphStore.translatingErrors(at: path) {
            let environment = try StoreFile.open(path, options: options, isLocked: isLocked)
            return (environment, try StoreStructure.tables(of: environment, at: path, options.verification))
        }
        self.environment = environment
        known = Mutex((tables, nil))
        self.path = Environment.absolute(path)
        self.options = options
        lastLook = Atomic(OpenFile.milliseconds)
    }

    /// The tables of the greatest schema and the latest version met so far.
    var tables: StoreTables { known.withLock { $0.tables } }

    /// The counters of a commit, nil where it knows more tables; those of the last one asked for are kept.
    ///
    /// The next id of each kind is that behind the greatest in use: a reader sizes its memory by it.
    func counters(of tables: StoreTables, in transaction: borrowing ReadTransaction) throws -> StoreCounters? {
        let commit = transaction.id
        let last = known.withLock { $0.counters }
        if let last, last.commit == commit, last.version == tables.version,
            last.counters.edges.count == tables.edges.count, last.counters.kinds.count == tables.dictionaries.count
        {
            return last.counters
        }
        guard var counters = try StoreMeta.counters(of: tables, in: transaction) else { return nil }
        for dictionary in tables.dictionaries {
            let nextID = counters.kinds[dictionary.index].nextID
            counters.kinds[dictionary.index].nextID = try dictionary.idEnd(below: nextID, in: transaction)
        }
        let known = KnownCounters(commit: commit, version: tables.version, counters: counters)
        self.known.withLock { $0.counters = known }
        return counters
    }

    /// What a room above keeps with this file, caches and reused memory: made by `make` the first time that one of its type
    /// is asked for.
    func companion<Companion: AnyObject & Sendable>(_ make: () -> Companion) -> Companion {
        companions.withLock { companions in
            if let known = companions[ObjectIdentifier(Companion.self)] {
                return unsafe unsafeDowncast(known, to: Companion.self)
            }
            let made = make()
            companions[ObjectIdentifier(Companion.self)] = made
            return made
        }
    }

    /// Keeps tables, unless another thread knows more by now.
    func note(_ tables: StoreTables) {
        known.withLock { known in
            let isLater = tables.tableCount > known.tables.tableCount || tables.version > known.tables.version
            if isLater { known.tables = tables }
        }
    }
}

/// Whether the path still leads to the data file.
extension OpenFile {
    /// Whether the path leads to another file now, or to none. One system call.
    var isReplaced: Bool { !environment.isFile(at: path) }

    /// The same, asked of the system at most every ``lookMilliseconds``; for readers.
    var wasReplaced: Bool {
        let now = OpenFile.milliseconds
        guard now - lastLook.load(ordering: .relaxed) >= OpenFile.lookMilliseconds else { return false }
        if isReplaced { return true }
        lastLook.store(now, ordering: .relaxed)
        return false
    }

    private static var milliseconds: Int {
        var time = timespec()
        // Read from memory that the system shares, exact to its tick: some nanoseconds.
        unsafe clock_gettime(CLOCK_MONOTONIC_COARSE, &time)
        return time.tv_sec * 1_000 + time.tv_nsec / 1_000_000
    }
}

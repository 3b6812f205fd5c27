import Foundation
import Synchronization
import Testing

@testable import LMDB

/// What fork(2) and threads can do to an environment; each in a process of its own, because a failure ends it.
@Suite("Guards")
struct GuardTests {
    @Test("let the writers of many threads follow each other")
    func writersInTurn() async throws {
        let folder = try Folder()
        await #expect(processExitsWith: .success) { [path = folder.path + "/data" as String] in
            let environment = try Folder.open(path) { $0.durability = .none }
            let database: Database<UInt64> = try environment.openDatabase(named: "t", creating: true)
            let failures = Atomic(0)
            DispatchQueue.concurrentPerform(iterations: 4) { thread in
                for number in 0..<30_000 as Range<UInt64> {
                    do {
                        if number % 3 == 0 {
                            try beginAndAbort(environment)
                        } else {
                            try put([1], UInt64(thread) << 32 | number, database, in: environment)
                        }
                    } catch {
                        failures.add(1, ordering: .relaxed)
                    }
                }
            }
            guard failures.load(ordering: .relaxed) == 0 else { exit(2) }
            let count = try environment.beginRead().entryCount(in: database)
            exit(count == 4 * 20_000 ? 0 : 3)
        }
    }

    @Test("keep a forked child from ending a read of its parent")
    func forkedReader() async throws {
        let folder = try Folder()
        await #expect(processExitsWith: .success) { [path = folder.path + "/data" as String] in
            let environment = try Folder.open(path)
            let database: Database<UInt64> = try environment.openDatabase(named: "t", creating: true)
            let transaction = try environment.beginRead()
            let child = forkProcess()
            if child == 0 {
                _ = consume transaction
                _exit(0)
            }
            guard exitStatus(of: child) == 0 else { exit(2) }
            guard try environment.readers().map(\.commitsBehind) == [0] else { exit(3) }
            exit(try transaction.entryCount(in: database) == 0 ? 0 : 4)
        }
    }

    @Test("keep a forked child from committing or taking back a write of its parent", arguments: [false, true])
    func forkedWriter(commits: Bool) async throws {
        let folder = try Folder()
        await #expect(processExitsWith: .success) {
            [path = folder.path + "/data" as String, commits = commits as Bool] in
            let environment = try Folder.open(path)
            let database: Database<UInt64> = try environment.openDatabase(named: "t", creating: true)
            var transaction = try environment.beginWrite()
            try transaction.put(([1] as [UInt8]).span.bytes, forKey: 1, in: database)
            let child = forkProcess()
            if child == 0 {
                guard commits else {
                    _ = consume transaction
                    _exit(0)
                }
                do { try transaction.commit() } catch LMDBError.forked { _exit(0) }
                _exit(1)
            }
            guard exitStatus(of: child) == 0 else { exit(2) }
            // The child left no trace, neither in the file nor in the lock.
            guard try environment.beginRead().entryCount(in: database) == 0 else { exit(3) }
            try transaction.commit()
            try put([2], 2, database, in: environment)
            exit(try environment.beginRead().entryCount(in: database) == 2 ? 0 : 4)
        }
    }

    @Test("refuse what would wait for the write transaction of its own thread")
    func ownWriter() throws {
        let folder = try Folder()
        let environment = try folder.open()
        let database: Database<UInt64> = try environment.openDatabase(named: "t", creating: true)
        var transaction = try environment.beginWrite()
        try transaction.put(([1] as [UInt8]).span.bytes, forKey: 1, in: database)
        #expect(throws: LMDBError.writeInsideWrite) {
            let table: Database<UInt64> = try environment.openDatabase(named: "u", creating: true)
            _ = table
        }
        for compacting in [false, true] {
            #expect(throws: LMDBError.writeInsideWrite) {
                try environment.copy(to: folder.path + "/copy", compacting: compacting)
            }
        }
        let table: Database<UInt64> = try environment.openDatabase(named: "t", creating: false)
        try transaction.commit()
        #expect(try environment.beginRead().entryCount(in: table) == 1)
    }
}

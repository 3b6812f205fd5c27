import Foundation
import ProcessTesting
import Synchronization
import Testing

@testable import LMDB

@Suite("A reader")
struct ReaderTests {
    private static func open(_ path: String, places: Int) throws -> Environment {
        try Folder.open(path) { $0.readersMax = places }
    }

    /// A process that begins to read and is killed.
    private func killReader(of path: String, places: Int) async {
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String, places = places as Int] in
            let environment = try ReaderTests.open(path, places: places)
            let transaction = try environment.beginRead()
            kill(getpid(), SIGKILL)
            _ = transaction
        }
    }

    @Test("that was killed leaves its place, which the next that finds none takes")
    func killedReader() async throws {
        let folder = try Folder()
        let path = folder.path + "/data"
        let environment = try ReaderTests.open(path, places: 3)
        let database: Database<UInt64> = try environment.openDatabase(named: "t", creating: true)
        for _ in 0..<3 { await killReader(of: path, places: 3) }
        // Each reader that was opened cleared those before it; the last is there still.
        #expect(try environment.readers().count == 1)
        #expect(try environment.readers().allSatisfy { $0.process != getpid() })
        let first = try environment.beginRead()
        let second = try environment.beginRead()
        let third = try environment.beginRead()
        for transaction in [try first.entryCount(in: database), try second.entryCount(in: database)] {
            #expect(transaction == 0)
        }
        #expect(try third.entryCount(in: database) == 0)
        #expect(try environment.readers().map(\.process) == [getpid(), getpid(), getpid()])
        #expect(throws: LMDBError.readersFull) { try beginAndEnd(environment) }
    }

    @Test("that was killed is cleared when the file is opened")
    func clearedAtOpen() async throws {
        let folder = try Folder()
        let path = folder.path + "/data"
        await killReader(of: path, places: 8)
        let keeper = try ReaderTests.open(path, places: 8)
        #expect(try keeper.readers() == [])
        await killReader(of: path, places: 8)
        #expect(try keeper.readers().count == 1)
        #expect(try keeper.clearStaleReaders() == 1)
        #expect(try keeper.readers() == [])
    }

    @Test("by the writer's turn, where all places are taken, sees the free pages that a reader sees")
    func freePagesByTurn() throws {
        let folder = try Folder()
        let environment = try Folder.open(folder.path + "/data") {
            $0.readersMax = 1
            $0.readsAsWriter = true
        }
        let database: Database<UInt64> = try environment.openDatabase(named: "t", creating: true)
        var known: Set<Int> = []
        for round in 0..<40 as Range<UInt64> {
            // Long values are freed in runs of pages, so that the list takes pages of its own.
            for key in 0..<20 as Range<UInt64> {
                try put(Array(repeating: 1, count: Int(round * key) * 50 + 1), key, database, in: environment)
            }
            let reader = try environment.beginRead()
            let free = try reader.freeBytes()
            let byTurn = try environment.beginRead()
            #expect(try byTurn.freeBytes() == free)
            known.insert(free)
        }
        #expect(known.count > 3)
    }

    @Test("is as far behind as commits were made since it began")
    func commitsBehind() throws {
        let folder = try Folder()
        let environment = try folder.open()
        let database: Database<UInt64> = try environment.openDatabase(named: "t", creating: true)
        try put([1], 1, database, in: environment)
        let transaction = try environment.beginRead()
        let first = try #require(try environment.readers().first)
        #expect(first.process == getpid() && first.thread == UInt(pthread_self()) && first.commitsBehind == 0)
        for key in 0..<5 as Range<UInt64> { try put([1], key, database, in: environment) }
        let later = try environment.readers()
        #expect(later.map(\.commitsBehind) == [5] && later.map(\.transaction) == [first.transaction])
        let second = try environment.beginRead()
        let both = try environment.readers().compactMap(\.transaction)
        #expect(both == [first.transaction, first.transaction.map { $0 + 5 }])
        #expect(try second.entryCount(in: database) == 5)
        #expect(try transaction.entryCount(in: database) == 1)
    }

    @Test("that has ended keeps its place, and reads nothing there")
    func idlePlace() throws {
        let folder = try Folder()
        let environment = try folder.open()
        #expect(try environment.readers() == [])
        try beginAndEnd(environment)
        let readers = try environment.readers()
        #expect(readers.count == 1)
        #expect(readers.allSatisfy { $0.transaction == nil && $0.commitsBehind == nil })
    }

    @Test("that holds on is told of, once, by the next writer")
    func longReader() throws {
        let folder = try Folder()
        let told = Mutex<[Double]>([])
        let environment = try folder.open("data") { options in
            options.longReadSeconds = 0
            options.onLongRead = { read in told.withLock { $0.append(read.seconds) } }
        }
        let database: Database<UInt64> = try environment.openDatabase(named: "t", creating: true)
        try put([1], 1, database, in: environment)
        #expect(told.withLock { $0 } == [])
        let transaction = try environment.beginRead()
        for key in 0..<3 as Range<UInt64> { try put([1], key, database, in: environment) }
        let seconds = told.withLock { $0 }
        #expect(seconds.count == 1 && seconds.allSatisfy { $0 > 0 })
        #expect(try transaction.entryCount(in: database) == 1)
    }

    @Test("that holds on is told of from the set age on, and not where nobody wants to know")
    func longReaderAge() throws {
        let folder = try Folder()
        let environment = try folder.open()
        let database: Database<UInt64> = try environment.openDatabase(named: "t", creating: true)
        let begin = ContinuousClock.now
        let transaction = try environment.beginRead()
        let began = ContinuousClock.now
        environment.reading.withLock { readers in
            func long(_ time: ContinuousClock.Instant, _ longReadSeconds: Double?) -> Int {
                readers.dues(at: time, longReadSeconds: longReadSeconds).long.count
            }
            #expect(long(begin + .seconds(10), 10) == 0)
            #expect(long(began + .seconds(3_600), nil) == 0)
            #expect(long(began + .seconds(3_601), 10) == 1)
            #expect(long(began + .seconds(3_603), 10) == 0)
        }
        #expect(try transaction.entryCount(in: database) == 0)
    }

    @Test("that died is looked for by writers, not more often than every 30 seconds")
    func clearingInterval() {
        var readers = Environment.Readers()
        let now = ContinuousClock.now
        let clears = [1, 29, 31, 32, 60, 62, 63].filter { seconds in
            readers.dues(at: now + .seconds(seconds), longReadSeconds: nil).mustClear
        }
        #expect(clears == [31, 62])
    }

    @Test("in a forked child is refused, and so is a writer; the parent goes on")
    func fork() async throws {
        let folder = try Folder()
        let path = folder.path + "/data"
        await #expect(processExitsWith: .success) { [path = path as String] in
            let environment = try Folder.open(path)
            let database: Database<UInt64> = try environment.openDatabase(named: "t", creating: true)
            let child = forkProcess()
            if child == 0 {
                var refusals = 0
                do { _ = try environment.beginRead() } catch LMDBError.forked { refusals += 1 } catch {}
                do { _ = try environment.beginWrite() } catch LMDBError.forked { refusals += 1 } catch {}
                _exit(refusals == 2 ? 0 : 1)
            }
            guard exitStatus(of: child) == 0 else { exit(2) }
            try put([7], 7, database, in: environment)
            let transaction = try environment.beginRead()
            let value = bytes(try transaction.value(forKey: 7, in: database))
            guard value == [7] else { exit(4) }
            exit(0)
        }
    }
}

@Suite("A writer")
struct WriterTests {
    @Test("that begins again on its thread is refused, and one that ends on another thread stops the process")
    func threads() async throws {
        let folder = try Folder()
        let environment = try folder.open()
        do {
            let transaction = try environment.beginWrite()
            #expect(throws: LMDBError.writeInsideWrite) { try beginAndAbort(environment) }
            _ = transaction
        }
        try beginAndAbort(environment)

        let path = folder.path + "/other"
        await #expect(processExitsWith: .failure) { [path = path as String] in
            /// Takes a transaction where the compiler would not let it go.
            final class Smuggler: @unchecked Sendable {
                var transaction: WriteTransaction?
            }
            let environment = try Folder.open(path)
            let smuggler = Smuggler()
            smuggler.transaction = try environment.beginWrite()
            let thread = Thread {
                try? smuggler.transaction.take()?.commit()
                exit(0)
            }
            thread.start()
            // The thread ends the process, one way or the other.
            while true { pause() }
        }
    }
}

@Suite("A file that another process let grow")
struct ResizeTests {
    private static let mebibyte = 1 << 20

    /// Writes four mebibytes.
    private static func fill(_ path: String) throws {
        let environment = try Folder.open(path) { $0.mapSizeMax = 64 << 20 }
        let database: Database<UInt64> = try environment.openDatabase(named: "t", creating: true)
        var transaction = try environment.beginWrite()
        for key in 100..<2_100 as Range<UInt64> {
            try transaction.put([UInt8](repeating: 9, count: 2_000).span.bytes, forKey: key, in: database)
        }
        try transaction.commit()
    }

    /// Another process writes four mebibytes.
    private func grow(_ path: String) async {
        await #expect(processExitsWith: .success) { [path = path as String] in
            try ResizeTests.fill(path)
            exit(0)
        }
    }

    @Test("is followed by readers and writers, and nothing is lost", arguments: [false, true])
    func followed(asWriter: Bool) async throws {
        let folder = try Folder()
        let environment = try folder.open("data") { $0.mapSizeMax = ResizeTests.mebibyte }
        let database: Database<UInt64> = try environment.openDatabase(named: "t", creating: true)
        try put([5], 1, database, in: environment)
        // A place that is kept for the next reader, and must follow too.
        _ = try environment.beginRead()
        await grow(folder.path + "/data")
        if asWriter { try put([6], 2, database, in: environment) }
        let transaction = try environment.beginRead()
        #expect(try transaction.entryCount(in: database) == (asWriter ? 2_002 : 2_001))
        #expect(bytes(try transaction.value(forKey: 1, in: database)) == [5])
        #expect(bytes(try transaction.value(forKey: 2_099, in: database))?.count == 2_000)
    }

    @Test("cannot be followed while this process reads: that is said, after a while, and passes when it has read")
    func refused() async throws {
        let folder = try Folder()
        let environment = try folder.open("data") {
            $0.mapSizeMax = ResizeTests.mebibyte
            $0.resizeWaitSeconds = 0.05
        }
        let database: Database<UInt64> = try environment.openDatabase(named: "t", creating: true)
        try put([5], 1, database, in: environment)
        do {
            let held = try environment.beginRead()
            await grow(folder.path + "/data")
            #expect(throws: LMDBError.mapResized) { try beginAndEnd(environment) }
            #expect(throws: LMDBError.mapResized) { try beginAndAbort(environment) }
            #expect(bytes(try held.value(forKey: 1, in: database)) == [5])
        }
        #expect(try environment.beginRead().entryCount(in: database) == 2_001)
    }

    @Test("is followed by threads that meet it at once, none waiting for another")
    func followedByMany() async throws {
        let folder = try Folder()
        let environment = try folder.open("data") {
            $0.mapSizeMax = ResizeTests.mebibyte
            $0.resizeWaitSeconds = 3_600
        }
        let database: Database<UInt64> = try environment.openDatabase(named: "t", creating: true)
        try put([5], 1, database, in: environment)
        let counts = Mutex<[Int]>([])
        let group = DispatchGroup()
        do {
            let held = try environment.beginRead()
            await grow(folder.path + "/data")
            for number in 0..<6 {
                let thread = Thread {
                    defer { group.leave() }
                    do {
                        let table: Database<UInt64> =
                            number < 3 ? database : try environment.openDatabase(named: "t", creating: number == 3)
                        let count = try environment.beginRead().entryCount(in: table)
                        counts.withLock { $0.append(count) }
                    } catch {
                        Issue.record(error)
                    }
                }
                group.enter()
                thread.start()
            }
            // One opens a table and keeps the next one from it; all others wait for the map.
            try waitUntil("five wait for the map") { environment.reading.withLock { $0.waiting } == 5 }
            #expect(counts.withLock { $0 } == [])
            #expect(try held.entryCount(in: database) == 1)
        }
        // The reader they all waited for has ended; had they counted each other, they would wait for an hour.
        try waitUntil("all have begun") { group.wait(timeout: .now()) == .success }
        #expect(counts.withLock { $0 } == Array(repeating: 2_001, count: 6))
    }

    @Test("and for which there is no address space left: every begin says so, and the file can be opened anew")
    func poisoned() async throws {
        let folder = try Folder()
        let path = folder.path + "/data"
        await #expect(processExitsWith: .success) { [path = path as String] in
            var ready: [Int32] = [-1, -1]
            guard pipe(&ready) == 0 else { exit(6) }
            let other = forkProcess()
            if other == 0 {
                var byte: UInt8 = 0
                guard read(ready[0], &byte, 1) == 1 else { _exit(2) }
                do { try ResizeTests.fill(path) } catch { _exit(1) }
                _exit(0)
            }
            do {
                let environment = try Folder.open(path) { $0.mapSizeMax = 1 << 20 }
                let database: Database<UInt64> = try environment.openDatabase(named: "t", creating: true)
                try put([5], 1, database, in: environment)
                _ = try environment.beginRead()
                guard write(ready[1], "!", 1) == 1, exitStatus(of: other) == 0 else { exit(5) }

                let pages = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")[0]
                var limit = rlimit()
                getrlimit(__rlimit_resource_t(9), &limit)
                let before = limit
                limit.rlim_cur = rlim_t((Int(pages) ?? 0) * Int(getpagesize()) + 1 << 20)
                guard setrlimit(__rlimit_resource_t(9), &limit) == 0 else { exit(2) }
                var refusals = 0
                for _ in 0..<2 {
                    do { try beginAndEnd(environment) } catch LMDBError.poisoned { refusals += 1 }
                    do { try beginAndAbort(environment) } catch LMDBError.poisoned { refusals += 1 }
                    do { _ = try environment.readers() } catch LMDBError.poisoned { refusals += 1 }
                    do { try environment.copy(to: path + ".copy", compacting: false) } catch LMDBError.poisoned {
                        refusals += 1
                    }
                }
                limit = before
                guard setrlimit(__rlimit_resource_t(9), &limit) == 0, refusals == 8 else { exit(3) }
            }
            let environment = try Folder.open(path)
            let database: Database<UInt64> = try environment.openDatabase(named: "t", creating: false)
            exit(try environment.beginRead().entryCount(in: database) == 2_001 ? 0 : 4)
        }
    }
}

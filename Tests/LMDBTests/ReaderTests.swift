import Foundation
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

    @Test("is as far behind as commits were made since it began")
    func commitsBehind() throws {
        let folder = try Folder()
        let environment = try folder.open()
        let database: Database<UInt64> = try environment.openDatabase(named: "t", creating: true)
        let transaction = try environment.beginRead()
        #expect(try environment.readers() == [.init(process: getpid(), commitsBehind: 0)])
        for key in 0..<5 as Range<UInt64> { try put([1], key, database, in: environment) }
        #expect(try environment.readers() == [.init(process: getpid(), commitsBehind: 5)])
        #expect(try transaction.entryCount(in: database) == 0)
    }

    @Test("that holds on is told of, once, by the next writer")
    func longReader() throws {
        let folder = try Folder()
        let told = Mutex<[Double]>([])
        let environment = try folder.open("data") { options in
            options.longReadSeconds = 0.05
            options.onLongRead = { read in told.withLock { $0.append(read.seconds) } }
        }
        let database: Database<UInt64> = try environment.openDatabase(named: "t", creating: true)
        let transaction = try environment.beginRead()
        try put([1], 1, database, in: environment)
        #expect(told.withLock { $0 } == [])
        for key in 0..<3 as Range<UInt64> {
            usleep(80_000)
            try put([1], key, database, in: environment)
        }
        let seconds = told.withLock { $0 }
        #expect(seconds.count == 1 && seconds.allSatisfy { $0 > 0.05 })
        #expect(try transaction.entryCount(in: database) == 0)
    }

    @Test("in a forked child is refused, and so is a writer; the parent goes on")
    func fork() async throws {
        let folder = try Folder()
        let path = folder.path + "/data"
        await #expect(processExitsWith: .success) { [path = path as String] in
            let environment = try Folder.open(path)
            let database: Database<UInt64> = try environment.openDatabase(named: "t", creating: true)
            // fork(2) is not offered to Swift; clone by way of the C library's symbol.
            typealias Fork = @convention(c) () -> pid_t
            guard let symbol = dlsym(nil, "fork") else { exit(3) }
            let child = unsafeBitCast(symbol, to: Fork.self)()
            if child == 0 {
                var refusals = 0
                do { _ = try environment.beginRead() } catch LMDBError.forked { refusals += 1 } catch {}
                do { _ = try environment.beginWrite() } catch LMDBError.forked { refusals += 1 } catch {}
                _exit(refusals == 2 ? 0 : 1)
            }
            var status: Int32 = -1
            waitpid(child, &status, 0)
            guard status == 0 else { exit(2) }
            try put([7], 7, database, in: environment)
            let transaction = try environment.beginRead()
            let value = bytes(try transaction.value(forKey: 7, in: database))
            guard value == [7] else { exit(4) }
            exit(0)
        }
    }
}

/// Begins to read and reads nothing.
private func beginAndEnd(_ environment: Environment) throws {
    let transaction = try environment.beginRead()
    _ = consume transaction
}

/// Begins to write and changes nothing.
private func beginAndAbort(_ environment: Environment) throws {
    let transaction = try environment.beginWrite()
    _ = consume transaction
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
            sleep(5)
            exit(0)
        }
    }
}

@Suite("A file that another process let grow")
struct ResizeTests {
    private static let mebibyte = 1 << 20

    /// Another process writes four mebibytes.
    private func grow(_ path: String) async {
        await #expect(processExitsWith: .success) { [path = path as String] in
            let environment = try Folder.open(path) { $0.mapSizeMax = 64 << 20 }
            let database: Database<UInt64> = try environment.openDatabase(named: "t", creating: true)
            var transaction = try environment.beginWrite()
            for key in 100..<2_100 as Range<UInt64> {
                try transaction.put([UInt8](repeating: 9, count: 2_000).span.bytes, forKey: key, in: database)
            }
            try transaction.commit()
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
}

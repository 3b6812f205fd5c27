import DiskTesting
import Foundation
import ProcessTesting
import Synchronization
import Testing

@testable import LMDB

@Suite("A copy")
struct CopyTests {
    private func filled(_ folder: Folder) throws -> (Environment, Database<UInt64>) {
        let environment = try folder.open()
        let database: Database<UInt64> = try environment.openDatabase(named: "t", creating: true)
        var transaction = try environment.beginWrite()
        for key in 0..<500 as Range<UInt64> {
            try transaction.put([UInt8](repeating: 4, count: 1_000).span.bytes, forKey: key, in: database)
        }
        try transaction.commit()
        return (environment, database)
    }

    @Test(
        "holds one state while a writer goes on, and is its owner's alone",
        arguments: [false, true])
    func whole(compacting: Bool) throws {
        let folder = try Folder()
        let (environment, database) = try filled(folder)
        chmod(folder.path + "/data", 0o644)
        let mayEnd = Atomic(false)
        let writer = OwnThread {
            var key: UInt64 = 1_000
            while !mayEnd.load(ordering: .relaxed) {
                try put([1], key, database, in: environment)
                key += 1
            }
        }
        defer { mayEnd.store(true, ordering: .relaxed) }
        var last = 500
        for number in 0..<5 {
            try waitUntil("more than \(last) keys are there") {
                try environment.beginRead().entryCount(in: database) > last
            }
            let path = folder.path + "/copy\(number)"
            try environment.copy(to: path, compacting: compacting)
            var status = stat()
            #expect(stat(path, &status) == 0)
            #expect(status.st_mode & 0o777 == 0o600)
            let copy = try Environment.open(at: path, options: .init())
            let table: Database<UInt64> = try copy.openDatabase(named: "t", creating: false)
            let transaction = try copy.beginRead()
            let count = try transaction.entryCount(in: table)
            #expect(count > last)
            last = count
            // Commits are one key each, in order: a state is a beginning of them.
            for key in 500..<count {
                let isThere = try transaction.value(forKey: UInt64(500 + key), in: table) != nil
                #expect(isThere)
            }
        }
        mayEnd.store(true, ordering: .relaxed)
        try writer.value()
    }

    @Test("overwrites nothing, and leaves nothing when it fails")
    func failures() throws {
        let folder = try Folder()
        let (environment, _) = try filled(folder)
        try Data([1]).write(to: URL(fileURLWithPath: folder.path + "/there"))
        #expect(throws: LMDBError.system(EEXIST)) {
            try environment.copy(to: folder.path + "/there", compacting: false)
        }
        #expect(throws: LMDBError.system(ENOENT)) {
            try environment.copy(to: folder.path + "/no/copy", compacting: false)
        }
        #expect(throws: CancellationError.self) {
            try environment.copy(to: folder.path + "/copy", compacting: false, isCancelled: { true })
        }
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == ["data", "data-lock", "there"])
    }

    @Test("of a table that has other entries than it says is refused, and nothing is left", arguments: [false, true])
    func unsound(compacting: Bool) throws {
        let folder = try Folder()
        do { _ = try filled(folder) }
        let url = URL(fileURLWithPath: folder.path + "/data")
        var data = try Data(contentsOf: url)
        // No key, page or length of the file is 500; the number of entries is.
        let (said, saysNow) = (Data([0xF4, 1, 0, 0, 0, 0, 0, 0]), Data([0xF5, 1, 0, 0, 0, 0, 0, 0]))
        var count = 0
        while let place = data.range(of: said, in: 8_192..<data.count) {
            data.replaceSubrange(place, with: saysNow)
            count += 1
        }
        #expect(count > 0)
        try data.write(to: url)
        let environment = try folder.open()
        let error = #expect(throws: LMDBError.self) {
            try environment.copy(to: folder.path + "/copy", compacting: compacting)
        }
        guard case .unsound("t", let problem) = error else {
            Issue.record("found \(String(describing: error))")
            return
        }
        #expect(problem.contains("says 501 entries") && problem.contains("500 entries in"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == ["data", "data-lock"])
    }

    @Test("has every table, and free pages only when it is not compacted", arguments: [false, true])
    func tables(compacting: Bool) throws {
        let folder = try Folder()
        let (environment, database) = try filled(folder)
        for name in ["a", "b", "c"] {
            let table: Database<Bytes> = try environment.openDatabase(named: name, creating: true)
            var transaction = try environment.beginWrite()
            for number in 0..<20 as Range<UInt8> {
                try transaction.put([number].span.bytes, forKey: Bytes(Array(name.utf8) + [number]), in: table)
            }
            try transaction.commit()
        }
        // Freed pages, which a compacting copy leaves out.
        var transaction = try environment.beginWrite()
        for key in 100..<500 as Range<UInt64> { try transaction.remove(key, in: database) }
        try transaction.commit()
        try environment.copy(to: folder.path + "/copy", compacting: compacting)
        let copy = try folder.open("copy")
        for name in ["a", "b", "c"] {
            let table: Database<Bytes> = try copy.openDatabase(named: name, creating: false)
            let reader = try copy.beginRead()
            #expect(try reader.entryCount(in: table) == 20)
            for number in 0..<20 as Range<UInt8> {
                let value = bytes(try reader.value(forKey: Bytes(Array(name.utf8) + [number]), in: table))
                #expect(value == [number])
            }
        }
        let table: Database<UInt64> = try copy.openDatabase(named: "t", creating: false)
        let reader = try copy.beginRead()
        #expect(try reader.entryCount(in: table) == 100)
        #expect(try reader.freeBytes() > 400 * 1_000 || compacting)
        #expect(try reader.freeBytes() == 0 || !compacting)
    }

    @Test(
        "to a disk that is full is refused",
        .enabled(if: SmallDisk.isPossible, "needs to mount a small file system, as root"), arguments: [false, true])
    func fullDisk(compacting: Bool) throws {
        let folder = try Folder()
        let (environment, _) = try filled(folder)
        let disk = try SmallDisk(bytes: 256 << 10)
        #expect(throws: LMDBError.diskFull) { try environment.copy(to: disk.path + "/copy", compacting: compacting) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: disk.path) == [])
    }
}

import DiskTesting
import Foundation
import Testing

@testable import LMDB

@Suite("A disk")
struct DiskTests {
    @Test(
        "that is full is named, and takes the same write when there is room again",
        .enabled(if: SmallDisk.isPossible, "needs to mount a small file system, as root"))
    func full() throws {
        let disk = try SmallDisk(bytes: 4 << 20)
        let environment = try Folder.open(disk.path + "/data")
        let database: Database<UInt64> = try environment.openDatabase(named: "t", creating: true)
        try put([1], 1, database, in: environment)
        let ballast = URL(fileURLWithPath: disk.path + "/ballast")
        try Data(count: 3 << 20).write(to: ballast)

        func write() throws {
            var transaction = try environment.beginWrite()
            for key in 10..<600 as Range<UInt64> {
                try transaction.put([UInt8](repeating: 3, count: 2_000).span.bytes, forKey: key, in: database)
            }
            try transaction.commit()
        }
        #expect(throws: LMDBError.diskFull) { try write() }
        #expect(try environment.beginRead().entryCount(in: database) == 1)
        try FileManager.default.removeItem(at: ballast)
        try write()
        let transaction = try environment.beginRead()
        #expect(try transaction.entryCount(in: database) == 591)
        #expect(bytes(try transaction.value(forKey: 1, in: database)) == [1])
    }

    @Test(
        "that is read-only lets itself be read, and not be written",
        .enabled(if: SmallDisk.isPossible, "needs to mount a small file system, as root"))
    func readOnly() throws {
        let disk = try SmallDisk(bytes: 4 << 20)
        do {
            let environment = try Folder.open(disk.path + "/data")
            let database: Database<UInt64> = try environment.openDatabase(named: "t", creating: true)
            try put([1], 1, database, in: environment)
        }
        try disk.remountReadOnly()
        #expect(throws: LMDBError.system(EROFS)) { try Folder.open(disk.path + "/data") }
        let environment = try Folder.open(disk.path + "/data") {
            $0.access = .readOnly
            $0.createsFile = false
        }
        let database: Database<UInt64> = try environment.openDatabase(named: "t", creating: false)
        let transaction = try environment.beginRead()
        #expect(bytes(try transaction.value(forKey: 1, in: database)) == [1])
    }

    @Test("has a file once, whatever its names")
    func names() throws {
        let folder = try Folder()
        let environment = try folder.open()
        try FileManager.default.createSymbolicLink(
            atPath: folder.path + "/soft", withDestinationPath: folder.path + "/data")
        try FileManager.default.linkItem(atPath: folder.path + "/data", toPath: folder.path + "/hard")
        #expect(try folder.open("soft") === environment)
        #expect(try folder.open("hard") === environment)
        #expect(try folder.open("../\((folder.path as NSString).lastPathComponent)/data") === environment)
        #expect(try folder.open("other") !== environment)
    }
}

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
        "holds one state while a writer goes on, has the permissions of the original, and is never half there",
        arguments: [false, true])
    func whole(compacting: Bool) throws {
        let folder = try Folder()
        let (environment, database) = try filled(folder)
        chmod(folder.path + "/data", 0o640)
        let isOver = DispatchSemaphore(value: 0)
        let writer = Thread {
            for key in 1_000..<1_200 as Range<UInt64> { try? put([1], key, database, in: environment) }
            isOver.signal()
        }
        writer.start()
        for number in 0..<5 {
            let path = folder.path + "/copy\(number)"
            try environment.copy(to: path, compacting: compacting)
            var status = stat()
            #expect(stat(path, &status) == 0)
            #expect(status.st_mode & 0o777 == 0o640)
            let copy = try Environment.open(at: path, options: .init())
            let table: Database<UInt64> = try copy.openDatabase(named: "t", creating: false)
            let transaction = try copy.beginRead()
            let count = try transaction.entryCount(in: table)
            #expect((500...700).contains(count))
            // Commits are one key each, in order: a state is a beginning of them.
            for key in 500..<max(count, 500) {
                let isThere = try transaction.value(forKey: UInt64(500 + key), in: table) != nil
                #expect(isThere)
            }
        }
        isOver.wait()
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(names.allSatisfy { !$0.contains(".copy-") })
    }

    @Test("overwrites nothing, and leaves nothing when it fails")
    func failures() throws {
        struct Refused: Error {}
        let folder = try Folder()
        let (environment, _) = try filled(folder)
        try Data([1]).write(to: URL(fileURLWithPath: folder.path + "/there"))
        #expect(throws: LMDBError.system(EEXIST)) {
            try environment.copy(to: folder.path + "/there", compacting: false)
        }
        #expect(throws: LMDBError.system(ENOENT)) {
            try environment.copy(to: folder.path + "/no/copy", compacting: false)
        }
        #expect(throws: Refused.self) {
            try environment.copy(to: folder.path + "/copy", compacting: false) { _ in throw Refused() }
        }
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == ["data", "data-lock", "there"])
    }

    @Test(
        "to a disk that is full is refused",
        .enabled(if: SmallDisk.isPossible, "needs to mount a small file system, as root"))
    func fullDisk() throws {
        let folder = try Folder()
        let (environment, _) = try filled(folder)
        let disk = try SmallDisk(bytes: 256 << 10)
        #expect(throws: LMDBError.diskFull) { try environment.copy(to: disk.path + "/copy", compacting: false) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: disk.path) == [])
    }
}

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
        disk.fill(bytesMax: 3 << 20)

        func write() throws {
            var transaction = try environment.beginWrite()
            for key in 10..<600 as Range<UInt64> {
                try transaction.put([UInt8](repeating: 3, count: 2_000).span.bytes, forKey: key, in: database)
            }
            try transaction.commit()
        }
        #expect(throws: LMDBError.diskFull) { try write() }
        #expect(try environment.beginRead().entryCount(in: database) == 1)
        disk.makeRoom()
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

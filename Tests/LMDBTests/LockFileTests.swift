import DiskTesting
import Foundation
import Testing

@testable import LMDB

/// A lock file serves one data file, is whole on the disk, and belongs to the data file's owner.
@Suite("A lock file")
struct LockFileTests {
    /// Fills a file by as many commits.
    private func fill(_ path: String, commits: UInt64) throws {
        let environment = try Folder.open(path)
        let database: Database<UInt64> = try environment.openDatabase(named: "t", creating: true)
        for key in 0..<commits { try put([1], key, database, in: environment) }
    }

    /// Commits of the old and of the new file: transaction numbers of equal parity and of unequal parity, the new file
    /// behind the old one and before it.
    static let commits: [[UInt64]] = [[3, 2], [3, 3], [2, 3], [3, 5], [1, 40], [2, 41], [41, 2], [40, 2]]

    @Test("of a replaced file that a process has open is not that of the new file", arguments: commits)
    func replacedElsewhere(commits: [UInt64]) async throws {
        let folder = try Folder()
        let path = folder.path + "/data"
        try fill(path, commits: commits[0])
        try fill(path + ".new", commits: commits[1])
        let old = try Folder.open(path)
        let oldTable: Database<UInt64> = try old.openDatabase(named: "t", creating: false)
        let transaction = try old.beginRead()
        await #expect(processExitsWith: .success) { [path = path as String, count = commits[1] as UInt64] in
            guard rename(path + ".new", path) == 0 else { exit(2) }
            let environment = try Folder.open(path)
            let table: Database<UInt64> = try environment.openDatabase(named: "t", creating: false)
            guard try environment.beginRead().entryCount(in: table) == count else { exit(3) }
            try put([1], 1_000, table, in: environment)
            exit(try environment.beginRead().entryCount(in: table) == count + 1 ? 0 : 4)
        }
        #expect(try transaction.entryCount(in: oldTable) == commits[0])
        _ = consume transaction
        // The old file is written by who has it, and the new file does not change.
        try put([1], 2_000, oldTable, in: old)
        let new = try Folder.open(path)
        #expect(new !== old)
        let newTable: Database<UInt64> = try new.openDatabase(named: "t", creating: false)
        #expect(try new.beginRead().entryCount(in: newTable) == commits[1] + 1)
        #expect(try old.beginRead().entryCount(in: oldTable) == commits[0] + 1)
    }

    @Test("is another for each of two files that one process has open by one name", arguments: commits)
    func replacedHere(commits: [UInt64]) async throws {
        let folder = try Folder()
        let path = folder.path + "/data"
        try fill(path, commits: commits[0])
        try fill(path + ".new", commits: commits[1])
        let old = try Folder.open(path)
        let oldTable: Database<UInt64> = try old.openDatabase(named: "t", creating: false)
        try put([1], 1_000, oldTable, in: old)
        try #require(rename(path + ".new", path) == 0)
        let new = try Folder.open(path)
        let newTable: Database<UInt64> = try new.openDatabase(named: "t", creating: false)
        for key in 2_000..<2_010 as Range<UInt64> {
            try put([1], key, newTable, in: new)
            try put([1], key, oldTable, in: old)
        }
        #expect(try new.beginRead().entryCount(in: newTable) == commits[1] + 10)
        #expect(try old.beginRead().entryCount(in: oldTable) == commits[0] + 11)
        let transaction = try new.beginRead()
        await #expect(processExitsWith: .success) { [path = path as String, count = commits[1] + 10 as UInt64] in
            let environment = try Folder.open(path)
            let table: Database<UInt64> = try environment.openDatabase(named: "t", creating: false)
            // The reader of the other process is seen, and what it reads is not used again.
            guard try environment.readers().contains(where: { $0.transaction != nil }) else { exit(2) }
            exit(try environment.beginRead().entryCount(in: table) == count ? 0 : 3)
        }
        #expect(try transaction.entryCount(in: newTable) == commits[1] + 10)
    }

    @Test("of a removed file that a process has open is not that of the next file of the name")
    func removed() async throws {
        let folder = try Folder()
        let path = folder.path + "/data"
        try fill(path, commits: 7)
        let old = try Folder.open(path)
        try #require(unlink(path) == 0)
        for count in 2...5 as ClosedRange<UInt64> {
            await #expect(processExitsWith: .success) { [path = path as String, count = count as UInt64] in
                let environment = try Folder.open(path)
                let table: Database<UInt64> = try environment.openDatabase(named: "t", creating: true)
                for key in 0..<count { try put([1], key, table, in: environment) }
                exit(try environment.beginRead().entryCount(in: table) == count ? 0 : 2)
            }
            let new = try Folder.open(path)
            let table: Database<UInt64> = try new.openDatabase(named: "t", creating: false)
            #expect(try new.beginRead().entryCount(in: table) == count)
            try #require(unlink(path) == 0)
        }
        let table: Database<UInt64> = try old.openDatabase(named: "t", creating: false)
        #expect(try old.beginRead().entryCount(in: table) == 7)
    }

    @Test("that was removed, or has another name because the data file has, keeps other processes from an open file")
    func otherLockFile() async throws {
        let folder = try Folder()
        let path = folder.path + "/data"
        try fill(path, commits: 3)
        let environment = try Folder.open(path)
        try FileManager.default.linkItem(atPath: path, toPath: folder.path + "/hard")
        try #require(unlink(path + "-lock") == 0)
        for name in ["hard", "data"] {
            await #expect(processExitsWith: .success) { [path = folder.path + "/" + name as String] in
                do { _ = try Folder.open(path) } catch LMDBError.otherLockFile { exit(0) }
                exit(2)
            }
            #expect(!FileManager.default.fileExists(atPath: folder.path + "/" + name + "-lock"))
            await #expect(processExitsWith: .success) { [path = folder.path + "/" + name as String] in
                do { try Environment.withExclusiveUse(of: path) {} } catch LMDBError.inUse { exit(0) }
                exit(2)
            }
            #expect(throws: LMDBError.inUse(path: folder.path + "/" + name)) {
                try Environment.withExclusiveUse(of: folder.path + "/" + name) {}
            }
        }
        let table: Database<UInt64> = try environment.openDatabase(named: "t", creating: false)
        try put([1], 1_000, table, in: environment)
        #expect(try environment.beginRead().entryCount(in: table) == 4)
    }

    @Test("is let go of by who closes the data file, also where a forked child has the same descriptors")
    func forked() async throws {
        let folder = try Folder()
        await #expect(processExitsWith: .success) { [path = folder.path + "/data" as String] in
            var environment: Environment? = try Folder.open(path)
            let child = forkProcess()
            if child == 0 { while true { pause() } }
            environment = nil
            unlink(path + "-lock")
            environment = try Folder.open(path)
            kill(child, SIGKILL)
            exit(exitStatus(of: child) == SIGKILL && environment != nil ? 0 : 2)
        }
    }

    @Test("without a record, as LMDB makes it, is shared while it is held, and taken over when it is not")
    func withoutRecord() async throws {
        let folder = try Folder()
        let path = folder.path + "/data"
        try fill(path, commits: 3)
        let size = try #require(try size(path + "-lock"))
        try #require(truncate(path + "-lock", off_t(size - 24)) == 0)
        do {
            let environment = try Folder.open(path)
            #expect(try self.size(path + "-lock") == size)
            // Without opening it: the descriptor's end would be the end of the process's locks.
            try #require(truncate(path + "-lock", off_t(size - 24)) == 0)
            let transaction = try environment.beginRead()
            await #expect(processExitsWith: .success) { [path = path as String] in
                let environment = try Folder.open(path)
                let table: Database<UInt64> = try environment.openDatabase(named: "t", creating: false)
                try put([1], 1_000, table, in: environment)
                exit(try environment.readers().contains { $0.transaction != nil } ? 0 : 2)
            }
            _ = consume transaction
            #expect(try self.size(path + "-lock") == size - 24)
        }
        try fill(path, commits: 1)
        #expect(try self.size(path + "-lock") == size)
    }

    @Test("has as many places for readers as whoever wanted most, all of them on the disk")
    func reserved() throws {
        let folder = try Folder()
        let path = folder.path + "/data"
        for (wanted, slots) in [(126, 127), (4, 127), (1_024, 1_024), (61, 1_024), (2_000, 2_000)] {
            _ = try Folder.open(path) { $0.readersMax = wanted }
            var status = stat()
            try #require(stat(path + "-lock", &status) == 0)
            // A record never begins a page: LMDB would leave the page mapped.
            #expect(Int(status.st_size) == 128 + 64 * slots + 24)
            #expect(Int(status.st_blocks) * 512 >= Int(status.st_size))
        }
        let environment = try Folder.open(path) { $0.readersMax = 4 }
        var transactions: [Int] = []
        func hold(_ count: Int) throws {
            guard count > 0 else { return }
            let transaction = try environment.beginRead()
            transactions.append(count)
            try hold(count - 1)
            _ = consume transaction
        }
        try hold(1_500)
        #expect(transactions.count == 1_500)
    }

    @Test(
        "belongs to the owner of the data file, whoever makes it",
        .enabled(if: getuid() == 0, "needs to give files away, as root"))
    func owner() async throws {
        let folder = try Folder()
        let path = folder.path + "/data"
        chmod(folder.path, 0o777)
        try fill(path, commits: 3)
        for isThere in [false, true] {
            // A lock file that the superuser made before is given back.
            if isThere { chown(path + "-lock", 0, 0) } else { unlink(path + "-lock") }
            try #require(chown(path, 65_534, 65_533) == 0 && chmod(path, 0o660) == 0)
            _ = try Folder.open(path)
            var status = stat()
            try #require(stat(path + "-lock", &status) == 0)
            #expect(status.st_uid == 65_534 && status.st_gid == 65_533 && status.st_mode & 0o777 == 0o660)
            await #expect(processExitsWith: .success) { [path = path as String] in
                guard setgid(65_533) == 0, setuid(65_534) == 0 else { exit(2) }
                let environment = try Folder.open(path)
                let table: Database<UInt64> = try environment.openDatabase(named: "t", creating: false)
                exit(try environment.beginRead().entryCount(in: table) == 3 ? 0 : 3)
            }
        }
        // A user makes none that would keep the owner out, but one that the group shares.
        for (mode, group, isMade) in [(0o666, 65_532, false), (0o666, 65_533, true)] as [(mode_t, gid_t, Bool)] {
            unlink(path + "-lock")
            chmod(path, mode)
            await #expect(processExitsWith: .success) {
                [path = path as String, group = group as gid_t, isMade = isMade as Bool] in
                guard setgroups(0, nil) == 0, setgid(group) == 0, setuid(1_234) == 0 else { exit(2) }
                do {
                    _ = try Folder.open(path)
                    exit(isMade ? 0 : 3)
                } catch LMDBError.lockOwner {
                    exit(isMade ? 4 : 0)
                }
            }
            #expect(FileManager.default.fileExists(atPath: path + "-lock") == isMade)
        }
    }

    @Test("is no other file that happens to have its name, and no data file has the name of a lock file")
    func otherFile() throws {
        let folder = try Folder()
        let path = folder.path + "/data"
        try fill(path, commits: 3)
        let text = Data("not to be written over: 128 bytes and more".utf8) + Data(count: 200)
        try text.write(to: URL(fileURLWithPath: path + "-lock"))
        #expect(throws: LMDBError.notALockFile(path: path + "-lock")) { try Folder.open(path) }
        #expect(throws: LMDBError.notALockFile(path: path + "-lock")) { try Environment.withExclusiveUse(of: path) {} }
        #expect(FileManager.default.contents(atPath: path + "-lock") == text)
        #expect(throws: LMDBError.lockFileName(path: folder.path + "/other-lock")) { try folder.open("other-lock") }
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/other-lock"))
    }

    @Test(
        "that finds no room on the disk is an error, not a signal, and leaves nothing",
        .enabled(if: SmallDisk.isPossible, "needs to mount a small file system, as root"), arguments: [false, true])
    func fullDisk(isReadOnly: Bool) async throws {
        let disk = try SmallDisk(bytes: 1 << 20)
        let path = disk.path + "/data"
        try fill(path, commits: 3)
        for isThere in [false, true] {
            // A lock file of LMDB's own making has holes. Emptied first: a process that is just being started may hold it open, and
            // with it the room that the disk is not to have.
            truncate(path + "-lock", 0)
            unlink(path + "-lock")
            if isThere {
                try Data().write(to: URL(fileURLWithPath: path + "-lock"))
                truncate(path + "-lock", 65_664)
            }
            disk.fill()
            await #expect(processExitsWith: .success) { [path = path as String, isReadOnly = isReadOnly as Bool] in
                do { _ = try Folder.open(path) { if isReadOnly { $0.access = .readOnly } } } catch LMDBError.diskFull {
                    exit(0)
                }
                exit(2)
            }
            #expect(FileManager.default.fileExists(atPath: path + "-lock") == isThere)
            disk.makeRoom()
            _ = try Folder.open(path)
        }
    }

    @Test("stands beside a file whose head cannot be read: that is the disk's error, not the file's")
    func unreadableHead() throws {
        let folder = try Folder()
        let path = folder.path + "/data"
        try fill(path, commits: 3)
        let descriptor = open(path, O_WRONLY)
        defer { close(descriptor) }
        #expect(throws: LMDBError.system(EBADF)) { try MetaPage.latest(of: descriptor, path) }
        // Its first page is never mapped.
        let memory = open("/proc/self/mem", O_RDONLY)
        defer { close(memory) }
        #expect(throws: LMDBError.system(EIO)) { try MetaPage.latest(of: memory, path) }
    }

    private func size(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
    }
}

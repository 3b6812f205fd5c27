import Foundation
import ProcessTesting
import Testing

@testable import LMDB

/// One file, several names and several users.
@Suite("A file that one uses alone")
struct ExclusiveUseTests {
    private func fill(_ path: String, count: UInt64) throws {
        let environment = try Folder.open(path)
        let database: Database<UInt64> = try environment.openDatabase(named: "t", creating: true)
        for key in 0..<count { try put([1], key, database, in: environment) }
    }

    @Test("cannot be opened by others of the same process, under any name, until it is done")
    func sameProcess() throws {
        let folder = try Folder()
        let path = folder.path + "/data"
        try fill(path, count: 3)
        try fill(folder.path + "/new", count: 5)
        let soft = folder.path + "/soft"
        try FileManager.default.createSymbolicLink(atPath: soft, withDestinationPath: path)
        try Environment.withExclusiveUse(of: path) {
            for name in [path, soft] {
                #expect(throws: LMDBError.inUse(path: name)) { try Folder.open(name) }
                #expect(throws: LMDBError.inUse(path: name)) { try Environment.withExclusiveUse(of: name) {} }
            }
            do {
                let environment = try Folder.open(path) {
                    $0.isLocked = false
                    $0.access = .readOnly
                }
                let database: Database<UInt64> = try environment.openDatabase(named: "t", creating: false)
                #expect(try environment.beginRead().entryCount(in: database) == 3)
                // Nor is one that has it without locks given away.
                #expect(throws: LMDBError.inUse(path: path)) { try Folder.open(path) }
            }
            try #require(rename(folder.path + "/new", path) == 0)
            #expect(throws: LMDBError.inUse(path: path)) { try Folder.open(path) }
        }
        let environment = try Folder.open(soft)
        let database: Database<UInt64> = try environment.openDatabase(named: "t", creating: false)
        #expect(try environment.beginRead().entryCount(in: database) == 5)
        #expect(throws: LMDBError.inUse(path: path)) { try Environment.withExclusiveUse(of: path) {} }
    }

    /// Whether somebody waits for a lock of a file, as /proc/locks tells (proc(5)).
    private func isAwaited(_ path: String) throws -> Bool {
        var status = stat()
        guard stat(path, &status) == 0 else { return false }
        return text(ofSystemFile: "/proc/locks").split(separator: "\n").contains { line in
            line.contains("-> FLOCK") && line.contains(":\(status.st_ino) ")
        }
    }

    @Test("and replaces is opened by who waited as what it is then", arguments: [false, true])
    func replacedMeanwhile(isReadOnly: Bool) async throws {
        let folder = try Folder()
        let path = folder.path + "/data"
        try fill(path, count: 3)
        try fill(path + ".new", count: 5)
        let holder = OwnThread {
            try Environment.withExclusiveUse(of: path) {
                try Data().write(to: URL(fileURLWithPath: path + ".held"))
                try waitUntil("another process waits for the lock") { try isAwaited(path) }
                guard rename(path + ".new", path) == 0 else { throw LMDBError.system(errno) }
                try Data().write(to: URL(fileURLWithPath: path + ".replaced"))
            }
        }
        await #expect(processExitsWith: .success) {
            [path = path as String, isReadOnly = isReadOnly as Bool] in
            try waitUntil("the file is held") { FileManager.default.fileExists(atPath: path + ".held") }
            let environment = try Folder.open(path) {
                if isReadOnly { $0.access = .readOnly }
            }
            let database: Database<UInt64> = try environment.openDatabase(named: "t", creating: false)
            guard FileManager.default.fileExists(atPath: path + ".replaced") else { exit(2) }
            exit(try environment.beginRead().entryCount(in: database) == 5 ? 0 : 3)
        }
        try holder.value()
    }

    @Test("is open in no program that is started by the process that has it open")
    func startedProgram() throws {
        let folder = try Folder()
        let path = folder.path + "/data"
        try fill(path, count: 3)
        let environment = try Folder.open(path)
        var count = 0
        for name in try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd") {
            let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/" + name)
            guard let target, target.hasPrefix(path), let descriptor = Int32(name) else { continue }
            count += 1
            #expect(fcntl(descriptor, F_GETFD) & FD_CLOEXEC != 0, "\(target)")
        }
        #expect(count > 0)
        withExtendedLifetime(environment) {}
    }

    @Test("has one lock file, whichever symbolic link it is opened by")
    func oneLock() async throws {
        let folder = try Folder()
        let path = folder.path + "/data"
        let environment = try Folder.open(path)
        let soft = folder.path + "/soft"
        try FileManager.default.createSymbolicLink(atPath: soft, withDestinationPath: path)
        await #expect(processExitsWith: .signal(SIGKILL)) { [soft = soft as String] in
            let environment = try Folder.open(soft)
            let transaction = try environment.beginRead()
            kill(getpid(), SIGKILL)
            _ = transaction
        }
        // The reader of the other process is seen here.
        #expect(try environment.readers().count == 1)
        #expect(!FileManager.default.fileExists(atPath: soft + "-lock"))
    }

    @Test("needs the right to: without it a file is refused to writers, and to readers unless they may lock")
    func permissions() async throws {
        let folder = try Folder()
        let path = folder.path + "/data"
        try fill(path, count: 3)
        chmod(path, 0o444)
        for (lockMode, isReadable) in [(0o444, false), (0o666, true)] as [(mode_t, Bool)] {
            chmod(path + "-lock", lockMode)
            await #expect(processExitsWith: .success) { [path = path as String, isReadable = isReadable as Bool] in
                // The superuser may everything; another may not.
                if getuid() == 0, setuid(65_534) != 0 { exit(2) }
                do {
                    _ = try Folder.open(path)
                    exit(3)
                } catch LMDBError.system(EACCES) {}
                do {
                    let environment = try Folder.open(path) { $0.access = .readOnly }
                    let database: Database<UInt64> = try environment.openDatabase(named: "t", creating: false)
                    let count = try environment.beginRead().entryCount(in: database)
                    exit(isReadable && count == 3 ? 0 : 4)
                } catch LMDBError.system(EACCES) {
                    exit(isReadable ? 5 : 0)
                }
            }
        }
    }

    @Test("is waited for by one who opens as long as the options say")
    func openWait() throws {
        let folder = try Folder()
        let path = folder.path + "/data"
        _ = try Folder.open(path)
        // As another process would hold it: by another opening of the file.
        let data = try DataFile(path, creating: false)
        #expect(try data.tryBeginSetUp())
        for wait in [Duration.zero, .milliseconds(3)] {
            #expect(throws: LMDBError.inUse(path: path)) { try Folder.open(path) { $0.openWait = wait } }
        }
        data.endSetUp()
        _ = try Folder.open(path) { $0.openWait = .zero }
    }
}

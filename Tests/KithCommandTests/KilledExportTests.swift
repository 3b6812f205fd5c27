import Foundation
import GraphTesting
import ProcessTesting
import Testing

/// `kith export` is killed at random moments: a file has its name when it is whole, and a folder when all its files are.
@Suite("An export that is killed", .serialized)
struct KilledExportTests {
    @Test(
        "leaves what was there or the whole of it, and no stale file after the next",
        arguments: [
            ["--edges", "follows", "--output", "out.csv"], ["--edges", "follows", "--output", "out.csv.gz"],
            ["--folder", "out"],
        ])
    func killed(arguments: [String]) throws {
        let folder = try LargeStore.copied()
        let out = try #require(arguments.last)
        let arguments = ["export", "large.kith"] + arguments
        func names() throws -> [String] {
            try folder.names().filter { $0.hasPrefix("out") || $0.hasPrefix(".") }
        }
        /// The bytes of the file, or of the files in the folder.
        func written() throws -> [Data] {
            let path = folder.file(out)
            let inside = try? FileManager.default.contentsOfDirectory(atPath: path).sorted()
            return try (inside?.map { path + "/" + $0 } ?? [path]).map {
                try Data(contentsOf: URL(fileURLWithPath: $0))
            }
        }
        let began = ContinuousClock.now
        #expect(try kith(in: folder, arguments: arguments).code == 0)
        let microseconds = UInt32((ContinuousClock.now - began) / .microseconds(1))
        let whole = try written()
        #expect(try names() == [out])

        /// Kills an export when `moment` has come; answers what is there then, after one that is not killed.
        func kill(errors: FileHandle = .nullDevice, more: [String] = [], at moment: (pid_t) throws -> Void) throws
            -> [String]
        {
            try FileManager.default.removeItem(atPath: folder.file(out))
            let process = Process()
            process.executableURL = try builtCommand()
            process.arguments = arguments + more
            process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
            process.standardOutput = FileHandle.nullDevice
            process.standardError = errors
            try process.run()
            try moment(process.processIdentifier)
            Glibc.kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
            let found = try names()
            if found.contains(out) {
                #expect(try written() == whole)
                try FileManager.default.removeItem(atPath: folder.file(out))
            }
            #expect(try kith(in: folder, arguments: arguments).code == 0)
            #expect(try names() == [out])
            #expect(try written() == whole)
            return found
        }

        var random = SplitMix64(seed: 79)
        for _ in 0..<Repetitions.of(4) {
            // Any moment will do, also one before the beginning or behind the end.
            _ = try kill { _ in usleep(UInt32.random(in: 0...microseconds + microseconds / 4, using: &random)) }
        }
        // In the middle: it waits to tell of its progress.
        let progress = try FullPipe(folder.file("progress"))
        let found = try kill(
            errors: try #require(FileHandle(forWritingAtPath: progress.path)), more: ["--progress", "json"]
        ) { process in try ProcessTree(process).waitUntilAsleep() }
        #expect(!found.contains(out) && found.count == 1)
    }
}

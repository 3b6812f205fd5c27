import Foundation
import GraphTesting
import Kith
import Testing

/// `kith load` is killed, or asked to stop, at random moments: the store is the old one or the new one, whole.
@Suite("A load that is ended", .serialized)
struct KilledLoadTests {
    private static let rounds = Repetitions.of(200)

    private func start(_ arguments: [String], errors: FileHandle = .nullDevice) throws -> Process {
        let process = Process()
        process.executableURL = try builtCommand()
        process.arguments = arguments
        process.standardOutput = FileHandle.nullDevice
        process.standardError = errors
        try process.run()
        return process
    }

    /// Edges from a to b of a random graph, `count` rows of text.
    private func rows(_ count: Int, _ random: inout SplitMix64) -> String {
        var text = ""
        for _ in 0..<count {
            let source = UInt64.random(in: 0..<2_000, using: &random)
            text += "\(source)\t\(UInt64.random(in: 2_000..<4_000, using: &random))\n"
        }
        return text
    }

    @Test("leaves the old store or the new one, and no litter after the next")
    func killed() throws {
        let folder = try TemporaryFolder()
        var random = SplitMix64(seed: 77)
        let (tiny, small, large) = (folder.file("tiny.tsv"), folder.file("small.tsv"), folder.file("large.tsv"))
        try rows(20, &random).write(toFile: tiny, atomically: true, encoding: .utf8)
        try rows(2_000, &random).write(toFile: small, atomically: true, encoding: .utf8)
        try rows(20_000, &random).write(toFile: large, atomically: true, encoding: .utf8)
        func load(_ file: String, _ store: String) -> [String] {
            ["load", store, "--edges", "follows=\(file)", "--memory", "8M"]
        }
        func count(_ store: String) throws -> Int {
            try GraphStore(opening: store).read { try $0.edgeCount(of: .follows) }
        }

        // How long an undisturbed load takes, and what it gives.
        let whole = folder.file("whole.kith")
        let began = ContinuousClock.now
        try start(load(large, whole)).waitUntilExit()
        let microseconds = UInt32((ContinuousClock.now - began) / .microseconds(1))
        let newCount = try count(whole)

        let base = folder.file("base.kith")
        try start(load(small, base)).waitUntilExit()
        let oldCount = try count(base)
        let both = folder.file("both.kith")
        try FileManager.default.copyItem(atPath: base, toPath: both)
        try start(load(large, both)).waitUntilExit()
        let bothCount = try count(both)

        var (unfinished, finished, littered) = (0, 0, 0)
        for round in 0..<KilledLoadTests.rounds {
            let isNew = round % 2 == 0
            let store = folder.file("s\(round).kith")
            func litter() throws -> [String] {
                try FileManager.default.contentsOfDirectory(atPath: folder.path)
                    .filter { $0.hasPrefix("s\(round).kith") && $0 != "s\(round).kith" && $0 != "s\(round).kith-lock" }
            }
            if !isNew { try FileManager.default.copyItem(atPath: base, toPath: store) }
            let process = try start(load(large, store))
            usleep(UInt32.random(in: 0...microseconds + microseconds / 4, using: &random))
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
            if isNew, !FileManager.default.fileExists(atPath: store) {
                unfinished += 1
            } else {
                let found = try count(store)
                #expect(isNew ? found == newCount : found == oldCount || found == bothCount)
                #expect(try GraphStore(opening: store).check().problems == [])
                if found == oldCount { unfinished += 1 } else { finished += 1 }
            }
            if try litter() != [] { littered += 1 }
            // The next load of that name clears what is left.
            let next = try start(load(tiny, store))
            next.waitUntilExit()
            #expect(next.terminationStatus == 0)
            #expect(try litter() == [], "round \(round)")
            for name in [store, store + "-lock"] { try FileManager.default.removeItem(atPath: name) }
        }
        let told: Comment = "\(unfinished) unfinished, \(finished) finished, \(littered) left litter"
        #expect(unfinished > 10 && finished > 0, "the moments do not reach before and behind the commit: \(told)")
        #expect(littered > 0, "no load was killed while it wrote a new store: \(told)")
    }

    @Test("by Ctrl-C exits with 130, says so, and leaves nothing", arguments: [SIGINT, SIGTERM])
    func interrupted(signal: Int32) throws {
        let folder = try TemporaryFolder()
        var random = SplitMix64(seed: 78)
        let input = folder.file("e.tsv")
        try rows(300_000, &random).write(toFile: input, atomically: true, encoding: .utf8)
        var interrupted = 0
        for round in 0..<6 {
            let errors = folder.file("errors")
            try Data().write(to: URL(fileURLWithPath: errors))
            let process = try start(
                ["load", folder.file("s.kith"), "--edges", "follows=\(input)"],
                errors: try #require(FileHandle(forWritingAtPath: errors)))
            usleep(UInt32(150_000 + 40_000 * round))
            kill(process.processIdentifier, signal)
            process.waitUntilExit()
            let message = try String(contentsOfFile: errors, encoding: .utf8)
            if process.terminationStatus == 130 {
                interrupted += 1
                #expect(message == "kith: interrupted; the store is as it was\n")
                #expect(
                    try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == ["e.tsv", "errors"])
            } else {
                #expect(process.terminationStatus == 0)
                for name in ["s.kith", "s.kith-lock"] { try? FileManager.default.removeItem(atPath: folder.file(name)) }
            }
        }
        #expect(interrupted > 0)
    }

    @Test("by Ctrl-C while it waits for input ends too")
    func interruptedWaiting() throws {
        let folder = try TemporaryFolder()
        let process = Process()
        process.executableURL = try builtCommand()
        process.arguments = ["load", folder.file("s.kith"), "--edges", "follows=-"]
        process.standardInput = Pipe()
        process.standardError = FileHandle.nullDevice
        try process.run()
        usleep(300_000)
        kill(process.processIdentifier, SIGINT)
        process.waitUntilExit()
        #expect(process.terminationStatus == 130)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [])
    }
}

import Foundation
import GraphTesting
import Kith
import ProcessTesting
import Testing

/// `kith load` is killed, or asked to stop, at random moments: the store is the old one or the new one, whole.
@Suite("A load that is ended", .serialized)
struct KilledLoadTests {
    private static let rounds = Repetitions.of(40)

    private func start(_ arguments: [String], input: Any? = nil, errors: FileHandle = .nullDevice) throws -> Process {
        let process = Process()
        process.executableURL = try builtCommand()
        process.arguments = arguments
        process.standardInput = input
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

    /// A store that a load is killed over: what it was, what it becomes, and the loads that make it so.
    private struct Scene {
        let folder: TemporaryFolder
        var (old, new, both) = (0, 0, 0)

        init(_ test: KilledLoadTests) throws {
            folder = try TemporaryFolder()
            var random = SplitMix64(seed: 77)
            for (name, count) in [("tiny", 20), ("small", 2_000), ("large", 20_000)] {
                try test.rows(count, &random).write(
                    toFile: folder.file(name + ".tsv"), atomically: true, encoding: .utf8)
            }
            for (name, inputs) in [("base", ["small"]), ("whole", ["large"]), ("both", ["small", "large"])] {
                for input in inputs { try test.start(load(input, name)).waitUntilExit() }
            }
            (old, new, both) = (try count("base"), try count("whole"), try count("both"))
        }

        func load(_ input: String, _ store: String) -> [String] {
            ["load", path(store), "--edges", "follows=\(folder.file(input)).tsv", "--memory", "8M"]
        }

        func path(_ store: String) -> String { folder.file(store + ".kith") }

        func count(_ store: String) throws -> Int {
            try GraphStore(opening: path(store)).read { try $0.edgeCount(of: .follows) }
        }

        /// The names that a load of `store` left, beside the store and its lock.
        func stale(_ store: String) throws -> [String] {
            try folder.names().filter {
                $0.hasPrefix(".")
                    || $0.hasPrefix(store + ".kith") && $0 != store + ".kith" && $0 != store + ".kith-lock"
            }
        }

        /// Looks at what a load of "large" left when it was killed, and lets another load tidy up; whether it had ended.
        func expectOldOrNew(_ store: String, isNew: Bool, _ test: KilledLoadTests) throws -> Bool {
            var hasEnded = false
            if FileManager.default.fileExists(atPath: path(store)) {
                let found = try count(store)
                #expect(isNew ? found == new : found == old || found == both)
                #expect(try GraphStore(opening: path(store)).check().problems == [])
                hasEnded = found != old
            } else {
                #expect(isNew)
            }
            let next = try test.start(load("tiny", store))
            next.waitUntilExit()
            #expect(next.terminationStatus == 0)
            #expect(try stale(store) == [])
            for name in [path(store), path(store) + "-lock"] where FileManager.default.fileExists(atPath: name) {
                try FileManager.default.removeItem(atPath: name)
            }
            return hasEnded
        }
    }

    @Test("at any moment leaves the old store or the new one, and no stale file after the next")
    func killed() throws {
        let scene = try Scene(self)
        var random = SplitMix64(seed: 78)
        let began = ContinuousClock.now
        try start(scene.load("large", "timed")).waitUntilExit()
        let microseconds = UInt32((ContinuousClock.now - began) / .microseconds(1))
        for round in 0..<KilledLoadTests.rounds {
            let isNew = round % 2 == 0
            if !isNew { try FileManager.default.copyItem(atPath: scene.path("base"), toPath: scene.path("s")) }
            let process = try start(scene.load("large", "s"))
            // Any moment will do, also one before the beginning or behind the end.
            usleep(UInt32.random(in: 0...microseconds + microseconds / 4, using: &random))
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
            _ = try scene.expectOldOrNew("s", isNew: isNew, self)
        }
    }

    @Test("when it tells of its progress leaves the same, each time it does", arguments: [true, false])
    func killedAtProgress(isNew: Bool) throws {
        let scene = try Scene(self)
        var (littered, hasEnded) = (0, false)
        // The load waits for room to tell more, and is killed there; one that has room for everything ends.
        for room in stride(from: 0, to: 4_000, by: 100) where !hasEnded {
            if !isNew { try FileManager.default.copyItem(atPath: scene.path("base"), toPath: scene.path("s")) }
            let progress = try FullPipe(scene.folder.file("progress\(room)"), room: room)
            let process = try start(
                scene.load("large", "s") + ["--progress", "json"],
                errors: try #require(FileHandle(forWritingAtPath: progress.path)))
            try waitUntil("the load has ended or tells more than \(room) bytes") {
                !process.isRunning || ProcessTree(process.processIdentifier).isAsleep
            }
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
            if try scene.stale("s") != [] { littered += 1 }
            let isDone = process.terminationReason == .exit
            hasEnded = try scene.expectOldOrNew("s", isNew: isNew, self)
            #expect(!isDone || hasEnded)
        }
        #expect(hasEnded, "no room was enough to end")
        #expect(!isNew || littered > 0, "no load was killed while it wrote a new store")
    }

    @Test("by Ctrl-C exits with 130, says so, and leaves nothing", arguments: [SIGINT, SIGTERM])
    func interrupted(signal: Int32) throws {
        let folder = try TemporaryFolder()
        var random = SplitMix64(seed: 78)
        try rows(20_000, &random).write(toFile: folder.file("e.tsv"), atomically: true, encoding: .utf8)
        // It waits to tell of its progress.
        let errors = try FullPipe(folder.file("errors"))
        let process = try start(
            ["load", folder.file("s.kith"), "--edges", "follows=\(folder.file("e.tsv"))", "--progress", "json"],
            errors: try #require(FileHandle(forWritingAtPath: errors.path)))
        let tree = ProcessTree(process.processIdentifier)
        let sleep = try tree.waitUntilAsleep()
        kill(process.processIdentifier, signal)
        try tree.waitUntilSignalHeard(after: sleep)
        errors.open()
        process.waitUntilExit()
        #expect(process.terminationStatus == 130)
        let said = errors.text.split(separator: "\n").filter { !$0.hasPrefix("{") }
        #expect(said == ["kith: interrupted; the store is as it was"])
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == ["e.tsv", "errors"])
    }

    @Test("by Ctrl-C while it waits for input ends too")
    func interruptedWaiting() throws {
        let folder = try TemporaryFolder()
        let process = try start(["load", folder.file("s.kith"), "--edges", "follows=-"], input: Pipe())
        try ProcessTree(process.processIdentifier).waitUntilAsleep()
        kill(process.processIdentifier, SIGINT)
        process.waitUntilExit()
        #expect(process.terminationStatus == 130)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [])
    }
}

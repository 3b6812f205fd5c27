import Foundation
import GraphTesting
import Kith
import Testing

@Suite("forget")
struct ForgetTests {
    private func contains(_ text: String, _ name: String, in folder: TemporaryFolder) throws -> Bool {
        try Data(contentsOf: URL(fileURLWithPath: folder.file(name))).range(of: Data(text.utf8)) != nil
    }

    @Test("takes a key or a file of keys, and leaves no byte of them that a removal leaves")
    func keys() throws {
        let folder = try TemporaryFolder()
        try write("alexandrina\tbartholomea\nalexandrina\tclementina\nclementina\tbartholomea\n", "e.tsv", in: folder)
        #expect(try kith(in: folder, "load", "s.kith", "--edges", "follows=e.tsv").code == 0)
        #expect(try kith(in: folder, "remove", "s.kith", "--node", "user", "alexandrina").code == 0)
        #expect(try contains("alexandrina", "s.kith", in: folder))
        try write("alexandrina\nclementina\nclementina\n", "leavers", in: folder)
        let outcome = try kith(in: folder, "forget", "s.kith", "user", "--from", "leavers", "--format", "json")
        #expect(outcome.code == 0 && outcome.errors == "")
        let answer = try outcome.object()
        #expect(answer["removed"] as? Int == 1)
        #expect(answer["missing"] as? [String] == ["alexandrina"])
        #expect(answer["edges"] as? Int == 1)
        #expect((answer["bytesOverwritten"] as? Int ?? 0) > 0)
        #expect(try !contains("alexandrina", "s.kith", in: folder))
        #expect(try !contains("clementina", "s.kith", in: folder))
        #expect(try contains("bartholomea", "s.kith", in: folder))
        #expect(try kith(in: folder, "check", "s.kith").code == 0)
        #expect(try kith(in: folder, "forget", "s.kith", "user", "bartholomea").code == 0)
        #expect(try !contains("bartholomea", "s.kith", in: folder))
        let wrong = [
            ["user"], ["user", "a", "--from", "leavers"], ["robot", "a"], ["user", "a", "--readers-wait", "-1"],
        ]
        for arguments in wrong {
            #expect(try kith(in: folder, arguments: ["forget", "s.kith"] + arguments).code == 64, "\(arguments)")
        }
    }

    @Test("says who reads an older state and that the node is removed; exit code 75, and 0 when it is done again")
    func reader() throws {
        let folder = try TemporaryFolder()
        try write("alexandrina\tbartholomea\n", "e.tsv", in: folder)
        #expect(try kith(in: folder, "load", "s.kith", "--edges", "follows=e.tsv").code == 0)
        let store = try GraphStore(opening: folder.file("s.kith"))
        try store.read { _ in
            let outcome = try kith(
                in: folder, "forget", "s.kith", "user", "alexandrina", "--readers-wait", "0", "--format", "json")
            #expect(outcome.code == 75)
            #expect(outcome.errors.contains("process \(getpid()) reads a state of 2 commits ago"))
            #expect(outcome.errors.contains("1 node is removed"))
            #expect(outcome.errors.contains("\"erasure-unfinished\""))
        }
        #expect(try store.read { try $0.id(of: "alexandrina") } == nil)
        #expect(try kith(in: folder, "forget", "s.kith", "user", "alexandrina").code == 0)
        #expect(try !contains("alexandrina", "s.kith", in: folder))
    }

    @Test("is heeded by a process that has written the key before, and writes on")
    func otherProcess() throws {
        let folder = try TemporaryFolder()
        try write("1\t2\n", "e.tsv", in: folder)
        #expect(try kith(in: folder, "load", "s.kith", "--edges", "follows=e.tsv").code == 0)
        let shell = Process()
        shell.executableURL = try builtCommand()
        shell.arguments = ["shell", folder.file("s.kith")]
        let (input, output) = (Pipe(), Pipe())
        (shell.standardInput, shell.standardOutput) = (input, output)
        shell.standardError = FileHandle.nullDevice
        try shell.run()
        defer { shell.terminate() }
        // Answers come one after the other; the last of some lines is waited for.
        func say(_ lines: [String]) throws {
            try input.fileHandleForWriting.write(
                contentsOf: Data((lines + ["degree 1 --format csv"]).joined(separator: "\n").utf8 + [10]))
            var answer = ""
            while !answer.contains("type,out,in") {
                let data = output.fileHandleForReading.availableData
                try #require(!data.isEmpty)
                answer += String(decoding: data, as: UTF8.self)
            }
        }
        try say((0..<60).map { "add follows alexandrina-\($0)-of-avalon 1" })
        try write((0..<60).map { "alexandrina-\($0)-of-avalon\n" }.joined(), "leavers", in: folder)
        #expect(try kith(in: folder, "forget", "s.kith", "user", "--from", "leavers").code == 0)
        #expect(try !contains("of-avalon", "s.kith", in: folder))
        try say((0..<40).map { "add follows \($0 * 7 + 5) \($0 + 3)" })
        #expect(try !contains("of-avalon", "s.kith", in: folder))
        #expect(try kith(in: folder, "check", "s.kith").code == 0)
    }

    @Test("is whole or not at all when it is killed, and finished by doing it again")
    func killed() throws {
        var random = SplitMix64(seed: 5)
        let folder = try TemporaryFolder()
        for round in 0..<Repetitions.of(4) {
            let path = folder.file("\(round).kith")
            let store = try GraphStore(creating: path)
            var reference = ReferenceGraph(schema: .social)
            let follows = try #require(Schema.social.edgeType(.follows))
            try store.write { graph in
                for number in 0..<1_000 as Range<UInt64> {
                    try graph.add(NodeKey(number), .follows, "alexandrina", at: Timestamp(rawValue: 1))
                    reference.add(follows, NodeKey(number), "alexandrina", .init(weight: 1, time: 1))
                }
            }
            let process = Process()
            process.executableURL = try builtCommand()
            process.arguments = ["forget", path, "user", "alexandrina"]
            process.standardOutput = FileHandle.nullDevice
            try process.run()
            // Either before the removal or, in each second round, after it; then some reads later.
            while round % 2 == 0, process.isRunning, try store.read({ try $0.id(of: "alexandrina") }) != nil {}
            for _ in 0..<Int.random(in: 1...2_000, using: &random) {
                _ = try store.read { try $0.id(of: "alexandrina") }
            }
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
            if try store.read({ try $0.id(of: "alexandrina") }) == nil {
                reference.removeNode("alexandrina", kind: .user)
            }
            #expect(try firstDifference(between: store, and: reference) == nil)
            #expect(try store.check().problems == [])
            try store.forget("alexandrina")
            #expect(try !contains("alexandrina", "\(round).kith", in: folder))
        }
    }
}

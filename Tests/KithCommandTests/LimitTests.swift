import Foundation
import GraphTesting
import Testing

/// Low limits of the system end a verb with one line that names the limit, and leave nothing behind.
@Suite("A limit of the system")
struct LimitTests {
    private static let verbs: [[String]] = [
        ["stats", "s.kith"], ["add", "s.kith", "follows", "1", "9"], ["remove", "s.kith", "follows", "1", "9"],
        ["recommend", "s.kith", "1", "--via", "follows"], ["neighbors", "s.kith", "1", "--via", "follows"],
        ["recommend", "s.kith", "--all", "--via", "follows", "--threads", "2"], ["check", "s.kith"],
        ["schema", "s.kith"],
        ["load", "new.kith", "--edges", "follows=e.tsv", "--threads", "2"],
        ["load", "s.kith", "--edges", "follows=e.tsv"],
        ["create", "new.kith"], ["backup", "s.kith", "new.kith"], ["backup", "s.kith", "new.kith", "--compact"],
        ["compact", "s.kith"], ["compact", "s.kith", "--reorder"], ["export", "s.kith", "--folder", "new"],
        ["export", "s.kith", "--edges", "follows", "--output", "new"], ["top", "s.kith", "--by", "pagerank"],
        ["shell", "s.kith"],
    ]

    /// Runs a verb in a shell that has lowered a limit.
    private func run(_ verb: [String], _ limit: String, in folder: TemporaryFolder) throws -> CommandOutcome {
        let output = folder.file(".output"), errors = folder.file(".errors")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        // The shell opens the files before the limit holds.
        process.arguments =
            [
                "-c", "exec > .output 2> .errors < /dev/null; \(limit) && exec \"$0\" \"$@\"", try builtCommand().path,
            ] + verb
        process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
        try process.run()
        process.waitUntilExit()
        return CommandOutcome(
            code: process.terminationStatus,
            signal: process.terminationReason == .uncaughtSignal ? process.terminationStatus : nil,
            output: try String(contentsOfFile: output, encoding: .utf8),
            errors: try String(contentsOfFile: errors, encoding: .utf8))
    }

    private func expectOneLine(_ name: String, _ limits: [String]) throws {
        let folder = try TemporaryFolder()
        try write((1...200).map { "\($0)\t\($0 % 7 + 300)\n" }.joined(), "e.tsv", in: folder)
        try #require(try kith(in: folder, "load", "s.kith", "--edges", "follows=e.tsv").code == 0)
        var refused = 0
        for limit in limits {
            for verb in LimitTests.verbs {
                let outcome = try run(verb, limit, in: folder)
                let told: Comment = "\(limit): \(verb.joined(separator: " ")): \(outcome)"
                #expect(outcome.signal == nil, told)
                // A file that cannot be opened to be read is missing, as far as the load can tell.
                #expect([0, 74].contains(outcome.code) || outcome.code == 66 && verb[0] == "load", told)
                if outcome.code != 0 {
                    refused += 1
                    #expect(outcome.errors.split(separator: "\n").count == 1 && outcome.errors.contains(name), told)
                }
                let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
                let made = names.filter { $0.hasPrefix("new") && !$0.hasSuffix("-lock") }
                #expect(made.isEmpty == (outcome.code != 0 || !verb.contains { $0.hasPrefix("new") }), told)
                for name in names where name.hasPrefix("new") {
                    try FileManager.default.removeItem(atPath: folder.file(name))
                }
            }
        }
        #expect(refused > limits.count)
    }

    @Test("on memory is named by every verb that meets it")
    func memory() throws {
        // The least that may do, and too little.
        try expectOneLine("`ulimit -v`", [524_288, 100_000].map { "ulimit -v \($0)" })
    }

    @Test("on open files is named by every verb that meets it")
    func openFiles() throws {
        try expectOneLine("`ulimit -n`", [4, 5, 7].map { "ulimit -n \($0)" })
    }
}

import Foundation
import GraphTesting
import ProcessTesting
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
        ["upgrade", "s.kith"], ["compact", "s.kith"], ["compact", "s.kith", "--reorder"],
        ["export", "s.kith", "--folder", "new"],
        ["forget", "s.kith", "user", "77"], ["swap", "c.kith", "d.kith"], ["readers", "s.kith", "--clear"],
        ["why", "s.kith", "1", "9"], ["similar", "s.kith", "1"], ["common", "s.kith", "1", "8", "--via", "follows"],
        ["path", "s.kith", "1", "301"], ["degree", "s.kith", "1"], ["edge", "s.kith", "follows", "1", "301"],
        ["schema", "s.kith", "--add-kind", "place"], ["recommend", "s.kith", "--users", "keys", "--via", "follows"],
        ["create", "new.kith", "--schema", "schema.json"],
        ["export", "s.kith", "--edges", "follows", "--output", "new"], ["top", "s.kith", "--by", "pagerank"],
        ["shell", "s.kith"],
    ]

    private func expectOneLine(_ name: String, _ limits: [String]) throws {
        let folder = try TemporaryFolder()
        try write((1...200).map { "\($0)\t\($0 % 7 + 300)\n" }.joined(), "e.tsv", in: folder)
        try write("", "nothing", in: folder)
        try write("1\n8\n", "keys", in: folder)
        try #require(try kith(in: folder, "load", "s.kith", "--edges", "follows=e.tsv").code == 0)
        try write(try kith(in: folder, "schema", "s.kith", "--format", "json").output, "schema.json", in: folder)
        let store = try Data(contentsOf: URL(fileURLWithPath: folder.file("s.kith")))
        var refused = 0
        for limit in limits {
            for name in ["s.kith", "c.kith", "d.kith"] {
                try store.write(to: URL(fileURLWithPath: folder.file(name)))
            }
            for verb in LimitTests.verbs {
                let outcome = try kith(in: folder, arguments: verb, input: "nothing", limit: limit)
                let told: Comment = "\(limit): \(verb.joined(separator: " ")): \(outcome)"
                #expect(outcome.signal == nil, told)
                #expect([0, 74].contains(outcome.code), told)
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

    @Test(
        "on memory is named by every verb that meets it",
        .enabled(if: !Sanitizer.isOn, "a sanitizer needs more address space than the limit leaves"))
    func memory() throws {
        // The least that may do, and too little.
        let kibibytes = Repetitions.factor > 1 ? Array(stride(from: 50_000, to: 700_000, by: 25_000)) : [100_000]
        try expectOneLine("`ulimit -v`", (kibibytes + [524_288]).map { "ulimit -v \($0)" })
    }

    @Test(
        "on memory that is met by the keys of a load ends it with one line, and nothing is loaded",
        .enabled(if: !Sanitizer.isOn, "a sanitizer needs more address space than the limit leaves"))
    func memoryOfKeys() throws {
        let folder = try TemporaryFolder()
        // Every row brings two keys; the table of so many takes 256 MiB while it grows, their numbering more.
        try write((0..<2_200_000).map { "\($0)\t\($0 + 5_000_000)\n" }.joined(), "e.tsv", in: folder)
        for limit in [600_000, 900_000] {
            let outcome = try kith(
                in: folder, arguments: ["load", "new.kith", "--edges", "follows=e.tsv"], limit: "ulimit -v \(limit)")
            #expect(outcome.code == 74 && outcome.errors.contains("the keys of the load need about"), "\(outcome)")
            #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome)")
            let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            #expect(!names.contains { $0.contains("new") }, "\(names)")
        }
    }

    @Test("on open files is named by every verb that meets it")
    func openFiles() throws {
        let counts = Repetitions.factor > 1 ? Array(3...24) : [4, 5, 7]
        try expectOneLine("`ulimit -n`", counts.map { "ulimit -n \($0)" })
    }

    @Test(
        "on the size of files ends no verb by a signal, and is named by those that change a store",
        .enabled(if: !Sanitizer.findsRaces, "ThreadSanitizer maps a file of its own, which the limit cuts short"))
    func fileSize() throws {
        let folder = try TemporaryFolder()
        try write((1...4_000).map { "\($0)\t\($0 % 7 + 300)\n" }.joined(), "e.tsv", in: folder)
        try #require(try kith(in: folder, "load", "s.kith", "--edges", "follows=e.tsv").code == 0)
        let store = try Data(contentsOf: URL(fileURLWithPath: folder.file("s.kith")))
        let verbs: [(verb: [String], isNamed: Bool)] = [
            (["load", "new.kith", "--edges", "follows=e.tsv"], true),
            (["load", "s.kith", "--edges", "interacts=e.tsv"], true),
            (["create", "new.kith"], true), (["compact", "s.kith"], false), (["backup", "s.kith", "new.kith"], false),
            (["export", "s.kith", "--edges", "follows", "--output", "new"], false),
        ]
        for (verb, isNamed) in verbs {
            let outcome = try kith(in: folder, arguments: verb, limit: "ulimit -f 20")
            let told: Comment = "\(verb.joined(separator: " ")): \(outcome)"
            #expect(outcome.signal == nil && outcome.code == 74, told)
            #expect(outcome.errors.split(separator: "\n").count == 1, told)
            if isNamed { #expect(outcome.errors.contains("`ulimit -f`"), told) }
            #expect(try Data(contentsOf: URL(fileURLWithPath: folder.file("s.kith"))) == store, told)
            let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            #expect(!names.contains { $0.hasPrefix("new") && !$0.hasSuffix("-lock") }, "\(verb): \(names)")
        }
        #expect(try kith(in: folder, "check", "s.kith").code == 0)
    }
}

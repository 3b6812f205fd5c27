import Foundation
import GraphTesting
import Testing

/// The command on a store that the last program of format version 3 has made.
@Suite("upgrade")
struct UpgradeTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try OlderStore.copy(to: folder.file("s.kith"))
        try write("1\t2\n", "e.tsv", in: folder)
        try write(
            "stats\nupgrade\nadd follows zoe alice\nupgrade\nexport --edges follows --output f.tsv\n", "script",
            in: folder)
    }

    private func version() throws -> Int? {
        try kith(in: folder, "stats", "s.kith", "--format", "json").object()["version"] as? Int
    }

    @Test("makes a store of version 3 one that is written to, and says so; one that is current stays as it is")
    func upgrade() throws {
        let before = try kith(in: folder, "export", "s.kith", "--edges", "interacts").output
        let outcome = try kith(in: folder, "upgrade", "s.kith", "--format", "json")
        #expect(outcome.code == 0 && outcome.errors == "")
        #expect(outcome.output == #"{"upgraded": true, "versionBefore": 3, "version": 4}"# + "\n")
        #expect(try version() == 4)
        #expect(try kith(in: folder, "check", "s.kith").code == 0)
        #expect(try kith(in: folder, "export", "s.kith", "--edges", "interacts").output == before && before.count > 100)
        #expect(try kith(in: folder, "add", "s.kith", "follows", "zoe", "alice").code == 0)
        let file = try Data(contentsOf: URL(fileURLWithPath: folder.file("s.kith")))
        let again = try kith(in: folder, "upgrade", "s.kith", "--format", "json")
        #expect(again.code == 0)
        #expect(again.output == #"{"upgraded": false, "versionBefore": 4, "version": 4}"# + "\n")
        #expect(try Data(contentsOf: URL(fileURLWithPath: folder.file("s.kith"))) == file)
        #expect(try kith(in: folder, "upgrade", "none.kith").code == 66)
    }

    @Test("is what verbs that write ask for, in one line; the file stays as it is")
    func refused() throws {
        let file = try Data(contentsOf: URL(fileURLWithPath: folder.file("s.kith")))
        for arguments in [
            ["add", "s.kith", "follows", "zoe", "alice"], ["remove", "s.kith", "follows", "alice", "bob"],
            ["remove", "s.kith", "--node", "user", "alice"], ["forget", "s.kith", "user", "alice"],
            ["load", "s.kith", "--edges", "follows=e.tsv"], ["schema", "s.kith", "--add-kind", "place"],
            ["compact", "s.kith", "--reorder"],
        ] {
            let outcome = try kith(in: folder, arguments: arguments + ["--format", "json"])
            #expect(outcome.code == 65, "\(arguments): \(outcome)")
            let lines = outcome.errors.split(separator: "\n")
            #expect(lines.count == 2 && lines[0].contains("kith upgrade"), "\(arguments): \(outcome.errors)")
            #expect(outcome.errors.contains(#""older-format-version""#))
        }
        #expect(try Data(contentsOf: URL(fileURLWithPath: folder.file("s.kith"))) == file)
    }

    @Test("is not needed to ask, check, copy, compact or export")
    func notNeeded() throws {
        for arguments in [
            ["stats", "s.kith"], ["check", "s.kith"], ["backup", "s.kith", "b.kith"], ["compact", "s.kith"],
            ["recommend", "s.kith", "alice", "--via", "follows"], ["neighbors", "s.kith", "alice", "--via", "friends"],
            ["export", "s.kith", "--folder", "dump"], ["schema", "s.kith"], ["readers", "s.kith", "--clear"],
        ] {
            let outcome = try kith(in: folder, arguments: arguments)
            #expect(outcome.code == 0, "\(arguments): \(outcome)")
        }
        #expect(try version() == 3)
        let stats = try kith(in: folder, "stats", "b.kith", "--format", "csv").output
        #expect(stats.contains("version,3\nfeatures to read,none\nfeatures to write,none\n"))
    }

    @Test("goes on in a shell that has the store open")
    func shell() throws {
        let outcome = try kith(in: folder, arguments: ["shell", "s.kith", "--format", "json"], input: "script")
        #expect(outcome.code == 0, "\(outcome.errors)")
        #expect(outcome.output.contains(#""upgraded": true"#) && outcome.output.contains(#""upgraded": false"#))
        #expect(try String(contentsOfFile: folder.file("f.tsv"), encoding: .utf8).contains("zoe\talice"))
        #expect(try version() == 4)
    }
}

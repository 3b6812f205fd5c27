import Foundation
import GraphTesting
import Kith
import Testing

/// How the command behaves at a terminal, and that it behaves differently elsewhere.
@Suite("At a terminal the command", .serialized)
struct TerminalTests {
    private func store() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        let long = String(repeating: "long-key-", count: 12)
        try write("1\t\(long)a\n1\t\(long)b\n\(long)a\t5\n\(long)b\t5\n\(long)b\t名前名前名前\n", "e.tsv", in: folder)
        #expect(try kith(in: folder, "load", "s.kith", "--edges", "follows=e.tsv").code == 0)
        return folder
    }

    @Test("shows no line longer than the terminal is wide, and elsewhere everything", arguments: [24, 40, 100])
    func width(columns: Int) throws {
        let folder = try store()
        for arguments in [
            ["recommend", "s.kith", "1"], ["neighbors", "s.kith", "1", "--via", "follows"], ["schema", "s.kith"],
            ["stats", "s.kith"], ["recommend", "s.kith", "--all", "--format", "table"],
        ] {
            let command = try CommandAtTerminal(in: folder, arguments, columns: columns)
            #expect(try command.end() == 0)
            let lines = command.lines
            #expect(lines.count > 1, "\(arguments)")
            for line in lines {
                let width = line.unicodeScalars.reduce(0) { $0 + ($1.value >= 0x2E80 ? 2 : 1) }
                #expect(width <= columns, "\(arguments): \(line)")
            }
        }
        let narrow = try CommandAtTerminal(in: folder, ["recommend", "s.kith", "1"], columns: columns)
        #expect(try narrow.end() == 0)
        #expect(narrow.lines[1].contains("…"))
        let piped = try kith(in: folder, "recommend", "s.kith", "1")
        #expect(piped.output.contains(String(repeating: "long-key-", count: 12) + "b"))
        #expect(!piped.output.contains("…"))
    }

    @Test("sets headings in bold, unless NO_COLOR or the terminal says no")
    func colour() throws {
        let folder = try store()
        func shown(_ environment: [String: String], output: String? = nil) throws -> String {
            let command = try CommandAtTerminal(
                in: folder, ["stats", "s.kith"], environment: environment, output: output)
            #expect(try command.end() == 0)
            return try output.map { try String(contentsOfFile: folder.file($0), encoding: .utf8) } ?? command.transcript
        }
        #expect(try shown([:]).hasPrefix("\u{1B}[1mwhat"))
        #expect(try shown(["NO_COLOR": ""]).hasPrefix("\u{1B}[1mwhat"))
        #expect(try shown(["NO_COLOR": "1"]).hasPrefix("what"))
        #expect(try shown(["TERM": "dumb"]).hasPrefix("what"))
        #expect(try shown([:], output: "out").hasPrefix("what"))
    }

    @Test("spells out control characters of keys, so that none moves the cursor")
    func controls() throws {
        let folder = try TemporaryFolder()
        #expect(try kith(in: folder, "create", "s.kith").code == 0)
        #expect(try kith(in: folder, "add", "s.kith", "follows", "a", "\u{1B}[2Jx\ny").code == 0)
        let command = try CommandAtTerminal(in: folder, ["neighbors", "s.kith", "a", "--via", "follows"])
        #expect(try command.end() == 0)
        #expect(command.transcript.contains("\\u{001B}[2Jx\\ny") || command.transcript.contains("\\u{1B}[2Jx\\ny"))
        #expect(!command.transcript.contains("\u{1B}[2J"))
    }

    @Test(
        "shows progress on a line that is gone at the end, and elsewhere none unless asked",
        arguments: [
            ["check", "large.kith"],
            ["backup", "large.kith", "copy.kith"], ["compact", "large.kith"], ["compact", "large.kith", "--reorder"],
            ["export", "large.kith", "--folder", "dump"],
            ["recommend", "large.kith", "--users", "users", "--limit", "1", "--output", "all.jsonl"],
        ])
    func progress(arguments: [String]) throws {
        let folder = try LargeStore.copied()
        let command = try CommandAtTerminal(in: folder, arguments, columns: 50, output: "out")
        #expect(try command.end() == 0, "\(command.transcript)")
        #expect(command.transcript.hasPrefix("\r\u{1B}[K"))
        #expect(command.transcript.hasSuffix("\r\u{1B}[K"))
        #expect(!command.lines.isEmpty)
        for line in command.lines { #expect(line.count < 50, "\(line)") }
        #expect(!(try String(contentsOfFile: folder.file("out"), encoding: .utf8)).contains("\u{1B}"))
    }

    @Test("shows of a load how each file was understood, in two lines where its progress was")
    func understood() throws {
        let folder = try LargeStore.copied()
        let arguments = ["load", "new.kith", "--edges", "follows=large.tsv"]
        let command = try CommandAtTerminal(in: folder, arguments, columns: 200, output: "out")
        #expect(try command.end() == 0, "\(command.transcript)")
        #expect(command.transcript.hasPrefix("\r\u{1B}[K"))
        let shown = try #require(command.transcript.components(separatedBy: "\r\u{1B}[K").last)
        let lines = shown.split(whereSeparator: \.isNewline)
        #expect(lines.count == 2, "\(shown)")
        #expect(lines.first?.hasPrefix("large.tsv: tsv; delimiter tab; ") == true, "\(shown)")
        #expect(lines.last?.contains(" rows; the first: ") == true, "\(shown)")
    }

    @Test("is told whom a verb waits for, when that takes long")
    func waiting() throws {
        let folder = try store()
        let held = try GraphStore(opening: folder.file("s.kith"))
        let command = try held.write { graph in
            try graph.addNode("held")
            let command = try CommandAtTerminal(in: folder, ["add", "s.kith", "follows", "1", "held"])
            try command.wait(for: "kith: waiting for process \(getpid()) (")
            return command
        }
        #expect(try command.end() == 0, "\(command.transcript)")
    }

    @Test("and without one shows progress when it is asked to, as a line or as JSON")
    func progressAsked() throws {
        let folder = try LargeStore.folder.get()
        #expect(try kith(in: folder, "check", "large.kith").errors == "")
        #expect(try kith(in: folder, "check", "large.kith", "--progress").errors.contains("checking  0%"))
        let json = try kith(in: folder, "check", "large.kith", "--progress", "json")
        let told = try json.errors.split(separator: "\n").map { line in
            try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        }
        #expect(told.first?["phase"] as? String == "proving" && told.first?["fraction"] as? Double == 0)
        #expect(told.contains { $0["phase"] as? String == "checking" })
        #expect(told.last?["fraction"] as? Double == 1)
    }

    @Test(
        "ends at Ctrl-C with 130, one line, the store as it was and nothing left behind",
        arguments: [
            ["load", "large.kith", "--edges", "friends=large.tsv"],
            ["load", "new.kith", "--edges", "friends=large.tsv"],
            ["recommend", "large.kith", "--all"], ["backup", "large.kith", "copy.kith"], ["check", "large.kith"],
            ["export", "large.kith", "--folder", "dump"],
            ["export", "large.kith", "--edges", "follows", "--output", "dump"],
            ["compact", "large.kith"], ["compact", "large.kith", "--reorder"],
        ])
    func interrupted(arguments: [String]) throws {
        let folder = try LargeStore.copied()
        #expect(try kith(in: folder, "stats", "large.kith").code == 0)
        let before = try contents(of: folder)
        // Results go elsewhere: the first text for the terminal is progress, and the command waits there.
        let command = try CommandAtTerminal(in: folder, arguments, output: "out", isStopped: true)
        try command.interruptAsleep()
        try command.resume()
        #expect(try command.end() == 130, "\(command.transcript)")
        let said = command.lines.filter { $0.hasPrefix("kith: ") }
        #expect(said.count == 1 && said[0].contains("interrupted"), "\(command.transcript)")
        // A terminal that was stopped may show its echo of the key behind that.
        #expect(command.lines.last { $0 != "^C" } == said.first)
        try? FileManager.default.removeItem(atPath: folder.file("out"))
        let after = try contents(of: folder)
        #expect(after.keys.sorted() == before.keys.sorted())
        #expect(after["large.kith"] == before["large.kith"])
    }

    @Test("answers users one by one, ends between two at Ctrl-C, and goes on behind them when it is told to")
    func resumed() throws {
        let folder = try LargeStore.copied()
        let users = try String(contentsOfFile: folder.file("users"), encoding: .utf8).split(separator: "\n").prefix(30)
        try write(users.joined(separator: "\n"), "users", in: folder)
        let request = [
            "recommend", "large.kith", "--users", "users", "--by", "pagerank", "--via", "follows", "--tolerance",
            "1e-6",
        ]
        // It waits to show that the first was answered.
        let command = try CommandAtTerminal(
            in: folder, request + ["--output", "some.jsonl"], output: "out", isStopped: true)
        try command.interruptAsleep()
        try command.resume()
        #expect(try command.end() == 130)
        #expect(command.lines.last?.contains("--resume") == true, "\(command.transcript)")
        func answers(_ name: String) throws -> [Substring] {
            try String(contentsOfFile: folder.file(name), encoding: .utf8).split(separator: "\n").map { line in
                line[..<(try #require(line.firstRange(of: ", \"milliseconds\""))).lowerBound]
            }
        }
        let some = try answers("some.jsonl")
        #expect((1..<users.count).contains(some.count))
        #expect(try kith(in: folder, arguments: request + ["--output", "some.jsonl", "--resume"]).code == 0)
        #expect(try kith(in: folder, arguments: request + ["--output", "all.jsonl"]).code == 0)
        #expect(try answers("some.jsonl") == answers("all.jsonl"))
        #expect(try answers("some.jsonl").count == users.count)
    }

    /// The files of a folder but for locks, which hold who reads now.
    private func contents(of folder: TemporaryFolder) throws -> [String: Data?] {
        return Dictionary(
            uniqueKeysWithValues: try folder.names().map { name in
                (name, name.hasSuffix("-lock") ? nil : FileManager.default.contents(atPath: folder.file(name)))
            })
    }
}

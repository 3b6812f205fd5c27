import Foundation
import GraphTesting
import Kith
import ProcessTesting
import Testing

/// `kith shell`, as a script and at a terminal.
@Suite("The shell", .serialized)
struct ShellTests {
    private func store() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try write("alice\tbob\nbob\tcarol\nalice\tdora\n12\t123\n123\tx y\n", "e.tsv", in: folder)
        #expect(try kith(in: folder, "load", "s.kith", "--edges", "follows=e.tsv").code == 0)
        return folder
    }

    private func run(_ script: String, in folder: TemporaryFolder, _ flags: String...) throws -> CommandOutcome {
        try write(script, "script", in: folder)
        return try kith(in: folder, arguments: ["shell", "s.kith"] + flags, input: "script")
    }

    @Test("runs a script line by line, with comments and quotes, on one open store")
    func script() throws {
        let folder = try store()
        let outcome = try run(
            """
            # whom alice follows
            degree alice --format csv   # in and out

            add follows 'x y' "it's"
            edge follows x\\ y it\\'s --format jsonl
            neighbors '12' --via follows --format csv
            load --edges follows=e.tsv --format json
            remove follows 'x y' "it's"
            """, in: folder)
        #expect(outcome.code == 0, "\(outcome.errors)")
        #expect(outcome.errors == "")
        let lines = outcome.output.split(separator: "\n")
        #expect(lines.first == "type,out,in" && lines.contains("follows,2,0"))
        #expect(lines.contains { $0.hasPrefix(#"{"from": "x y", "type": "follows", "to": "it's", "exists": true"#) })
        #expect(lines.contains("123,,"))
        #expect(lines.contains { $0.hasPrefix(#"{"edges": {"follows": 6}"#) })
        #expect(lines.suffix(2) == ["removed", "true"])
        #expect(try kith(in: folder, "check", "s.kith").code == 0)
    }

    @Test("ends a script at the first verb that fails, with its code")
    func failing() throws {
        let folder = try store()
        for (code, line) in [
            (66, "degree nobody"), (64, "neighbors alice --via folows"), (64, "nosuch"), (1, "edge follows bob alice"),
            (64, "create"), (64, "add 'x"), (64, "degree alice --formt json"), (66, "load --edges follows=none.tsv"),
            (73, "backup e.tsv"), (64, "load --edges follows=-"), (64, "recommend --users -"),
        ] as [(Int32, String)] {
            let outcome = try run("degree alice\n\(line)\nstats\n", in: folder)
            #expect(outcome.code == code, "\(line): \(outcome.errors)")
            #expect(outcome.output.hasPrefix("type"))
            #expect(!outcome.output.contains("bytes per edge"), "\(line)")
            #expect(code == 1 || outcome.errors.hasPrefix("kith: "), "\(line): \(outcome.errors)")
            #expect(outcome.errors.split(separator: "\n").count == (code == 1 ? 0 : 1), "\(line): \(outcome.errors)")
        }
        #expect(try run("exit\nnosuch\n", in: folder).code == 0)
        #expect(try kith(in: folder, arguments: ["shell", "none.kith"], input: "e.tsv").code == 66)
    }

    @Test("closes the store for a compaction and opens it again; its format is that of all verbs")
    func compaction() throws {
        let folder = try store()
        let outcome = try run("add follows a b\ncompact --reorder\ndegree b\ncheck\n", in: folder, "--format", "jsonl")
        #expect(outcome.code == 0, "\(outcome.errors)")
        for line in outcome.output.split(separator: "\n") {
            #expect(try JSONSerialization.jsonObject(with: Data(line.utf8)) is [String: Any])
        }
        #expect(outcome.output.contains(#"{"type": "follows", "out": 0, "in": 1}"#))
    }

    @Test("that proves its store has it proved by verbs apart, and by verbs that wait, too")
    func verification() throws {
        let folder = try store()
        for (verify, line) in [
            (false, "export --folder after"), (true, "export --folder after"), (true, "backup after"),
            (true, "compact"), (true, "load --edges follows=e.tsv"), (true, "add follows a b --wait 1"),
        ] {
            let shell = Process()
            let (input, errors) = (Pipe(), Pipe())
            shell.executableURL = try builtCommand()
            shell.currentDirectoryURL = URL(fileURLWithPath: folder.path)
            shell.arguments = ["shell", "s.kith"] + (verify ? ["--verify"] : [])
            (shell.standardInput, shell.standardError) = (input, errors)
            shell.standardOutput = FileHandle.nullDevice
            try shell.run()
            try input.fileHandleForWriting.write(contentsOf: Data("export --edges follows --output before\n".utf8))
            try waitUntil("the shell is open") { FileManager.default.fileExists(atPath: folder.file("before")) }
            let sound = try Data(contentsOf: URL(fileURLWithPath: folder.file("s.kith")))
            try flipPageNumbers(of: folder.file("s.kith"))
            try input.fileHandleForWriting.write(contentsOf: Data("\(line)\n".utf8))
            try input.fileHandleForWriting.close()
            let text = String(decoding: try errors.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
            shell.waitUntilExit()
            #expect(shell.terminationStatus == (verify ? 65 : 0), "\(line): \(text)")
            #expect(text.contains("damaged") == verify, "\(line): \(text)")
            for name in try FileManager.default.contentsOfDirectory(atPath: folder.path)
            where name == "before" || name == "after" || name.hasSuffix("-lock") {
                try FileManager.default.removeItem(atPath: folder.file(name))
            }
            try sound.write(to: URL(fileURLWithPath: folder.file("s.kith")))
        }
    }

    /// Changes what pages of keys say of their own number, which nothing but a proof reads.
    private func flipPageNumbers(of path: String) throws {
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        for page in stride(from: 2 * 4_096, to: bytes.count, by: 4_096)
        where bytes[page..<min(page + 4_096, bytes.count)].range(of: Data("carol".utf8)) != nil {
            bytes[page] = 0xEE
        }
        // The file itself: another in its place would be followed.
        let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
        try file.write(contentsOf: bytes)
        try file.close()
    }

    @Test("at a terminal edits lines, and remembers them, also for the next shell")
    func history() throws {
        let folder = try store()
        let first = try CommandAtTerminal(in: folder, ["shell", "s.kith"])
        try first.waitForPrompt()
        // Typed with a slip at the start, mended with Ctrl-A, Delete and Ctrl-E.
        try first.type("xdegree alice --format cs\u{1}\u{1B}[3~\u{5}v\r")
        try first.wait(for: "follows,2,0")
        try first.waitForPrompt()
        var seen = first.transcript
        try first.type("degree bob --format csv\r")
        try first.wait(for: "follows,1,1", after: seen)
        try first.waitForPrompt()
        seen = first.transcript
        // Up twice: the line before the last, again.
        try first.type("\u{1B}[A\u{1B}[A\r")
        try first.wait(for: "follows,2,0", after: seen)
        try first.waitForPrompt()
        seen = first.transcript
        // Ctrl-C gives a line up; Ctrl-D on an empty one ends.
        try first.type("nonsense\u{3}")
        try first.wait(for: "^C", after: seen)
        try first.waitForPrompt()
        try first.type("\u{4}")
        #expect(try first.end() == 0)
        #expect(!first.transcript.contains("there is no verb"))
        let kept = try String(contentsOfFile: folder.file("kith/history"), encoding: .utf8)
        let line = "degree alice --format csv"
        #expect(kept == "\(line)\ndegree bob --format csv\n\(line)\n")
        let mode = try FileManager.default.attributesOfItem(atPath: folder.file("kith/history"))[.posixPermissions]
        #expect(mode as? Int == 0o600)

        let second = try CommandAtTerminal(in: folder, ["shell", "s.kith"])
        try second.waitForPrompt()
        try second.type("\u{10}\r")
        try second.wait(for: "follows,2,0")
        try second.waitForPrompt()
        try second.type("exit\r")
        #expect(try second.end() == 0)
    }

    @Test("completes with Tab verbs, options, values, edge types, keys and files")
    func completion() throws {
        let folder = try store()
        let shell = try CommandAtTerminal(in: folder, ["shell", "s.kith"], columns: 100)
        for (typed, completed) in [
            ("nei", "neighbors "), ("degree al", "alice "), ("degree 12\t", "123"), ("degree x", "x\\ y "),
            ("neighbors alice --v\t", "--via"), ("neighbors alice --via fol", "follows "),
            ("common alice bob --via follows int\t", "interests"), ("recommend alice --score jac", "jaccard "),
            ("add fr", "friends "), ("add follows b", "bob "), ("remove follows bob ca", "carol "),
            ("load --edges fol", "follows="), ("load --edges follows=e.", "follows=e.tsv "), ("help nei", "neighbors "),
            ("stats --format js\t", "jsonl"), ("qu", "quit "), ("neighbors 'al", "alice "),
        ] {
            try shell.waitForPrompt()
            let seen = shell.transcript
            try shell.type(typed + "\t")
            // On the line, behind what was typed, or in the list below it.
            try shell.wait(for: completed, after: seen)
            try shell.type("\u{3}")
            try shell.wait(for: "^C", after: seen)
        }
        try shell.waitForPrompt()
        try shell.type("\u{4}")
        #expect(try shell.end() == 0)
    }

    @Test(
        "ends the verb that runs at Ctrl-C, not itself",
        arguments: [
            "recommend --all", "top --by pagerank --limit 9999", "export --edges follows", "check",
            "load --edges follows=input",
        ])
    func interrupted(verb: String) throws {
        let folder = try LargeStore.copied()
        func edgeCount() throws -> Int {
            try GraphStore(opening: folder.file("large.kith")).read { try $0.edgeCount(of: .follows) }
        }
        let before = try edgeCount()
        // The verb cannot go on: nothing comes from its input, and its output takes nothing.
        let input = try OpenInput(folder.file("input"), "1\t2\n")
        let output = try FullPipe(folder.file("output"))
        let shell = try CommandAtTerminal(in: folder, ["shell", "large.kith"], output: "output")
        try shell.waitForPrompt()
        try shell.type(verb + "\r")
        try shell.wait(for: "\r\n")
        try shell.interruptAsleep()
        // The shell does not wait for a verb that cannot go on.
        try shell.wait(for: "interrupted")
        output.open()
        input.end()
        let seen = shell.transcript
        try shell.waitForPrompt()
        try shell.type("degree nobody\r")
        try shell.wait(for: "kith: there is no user 'nobody'", after: seen)
        try shell.waitForPrompt()
        try shell.type("\u{4}")
        #expect(try shell.end() == 0)
        #expect(try edgeCount() == before)
    }

    @Test("as a script ends at Ctrl-C with 130")
    func interruptedScript() throws {
        let folder = try LargeStore.copied()
        try write("recommend --all\nstats\n", "script", in: folder)
        let output = try FullPipe(folder.file("output"))
        let process = Process()
        process.executableURL = try builtCommand()
        process.arguments = ["shell", folder.file("large.kith")]
        process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
        process.standardInput = try FileHandle(forReadingFrom: URL(fileURLWithPath: folder.file("script")))
        process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: output.path))
        let errors = Pipe()
        process.standardError = errors
        try process.run()
        let tree = ProcessTree(process.processIdentifier)
        let sleep = try tree.waitUntilAsleep()
        kill(process.processIdentifier, SIGINT)
        try tree.waitUntilSignalHeard(after: sleep)
        output.open()
        process.waitUntilExit()
        #expect(process.terminationStatus == 130)
        #expect(!output.text.contains("bytes per edge"))
        let said = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        #expect(said.hasPrefix("kith: interrupted") && said.split(separator: "\n").count == 1)
    }
}

import DiskTesting
import Foundation
import GraphTesting
import Testing

/// The command under and beside a replaced file.
@Suite("A store that is replaced under the command", .timeLimit(.minutes(10)))
struct SwapTests {
    /// A store of a chain of so many edges.
    private func make(_ name: String, edges: Int, in folder: TemporaryFolder) throws {
        try write((0..<edges).map { "\($0)\t\($0 + 1)\n" }.joined(), "\(name).tsv", in: folder)
        #expect(try kith(in: folder, "load", name, "--edges", "follows=\(name).tsv").code == 0)
    }

    private func edges(_ name: String, in folder: TemporaryFolder) throws -> Int? {
        let answer = try kith(in: folder, "stats", name, "--format", "json")
        return (try answer.object()["edges"] as? [String: Int])?["follows"]
    }

    /// A shell that has a store open, and what it says.
    private final class OpenShell {
        private let process = Process()
        private let questions = Pipe()
        private let answers = Pipe()
        private var said = ""

        init(_ store: String, in folder: TemporaryFolder) throws {
            process.executableURL = try builtCommand()
            process.arguments = ["shell", store, "--format", "jsonl"]
            process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
            process.standardInput = questions
            process.standardOutput = answers
            try process.run()
        }

        /// What a verb answers, which is a line.
        func ask(_ verb: String) throws -> String {
            try questions.fileHandleForWriting.write(contentsOf: Data((verb + "\n").utf8))
            while !said.contains("\n") {
                let more = answers.fileHandleForReading.availableData
                guard !more.isEmpty else { return said }
                said += String(decoding: more, as: UTF8.self)
            }
            defer { said = String(said[said.index(after: said.firstIndex(of: "\n")!)...]) }
            return String(said.prefix { $0 != "\n" })
        }

        func end() throws -> Int32 {
            try questions.fileHandleForWriting.close()
            process.waitUntilExit()
            return process.terminationStatus
        }
    }

    @Test("has the edges of the new file, for every process, whether by swap or by mv", arguments: [0, 1, 2, 3, 4])
    func replaced(commits: Int) throws {
        for verb in ["swap", "mv"] {
            let folder = try TemporaryFolder()
            try make("people.kith", edges: 3, in: folder)
            // The transaction numbers of the two files are of equal and of unequal parity.
            for number in 0..<commits {
                #expect(try kith(in: folder, "add", "people.kith", "follows", "a", "x\(number)").code == 0)
            }
            let shell = try OpenShell("people.kith", in: folder)
            #expect(try shell.ask("edge follows 0 1").contains("true"))
            try make("new.kith", edges: 7, in: folder)
            if verb == "swap" {
                #expect(try kith(in: folder, "swap", "people.kith", "new.kith").code == 0)
            } else {
                try #require(rename(folder.file("new.kith"), folder.file("people.kith")) == 0)
            }
            #expect(try edges("people.kith", in: folder) == 7)
            #expect(try kith(in: folder, "check", "people.kith").code == 0)
            #expect(try kith(in: folder, "add", "people.kith", "follows", "6", "0").code == 0)
            #expect(try edges("people.kith", in: folder) == 8)
            // The shell follows: its writes go to the new file.
            #expect(try shell.ask("add follows 5 0").contains("true"))
            #expect(try edges("people.kith", in: folder) == 9)
            #expect(try shell.end() == 0)
            #expect(!FileManager.default.fileExists(atPath: folder.file("new.kith")))
        }
    }

    @Test("by a compacted backup, or after a removal, is the new store for a shell that reads")
    func restored() throws {
        let folder = try TemporaryFolder()
        try make("people.kith", edges: 30, in: folder)
        #expect(try kith(in: folder, "backup", "people.kith", "backup.kith", "--compact").code == 0)
        for number in 0..<5 {
            #expect(try kith(in: folder, "add", "people.kith", "follows", "a", "x\(number)").code == 0)
        }
        let shell = try OpenShell("people.kith", in: folder)
        #expect(try shell.ask("edge follows 0 1").contains("true"))
        #expect(try kith(in: folder, "swap", "people.kith", "backup.kith").code == 0)
        #expect(try edges("people.kith", in: folder) == 30)
        #expect(try shell.ask("add follows 29 0").contains("true"))
        #expect(try edges("people.kith", in: folder) == 31)
        try FileManager.default.removeItem(atPath: folder.file("people.kith"))
        try make("people.kith", edges: 40, in: folder)
        #expect(try edges("people.kith", in: folder) == 40)
        #expect(try shell.ask("add follows 39 0").contains("true"))
        #expect(try edges("people.kith", in: folder) == 41)
        #expect(try shell.end() == 0)
    }

    @Test("keeps its file where the new one is damaged, open, elsewhere or of a name that locks have")
    func refused() throws {
        let folder = try TemporaryFolder()
        try make("people.kith", edges: 3, in: folder)
        try write("no store", "damaged.kith", in: folder)
        for (new, code) in [("damaged.kith", 65), ("missing.kith", 66), ("people.kith", 64)] as [(String, Int32)] {
            let outcome = try kith(in: folder, "swap", "people.kith", new)
            #expect(outcome.code == code, "\(outcome.errors)")
            #expect(outcome.errors.split(separator: "\n").count == 1)
        }
        try make("new.kith", edges: 7, in: folder)
        let shell = try OpenShell("new.kith", in: folder)
        #expect(try shell.ask("edge follows 0 1").contains("true"))
        #expect(try kith(in: folder, "swap", "people.kith", "new.kith").code == 75)
        #expect(try shell.end() == 0)
        #expect(try edges("people.kith", in: folder) == 3)
        for verb in [["create"], ["load", "--edges", "follows=people.kith.tsv"], ["backup", "people.kith"]] {
            var arguments = verb
            arguments.insert("people-lock", at: verb[0] == "backup" ? 2 : 1)
            #expect(try kith(in: folder, arguments: arguments).code == 64)
            #expect(!FileManager.default.fileExists(atPath: folder.file("people-lock")))
        }
    }

    @Test(
        "on a full disk, without a lock file, is told of as that by every verb",
        .enabled(if: SmallDisk.isPossible, "needs to mount a small file system, as root"),
        arguments: EveryVerbTests.rows.filter { !["create", "load", "generate"].contains($0.verb) })
    func fullDisk(row: EveryVerbTests.Row) throws {
        let folder = try TemporaryFolder()
        let disk = try SmallDisk(bytes: 4 << 20)
        try write("1\t2\n1\t3\n2\t4\n3\t4\n3\t5\n", "e.tsv", in: folder)
        try write("degree 1\n", "script", in: folder)
        let stores = ["s.kith": "s.kith", "c.kith": "c.kith", "NEW": "n.kith"]
        for store in stores.values {
            #expect(try kith(in: folder, "load", "\(disk.path)/\(store)", "--edges", "follows=e.tsv").code == 0)
            unlink("\(disk.path)/\(store)-lock")
        }
        disk.fill()
        let arguments = row.arguments.map { stores[$0].map { "\(disk.path)/\($0)" } ?? $0 }
        let outcome = try kith(
            in: folder, arguments: [row.verb] + arguments.map { $0 == "OUT" ? "\(disk.path)/out.kith" : $0 },
            input: "script")
        #expect(outcome.code == 74 && outcome.output == "", "\(outcome)")
        #expect(outcome.errors.contains("no room left") && !outcome.errors.contains("damaged"), "\(outcome.errors)")
        let names = try FileManager.default.contentsOfDirectory(atPath: disk.path)
        #expect(Set(names) == ["s.kith", "c.kith", "n.kith", "ballast"])
        disk.makeRoom()
        #expect(try kith(in: folder, "check", "\(disk.path)/s.kith").code == 0)
    }

    @Test(
        "stays its owner's when the superuser looks at it",
        .enabled(if: getuid() == 0, "needs to give files away, as root"))
    func owner() throws {
        let folder = try TemporaryFolder()
        try make("people.kith", edges: 3, in: folder)
        unlink(folder.file("people.kith-lock"))
        try #require(chown(folder.file("people.kith"), 65_534, 65_533) == 0)
        #expect(try edges("people.kith", in: folder) == 3)
        var status = stat()
        try #require(stat(folder.file("people.kith-lock"), &status) == 0)
        #expect(status.st_uid == 65_534 && status.st_gid == 65_533)
    }
}

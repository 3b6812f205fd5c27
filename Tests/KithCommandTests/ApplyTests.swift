import Foundation
import GraphTesting
import Testing

/// `kith apply`, `kith remove --from`, `kith load --replace` and `--folder`, as scripts meet them.
@Suite("Changes in bulk")
struct ApplyTests {
    private func folder() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try write("1\t2\n1\t3\n2\t4\n3\t4\n3\t5\n", "e.tsv", in: folder)
        try #require(try kith(in: folder, "load", "s.kith", "--edges", "follows=e.tsv").code == 0)
        return folder
    }

    private func edges(_ type: String = "follows", in folder: TemporaryFolder) throws -> [String] {
        let outcome = try kith(in: folder, "export", "s.kith", "--edges", type, "--format", "csv")
        return outcome.output.split(separator: "\n").dropFirst().map {
            $0.split(separator: ",").prefix(2).joined(separator: " ")
        }.sorted()
    }

    @Test("apply says what came of the lines, from a file or from standard input")
    func apply() throws {
        let folder = try folder()
        try write(
            """
            {"add": "follows", "from": "9", "to": "1", "time": 1700000000}
            {"add": "follows", "from": 1, "to": 2}
            {"remove": "follows", "from": "2", "to": "4"}
            {"remove": "follows", "from": "nobody", "to": "4"}
            {"add": {"kind": "topic", "key": "tea"}}
            {"remove": {"kind": "user", "key": "3"}}

            """, "c.jsonl", in: folder)
        let outcome = try kith(in: folder, "apply", "s.kith", "c.jsonl", "--format", "json")
        #expect(outcome.code == 0 && outcome.errors == "", "\(outcome)")
        let answer = try outcome.object()
        for (name, count) in [
            ("added", 1), ("updated", 1), ("removed", 1), ("missing", 1), ("nodesAdded", 1), ("nodesKnown", 0),
            ("nodesRemoved", 1), ("nodesMissing", 0), ("lines", 6), ("rejected", 0), ("commits", 1),
        ] {
            #expect(answer[name] as? Int == count, "\(name)")
        }
        #expect(try edges(in: folder) == ["1 2", "9 1"])
        let again = try kith(
            in: folder, arguments: ["apply", "s.kith", "-", "--every", "2", "--format", "json"], input: "c.jsonl")
        #expect(try again.object()["commits"] as? Int == 3)
        #expect(try again.object()["nodesMissing"] as? Int == 1)
        #expect(try kith(in: folder, "check", "s.kith").code == 0)
    }

    @Test("apply refuses a bad line by its place and changes nothing, or leaves it out and tells of it")
    func badLines() throws {
        let folder = try folder()
        try write(
            "{\"add\": \"follows\", \"from\": \"9\", \"to\": \"1\"}\n{\"ad\": \"follows\"}\n", "c.jsonl", in: folder)
        let stopped = try kith(in: folder, "apply", "s.kith", "c.jsonl", "--format", "json")
        #expect(stopped.code == 65 && stopped.output == "")
        #expect(stopped.errors.hasPrefix("kith: c.jsonl:2: a change is an object such as"), "\(stopped.errors)")
        #expect(stopped.errors.contains("did you mean 'add'?; nothing was changed"), "\(stopped.errors)")
        #expect(stopped.errors.contains(#""code": "bad-change""#))
        #expect(try edges(in: folder).count == 5)
        let skipped = try kith(
            in: folder, "apply", "s.kith", "c.jsonl", "--on-error", "skip", "--rejects", "r.jsonl", "--format", "json")
        #expect(skipped.code == 0)
        #expect(try skipped.object()["reasons"] as? [String: Int] == ["bad-change": 1])
        #expect(
            try String(contentsOfFile: folder.file("r.jsonl"), encoding: .utf8).hasPrefix(
                "{\"file\": \"c.jsonl\", \"line\": 2,"))
        #expect(try edges(in: folder).count == 6)
        for (code, arguments) in [
            (64, ["apply", "s.kith"]), (64, ["apply", "s.kith", "c.jsonl", "--every", "0"]),
            (64, ["apply", "s.kith", "c.jsonl", "--rejects", "r"]), (66, ["apply", "s.kith", "none"]),
            (66, ["apply", "none.kith", "c.jsonl"]),
            (64, ["apply", "s.kith", "c.jsonl", "--on-error", "skip", "--rejects", "c.jsonl"]),
            (64, ["apply", "s.kith", "c.jsonl", "--on-error", "skip", "--rejects", "s.kith"]),
        ] as [(Int32, [String])] {
            #expect(try kith(in: folder, arguments: arguments).code == code, "\(arguments)")
        }
    }

    @Test("apply --every says what is in when a later line is bad")
    func every() throws {
        let folder = try folder()
        let lines = (10..<15).map { "{\"add\": \"follows\", \"from\": \($0), \"to\": 1}\n" }
        try write(lines.joined() + "{}\n", "c.jsonl", in: folder)
        let outcome = try kith(in: folder, "apply", "s.kith", "c.jsonl", "--every", "2", "--format", "json")
        #expect(outcome.code == 74 && outcome.output == "", "\(outcome)")
        #expect(
            outcome.errors.hasPrefix(
                "kith: 4 lines are applied (edges: 4 added, 0 changed, 0 removed), but c.jsonl:6: a change is"),
            "\(outcome.errors)")
        #expect(outcome.errors.contains("apply what stands behind line 4"), "\(outcome.errors)")
        #expect(outcome.errors.contains(#""code": "done-except""#))
        #expect(try edges(in: folder).count == 9)
    }

    @Test("remove --from takes away what a file lists, and counts what is not there")
    func removeFrom() throws {
        let folder = try folder()
        try write("source,target,note\n1,2,x\n3,5,y\n8,8888,z\n", "u.csv", in: folder)
        let outcome = try kith(in: folder, "remove", "s.kith", "follows", "--from", "u.csv", "--format", "json")
        #expect(outcome.code == 0, "\(outcome.errors)")
        #expect(try outcome.object()["removed"] as? Int == 2 && outcome.object()["missing"] as? Int == 1)
        #expect(try edges(in: folder) == ["1 3", "2 4", "3 4"])
        try write("{\"from\": 1, \"to\": 3, \"type\": \"follows\"}\n", "u.jsonl", in: folder)
        let typed = try kith(in: folder, "remove", "s.kith", "--from", "u.jsonl", "--format", "csv")
        #expect(typed.output == "removed,missing,rejected\n1,0,0\n", "\(typed)")
        try write("2\nnobody\n", "leavers", in: folder)
        let nodes = try kith(
            in: folder, arguments: ["remove", "s.kith", "--node", "user", "--from", "-", "--format", "json"],
            input: "leavers")
        #expect(try nodes.object()["removed"] as? Int == 1 && nodes.object()["missing"] as? Int == 1)
        #expect(try edges(in: folder) == ["3 4"])
        try write("3\t4\n3\n", "bad.tsv", in: folder)
        let bad = try kith(in: folder, "remove", "s.kith", "follows", "--from", "bad.tsv")
        #expect(bad.code == 65 && bad.errors.contains("bad.tsv:2: "), "\(bad.errors)")
        #expect(try edges(in: folder) == ["3 4"])
        for arguments in [
            ["follows", "1", "2", "--from", "u.csv"], ["--node", "--from", "leavers"], ["--node", "user"],
            ["follows", "1", "2", "--on-error", "skip"], ["folows", "--from", "u.csv"],
        ] {
            let outcome = try kith(in: folder, arguments: ["remove", "s.kith"] + arguments)
            #expect(outcome.code == 64, "\(arguments): \(outcome)")
        }
    }

    @Test("load --replace fills a type anew, and is refused where no file has an edge of it")
    func replace() throws {
        let folder = try folder()
        try write("7\t8\n", "new.tsv", in: folder)
        try write("", "empty.tsv", in: folder)
        for (code, arguments) in [
            (64, ["--replace", "friends", "--edges", "follows=new.tsv"]),
            (64, ["--replace", "follows", "--edges", "follows=empty.tsv"]),
            (64, ["--replace", "folows", "--edges", "folows=new.tsv"]),
            (66, ["--replace", "follows", "--edges", "follows=none.tsv"]),
        ] as [(Int32, [String])] {
            let outcome = try kith(in: folder, arguments: ["load", "s.kith"] + arguments)
            #expect(outcome.code == code, "\(arguments): \(outcome)")
            #expect(try edges(in: folder).count == 5)
        }
        let outcome = try kith(
            in: folder, "load", "s.kith", "--replace", "follows", "--edges", "follows=new.tsv", "--format", "json")
        #expect(outcome.code == 0, "\(outcome.errors)")
        #expect(try outcome.object()["replaced"] as? [String: Int] == ["follows": 5])
        #expect(try outcome.object()["edges"] as? [String: Int] == ["follows": 1])
        #expect(try edges(in: folder) == ["7 8"])
        #expect(try kith(in: folder, "degree", "s.kith", "1").code == 0)
        #expect(try kith(in: folder, "check", "s.kith").code == 0)
    }

    @Test(
        "load --folder reads what export --folder wrote", arguments: ["tsv", "csv", "jsonl", "edges"], [false, true])
    func folder(format: String, isCompressed: Bool) throws {
        let folder = try folder()
        try write("{\"add\": {\"kind\": \"topic\", \"key\": \"tea\"}}\n", "c.jsonl", in: folder)
        #expect(try kith(in: folder, "apply", "s.kith", "c.jsonl").code == 0)
        let written = try kith(
            in: folder,
            arguments: ["export", "s.kith", "--folder", "dump", "--file-format", format]
                + (isCompressed ? ["--gzip"] : []))
        #expect(written.code == 0, "\(written.errors)")
        let loaded = try kith(in: folder, "load", "t.kith", "--folder", "dump/", "--format", "json")
        #expect(loaded.code == 0, "\(loaded.errors)")
        #expect(try loaded.object()["nodes"] as? [String: Int] == ["user": 5, "topic": 1])
        for part in [["--edges", "follows"], ["--nodes", "user"], ["--nodes", "topic"]] {
            let (old, new) = (
                try kith(in: folder, arguments: ["export", "s.kith"] + part),
                try kith(in: folder, arguments: ["export", "t.kith"] + part)
            )
            #expect(old.output == new.output)
        }
        #expect(try kith(in: folder, "load", "s.kith", "--folder", "dump").code == 0)
        try write("", "dump/notes.txt", in: folder)
        let unknown = try kith(in: folder, "load", "u.kith", "--folder", "dump", "--format", "json")
        #expect(unknown.code == 65 && unknown.errors.contains("'notes.txt'"), "\(unknown)")
        #expect(unknown.errors.contains(#""code": "bad-folder""#))
        for arguments in [["--edges", "follows=e.tsv"], ["--schema", "dump/schema.json"], ["--input-format", "csv"]] {
            #expect(try kith(in: folder, arguments: ["load", "u.kith", "--folder", "dump"] + arguments).code == 64)
        }
        #expect(try kith(in: folder, "load", "u.kith", "--folder", "none").code == 66)
        #expect(!FileManager.default.fileExists(atPath: folder.file("u.kith")))
    }

    @Test("export refuses an ending of --output that no format has, and writes what other programs read")
    func endings() throws {
        let folder = try folder()
        for name in ["e.xls", "e.xls.gz", "d.tsv/e.parquet", "follows.2024"] {
            let outcome = try kith(in: folder, "export", "s.kith", "--edges", "follows", "--output", name)
            #expect(outcome.code == 64 && outcome.output == "", "\(outcome)")
            #expect(
                outcome.errors.contains(
                    "the output '\(name)' ends as files of no format do: give it one of the endings .tsv"),
                "\(outcome.errors)")
            #expect(!FileManager.default.fileExists(atPath: folder.file(name)))
        }
        for name in ["e.dot", "e.gv.gz", "e.graphml", "e.mtx", "e", "e.TSV"] {
            let outcome = try kith(in: folder, "export", "s.kith", "--edges", "follows", "--output", name)
            #expect(outcome.code == 0, "\(outcome.errors)")
            #expect(FileManager.default.fileExists(atPath: folder.file(name)))
        }
        let said = try kith(
            in: folder, "export", "s.kith", "--edges", "follows", "--output", "e.xls", "--file-format", "csv")
        #expect(said.code == 0)
        let dashed = try kith(in: folder, "export", "s.kith", "--edges", "follows", "--output", "-")
        let usual = try kith(in: folder, "export", "s.kith", "--edges", "follows")
        #expect(dashed.code == 0 && dashed.output == usual.output && usual.output.hasPrefix("from\tto"))
        #expect(!FileManager.default.fileExists(atPath: folder.file("-")))
        let folderOf = try kith(in: folder, "export", "s.kith", "--folder", "dump", "--file-format", "mtx")
        #expect(folderOf.code == 65 && folderOf.errors.contains("no nodes"), "\(folderOf)")
        #expect(!FileManager.default.fileExists(atPath: folder.file("dump")))
    }
}

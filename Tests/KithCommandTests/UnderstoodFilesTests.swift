import Foundation
import GraphTesting
import Testing

@Suite("What a load understood of its files")
struct UnderstoodFilesTests {
    private func folder(_ files: [String: String]) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        for (name, text) in files { try write(text, name, in: folder) }
        return folder
    }

    @Test("stands above the counts of a dry run, with the first rows as edges")
    func dryRun() throws {
        let folder = try folder(["f.csv": "id,follower_id,followee_id\n1,10,20\n2,20,30\n"])
        let outcome = try kith(in: folder, "load", "s.kith", "--edges", "follows=f.csv", "--dry-run")
        #expect(outcome.code == 0)
        #expect(
            outcome.output.split(separator: "\n").prefix(4) == [
                "f.csv: csv; delimiter ,; quote \"; header in the first row; from = follower_id, to = followee_id; left out: id",
                "  2 rows", "  10 follows 20", "  20 follows 30",
            ])
    }

    @Test("is whole in JSON")
    func json() throws {
        let folder = try folder(["f.txt": "# from to\nann bob 7\n\nbob cy\nx\n"])
        let outcome = try kith(
            in: folder, "load", "s.kith", "--edges", "follows=f.txt,columns=from:to:time,header=no", "--on-error",
            "skip",
            "--format", "json")
        let files = try #require(try outcome.object()["files"] as? [[String: Any]])
        let file = try #require(files.first)
        #expect(file["file"] as? String == "f.txt" && file["edges"] as? String == "follows")
        #expect(file["format"] as? String == "edges" && file["delimiter"] as? String == "blanks")
        #expect(file["header"] as? String == "none" && file["comment"] as? String == "#%")
        #expect(file["rows"] as? Int == 3 && file["rejected"] as? Int == 1)
        #expect(file["comments"] as? Int == 1 && file["blankLines"] as? Int == 1)
        let columns = try #require(file["columns"] as? [[String: Any]])
        #expect(columns.map { $0["as"] as? String } == ["from", "to", "time"])
        let first = try #require((file["firstRows"] as? [[String: Any]])?.first)
        #expect(first["from"] as? String == "ann" && first["to"] as? String == "bob" && first["time"] as? Int == 7)
    }

    @Test("is warned of where it may be other than what was meant")
    func warnings() throws {
        let folder = try folder(["w.txt": "1 2 2\n1 3 4\n", "h.txt": "#jazz\n#rock\n", "none.tsv": ""])
        let times = try kith(in: folder, "load", "s.kith", "--edges", "follows=w.txt")
        #expect(times.code == 0)
        #expect(
            times.errors.contains(
                "'w.txt' has no header, so its column 3 was taken for times, the first being 1970-01-01T00:00:04Z"))
        let none = try kith(in: folder, "load", "s.kith", "--edges", "follows=none.tsv")
        #expect(
            none.code == 0 && none.errors == "kith: warning: 'none.tsv' has no row, and nothing was taken from it\n")
        let comments = try kith(in: folder, "load", "s.kith", "--nodes", "topic=h.txt")
        #expect(comments.code == 0 && comments.errors.contains("say --comment none"))
        let read = try kith(in: folder, "load", "s.kith", "--nodes", "topic=h.txt", "--comment", "none")
        #expect(read.code == 0 && read.errors == "")
    }

    @Test(
        "is said by hand in a form that is told of where it is wrong",
        arguments: [
            (["--edges", "follows=f.csv", "--header", "maybe"], "--header is yes, no or auto; found 'maybe'"),
            (["--edges", "follows=f.csv", "--columns", "from,whom"], "--columns is some of from, to, key"),
            (["--edges", "follows=f.csv", "--delimiter", "ab"], "--delimiter is one of"),
            (["--edges", "follows=f.csv", "--comment", "abc"], "--comment is one or two of"),
            (["--edges", "follows=f.csv", "--skip", "-1"], "--skip"),
            (["--edges", "follows=f.csv", "--time-format", "sometime"], "--time-format is seconds"),
            (["--edges", "follows=f.csv", "--time-format", "%Q"], "--time-format is seconds"),
            (
                ["--folder", "dump", "--header", "no"],
                "leave out --edges, --nodes, --schema, --input-format, --columns"
            ),
            (["--edges", "follows=f.csv,columns=from,to"], "columns of one file have colons between them"),
            (["--edges", "follows=f.csv,header=no,header=yes"], "'header' is said twice"),
            (["--edges", "follows=f.csv,format=xls"], "a format is one of tsv, csv"),
            (["--edges", "follows"], "--edges TYPE=FILE is expected, found 'follows'"),
            (["--edges", "follows=f.csv", "--max-rejects", "3"], "--max-rejects goes with --on-error skip"),
        ])
    func wrongWords(arguments: [String], words: String) throws {
        let folder = try folder(["f.csv": "1,2\n"])
        let outcome = try kith(in: folder, arguments: ["load", "s.kith"] + arguments)
        #expect(outcome.code == 64 && outcome.errors.contains(words), "\(outcome.errors)")
    }

    @Test("and a file of the header is an input, which no output takes the place of")
    func headerIsInput() throws {
        let folder = try folder(["h.csv": ":START_ID,:END_ID\n", "e.csv": "1,2\n3\n"])
        let outcome = try kith(
            in: folder, "load", "s.kith", "--edges", "follows=e.csv,header-file=h.csv", "--on-error", "skip",
            "--rejects",
            "h.csv")
        #expect(outcome.code == 64, "\(outcome)")
        #expect(try String(contentsOfFile: folder.file("h.csv"), encoding: .utf8) == ":START_ID,:END_ID\n")
    }

    @Test("escapes what a terminal would obey")
    func escaped() throws {
        let folder = try folder(["e.tsv": "a\u{1B}[2J\tb\n"])
        let outcome = try kith(in: folder, "load", "s.kith", "--edges", "follows=e.tsv", "--dry-run")
        #expect(outcome.code == 0 && !outcome.output.contains("\u{1B}") && outcome.output.contains("a\\u{1B}[2J"))
    }

    @Test("is said of one file behind its name, which may have commas in it")
    func oneFile() throws {
        let folder = try folder(["a,b.txt": "1~2\n", "g.txt": "from;to\n3;4\n", "c.txt": "5,6\n"])
        let outcome = try kith(
            in: folder, "load", "s.kith", "--edges", "follows=a,b.txt,delimiter=~,format=csv",
            "follows=g.txt,delimiter=;",
            "follows=c.txt,header=no,delimiter=,", "--input-format", "tsv", "--format", "json")
        #expect(try outcome.object()["edges"] as? [String: Int] == ["follows": 3], "\(outcome)")
    }
}

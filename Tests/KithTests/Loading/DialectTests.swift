import Foundation
import GraphTesting
import Testing

@testable import Kith

@Suite("The dialect of a file")
struct DialectTests {
    @Test("has blanks around delimiters that are no part of a key, in every format")
    func blanks() throws {
        for (text, name) in [
            ("1, 2\n2, 3\n3, 1\n", "e.csv"), ("1, 2\n2, 3\n3, 1\n", "e.txt"),
            ("# source, target\n1, 2\n2, 3\n3, 1\n", "e.csv"),
            ("source, target\n1, 2\n2 ,3 \n 3,1\n", "e.csv"), ("1 \t 2\n2\t3 \n 3\t1\n", "e.tsv"),
            ("1 \t2\n2\t 3\n3\t1 \n", "e.adj"), ("1, 2\n2, 3\n3, 1\n", "e.edges"), ("1; 2\n2; 3\n3; 1\n", "e.edgelist"),
            ("#src,dst\n1,2\n2,3\n3,1\n", "e.csv"), ("#follower\tfriend\n1\t2\n2\t3\n3\t1\n", "e.tsv"),
            ("% asym\n1; 2\n2; 3\n# so\n3; 1\n", "e.csv"), ("% me\n1, 2\n2, 3\n3, 1\n", "e.txt"),
            ("1,\"2\" \n2, \"3\"\n3\t,1\n", "e.csv"),
        ] {
            #expect(try LoadedFile(text, name).edges == ["1 2", "2 3", "3 1"], "\(name): \(text)")
        }
        #expect(try LoadedFile("\" a \",b\n", "e.csv").edges == [" a  b"])
    }

    @Test("keeps keys with blanks at their ends on the way out and in, or refuses them")
    func outerBlanks() throws {
        let folder = try TemporaryFolder()
        let store = try GraphStore(creating: folder.file("s.kith"))
        try store.write { graph in try graph.add(" a ", .follows, "b\t") }
        for format in [EdgeFileFormat.csv, .jsonl] {
            let path = folder.file("e.\(format)")
            try store.read { _ = try GraphExport(format).write(.edges(.follows), of: $0, toFile: path) }
            let text = try String(contentsOfFile: path, encoding: .utf8)
            let loaded = try LoadedFile(text, "e.\(format)").edges
            #expect(loaded.count == 1 && loaded[0].hasPrefix(" a  b\t"))
        }
        for format in [EdgeFileFormat.tsv, .edges, .adjacency] {
            #expect(throws: LoadError.self) {
                try store.read { _ = try GraphExport(format).write(.edges(.follows), of: $0, toFile: folder.file("x")) }
            }
        }
    }

    @Test(
        "is found out from the first rows",
        arguments: [
            ("1,2\n3,4\n", "e.txt", ",", FileDialect.Quote.double), ("1;2\n3;4\n", "e.csv", ";", .double),
            ("sep=;\nfrom;to\n1;2\n3;4\n", "e.csv", ";", .double), ("sep=;\n1;2\n3;4\n", "e", ";", .double),
            ("sep=\t\n1\t2\n3\t4\n", "e.csv", "tab", .double),
            ("\"Node1\" \"Node2\"\n1 2\n3 4\n", "e.csv", "blanks", .double),
            ("1::2\n3::4\n", "e.dat", "::", .double), ("1 2\n3 4\n", "e.dat", "blanks", .none),
            ("\"from\"\t\"to\"\n1\t2\n3\t4\n", "e.tsv", "tab", .double),
            ("\"1\"\t2\n\"3\"\t4\n", "e.txt", "blanks", .double), ("1|2\n3|4\n", "e", "|", .double),
        ])
    func sniffed(text: String, name: String, delimiter: String, quote: FileDialect.Quote) throws {
        let loaded = try LoadedFile(text, name)
        #expect(loaded.edges == ["1 2", "3 4"] && loaded.rejected == [])
        #expect(loaded.file.layout.delimiter?.text == delimiter && loaded.file.layout.quote == quote)
    }

    @Test("of MovieLens has two colons, and a row with one is a bad row")
    func doubledColons() throws {
        let dialect = FileDialect(columns: [.source, .target, .weight, .skipped])
        let text = "2::c::3::978300761\n1::a:b::5::978300760\n"
        let loaded = try LoadedFile(text, "r.dat", as: .interests, dialect: dialect)
        #expect(loaded.edges == ["2 c 3.0"] && loaded.rejected == ["2: lone-delimiter"])
        #expect(try LoadedFile("std::vector,x\nstd::list,x\n", "e.csv").edges == ["std::list x", "std::vector x"])
    }

    @Test("takes tabs between words with blanks in them for the delimiter, whatever the file is called")
    func wordsBetweenTabs() throws {
        #expect(try LoadedFile("Ann Smith\tBob\nBob\tCy Jones\n", "e.txt").edges == ["Ann Smith Bob", "Bob Cy Jones"])
        #expect(try LoadedFile("a,b c,d\n", "e.txt").edges == ["a,b c,d"])
    }

    @Test("counts comments and blank lines, and says what begins a comment")
    func comments() throws {
        let edges = try LoadedFile("ann #jazz\n# ann jazz\n\n%x\n", "e.txt")
        #expect(edges.edges == ["ann #jazz"] && edges.file.comments == 2 && edges.file.blankLines == 1)
        #expect(edges.file.layout.comment?.text == "#%")
        let said = try LoadedFile(
            "ann #jazz\n#jazz ann\n\n%x bob\n", "e.txt", dialect: FileDialect(comment: FileDialect.Comment.none))
        #expect(said.edges == ["#jazz ann", "%x bob", "ann #jazz"] && said.file.comments == 0)
        let header = try LoadedFile("# FromNodeId\tToNodeId\nann\tbob\nbob\tcy\n", "e.tsv")
        #expect(header.edges == ["ann bob", "bob cy"] && header.file.layout.header == .comment)
        let hashtags = try LoadedFile("#jazz,ann\n#rock,bob\n", "e.csv")
        #expect(hashtags.edges == ["#jazz ann", "#rock bob"] && hashtags.file.comments == 0)
        let remark = try LoadedFile("#made by hand\nann,bob\n", "e.csv")
        #expect(remark.edges == ["ann bob"] && remark.file.comments == 1)
        #expect(try LoadedFile("#jazz\n#rock\n", "n.txt", nodes: .topic).file.comments == 2)
        let snap = "# Directed graph: x.txt\n# Nodes: 3 Edges: 2\n# FromNodeId\tToNodeId\n1\t2\n2\t3\n"
        #expect(try LoadedFile(snap, "e.txt").file.layout.header == .comment)
    }

    @Test("is what was said by hand: columns, delimiter, quote, lines to pass over")
    func byHand() throws {
        let text = "exported today\nby hand\n'ann'~x~'bob ~'~2024\n"
        let dialect = FileDialect(
            columns: [.source, .skipped, .target, .skipped], header: .none, delimiter: FileDialect.Delimiter("~"),
            quote: .single, skippedLines: 2)
        for chunkBytes in [nil, 8] {
            let loaded = try LoadedFile(text + "a~b\n", "e.txt", format: .csv, dialect: dialect, chunkBytes: chunkBytes)
            #expect(loaded.edges == ["ann bob ~"] && loaded.rejected == ["4: too-few-columns"])
        }
        let error = #expect(throws: LoadError.self) {
            try LoadedFile("{\"from\": 1, \"to\": 2}\n", "e.jsonl", dialect: dialect)
        }
        #expect(
            "\(try #require(error))".contains("JSON lines have no columns, and columns, a header, a delimiter, quotes"))
        let wrong = FileDialect(columns: [.source, .target, .weight])
        #expect(throws: LoadError.self) { try LoadedFile("a b 1\n", "e.txt", dialect: wrong) }
        #expect(throws: LoadError.self) { try LoadedFile("a b\n", "e.txt", dialect: FileDialect(columns: [.source])) }
    }

    @Test("passes over more lines than the start of the file that is looked at has")
    func manySkippedLines() throws {
        let lines = String(repeating: String(repeating: "x", count: 999) + "\r\n", count: 200)
        let loaded = try LoadedFile(lines + "1 2\n3\n", "e.txt", dialect: FileDialect(skippedLines: 200))
        #expect(loaded.edges == ["1 2"] && loaded.rejected == ["202: too-few-columns"])
        #expect(try LoadedFile("a\nb\n", "e.txt", dialect: FileDialect(skippedLines: 9)).edges == [])
    }

    @Test(
        "has times as it was said",
        arguments: [
            ("01.05.2024 08:00", "%d.%m.%Y %H:%M", 1_714_550_400), ("20240501", "%Y%m%d", 1_714_521_600),
            ("Wed May 01 10:00:00 +0200 2024", "%a %b %d %H:%M:%S %z %Y", 1_714_550_400),
            ("1714550400", "seconds", 1_714_550_400), ("1714550400123", "milliseconds", 1_714_550_400),
            ("50", "milliseconds", 0), ("1714550400123456789", "nanoseconds", 1_714_550_400),
        ])
    func times(text: String, format: String, seconds: Int) throws {
        let dialect = FileDialect(timeFormat: TimeFormat(format))
        let loaded = try LoadedFile("ann\tbob\t\(text)\n", "e.tsv", dialect: dialect)
        #expect(loaded.edges == [seconds == 0 ? "ann bob" : "ann bob @\(seconds)"])
    }

    @Test("may be said although the file says its delimiter, and no letter is one")
    func spreadsheetLine() throws {
        let said = FileDialect(delimiter: .semicolon)
        #expect(try LoadedFile("sep=;\n1;2\n", "e.csv", dialect: said).edges == ["1 2"])
        #expect(try LoadedFile("sep=x,2\n1,2\n", "e.csv").edges == ["1 2", "sep=x 2"])
        #expect(try LoadedFile("sep=x\n1,2\n", "e.csv").rejected == ["1: too-few-columns"])
    }

    @Test("counts comments and blank lines in formats of other programs")
    func linesOfOthers() throws {
        let konect = try LoadedFile("% asym unweighted\n% 2 3 3\n1 2\n\n2 3\n", "out.x")
        #expect(konect.edges == ["1 2", "2 3"] && konect.file.comments == 2 && konect.file.blankLines == 1)
        let networkX = try LoadedFile("#a\n1 2 {}\n\n2 3 {}\n", "e.edgelist")
        #expect(networkX.edges == ["1 2", "2 3"] && networkX.file.comments == 1 && networkX.file.blankLines == 1)
    }

    @Test("has no times that are none in the format that was said")
    func badTimes() throws {
        for (text, format) in [
            ("31.04.2024", "%d.%m.%Y"), ("01.05.2024 x", "%d.%m.%Y"), ("1714550400.x", "seconds"), ("-1", "seconds"),
            ("2024-05-01", "seconds"), ("4294967296", "seconds"), ("01.05.1969", "%d.%m.%Y"), ("30:60", "%M:%S"),
        ] {
            let dialect = FileDialect(timeFormat: TimeFormat(format))
            let loaded = try LoadedFile(
                "a\tb\n7\t8\t\n8\t7\t\(text)\n", "e.tsv",
                dialect: FileDialect(
                    columns: [.source, .target, .time], header: FileDialect.Header.none, timeFormat: dialect.timeFormat)
            )
            #expect(loaded.rejected == ["3: bad-time"], "\(text)")
        }
        #expect(TimeFormat("sometime") == nil && TimeFormat("%Q") == nil)
        let month = FileDialect(timeFormat: TimeFormat("%Y-%m"))
        #expect(try LoadedFile("a\tb\t2024-05\n", "e.tsv", dialect: month).edges == ["a b @1714521600"])
        let error = #expect(throws: LoadError.self) {
            try LoadedFile("a\tb\t2024\n", "e.tsv", dialect: month)
        }
        #expect("\(try #require(error))".contains("times of this file are said to be '%Y-%m', found '2024'"))
    }
}

@Suite("Bad rows")
struct RejectLimitTests {
    private func load(_ text: String, maximum: Int?) throws -> BulkLoader.Report {
        let folder = try TemporaryFolder()
        try text.write(toFile: folder.file("e.tsv"), atomically: true, encoding: .utf8)
        return try BulkLoader(onError: .skip, maximumRejects: maximum).load(
            [.init(type: .follows, path: folder.file("e.tsv"))], into: folder.file("s.kith"))
    }

    @Test("are left out up to the number that was said, and no further")
    func limit() throws {
        let text = "a\tb\nbad\nc\td\nworse\n"
        #expect(try load(text, maximum: 2).rejected == ["too-few-columns": 2])
        #expect(try load(text, maximum: nil).edges == [.follows: 2])
        let error = #expect(throws: LoadError.self) { try load(text, maximum: 1) }
        guard case .tooManyRejects(1, let row) = try #require(error) else {
            Issue.record("found \(String(describing: error))")
            return
        }
        #expect(row.line == 4)
    }

    @Test("and no good one are an error, with the first of them")
    func noGoodRow() throws {
        let error = #expect(throws: LoadError.self) { try load("x\ny\n", maximum: nil) }
        guard case .noGoodRow(2, let row) = try #require(error) else {
            Issue.record("found \(String(describing: error))")
            return
        }
        #expect(row.line == 1 && row.error.code == "too-few-columns")
        #expect(try load("", maximum: nil).rows == 0)
    }
}

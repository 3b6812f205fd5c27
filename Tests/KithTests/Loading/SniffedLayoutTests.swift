import Foundation
import GraphTesting
import Testing

@testable import Kith

/// What a file's first rows tell, where neither its name nor a header says it all.
@Suite("Layouts that are found out")
struct SniffedLayoutTests {
    private func refusal(_ text: String, _ name: String, as type: EdgeType.Name = .follows) -> String? {
        do {
            _ = try LoadedFile(text, name, as: type)
            return nil
        } catch {
            return "\(error)"
        }
    }

    @Test("a line between rows is a comment if it begins as one and is no row; a key that begins so is a key")
    func commentsBetweenRows() throws {
        for (text, name) in [
            ("ann;bob\r\n# half of them\r\nbob;cy\r\n", "e"), ("ann,bob\n#\nbob,cy\n", "e.csv"),
            ("from::to\nann::bob\n% half, of, them\nbob::cy\n", "e.dat"), ("ann,bob\n# a, b, c, d\nbob,cy\n", "e.csv"),
            ("ann bob\n# half\nbob cy\n", "e.csv"), ("ann\tbob\n#half\nbob\tcy\n", "e.tsv"),
        ] {
            let loaded = try LoadedFile(text, name)
            #expect(loaded.edges == ["ann bob", "bob cy"] && loaded.rejected.isEmpty, "\(text)")
            #expect(loaded.file.comments == 1, "\(text)")
        }
        let tags = try LoadedFile("ann,bob\n#tag,bob\n%x,bob\n", "e.csv")
        #expect(tags.edges == ["#tag bob", "%x bob", "ann bob"] && tags.file.comments == 0)
        let said = try LoadedFile(
            "ann,bob\n# half\nbob,cy\n", "e.csv", dialect: FileDialect(comment: FileDialect.Comment.none))
        #expect(said.edges == ["ann bob", "bob cy"] && said.rejected == ["2: too-few-columns"])
    }

    @Test("a line that begins as a comment and has the columns of a row is neither read nor dropped: it is asked about")
    func rowsOrComments() throws {
        for (text, name) in [
            ("ann bob\n#jazz ann\n%x bob\n", "e.txt"), ("# by me\nann,bob\n#jazz,ann\n%x,bob\n", "e.csv"),
            ("from to time\nann bob 1600000000\n#jazz ann 1600000000\n%x bob\n", "e"),
        ] {
            let loaded = try LoadedFile(text, name)
            #expect(
                loaded.edges.count == 1
                    && loaded.rejected.map { $0.suffix(14) } == ["row-or-comment", "row-or-comment"])
            let none = try LoadedFile(
                text.replacing("# by me\n", with: ""), name, dialect: FileDialect(comment: FileDialect.Comment.none))
            #expect(none.edges.count == 3 && none.file.comments == 0, "\(text)")
            let said = try LoadedFile(text, name, dialect: FileDialect(comment: FileDialect.Comment("#%")))
            #expect(said.edges.count == 1 && said.rejected.isEmpty && said.file.comments > 1, "\(text)")
        }
        for text in [
            "%x bob\nann bob\n", "%x\ttwo words\t1\n", "#x\tbob\t3\n", "#x bob 1600000000\nann cy 1600000000\n",
        ] {
            #expect(refusal(text, "e.txt")?.contains("may be a row") == true, "\(text)")
        }
        #expect(try LoadedFile("#made by hand\nann bob\n", "e.txt").edges == ["ann bob"])
        // In an edge list whose comments are known, edges may be commented out.
        let known = try LoadedFile("# who follows whom\nann bob\n#bob cy\n%x bob\n", "e.txt")
        #expect(known.edges == ["ann bob"] && known.rejected == ["4: row-or-comment"] && known.file.comments == 2)
    }

    @Test("columns that may be between blanks or commas, or between two delimiters, are asked about")
    func twoDelimiters() throws {
        for (text, name, words) in [
            ("a b|c\nb d|c\n", "e.txt", "between | or between blanks"),
            ("two words,0,1\n", "e", "between , or between blanks"),
            ("x&y;|ann\nb|a;b\n", "e.csv", "as many columns between ; as between |"),
            ("ann bob 1,5\nbob cy 2,5\n", "e.edges", "between , or between blanks"),
        ] {
            #expect(refusal(text, name, as: .interacts)?.contains(words) == true, "\(text)")
        }
        // Blanks that would make no edges of it, or not the same number in every row, are within keys.
        for text in ["ann lee,bob ray\ncy,dee von x\n", "Ann Lee|Bob Ray\nCy Lee|Dee Ray\n"] {
            #expect(try LoadedFile(text, "e.txt").edges.count == 2, "\(text)")
        }
        #expect(try LoadedFile("1,2 3,4\n3,4 5,6\n", "e.txt").edges == ["1,2 3,4", "3,4 5,6"])
        let tabs = try LoadedFile("a;b;{'weight': 2}\nb;c;{}\n", "e.edges", as: .interacts)
        #expect(tabs.edges.map { $0.split(separator: " @")[0] } == ["a b 2.0", "b c 1.0"])
    }

    @Test("a row of columns between blanks that is shorter than its header may lack any of them")
    func shortRows() throws {
        let loaded = try LoadedFile("note from to time\nhi ann bob 1600000000\nann cy 1600000000\n", "e.txt")
        #expect(loaded.edges == ["ann bob @1600000000"] && loaded.rejected == ["3: too-few-columns"])
        let last = try LoadedFile("from to time\nann bob 1600000000\nann cy\n", "e.txt")
        #expect(last.edges == ["ann bob @1600000000", "ann cy"])
    }

    @Test("a name such as user_id makes a header of words above words, of which the other end is asked for")
    func halfHeaders() throws {
        for text in ["user_id,follows\nann,bob\n", "who,friend_id\nann,bob\n", "follower_id,who\nann,bob\n"] {
            #expect(refusal(text, "e.csv")?.contains("has no column") == true, "\(text)")
        }
        #expect(try LoadedFile("user,ann\nann,bob\n", "e.csv").edges == ["ann bob", "user ann"])
        for stem in ["u", "ann@"] {
            let rows = (1...5).map { "\(stem)\($0),\(stem)\($0 + 1)\n" }.joined()
            #expect(refusal("who,whom\n" + rows, "e.csv")?.contains("words unlike those below") == true)
            #expect(try LoadedFile("\(stem)7,\(stem)8\n" + rows, "e.csv").edges.count == 6)
        }
    }

    @Test("numbers that are weights by their place and look like times are asked about")
    func timesAsWeights() throws {
        let text = "ann,bob,1714521600\nbob,cy,1714608000\n"
        #expect(refusal(text, "e.csv", as: .interacts)?.contains("--columns from,to,time") == true)
        #expect(try LoadedFile(text, "e.csv").edges == ["ann bob @1714521600", "bob cy @1714608000"])
        let said = try LoadedFile(
            text, "e.csv", as: .interacts, dialect: FileDialect(columns: [.source, .target, .time]))
        #expect(said.edges == ["ann bob 1.0 @1714521600", "bob cy 1.0 @1714608000"])
    }

    @Test(
        "quotes around all words below a header are quotes, and so are those behind numbers; delimiters in quotes are none"
    )
    func quotedRows() throws {
        for (text, name) in [
            ("from to\n\"ann\" \"bob\"\n\"cy\" \"dan\"\n", "e"),
            ("from\tto\n\"ann\"\t\"bob\"\n\"cy\"\t\"dan\"\n", "e.tsv"),
            ("\"ann\";\"bob\"\n\"cy\";\"dan\"\n", "e.csv"),
        ] {
            #expect(try LoadedFile(text, name).edges == ["ann bob", "cy dan"], "\(text)")
        }
        #expect(try LoadedFile("1\t\"una\"\n", "e.tsv").edges == ["1 una"])
        #expect(try LoadedFile("\"S, A\";\"J, B\"\n\"C, C\";\"D, D\"\n", "e.csv").edges == ["C, C D, D", "S, A J, B"])
        #expect(try LoadedFile("key\n\"S, A\"\n\"J\"\n", "k.txt", nodes: .user).nodes == ["J", "S, A"])
        // Some keys in quotes and some not: nobody can tell what the quotes are.
        let mixed = "from\tto\n\"ann\"\tbob\nx\t\"y\"\n"
        #expect(throws: LoadError.self) { try LoadedFile(mixed, "e.tsv") }
        let letters = try LoadedFile(mixed, "e.tsv", dialect: FileDialect(quote: FileDialect.Quote.none))
        #expect(letters.edges == ["\"ann\" bob", "x \"y\""])
    }

    @Test("rows in brackets are refused by name")
    func brackets() throws {
        for text in ["(ann, bob)\n(bob, cy)\n", "('ann', 'bob')\n('bob', 'cy')\n", "[1, 2]\n[2, 3]\n"] {
            #expect(refusal(text, "e.txt")?.contains("tr -d '()[] '") == true, "\(text)")
        }
    }

    @Test("hashtags above other keys are asked about, and so is a comment with the columns of a row")
    func hashtagsFirst() throws {
        #expect(throws: LoadError.self) { try LoadedFile("#jazz\n#tea\nrock\n", "t.txt", nodes: .topic) }
        #expect(refusal("#5 7\n1 2\n2 3\n", "e.txt")?.contains("may be a row") == true)
        let text = "from,to\nann,bob\n# exported 2024-05-01, 2 rows\n\"# 1 fan\",bob\n"
        let loaded = try LoadedFile(text, "e.csv")
        #expect(loaded.edges == ["# 1 fan bob", "ann bob"] && loaded.rejected == ["3: row-or-comment"])
    }

    @Test("a header has no numbers where rows have weights and times, and a key is none because it is called id")
    func headersOrRows() throws {
        #expect(
            refusal("to,user,1,1575167440\nann,bob,2,1575167441\n", "e.csv", as: .interacts)?.contains("a number")
                == true)
        #expect(try LoadedFile("ID1,ID2\nhal,id\nid,eve\n", "e.csv").edges == ["hal id", "id eve"])
    }

    @Test("a name that ends with .tsv says nothing of files without a tab")
    func noTabs() throws {
        for text in [
            "from,to\nann,bob\nbob,cy\n", "ann bob\nbob cy\n", "% asym\nann bob\nbob cy\n", "ann;bob\nbob;cy\n",
        ] {
            let loaded = try LoadedFile(text, "e.tsv")
            #expect(loaded.edges == ["ann bob", "bob cy"] && loaded.rejected.isEmpty, "\(text)")
        }
        #expect(try LoadedFile("ann lee\nbob\n", "k.tsv", nodes: .user).nodes == ["ann lee", "bob"])
    }

    @Test("blanks within quotes, and before the hour of a time, do not make words between blanks of it")
    func blanksInFields() throws {
        #expect(
            try LoadedFile("\"ann lee\",\"bob\"\n\"bob\",\"dee x\"\n", "e.txt").edges == ["ann lee bob", "bob dee x"])
        let times = try LoadedFile("ann,bob,1,2024-05-01 08:00:00\nbob,cy,2,2024-05-01 09:00:00\n", "e", as: .interacts)
        #expect(times.edges == ["ann bob 1.0 @1714550400", "bob cy 2.0 @1714554000"])
    }

    @Test("names of rows are found where the header has no word for them, in quotes or counted, whatever the delimiter")
    func rowNames() throws {
        for (text, name) in [
            ("source target\n1 ann bob\n2 bob cy\n", "e.csv"), ("source,target\n1,ann,bob\n2,bob,cy\n", "e.txt"),
            ("\"source\",\"target\"\n\"1\",\"ann\",\"bob\"\n\"2\",\"bob\",\"cy\"\n", "e.txt"),
            ("X1,X2\n0,ann,bob\n1,bob,cy\n", "e"), ("from\tto\n1\tann\tbob\n2\tbob\tcy\n", "e.tsv"),
        ] {
            let loaded = try LoadedFile(text, name)
            #expect(loaded.edges == ["ann bob", "bob cy"] && loaded.file.layout.hasRowNames, "\(text)")
        }
        // Neither in quotes nor counted: a column too many.
        #expect(refusal("from,to\n5,ann,bob\n9,bob,cy\n", "e.csv") != nil)
    }

    @Test("a first column that counts ten rows, or stands before words, without a header, is not guessed at")
    func countedRows() throws {
        let many = (0..<10).map { "\($0),\($0 * 7 % 10 + 20),\($0 * 3 % 10 + 40)\n" }.joined()
        for (text, type) in [
            (many, EdgeType.Name.interacts), ("0,ann,bob\n1,bob,cy\n2,cy,ann\n", .interacts),
            ("\"1\",7,9\n\"2\",9,8\n", .interacts), ("1,7,9,1.5\n2,9,8,2.5\n3,8,4,0.5\n", .interacts),
            ("1,7,9\n2,9,8\n3,8,4\n", .follows),
        ] {
            #expect(refusal(text, "e.csv", as: type)?.contains("counts the rows") == true, "\(text)")
        }
        let few = try LoadedFile("1,7,9\n2,9,8\n3,8,4\n", "e.csv", as: .interacts)
        #expect(few.edges.count == 3 && few.file.remarks.first?.contains("counts the rows, from 1 on") == true)
        let said = try LoadedFile(
            many, "e.csv", as: .interacts, dialect: FileDialect(columns: [.skipped, .source, .target]))
        #expect(said.edges.count == 10 && said.edges.first?.hasPrefix("20 40 ") == true)
        for (row, type) in [
            (",7,1600000000", EdgeType.Name.follows), (",7,2024-05-01", .follows), (",7,0.5", .interacts),
        ] {
            let counted = (1...12).map { "\($0)\(row)\n" }.joined().replacing("7,7", with: "7,8")
            #expect(try LoadedFile(counted, "e.csv", as: type).edges.count == 12, "\(row)")
        }
    }

    @Test("lines that end with a dictionary are NetworkX's, whatever their keys have; keys with blanks are turned down")
    func dictionaries() throws {
        let odd = try LoadedFile("a\"b {a} {'weight': 2.0}\n{a} eve {'weight': 3.0}\n", "e.txt", as: .interacts)
        #expect(odd.edges.map { $0.split(separator: " @")[0] } == ["a\"b {a} 2.0", "{a} eve 3.0"])
        let blank = try LoadedFile(
            "cy eve {'weight': 0.5, 'time': 1226221432}\ndee von x eve {'weight': 1.5, 'time': 1083948720}\n", "e",
            as: .interacts)
        #expect(blank.edges == ["cy eve 0.5 @1226221432"] && blank.rejected == ["2: bad-dictionary"])
    }

    @Test("a header that stands again does not hide that it is one")
    func repeatedHeader() throws {
        let loaded = try LoadedFile("start id2\n13 6\n22 13\nstart id2\n", "e.txt")
        #expect(loaded.edges == ["13 6", "22 13"] && loaded.file.repeatedHeaders == 1)
    }

    @Test("quotes that are written twice between quotes are CSV's, between tabs too; where that comes late it is asked")
    func doubledQuotes() throws {
        let quoted = try LoadedFile("from\tto\nhal\tbob\n\"a\"\"b\"\tbob\n", "e.tsv")
        #expect(quoted.edges == ["a\"b bob", "hal bob"] && quoted.file.layout.quote == .double)
        let rows = (0..<40).map { "k\($0)\tbob\n" }.joined()
        let late = try LoadedFile("from\tto\n" + rows + "\"a\"\"b\"\tbob\nx\t\"y\"\n", "e.tsv")
        #expect(late.edges.count == 40 && late.rejected == ["42: quoted-field", "43: quoted-field"])
        let names = try LoadedFile("from\tto\n" + rows + "\"a\" and \"b\"\tc\"d\n", "e.tsv")
        #expect(names.edges.count == 41 && names.edges.contains("\"a\" and \"b\" c\"d"))
        let letters = try LoadedFile(
            "from\tto\n\"a\"\"b\"\tbob\n", "e.tsv", dialect: FileDialect(quote: FileDialect.Quote.none))
        #expect(letters.edges == ["\"a\"\"b\" bob"])
    }

    @Test("numbers bare and words in quotes are what a writer does that quotes words alone, wherever the words are")
    func wordsAlone() throws {
        for name in ["e.tsv", "e.edges"] {
            let delimiter = name == "e.tsv" ? "\t" : " "
            let rows = [["7", "10"], ["18", "\"mid-day\""], ["\"noon\"", "7"]].map { $0.joined(separator: delimiter) }
            let loaded = try LoadedFile(rows.joined(separator: "\n") + "\n", name)
            #expect(loaded.edges == ["18 mid-day", "7 10", "noon 7"] && loaded.file.layout.quote == .double, "\(name)")
        }
    }

    @Test("a comma that stands in quotes alone is between no columns")
    func quotedCommas() throws {
        let text = "ann bob \"comment, free\"\ncy dan \"comment, free\"\n"
        // The word behind the keys is no time.
        #expect(throws: LoadError.self) { try LoadedFile(text, "e.edges") }
        let loaded = try LoadedFile(
            text, "e.edges", dialect: FileDialect(columns: [.source, .target, .skipped], quote: .double))
        #expect(loaded.edges == ["ann bob", "cy dan"] && loaded.file.layout.delimiter == .blanks)
    }

    @Test("names in a comment with commas behind them are between commas")
    func commentWithCommas() throws {
        for mark in [",", ";", "|"] {
            let text =
                "#user_id:token\(mark) item_id:token\(mark) Time\nann\(mark) bob\(mark) 7\ncy\(mark) dan\(mark) 8\n"
            #expect(try LoadedFile(text, "e.edges").edges == ["ann bob @7", "cy dan @8"], "\(mark)")
        }
    }

    @Test(
        "a field in quotes with a tab or a line end in it is no two fields where quotes are letters, read or left out",
        arguments: [
            ("x y\n\"a b\nc\" bob\n", "e.edges"), ("ann\tbob\n\"a\tb\nc\"\tbob\n", "e.tsv"),
            ("from\tto\tnote\nx\ty\t\"l1\nl2a\tl2b\tl3\"\nu\tz\thm\n", "e.tsv"),
            ("from\tto\tnote\nx\ty\t\"l1\nl2a\tl2b\"\nu\tz\thm\n", "e.tsv"),
            ("from\tto\ttime\nx\ty\t2\n\"a\tb\"\t5\n", "e.tsv"),
        ])
    func cutQuotes(text: String, name: String) throws {
        let loaded = try LoadedFile(text, name)
        #expect(loaded.edges.count == 1 && ["x y", "ann bob", "u z", "x y @2"].contains(loaded.edges[0]))
        #expect(!loaded.rejected.isEmpty && loaded.rejected.allSatisfy { $0.hasSuffix(": quoted-field") })
    }

    @Test("a key that is a quote takes no rows with it up to the next")
    func loneQuotes() throws {
        for (first, second) in [("1,\",5", "\",2,6"), ("1,\",5", "2,\",6"), ("\",1,5", "\",2,6"), ("1,2,\"", "3,\",6")]
        {
            let text = "\(first)\n3,4,7\n4,5,8\n\(second)\n5,6,9\n"
            let loaded = try LoadedFile(text, "e.csv")
            #expect(loaded.edges == ["3 4 @7", "4 5 @8", "5 6 @9"], "\(text)")
            #expect(loaded.rejected.map { $0.prefix(2) } == ["1:", "4:"], "\(loaded.rejected)")
        }
        // Text with line ends at both ends is text.
        let notes = try LoadedFile("from,to,note\n1,2,\"\nwell, so\n\"\n3,4,x\n", "e.csv")
        #expect(notes.edges == ["1 2", "3 4"])
    }

    @Test("an hour in a column of its own is not left out behind its day")
    func splitTimes() throws {
        for (text, name) in [
            ("ann bob 2024-05-01 08:00:00\ncy dan 2024-05-02 9:30\n", "e.txt"),
            ("ann,bob,2024-05-01,08:00:00Z\n", "e.csv"),
            ("from\tto\ttime\thour\nann\tbob\t2024-05-01\t08:00\n", "e.tsv"),
        ] {
            let said = "write a T between the two, as in 2024-05-01T08:00"
            #expect(refusal(text, name)?.contains(said) == true, "\(text)")
        }
        let days = try LoadedFile(
            "ann bob 2024-05-01 08:00:00\n", "e.txt",
            dialect: FileDialect(columns: [.source, .target, .time, .skipped]))
        #expect(days.edges == ["ann bob @1714521600"])
        #expect(refusal("ann bob 2024-05-01 x\n", "e.txt")?.contains("at most 3 columns, and this one has 4") == true)
    }

    @Test("a key that looks like a field of CSV is exported in no TSV")
    func exportedQuotes() throws {
        let folder = try TemporaryFolder()
        let store = try GraphStore(creating: folder.file("s.kith"))
        try store.write { try $0.add("\"a\"\"b\"", .follows, "bob") }
        #expect(throws: LoadError.self) {
            try store.read { _ = try GraphExport(.tsv).write(.edges(.follows), of: $0, toFile: folder.file("e.tsv")) }
        }
        try store.read { _ = try GraphExport(.csv).write(.edges(.follows), of: $0, toFile: folder.file("e.csv")) }
        #expect(
            try String(contentsOfFile: folder.file("e.csv"), encoding: .utf8).contains("\"\"\"a\"\"\"\"b\"\"\",bob"))
    }

    @Test("members of JSON lines may have the names that columns may have")
    func jsonNames() throws {
        let line = "{\"user_id\": 1, \"movie\": \"up\", \"rating\": 4.5, \"timestamp\": 1600000000}\n"
        let loaded = try LoadedFile(line, "e.jsonl", as: .interacts)
        #expect(loaded.edges == ["1 up 4.5 @1600000000"])
        #expect(
            loaded.file.remarks == [
                "'user_id' is taken for 'from'", "'movie' is taken for 'to'", "'rating' is taken for 'weight'",
                "'timestamp' is taken for 'time'",
            ])
        #expect(try LoadedFile("{\"src\":\"a;b\",\"dst\":\"c\"}\n", "e.txt").edges == ["a;b c"])
        // What is always known comes first.
        let known = try LoadedFile(
            "{\"from\": 1, \"to\": 2, \"user\": 3, \"value\": 5, \"weight\": 2}\n", "e.jsonl", as: .interacts)
        #expect(known.edges.map { $0.split(separator: " @")[0] } == ["1 2 2.0"])
        #expect(known.file.remarks == ["left out: user, value"])
        #expect(
            refusal("{\"user\": 1, \"follower\": 2, \"to\": 3}\n", "e.jsonl")?.contains("may both be 'from'") == true)
        #expect(
            try LoadedFile("{\"login\": \"ann\"}\n{\"login\": \"bob\"}\n", "k.jsonl", nodes: .user).nodes == [
                "ann", "bob",
            ])
    }
}

import Foundation
import GraphTesting
import Testing

/// Every kind of bad input, by the built command: the exit code of its kind, one line that says what was expected and what
/// was found, and nothing half-written.
@Suite("Bad input")
struct BadInputTests {
    /// A row that is no edge.
    struct BadRow: Sendable, CustomTestStringConvertible {
        let what: String
        let bytes: [UInt8]
        let type: String
        let name: String
        /// The name of the reason, its column, and words the message has.
        let code: String
        let column: Int?
        let words: String
        var testDescription: String { what }

        init(
            _ what: String, _ row: String, of type: String = "follows", in name: String = "bad.tsv", _ code: String,
            column: Int? = nil, _ words: String
        ) {
            self.init(what, Array(row.utf8), of: type, in: name, code, column: column, words)
        }

        init(
            _ what: String, _ bytes: [UInt8], of type: String = "follows", in name: String = "bad.tsv", _ code: String,
            column: Int? = nil, _ words: String
        ) {
            (self.what, self.bytes, self.type, self.name) = (what, bytes, type, name)
            (self.code, self.column, self.words) = (code, column, words)
        }
    }

    static let badRows: [BadRow] = [
        BadRow("too few columns", "7", "too-few-columns", "needs 2 columns, and this one has 1"),
        BadRow("too many columns", "7\t8\t9\t9", "too-many-columns", "at most 3 columns, and this one has 4"),
        BadRow(
            "a key that is not UTF-8", [0x37, 0x09, 0xFF, 0xFE], "bad-key", column: 2, "column 2: a key must be UTF-8"),
        BadRow(
            "an empty key", "\t8", "bad-key", column: 1, "column 1: a key needs 1 to 500 bytes, and this one is empty"),
        BadRow(
            "a key over 500 bytes", "7\t" + String(repeating: "k", count: 501), "bad-key", column: 2,
            "and this one has 501"),
        BadRow(
            "a weight that is no number", "7\t8\tnan", of: "interacts", "bad-weight", column: 3,
            "finite number, found 'nan'"),
        BadRow(
            "an infinite weight", "7\t8\t-inf", of: "interacts", "bad-weight", column: 3, "finite number, found '-inf'"),
        BadRow(
            "a weight beyond Float", "7\t8\t1e39", of: "interacts", "bad-weight", column: 3,
            "at most 3.4028235e+38 either side of 0, found '1e39'; scale the weights"),
        BadRow(
            "a whole weight that Float rounds", "7\t8\t-16777217", of: "interacts", "bad-weight", column: 3,
            "and not -16777217; scale the weights, give the type \"precision\": \"double\", or write them with a point, -16777217.0, to have them rounded"
        ),
        BadRow(
            "a weight beyond Float in JSON", "{\"from\": 7, \"to\": 8, \"weight\": -1e39}", of: "interacts",
            in: "bad.jsonl", "bad-weight", column: 1, "at most 3.4028235e+38 either side of 0, found '-1e39'"),
        BadRow(
            "a key of JSON that is no integer", "{\"from\": 1e3, \"to\": 8}", in: "bad.jsonl", "bad-json",
            "\"from\": a key that is a number is an integer, found 1e3; write others as text, in quotes; an edge is an object"
        ),
        BadRow(
            "a member of JSON that is there twice", "{\"from\": 7, \"to\": 8, \"from\": 9}", in: "bad.jsonl",
            "bad-json",
            "\"from\" is there twice; leave one out"),
        BadRow(
            "a comma before the brace of JSON", "{\"from\": 7, \"to\": 8,}", in: "bad.jsonl", "bad-json",
            "byte 21: the name of a member, in quotes, is expected, found '}'"),
        BadRow(
            "a time before 1970", "7\t8\t1\t1969-12-31", of: "interacts", "bad-time", column: 4,
            "from 1970-01-01T00:00:00Z to 2106-02-07T06:28:15Z, found '1969-12-31'"),
        BadRow("a negative time", "7\t8\t-1", "bad-time", column: 3, "to 2106-02-07T06:28:15Z, found '-1'"),
        BadRow("a time after 2106", "7\t8\t4294967296", "bad-time", column: 3, "found '4294967296'"),
        BadRow(
            "a day that does not exist", "7\t8\t2023-02-29", "bad-time", column: 3,
            "a day that the calendar has, found '2023-02-29'"),
        BadRow(
            "an hour that does not exist", "7\t8\t2024-05-01T25:00", "bad-time", column: 3,
            "00:00:00 to 23:59:59, a zone up to 23:59 from UTC, found '2024-05-01T25:00'"),
        BadRow(
            "a time with text behind it", "7\t8\t2024-05-01junk", "bad-time", column: 3,
            "or ISO 8601 such as 2024-05-01T08:00:00Z, from 1970 to 2106, found '2024-05-01junk'"),
        BadRow(
            "such a time in JSON", "{\"from\": 7, \"to\": 8, \"time\": \"2024-05-01T08:00:00Zjunk\"}",
            in: "bad.jsonl", "bad-time", column: 1, "found '2024-05-01T08:00:00Zjunk'"),
        BadRow(
            "a time of JSON after 2106", "{\"from\": 7, \"to\": 8, \"time\": 4294967296.5}", in: "bad.jsonl",
            "bad-time", column: 1, "to 2106-02-07T06:28:15Z, found '4294967296.5'"),
        BadRow("a loop", "7\t7", "self-loop", "joins a node to itself"),
        BadRow("an open quote", "7,\"8", in: "bad.csv", "open-quote", "does not end"),
        BadRow("text after a quote", "7,\"8\"9", in: "bad.csv", "text-after-quote", "after a closing quote"),
        BadRow("JSON that is none", "{\"from\": 7,", in: "bad.jsonl", "bad-json", "an edge is an object such as"),
        BadRow("JSON without an end", "{\"from\": 7}", in: "bad.jsonl", "bad-json", "\"to\" is missing"),
        BadRow("a line without targets", "7", in: "bad.adj", "too-few-columns", "needs 2 columns"),
    ]

    private static let goodRows = [
        "bad.tsv": "1\t2\t\n2\t3\n", "bad.csv": "1,2\n2,3\n", "bad.adj": "1\t2,4\n2\t3\n",
        "bad.jsonl": "{\"from\": 1, \"to\": 2}\n{\"from\": 2, \"to\": 3}\n",
    ]

    @Test("in a file stops the load at its line, and is left out and told of when it may be", arguments: badRows)
    func row(bad: BadRow) throws {
        let folder = try TemporaryFolder()
        var good = try #require(BadInputTests.goodRows[bad.name])
        // The first row tells how many columns a row may have.
        if bad.name == "bad.tsv", bad.type == "interacts" { good = "1\t2\t\t\n2\t3\n" }
        try (Data(good.utf8) + Data(bad.bytes) + Data([10])).write(to: URL(fileURLWithPath: folder.file(bad.name)))
        let edges = ["--edges", "\(bad.type)=\(bad.name)"]
        let new = try kith(in: folder, arguments: ["load", "s.kith"] + edges)
        #expect(new.code == 65)
        #expect(new.output == "")
        #expect(new.errors.hasPrefix("kith: \(bad.name):3: "), "\(new.errors)")
        #expect(new.errors.contains(bad.words), "\(new.errors)")
        #expect(new.errors.filter(\.isNewline).count == 1)
        #expect(try names(in: folder) == [bad.name])

        let skipped = try kith(
            in: folder,
            arguments: ["load", "s.kith"] + edges + ["--on-error", "skip", "--rejects", "r.jsonl", "--format", "json"]
        ).object()
        #expect(skipped["rejected"] as? Int == 1)
        #expect(skipped["reasons"] as? [String: Int] == [bad.code: 1])
        let rejects = try String(contentsOfFile: folder.file("r.jsonl"), encoding: .utf8).split(separator: "\n")
        #expect(rejects.count == 1)
        let reject = try #require(
            try JSONSerialization.jsonObject(with: Data((rejects.first ?? "").utf8)) as? [String: Any])
        #expect(reject["file"] as? String == bad.name)
        #expect(reject["line"] as? Int == 3)
        #expect(reject["column"] as? Int == bad.column)
        #expect(reject["code"] as? String == bad.code)
        #expect((reject["reason"] as? String)?.contains(bad.words.prefix(12)) == true)
        #expect(
            (reject["text"] as? String)?.prefix(200) == String(decoding: bad.bytes, as: UTF8.self).prefix(200))

        let whole = try Data(contentsOf: URL(fileURLWithPath: folder.file("s.kith")))
        let into = try kith(in: folder, arguments: ["load", "s.kith"] + edges)
        #expect(into.code == 65)
        #expect(try Data(contentsOf: URL(fileURLWithPath: folder.file("s.kith"))) == whole)
    }

    @Test("in a command is refused with the code of its kind, and changes nothing")
    func commands() throws {
        let folder = try TemporaryFolder()
        try write("1\t2\n", "e.tsv", in: folder)
        try write("visits\n", "kinds.tsv", in: folder)
        #expect(try kith(in: folder, "load", "s.kith", "--edges", "follows=e.tsv").code == 0)
        let url = URL(fileURLWithPath: folder.file("s.kith"))
        let whole = try Data(contentsOf: url)
        try FileManager.default.createDirectory(atPath: folder.file("d"), withIntermediateDirectories: true)
        try Data().write(to: URL(fileURLWithPath: folder.file("empty.kith")))
        try whole.prefix(9_000).write(to: URL(fileURLWithPath: folder.file("cut.kith")))
        try Data("hello, this is text\n".utf8).write(to: URL(fileURLWithPath: folder.file("text.kith")))
        var later = whole
        let version = Data("format".utf8) + Data([4, 0, 0, 0])
        #expect(later.range(of: version) != nil)
        while let place = later.range(of: version) { later[place.upperBound - 4] = 9 }
        try later.write(to: URL(fileURLWithPath: folder.file("later.kith")))
        let before = try names(in: folder)

        let cases: [(code: Int32, words: String, arguments: [String])] = [
            (65, "this one is empty", ["add", "s.kith", "follows", "", "b"]),
            (65, "this one has 501", ["add", "s.kith", "follows", "a", String(repeating: "k", count: 501)]),
            (65, "finite number, and this one is nan", ["add", "s.kith", "interacts", "a", "b", "--weight", "nan"]),
            (65, "found '1969-12-31'", ["add", "s.kith", "follows", "a", "b", "--at", "1969-12-31"]),
            (65, "does not join a node to itself", ["add", "s.kith", "follows", "a", "a"]),
            (64, "no edge type 'visits'; it has follows", ["add", "s.kith", "visits", "a", "b"]),
            (64, "no weight", ["add", "s.kith", "follows", "a", "b", "--weight", "1"]),
            (64, "no edge type 'visits'; it has follows", ["load", "s.kith", "--edges", "visits=e.tsv"]),
            (64, "no edge type 'visits'", ["load", "x.kith", "--edges", "visits=e.tsv"]),
            (64, "no node kind 'places'; it has user", ["load", "s.kith", "--nodes", "places=kinds.tsv"]),
            (66, "none.tsv", ["load", "x.kith", "--edges", "follows=none.tsv"]),
            (66, "'d' cannot be read: it is a directory", ["load", "x.kith", "--edges", "follows=d"]),
            (66, "'none' cannot be read: No such file", ["load", "x.kith", "--folder", "none"]),
            (66, "'e.tsv' cannot be read: Not a directory", ["load", "x.kith", "--folder", "e.tsv"]),
            (65, "not a regular file", ["load", "d", "--edges", "follows=e.tsv"]),
            (65, "not a regular file", ["stats", "d"]), (65, "not a regular file", ["check", "d"]),
            (73, "exists already", ["create", "d"]), (73, "exists already", ["create", "s.kith"]),
            (73, "exists already", ["backup", "s.kith", "empty.kith"]),
            (66, "the folder of 'none/x.kith' is missing", ["create", "none/x.kith"]),
            (66, "the folder of 'none/x.kith' is missing", ["load", "none/x.kith", "--edges", "follows=e.tsv"]),
            (66, "the folder of 'none/x.kith' is missing", ["backup", "s.kith", "none/x.kith"]),
            (66, "there is no store", ["add", "x.kith", "follows", "a", "b"]),
            (66, "no user '9' in the store", ["neighbors", "s.kith", "9", "--via", "follows"]),
            (65, "it is empty", ["add", "empty.kith", "follows", "a", "b"]),
            (65, "cut short", ["add", "cut.kith", "follows", "a", "b"]), (65, "cut short", ["check", "cut.kith"]),
            (65, "cut short", ["load", "cut.kith", "--edges", "follows=e.tsv"]),
            (65, "not a Kith store", ["stats", "text.kith"]), (65, "it is no LMDB file", ["stats", "e.tsv"]),
            (66, "'d' cannot be read: it is a directory", ["recommend", "s.kith", "--users", "d"]),
            (
                65, "at the top it is not valid JSON; `kith schema STORE --format json`",
                ["create", "x.kith", "--schema", "e.tsv"]
            ),
            (64, "no verb 'recomend'; did you mean 'recommend'?", ["help", "recomend"]),
            (74, "'/dev/full' cannot be written: No space", ["recommend", "s.kith", "1", "--output", "/dev/full"]),
            (74, "'/dev/full' cannot be written", ["recommend", "s.kith", "--all", "--output", "/dev/full"]),
            (64, "--threads is 1 to 256", ["recommend", "s.kith", "--all", "--threads", "257"]),
            (65, "format version 9, and this program reads versions up to 4", ["stats", "later.kith"]),
            (65, "format version 9", ["add", "later.kith", "follows", "a", "b"]),
            (65, "format version 9", ["load", "later.kith", "--edges", "follows=e.tsv"]),
            (74, "cannot be written", ["export", "s.kith", "--edges", "follows", "--output", "none/e.tsv"]),
        ]
        for (code, words, arguments) in cases {
            let outcome = try kith(in: folder, arguments: arguments)
            #expect(outcome.code == code, "\(arguments): \(outcome.errors)")
            #expect(outcome.errors.contains(words), "\(arguments): \(outcome.errors)")
            #expect(outcome.errors.hasPrefix("kith: ") && outcome.errors.filter(\.isNewline).count == 1)
            #expect(outcome.output == "", "\(arguments)")
        }
        #expect(try Data(contentsOf: url) == whole)
        // Opening a store makes its lock file, also when it is refused then.
        #expect(try names(in: folder).filter { !$0.hasSuffix("-lock") } == before.filter { !$0.hasSuffix("-lock") })
    }

    @Test("that is an argument of other bytes than UTF-8 is refused, not mended into another key")
    func bytesOfArguments() throws {
        let folder = try TemporaryFolder()
        #expect(try kith(in: folder, "create", "s.kith").code == 0)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        process.arguments = ["-c", "'\(try builtCommand().path)' add s.kith follows $'a\\xff' b 2> errors"]
        process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 65)
        #expect(
            try String(contentsOfFile: folder.file("errors"), encoding: .utf8)
                == "kith: argument 4 is not UTF-8; convert it first\n")
        let stats = try kith(in: folder, "stats", "s.kith", "--format", "json").object()
        #expect((stats["nodes"] as? [String: Int])?["user"] == 0)
    }

    @Test("output that is full or closed is an error, or nobody's loss, and no crash")
    func brokenOutput() throws {
        let folder = try TemporaryFolder()
        #expect(try kith(in: folder, "create", "s.kith").code == 0)
        for (code, line) in [
            (74, "stats s.kith > /dev/full"), (74, "--help > /dev/full"), (74, "add --help > /dev/full"),
            (74, "stats s.kith >&-"), (74, "--help >&-"), (66, "stats none.kith 2> /dev/full"),
            (66, "stats none.kith 2>&-"), (0, "check s.kith --progress 2> /dev/full"),
            // A stream that is closed is not where the store is opened.
            (65, "add s.kith follows a a 2>&-"), (0, "check s.kith --progress json <&- 2>&-"), (0, "check s.kith"),
        ] as [(Int32, String)] {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/bin/bash")
            process.arguments = ["-c", "'\(try builtCommand().path)' \(line)"]
            process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
            (process.standardOutput, process.standardError) = (FileHandle.nullDevice, FileHandle.nullDevice)
            try process.run()
            process.waitUntilExit()
            #expect(process.terminationReason == .exit && process.terminationStatus == code, "\(line)")
        }
    }

    @Test("is left out into the file that is named, wherever it leads, and not into another put in its place")
    func rejects() throws {
        let folder = try TemporaryFolder()
        try write("1\t2\n1\n", "e.tsv", in: folder)
        try FileManager.default.createSymbolicLink(
            atPath: folder.file("r.jsonl"), withDestinationPath: folder.file("elsewhere"))
        let load = ["load", "s.kith", "--edges", "follows=e.tsv", "--on-error", "skip", "--rejects"]
        #expect(try kith(in: folder, arguments: load + ["r.jsonl"]).code == 0)
        #expect(try String(contentsOfFile: folder.file("elsewhere"), encoding: .utf8).contains("too-few-columns"))
        let refused = try kith(in: folder, arguments: load + ["/dev/full"])
        #expect(refused.code == 74 && refused.errors.contains("'/dev/full' cannot be written"), "\(refused.errors)")
    }

    private func names(in folder: TemporaryFolder) throws -> [String] {
        try folder.names()
    }
}

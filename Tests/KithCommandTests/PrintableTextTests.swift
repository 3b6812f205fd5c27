import Foundation
import GraphTesting
import Testing

@testable import KithCommand

/// Keys and paths of others at a terminal: nothing moves the cursor, turns text about or is not there to be seen.
@Suite("Text of others")
struct PrintableTextTests {
    /// A character, and how it is spelt out: a control of each kind, marks of direction, and what has no width.
    static let characters = [
        "\u{1B}", "\u{7F}", "\u{9B}", "\r", "\u{202E}", "\u{2066}", "\u{200F}", "\u{61C}", "\u{200B}", "\u{200D}",
        "\u{2060}", "\u{FEFF}", "\u{AD}", "\u{2028}", "\u{2029}", "\u{FE0F}", "\u{E0041}", "\u{3164}", "\u{34F}",
    ]

    @Test("is spelt out where a terminal reads it, in a table as in JSON, and else is as it is", arguments: characters)
    func spelling(character: String) throws {
        let scalar = try #require(character.unicodeScalars.first)
        let text = "a" + character + "b"
        #expect(text.printable == "a\(scalar.escaped(asASCII: true))b")
        #expect(!text.printableJSON.contains(character))
        let decoded = try JSONDecoder().decode([String].self, from: Data("[\"\(text.printableJSON)\"]".utf8))
        #expect(decoded.first.map { Array($0.unicodeScalars) } == Array(text.unicodeScalars))
    }

    @Test("that can be seen is as it is")
    func visible() {
        for text in ["plain", "Zoë Ångström", "日本語", "مرحبا", "👍🏽", "e\u{301}", "ไทย", "a\\u{202E}"] {
            #expect(text.printable == text && text.printableJSON == text)
        }
    }

    @Test("never reaches a terminal, in whatever format or error, and reaches a file as it is")
    func everywhere() throws {
        let folder = try TemporaryFolder()
        let key = "x\u{202E}y\u{200B}\u{9B}2J"
        let bad = ["\u{202E}", "\u{200B}", "\u{9B}"]
        try write("a\t\(key)\n\(key)\tb\n", "e.tsv", in: folder)
        #expect(try kith(in: folder, "load", "s.kith", "--edges", "follows=e.tsv").code == 0)
        try write("1\n", "\(key).tsv", in: folder)
        let lines: [(Int32, [String])] = [
            (0, ["neighbors", "s.kith", "a", "--via", "follows"]),
            (0, ["neighbors", "s.kith", "a", "--via", "follows", "--format", "json"]),
            (0, ["neighbors", "s.kith", "a", "--via", "follows", "--format", "jsonl"]),
            (0, ["neighbors", "s.kith", "a", "--via", "follows", "--format", "csv"]),
            (0, ["neighbors", "s.kith", "a", "--via", "follows", "--safe-csv"]),
            (0, ["recommend", "s.kith", "--all", "--via", "follows"]),
            (0, ["recommend", "s.kith", "--all", "--via", "follows", "--format", "csv"]),
            (0, ["export", "s.kith", "--edges", "follows"]), (0, ["export", "s.kith", "--nodes", "user"]),
            (0, ["export", "s.kith", "--edges", "follows", "--format", "csv"]),
            (0, ["export", "s.kith", "--edges", "follows", "--format", "jsonl"]),
            (0, ["export", "s.kith", "--edges", "follows", "--format", "json"]),
            (66, ["recommend", "s.kith", "no\(key)"]), (66, ["recommend", "s.kith", "no\(key)", "--format", "json"]),
            (66, ["stats", "\(key).kith"]), (64, ["verb\(key)"]), (64, ["stats", "s.kith", "--format", key]),
            (65, ["load", "s.kith", "--edges", "follows=\(key).tsv"]),
            (0, ["why", "s.kith", "a", "b", "--via", "follows"]),
        ]
        for (code, arguments) in lines {
            let command = try CommandAtTerminal(in: folder, arguments)
            #expect(try command.end() == code, "\(arguments) \(command.transcript)")
            for character in bad { #expect(!command.transcript.contains(character), "\(arguments)") }
            if code != 64 { #expect(command.transcript.lowercased().contains("202e"), "\(arguments)") }
        }
        let csv = try kith(in: folder, "neighbors", "s.kith", "a", "--via", "follows", "--format", "csv")
        #expect(csv.output.contains(key))
        #expect(try kith(in: folder, "export", "s.kith", "--edges", "follows").output.contains(key))
    }

    @Test("of the line that is typed is spelt out, and the cursor stands behind it")
    func editedLine() {
        var line = EditedLine("a\u{202E}")
        #expect(line.window(of: 40).text == "a\\u{202E}" && line.window(of: 40).column == 9)
        line.insert("b")
        #expect(line.window(of: 40).text == "a\\u{202E}b" && line.window(of: 40).column == 10)
        #expect(line.text == "a\u{202E}b")
    }
}

/// CSV for spreadsheets.
@Suite("Safe CSV")
struct SafeCSVTests {
    static let formulas = ["=1+1", "+1", "-1+cmd", "@SUM(A1)", "\t=1", "\r=1", "＝1", "a;=1", "=\"x\",1"]

    @Test("has no cell that a spreadsheet takes for a formula, and numbers as they are", arguments: formulas)
    func cells(formula: String) throws {
        let folder = try TemporaryFolder()
        #expect(try kith(in: folder, "create", "s.kith").code == 0)
        let add = ["add", "s.kith", "interacts", "--weight=-2.5", "--at", "5", "--", "a", formula]
        let added = try kith(in: folder, arguments: add)
        #expect(added.code == 0, "\(added.errors)")
        let defused = formula.hasPrefix("a") ? formula : "'" + formula
        let cell = "\"" + defused.replacing("\"", with: "\"\"") + "\""
        let plain = ["neighbors", "s.kith", "a", "--via", "interacts"]
        #expect(try kith(in: folder, arguments: plain + ["--safe-csv"]).output.contains("\n\(cell),-"))
        #expect(
            try kith(in: folder, arguments: plain + ["--format", "csv", "--safe-csv"]).output.contains("\n\(cell),"))
        #expect(try !kith(in: folder, arguments: plain + ["--format", "csv"]).output.contains("'"))
        let rows = try kith(in: folder, "export", "s.kith", "--edges", "interacts", "--safe-csv").output
        #expect(rows == "from,to,weight,time\n\"a\",\(cell),-2.5,5\n")
        let nodes = try kith(in: folder, "export", "s.kith", "--nodes", "user", "--format", "csv", "--safe-csv").output
        #expect(nodes == "key\n\"a\"\n\(cell)\n")
        let export = ["export", "s.kith", "--edges", "interacts", "--output", "e.csv", "--safe-csv"]
        #expect(try kith(in: folder, arguments: export).code == 0)
        #expect(try String(contentsOfFile: folder.file("e.csv"), encoding: .utf8) == rows)
        // A loss that is said: what is loaded again has the apostrophe.
        #expect(try kith(in: folder, "load", "again.kith", "--edges", "interacts=e.csv").code == 0)
        #expect(
            try kith(in: folder, "neighbors", "again.kith", "a", "--via", "interacts", "--format", "jsonl").code == 0)
        #expect(try kith(in: folder, "degree", "again.kith", "--", defused).code == 0)
        let whole = ["export", "s.kith", "--edges", "interacts", "--output", "e.csv", "--format", "json"]
        #expect(try kith(in: folder, arguments: whole).code == 0)
        #expect(try !String(contentsOfFile: folder.file("e.csv"), encoding: .utf8).contains("'"))
    }

    @Test("is refused with other formats")
    func others() throws {
        let folder = try TemporaryFolder()
        #expect(try kith(in: folder, "create", "s.kith").code == 0)
        for arguments in [
            ["stats", "s.kith", "--format", "json", "--safe-csv"],
            ["stats", "s.kith", "--format", "table", "--safe-csv"],
            ["export", "s.kith", "--edges", "follows", "--file-format", "tsv", "--safe-csv"],
            ["export", "s.kith", "--edges", "follows", "--output", "e.tsv", "--safe-csv"],
            ["stats", "s.kith", "--format", "safeCSV"],
        ] { #expect(try kith(in: folder, arguments: arguments).code == 64, "\(arguments)") }
        #expect(try folder.names() == ["s.kith", "s.kith-lock"])
    }
}

import Foundation
import GraphTesting
import Testing

/// The contract, verb by verb: each in each format, on one small store.
@Suite("Every verb")
struct EveryVerbTests {
    /// A verb, how it is called, and what it answers.
    struct Row: CustomTestStringConvertible {
        let verb: String
        /// Behind the verb; OUT becomes a file that is not there, and NEW a store, one for each format.
        let arguments: [String]
        /// The names of the JSON object, or of the objects of its array.
        let members: [String]
        /// The columns of a table, CSV and JSON lines.
        let columns: [String]
        var code: Int32 = 0

        var testDescription: String { verb }
    }

    static let rows: [Row] = [
        Row(verb: "create", arguments: ["OUT"], members: ["created"], columns: ["created"]),
        Row(
            verb: "load", arguments: ["OUT", "--edges", "follows=e.tsv"],
            members: ["edges", "nodes", "rejected", "duplicates", "seconds", "bytes"], columns: ["what", "count"]),
        Row(
            verb: "export", arguments: ["s.kith", "--edges", "follows"], members: ["from", "to", "time"],
            columns: ["from", "to", "time"]),
        Row(
            verb: "generate", arguments: ["rmat", "--scale", "3", "--edge-factor", "2", "--seed", "1"],
            members: ["from", "to"], columns: ["from", "to"]),
        Row(verb: "add", arguments: ["s.kith", "follows", "1", "2"], members: ["added"], columns: ["added"]),
        Row(
            verb: "remove", arguments: ["s.kith", "--node", "user", "nobody"], members: ["removed"],
            columns: ["removed"]),
        Row(
            verb: "apply", arguments: ["s.kith", "changes.jsonl"],
            members: [
                "added", "updated", "removed", "missing", "nodesAdded", "lines", "rejected", "commits", "seconds",
            ],
            columns: ["what", "count"]),
        Row(
            verb: "forget", arguments: ["s.kith", "user", "nobody"],
            members: ["removed", "missing", "edges", "bytesOverwritten", "bytesScanned", "occurrences", "filesBeside"],
            columns: [
                "removed", "missing", "edges", "bytes overwritten", "bytes scanned", "occurrences", "files beside",
            ]),
        Row(
            verb: "recommend", arguments: ["s.kith", "1", "--by", "friends-of-friends", "--via", "follows"],
            members: ["user", "by", "results", "complete", "milliseconds"],
            columns: ["rank", "user", "score", "by", "paths", "through"]),
        Row(
            verb: "why", arguments: ["s.kith", "1", "4"],
            members: ["user", "candidate", "suggested", "reason", "evidence"],
            columns: ["why", "score", "paths", "through"]),
        Row(
            verb: "similar", arguments: ["s.kith", "2"], members: ["node", "results"],
            columns: ["rank", "key", "score", "shared", "through"]),
        Row(
            verb: "top", arguments: ["s.kith", "--by", "followers"], members: ["by", "results"],
            columns: ["rank", "key", "score"]),
        Row(
            verb: "neighbors", arguments: ["s.kith", "1", "--via", "follows", "--limit", "1"],
            members: ["node", "via", "direction", "degree", "neighbors", "next"], columns: ["key", "weight", "time"]),
        Row(
            verb: "common", arguments: ["s.kith", "2", "3", "--via", "follows"],
            members: ["a", "b", "via", "count", "nodes"], columns: ["key"]),
        Row(
            verb: "path", arguments: ["s.kith", "1", "4"], members: ["a", "b", "via", "hops", "nodes", "types"],
            columns: ["hop", "key", "by"]),
        Row(
            verb: "degree", arguments: ["s.kith", "1"], members: ["node", "follows", "friends", "interests"],
            columns: ["type", "out", "in"]),
        Row(
            verb: "edge", arguments: ["s.kith", "follows", "4", "1"], members: ["from", "type", "to", "exists"],
            columns: ["from", "type", "to", "exists", "weight", "time"], code: 1),
        Row(verb: "shell", arguments: ["s.kith"], members: ["node", "follows"], columns: ["type", "out", "in"]),
        Row(
            verb: "stats", arguments: ["s.kith"],
            members: ["version", "features", "nodes", "edges", "bytes", "bytesPerEdge"],
            columns: ["what", "count"]),
        Row(
            verb: "check", arguments: ["s.kith"], members: ["ok", "checked", "problems"],
            columns: ["kind", "table", "node", "message"]),
        Row(verb: "backup", arguments: ["s.kith", "OUT"], members: ["file", "bytes"], columns: ["file", "bytes"]),
        Row(
            verb: "swap", arguments: ["c.kith", "NEW"], members: ["bytesBefore", "bytes"],
            columns: ["bytes before", "bytes"]),
        Row(
            verb: "compact", arguments: ["c.kith", "--reorder"], members: ["bytesBefore", "bytes"],
            columns: ["bytes before", "bytes"]),
        Row(
            verb: "upgrade", arguments: ["s.kith"], members: ["upgraded", "versionBefore", "version"],
            columns: ["upgraded", "version before", "version"]),
        Row(
            verb: "schema", arguments: ["s.kith"], members: ["nodeKinds", "edgeTypes"],
            columns: ["what", "name", "from", "to", "direction", "columns", "repeated"]),
        Row(
            verb: "readers", arguments: ["s.kith"], members: ["readers"],
            columns: ["process", "thread", "transaction", "behind", "alive"]),
    ]

    @Test("has a row in this table")
    func allAreHere() throws {
        let help = try kith(in: TemporaryFolder(), "--help")
        #expect(help.code == 0 && help.errors == "")
        let verbs = help.output.components(separatedBy: "EXAMPLES:")[0]
            .matches(of: #/(?m)^  ([a-z]+) /#).map { String($0.output.1) }
        #expect(Set(verbs) == Set(EveryVerbTests.rows.map(\.verb)))
        #expect(verbs.count == EveryVerbTests.rows.count)
    }

    @Test("answers in each format with its shape, its exit code, and nothing on standard error", arguments: rows)
    func formats(row: Row) throws {
        let folder = try EveryVerbTests.folder()
        var said: [String: String] = [:]
        for format in ["table", "json", "jsonl", "csv"] {
            let outcome = try kith(
                in: folder, arguments: try call(row, format, in: folder) + ["--format", format], input: "script")
            #expect(outcome.code == row.code, "\(format): \(outcome.errors)")
            #expect(outcome.errors == "", "\(format)")
            #expect(!outcome.output.contains("\u{1B}"))
            said[format] = outcome.output
        }
        let json = try JSONSerialization.jsonObject(with: Data(try #require(said["json"]).utf8))
        let objects = try #require(json as? [[String: Any]] ?? (json as? [String: Any]).map { [$0] })
        let isRows = row.verb == "export" || row.verb == "generate"
        for name in row.members where !(isRows && name == "time") {
            #expect(objects.allSatisfy { $0[name] != nil }, "\(name)")
        }
        #expect(!objects.isEmpty)
        for line in try #require(said["jsonl"]).split(separator: "\n") {
            let line = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            // A line of `recommend` is a user's answer, whether one is asked for or many.
            #expect(Set(line.keys).isSubset(of: row.verb == "recommend" ? row.members + ["residual"] : row.columns))
        }
        #expect(
            try #require(said["csv"]).split(separator: "\n").first.map(String.init)
                == row.columns.joined(separator: ","))
        // A table of rows to be loaded again is TSV.
        let table = try #require(said["table"])
        let heading = try #require(table.split(separator: "\n").first)
        if row.verb == "generate" {
            #expect(table.split(separator: "\n").allSatisfy { $0.split(separator: "\t").count == 2 })
        } else {
            let names = heading.split(separator: isRows ? #/\t/# : #/  +/#).map {
                $0.trimmingCharacters(in: .whitespaces)
            }
            // A table calls keys by their kind.
            #expect(names == row.columns.map { $0 == "key" && !isRows ? "user" : $0 })
        }
    }

    /// A folder with two stores of one small graph, and what the rows name beside; copied, because loads take long.
    private static func folder() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        for name in try FileManager.default.contentsOfDirectory(atPath: base.get().path)
        where !name.hasPrefix(".") && !name.hasSuffix("-lock") {
            try FileManager.default.copyItem(atPath: base.get().file(name), toPath: folder.file(name))
        }
        return folder
    }

    private static let base = Result {
        let folder = try TemporaryFolder()
        try write("1\t2\n1\t3\n2\t4\n3\t4\n3\t5\n", "e.tsv", in: folder)
        try write("degree 1\n", "script", in: folder)
        try write("{\"add\": \"follows\", \"from\": 1, \"to\": 2}\n", "changes.jsonl", in: folder)
        for store in ["s.kith", "c.kith", "new.kith"] {
            try #require(try kith(in: folder, "load", store, "--edges", "follows=e.tsv").code == 0)
        }
        return folder
    }

    /// The command line of a row, with files of their own for each `name`.
    private func call(_ row: Row, _ name: String, in folder: TemporaryFolder) throws -> [String] {
        let files = ["OUT": "out-\(name).kith", "NEW": "new-\(name).kith"]
        if row.arguments.contains("NEW") {
            try FileManager.default.copyItem(
                atPath: folder.file("new.kith"), toPath: folder.file("new-\(name).kith"))
        }
        return [row.verb] + row.arguments.map { files[$0] ?? $0 }
    }

    @Test("without a format prints a table")
    func withoutFormat() throws {
        let folder = try EveryVerbTests.folder()
        for verb in [["degree", "s.kith", "1"], ["stats", "s.kith"]] {
            let usual = try kith(in: folder, arguments: verb)
            let table = try kith(in: folder, arguments: verb + ["--format", "table"])
            #expect(usual.code == 0 && usual.output == table.output)
        }
    }

    @Test("says what is wrong with a store that is missing, a folder or other text, by line and code", arguments: rows)
    func badStore(row: Row) throws {
        let folder = try EveryVerbTests.folder()
        try FileManager.default.createDirectory(
            atPath: folder.file("folder.kith"), withIntermediateDirectories: false)
        try write("1\t2\n", "text.kith", in: folder)
        guard let store = row.arguments.first, store != "OUT", store.hasSuffix(".kith") else { return }
        for (name, code, error) in [
            ("none.kith", 66, "no-such-store"), ("folder.kith", 65, "not-a-store"), ("text.kith", 65, "not-a-store"),
        ] as [(String, Int32, String)] {
            // A store in the place of a damaged one is what 'swap' is for.
            if row.verb == "swap", name == "text.kith" { continue }
            let arguments = try call(row, name, in: folder).map { $0 == store ? name : $0 }
            let outcome = try kith(in: folder, arguments: arguments + ["--format", "json"], input: "script")
            #expect(outcome.code == code && outcome.output == "", "\(name): \(outcome)")
            let lines = outcome.errors.split(separator: "\n")
            #expect(lines.count == 2 && lines.first?.contains("\(name)'") == true, "\(outcome.errors)")
            #expect(lines.last?.contains(#""code": "\#(error)""#) == true, "\(outcome.errors)")
            #expect(!FileManager.default.fileExists(atPath: folder.file("out-\(name).kith")))
        }
        #expect(!FileManager.default.fileExists(atPath: folder.file("none.kith")))
        #expect(try String(contentsOfFile: folder.file("text.kith"), encoding: .utf8) == "1\t2\n")
    }

    @Test("says that standard output is full, in one line, and by 74", arguments: rows)
    func fullOutput(row: Row) throws {
        let folder = try EveryVerbTests.folder()
        let outcome = try kith(
            in: folder, arguments: try call(row, "full", in: folder), input: "script", output: "/dev/full")
        #expect(outcome.code == 74, "\(outcome)")
        #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
        #expect(
            outcome.errors.hasSuffix("standard output cannot be written: No space left on device\n"),
            "\(outcome.errors)")
    }

    private static let version = Result { try kith(in: TemporaryFolder(), "--version").output }

    @Test("shows its help and the version, and answers a slip with one line, 64 and what was meant", arguments: rows)
    func help(row: Row) throws {
        let folder = try TemporaryFolder()
        let help = try kith(in: folder, row.verb, "--help")
        #expect(help.code == 0 && help.errors == "")
        #expect(help.output.contains("USAGE: kith \(row.verb)"))
        for option in ["--format <format>", "--progress", "--version", "--help"] {
            #expect(help.output.contains(option), "\(option)")
        }
        let version = try EveryVerbTests.version.get()
        #expect(try kith(in: folder, row.verb, "--version").output == version)
        let slip = try kith(in: folder, arguments: [row.verb] + row.arguments + ["--formt", "--format=json"])
        #expect(slip.code == 64 && slip.output == "")
        let lines = slip.errors.split(separator: "\n")
        #expect(lines.count == 2)
        #expect(lines[0] == "kith: unknown option '--formt'. Did you mean '--format'? See 'kith \(row.verb) --help'")
        let object = try JSONSerialization.jsonObject(with: Data(lines[1].utf8)) as? [String: [String: String]]
        #expect(object?["error"]?["code"] == "usage")
    }

    @Test(
        "says what was meant by a name it does not know",
        arguments: [
            (["recomend", "s.kith", "1"], "recommend"), (["stats", "s.kith", "--format", "jsno"], "json"),
            (["neighbors", "s.kith", "1", "--via", "folows"], "follows"),
            (["recommend", "s.kith", "1", "--by", "intrests"], "interests"),
            (["degree", "s.kith", "1", "--kind", "usr"], "user"),
            (["load", "s.kith", "--edges", "freinds=e.tsv"], "friends"),
            (["load", "s.kith", "--edges", "follows=e.tsv", "--on-error", "skp"], "skip"),
        ])
    func meant(arguments: [String], name: String) throws {
        let folder = try TemporaryFolder()
        try write("1\t2\n", "e.tsv", in: folder)
        #expect(try kith(in: folder, "load", "s.kith", "--edges", "follows=e.tsv").code == 0)
        let outcome = try kith(in: folder, arguments: arguments)
        #expect(outcome.code == 64 && outcome.output == "")
        #expect(outcome.errors.lowercased().contains("did you mean '\(name)'?"), "\(outcome.errors)")
        #expect(outcome.errors.split(separator: "\n").count == 1)
    }
}

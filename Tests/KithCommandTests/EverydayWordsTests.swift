import Foundation
import GraphTesting
import Kith
import Testing

/// What people type: the store from the environment, times in words, values that begin with `-`.
@Suite("Everyday words")
struct EverydayWordsTests {
    private func store() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        #expect(try kith(in: folder, "create", "s.kith").code == 0)
        return folder
    }

    /// Runs the command with `KITH_STORE`.
    private func kith(
        in folder: TemporaryFolder, store: String, _ arguments: String...
    ) throws -> CommandOutcome {
        try KithCommandTests.kith(in: folder, arguments: arguments, environment: ["KITH_STORE": store])
    }

    private func kith(in folder: TemporaryFolder, _ arguments: String...) throws -> CommandOutcome {
        try KithCommandTests.kith(in: folder, arguments: arguments)
    }

    @Test("KITH_STORE stands for STORE where the first argument is no file, in every verb")
    func storeOfEnvironment() throws {
        let folder = try store()
        try write("a\tb\n", "e.tsv", in: folder)
        #expect(try kith(in: folder, store: "s.kith", "add", "follows", "a", "b").code == 0)
        #expect(try kith(in: folder, store: "s.kith", "load", "--edges", "friends=e.tsv").code == 0)
        for arguments in [
            ["neighbors", "a", "--via", "follows"], ["neighbors", "--via", "follows", "a"], ["degree", "a"],
            ["edge", "follows", "a", "b"], ["stats"], ["stats", "--format", "json"], ["check"], ["top"], ["schema"],
            ["readers"], ["common", "a", "b", "--via", "follows"], ["path", "a", "b", "--via", "follows"],
            ["similar", "a", "--via", "follows"], ["recommend", "a", "--via", "follows"], ["recommend", "--all"],
            ["why", "a", "b"], ["export", "--edges", "follows", "--output", "f.tsv"], ["backup", "copy.kith"],
            ["remove", "follows", "a", "b"], ["remove", "--node", "user", "b"], ["compact"],
        ] {
            let outcome = try KithCommandTests.kith(
                in: folder, arguments: arguments, environment: ["KITH_STORE": "s.kith"])
            #expect(outcome.code == 0, "\(arguments): \(outcome.errors)")
        }
        // A first argument that is a file is the store, and a new store can be named.
        #expect(try kith(in: folder, "create", "t.kith").code == 0)
        #expect(
            try kith(in: folder, store: "s.kith", "stats", "t.kith", "--format", "csv").output.contains("nodes user,0"))
        #expect(
            try kith(in: folder, store: "s.kith", "stats", "--format", "csv", "t.kith").output.contains("nodes user,0"))
        #expect(try kith(in: folder, store: "s.kith", "create", "u.kith").output.contains("u.kith"))
        #expect(try kith(in: folder, store: "none.kith", "stats").code == 66)
        let incomplete = try kith(in: folder, store: "s.kith", "add", "follows", "a")
        #expect(incomplete.code == 64 && incomplete.errors.contains("'<to>'"), "\(incomplete.errors)")
        #expect(try kith(in: folder, store: "", "stats").code == 64)
        #expect(try kith(in: folder, store: "s.kith", "add", "--help").code == 0)
    }

    @Test("tables call keys by the kind of their nodes; CSV and JSON lines stay as they are")
    func kinds() throws {
        let folder = try store()
        for (type, from, to) in [
            ("follows", "a", "b"), ("follows", "b", "c"), ("interests", "a", "jazz"), ("interests", "b", "jazz"),
            ("about", "song", "jazz"),
        ] {
            #expect(try kith(in: folder, "add", "s.kith", type, from, to).code == 0)
        }
        let cases: [(arguments: [String], heading: String)] = [
            (["neighbors", "s.kith", "a", "--via", "follows"], "user"),
            (["neighbors", "s.kith", "a", "--via", "interests"], "topic"),
            (["neighbors", "s.kith", "jazz", "--via", "interests", "--in"], "user"),
            (["common", "s.kith", "a", "b", "--via", "interests"], "topic"),
            (["top", "s.kith", "--via", "interests"], "topic"), (["top", "s.kith"], "user"),
            (["path", "s.kith", "a", "c"], "user"),
            (["similar", "s.kith", "jazz", "--via", "interests", "--in"], "topic"),
            (["recommend", "s.kith", "a", "--by", "content"], "item"), (["recommend", "s.kith", "a"], "user"),
            (["recommend", "s.kith", "--all", "--by", "content"], "item"),
        ]
        for (arguments, heading) in cases {
            let table = try KithCommandTests.kith(in: folder, arguments: arguments + ["--format", "table"])
            let words = table.output.split(separator: "\n").first?.split(separator: " ").map(String.init) ?? []
            #expect(words.contains(heading) && !words.contains("key"), "\(arguments): \(table.output)\(table.errors)")
            let csv = try KithCommandTests.kith(in: folder, arguments: arguments + ["--format", "csv"])
            let columns = csv.output.split(separator: "\n").first?.split(separator: ",").map(String.init) ?? []
            #expect(columns.contains(arguments[0] == "recommend" ? "user" : "key"), "\(arguments): \(csv.output)")
        }
    }

    @Test("times in words count back from now, and mean the same in flags and in a request")
    func words() throws {
        let folder = try store()
        for (key, at) in [("new", "1h"), ("older", "20d"), ("oldest", "400d"), ("timed", "2024-05-01 10:00+02")] {
            #expect(try kith(in: folder, "add", "s.kith", "follows", key, "hub", "--at", at).code == 0)
            #expect(try kith(in: folder, "add", "s.kith", "follows", "a", key, "--at", at).code == 0)
            #expect(try kith(in: folder, "add", "s.kith", "follows", key, "of-\(key)", "--at", at).code == 0)
        }
        func found(_ arguments: [String]) throws -> Set<String> {
            let outcome = try KithCommandTests.kith(
                in: folder,
                arguments: ["recommend", "s.kith", "a"] + arguments + ["--format", "json"])
            let results = try outcome.object()["results"] as? [[String: Any]]
            return Set(try #require(results, "\(outcome.errors)").compactMap { $0["user"] as? String })
        }
        let walk = ["--by", "friends-of-friends", "--via", "follows"]
        #expect(try found(walk + ["--since", "30d"]) == ["hub", "of-new", "of-older"])
        #expect(try found(walk + ["--since", "yesterday"]) == ["hub", "of-new"])
        #expect(try found(walk + ["--until", "52w"]) == ["hub", "of-oldest", "of-timed"])
        #expect(try found(walk + ["--until", "2024-05-01T08:00"]) == ["hub", "of-timed"])
        try write(
            """
            {"recommenders": [{"by": "friends-of-friends", "via": ["follows"], "options": {"since": "30d"}}]}
            """, "r.json", in: folder)
        #expect(try found(["--request", "r.json"]) == ["hub", "of-new", "of-older"])
        for time in ["2023-02-29", "30 days", "2024-05-01junk", "99999d"] {
            for arguments in [
                ["add", "s.kith", "follows", "a", "b", "--at", time], ["recommend", "s.kith", "a", "--since", time],
                ["recommend", "s.kith", "a", "--until", time], ["recommend", "s.kith", "a", "--active-since", time],
                ["load", "s.kith", "--edges", "follows=e.tsv", "--at", time],
            ] {
                let outcome = try KithCommandTests.kith(in: folder, arguments: arguments)
                #expect(outcome.code == 65 && outcome.errors.contains("found '\(time)'"), "\(outcome.errors)")
            }
        }
    }

    @Test("tables show times as ISO 8601; JSON, JSON lines and CSV show seconds")
    func tables() throws {
        let folder = try store()
        #expect(
            try kith(in: folder, "add", "s.kith", "follows", "a", "b", "--at", "2024-05-01 10:00:00.5+02:00").code == 0)
        for arguments in [["neighbors", "s.kith", "a", "--via", "follows"], ["edge", "s.kith", "follows", "a", "b"]] {
            #expect(try KithCommandTests.kith(in: folder, arguments: arguments).output.contains("2024-05-01T08:00:00Z"))
            for format in ["json", "jsonl", "csv"] {
                let outcome = try KithCommandTests.kith(in: folder, arguments: arguments + ["--format", format])
                #expect(outcome.output.contains("1714550400") && !outcome.output.contains("2024"))
            }
        }
    }

    @Test("a load says how it read times, and warns of eight digits that look like a date")
    func loadReport() throws {
        let folder = try store()
        try write("a\tb\t20240501\na\tc\t2024-05-01 08:00:00.5\na\td\t1714550400000\n", "e.tsv", in: folder)
        for arguments in [[], ["--dry-run"]] {
            let outcome = try KithCommandTests.kith(
                in: folder, arguments: ["load", "s.kith", "--edges", "follows=e.tsv", "--format", "json"] + arguments)
            #expect(outcome.code == 0)
            #expect(
                try outcome.object()["times"] as? [String: Int]
                    == ["likeDate": 1, "withoutZone": 1, "fraction": 1, "milliseconds": 1])
            #expect(
                outcome.errors.hasPrefix("kith: warning: 1 time of eight digits, such as 20240501, looked like a date"),
                "\(outcome.errors)")
        }
    }

    @Test("values and keys that begin with '-' are hinted at: behind '=', behind '--'")
    func leadingMinus() throws {
        let folder = try store()
        let hints: [([String], String)] = [
            (["add", "s.kith", "interacts", "a", "b", "--weight", "-2"], "written behind '=': --weight=-2"),
            (["recommend", "s.kith", "a", "--exclude", "-5"], "written behind '=': --exclude=-5"),
            (["add", "s.kith", "follows", "-5", "b"], "'--' before keys that begin with '-'"),
            (["neighbors", "s.kith", "-5", "--via", "follows"], "'--' before keys that begin with '-'"),
        ]
        for (arguments, words) in hints {
            let outcome = try KithCommandTests.kith(in: folder, arguments: arguments)
            #expect(outcome.code == 64 && outcome.errors.contains(words), "\(outcome.errors)")
        }
        // What the hints say works.
        #expect(try kith(in: folder, "add", "s.kith", "interacts", "a", "b", "--weight=-2").code == 0)
        #expect(try kith(in: folder, "add", "s.kith", "follows", "--", "-5", "b").code == 0)
        #expect(try kith(in: folder, "neighbors", "s.kith", "--via", "follows", "--", "-5").output.contains("b"))
        // A slip in an option's name is no key.
        let slip = try kith(in: folder, "add", "s.kith", "interacts", "a", "b", "--wieght", "2")
        #expect(!slip.errors.contains("before keys"), "\(slip.errors)")
    }

    @Test("--wait ends with 75 beside a writer that holds on, in every verb that writes")
    func wait() throws {
        let folder = try store()
        try write("a\tb\n", "e.tsv", in: folder)
        let store = try GraphStore(opening: folder.file("s.kith"))
        try store.write { _ in
            for arguments in [
                ["add", "s.kith", "follows", "a", "b"], ["remove", "s.kith", "follows", "a", "b"],
                ["remove", "s.kith", "--node", "user", "a"], ["load", "s.kith", "--edges", "follows=e.tsv"],
                ["schema", "s.kith", "--add-kind", "place"],
            ] {
                let outcome = try KithCommandTests.kith(in: folder, arguments: arguments + ["--wait", "0.01"])
                #expect(outcome.code == 75 && outcome.errors.contains("wait longer (`--wait`)"), "\(outcome.errors)")
            }
        }
        #expect(try kith(in: folder, "add", "s.kith", "follows", "a", "b", "--wait", "5").code == 0)
        #expect(try kith(in: folder, "add", "s.kith", "follows", "a", "b", "--wait=-1").code == 64)
    }
}

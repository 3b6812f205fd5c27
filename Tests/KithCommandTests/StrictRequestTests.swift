import Foundation
import GraphTesting
import Kith
import Testing

/// What is asked is answered, or refused by name: requests on the command line and as JSON.
@Suite("A request on the command line")
struct StrictRequestTests {
    /// alice follows bob, bob follows carol and dora; alone follows nobody.
    private func people() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try write("alice\tbob\nbob\tcarol\nbob\tdora\nerin\talone\n", "follows.tsv", in: folder)
        #expect(try kith(in: folder, "load", "s.kith", "--edges", "follows=follows.tsv").code == 0)
        return folder
    }

    private func suggested(_ outcome: CommandOutcome) throws -> [String] {
        let results = try #require(try outcome.object()["results"] as? [[String: Any]])
        return results.compactMap { $0["user"] as? String }
    }

    @Test("may find nobody when it names how, and is answered by the chain when it names nothing or asks for it")
    func fallback() throws {
        let folder = try people()
        try write("bob\n", "only", in: folder)
        try write(#"{"recommenders": [{"by": "friends-of-friends"}]}"#, "named.json", in: folder)
        func ask(_ flags: String...) throws -> CommandOutcome {
            try kith(in: folder, arguments: ["recommend", "s.kith", "alone", "--format", "json"] + flags)
        }
        #expect(try ask().object()["fallback"] as? String == "attention")
        for flags in [
            ["--by", "friends-of-friends"], ["--by", "blend"], ["--via", "follows"], ["--only", "only"],
            ["--exclude", "bob"], ["--request", "named.json"],
        ] {
            let silent = try kith(in: folder, arguments: ["recommend", "s.kith", "alone", "--format", "json"] + flags)
            #expect(silent.code == 0)
            #expect(try silent.object()["fallback"] == nil && suggested(silent).isEmpty, "\(flags)")
            if flags[0] == "--request" { continue }
            let asked = try kith(
                in: folder, arguments: ["recommend", "s.kith", "alone", "--format", "json", "--fallback"] + flags)
            #expect(try asked.object()["fallback"] as? String == "attention", "\(flags)")
        }
        let why = try kith(in: folder, "why", "s.kith", "alone", "bob", "--format", "json").object()
        #expect(why["fallback"] as? String == "attention" && why["suggested"] as? Bool == true)
    }

    @Test(
        "is refused for a flag that what it names does not read, by the flag's name",
        arguments: [
            (["--by", "linear-filter", "--since", "2024-01-01"], "--since", "friends-of-friends"),
            (["--by", "pagerank", "--half-life-days", "7"], "--half-life-days", "interactions"),
            (["--half-life-days", "7"], "--half-life-days", "weighted"),
            (["--by", "item-based", "--maximum-degree", "7"], "--maximum-degree", "co-follow"),
            (["--by", "attention", "--budget", "7"], "--budget", "pagerank"),
            (["--by", "attention", "--half-life-days", "30"], "--half-life-days", "recent"),
            (["--by", "follow-back", "--minimum-paths", "2"], "--minimum-paths", "interests"),
            (["--by", "follow-back", "--score", "paths"], "--score", "interests"),
            (["--by", "friends-of-friends", "--restart", "0.3"], "--restart", "pagerank"),
            (["--restart", "0.3"], "--restart", "pagerank"), (["--seed", "bob"], "--seed", "pagerank"),
            (["--by", "interests", "--tolerance", "0.3"], "--tolerance", "pagerank"),
            (["--by", "interests", "--undirected"], "--undirected", "pagerank"),
            (["--by", "pagerank", "--undirected"], "--undirected", "--via"),
            (["--by", "pagerank", "--neighbors", "3"], "--neighbors", "user-based"),
            (["--by", "pagerank", "--measure", "recent"], "--measure", "attention"),
            (["--by", "blend", "--since", "2024-01-01"], "--since", "friends-of-friends"),
            (["--by", "pagerank", "--blend", "reciprocal-rank"], "--blend", "--by"),
            (["--threads", "2"], "--threads", "--users"),
        ])
    func flags(flags: [String], flag: String, remedy: String) throws {
        let folder = try people()
        // One reader of flags serves all verbs that take them.
        let others = [["recommend", "s.kith", "--all"], ["why", "s.kith", "alice", "carol"]]
        for verb in [["recommend", "s.kith", "alice"]] + (flag == "--since" ? others : []) {
            let outcome = try kith(in: folder, arguments: verb + flags)
            #expect(outcome.code == 64 && outcome.output.isEmpty)
            #expect(outcome.errors.contains(flag) && outcome.errors.contains(remedy), "\(outcome.errors)")
        }
    }

    @Test("is refused where a file of it stands beside flags, or top is given what its measure does not read")
    func besides() throws {
        let folder = try people()
        try write("{}", "r.json", in: folder)
        for flags in [
            ["--by", "pagerank"], ["--limit", "3"], ["--exclude", "bob"], ["--fallback"], ["--evidence", "1"],
        ] {
            let outcome = try kith(
                in: folder, arguments: ["recommend", "s.kith", "alice", "--request", "r.json"] + flags)
            #expect(outcome.code == 64 && outcome.errors.contains(flags[0]), "\(outcome.errors)")
        }
        let top = try kith(in: folder, "top", "s.kith", "--half-life-days", "3")
        #expect(top.code == 64 && top.errors.contains("--half-life-days"))
        #expect(try kith(in: folder, "top", "s.kith", "--half-life-days", "3", "--by", "recent").code == 0)
        for verb in [["top", "s.kith", "--by", "recent"], ["recommend", "s.kith", "1", "--by", "interactions"]] {
            let none = try kith(in: folder, arguments: verb + ["--half-life-days", "0"])
            #expect(none.code == 64 && none.errors.contains("--half-life-days needs to be above 0, found 0"), "\(none)")
        }
    }

    @Test("as a file is refused for a member that is written twice, or a time that is none; so is a schema")
    func writtenTwice() throws {
        let folder = try people()
        let cases: [(json: String, code: Int32, name: String, words: String)] = [
            (#"{"limit": 5, "limit": 50}"#, 64, "bad-request", "limit: it is written twice"),
            (
                #"{"recommenders": [{"by": "pagerank", "via": ["follows"], "via": ["friends"]}]}"#, 64, "bad-request",
                "recommenders.[0].via: it is written twice"
            ),
            (#"{"limit": 5,}"#, 64, "bad-request", "comma"), (#"{"limit": 5"#, 64, "bad-request", "not valid JSON"),
            (
                #"{"recommenders": [{"by": "friends-of-friends", "options": {"since": "2023-02-29"}}]}"#, 65,
                "bad-time",
                "recommenders.[0].options.since: a time needs a day that the calendar has"
            ),
            (#"{"filters": {"activeSince": "soon"}}"#, 65, "bad-time", "'r.json', filters.activeSince: a time is"),
        ]
        for (json, code, name, words) in cases {
            try write(json, "r.json", in: folder)
            for verb in [["recommend", "s.kith", "alice"], ["why", "s.kith", "alice", "carol"]] {
                let outcome = try kith(in: folder, arguments: verb + ["--request", "r.json", "--format", "json"])
                #expect(outcome.code == code && outcome.output.isEmpty, "\(json): \(outcome.errors)")
                #expect(outcome.errors.contains(words) && outcome.errors.contains("\"\(name)\""), "\(outcome.errors)")
            }
        }
        try write(
            #"{"nodeKinds": ["user"], "edgeTypes": [{"name": "a", "name": "b", "from": "user", "to": "user"}]}"#,
            "schema.json", in: folder)
        let create = try kith(in: folder, "create", "new.kith", "--schema", "schema.json")
        #expect(create.code == 65 && create.errors.contains("edgeTypes.[0].name"), "\(create.errors)")
        #expect(create.errors.contains("written twice"), "\(create.errors)")
    }

    @Test("as a file may begin with a byte order mark; so may a schema")
    func byteOrderMarks() throws {
        let folder = try people()
        try write("\u{FEFF}" + #"{"recommenders": [{"by": "friends-of-friends"}], "limit": 1}"#, "r.json", in: folder)
        let marked = try kith(in: folder, "recommend", "s.kith", "alice", "--request", "r.json", "--format", "csv")
        let flags = try kith(
            in: folder, "recommend", "s.kith", "alice", "--by", "friends-of-friends", "--limit", "1", "--format", "csv")
        #expect(marked.code == 0 && marked.output == flags.output, "\(marked.errors)")
        try write("\u{FEFF}" + Schema.social.json, "schema.json", in: folder)
        let create = try kith(in: folder, "create", "new.kith", "--schema", "schema.json")
        #expect(create.code == 0, "\(create.errors)")
    }

    @Test("as a file is refused for members that are not known; so is a schema; so is a setting")
    func unknownNames() throws {
        let folder = try people()
        try write(
            #"{"recommenders": [{"by": "friends-of-friends", "via": ["follows"], "since": 1672531200}], "limt": 1}"#,
            "limt.json", in: folder)
        try write(
            #"{"recommenders": [{"by": "friends-of-friends", "via": ["follows"], "since": 1672531200}]}"#, "since.json",
            in: folder)
        for (file, names) in [("limt.json", ["limt", "'limit'"]), ("since.json", ["since", "'options'"])] {
            let outcome = try kith(in: folder, "recommend", "s.kith", "alice", "--request", file)
            #expect(outcome.code == 64 && names.allSatisfy(outcome.errors.contains), "\(outcome.errors)")
        }
        let type = #"{"name": "mentors", "from": "user", "to": "user", "colums": ["time"]}"#
        try write(#"{"nodeKinds": ["user"], "edgeTypes": [\#(type)]}"#, "schema.json", in: folder)
        for arguments in [
            ["create", "new.kith", "--schema", "schema.json"], ["schema", "s.kith", "--add-edge-type", type],
        ] {
            let outcome = try kith(in: folder, arguments: arguments)
            #expect(outcome.code == 65 && outcome.errors.contains("colums"), "\(outcome.errors)")
            #expect(outcome.errors.contains("'columns'"), "\(outcome.errors)")
        }
        let setting = try kith(in: folder, "add", "s.kith", "settings", "bob", "hiden")
        #expect(setting.code == 65 && setting.errors.contains("'hidden'"), "\(setting.errors)")
        let other = try kith(in: folder, "add", "s.kith", "settings", "bob", "invisible")
        #expect(other.code == 65 && other.errors.contains("hidden"), "\(other.errors)")
        for (name, text) in [
            ("settings.tsv", "bob\tprivate\nalice\tprivat\n"), ("settings.csv", "from,to\nalice,Private\n"),
            ("settings.jsonl", #"{"from": "alice", "to": "privat"}"# + "\n"),
            ("settings.adj", "alice\thidden,privat\n"),
        ] {
            try write(text, name, in: folder)
            for store in ["s.kith", "fresh.kith"] {
                let load = try kith(in: folder, "load", store, "--edges", "settings=\(name)")
                #expect(load.code == 65 && load.errors.contains("no setting"), "\(load.errors)")
            }
        }
        let settings = try kith(in: folder, "neighbors", "s.kith", "alice", "--via", "settings", "--format", "json")
        #expect(try settings.object()["degree"] as? Int == 0)
    }

    @Test("says how many keys the store does not have, and with --strict refuses them")
    func unknownKeys() throws {
        let folder = try people()
        try write("\u{FEFF}carol\nzoe\nyan\n", "only", in: folder)
        try write("\u{FEFF}alice\nzoe\n", "users", in: folder)
        let some = try kith(in: folder, "recommend", "s.kith", "alice", "--only", "only", "--format", "json")
        #expect(some.code == 0)
        #expect(try suggested(some) == ["carol"])
        #expect(some.errors.contains("2 of the 3 keys of --only"), "\(some.errors)")
        let excluded = try kith(in: folder, "why", "s.kith", "alice", "carol", "--exclude", "yan", "--exclude", "carol")
        #expect(excluded.code == 0 && excluded.errors.contains("1 of the 2 keys of --exclude"), "\(excluded.errors)")
        for flags in [["--only", "only"], ["--exclude", "yan"]] {
            let strict = try kith(in: folder, arguments: ["recommend", "s.kith", "alice", "--strict"] + flags)
            #expect(strict.code == 66 && strict.output.isEmpty && strict.errors.contains(flags[0]))
        }
        let users = try kith(in: folder, "recommend", "s.kith", "--users", "users", "--by", "friends-of-friends")
        #expect(users.code == 66)
        let lines = users.output.split(separator: "\n")
        #expect(lines.count == 2 && lines[0].contains("carol") && lines[1].contains("error"))
        #expect(users.errors.contains("1 of the 2 keys of --users"), "\(users.errors)")
        let strict = try kith(in: folder, "recommend", "s.kith", "--users", "users", "--strict")
        #expect(strict.code == 66 && strict.output.isEmpty && strict.errors.contains("1 of the 2 keys of --users"))
        try write("\u{FEFF}alice\nbob\n", "users", in: folder)
        #expect(try kith(in: folder, "recommend", "s.kith", "--users", "users", "--strict").code == 0)
    }

    @Test("why says what recommend says: the rank, the score and the reason, by every method")
    func why() throws {
        let accounts = try Story()
        for flags in [
            [], ["--by", "friends-of-friends", "--limit", "1"], ["--by", "pagerank", "--limit", "2"],
            ["--by", "co-follow"], ["--by", "same-audience"], ["--by", "triangular"], ["--score", "hub-depressed"],
            ["--by", "attention", "--limit", "3"],
            ["--by", "friends-of-friends", "--minimum-paths", "2"], ["--by", "interests", "--fallback"],
            ["--by", "friends-of-friends", "--by", "attention", "--blend", "reciprocal-rank"],
            ["--by", "linear-filter", "--via", "follows"],
            ["--by", "user-based", "--via", "follows", "--neighbors", "2"],
            ["--exclude", "2", "--exclude", "5"], ["--by", "friends-of-friends", "--same-intermediate", "1"],
        ] {
            // One shell answers them all: each answer is a line.
            var lines = [["recommend", "--users", "users"]]
            for user in accounts.users {
                lines.append(["recommend", user, "--format", "json"])
                lines += accounts.candidates.map { ["why", user, $0, "--format", "json"] }
            }
            let script = lines.map { ($0 + flags).joined(separator: " ") }.joined(separator: "\n")
            try write(script + "\n", "script", in: accounts.folder)
            let shell = try kith(in: accounts.folder, arguments: ["shell", "s.kith"], input: "script")
            #expect(shell.code == 0, "\(shell.errors)")
            var answers = try shell.output.split(separator: "\n").map { line in
                try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            }[...]
            try #require(answers.count == accounts.users.count + lines.count - 1)
            let batch = answers.prefix(accounts.users.count)
            answers.removeFirst(batch.count)
            for (user, many) in zip(accounts.users, batch) {
                let single = answers.removeFirst()
                for member in ["results", "by", "fallback", "complete"] {
                    #expect(try text(many[member]) == text(single[member]), "\(member) \(flags)")
                }
                let results = try #require(single["results"] as? [[String: Any]])
                for candidate in accounts.candidates {
                    let why = answers.removeFirst()
                    let result = results.first { $0["user"] as? String == candidate }
                    #expect(why["suggested"] as? Bool == (result != nil), "\(candidate) for \(user) \(flags)")
                    #expect(try text(why["fallback"]) == text(single["fallback"]))
                    if let result {
                        for member in ["rank", "score", "evidence"] {
                            #expect(try text(why[member]) == text(result[member]), "\(member) \(flags)")
                        }
                    } else {
                        #expect((why["reason"] as? String)?.hasPrefix("not suggested: ") == true)
                    }
                }
            }
        }
    }

    /// A value of JSON, the same for equal ones.
    private func text(_ value: Any?) throws -> String {
        let data = try JSONSerialization.data(withJSONObject: [value ?? NSNull()], options: .sortedKeys)
        return String(decoding: data, as: UTF8.self)
    }

    /// A random store that the command can be asked about, without times, so that it answers alike whenever it is asked.
    private struct Story {
        let folder: TemporaryFolder
        let users = ["0", "9"]
        let candidates = ["0", "1", "2", "4", "11"]

        init() throws {
            folder = try TemporaryFolder()
            var random = SplitMix64(seed: 77)
            var rows = ""
            for _ in 0..<60 {
                let (from, to) = (UInt64.random(in: 0..<12, using: &random), UInt64.random(in: 0..<12, using: &random))
                if from != to, from != 9 { rows += "\(from)\t\(to)\n" }
            }
            rows += "3\t9\n"
            try write(rows, "follows.tsv", in: folder)
            try write("4\thidden\n7\tprivate\n", "settings.tsv", in: folder)
            try write("0\t11\n5\t0\n", "blocks.tsv", in: folder)
            try write(users.joined(separator: "\n") + "\n", "users", in: folder)
            let load = try kith(
                in: folder, "load", "s.kith", "--edges", "follows=follows.tsv", "--edges", "settings=settings.tsv",
                "--edges", "blocks=blocks.tsv")
            #expect(load.code == 0, "\(load.errors)")
        }
    }

    @Test("top and similar leave out the hidden, unless they are asked for")
    func hidden() throws {
        let folder = try people()
        #expect(try kith(in: folder, "add", "s.kith", "settings", "carol", "hidden").code == 0)
        func lists(_ arguments: String...) throws -> Bool {
            try kith(in: folder, arguments: arguments + ["--format", "json"]).output.contains("carol")
        }
        #expect(try lists("top", "s.kith") == false)
        #expect(try lists("top", "s.kith", "--include-hidden"))
        #expect(try lists("similar", "s.kith", "dora", "--in") == false)
        #expect(try lists("similar", "s.kith", "dora", "--in", "--include-hidden"))
    }

    @Test("or to any verb is refused for a flag that goes with another, and for a weight that no edge can have")
    func others() throws {
        let folder = try people()
        let schema = #"{"nodeKinds": ["user"], "edgeTypes": [{"name": "likes", "from": "user", "to": "user"}]}"#
        try write(schema, "other.json", in: folder)
        for (code, arguments, word) in [
            (64, ["load", "s.kith", "--edges", "follows=follows.tsv", "--schema", "other.json"], "another schema"),
            (64, ["load", "s.kith", "--edges", "follows=follows.tsv", "--rejects", "r"], "--on-error"),
            (64, ["compact", "s.kith", "--memory", "1M"], "--reorder"),
            (64, ["check", "s.kith", "--problems-max=-1"], "0 or more"),
            (65, ["add", "s.kith", "interacts", "alice", "bob", "--weight", "1e39"], "1e+39"),
            (65, ["add", "s.kith", "interacts", "alice", "bob", "--weight", "1e-50"], "1e-50"),
            (65, ["add", "s.kith", "interacts", "alice", "bob", "--weight", "16777217"], "does not hold 16777217"),
        ] {
            let outcome = try kith(in: folder, arguments: arguments)
            #expect(outcome.code == code && outcome.errors.contains(word), "\(arguments): \(outcome)")
        }
        try write("alice\tbob\t1e-50\n", "small.tsv", in: folder)
        try write(#"{"from": "alice", "to": "bob", "weight": 1e-50}"#, "small.jsonl", in: folder)
        for file in ["small.tsv", "small.jsonl"] {
            let load = try kith(in: folder, "load", "s.kith", "--edges", "interacts=" + file)
            #expect(load.code == 65 && load.errors.contains("1e-50"), "\(load)")
        }
        try write(try kith(in: folder, "schema", "s.kith", "--format", "json").output, "own.json", in: folder)
        let again = try kith(in: folder, "load", "s.kith", "--edges", "follows=follows.tsv", "--schema", "own.json")
        #expect(again.code == 0, "\(again.errors)")
    }

    @Test("is warned of a time of eight digits, which is seconds and looks like a date")
    func likeDate() throws {
        let folder = try people()
        let add = try kith(in: folder, "add", "s.kith", "follows", "alice", "dora", "--at", "20240501")
        #expect(add.code == 0 && add.errors.contains("'20240501' looks like a date"), "\(add.errors)")
        let ask = try kith(
            in: folder, "recommend", "s.kith", "alice", "--by", "friends-of-friends", "--via", "follows", "--since",
            "20240501")
        #expect(ask.code == 0 && ask.errors.contains("'20240501' looks like a date"), "\(ask.errors)")
        #expect(try kith(in: folder, "add", "s.kith", "follows", "alice", "dora", "--at", "20241301").errors == "")
    }
}

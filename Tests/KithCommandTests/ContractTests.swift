import DiskTesting
import Foundation
import GraphTesting
import Testing

/// What scripts rely on: exit codes, streams and the shape of the JSON, of the built command.
@Suite("The command")
struct ContractTests {
    private func write(_ bytes: [UInt8], _ name: String, in folder: TemporaryFolder) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: folder.file(name)))
    }

    @Test("loads, adds, asks, removes and proves, and says it in JSON")
    func roundTrip() throws {
        let folder = try TemporaryFolder()
        try write(Array("1\t2\n1\t3\n2\t4\n3\t4\n3\t5\n".utf8), "e.tsv", in: folder)
        let load = try kith(in: folder, "load", "s.kith", "--edges", "follows=e.tsv", "--format", "json")
        #expect(load.code == 0)
        #expect(try load.object()["edges"] as? [String: Int] == ["follows": 5])
        #expect(try load.object()["nodes"] as? [String: Int] == ["user": 5])
        #expect(try load.object()["rejected"] as? Int == 0)
        let list = try kith(in: folder, "recommend", "s.kith", "1", "--score", "paths", "--format", "json").object()
        let results = try #require(list["results"] as? [[String: Any]])
        #expect(list["user"] as? String == "1")
        #expect(list["complete"] as? Bool == true)
        #expect(results.map { $0["user"] as? String } == ["4", "5"])
        #expect(results.map { $0["score"] as? Double } == [2, 1])
        #expect((results[0]["evidence"] as? [[String: Any]])?.first?["through"] as? [String] == ["2", "3"])
        #expect(try kith(in: folder, "add", "s.kith", "follows", "alice", "bob", "--at", "5").code == 0)
        let page = try kith(in: folder, "neighbors", "s.kith", "alice", "--via", "follows", "--format", "json").object()
        #expect(page["degree"] as? Int == 1)
        #expect((page["neighbors"] as? [[String: Any]])?.first?["key"] as? String == "bob")
        #expect((page["neighbors"] as? [[String: Any]])?.first?["time"] as? Int == 5)
        let degree = try kith(in: folder, "degree", "s.kith", "bob", "--format", "json").object()
        #expect(degree["follows"] as? [String: Int] == ["out": 0, "in": 1])
        #expect(try kith(in: folder, "edge", "s.kith", "follows", "alice", "bob").code == 0)
        #expect(try kith(in: folder, "remove", "s.kith", "follows", "alice", "bob").code == 0)
        #expect(try kith(in: folder, "edge", "s.kith", "follows", "alice", "bob").code == 1)
        let check = try kith(in: folder, "check", "s.kith", "--format", "json")
        #expect(check.code == 0)
        #expect(try check.object()["ok"] as? Bool == true)
        #expect(try kith(in: folder, "stats", "s.kith", "--format", "json").object()["version"] as? Int == 4)
    }

    @Test("answers many users in the order of the file, unknown ones too, and says so at the end")
    func manyUsers() throws {
        let folder = try TemporaryFolder()
        try write(Array("1\t2\n2\t3\n2\t4\n".utf8), "e.tsv", in: folder)
        try write(Array("4\nnobody\n1\n".utf8), "users", in: folder)
        #expect(try kith(in: folder, "load", "s.kith", "--edges", "friends=e.tsv").code == 0)
        let answer = try kith(in: folder, "recommend", "s.kith", "--users", "users")
        #expect(answer.code == 66)
        let lines = try answer.output.split(separator: "\n").map {
            try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
        }
        #expect(lines.map { $0["user"] as? String } == ["4", "nobody", "1"])
        #expect(lines[1]["error"] != nil)
        #expect((lines[2]["results"] as? [Any])?.count == 2)
    }

    @Test("refuses what it cannot do with the code of its kind, one line of advice, and nothing half-written")
    func failures() throws {
        let folder = try TemporaryFolder()
        try write(Array("1\t2\n3\n".utf8), "short.tsv", in: folder)
        try write([0x31, 0x09, 0xFF, 0xFE, 0x0A], "latin.tsv", in: folder)
        try write([], "empty.kith", in: folder)
        #expect(try kith(in: folder, "create", "s.kith").code == 0)
        let whole = try Data(contentsOf: URL(fileURLWithPath: folder.file("s.kith")))
        try write(Array(whole.prefix(5_000)), "cut.kith", in: folder)
        try FileManager.default.createDirectory(atPath: folder.file("d"), withIntermediateDirectories: true)
        let cases: [(code: Int32, arguments: [String])] = [
            (73, ["create", "s.kith"]), (66, ["stats", "none.kith"]), (66, ["recommend", "s.kith", "nobody"]),
            (64, ["add", "s.kith", "unknown", "a", "b"]), (64, ["nosuchverb"]),
            (65, ["add", "s.kith", "interacts", "a", "b", "--weight", "nan"]),
            (65, ["add", "s.kith", "follows", "", "b"]),
            (65, ["add", "s.kith", "follows", String(repeating: "k", count: 501), "b"]),
            (65, ["add", "s.kith", "follows", "a", "b", "--at", "1969-01-01"]),
            (65, ["load", "x.kith", "--edges", "follows=short.tsv"]),
            (65, ["load", "s.kith", "--edges", "follows=latin.tsv"]),
            (66, ["load", "x.kith", "--edges", "follows=none.tsv"]), (65, ["stats", "d"]),
            (65, ["stats", "empty.kith"]),
            (65, ["stats", "cut.kith"]), (65, ["check", "cut.kith"]),
        ]
        for (code, arguments) in cases {
            let process = try kith(in: folder, arguments: arguments)
            #expect(process.code == code, "\(arguments): \(process.errors)")
            #expect(process.output == "", "\(arguments)")
            #expect(!process.errors.isEmpty, "\(arguments)")
        }
        #expect(try Data(contentsOf: URL(fileURLWithPath: folder.file("s.kith"))) == whole)
        #expect(!FileManager.default.fileExists(atPath: folder.file("x.kith")))
        let json = try kith(in: folder, "recommend", "s.kith", "nobody", "--format", "json")
        let last = try #require(json.errors.split(separator: "\n").last)
        let body = try #require(try JSONSerialization.jsonObject(with: Data(last.utf8)) as? [String: [String: String]])
        #expect(body["error"]?["code"] == "no-such-node")
    }

    @Test(
        "on a full disk, and on a read-only one, changes nothing, says so, and exits with 74",
        .enabled(if: SmallDisk.isPossible, "needs to mount a small file system, as root"))
    func disks() throws {
        let disk = try SmallDisk(bytes: 4 << 20)
        let folder = try TemporaryFolder()
        let rows = (0..<200_000).map { "\($0)\t\($0 * 7 % 199_999)\n" }.joined()
        try write(Array(rows.utf8), "large.tsv", in: folder)
        try write(Array("1\t2\n2\t3\n".utf8), "small.tsv", in: folder)
        let path = disk.path + "/s.kith"
        let edges = "follows=\(folder.file("large.tsv"))"
        let new = try kith(in: folder, "load", path, "--edges", edges, "--on-error", "skip")
        #expect(new.code == 74, "\(new.errors)")
        #expect(new.errors.contains("room"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: disk.path) == [])

        #expect(try kith(in: folder, "load", path, "--edges", "follows=\(folder.file("small.tsv"))").code == 0)
        let into = try kith(in: folder, "load", path, "--edges", edges, "--on-error", "skip")
        #expect(into.code == 74, "\(into.errors)")
        #expect(
            try kith(in: folder, "degree", path, "2", "--format", "json").object()["follows"] as? [String: Int] == [
                "out": 1, "in": 1,
            ])

        disk.fill()
        #expect(try kith(in: folder, "backup", path, disk.path + "/copy.kith").code == 74)
        #expect(!FileManager.default.fileExists(atPath: disk.path + "/copy.kith"))
        disk.makeRoom()
        #expect(try kith(in: folder, "add", path, "follows", "3", "4").code == 0)
        #expect(try kith(in: folder, "check", path).code == 0)

        try disk.remountReadOnly()
        for arguments in [["add", path, "follows", "5", "6"], ["compact", path], ["create", disk.path + "/t.kith"]] {
            let outcome = try kith(in: folder, arguments: arguments)
            #expect(outcome.code == 74, "\(arguments): \(outcome.errors)")
            #expect(outcome.errors.contains("read-only") || outcome.errors.contains("Read-only"), "\(outcome.errors)")
        }
        #expect(try kith(in: folder, "edge", path, "follows", "3", "4").code == 0)
    }

    @Test("does not write to a file that may only be read, and says so")
    func readOnlyFile() throws {
        let folder = try TemporaryFolder()
        #expect(try kith(in: folder, "create", "s.kith").code == 0)
        let whole = try Data(contentsOf: URL(fileURLWithPath: folder.file("s.kith")))
        let isRoot = getuid() == 0
        var arguments = ["add", folder.file("s.kith"), "follows", "1", "2"]
        var executable = try builtCommand()
        if isRoot {
            // Root may write to any file: somebody else is to try.
            for name in ["s.kith", "s.kith-lock"] {
                try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: folder.file(name))
            }
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.path)
            let copy = folder.file("kith")
            try FileManager.default.copyItem(at: executable, to: URL(fileURLWithPath: copy))
            arguments = ["--reuid=65534", "--regid=65534", "--clear-groups", copy] + arguments
            executable = URL(fileURLWithPath: "/usr/bin/setpriv")
        } else {
            try FileManager.default.setAttributes([.posixPermissions: 0o444], ofItemAtPath: folder.file("s.kith"))
        }
        let process = Process()
        process.executableURL = executable
        process.arguments = arguments
        let errors = Pipe()
        process.standardError = errors
        try process.run()
        let message = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 74, "\(message)")
        #expect(message.contains("permissions"))
        #expect(try Data(contentsOf: URL(fileURLWithPath: folder.file("s.kith"))) == whole)
    }

    @Test("exports, loads again, backs up and compacts, and says it in JSON")
    func administration() throws {
        let folder = try TemporaryFolder()
        try write(Array("1\t2\t5\n2\tx y\t6\n".utf8), "e.tsv", in: folder)
        try write(Array("key\nlonely\n".utf8), "n.tsv", in: folder)
        #expect(try kith(in: folder, "load", "s.kith", "--edges", "follows=e.tsv", "--nodes", "topic=n.tsv").code == 0)
        #expect(
            try kith(in: folder, "export", "s.kith", "--edges", "follows").output
                == "from\tto\ttime\n2\tx y\t6\n1\t2\t5\n")
        #expect(try kith(in: folder, "export", "s.kith", "--folder", "d", "--file-format", "jsonl").code == 0)
        #expect(try kith(in: folder, "export", "s.kith", "--folder", "d").code == 73)
        let again = try kith(
            in: folder, "load", "t.kith", "--schema", "d/schema.json", "--edges", "follows=d/follows.edges.jsonl",
            "--nodes", "user=d/user.nodes.jsonl", "topic=d/topic.nodes.jsonl", "--format", "json", "--progress", "json")
        #expect(try again.object()["nodes"] as? [String: Int] == ["user": 3, "topic": 1])
        for line in again.errors.split(separator: "\n") {
            let progress = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            #expect(progress["phase"] != nil && progress["rows"] != nil)
        }
        #expect(try kith(in: folder, "backup", "t.kith", "u.kith", "--format", "json").object()["bytes"] != nil)
        #expect(try kith(in: folder, "backup", "t.kith", "u.kith").code == 73)
        #expect(try kith(in: folder, "compact", "u.kith", "--reorder", "--format", "json").object()["bytes"] != nil)
        #expect(
            try kith(in: folder, "export", "u.kith", "--edges", "follows").output
                == kith(in: folder, "export", "s.kith", "--edges", "follows").output)
        let dry = try kith(in: folder, "load", "v.kith", "--edges", "follows=e.tsv", "--dry-run", "--format", "json")
        #expect(try dry.object()["edges"] as? [String: Int] == ["follows": 2])
        #expect(!FileManager.default.fileExists(atPath: folder.file("v.kith")))
        let generated = try kith(
            in: folder, "generate", "social", "--relation", "interactions", "--scale", "5", "--edge-factor", "2")
        #expect(generated.output.split(separator: "\n").count == 128)
    }

    @Test("exports in the format that the file's name tells, or as it is told, and refuses what a format cannot hold")
    func exportFormats() throws {
        let folder = try TemporaryFolder()
        try write(Array("1\t2\t5\n2\tx y\t6\n".utf8), "e.tsv", in: folder)
        try write(Array("1\t2\n3\t1\n1\t4\n".utf8), "f.tsv", in: folder)
        #expect(try kith(in: folder, "load", "s.kith", "--edges", "follows=e.tsv", "friends=f.tsv").code == 0)
        func exported(_ arguments: String...) throws -> String {
            let outcome = try kith(in: folder, arguments: ["export", "s.kith"] + arguments)
            #expect(outcome.code == 0, "\(arguments): \(outcome.errors)")
            guard let place = arguments.firstIndex(of: "--output") else { return outcome.output }
            return try String(contentsOfFile: folder.file(arguments[place + 1]), encoding: .utf8)
        }
        #expect(try exported("--edges", "friends", "--output", "a.adj") == "# from\tto\n1\t2,3,4\n")
        #expect(try exported("--edges", "friends", "--output", "a.edges") == "# from\tto\ttime\n1\t2\n1\t3\n1\t4\n")
        #expect(try exported("--edges", "follows", "--output", "a.csv") == "from,to,time\n1,2,5\n2,x y,6\n")
        #expect(try exported("--edges", "follows", "--output", "a") == "from\tto\ttime\n1\t2\t5\n2\tx y\t6\n")
        #expect(
            try exported("--edges", "follows", "--output", "a.json") == """
                {"from": "1", "to": "2", "time": 5}
                {"from": "2", "to": "x y", "time": 6}

                """)
        #expect(
            try exported("--edges", ":TYPE", "--header", "neo4j") == """
                :START_ID(user),:END_ID(user),:TYPE,time:long
                1,2,follows,5
                2,x y,follows,6
                1,2,friends,
                1,3,friends,
                1,4,friends,

                """)
        #expect(
            try exported("--nodes", "user", "--header", "neo4j", "--file-format", "tsv").hasPrefix(
                ":ID(user)\t:LABEL\n"))

        // Compressed where the name says so, and the same graph again.
        let packed = try kith(
            in: folder, "export", "s.kith", "--edges", ":TYPE", "--output", "all.csv.gz", "--format", "json")
        #expect(packed.code == 0, "\(packed.errors)")
        #expect((try packed.object()["files"] as? [[String: Any]])?.first?["rows"] as? Int == 5)
        #expect(try Data(contentsOf: URL(fileURLWithPath: folder.file("all.csv.gz"))).starts(with: [0x1F, 0x8B]))
        #expect(try kith(in: folder, "load", "t.kith", "--edges", ":TYPE=all.csv.gz").code == 0)
        for type in ["follows", "friends"] {
            #expect(
                try kith(in: folder, "export", "t.kith", "--edges", type).output == exported("--edges", type), "\(type)"
            )
        }
        #expect(try kith(in: folder, "export", "s.kith", "--folder", "d/", "--header", "neo4j", "--gzip").code == 0)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder.file("d")).sorted() == [
                "follows.edges.csv.gz", "friends.edges.csv.gz", "schema.json", "user.nodes.csv.gz",
            ])

        let before = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        for (code, words, arguments) in [
            (
                65, "edges of 'follows' have times, which adjacency lines cannot hold",
                ["--edges", "follows", "--output", "x.adj"]
            ),
            (65, "edges of 'follows' have times", ["--folder", "x", "--file-format", "adjacency"]),
            (
                65, "the key 'x y' has a blank, which edge lists cannot hold",
                ["--edges", "follows", "--output", "x.edges"]
            ),
            (65, "the key 'x y' has a blank", ["--nodes", "user", "--file-format", "edges"]),
            (65, "edge lists cannot hold the types of edges", ["--edges", ":TYPE", "--output", "x.edges"]),
            (65, "neo4j's header", ["--edges", "friends", "--file-format", "jsonl", "--header", "neo4j"]),
            (64, "--gzip goes with --folder", ["--edges", "friends", "--gzip"]),
            (64, "--header", ["--edges", "friends", "--header", "none"]),
        ] as [(Int32, String, [String])] {
            let outcome = try kith(in: folder, arguments: ["export", "s.kith"] + arguments)
            #expect(outcome.code == code, "\(arguments): \(outcome.errors)")
            #expect(outcome.errors.contains(words), "\(arguments): \(outcome.errors)")
            #expect(outcome.output == "", "\(arguments)")
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == before)
    }

    @Test(
        "exports to a disk with room for a part, leaves no part, and exits with 74",
        .enabled(if: SmallDisk.isPossible, "needs to mount a small file system, as root"),
        arguments: ["e.tsv", "e.tsv.gz"])
    func exportToSmallDisk(name: String) throws {
        let disk = try SmallDisk(bytes: 128 << 10)
        let folder = try TemporaryFolder()
        try write(Array((0..<60_000).map { "\($0)\t\($0 * 7 % 59_999)\n" }.joined().utf8), "large.tsv", in: folder)
        #expect(try kith(in: folder, "load", "s.kith", "--edges", "settings=large.tsv").code == 0)
        let full = try kith(in: folder, "export", "s.kith", "--edges", "settings", "--output", "\(disk.path)/\(name)")
        #expect(full.code == 74, "\(full.errors)")
        #expect(full.errors.contains("cannot be written: there is no room left on the disk"), "\(full.errors)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: disk.path) == [])
    }

    @Test("adds kinds and types to a store, and refuses those that make no sense")
    func schema() throws {
        let folder = try TemporaryFolder()
        try write(Array(#"{"name": "visits", "from": "user", "to": "place"}"#.utf8), "visits.json", in: folder)
        #expect(try kith(in: folder, "create", "s.kith").code == 0)
        let grown = try kith(
            in: folder, "schema", "s.kith", "--add-kind", "place", "--add-edge-type", "visits.json", "--add-edge-type",
            #"{"name": "mentors", "from": "user", "to": "user", "symmetric": true}"#, "--format", "json"
        ).object()
        #expect((grown["nodeKinds"] as? [String])?.last == "place")
        #expect(
            (grown["edgeTypes"] as? [[String: Any]])?.suffix(2).map { $0["name"] as? String } == ["visits", "mentors"])
        #expect(try kith(in: folder, "add", "s.kith", "visits", "ann", "rome").code == 0)
        #expect(try kith(in: folder, "check", "s.kith").code == 0)
        #expect(try kith(in: folder, "schema", "s.kith", "--format", "csv").output.contains("kind,place"))
        for (code, flags) in [
            (65, ["--add-kind", "place"]), (65, ["--add-edge-type", "{}"]), (66, ["--add-edge-type", "none.json"]),
        ] as [(Int32, [String])] {
            #expect(try kith(in: folder, arguments: ["schema", "s.kith"] + flags).code == code)
        }
    }
}

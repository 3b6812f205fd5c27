import Foundation
import GraphTesting
import Kith
import ProcessTesting
import Testing

@Suite("The verbs that look after a store")
struct ReadersTests {
    @Test("readers: lists who holds the store open, and clears those that died")
    func readers() throws {
        let folder = try TemporaryFolder()
        try write("1\t2\n2\t3\n", "e.tsv", in: folder)
        #expect(try kith(in: folder, "load", "s.kith", "--edges", "follows=e.tsv").code == 0)
        // While it is open, nobody clears the table of readers by being the only one.
        let store = try GraphStore(opening: folder.file("s.kith"), options: .init(isReadOnly: true))
        defer { withExtendedLifetime(store) {} }
        func reader() throws -> Process {
            let process = Process()
            process.executableURL = try builtCommand()
            process.arguments = ["recommend", folder.file("s.kith"), "--users", "-"]
            process.standardInput = Pipe()
            try process.run()
            try ProcessTree(process.processIdentifier).waitUntilAsleep()
            return process
        }
        func end(_ process: Process) {
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
        let process = try reader()
        let other = Int(process.processIdentifier)
        func places() throws -> [[String: Any]] {
            let readers = try kith(in: folder, "readers", "s.kith", "--format", "json").object()["readers"]
            return try #require(readers as? [[String: Any]]).filter { $0["process"] as? Int == other }
        }
        #expect(try places().allSatisfy { $0["alive"] as? Bool == true })
        #expect(try !places().isEmpty)
        end(process)
        let dead = try places()
        #expect(!dead.isEmpty && dead.allSatisfy { $0["alive"] as? Bool == false && $0["thread"] is String })
        let cleared = try kith(in: folder, "readers", "s.kith", "--clear", "--format", "json").object()
        #expect(cleared["cleared"] as? Int == dead.count)
        #expect(try places().isEmpty)
        // That they are freed is said, also where the list of the others cannot be.
        end(try reader())
        let full = try kith(in: folder, arguments: ["readers", "s.kith", "--clear"], output: "/dev/full")
        #expect(full.code == 74)
        #expect(
            full.errors.hasPrefix("kith: the places of dead readers are freed, but standard output cannot be written"),
            "\(full.errors)")
        #expect(
            try kith(in: folder, "readers", "s.kith").output.hasPrefix("process  thread"))
        #expect(try kith(in: folder, "readers", "none.kith").code == 66)
    }

    @Test(
        "readers, stats and check work with all places of readers taken, and block nobody afterwards; backup says so")
    func allPlacesTaken() throws {
        let folder = try TemporaryFolder()
        let store = try GraphStore(creating: folder.file("s.kith"), options: .init(readersMax: 2))
        for key in 2..<200 as Range<UInt64> {
            try store.write { graph in _ = try graph.add(1, .follows, NodeKey(key)) }
        }
        for key in 3..<200 as Range<UInt64> { try store.write { graph in _ = try graph.removeNode(NodeKey(key)) } }
        let freePages = try store.statistics().freePages
        #expect(freePages > 0)
        // Both places are this thread's.
        try store.read { _ in
            try store.read { snapshot in
                #expect(throws: GraphStoreError.self) { try store.read { _ in } }
                let readers = try kith(in: folder, "readers", "s.kith", "--format", "json")
                #expect((try readers.object()["readers"] as? [Any])?.count == 2, "\(readers.errors)")
                let cleared = try kith(in: folder, "readers", "s.kith", "--clear", "--format", "json")
                #expect(try cleared.object()["cleared"] as? Int == 0)
                let stats = try kith(in: folder, "stats", "s.kith", "--degrees", "--format", "json")
                #expect((try stats.object()["edges"] as? [String: Int])?["follows"] == 1, "\(stats.errors)")
                #expect(try stats.object()["freePages"] as? Int == freePages)
                let check = try kith(in: folder, "check", "s.kith", "--format", "json")
                #expect(try check.object()["ok"] as? Bool == true, "\(check.errors)")
                // LMDB copies as a reader.
                let backup = try kith(in: folder, "backup", "s.kith", "copy.kith")
                #expect(backup.code == 75 && backup.errors.contains("'s.kith' is busy"), "\(backup.errors)")
                #expect(backup.errors.contains("`kith readers`") && backup.errors.count { $0 == "\n" } == 1)
                #expect(!FileManager.default.fileExists(atPath: folder.file("copy.kith")))
                try store.write { graph in _ = try graph.add(2, .follows, 1) }
                #expect(try snapshot.edgeCount(of: .follows) == 1)
            }
        }
        #expect(try store.read { try $0.edgeCount(of: .follows) } == 2)
    }

    @Test("stats: sizes by type, and degrees when they are asked for")
    func stats() throws {
        let folder = try TemporaryFolder()
        try write("1\t2\n1\t3\n1\t4\n2\t3\n", "e.tsv", in: folder)
        #expect(try kith(in: folder, "load", "s.kith", "--edges", "follows=e.tsv").code == 0)
        let plain = try kith(in: folder, "stats", "s.kith", "--format", "json").object()
        #expect(plain["degrees"] == nil)
        #expect((plain["edges"] as? [String: Int])?["follows"] == 4)
        #expect((plain["edgeBytes"] as? [String: Int])?["follows"] == 8_192)
        #expect((plain["bytesPerEdgeOfType"] as? [String: Any])?["follows"] as? Double == 2_048)
        #expect((plain["freePages"] as? Int).map { $0 * 4_096 } == plain["freeBytes"] as? Int)
        let scanned = try kith(in: folder, "stats", "s.kith", "--degrees", "--format", "json").object()
        let follows = (scanned["degrees"] as? [String: [String: [String: Double]]])?["follows"]
        #expect(follows?["out"] == ["nodes": 2, "max": 3, "mean": 2, "p50": 1, "p90": 3, "p99": 3])
        #expect(follows?["in"]?["max"] == 2)
        #expect(try kith(in: folder, "stats", "s.kith", "--degrees").output.contains("degree follows out p99"))
    }
}

import Foundation
import GraphTesting
import Kith
import Testing

@Suite("A limit on time")
struct WorkLimitTests {
    private func people() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try write("a\tb\nb\tc\nc\td\n", "follows.tsv", in: folder)
        #expect(try kith(in: folder, "load", "s.kith", "--edges", "follows=follows.tsv").code == 0)
        return folder
    }

    @Test(
        "on work ends with exit code 70 and no result, of every verb that has one; a limit that is kept changes nothing"
    )
    func timeout() throws {
        let folder = try people()
        let verbs = [
            ["recommend", "s.kith", "a"], ["recommend", "s.kith", "--all"], ["why", "s.kith", "a", "c"],
            ["top", "s.kith", "--by", "pagerank"], ["path", "s.kith", "a", "d"], ["check", "s.kith"],
            ["stats", "s.kith", "--degrees"], ["export", "s.kith", "--edges", "follows"],
        ]
        for verb in verbs {
            let late = try kith(in: folder, arguments: verb + ["--timeout", "0"])
            #expect(late.code == 70 && late.output.isEmpty, "\(verb): \(late.errors)")
            #expect(late.errors.contains("--timeout 0") && late.errors.count { $0 == "\n" } == 1, "\(late.errors)")
            let inTime = try kith(in: folder, arguments: verb + ["--timeout", "1000", "--format", "csv"])
            let free = try kith(in: folder, arguments: verb + ["--format", "csv"])
            #expect(inTime.code == 0 && inTime.output == free.output, "\(verb): \(inTime.errors)")
        }
        let json = try kith(in: folder, "path", "s.kith", "a", "d", "--timeout", "0", "--format", "json")
        #expect(json.errors.contains(#""code": "timeout""#))
        #expect(try kith(in: folder, "path", "s.kith", "a", "d", "--timeout=-1").code == 64)
    }

    @Test("on work keeps the answers that are complete, and --resume goes on behind them")
    func resumed() throws {
        let folder = try people()
        let late = try kith(
            in: folder, "recommend", "s.kith", "--all", "--output", "all.jsonl", "--timeout", "0")
        #expect(late.code == 70 && late.errors.contains("--resume"), "\(late.errors)")
        let rest = try kith(in: folder, "recommend", "s.kith", "--all", "--output", "all.jsonl", "--resume")
        #expect(rest.code == 0, "\(rest.errors)")
        let lines = try String(contentsOfFile: folder.file("all.jsonl"), encoding: .utf8)
        #expect(lines.count { $0 == "\n" } == 4)
    }

    @Test("on waiting bounds the wait of one who opens a store that another has for itself, a compaction say")
    func opening() throws {
        let folder = try people()
        // What a compaction holds.
        let descriptor = open(folder.file("s.kith"), O_RDONLY)
        defer { close(descriptor) }
        #expect(flock(descriptor, LOCK_EX) == 0)
        for verb in [
            ["add", "s.kith", "follows", "a", "z"], ["remove", "s.kith", "follows", "a", "b"],
            ["load", "s.kith", "--edges", "follows=follows.tsv"],
        ] {
            let outcome = try kith(in: folder, arguments: verb + ["--wait", "0"])
            #expect(outcome.code == 75, "\(verb): \(outcome.errors)")
        }
        #expect {
            try GraphStore(opening: folder.file("s.kith"), options: .init(busyTimeout: .zero))
        } throws: { error in
            if case GraphStoreError.busy = error { true } else { false }
        }
        #expect(flock(descriptor, LOCK_UN) == 0)
        #expect(try kith(in: folder, "add", "s.kith", "follows", "a", "z", "--wait", "0").code == 0)
    }
}

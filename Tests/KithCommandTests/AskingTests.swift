import Foundation
import GraphTesting
import Testing

/// What the asking verbs answer: the shape of the JSON, pages, exit codes.
@Suite("The asking verbs")
struct AskingTests {
    private func store(_ rows: String, _ type: String = "follows") throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try write(rows, "e.tsv", in: folder)
        #expect(try kith(in: folder, "load", "s.kith", "--edges", "\(type)=e.tsv").code == 0)
        return folder
    }

    @Test("common: both, either, only the first, in either direction, page by page")
    func common() throws {
        let folder = try store("1\t5\n1\t9\n1\t11\n1\t12\n2\t5\n2\t9\n2\t11\n2\t13\n3\t1\n3\t2\n")
        let both = try kith(in: folder, "common", "s.kith", "1", "2", "--via", "follows", "--format", "json").object()
        #expect(both["a"] as? String == "1" && both["b"] as? String == "2" && both["via"] as? String == "follows")
        #expect(both["count"] as? Int == 3)
        #expect(Set(both["nodes"] as? [String] ?? []) == ["5", "9", "11"])
        #expect(both["next"] is NSNull)
        let either = try kith(in: folder, "common", "s.kith", "1", "2", "--union", "--format", "json").object()
        #expect(either["count"] as? Int == 5)
        let only = try kith(in: folder, "common", "s.kith", "1", "2", "--only-first", "--format", "csv")
        #expect(only.output == "key\n12\n")
        #expect(try kith(in: folder, "common", "s.kith", "1", "2", "--in").output == "user\n3\n")
        var nodes: [String] = []
        var next: String?
        repeat {
            let page = try kith(
                in: folder,
                arguments: ["common", "s.kith", "1", "2", "--limit", "2", "--format", "json"]
                    + (next.map { ["--after", $0] } ?? [])
            ).object()
            #expect(page["count"] as? Int == 3)
            nodes += page["nodes"] as? [String] ?? []
            next = page["next"] as? String
        } while next != nil
        #expect(nodes == both["nodes"] as? [String])
        let several = try kith(
            in: folder, "common", "s.kith", "1", "2", "--via", "follows", "friends", "--format", "json")
        #expect(try several.object()["via"] as? [String] == ["follows", "friends"])
        #expect(try kith(in: folder, "common", "s.kith", "1", "99").code == 66)
        #expect(try kith(in: folder, "common", "s.kith", "1", "2", "--via", "nothing").code == 64)
        #expect(try kith(in: folder, "common", "s.kith", "1", "2", "--after", "x").code == 64)
        #expect(try kith(in: folder, "common", "s.kith", "1", "2", "--union", "--only-first").code == 64)
    }

    @Test("path: the smallest of the shortest, with the type of each edge, and 1 when there is none")
    func path() throws {
        let folder = try store("1\t2\n2\t3\n3\t4\n5\t4\n")
        #expect(try kith(in: folder, "add", "s.kith", "friends", "2", "4").code == 0)
        let path = try kith(
            in: folder, "path", "s.kith", "1", "4", "--via", "follows", "friends", "--format", "json"
        ).object()
        #expect(path["hops"] as? Int == 2)
        #expect(path["nodes"] as? [String] == ["1", "2", "4"])
        #expect(path["types"] as? [String] == ["follows", "friends"])
        #expect(
            try kith(in: folder, "path", "s.kith", "1", "4", "--via", "follows", "--format", "csv").output
                == "hop,key,by\n0,1,\n1,2,follows\n2,3,follows\n3,4,follows\n")
        let none = try kith(
            in: folder, "path", "s.kith", "1", "4", "--via", "follows", "--max-hops", "2", "--format", "json")
        #expect(none.code == 1)
        #expect(try none.object()["hops"] is NSNull)
        #expect(try kith(in: folder, "path", "s.kith", "1", "5", "--via", "follows").code == 1)
        #expect(try kith(in: folder, "path", "s.kith", "1", "5", "--via", "follows", "--undirected").code == 0)
        #expect(try kith(in: folder, "path", "s.kith", "1", "1").code == 0)
        #expect(try kith(in: folder, "path", "s.kith", "1", "99").code == 66)
        #expect(try kith(in: folder, "path", "s.kith", "1", "4", "--via", "interests").code == 64)
        #expect(try kith(in: folder, "path", "s.kith", "1", "4", "--max-hops", "-1").code == 64)
    }
}

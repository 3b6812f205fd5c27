import Foundation
import GraphTesting
import Testing

/// Text that other programs made begins with a byte order mark, and its lines end as they please.
@Suite("A byte order mark")
struct TextMarkTests {
    private static let mark = "\u{FEFF}"

    private func people() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try write(Self.mark + "1\t2\n2\t3\n3\t4\n4\t1\n", "e.tsv", in: folder)
        #expect(try kith(in: folder, "load", "s.kith", "--edges", "follows=e.tsv").code == 0)
        return folder
    }

    @Test("is dropped from lists of keys, whose lines end with CR LF, with CR CR LF or with a CR alone as well")
    func lists() throws {
        let folder = try people()
        for text in ["1\n2\n", "1\r\n2\r\n", "1\r\r\n2\r\r\n", "1\r2", "\r1\r\r2\r", "\n\n1\n2"] {
            try write(Self.mark + text, "users.txt", in: folder)
            let batch = try kith(
                in: folder, "recommend", "s.kith", "--users", "users.txt", "--by", "friends-of-friends", "--strict",
                "--format", "csv")
            #expect(batch.code == 0, "\(batch.errors)")
            #expect(batch.output.split(separator: "\n").dropFirst().map { $0.prefix(2) } == ["1,", "2,"])
        }
        try write(Self.mark + "3\r", "only.txt", in: folder)
        let only = try kith(
            in: folder, "recommend", "s.kith", "1", "--by", "friends-of-friends", "--only", "only.txt", "--format",
            "json")
        let results = try #require(try only.object()["results"] as? [[String: Any]])
        #expect(results.compactMap { $0["user"] as? String } == ["3"])
        let forgotten = try kith(in: folder, "forget", "s.kith", "user", "--from", "only.txt", "--format", "json")
        #expect(try forgotten.object()["removed"] as? Int == 1)
    }

    @Test("is dropped from requests, schemas, edge types and scripts")
    func documents() throws {
        let folder = try people()
        try write(Self.mark + #"{"recommenders": [{"by": "friends-of-friends"}]}"#, "request.json", in: folder)
        let asked = try kith(in: folder, "recommend", "s.kith", "1", "--request", "request.json", "--format", "json")
        #expect(asked.code == 0, "\(asked.errors)")
        let schema = try kith(in: folder, "schema", "s.kith", "--format", "json").output
        try write(Self.mark + schema, "schema.json", in: folder)
        let created = try kith(in: folder, "create", "t.kith", "--schema", "schema.json")
        #expect(created.code == 0, "\(created.errors)")
        try write(Self.mark + #"{"name": "visits", "from": "user", "to": "topic"}"#, "type.json", in: folder)
        let added = try kith(in: folder, "schema", "s.kith", "--add-edge-type", "type.json")
        #expect(added.code == 0, "\(added.errors)")
        try write(Self.mark + "degree 1\n", "script", in: folder)
        let run = try kith(in: folder, arguments: ["shell", "s.kith"], input: "script")
        #expect(run.code == 0, "\(run.errors)")
    }

    @Test("of UTF-16 is told of, with the exit code of bad data and nothing stored")
    func otherFormat() throws {
        let folder = try TemporaryFolder()
        try Data([0xFF, 0xFE, 0x31, 0, 0x09, 0, 0x32, 0, 0x0A, 0]).write(to: URL(fileURLWithPath: folder.file("e.tsv")))
        let loaded = try kith(in: folder, "load", "s.kith", "--edges", "follows=e.tsv", "--format", "json")
        #expect(loaded.code == 65)
        #expect(loaded.errors.hasPrefix("kith: 'e.tsv' cannot be read as rows: it is text in UTF-16; convert it: "))
        #expect(loaded.errors.contains(#""code": "other-format""#))
        #expect(try folder.names() == ["e.tsv"])
    }
}

import Foundation
import GraphTesting
import Kith
import Testing

/// A change that is made is said to be made, whatever fails behind it.
@Suite("What was done is said to be done")
struct DoneTests {
    /// A verb that changes something, and what is said of it.
    struct Row: CustomTestStringConvertible {
        let arguments: [String]
        let done: String

        var testDescription: String { arguments[0] }
    }

    static let rows: [Row] = [
        .init(arguments: ["add", "s.kith", "follows", "1", "9"], done: "the edge is added"),
        .init(arguments: ["add", "s.kith", "follows", "1", "2"], done: "the edge is changed"),
        .init(arguments: ["remove", "s.kith", "follows", "1", "2"], done: "the edge is removed"),
        .init(arguments: ["remove", "s.kith", "--node", "user", "1"], done: "the node is removed"),
        .init(
            arguments: ["apply", "s.kith", "changes.jsonl"],
            done: "1 line is applied (edges: 1 added, 0 changed, 0 removed)"),
        .init(arguments: ["remove", "s.kith", "follows", "--from", "e.tsv"], done: "2 edges are removed"),
        .init(
            arguments: ["load", "s.kith", "--replace", "follows", "--edges", "follows=more.tsv"],
            done: "the load is done"),
        .init(arguments: ["schema", "s.kith", "--add-kind", "place"], done: "the schema has grown"),
        .init(arguments: ["forget", "s.kith", "user", "1"], done: "the node is forgotten"),
        .init(arguments: ["forget", "s.kith", "user", "--from", "keys"], done: "2 nodes are forgotten"),
        .init(arguments: ["swap", "s.kith", "other.kith"], done: "'s.kith' is replaced"),
        .init(arguments: ["load", "s.kith", "--edges", "follows=more.tsv"], done: "the load is done"),
        .init(arguments: ["load", "new", "--edges", "follows=more.tsv"], done: "the load is done"),
        .init(arguments: ["create", "new"], done: "'new' is created"),
        .init(arguments: ["compact", "s.kith"], done: "'s.kith' is written anew"),
        .init(arguments: ["compact", "s.kith", "--reorder"], done: "'s.kith' is written anew"),
        .init(arguments: ["upgrade", "old.kith"], done: "the store is upgraded"),
        .init(arguments: ["backup", "s.kith", "new"], done: "the copy 'new' is made"),
        .init(arguments: ["export", "s.kith", "--folder", "new"], done: "'new' is written"),
        .init(arguments: ["export", "s.kith", "--edges", "follows", "--output", "new"], done: "'new' is written"),
    ]

    private func folder() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try write("1\t2\n2\t3\n", "e.tsv", in: folder)
        try write("4\t5\n", "more.tsv", in: folder)
        try write("1\n3\n", "keys", in: folder)
        try write("{\"add\": \"follows\", \"from\": 1, \"to\": 9}\n", "changes.jsonl", in: folder)
        for store in ["s.kith", "other.kith"] {
            try #require(try kith(in: folder, "load", store, "--edges", "follows=e.tsv").code == 0)
        }
        try OlderStore.copy(to: folder.file("old.kith"))
        return folder
    }

    @Test("when standard output is full", arguments: rows)
    func fullOutput(row: Row) throws {
        let folder = try folder()
        let outcome = try kith(in: folder, arguments: row.arguments + ["--format", "json"], output: "/dev/full")
        #expect(outcome.code == 74)
        let lines = outcome.errors.split(separator: "\n")
        #expect(
            lines.first == "kith: \(row.done), but standard output cannot be written: No space left on device",
            "\(outcome.errors)")
        let error =
            try JSONSerialization.jsonObject(with: Data(try #require(lines.last).utf8)) as? [String: [String: String]]
        #expect(error?["error"]?["code"] == "done-except")
        if row.arguments.contains("new") { #expect(FileManager.default.fileExists(atPath: folder.file("new"))) }
        if row.arguments.first == "add" {
            let store = try GraphStore(opening: folder.file("s.kith"))
            let degree = try store.read { snapshot in try snapshot.degree(of: "1", via: .follows) }
            #expect(degree == (row.done == "the edge is added" ? 2 : 1))
        }
    }

    @Test("in a shell, where the verb before it does not count", .timeLimit(.minutes(1)))
    func shell() throws {
        let folder = try folder()
        try write("add follows 1 9\ndegree nobody\n", "script", in: folder)
        let outcome = try kith(in: folder, arguments: ["shell", "s.kith"], input: "script")
        #expect(outcome.code == 66)
        #expect(outcome.errors.hasPrefix("kith: there is no user 'nobody'"), "\(outcome.errors)")
    }
}

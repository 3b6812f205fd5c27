import Foundation
import Testing

/// The folders of `Sources/Kith` are rooms in an order: each uses what is declared below it and nothing above. The compiler
/// cannot say so within a module, so this reads the sources.
@Suite("The rooms of Kith")
struct RoomTests {
    /// From the ground up.
    static let order = [
        "Concurrency", "Columns", "Schema", "Dictionary", "Store", "Query", "Loading", "Generating", "Recommending",
    ]

    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Sources/Kith")

    /// The Swift files of a room and their texts, without comments and string literals.
    static func files(of room: String) throws -> [(name: String, text: String)] {
        let room = folder.appending(path: room)
        return try FileManager.default.subpathsOfDirectory(atPath: room.path).filter { $0.hasSuffix(".swift") }.sorted()
            .map { name in
                var text = try String(contentsOf: room.appending(path: name), encoding: .utf8)
                text.replace(#/"""[\s\S]*?"""/#, with: "")
                text.replace(#/"(?:\\.|[^"\\\n])*"/#, with: "")
                text.replace(#/\/\/.*/#, with: "")
                return (name, text)
            }
    }

    @Test("are all in the order, and nothing else is there")
    func complete() throws {
        let found = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
        #expect(Set(found) == Set(Self.order + ["Kith.docc"]))
    }

    @Test("use nothing that is declared in a room above")
    func upwards() throws {
        var declared: [String: Int] = [:]
        let texts = try Self.order.map { try Self.files(of: $0) }
        for (level, files) in texts.enumerated() {
            for file in files {
                // Declarations at the left margin: what other rooms can name.
                for match in file.text.matches(
                    of:
                        #/(?m)^(?:(?:public|package|final|indirect|@\w+(?:\([^)]*\))?) )*(?:struct|class|enum|protocol|actor|typealias) (\w+)/#
                ) {
                    declared[String(match.1)] = level
                }
            }
        }
        #expect(declared["GraphStore"] == Self.order.firstIndex(of: "Store"))
        for (level, files) in texts.enumerated() {
            for file in files {
                for word in Set(file.text.matches(of: #/\b[A-Z]\w+/#).map { String($0.0) }) {
                    guard let home = declared[word], home > level else { continue }
                    Issue.record(
                        "\(Self.order[level])/\(file.name) uses \(word), which is declared in \(Self.order[home]), a room above"
                    )
                }
            }
        }
    }

    @Test("of algorithms do not know LMDB")
    func storage() throws {
        for room in ["Query", "Recommending", "Generating"] {
            for file in try Self.files(of: room) {
                #expect(!file.text.contains("import LMDB"), "\(room)/\(file.name)")
            }
        }
    }

    @Test("show each public type under a topic of the documentation, and no other")
    func topics() throws {
        let page = try String(contentsOf: Self.folder.appending(path: "Kith.docc/Kith.md"), encoding: .utf8)
        let listed = page.matches(of: #/(?m)^- ``(\w+)``$/#).map { String($0.1) }
        var types: Set<String> = []
        for room in Self.order {
            for file in try Self.files(of: room) {
                let declarations = file.text.matches(
                    of: #/(?m)^public (?:final |indirect )?(?:struct|class|enum|protocol|actor|typealias) (\w+)/#)
                for declaration in declarations { types.insert(String(declaration.1)) }
            }
        }
        #expect(types.count > 50)
        #expect(types.subtracting(listed).sorted() == [])
        #expect(Set(listed).subtracting(types).sorted() == [])
        #expect(Set(listed).count == listed.count)
    }

    @Test("stand in README, as do the modules")
    func readme() throws {
        let sources = Self.folder.deletingLastPathComponent()
        let readme = try String(
            contentsOf: sources.deletingLastPathComponent().appending(path: "README.md"), encoding: .utf8)
        for module in try FileManager.default.contentsOfDirectory(atPath: sources.path) {
            #expect(readme.contains("`Sources/\(module)`"), "\(module)")
        }
        let row = try #require(readme.split(separator: "\n").first { $0.hasPrefix("| `Sources/Kith` ") })
        for room in Self.order { #expect(row.contains("`\(room)`"), "\(room)") }
    }

    @Test("have files of at most 400 lines")
    func lengths() throws {
        let sources = Self.folder.deletingLastPathComponent()
        var count = 0
        for name in try FileManager.default.subpathsOfDirectory(atPath: sources.path) where name.hasSuffix(".swift") {
            let text = try String(contentsOf: sources.appending(path: name), encoding: .utf8)
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false).count - 1
            #expect(lines <= 400, "\(name) has \(lines)")
            count += 1
        }
        #expect(count > 200)
    }
}

import Foundation
import GraphTesting
import Testing

@testable import Kith

@Suite("A folder that an export wrote")
struct ExportFolderTests {
    private static let clock: Timestamp = 1_700_000_000
    /// Half-lives that are no whole number of days, a kind without edges, a type without any.
    private static let schema = Result {
        try Schema(
            nodeKinds: [.user, .topic, "place"],
            edgeTypes: [
                EdgeType(.follows, from: .user, to: .user, columns: .time),
                EdgeType("friends-of_2", from: .user, to: .user, isSymmetric: true, columns: [.weight, .time]),
                EdgeType(
                    .views, from: .user, to: .topic, columns: [.weight, .time],
                    repetition: .accumulate(halfLifeSeconds: 1_234.567)),
                EdgeType(
                    .about, from: .topic, to: .topic, columns: .weight, precision: .double,
                    repetition: .accumulate(halfLifeSeconds: nil)),
                EdgeType(.blocks, from: .user, to: .user, allowsSelfLoops: true),
            ])
    }

    /// A store of random edges, and what it holds.
    private func fill(_ path: String) throws -> ReferenceGraph {
        let schema = try ExportFolderTests.schema.get()
        var reference = ReferenceGraph(schema: schema)
        var random = SplitMix64(seed: 77)
        _ = try BulkLoader(schema: schema, options: .init(clock: { ExportFolderTests.clock })).load(into: path) {
            sink in
            for type in schema.edgeTypes where type.name != .blocks {
                for _ in 0..<300 {
                    let source = try NodeKey("user \(Int.random(in: 0..<40, using: &random))")
                    let target = NodeKey(UInt64.random(in: 0..<40, using: &random))
                    let weight: Double = type.columns.contains(.weight) ? .random(in: 0...9, using: &random) : 1
                    let time: UInt32 = type.columns.contains(.time) ? .random(in: 1...2_000_000_000, using: &random) : 0
                    try sink.add(
                        source, type.name, target, weight: type.columns.contains(.weight) ? weight : nil,
                        at: type.columns.contains(.time) ? Timestamp(rawValue: time) : nil)
                    reference.add(type, source, target, .init(weight: weight, time: time), inOneLoad: true)
                }
            }
            for key in ["rome", "x\ny"] as [NodeKey] {
                try sink.addNode(key, kind: "place")
                reference.addNode(key, kind: "place")
            }
        }
        return reference
    }

    @Test(
        "is loaded as the same graph, into a new store and into one of the same schema, whatever the format",
        arguments: [EdgeFileFormat.csv, .jsonl], [false, true])
    func roundTrip(format: EdgeFileFormat, isCompressed: Bool) throws {
        let folder = try TemporaryFolder()
        let reference = try fill(folder.file("s.kith"))
        let store = try GraphStore(opening: folder.file("s.kith"))
        let dump = folder.file("d.x")
        try store.read { _ = try GraphExport(format).writeAll(of: $0, toFolder: dump, compressing: isCompressed) }
        let exported = try ExportFolder(at: dump + "/")
        #expect(exported.edges.map(\.type) == [.follows, "friends-of_2", .views, .about])
        #expect(exported.nodes.map(\.kind) == [.user, .topic, "place"])
        let loader = BulkLoader(options: .init(clock: { ExportFolderTests.clock }))
        let report = try loader.load(exported, into: folder.file("t.kith"))
        #expect(try loader.dryRun(exported).report.edges == report.edges)
        // Into an empty store of the schema, also one whose kinds and types were declared in another order.
        let schema = store.schema
        for (name, turned) in [
            ("u.kith", schema),
            ("v.kith", try Schema(nodeKinds: schema.nodeKinds.reversed(), edgeTypes: schema.edgeTypes.reversed())),
        ] {
            _ = try GraphStore(creating: folder.file(name), schema: turned)
            _ = try loader.load(exported, into: folder.file(name))
        }
        for name in ["t.kith", "u.kith", "v.kith"] {
            let loaded = try GraphStore(opening: folder.file(name))
            #expect(try firstDifference(between: loaded, and: reference) == nil)
            #expect(try loaded.check().problems == [])
        }
        // What accumulates adds up when it is loaded again, as with any load; all else is there already.
        let again = try loader.load(exported, into: folder.file("t.kith"))
        #expect(again.edges == report.edges && again.nodes == report.nodes)
    }

    @Test("without a file but the schema is a graph without nodes")
    func empty() throws {
        let folder = try TemporaryFolder()
        let store = try GraphStore(creating: folder.file("s.kith"), schema: ExportFolderTests.schema.get())
        try store.read { _ = try GraphExport(.tsv).writeAll(of: $0, toFolder: folder.file("dump")) }
        let report = try BulkLoader().load(ExportFolder(at: folder.file("dump")), into: folder.file("t.kith"))
        #expect(report.rows == 0)
        #expect(try GraphStore(opening: folder.file("t.kith")).schema.edgeTypes.count == 5)
    }

    @Test("with anything else in it is refused by the names of what is not understood")
    func refused() throws {
        let folder = try TemporaryFolder()
        _ = try fill(folder.file("s.kith"))
        let store = try GraphStore(opening: folder.file("s.kith"))
        let dump = folder.file("dump")
        try store.read { _ = try GraphExport(.csv).writeAll(of: $0, toFolder: dump) }
        for name in [
            "README", "follows.edges.xls", "folows.edges.csv", "people.nodes.csv", "follows.edges.csv.zst",
            "follows.edges.old.csv", "follows.csv", ".hidden", "schema.json.gz",
        ] {
            try Data("1,2\n".utf8).write(to: URL(fileURLWithPath: "\(dump)/\(name)"))
            let error = #expect(throws: LoadError.self) { try ExportFolder(at: dump) }
            #expect("\(try #require(error))".contains("'\(name)' is no TYPE.edges.tsv"), "\(String(describing: error))")
            try FileManager.default.removeItem(atPath: "\(dump)/\(name)")
        }
        try Data().write(to: URL(fileURLWithPath: "\(dump)/follows.edges.tsv.gz"))
        let twice = #expect(throws: LoadError.self) { try ExportFolder(at: dump) }
        #expect(
            "\(try #require(twice))".contains("'follows.edges.csv' and 'follows.edges.tsv.gz' are files of the same"))
        for path in [folder.file("none"), folder.file("s.kith"), folder.path] {
            #expect(throws: LoadError.self) { try ExportFolder(at: path) }
        }
    }

    @Test("is refused by a store of another schema, which says what differs")
    func otherSchema() throws {
        let folder = try TemporaryFolder()
        let schema = try ExportFolderTests.schema.get()
        let store = try GraphStore(creating: folder.file("s.kith"), schema: schema)
        try store.write { graph in try graph.add(1, .follows, 2) }
        try store.read { _ = try GraphExport(.tsv).writeAll(of: $0, toFolder: folder.file("dump")) }
        let exported = try ExportFolder(at: folder.file("dump"))
        func with(_ type: EdgeType) throws -> Schema {
            try Schema(
                nodeKinds: schema.nodeKinds, edgeTypes: schema.edgeTypes.map { $0.name == type.name ? type : $0 })
        }
        let others: [(Schema, String)] = [
            (.social, "the kind 'place' is missing"),
            (
                try Schema(nodeKinds: schema.nodeKinds + ["page"], edgeTypes: schema.edgeTypes),
                "there is the kind 'page', which the folder does not have"
            ),
            (
                try Schema(nodeKinds: schema.nodeKinds, edgeTypes: Array(schema.edgeTypes.dropLast())),
                "the edge type 'blocks' is missing"
            ),
            (
                try with(EdgeType(.follows, from: .user, to: .user)),
                "'follows' has the columns none and in the folder has the columns time"
            ),
            (
                try with(EdgeType(.blocks, from: .user, to: .user)),
                "'blocks' allows no self-loops and in the folder allows self-loops"
            ),
            (
                try with(EdgeType("friends-of_2", from: .user, to: .user, columns: [.weight, .time])),
                "'friends-of_2' is directed and in the folder is symmetric"
            ),
        ]
        for (index, other) in others.enumerated() {
            let path = folder.file("\(index).kith")
            _ = try GraphStore(creating: path, schema: other.0)
            let error = #expect(throws: LoadError.self) { try BulkLoader().load(exported, into: path) }
            #expect("\(try #require(error))".contains(other.1), "\(String(describing: error))")
            #expect(try GraphStore(opening: path).read { try $0.nodeCount(of: .user) } == 0)
        }
    }
}

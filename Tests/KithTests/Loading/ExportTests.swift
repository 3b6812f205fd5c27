import Foundation
import GraphTesting
import Testing

@testable import Kith

@Suite("An export")
struct ExportTests {
    private func fill(_ path: String, withTabs: Bool) throws -> ReferenceGraph {
        var random = SplitMix64(seed: 31)
        var reference = ReferenceGraph(schema: .social)
        let odd =
            ["a,b", "say \"hi\"", "back\\slash", "ümlaut", "日本", " ", "from"]
            + (withTabs ? ["two\nlines", "tab\tbed", "cr\r"] : [])
        let keys = try (0..<60 as Range<UInt64>).map { NodeKey($0) } + odd.map { try NodeKey($0) }
        _ = try BulkLoader(options: .init(clock: { 1_600_000_000 })).load(into: path) { sink in
            for type in Schema.social.edgeTypes {
                for _ in 0..<200 {
                    guard let source = keys.randomElement(using: &random),
                        let target = keys.randomElement(using: &random),
                        source != target || type.source != type.target
                    else { continue }
                    let weight: Float? = type.columns.contains(.weight) ? Float.random(in: -3...3, using: &random) : nil
                    // Some times are not known.
                    let time: Timestamp? =
                        type.columns.contains(.time) && Bool.random(using: &random)
                        ? Timestamp(rawValue: UInt32.random(in: 1...2_000_000_000, using: &random)) : nil
                    try sink.add(source, type.name, target, weight: weight, at: time)
                    var unstated: UInt32 = 0
                    if case .accumulate = type.repetition { unstated = 1_600_000_000 }
                    reference.add(
                        type, source, target,
                        .init(weight: weight ?? 1, time: type.columns.contains(.time) ? time?.rawValue ?? unstated : 0))
                }
            }
            for key in ["lonely", "42x"] as [NodeKey] {
                try sink.addNode(key, kind: .topic)
                reference.addNode(key, kind: .topic)
            }
        }
        return reference
    }

    @Test("that is loaded again is the same graph, with the same ids", arguments: [EdgeFileFormat.tsv, .csv, .jsonl])
    func roundTrip(format: EdgeFileFormat) throws {
        let folder = try TemporaryFolder()
        let path = folder.file("s.kith")
        let reference = try fill(path, withTabs: format != .tsv)
        let store = try GraphStore(opening: path)
        let export = try GraphExport(format)
        var edges: [BulkLoader.EdgeFile] = []
        var nodes: [BulkLoader.NodeFile] = []
        func write(_ name: String, _ body: (@escaping (UnsafeRawBufferPointer) throws -> Void) throws -> Int) throws
            -> (String, Int)
        {
            let file = folder.file(name)
            var data = Data()
            let count = try withUnsafeMutablePointer(to: &data) { data in
                try body { bytes in data.pointee.append(contentsOf: bytes) }
            }
            try data.write(to: URL(fileURLWithPath: file))
            return (file, count)
        }
        try store.read { snapshot in
            for type in Schema.social.edgeTypes {
                let (file, count) = try write("\(type.name)") { try export.edges(of: type.name, in: snapshot, to: $0) }
                #expect(count == reference.edgeCount(type))
                edges.append(.init(type: type.name, path: file, format: format))
            }
            for kind in Schema.social.nodeKinds {
                let (file, count) = try write("\(kind)") { try export.nodes(of: kind, in: snapshot, to: $0) }
                #expect(count == reference.nodes[kind, default: []].count)
                nodes.append(.init(kind: kind, path: file, format: format))
            }
        }
        let again = folder.file("again.kith")
        _ = try BulkLoader(options: .init(clock: { 1_600_000_000 })).load(edges, nodes: nodes, into: again)
        let loaded = try GraphStore(opening: again)
        #expect(try firstDifference(between: loaded, and: reference) == nil)
        #expect(try loaded.check().problems == [])
        let same = try store.read { old in
            try loaded.read { new in
                try (0..<60 as Range<UInt32>).allSatisfy {
                    try old.key(of: NodeID(rawValue: $0)) == new.key(of: NodeID(rawValue: $0))
                }
            }
        }
        #expect(same)
    }

    @Test("as TSV refuses keys that TSV cannot hold, and edge lists are no format to export to")
    func refusals() throws {
        let folder = try TemporaryFolder()
        _ = try fill(folder.file("s.kith"), withTabs: true)
        let store = try GraphStore(opening: folder.file("s.kith"))
        let export = try GraphExport(.tsv)
        #expect(throws: LoadError.self) { try store.read { try export.edges(of: .follows, in: $0) { _ in } } }
        #expect(throws: LoadError.self) { try GraphExport(.edges) }
    }

    private func compact(_ path: String, reordering: Bool) throws {
        if reordering { try GraphStore.reorder(path) } else { try GraphStore.compact(path) }
    }

    @Test(
        "A compacted store is the same graph and the same store; reordered, its ids are those of a load",
        arguments: [false, true])
    func compaction(reordering: Bool) throws {
        let folder = try TemporaryFolder()
        let path = folder.file("s.kith")
        var reference = ReferenceGraph(schema: .social)
        var random = SplitMix64(seed: 8)
        let uuid: String
        do {
            let store = try GraphStore(creating: path, options: .init(clock: { 1_600_000_000 }))
            uuid = try store.statistics().uuid
            let types = Schema.social.edgeTypes
            for _ in 0..<60 {
                try store.write { graph in
                    for _ in 0..<40 {
                        guard let type = types.randomElement(using: &random) else { continue }
                        let source = NodeKey(UInt64.random(in: 0..<50, using: &random))
                        let target = try NodeKey("k\(UInt64.random(in: 0..<50, using: &random))")
                        try graph.add(source, type.name, target)
                        reference.add(
                            type, source, target,
                            .init(weight: 1, time: type.columns.contains(.time) ? 1_600_000_000 : 0))
                    }
                    // Ids that are not given again leave holes.
                    let gone = NodeKey(UInt64.random(in: 0..<50, using: &random))
                    try graph.removeNode(gone)
                    reference.removeNode(gone, kind: .user)
                }
            }
            #expect(throws: GraphStoreError.self, "it is open") { try compact(path, reordering: reordering) }
        }
        let before = try Data(contentsOf: URL(fileURLWithPath: path)).count
        try compact(path, reordering: reordering)
        let store = try GraphStore(opening: path)
        #expect(try firstDifference(between: store, and: reference) == nil)
        #expect(try store.check().problems == [])
        #expect(try store.statistics().uuid == uuid)
        #expect(try store.statistics().bytes < before)
        try store.write { graph in _ = try graph.add(1, .follows, 2) }
        if reordering {
            let degrees = try store.read { snapshot in
                try (0..<UInt32(snapshot.nodeCount(of: .user))).map { id in
                    let key = try #require(try snapshot.key(of: NodeID(rawValue: id)))
                    return try [EdgeType.Name.follows, .friends, .interacts, .blocks, .dismisses].reduce(0) {
                        try $0 + snapshot.degree(of: key, via: $1, direction: .in)
                    }
                }
            }
            // Edge 1 -> 2 came afterwards.
            #expect(zip(degrees, degrees.dropFirst()).filter { $0 < $1 }.count <= 2)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == ["s.kith", "s.kith-lock"])
    }
}

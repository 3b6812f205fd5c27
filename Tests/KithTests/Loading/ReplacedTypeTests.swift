import Foundation
import GraphTesting
import Synchronization
import Testing

@testable import Kith

/// A type of edges that a load fills anew.
@Suite("A load that replaces a type")
struct ReplacedTypeTests {
    private static let clock: Timestamp = 1_700_000_000

    private func loader(_ replaces: Set<EdgeType.Name> = []) -> BulkLoader {
        BulkLoader(options: .init(clock: { ReplacedTypeTests.clock }), replaces: replaces, threads: 2)
    }

    /// Random edges of some types, for a sink and for a reference.
    private func fill(
        _ types: [EdgeType.Name], _ count: Int, _ random: inout SplitMix64, _ reference: inout ReferenceGraph,
        _ sink: inout EdgeSink
    ) throws {
        for name in types {
            let type = try #require(Schema.social.edgeType(name))
            for _ in 0..<count {
                let source = NodeKey(UInt64.random(in: 0..<40, using: &random))
                let target = NodeKey(UInt64.random(in: 0..<40, using: &random))
                if source == target, type.source == type.target { continue }
                let time = type.columns.contains(.time) ? UInt32.random(in: 1...2_000, using: &random) : 0
                let weight = type.columns.contains(.weight) ? Double(Int.random(in: 1...9, using: &random)) : 1
                try sink.add(
                    source, name, target, weight: type.columns.contains(.weight) ? weight : nil,
                    at: type.columns.contains(.time) ? Timestamp(rawValue: time) : nil)
                reference.add(type, source, target, .init(weight: weight, time: time), inOneLoad: true)
            }
        }
    }

    @Test(
        "leaves the edges of the load in it, all others as they were, and every node", arguments: 0..<Repetitions.of(3))
    func replaces(seed: Int) throws {
        let folder = try TemporaryFolder()
        let path = folder.file("s.kith")
        var random = SplitMix64(seed: UInt64(7_100 + seed))
        let types: [EdgeType.Name] = [.follows, .friends, .interacts, .interests, .settings]
        var old = ReferenceGraph(schema: .social)
        _ = try loader().load(into: path) { sink in try fill(types, 300, &random, &old, &sink) }
        let replaced: [EdgeType.Name] = [[.follows, .interests], [.friends], [.interacts]][seed % 3]
        var new = ReferenceGraph(schema: .social)
        let report = try loader(Set(replaced)).load(into: path) { sink in
            try fill(replaced, 200, &random, &new, &sink)
        }
        let counts = try replaced.map { name in
            (name, old.edgeCount(try #require(Schema.social.edgeType(name))))
        }
        #expect(report.replaced == Dictionary(uniqueKeysWithValues: counts))
        var expected = old
        for name in replaced {
            let type = try #require(Schema.social.edgeType(name))
            for (source, targets) in old.edges[name, default: [:]] {
                for target in targets.keys { expected.remove(type, source, target) }
            }
            for (source, targets) in new.edges[name, default: [:]] {
                for (target, value) in targets where !type.isSymmetric || source <= target {
                    expected.add(type, source, target, value)
                }
            }
            #expect(report.edges[name] == expected.edgeCount(type))
        }
        let store = try GraphStore(opening: path)
        #expect(try firstDifference(between: store, and: expected) == nil)
        #expect(try store.check().problems == [])
    }

    @Test("shows readers the old edges or the new, never none")
    func readers() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("s.kith")
        func load(_ count: UInt64, _ replaces: Set<EdgeType.Name>) throws {
            _ = try loader(replaces).load(into: path) { sink in
                for key in 0..<count { try sink.add(NodeKey(key), .follows, NodeKey(key + 1)) }
            }
        }
        try load(20_000, [])
        let store = try GraphStore(opening: path)
        let isDone = Atomic(false)
        let seen = Mutex<Set<Int>>([])
        let reader = Thread {
            while !isDone.load(ordering: .relaxed) {
                let count = try? store.read { try $0.edgeCount(of: .follows) }
                seen.withLock { _ = $0.insert(count ?? -1) }
            }
            isDone.store(false, ordering: .relaxed)
        }
        reader.start()
        try store.read { snapshot in
            try load(30_000, [.follows])
            #expect(try snapshot.edgeCount(of: .follows) == 20_000)
            #expect(try snapshot.degree(of: 7, via: .follows) == 1)
        }
        isDone.store(true, ordering: .relaxed)
        while isDone.load(ordering: .relaxed) { sched_yield() }
        #expect(seen.withLock { $0 }.isSubset(of: [20_000, 30_000]))
        #expect(try store.read { try $0.edgeCount(of: .follows) } == 30_000)
        #expect(try store.check().problems == [])
    }

    @Test("is refused, and takes nothing away, where no edge of the type is read, a row is bad or the type is unknown")
    func refused() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("s.kith")
        func file(_ text: String) throws -> [BulkLoader.EdgeFile] {
            try Data(text.utf8).write(to: URL(fileURLWithPath: folder.file("e.tsv")))
            return [.init(type: .follows, path: folder.file("e.tsv"))]
        }
        _ = try loader().load(file("1\t2\n2\t3\n"), into: path)
        let store = try GraphStore(opening: path)
        var loader = loader([.follows])
        for text in ["", "from\tto\n", "1\t2\n3\n"] {
            #expect(throws: (any Error).self) { try loader.load(file(text), into: path) }
            #expect(throws: (any Error).self) { try loader.dryRun(file(text)) }
            #expect(throws: (any Error).self) { try loader.load(file(text), into: folder.file("new.kith")) }
        }
        loader.replaces = [.friends]
        #expect(throws: GraphStoreError.self) { try loader.load(file("1\t2\n"), into: path) }
        loader.replaces = ["folows"]
        let error = #expect(throws: GraphStoreError.self) { try loader.load(file("1\t2\n"), into: path) }
        #expect(error == .unknownEdgeType("folows", known: Schema.social.edgeTypes.map(\.name)))
        #expect(try store.read { try $0.edgeCount(of: .follows) } == 2)
        #expect(!FileManager.default.fileExists(atPath: folder.file("new.kith")))
        loader.replaces = [.follows]
        let report = try loader.load(file("9\t8\n"), into: folder.file("new.kith"))
        #expect(report.edges == [.follows: 1] && report.replaced == [:])
    }
}

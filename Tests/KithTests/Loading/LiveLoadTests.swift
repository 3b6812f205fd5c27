import Foundation
import GraphTesting
import ProcessTesting
import Synchronization
import Testing

@testable import Kith

/// Loads into a store that others change between what a load prepares and what it writes.
@Suite("A load into a live store")
struct LiveLoadTests {
    private static let clock: Timestamp = 1_700_000_000
    private static let tiny = BulkLoader.Pieces(
        chunkBytes: 300, partCount: 4, recordsPerPart: 40, recordBytes: 600, recordsInMemory: 20)

    private struct Row {
        let type: EdgeType
        let source: NodeKey
        let target: NodeKey
        let value: ReferenceGraph.Value
    }

    /// Types that carry nothing, times, weights that add up, also in double precision, and no direction.
    private static let types = Schema.socialWithTotals.edgeTypes.filter {
        [.follows, .friends, .interacts, .interests, "totals", "ties"].contains($0.name)
    }

    private func loader(_ threads: Int, tiny: Bool) -> BulkLoader {
        var loader = BulkLoader(
            schema: .socialWithTotals, options: .init(clock: { LiveLoadTests.clock }), threads: threads)
        if tiny { loader.pieces = LiveLoadTests.tiny }
        return loader
    }

    private func makeRows(_ count: Int, keys: Range<UInt64>, _ random: inout SplitMix64) -> [Row] {
        (0..<count).map { _ in
            let type = LiveLoadTests.types.randomElement(using: &random) ?? LiveLoadTests.types[0]
            // A few nodes have most edges: long lists, and short ones.
            func key() -> NodeKey {
                let limit = UInt64.random(in: keys, using: &random)
                return NodeKey(UInt64.random(in: keys.lowerBound...limit, using: &random))
            }
            var (source, target) = (key(), key())
            if source == target { (source, target) = (NodeKey(keys.lowerBound), NodeKey(keys.upperBound)) }
            let weight = type.columns.contains(.weight) ? Double.random(in: 0...3, using: &random) : 1
            let time =
                type.columns.contains(.time) ? UInt32.random(in: 1_600_000_000...1_700_000_000, using: &random) : 0
            return Row(type: type, source: source, target: target, value: .init(weight: weight, time: time))
        }
    }

    private func load(_ rows: [Row], into path: String, by loader: BulkLoader) throws -> BulkLoader.Report {
        try loader.load(into: path) { sink in
            for row in rows {
                let columns = row.type.columns
                try sink.add(
                    row.source, row.type.name, row.target, weight: columns.contains(.weight) ? row.value.weight : nil,
                    at: columns.contains(.time) ? Timestamp(rawValue: row.value.time) : nil)
            }
        }
    }

    /// What loading `rows` makes of a graph: they are added up among themselves first.
    private func add(_ rows: [Row], to reference: inout ReferenceGraph) {
        var load = ReferenceGraph(schema: .socialWithTotals)
        for row in rows { load.add(row.type, row.source, row.target, row.value, inOneLoad: true) }
        for type in LiveLoadTests.types {
            for (source, targets) in load.edges[type.name, default: [:]] {
                for (target, value) in targets {
                    // From both ends, it would count twice.
                    if type.isSymmetric, target < source { continue }
                    reference.add(type, source, target, value)
                }
            }
        }
    }

    /// Fails unless the store is what it should be, whole.
    private func expect(_ path: String, is reference: ReferenceGraph) throws {
        let store = try GraphStore(opening: path, options: .init(clock: { LiveLoadTests.clock }))
        #expect(try firstDifference(between: store, and: reference) == nil)
        #expect(try store.check().problems == [])
    }

    @Test("that changes nothing leaves the file as it is, to the byte", arguments: [false, true])
    func changesNothing(tiny: Bool) throws {
        let folder = try TemporaryFolder()
        let path = folder.file("s.kith")
        var random = SplitMix64(seed: 5)
        let all = makeRows(6_000, keys: 1..<900, &random)
        // Weights that add up change; of the same edge the last row wins.
        let last = Dictionary(all.filter { $0.type.repetition == .replace }.map { (Set([$0.source, $0.target]), $0) }) {
            $1
        }
        let rows = last.values.map { $0 }
        _ = try load(rows, into: path, by: loader(2, tiny: tiny))
        let store = try GraphStore(opening: path)
        // Lists that are cut as no load cuts them.
        try store.write { graph in
            for key in 10_000..<15_003 as Range<UInt64> { try graph.addNode(NodeKey(key)) }
            for key in 0..<5_003 as Range<UInt64> { try graph.add(1, .follows, NodeKey(10_000 + key * 7_919 % 5_003)) }
        }
        let before = try Data(contentsOf: URL(fileURLWithPath: path))
        let report = try load(rows.shuffled(using: &random), into: path, by: loader(3, tiny: tiny))
        #expect(report.duplicates == rows.count && report.redoneLists == 0)
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
    }

    @Test("is what it would be after whatever others wrote meanwhile", arguments: 0..<Repetitions.of(12))
    func othersWrite(seed: Int) throws {
        let folder = try TemporaryFolder()
        let path = folder.file("s.kith")
        var random = SplitMix64(seed: UInt64(4_000 + seed))
        var reference = ReferenceGraph(schema: .socialWithTotals)
        let first = makeRows(1_500, keys: 1..<400, &random)
        _ = try load(first, into: path, by: loader(2, tiny: seed % 2 == 0))
        add(first, to: &reference)
        // Keys of which the store has some, the other writers will add some, and both.
        let second = makeRows(700, keys: 200..<600, &random)
        let others = makeRows([1, 30, 300][seed % 3], keys: [200..<400, 500..<600, 900..<950][seed / 3 % 3], &random)
        let removed = seed % 4 == 0 ? [NodeKey(250), NodeKey(210)] : []
        var loader = loader(1 + seed % 3, tiny: seed % 2 == 1)
        loader.onPrepared = {
            let store = try GraphStore(opening: path, options: .init(clock: { LiveLoadTests.clock }))
            try store.write { graph in
                for key in removed { try graph.removeNode(key) }
            }
            for row in others {
                let columns = row.type.columns
                try store.write { graph in
                    try graph.add(
                        row.source, row.type.name, row.target,
                        weight: columns.contains(.weight) ? row.value.weight : nil,
                        at: columns.contains(.time) ? Timestamp(rawValue: row.value.time) : nil)
                }
            }
        }
        for key in removed { reference.removeNode(key, kind: .user) }
        for row in others { reference.add(row.type, row.source, row.target, row.value) }
        let report = try load(second, into: path, by: loader)
        if others.count > 1 { #expect(report.redoneLists > 0) }
        add(second, to: &reference)
        try expect(path, is: reference)
    }

    /// A store in which `a` and `b` follow many, and what a load of a few rows does when `meanwhile` is written before it.
    private func redone(_ meanwhile: @escaping @Sendable (inout GraphTransaction) throws -> Void) throws -> Int {
        let folder = try TemporaryFolder()
        let path = folder.file("s.kith")
        _ = try loader(1, tiny: false).load(into: path) { sink in
            for key in 0..<2_000 as Range<UInt64> {
                // Times fill some blocks: of keys around 0, around 1,000, and up to 2,000.
                let time = Timestamp(rawValue: UInt32(1 + key * 7_919 % 100_003))
                try sink.add("a", .follows, NodeKey(key), at: time)
                try sink.add("b", .follows, NodeKey(key), at: time)
            }
        }
        var loader = loader(2, tiny: false)
        loader.onPrepared = { try GraphStore(opening: path).write { try meanwhile(&$0) } }
        let report = try loader.load(into: path) { sink in
            try sink.add("a", .follows, "b", at: 7)
            try sink.add("a", .follows, 3, at: 7)
            try sink.add("c", .follows, "a", at: 7)
        }
        let store = try GraphStore(opening: path)
        #expect(try store.check().problems == [])
        let edges = try store.read { snapshot in
            try [("a", "b"), ("a", "3"), ("c", "a")].map {
                try snapshot.edge(from: try NodeKey($0.0), .follows, to: try NodeKey($0.1))?.time
            }
        }
        #expect(edges == [7, 7, 7])
        return report.redoneLists
    }

    @Test("merges those lists again that have changed, and no others")
    func redoesWhatChanged() throws {
        // Of a: in and out; of b, 3: in; of c: out.
        #expect(try redone { _ in } == 0)
        #expect(try redone { _ = try $0.add(5, .follows, 6) } == 0)
        #expect(try redone { _ = try $0.add("a", .follows, 1_000, at: 9) } == 0, "a block that is not touched")
        #expect(try redone { _ = try $0.add("a", .follows, 3, at: 9) } == 2)
        #expect(try redone { _ = try $0.remove("b", .follows, 3) } == 1)
        // New nodes of the load get other ids: the list of c, and the one that c is in.
        #expect(try redone { _ = try $0.addNode("z") } == 2)
        // All is numbered anew.
        #expect(try redone { _ = try $0.addNode("c") } == 5)
        #expect(try redone { _ = try $0.removeNode("b") } == 5)
        #expect(try redone { _ = try $0.removeNode("nobody") } == 0)
    }

    @Test("and another one at once are both there, whole")
    func twoLoads() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("s.kith")
        var random = SplitMix64(seed: 17)
        var reference = ReferenceGraph(schema: .socialWithTotals)
        let rows = (0..<3).map { _ in makeRows(900, keys: 1..<500, &random) }
        _ = try load(rows[0], into: path, by: loader(2, tiny: false))
        var outer = loader(2, tiny: true)
        outer.onPrepared = { _ = try load(rows[1], into: path, by: loader(2, tiny: false)) }
        _ = try load(rows[2], into: path, by: outer)
        for rows in rows { add(rows, to: &reference) }
        try expect(path, is: reference)
    }

    @Test("that fails before it writes leaves the file as it is")
    func fails() throws {
        struct Failure: Error {}
        let folder = try TemporaryFolder()
        let path = folder.file("s.kith")
        var random = SplitMix64(seed: 23)
        _ = try load(makeRows(900, keys: 1..<500, &random), into: path, by: loader(2, tiny: false))
        let before = try Data(contentsOf: URL(fileURLWithPath: path))
        var failing = loader(2, tiny: true)
        failing.onPrepared = { throw Failure() }
        #expect(throws: Failure.self) { try load(makeRows(900, keys: 1..<700, &random), into: path, by: failing) }
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
        #expect(try folder.names() == ["s.kith", "s.kith-lock"])
    }

    @Test("is refused when another store has come in the place of the one it prepared for; with leave it follows")
    func replaced() throws {
        let folder = try TemporaryFolder()
        var random = SplitMix64(seed: 29)
        let (old, new, rows) = (
            makeRows(300, keys: 1..<100, &random), makeRows(300, keys: 50..<200, &random),
            makeRows(300, keys: 20..<250, &random)
        )
        for follows in [false, true] {
            let (path, other) = (folder.file("\(follows).kith"), folder.file("\(follows)-new.kith"))
            _ = try load(old, into: path, by: loader(1, tiny: false))
            _ = try load(new, into: other, by: loader(1, tiny: false))
            var reference = ReferenceGraph(schema: .socialWithTotals)
            add(new, to: &reference)
            var loader = loader(2, tiny: false)
            loader.options.followsReplacement = follows
            loader.onPrepared = { try GraphStore.replace(at: path, with: other) }
            if follows {
                _ = try load(rows, into: path, by: loader)
                add(rows, to: &reference)
            } else {
                #expect {
                    try load(rows, into: path, by: loader)
                } throws: { error in
                    if case GraphStoreError.replaced = error { true } else { false }
                }
            }
            try expect(path, is: reference)
        }
    }
}

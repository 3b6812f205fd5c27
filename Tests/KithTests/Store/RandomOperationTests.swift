import GraphTesting
import Kith
import ProcessTesting
import Testing

/// Random histories against dictionaries: whatever was added, replaced, accumulated, removed, taken back and reopened,
/// the store holds exactly what the dictionaries do, and `check` proves its invariants.
@Suite("Random operations")
struct RandomOperationTests {
    private struct Undo: Error {}

    /// One seeded history.
    private struct History {
        var random: SplitMix64
        var reference: ReferenceGraph
        /// Nodes per kind: few, so that edges repeat, or many.
        let nodeMax: Int
        var clock: UInt32 = 1_000_000_000

        init(seed: UInt64, nodeMax: Int) {
            random = SplitMix64(seed: seed)
            reference = ReferenceGraph(schema: .socialWithTotals)
            self.nodeMax = nodeMax
        }

        mutating func key() -> NodeKey {
            let number = UInt64.random(in: 0..<UInt64(nodeMax), using: &random)
            return number % 3 == 0 ? NodeKey(number) : NodeKey.known("node-\(number)")
        }

        /// Applies one random operation to both.
        mutating func step(_ graph: inout GraphTransaction) throws {
            let type = reference.schema.edgeTypes.randomElement(using: &random)!
            let source = key()
            let target = key()
            clock += UInt32.random(in: 0...100_000, using: &random)
            switch Int.random(in: 0..<100, using: &random) {
            case 0..<65:
                if type.source == type.target, source == target { return }
                let hasTime = type.columns.contains(.time)
                let hasWeight = type.columns.contains(.weight)
                let time = hasTime ? UInt32.random(in: clock - 90_000...clock, using: &random) : 0
                let weight = hasWeight ? Double.random(in: -2...8, using: &random) : 1
                let isNew = try graph.add(
                    source, type.name, target, weight: hasWeight ? weight : nil,
                    at: hasTime ? Timestamp(rawValue: time) : nil)
                let expected = reference.add(type, source, target, .init(weight: weight, time: time))
                #expect(isNew == expected)
            case 65..<94:
                let known = reference.neighbors(type.name, of: source).keys.min() ?? target
                let removed = try graph.remove(source, type.name, known)
                let expected = reference.remove(type, source, known)
                #expect(removed == expected)
            case 94..<97:
                let removed = try graph.removeNode(source, kind: type.source)
                let expected = reference.removeNode(source, kind: type.source)
                #expect(removed == expected)
            default:
                let added = try graph.addNode(source, kind: type.target)
                let expected = reference.addNode(source, kind: type.target)
                #expect(added == expected)
            }
        }
    }

    @Test(
        "leave a store equal to dictionaries, after commits, aborts and reopening",
        arguments: 0..<Repetitions.of(8))
    func equalsDictionaries(batch: Int) throws {
        // The first of a batch is long, the others short.
        for number in 0..<10 { try equalsDictionaries(seed: batch * 10 + number, transactions: number == 0 ? 25 : 6) }
    }

    private func equalsDictionaries(seed: Int, transactions: Int) throws {
        let folder = try TemporaryFolder()
        let path = folder.file("people.kith")
        var history = History(seed: UInt64(seed), nodeMax: [5, 40, 400][seed % 3])
        var store: GraphStore? = try GraphStore(creating: path, schema: .socialWithTotals, options: .forTests)
        for _ in 0..<transactions {
            let count = Int.random(in: 0...40, using: &history.random)
            let isUndone = Int.random(in: 0..<5, using: &history.random) == 0
            let before = history.reference
            do {
                try store?.write { graph in
                    for _ in 0..<count { try history.step(&graph) }
                    if isUndone { throw Undo() }
                }
            } catch is Undo {
                history.reference = before
            }
            if Int.random(in: 0..<8, using: &history.random) == 0 {
                store = nil
                store = try GraphStore(opening: path, options: .forTests)
            }
        }
        let final = try #require(store)
        #expect(try firstDifference(between: final, and: history.reference) == nil, "seed \(seed)")
        #expect(try final.check().problems == [], "seed \(seed)")
    }

    /// Degrees at which a list changes its form: around a group, around a block, several blocks.
    @Test(
        "carry a list across every boundary of its form, up and down",
        arguments: [1, 2, 31, 32, 33, 34, 64, 65, 200, 600, 1_300, 4_095, 4_096, 4_097, 9_000])
    func crossesBoundaries(degree: Int) throws {
        for type in [EdgeType.Name.follows, .friends, .interacts, .interests, "totals"] {
            let folder = try TemporaryFolder()
            let store = try GraphStore(
                creating: folder.file("people.kith"), schema: .socialWithTotals, options: .forTests)
            let declaration = try #require(Schema.socialWithTotals.edgeType(type))
            var random = SplitMix64(seed: UInt64(degree))
            var reference = ReferenceGraph(schema: .socialWithTotals)
            let targets = (0..<degree).map { NodeKey(UInt64(1_000 + 3 * $0)) }.shuffled(using: &random)
            func put(_ graph: inout GraphTransaction, _ target: NodeKey) throws {
                let time = UInt32.random(in: 0...UInt32.max, using: &random)
                let weight = Double.random(in: 0...1, using: &random)
                try graph.add(
                    1, type, target, weight: declaration.columns.contains(.weight) ? weight : nil,
                    at: declaration.columns.contains(.time) ? Timestamp(rawValue: time) : nil)
                reference.add(
                    declaration, 1, target,
                    .init(
                        weight: declaration.columns.contains(.weight) ? weight : 1,
                        time: declaration.columns.contains(.time) ? time : 0))
            }
            try store.write { graph in
                for target in targets.shuffled(using: &random) { try graph.addNode(target, kind: declaration.target) }
                reference = ReferenceGraph(schema: .socialWithTotals)
                for target in targets { reference.addNode(target, kind: declaration.target) }
                for target in targets { try put(&graph, target) }
            }
            #expect(try firstDifference(between: store, and: reference) == nil)
            #expect(try store.check().problems == [])
            let doomed = targets.shuffled(using: &random)
            for half in [doomed.prefix(degree / 2), doomed.dropFirst(degree / 2)] {
                try store.write { graph in
                    for target in half {
                        try graph.remove(1, type, target)
                        reference.remove(declaration, 1, target)
                    }
                }
                #expect(try firstDifference(between: store, and: reference) == nil)
                #expect(try store.check().problems == [])
            }
        }
    }

    @Test("make and unmake a hub of 200,000 followers")
    func hub() throws {
        let folder = try TemporaryFolder()
        let store = try GraphStore(
            creating: folder.file("people.kith"), schema: .socialWithTotals, options: .forTests)
        let count: UInt64 = 200_000
        var random = SplitMix64(seed: 7)
        let fans = (1...count).shuffled(using: &random)
        try store.write { graph in
            for fan in fans { try graph.add(NodeKey(fan), .follows, 0) }
        }
        try store.read { snapshot in
            let degree = try snapshot.degree(of: 0, via: .follows, direction: .in)
            let edge = try snapshot.edge(from: 77_777, .follows, to: 0)
            let reversed = try snapshot.edge(from: 0, .follows, to: 77_777)
            #expect(degree == Int(count))
            #expect(edge != nil)
            #expect(reversed == nil)
        }
        #expect(try store.check().problems == [])
        try store.write { graph in
            for fan in fans.prefix(Int(count / 2)) { try graph.remove(NodeKey(fan), .follows, 0) }
        }
        #expect(try store.read { try $0.degree(of: 0, via: .follows, direction: .in) } == Int(count / 2))
        #expect(try store.check().problems == [])
        try store.write { graph in _ = try graph.removeNode(0) }
        #expect(try store.read { try $0.edgeCount(of: .follows) } == 0)
        #expect(try store.check().problems == [])
    }
}

extension GraphStore.Options {
    /// Without syncs: what these tests prove does not depend on the disk.
    static var forTests: GraphStore.Options {
        GraphStore.Options(durability: .none, clock: { 1_700_000_000 })
    }
}

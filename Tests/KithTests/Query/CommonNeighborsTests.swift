import GraphTesting
import Kith
import ProcessTesting
import Testing

@Suite("Nodes that two neighbour lists share")
struct CommonNeighborsTests {
    /// All pages of an answer, one behind the other.
    private func all(
        _ store: GraphStore, _ first: NeighborSet, _ second: NeighborSet, _ selection: NeighborSelection, limit: Int
    ) throws -> [NodeKey] {
        var nodes: [NodeKey] = []
        var cursor: NeighborCursor?
        var count = 0
        repeat {
            let page = try store.read {
                try $0.commonNeighbors(first, second, selection, limit: limit, after: cursor)
            }
            #expect(page.nodes.count <= limit)
            nodes += page.nodes
            count = page.count
            cursor = try page.next.map { try #require(NeighborCursor($0.description)) }
        } while cursor != nil
        #expect(nodes.count == count)
        return nodes
    }

    @Test(
        "are those of the slow graph, for random lists of several types and both directions",
        arguments: Repetitions.seeds(12))
    func oracle(seed: UInt64) throws {
        let random = try RandomSocialGraph(seed: seed)
        var generator = SplitMix64(seed: seed)
        func neighbors(_ set: NeighborSet) -> Set<NodeKey> {
            var found: Set<NodeKey> = []
            for step in set.via.steps {
                let list =
                    step.direction == .out
                    ? random.reference.neighbors(step.type, of: set.node)
                    : random.reference.sources(step.type, of: set.node)
                found.formUnion(list.keys)
            }
            return found
        }
        func list() -> NeighborSet {
            let types: [EdgeType.Name] = [.follows, .friends, .interacts]
            let chosen = types.shuffled(using: &generator).prefix(Int.random(in: 1...3, using: &generator))
            let hop = Hop(chosen.map { Hop.Step($0, Bool.random(using: &generator) ? .out : .in) })
            return NeighborSet(
                of: NodeKey(UInt64.random(in: 0..<RandomSocialGraph.users, using: &generator)), via: hop)
        }
        for _ in 0..<60 {
            let (first, second) = (list(), list())
            let sets = (neighbors(first), neighbors(second))
            for selection in NeighborSelection.allCases {
                let expected =
                    switch selection {
                    case .inBoth: sets.0.intersection(sets.1)
                    case .inEither: sets.0.union(sets.1)
                    case .onlyInFirst: sets.0.subtracting(sets.1)
                    }
                let found = try all(
                    random.store, first, second, selection, limit: Int.random(in: 1...9, using: &generator))
                #expect(found.count == Set(found).count)
                #expect(Set(found) == expected)
            }
        }
    }

    @Test("are found in a list too long to be read, whichever of the two is the long one")
    func unequal() throws {
        let folder = try TemporaryFolder()
        let store = try GraphStore(creating: folder.file("people.kith"), options: .forTests)
        try store.write { graph in
            for number in 1...20_000 as ClosedRange<UInt64> { try graph.add("star", .follows, NodeKey(number)) }
            for number in [5, 19_999, 20_001] as [UInt64] { try graph.add("fan", .follows, NodeKey(number)) }
        }
        let (star, fan) = (NeighborSet(of: "star", via: .out(.follows)), NeighborSet(of: "fan", via: .out(.follows)))
        #expect(try all(store, star, fan, .inBoth, limit: 10) == [5, 19_999])
        #expect(try all(store, fan, star, .inBoth, limit: 1) == [5, 19_999])
        #expect(try all(store, fan, star, .onlyInFirst, limit: 10) == [20_001])
        #expect(try all(store, star, fan, .onlyInFirst, limit: 5_000).count == 19_998)
        #expect(try all(store, fan, star, .inEither, limit: 5_000).count == 20_001)
    }

    @Test("go on where they were when nodes before that place come and go")
    func surviveWrites() throws {
        let folder = try TemporaryFolder()
        let store = try GraphStore(creating: folder.file("people.kith"), options: .forTests)
        try store.write { graph in
            for number in 1...40 as ClosedRange<UInt64> {
                for user in ["a", "b"] as [NodeKey] { try graph.add(user, .follows, NodeKey(number)) }
            }
        }
        let lists = (NeighborSet(of: "a", via: .out(.follows)), NeighborSet(of: "b", via: .out(.follows)))
        let first = try store.read { try $0.commonNeighbors(lists.0, lists.1, limit: 20) }
        try store.write { graph in
            for number in 1...20 as ClosedRange<UInt64> { try graph.remove("a", .follows, NodeKey(number)) }
            try graph.remove("b", .follows, 30)
        }
        let rest = try store.read { try $0.commonNeighbors(lists.0, lists.1, after: first.next) }
        #expect(rest.nodes == (21...40).filter { $0 != 30 }.map { NodeKey($0) })
        #expect(rest.count == 19)
        #expect(rest.next == nil)
    }

    @Test("may be of different sorts, as long as both lists end at one kind")
    func differentSorts() throws {
        let folder = try TemporaryFolder()
        let store = try GraphStore(creating: folder.file("people.kith"), options: .forTests)
        try store.write { graph in
            try graph.add("me", .interests, "jazz")
            try graph.add("film", .about, "jazz")
            try graph.add("film", .about, "noir")
            try graph.add("me", .follows, "you")
        }
        let mine = NeighborSet(of: "me", via: .out(.interests))
        let common = try store.read { snapshot in
            try snapshot.commonNeighbors(mine, NeighborSet(of: "film", via: .out(.about)))
        }
        #expect(common.nodes == ["jazz"])
        for wrong in [
            NeighborSet(of: "me", via: .out(.follows)), NeighborSet(of: "me", via: .out(.interests, .views)),
        ] {
            #expect(throws: GraphStoreError.self) { try store.read { try $0.commonNeighbors(mine, wrong) } }
        }
        #expect(throws: GraphStoreError.self) {
            try store.read { try $0.commonNeighbors(mine, NeighborSet(of: "me", via: Hop([]))) }
        }
        #expect(throws: GraphStoreError.self) { try store.read { try $0.commonNeighbors(mine, mine, limit: 0) } }
    }
}

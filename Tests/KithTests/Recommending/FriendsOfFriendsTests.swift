import Foundation
import GraphTesting
import Kith
import Testing

/// The slow, obvious formulas.
private struct Oracle {
    let graph: ReferenceGraph
    let type: EdgeType

    func score(_ formula: TwoHopScore, of candidate: NodeKey, for user: NodeKey, order: [NodeKey: NodeID]) -> Double {
        let intermediates = graph.neighbors(type.name, of: user).keys
            .filter { graph.neighbors(type.name, of: $0)[candidate] != nil }
            .sorted { order[$0]!.rawValue < order[$1]!.rawValue }
        return intermediates.reduce(0) { sum, node in
            let out = graph.neighbors(type.name, of: node).count
            let degree = type.isSymmetric ? out : out + graph.sources(type.name, of: node).count
            switch formula {
            case .paths: return sum + 1
            case .adamicAdar: return sum + 1 / log(Double(degree))
            case .resourceAllocation: return sum + 1 / Double(degree)
            }
        }
    }
}

@Suite("Friends of friends")
struct FriendsOfFriendsTests {
    @Test("Zachary's karate club: the known counts and the known Adamic-Adar index")
    func karateClub() throws {
        // Zachary, Journal of Anthropological Research 33, 1977; members numbered from 0 as NetworkX has them.
        let folder = try TemporaryFolder()
        let store = try GraphStore(creating: folder.file("karate.kith"), options: .forTests)
        try store.write { graph in
            for (left, right) in SampleGraphs.karateClub { try graph.add(NodeKey(left), .friends, NodeKey(right)) }
        }
        try store.read { snapshot in
            let paths = FriendsOfFriends(via: .friends, score: .paths)
            let common = try snapshot.score(of: 33, for: 0, by: paths)
            #expect(common == 4)
            // networkx 3.6.1: list(nx.adamic_adar_index(nx.karate_club_graph(), [(0, 33)]))
            let index = try snapshot.score(of: 33, for: 0, by: FriendsOfFriends(via: .friends, score: .adamicAdar))
            #expect(abs(index - 2.7110197222973085) < 1e-12)
            let list = try snapshot.recommend(for: 0, by: paths, limit: 3)
            #expect(list.results.first?.user == 33)
            #expect(list.results.first?.evidence.first?.paths == 4)
        }
    }

    @Test(
        "Every formula gives the obvious scores, bit for bit, to the people nobody may object to",
        arguments: 0..<12)
    func equalsOracle(seed: Int) throws {
        let folder = try TemporaryFolder()
        let store = try GraphStore(creating: folder.file("people.kith"), options: .forTests)
        var random = SplitMix64(seed: UInt64(seed))
        var reference = ReferenceGraph(schema: .social)
        let via: EdgeType.Name = seed % 2 == 0 ? .follows : .friends
        let nodes = 60
        try store.write { graph in
            for _ in 0..<500 {
                let left = NodeKey(UInt64.random(in: 0..<60, using: &random))
                let right = NodeKey(UInt64.random(in: 0..<60, using: &random) / 2)
                if left == right { continue }
                let names: [EdgeType.Name] = [via, via, via, via, via, via, .blocks, .dismisses, .follows, .friends]
                let type = Schema.social.edgeType(names.randomElement(using: &random)!)!
                try graph.add(left, type.name, right)
                reference.add(type, left, right, .init(weight: 1, time: 0))
            }
        }
        let oracle = Oracle(graph: reference, type: Schema.social.edgeType(via)!)
        try store.read { snapshot in
            var ids: [NodeKey: NodeID] = [:]
            for node in 0..<UInt64(nodes) { ids[NodeKey(node)] = try snapshot.id(of: NodeKey(node)) }
            for user in ids.keys {
                var barred: Set<NodeKey> = [user]
                for type in [via, .follows, .friends, .blocks, .dismisses] as [EdgeType.Name] {
                    barred.formUnion(reference.neighbors(type, of: user).keys)
                }
                barred.formUnion(reference.sources(.blocks, of: user).keys)
                for formula in TwoHopScore.allCases {
                    var expected: [(NodeKey, Double)] = []
                    for candidate in ids.keys where !barred.contains(candidate) {
                        let score = oracle.score(formula, of: candidate, for: user, order: ids)
                        if score > 0 { expected.append((candidate, score)) }
                    }
                    expected.sort { left, right in
                        if left.1 != right.1 { return left.1 > right.1 }
                        return ids[left.0]! < ids[right.0]!
                    }
                    for limit in [0, 1, 7, 100] {
                        let list = try snapshot.recommend(
                            for: user, by: FriendsOfFriends(via: via, score: formula), limit: limit)
                        #expect(list.results.map(\.user) == expected.prefix(limit).map(\.0))
                        #expect(list.results.map(\.score) == expected.prefix(limit).map(\.1))
                    }
                }
            }
        }
    }

    @Test("A user without edges gets an empty list; an unknown user, a type between kinds, a negative limit are errors")
    func edgesOfTheQuestion() throws {
        let folder = try TemporaryFolder()
        let store = try GraphStore(creating: folder.file("people.kith"), options: .forTests)
        try store.write { graph in _ = try graph.addNode("alone") }
        let recommender = FriendsOfFriends(via: .follows)
        #expect(try store.read { try $0.recommend(for: "alone", by: recommender) }.results == [])
        #expect(throws: GraphStoreError.noSuchNode(.user, "nobody")) {
            try store.read { try $0.recommend(for: "nobody", by: recommender) }
        }
        #expect(throws: GraphStoreError.self) {
            try store.read { try $0.recommend(for: "alone", by: FriendsOfFriends(via: .interests)) }
        }
        #expect(throws: GraphStoreError.self) {
            try store.read { try $0.recommend(for: "alone", by: recommender, limit: -1) }
        }
    }
}

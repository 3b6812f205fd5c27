import Foundation
import GraphTesting
import Kith
import ProcessTesting
import Testing

@Suite("Collaborative filtering")
struct CollaborativeTests {
    @Test("by three hops gives the obvious scores, bit for bit", arguments: 0..<Repetitions.of(6))
    func equalsOracle(seed: Int) throws {
        let graph = try RandomSocialGraph(seed: UInt64(seed))
        let methods: [(Recommender.Method, p: Double, q: Double, r: Double)] = [
            (.linearFilter, 0.5, 1, 0.5), (.itemBased, 0.5, 0, 0.5),
        ]
        try graph.store.read { snapshot in
            let oracle = try SlowRecommender(graph.reference, snapshot)
            for user in graph.reference.nodes[.user]! {
                let own = Set(graph.reference.neighbors(.views, of: user).keys)
                for (method, p, q, r) in methods {
                    var expected: [NodeKey: Double] = [:]
                    for item in graph.reference.nodes[.item]! where !own.contains(item) {
                        let score = oracle.collaborative(.views, p: p, q: q, r: r, of: item, for: user)
                        if score > 0 { expected[item] = score }
                    }
                    let recommender = Recommender(method, via: [.views])
                    let found = try snapshot.recommend(for: user, by: recommender, limit: 100)
                    #expect(
                        Dictionary(uniqueKeysWithValues: found.map { ($0.user, $0.score) }) == expected, "\(method)")
                    #expect(zip(found, found.dropFirst()).allSatisfy { $0.score >= $1.score })
                    for result in found {
                        #expect(try snapshot.score(of: result.user, for: user, by: recommender) == result.score)
                        #expect(result.evidence[0].paths > 0)
                    }
                }
            }
        }
    }

    @Test("by similar users adds up the similarities of the nearest who have the item")
    func userBased() throws {
        let graph = try RandomSocialGraph(seed: 11)
        try graph.store.read { snapshot in
            let oracle = try SlowRecommender(graph.reference, snapshot)
            for user in graph.reference.nodes[.user]! {
                var expected = oracle.userBased(.views, .cosine, neighborsMax: 5, for: user)
                for item in graph.reference.neighbors(.views, of: user).keys { expected[item] = nil }
                let found = try snapshot.recommend(
                    for: user, by: Recommender(.userBased, via: [.views], neighborsMax: 5), limit: 100)
                #expect(Dictionary(uniqueKeysWithValues: found.map { ($0.user, $0.score) }) == expected)
            }
        }
    }
}

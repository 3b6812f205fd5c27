import Foundation
import GraphTesting
import Kith
import Testing

@Suite("Popularity")
struct PopularityTests {
    private func expected(_ measure: Popularity.Measure, _ graph: RandomSocialGraph, _ type: EdgeType.Name) -> [NodeKey:
        Double]
    {
        var scores: [NodeKey: Double] = [:]
        let now = Double(RandomSocialGraph.moment.rawValue)
        for node in graph.reference.nodes[.user]! {
            for value in graph.reference.sources(type, of: node).values {
                let age = now - Double(value.time)
                switch measure {
                case .followers: scores[node, default: 0] += 1
                case .recent: scores[node, default: 0] += exp2(-age / (30 * 86_400))
                case .interactions: scores[node, default: 0] += Double(value.weight) * exp2(-age / (30 * 86_400))
                case .pageRank, .composite: break
                }
            }
        }
        return scores
    }

    @Test(
        "is what is counted one by one, most first",
        arguments: [
            (Popularity.Measure.followers, EdgeType.Name.follows), (.recent, .follows), (.interactions, .interacts),
        ])
    func measures(measure: Popularity.Measure, type: EdgeType.Name) throws {
        let graph = try RandomSocialGraph(seed: 21)
        let expected = expected(measure, graph, type)
        try graph.store.read(at: RandomSocialGraph.moment) { snapshot in
            let top = try snapshot.top(by: Popularity(measure), via: type, limit: 1_000)
            #expect(Set(top.map(\.key)) == Set(expected.keys))
            for (key, score) in top { #expect(abs(score - expected[key]!) <= 1e-12 * expected[key]!) }
            #expect(zip(top, top.dropFirst()).allSatisfy { $0.score >= $1.score })
            #expect(
                try snapshot.top(by: Popularity(measure), via: type, limit: 3).map(\.key) == top.prefix(3).map(\.key))
        }
    }

    @Test("composite is the mean of the four, each by its maximum")
    func composite() throws {
        let graph = try RandomSocialGraph(seed: 22)
        try graph.store.read(at: RandomSocialGraph.moment) { snapshot in
            var expected: [NodeKey: Double] = [:]
            for measure in [.followers, .recent, .interactions, .pageRank] as [Popularity.Measure] {
                let top = try snapshot.top(by: Popularity(measure), via: .interacts, limit: 1_000)
                for (key, score) in top { expected[key, default: 0] += score / top[0].score / 4 }
            }
            let top = try snapshot.top(by: Popularity(.composite), via: .interacts, limit: 1_000)
            #expect(top.count == expected.count)
            for (key, score) in top { #expect(abs(score - expected[key]!) < 1e-12) }
        }
    }

    @Test("is of the state that is read, unless it may be stale")
    func stale() throws {
        let graph = try RandomSocialGraph(seed: 23)
        let store = graph.store
        func first(_ attention: Popularity, at moment: Timestamp) throws -> Double {
            try store.read(at: moment) { try $0.top(by: attention, via: .follows, limit: 1)[0].score }
        }
        let patient = Popularity(.followers, stalenessSeconds: 60)
        let before = try first(Popularity(), at: 1_000)
        let best = try store.read { try $0.top(via: .follows, limit: 1)[0].key }
        #expect(try first(patient, at: 1_000) == before)
        try store.write { transaction in
            for user in 1_000..<1_100 as Range<UInt64> { try transaction.add(NodeKey(user), .follows, best) }
        }
        #expect(try first(patient, at: 1_059) == before)
        #expect(try first(patient, at: 1_060) == before + 100)
        #expect(try first(Popularity(), at: 1_000) == before + 100)
    }

    @Test("goes on to those further down when the first are known already")
    func exhausted() throws {
        let folder = try TemporaryFolder()
        let store = try GraphStore(creating: folder.file("people.kith"), options: .forTests)
        // More than the ranking keeps in order, all but two of them known to 0.
        try store.write { graph in
            for user in 1...4_200 as ClosedRange<UInt64> {
                try graph.add(NodeKey(10_000 + user % 7), .follows, NodeKey(user))
                if user <= 4_198 { try graph.add(0, .follows, NodeKey(user)) }
            }
        }
        let list = try store.read { try $0.recommend(for: 0, by: Popularity(), limit: 5) }
        #expect(list.map(\.user) == [4_199, 4_200])
        #expect(try store.read { try $0.top(via: .follows, limit: 4_150) }.count == 4_150)
    }
}

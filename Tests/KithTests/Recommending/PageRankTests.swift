import Foundation
import GraphTesting
import Kith
import ProcessTesting
import Testing

@Suite("Personalised PageRank")
struct PageRankTests {
    private static let walks: [[(step: Hop.Step, multiplier: Double)]] = [
        [(Hop.Step(.follows), 1)], [(Hop.Step(.friends), 1)], [(Hop.Step(.follows, .in), 1)],
        [(Hop.Step(.interacts), 1)], [(Hop.Step(.follows), 1), (Hop.Step(.friends), 0.5)],
        [(Hop.Step(.follows, .out), 1), (Hop.Step(.follows, .in), 0.25), (Hop.Step(.interacts), 2)],
    ]

    @Test(
        "to a tolerance is within it of power iteration, for every edge type and several",
        arguments: 0..<Repetitions.of(6))
    func equalsOracle(walk: Int) throws {
        let steps = Self.walks[walk % Self.walks.count]
        let graph = try RandomSocialGraph(seed: UInt64(40 + walk), edges: walk == 2 ? 150 : 700)
        try graph.store.read(at: RandomSocialGraph.moment) { snapshot in
            let oracle = try SlowRecommender(graph.reference, snapshot)
            for (restart, user) in [(0.15, 0), (0.5, 1), (0.85, 39), (1, 3)] as [(Double, UInt64)] {
                let exact = oracle.pageRank(
                    steps, restart: restart, seeds: [NodeKey(user): 1], askedBy: NodeKey(user))
                for tolerance in [1e-3, 1e-9] {
                    let request = PersonalizedPageRank(
                        via: steps.map(\.step), multipliers: steps.map(\.multiplier), restart: restart,
                        tolerance: tolerance)
                    var error = 0.0
                    for node in graph.reference.nodes[.user]! {
                        error += abs(try snapshot.score(of: node, for: NodeKey(user), by: request) - (exact[node] ?? 0))
                    }
                    #expect(error <= tolerance, "restart \(restart)")
                    let list = try snapshot.recommend(for: NodeKey(user), by: request, limit: 100)
                    #expect(list.isComplete)
                    #expect(try #require(list.residual) <= tolerance)
                }
            }
        }
    }

    @Test(
        "that hardly ever restarts ends by itself, and says that it is not complete", arguments: [0, 1, 3, 4, 5])
    func bounded(walk: Int) throws {
        let steps = Self.walks[walk]
        let graph = try RandomSocialGraph(seed: UInt64(40 + walk), edges: walk == 2 ? 150 : 700)
        try graph.store.read(at: RandomSocialGraph.moment) { snapshot in
            let request = PersonalizedPageRank(
                via: steps.map(\.step), multipliers: steps.map(\.multiplier), restart: 1e-12, tolerance: 1e-14)
            let list = try snapshot.recommend(for: 0, by: request, limit: 100)
            #expect(!list.isComplete)
            #expect(try #require(list.residual) > 1e-14)
            // With a budget that does not come into it, either.
            var generous = request
            generous.budget = 200_000
            #expect(try !snapshot.recommend(for: 0, by: generous, limit: 100).isComplete)
            // At the textbook's restart the bound is far away.
            var textbook = request
            (textbook.restart, textbook.tolerance) = (0.15, 1e-12)
            #expect(try snapshot.recommend(for: 0, by: textbook, limit: 100).isComplete)
        }
    }

    @Test("from several seeds returns to each as often as its weight says")
    func seeds() throws {
        let graph = try RandomSocialGraph(seed: 12)
        try graph.store.read(at: RandomSocialGraph.moment) { snapshot in
            let oracle = try SlowRecommender(graph.reference, snapshot)
            let exact = oracle.pageRank(
                [(Hop.Step(.follows), 1)], restart: 0.3, seeds: [3: 0.5, 7: 0.25, 11: 0.25], askedBy: 0)
            let walk = PersonalizedPageRank(
                via: [Hop.Step(.follows)], restart: 0.3, tolerance: 1e-12,
                seeds: [.init(3, weight: 2), .init(7), .init(11)])
            for node in graph.reference.nodes[.user]! {
                #expect(abs(try snapshot.score(of: node, for: 0, by: walk) - (exact[node] ?? 0)) < 1e-12)
            }
            let unknown = PersonalizedPageRank(via: [Hop.Step(.follows)], seeds: [.init("nobody")])
            #expect(throws: GraphStoreError.noSuchNode(.user, "nobody")) {
                try snapshot.recommend(for: 0, by: unknown)
            }
            let heavy = PersonalizedPageRank(via: [Hop.Step(.follows)], seeds: [.init(1, weight: .infinity)])
            #expect(throws: GraphStoreError.self) { try snapshot.recommend(for: 0, by: heavy) }
        }
    }

    @Test("never suggests those already joined, and orders the others as power iteration does")
    func order() throws {
        let graph = try RandomSocialGraph(seed: 5)
        try graph.store.read(at: RandomSocialGraph.moment) { snapshot in
            let oracle = try SlowRecommender(graph.reference, snapshot)
            for user in graph.reference.nodes[.user]!.sorted().prefix(15) {
                let exact = oracle.pageRank(
                    [(Hop.Step(.follows), 1)], restart: 0.5, seeds: [user: 1], askedBy: user)
                var barred: Set<NodeKey> = [user]
                for type in [.follows, .friends, .blocks, .dismisses] as [EdgeType.Name] {
                    barred.formUnion(graph.reference.neighbors(type, of: user).keys)
                }
                barred.formUnion(graph.reference.sources(.blocks, of: user).keys)
                let found = try snapshot.recommend(
                    for: user, by: PersonalizedPageRank(via: [.follows], tolerance: 1e-12), limit: 100)
                #expect(Set(found.map(\.user)) == Set(exact.filter { $0.value > 0 }.keys).subtracting(barred))
                for result in found { #expect(abs(result.score - exact[result.user]!) < 1e-12) }
                #expect(zip(found, found.dropFirst()).allSatisfy { $0.score >= $1.score })
            }
        }
    }

    @Test("of a user without edges is the user, who is not suggested; a fallback that is asked for answers and says so")
    func isolated() throws {
        let graph = try RandomSocialGraph(seed: 5)
        try graph.store.write { _ = try $0.addNode("alone") }
        try graph.store.read { snapshot in
            let walk = PersonalizedPageRank(via: [.follows])
            #expect(abs(try snapshot.score(of: "alone", for: "alone", by: walk) - 1) < 0.05)
            #expect(try snapshot.recommend(for: "alone", by: walk).isEmpty)
            #expect(try snapshot.recommend(RecommendationRequest([walk.recommender]), for: "alone").isEmpty)
            let list = try snapshot.recommend(
                RecommendationRequest([walk.recommender], fallback: RecommendationRequest.standardFallback),
                for: "alone")
            #expect(list.fallback == .attention)
            #expect(list.count == 10)
        }
    }

    @Test(
        "is the same to the last bit from lists others decoded and from the file, before and after a commit",
        arguments: 0..<Repetitions.of(6))
    func decodedLists(walk: Int) throws {
        let steps = Self.walks[walk % Self.walks.count]
        let graph = try RandomSocialGraph(seed: UInt64(60 + walk))
        var options = GraphStore.Options.forTests
        options.decodedBytesMax = 0
        let withoutRoom = try GraphStore(opening: graph.folder.file("people.kith"), options: options)
        let request = RecommendationRequest(
            [
                PersonalizedPageRank(
                    via: steps.map(\.step), multipliers: steps.map(\.multiplier), restart: 0.2, tolerance: 1e-9
                ).recommender
            ], limit: 20, evidenceLimit: 0, fallback: [])
        @Sendable func lists(in snapshot: borrowing Snapshot) throws -> [[Double]] {
            try (0..<RandomSocialGraph.users).map { user in
                try snapshot.recommend(request, for: NodeKey(user)).flatMap { [Double($0.user.integer!), $0.score] }
            }
        }
        @Sendable func lists(_ store: GraphStore) throws -> [[Double]] {
            try store.read(at: RandomSocialGraph.moment) { try lists(in: $0) }
        }
        let expected = try lists(withoutRoom)
        let shared = graph.store
        DispatchQueue.concurrentPerform(iterations: 4) { _ in
            let isSame = (try? lists(shared)) == expected
            #expect(isSame)
        }
        try graph.store.read(at: RandomSocialGraph.moment) { older in
            try graph.store.write { transaction in
                for user in 1..<RandomSocialGraph.users {
                    try transaction.add(0, .follows, NodeKey(user))
                    try transaction.add(0, .friends, NodeKey(user))
                    try transaction.add(0, .interacts, NodeKey(user))
                }
            }
            for _ in 0..<2 {
                let newer = try lists(graph.store)
                // Not in the expectations, which would print thousands of numbers.
                let isSame = (newer == (try lists(withoutRoom)), expected == (try lists(in: older)))
                #expect(isSame == (true, true))
                let isChanged = newer != expected
                #expect(isChanged)
            }
        }
    }

    @Test("stops when its budget is spent, and says what is left")
    func budget() throws {
        let graph = try RandomSocialGraph(seed: 6)
        try graph.store.read { snapshot in
            let walk = PersonalizedPageRank(via: [Hop.Step(.follows)], restart: 0.1, tolerance: 1e-9, budget: 40)
            let list = try snapshot.recommend(for: 0, by: walk)
            #expect(!list.isComplete)
            #expect(try #require(list.residual) > 1e-9)
        }
    }

    @Test("from everywhere, as attention, is within its tolerance of power iteration")
    func global() throws {
        let graph = try RandomSocialGraph(seed: 8)
        // An id that nobody has.
        try graph.store.write { transaction in
            _ = try transaction.addNode("gone")
            _ = try transaction.addNode("stays")
            try transaction.removeNode("gone")
        }
        try graph.store.read { snapshot in
            var reference = graph.reference
            reference.addNode("stays", kind: .user)
            let oracle = try SlowRecommender(reference, snapshot)
            let nodes = reference.nodes[.user]!
            let seeds = Dictionary(uniqueKeysWithValues: nodes.map { ($0, 1 / Double(nodes.count)) })
            let exact = oracle.pageRank([(Hop.Step(.follows), 1)], restart: 0.15, seeds: seeds)
            let top = try snapshot.top(by: Popularity(.pageRank), via: .follows, limit: 1_000)
            #expect(top.count == nodes.count)
            #expect(top.reduce(0) { $0 + abs($1.score - exact[$1.key]!) } <= 1e-6)
        }
    }
}

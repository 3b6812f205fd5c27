import Foundation
import GraphTesting
import Kith
import ProcessTesting
import Synchronization
import Testing

@Suite("Two hops")
struct WalkOracleTests {
    static let walks: [(first: Hop, second: Hop)] = [
        (.out(.follows), .out(.follows)), (.out(.friends), .out(.friends)), (.out(.follows), .in(.follows)),
        (.in(.follows), .out(.follows)), (.out(.interests), .in(.interests)), (.out(.views), .in(.views)),
        (.out(.interacts), .out(.interacts)), (.out(.interests), .in(.about)), (.both(.follows), .both(.follows)),
        (.out(.follows, .friends), .out(.follows, .friends)), (.out(.views, .clicks), .in(.views, .clicks)),
        (.out(.interacts, .friends), .out(.friends)), (.out(.views), .out(.about)),
    ]
    static let options: [WalkOptions] = [
        WalkOptions(), WalkOptions(minimumPaths: 2), WalkOptions(maximumDegree: 9),
        WalkOptions(since: 1_696_000_000), WalkOptions(until: 1_698_000_000, halfLifeSeconds: 20 * 86_400),
        WalkOptions(until: 1_698_000_000),
    ]

    /// Whether a walk can heed options: a half-life by formulas that use weights, times on edges that have them.
    static func heeds(_ options: WalkOptions, _ formula: TwoHopScore, _ walk: (first: Hop, second: Hop)) -> Bool {
        let usesWeights = [TwoHopScore.weighted, .tfidfCosine, .bm25].contains(formula)
        if options.halfLifeSeconds != nil, !usesWeights { return false }
        guard options.since != nil || options.until != nil || options.halfLifeSeconds != nil else { return true }
        return (walk.first.steps + walk.second.steps).contains {
            Schema.social.edgeType($0.type)!.columns.contains(.time)
        }
    }

    @Test(
        "give the obvious scores, bit for bit, to the candidates nobody may object to, by every formula",
        arguments: 0..<Repetitions.of(WalkOracleTests.walks.count))
    func equalsOracle(walk: Int) throws {
        let (first, second) = Self.walks[walk % Self.walks.count]
        let graph = try RandomSocialGraph(seed: UInt64(walk))
        try graph.store.read(at: RandomSocialGraph.moment) { snapshot in
            let oracle = try SlowRecommender(graph.reference, snapshot)
            let (from, to) = (oracle.kinds(first).from, oracle.kinds(second).to)
            let joining = graph.reference.schema.edgeTypes.filter { $0.source == from && $0.target == to }
            let relation = first.steps.map(\.type) + [.friends, .follows, .blocks, .dismisses]
            for user in graph.reference.nodes[from]!.sorted().prefix(12) {
                var barred: Set<NodeKey> = from == to ? [user] : []
                for type in joining where relation.contains(type.name) {
                    barred.formUnion(graph.reference.neighbors(type.name, of: user).keys)
                }
                if from == to { barred.formUnion(graph.reference.sources(.blocks, of: user).keys) }
                for formula in TwoHopScore.allCases {
                    let isSingle = first.steps.count == 1 && second.steps.count == 1
                    if !isSingle, formula == .tfidfCosine || formula == .bm25 { continue }
                    let options = Self.options[(walk + Int(user.description)!) % Self.options.count]
                    if !Self.heeds(options, formula, (first, second)) { continue }
                    var expected: [(key: NodeKey, score: Double)] = []
                    for candidate in graph.reference.nodes[to]! where !barred.contains(candidate) {
                        let score = oracle.score(formula, first, second, options, of: candidate, for: user)
                        if let score { expected.append((candidate, score)) }
                    }
                    expected.sort { left, right in
                        left.score != right.score
                            ? left.score > right.score : oracle.ids[to]![left.key]! < oracle.ids[to]![right.key]!
                    }
                    let recommender = TwoHopWalk(first, second, score: formula, options: options)
                    for limit in [3, 100] {
                        let found = try snapshot.recommend(for: user, by: recommender, limit: limit)
                        #expect(found.map(\.user) == expected.prefix(limit).map(\.key), "\(formula) \(options)")
                        #expect(found.map(\.score) == expected.prefix(limit).map(\.score), "\(formula) \(options)")
                        #expect(found.isComplete)
                        for result in found {
                            #expect(
                                try snapshot.score(of: result.user, for: user, by: recommender) == result.score,
                                "\(formula)")
                        }
                    }
                }
            }
        }
    }

    @Test(
        "asked for by the thousand, when lists are shared as arrays, give what they give one by one",
        arguments: 0..<Repetitions.of(WalkOracleTests.walks.count))
    func manyEqualOne(walk: Int) throws {
        let (first, second) = Self.walks[walk % Self.walks.count]
        let graph = try RandomSocialGraph(seed: UInt64(100 + walk))
        let from = graph.reference.schema.edgeType(first.steps[0].type)!
        let kind = first.steps[0].direction == .out ? from.source : from.target
        let users = graph.reference.nodes[kind]!.sorted()
        for formula in TwoHopScore.allCases {
            let isSingle = first.steps.count == 1 && second.steps.count == 1
            if !isSingle, formula == .tfidfCosine || formula == .bm25 { continue }
            for options in Self.options where Self.heeds(options, formula, (first, second)) {
                let request = RecommendationRequest(
                    [TwoHopWalk(first, second, score: formula, options: options).recommender], limit: 7,
                    evidenceLimit: 0, fallback: [])
                let alone = try graph.store.read(at: RandomSocialGraph.moment) { snapshot in
                    try users.map { try snapshot.recommend(request, for: $0) }
                }
                // In the first round more edges are decoded than the hop has.
                let rounds = 4
                let queue = Mutex(Array(repeating: users.reversed(), count: rounds).flatMap { $0 })
                var answers: [RecommendationList] = []
                try graph.store.recommendations(
                    request, for: { queue.withLock { $0.popLast() } }, threads: 2, at: RandomSocialGraph.moment
                ) { answers.append($0.list!) }
                let areEqual = answers == Array(repeating: alone, count: rounds).flatMap { $0 }
                #expect(areEqual, "\(formula) \(options)")
                // For all, arrays are made before the first.
                var all: [NodeKey: RecommendationList] = [:]
                try graph.store.recommendationsForAll(request, threads: 2, at: RandomSocialGraph.moment) {
                    all[$0.user] = $0.list
                }
                #expect(users.map { all[$0] } == alone, "\(formula) \(options)")
            }
        }
    }

    @Test("say through whom they lead: as many as there are, the strongest first")
    func evidence() throws {
        let graph = try RandomSocialGraph(seed: 99)
        try graph.store.read(at: RandomSocialGraph.moment) { snapshot in
            let oracle = try SlowRecommender(graph.reference, snapshot)
            var checked = 0
            for user in graph.reference.nodes[.user]! {
                for hop in [Hop.out(.follows), .out(.interacts)] {
                    let list = try snapshot.recommend(
                        for: user, by: TwoHopWalk(hop, hop, score: .weighted), limit: 5, evidenceLimit: 2)
                    for result in list {
                        var paths: [(key: NodeKey, amount: Double)] = []
                        for (node, a) in oracle.openReach(hop, from: user) {
                            let onward = oracle.reach(hop, from: node, WalkOptions())
                            if let b = onward.first(where: { $0.key == result.user })?.weight {
                                paths.append((node, a * b))
                            }
                        }
                        paths.sort { left, right in
                            left.amount != right.amount
                                ? left.amount > right.amount
                                : oracle.ids[.user]![left.key]! < oracle.ids[.user]![right.key]!
                        }
                        #expect(result.evidence.map(\.paths) == [paths.count])
                        #expect(result.evidence[0].through == paths.prefix(2).map(\.key))
                        checked += 1
                    }
                }
            }
            #expect(checked > 100)
        }
    }

    @Test("stop when their budget is spent, and say so")
    func budget() throws {
        let graph = try RandomSocialGraph(seed: 7)
        try graph.store.read { snapshot in
            let oracle = try SlowRecommender(graph.reference, snapshot)
            for user in graph.reference.nodes[.user]! {
                let degrees = try oracle.openReach(.out(.follows), from: user)
                    .map { try snapshot.degree(of: $0.key, via: .follows) }
                let work = degrees.reduce(0, +)
                for score in [TwoHopScore.paths, .adamicAdar, .weighted, .bm25] {
                    for budget in [work, work - 1] where budget >= 0 {
                        let recommender = FriendsOfFriends(
                            via: .follows, score: score, options: WalkOptions(budget: budget))
                        let list = try snapshot.recommend(for: user, by: recommender)
                        #expect(list.isComplete == (budget == work))
                    }
                }
            }
        }
    }

    @Test("by tf-idf pass over what the user likes and nothing is about")
    func unknownTopic() throws {
        let folder = try TemporaryFolder()
        let store = try GraphStore(creating: folder.file("songs.kith"), options: .forTests)
        try store.write { graph in
            _ = try graph.add("ann", .interests, "jazz", weight: 2)
            _ = try graph.add("ann", .interests, "knitting", weight: 5)
            _ = try graph.add("song", .about, "jazz")
            _ = try graph.add("film", .about, "jazz")
            _ = try graph.add("film", .about, "war", weight: 3)
        }
        let list = try store.read { try $0.recommend(for: "ann", by: Recommender(.content)) }
        #expect(list.map(\.user) == ["song", "film"])
        // Two items, both about jazz, one about war.
        let (jazz, war) = (log(1 + 2 / 2.0), log(1 + 2 / 1.0))
        let film = jazz / (jazz * jazz + 9 * war * war).squareRoot()
        #expect(zip(list.map(\.score), [1, film]).allSatisfy { abs($0 - $1) < 1e-15 })
    }

    @Test("that do not fit, or have options out of range, are refused with what to do")
    func refused() throws {
        let folder = try TemporaryFolder()
        let store = try GraphStore(creating: folder.file("people.kith"), options: .forTests)
        try store.write { graph in _ = try graph.addNode("alone") }
        let fitting = Hop.out(.follows)
        let bad: [Recommender] = [
            TwoHopWalk(.out(.interests), .out(.follows)).recommender,
            TwoHopWalk(.out(.follows, .interests), fitting).recommender,
            TwoHopWalk(Hop([]), fitting).recommender, Recommender(.walk),
            TwoHopWalk(.out(.views, .clicks), .in(.views, .clicks), score: .bm25).recommender,
            TwoHopWalk(fitting, fitting, options: WalkOptions(minimumPaths: 0)).recommender,
            TwoHopWalk(fitting, fitting, options: WalkOptions(halfLifeSeconds: 0)).recommender,
            TwoHopWalk(fitting, fitting, options: WalkOptions(since: 5, until: 4)).recommender,
            TwoHopWalk(fitting, fitting, options: WalkOptions(budget: -1)).recommender,
            PersonalizedPageRank(restart: 0).recommender, PersonalizedPageRank(tolerance: 0).recommender,
            PersonalizedPageRank(via: [.interests]).recommender, Popularity(halfLifeSeconds: -1).recommender,
            Recommender(.userBased, via: [.views], neighborsMax: 0), Recommender(.content, via: [.interests]),
            Recommender(.friendsOfFriends, weight: 0),
        ]
        for recommender in bad {
            #expect(throws: GraphStoreError.self, "\(recommender)") {
                try store.read { try $0.recommend(for: "alone", by: recommender) }
            }
        }
        #expect(throws: GraphStoreError.unknownEdgeType("likes", known: Schema.social.edgeTypes.map(\.name))) {
            try store.read { try $0.recommend(for: "alone", by: TwoHopWalk(.out("likes"), fitting)) }
        }
        #expect(throws: GraphStoreError.self) {
            try store.read { snapshot in
                try snapshot.recommend(for: "alone") {
                    FriendsOfFriends()
                    Recommender(.linearFilter)
                }
            }
        }
    }
}

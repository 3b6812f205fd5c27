import GraphTesting
import Kith

/// A ``RandomSocialGraph`` in which some accounts are private, some are hidden, and some of those who meet block each other.
struct RandomAccounts {
    let graph: RandomSocialGraph
    let reference: ReferenceGraph
    let hidden: Set<NodeKey>
    let privates: Set<NodeKey>

    init(seed: UInt64, edges: Int = 500) throws {
        graph = try RandomSocialGraph(seed: seed, edges: edges)
        var reference = graph.reference
        var random = SplitMix64(seed: seed &+ 1_000_003)
        func user() -> NodeKey { NodeKey(UInt64.random(in: 0..<RandomSocialGraph.users, using: &random)) }
        let settings = Schema.social.edgeType(.settings)!
        let blocks = Schema.social.edgeType(.blocks)!
        var hidden: Set<NodeKey> = []
        var privates: Set<NodeKey> = []
        try graph.store.write { transaction in
            for _ in 0..<Int.random(in: 0..<6, using: &random) {
                let account = user()
                hidden.insert(account)
                try transaction.add(account, .settings, Setting.isHidden)
                reference.add(settings, account, Setting.isHidden, .init(weight: 1, time: 0))
            }
            for _ in 0..<Int.random(in: 0..<12, using: &random) {
                let account = user()
                privates.insert(account)
                try transaction.add(account, .settings, Setting.isPrivate)
                reference.add(settings, account, Setting.isPrivate, .init(weight: 1, time: 0))
            }
            for _ in 0..<Int.random(in: 0..<30, using: &random) {
                let (left, right) = (user(), user())
                if left == right { continue }
                try transaction.add(left, .blocks, right, at: RandomSocialGraph.moment)
                reference.add(blocks, left, right, .init(weight: 1, time: RandomSocialGraph.moment.rawValue))
            }
        }
        self.reference = reference
        self.hidden = hidden
        self.privates = privates
    }

    var store: GraphStore { graph.store }

    /// Who must not be suggested to a user, whatever is asked.
    func barred(for user: NodeKey) -> Set<NodeKey> {
        hidden.union([user]).union(reference.neighbors(.blocks, of: user).keys)
            .union(reference.sources(.blocks, of: user).keys).union(reference.neighbors(.dismisses, of: user).keys)
    }

    /// Every method, along every relation it can take: what suggests users.
    static let ofUsers: [Recommender] =
        FilterTests.recommenders + [
            FriendsOfFriends(via: .follows, score: .cosine).recommender,
            CoFollow(via: .follows, score: .jaccard).recommender,
            Recommender(.friendsOfFriends, via: [.follows, .friends]),
            Recommender(.friendsOfFriends, via: [.interacts], score: .tfidfCosine),
            Recommender(.friendsOfFriends, via: [.follows], score: .resourceAllocation),
            Recommender(.followBack, via: [.friends, .follows]),
            PersonalizedPageRank(via: [.interacts], tolerance: 1e-6).recommender,
            PersonalizedPageRank(via: [.follows], tolerance: 1e-6).recommender,
            Recommender(.linearFilter, via: [.follows]), Recommender(.itemBased, via: [.follows]),
            Recommender(.userBased, via: [.follows], neighborsMax: 4),
            Recommender(.userBased, via: [.interacts], score: .tfidfCosine, neighborsMax: 6),
        ]

    /// What suggests items.
    static let ofItems: [Recommender] = [
        Recommender(.linearFilter, via: [.views]), Recommender(.itemBased, via: [.views]),
        Recommender(.userBased, via: [.views], neighborsMax: 5),
        Recommender(.userBased, via: [.views], score: .tfidfCosine), Recommender(.content),
        TwoHopWalk(.out(.follows), .out(.views)).recommender,
        TwoHopWalk(.both(.follows, .friends), .out(.clicks)).recommender,
        TwoHopWalk(.out(.interests), .in(.about), score: .bm25).recommender,
    ]

    /// Requests of all sorts: each method alone, blends, chains, restrictions, sets, diversity.
    static var requests: [RecommendationRequest] {
        var requests = (ofUsers + ofItems).map { RecommendationRequest([$0], limit: 5, evidenceLimit: 100) }
        requests += [
            RecommendationRequest(), RecommendationRequest(limit: 0), RecommendationRequest(limit: 3, evidenceLimit: 0),
            RecommendationRequest(ofUsers, limit: 7, evidenceLimit: 100),
            RecommendationRequest(ofItems, limit: 4, evidenceLimit: 100, blend: .reciprocalRank),
            RecommendationRequest(
                [FriendsOfFriends(via: .friends).recommender], limit: 4,
                fallback: [Recommender(.interests), Recommender(.coFollow), Recommender(.attention)]),
            RecommendationRequest(
                [Recommender(.linearFilter, via: [.views])], limit: 3, evidenceLimit: 2, sameIntermediateMax: 1),
            RecommendationRequest(
                ofUsers, limit: 6, filters: .init(excluding: [1, 2, 3], only: Set((0..<20).map { NodeKey($0) })),
                sameIntermediateMax: 2),
            RecommendationRequest(
                [FriendsOfFriends(via: .follows).recommender], limit: 5,
                filters: .init(minimumFollowers: 12, activeSince: 1_699_000_000)),
            RecommendationRequest(
                [
                    Recommender(
                        .friendsOfFriends, via: [.follows], score: .paths,
                        options: WalkOptions(minimumPaths: 2, maximumDegree: 25))
                ], limit: 4),
            RecommendationRequest(
                [
                    Recommender(
                        .friendsOfFriends, via: [.follows, .friends],
                        options: WalkOptions(maximumDegree: 30, since: 1_696_000_000, budget: 60))
                ], limit: 4, evidenceLimit: 100),
        ]
        return requests
    }
}

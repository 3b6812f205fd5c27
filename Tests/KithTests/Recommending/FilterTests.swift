import Foundation
import GraphTesting
import Kith
import ProcessTesting
import Testing

@Suite("Filters")
struct FilterTests {
    /// All that recommend users to users.
    static let recommenders: [Recommender] = [
        FriendsOfFriends(via: .follows, score: .paths).recommender,
        FriendsOfFriends(via: .friends, score: .adamicAdar).recommender, CoFollow(via: .follows).recommender,
        Recommender(.sameAudience, via: [.follows]), SharedInterests().recommender,
        Recommender(.behaviour, via: [.views]),
        Recommender(.interactions), Recommender(.followBack, via: [.follows]), Recommender(.triangular),
        PersonalizedPageRank(via: [.follows, .friends]).recommender, Popularity(.followers).recommender,
        Popularity(.composite).recommender, TwoHopWalk(.both(.follows, .friends), .both(.interacts)).recommender,
    ]

    /// Random writes in random order, and after each handful of them every recommender for every user: nobody who is
    /// filtered may be there.
    @Test("let nobody through, whatever the order of writes", arguments: 0..<Repetitions.of(4))
    func invariant(seed: Int) throws {
        let graph = try RandomSocialGraph(seed: UInt64(100 + seed), edges: 400)
        var reference = graph.reference
        var random = SplitMix64(seed: UInt64(seed))
        var seen = 0
        for _ in 0..<5 {
            try graph.store.write { transaction in
                for _ in 0..<12 {
                    let names: [EdgeType.Name] = [.follows, .friends, .blocks, .dismisses, .interacts]
                    let type = Schema.social.edgeType(names.randomElement(using: &random)!)!
                    let left = NodeKey(UInt64.random(in: 0..<RandomSocialGraph.users, using: &random))
                    let right = NodeKey(UInt64.random(in: 0..<RandomSocialGraph.users, using: &random))
                    if left == right { continue }
                    if Bool.random(using: &random) {
                        try transaction.add(left, type.name, right, at: 1_690_000_000)
                        reference.add(type, left, right, .init(weight: 1, time: 1_690_000_000))
                    } else {
                        try transaction.remove(left, type.name, right)
                        reference.remove(type, left, right)
                    }
                }
                let setting = Bool.random(using: &random) ? Setting.isHidden : Setting.isPrivate
                let account = NodeKey(UInt64.random(in: 0..<RandomSocialGraph.users, using: &random))
                let type = Schema.social.edgeType(.settings)!
                if try !transaction.remove(account, .settings, setting) {
                    try transaction.add(account, .settings, setting)
                    reference.add(type, account, setting, .init(weight: 1, time: 0))
                } else {
                    reference.remove(type, account, setting)
                }
            }
            let hidden = Set(reference.sources(.settings, of: Setting.isHidden).keys)
            let privates = Set(reference.sources(.settings, of: Setting.isPrivate).keys)
            let excluded: Set<NodeKey> = [3, 17, 900]
            var filters = RecommendationFilters(excluding: excluded)
            filters.minimumFollowers = 1
            var barred: [NodeKey: Set<NodeKey>] = [:]
            for user in reference.nodes[.user]! {
                barred[user] = excluded.union(hidden).union([user])
                for type in [.follows, .friends, .blocks, .dismisses] as [EdgeType.Name] {
                    barred[user]!.formUnion(reference.neighbors(type, of: user).keys)
                }
                barred[user]!.formUnion(reference.sources(.blocks, of: user).keys)
            }
            try graph.store.read(at: RandomSocialGraph.moment) { snapshot in
                for recommender in Self.recommenders {
                    let request = RecommendationRequest(
                        [recommender], limit: 100, filters: filters, fallback: [])
                    for (user, barred) in barred {
                        let list = try snapshot.recommend(request, for: user)
                        #expect(barred.isDisjoint(with: list.map(\.user)), "\(recommender.by)")
                        let through = list.flatMap { $0.evidence.flatMap(\.through) }
                        if recommender.by == .friendsOfFriends {
                            #expect(privates.isDisjoint(with: through), "\(recommender.by)")
                        }
                        seen += list.count
                    }
                }
            }
        }
        #expect(seen > 5_000)
        #expect(try graph.store.check().isSound)
    }

    @Test("of sets, followers, activity and code leave just those the words say, with their scores")
    func options() throws {
        let graph = try RandomSocialGraph(seed: 1)
        let reference = graph.reference
        try graph.store.read(at: RandomSocialGraph.moment) { snapshot in
            for user in reference.nodes[.user]! {
                for recommender in Self.recommenders {
                    func list(_ filters: RecommendationFilters) -> RecommendationRequest {
                        RecommendationRequest(
                            [recommender], limit: 100, evidenceLimit: 0, filters: filters, fallback: [])
                    }
                    let all = try snapshot.recommend(list(.init()), for: user)
                    func expected(_ isKept: (NodeKey) throws -> Bool) rethrows -> [NodeKey] {
                        try all.map(\.user).filter(isKept)
                    }
                    let some: Set<NodeKey> = [1, 2, 3, 5, 8, 13, 21, 34]
                    #expect(
                        try snapshot.recommend(list(.init(only: some)), for: user).map(\.user)
                            == expected { some.contains($0) })
                    #expect(
                        try snapshot.recommend(list(.init(excluding: some)), for: user).map(\.user)
                            == expected { !some.contains($0) })
                    let followers = try snapshot.recommend(list(.init(minimumFollowers: 14)), for: user)
                    let types: [EdgeType.Name] = [.follows, .friends, .interacts]
                    #expect(
                        followers.map(\.user)
                            == expected { key in types.reduce(0) { $0 + reference.sources($1, of: key).count } >= 14 })
                    let since: Timestamp = 1_699_700_000
                    let active = try snapshot.recommend(list(.init(activeSince: since)), for: user)
                    let timed = reference.schema.edgeTypes.filter { $0.source == .user && $0.columns.contains(.time) }
                    #expect(
                        active.map(\.user)
                            == expected { key in
                                timed.contains { type in
                                    reference.neighbors(type.name, of: key).values.contains {
                                        $0.time >= since.rawValue
                                    }
                                }
                            })
                    let even = try snapshot.recommend(list(.init()), for: user) { $0.rawValue.isMultiple(of: 2) }
                    let ids = try Dictionary(
                        uniqueKeysWithValues: all.map { ($0.user, try snapshot.id(of: $0.user)!.rawValue) })
                    #expect(even.map(\.user) == expected { ids[$0]!.isMultiple(of: 2) })
                }
            }
        }
    }

    @Test("leave out of items what the user has by the types named, and by default what is walked")
    func items() throws {
        let graph = try RandomSocialGraph(seed: 2)
        let reference = graph.reference
        try graph.store.read(at: RandomSocialGraph.moment) { snapshot in
            for user in reference.nodes[.user]! {
                for recommender in [Recommender(.linearFilter, via: [.views]), Recommender(.content)] {
                    var request = RecommendationRequest([recommender], limit: 100, fallback: [])
                    let viewed = Set(reference.neighbors(.views, of: user).keys)
                    if recommender.by == .linearFilter {
                        let found = try snapshot.recommend(request, for: user)
                        #expect(viewed.isDisjoint(with: found.map(\.user)))
                    }
                    request.filters.joinedBy = [.clicks]
                    let clicked = Set(reference.neighbors(.clicks, of: user).keys)
                    let found = try snapshot.recommend(request, for: user).map(\.user)
                    #expect(clicked.isDisjoint(with: found))
                    request.filters.joinedBy = []
                    #expect(
                        try snapshot.recommend(request, for: user).map(\.user).filter { !clicked.contains($0) } == found
                    )
                }
            }
        }
    }
}

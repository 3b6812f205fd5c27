import Foundation
import GraphTesting
import Kith
import ProcessTesting
import Synchronization
import Testing

@Suite("A request")
struct RequestTests {
    private static let requests: [RecommendationRequest] = [
        RecommendationRequest(),
        RecommendationRequest {
            FriendsOfFriends(via: .follows, score: .adamicAdar)
            PersonalizedPageRank(via: [.follows, .friends]).weighted(0.5)
            SharedInterests(via: .interests)
        },
        RecommendationRequest(
            [
                TwoHopWalk(
                    .out(.follows), .in(.follows), score: .weighted, options: WalkOptions(since: 5, halfLifeSeconds: 60)
                ).recommender
            ],
            limit: 3, evidenceLimit: 0, blend: .reciprocalRank,
            filters: .init(excluding: [1, "a"], only: [2], minimumFollowers: 2, activeSince: 9, joinedBy: [.follows]),
            fallback: [], sameIntermediateMax: 2),
        RecommendationRequest([Popularity(.recent, halfLifeSeconds: 5, stalenessSeconds: 7).recommender]),
        RecommendationRequest([Recommender(.userBased, via: [.views], score: .jaccard, neighborsMax: 9)]),
    ]

    @Test("is the same as JSON", arguments: 0..<5)
    func codable(index: Int) throws {
        let request = Self.requests[index]
        let data = try JSONEncoder().encode(request)
        #expect(try JSONDecoder().decode(RecommendationRequest.self, from: data) == request)
    }

    @Test("as JSON may leave out what has a default")
    func sparse() throws {
        func decoded(_ text: String) throws -> RecommendationRequest {
            try JSONDecoder().decode(RecommendationRequest.self, from: Data(text.utf8))
        }
        #expect(try decoded("{}") == RecommendationRequest())
        #expect(
            try decoded(#"{"limit": 5, "recommenders": [{"by": "friends-of-friends", "via": ["follows"]}]}"#)
                == RecommendationRequest([Recommender(.friendsOfFriends, via: [.follows])], limit: 5))
        #expect(throws: DecodingError.self) { try decoded(#"{"recommenders": [{"by": "magic"}]}"#) }
    }

    @Test("may ask for as many as there are, and more than can be")
    func limitless() throws {
        let folder = try TemporaryFolder()
        let store = try GraphStore(creating: folder.file("people.kith"), options: .forTests)
        try store.write { graph in
            for node in 0..<30 as Range<UInt64> { _ = try graph.add(NodeKey(node), .friends, NodeKey(node + 1)) }
            for node in 2..<30 as Range<UInt64> { _ = try graph.add(0, .friends, NodeKey(node * 100)) }
        }
        let lists = try [1_000, .max].map { limit in
            try store.read { try $0.recommend(RecommendationRequest(limit: limit), for: 1) }
        }
        #expect(lists[0].results.count > 10)
        #expect(lists[0] == lists[1])
    }

    @Test("of several recommenders blends the first of each list by the formula named")
    func blend() throws {
        let graph = try RandomSocialGraph(seed: 3)
        try graph.store.read(at: RandomSocialGraph.moment) { snapshot in
            let parts = [
                FriendsOfFriends(via: .follows).weighted(2), SharedInterests().weighted(0.5),
                PersonalizedPageRank(via: [.follows]).recommender,
            ]
            for user in graph.reference.nodes[.user]! {
                let lists = try parts.map { try snapshot.recommend(for: user, by: $0, limit: 200) }
                for blend in RecommendationRequest.Blend.allCases {
                    var expected: [NodeKey: Double] = [:]
                    for (part, list) in zip(parts, lists) {
                        for result in list {
                            let share =
                                blend == .reciprocalRank
                                ? 1 / (60 + Double(result.rank)) : result.score / list[0].score
                            expected[result.user, default: 0] += (part.weight ?? 1) * share
                        }
                    }
                    let found = try snapshot.recommend(
                        RecommendationRequest(parts, limit: 500, blend: blend, fallback: []), for: user)
                    #expect(Set(found.map(\.user)) == Set(expected.keys))
                    for result in found {
                        #expect(abs(result.score - expected[result.user]!) < 1e-12)
                        #expect(result.evidence.count == lists.count { $0.contains { $0.user == result.user } })
                    }
                    #expect(zip(found, found.dropFirst()).allSatisfy { $0.score >= $1.score })
                }
            }
        }
    }

    @Test("for diversity lets so many results share their strongest intermediate, and no more")
    func diversity() throws {
        let graph = try RandomSocialGraph(seed: 4)
        try graph.store.read(at: RandomSocialGraph.moment) { snapshot in
            var isShortened = false
            for user in graph.reference.nodes[.user]! {
                let recommender = FriendsOfFriends(via: .follows).recommender
                let all = try snapshot.recommend(
                    RecommendationRequest([recommender], limit: 200, fallback: []), for: user)
                var expected: [NodeKey] = []
                var counts: [NodeKey: Int] = [:]
                for result in all where counts[result.evidence[0].through[0], default: 0] < 2 {
                    counts[result.evidence[0].through[0], default: 0] += 1
                    expected.append(result.user)
                }
                isShortened = isShortened || expected.count < all.count
                let found = try snapshot.recommend(
                    RecommendationRequest([recommender], limit: 6, fallback: [], sameIntermediateMax: 2), for: user)
                #expect(found.map(\.user) == Array(expected.prefix(6)))
            }
            #expect(isShortened)
        }
    }

    @Test("for someone without edges is answered by the fallback chain, which is named; an unknown user is an error")
    func fallback() throws {
        let graph = try RandomSocialGraph(seed: 5)
        try graph.store.write { transaction in
            _ = try transaction.addNode("alone")
            try transaction.add("curious", .interests, 0)
        }
        try graph.store.read(at: RandomSocialGraph.moment) { snapshot in
            let lone = try snapshot.recommend(RecommendationRequest(), for: "alone")
            #expect(lone.fallback == .attention)
            #expect(lone.map(\.user) == (try snapshot.top(via: .friends)).map(\.key))
            let curious = try snapshot.recommend(RecommendationRequest(), for: "curious")
            #expect(curious.fallback == .interests)
            #expect(try snapshot.recommend(RecommendationRequest(), for: 0).fallback == nil)
            #expect(throws: GraphStoreError.noSuchNode(.user, "nobody")) {
                try snapshot.recommend(RecommendationRequest(), for: "nobody")
            }
        }
    }

    @Test("of why agrees with the list: rank, score, evidence; and says what stands against the others")
    func why() throws {
        let graph = try RandomSocialGraph(seed: 6)
        let reference = graph.reference
        try graph.store.write { _ = try $0.add(11, .settings, Setting.isHidden) }
        try graph.store.read(at: RandomSocialGraph.moment) { snapshot in
            var reasons: Set<String> = []
            for recommender in FilterTests.recommenders.map({ [$0] }) + [RecommendationRequest.standard] {
                let request = RecommendationRequest(recommender, limit: 500, fallback: [])
                for user in [0, 5, 12, 30] as [NodeKey] {
                    let list = try snapshot.recommend(request, for: user)
                    for candidate in reference.nodes[.user]! {
                        let why = try snapshot.why(candidate, for: user, request)
                        let result = list.first { $0.user == candidate }
                        #expect(why.rank == result?.rank)
                        #expect(why.candidateCount == list.count)
                        if let result {
                            #expect(why.score == result.score)
                            #expect(why.evidence == result.evidence)
                        }
                        if let exclusion = why.exclusion { reasons.insert("\(exclusion)") }
                        switch why.exclusion {
                        case .isUser: #expect(candidate == user)
                        case .joined(let type): #expect(reference.neighbors(type, of: user)[candidate] != nil)
                        case .blocked: #expect(reference.neighbors(.blocks, of: user)[candidate] != nil)
                        case .blocksUser: #expect(reference.neighbors(.blocks, of: candidate)[user] != nil)
                        case .dismissed: #expect(reference.neighbors(.dismisses, of: user)[candidate] != nil)
                        case .hidden: #expect(candidate == 11)
                        case .excludedByRequest, .notInOnly, .refusedByCode, .tooFewFollowers, .inactive, .otherKind,
                            .tooFewPaths, .sharesIntermediate, .notAmongFirst:
                            Issue.record("not asked for")
                        case nil: break
                        }
                    }
                }
            }
            #expect(reasons.count >= 6, "\(reasons)")
        }
    }

    @Test(
        "has the same answer on any number of threads, in another process's words, and after the store is opened again")
    func deterministic() throws {
        let graph = try RandomSocialGraph(seed: 7)
        let users = graph.reference.nodes[.user]!.sorted() + ["nobody", 3]
        for request in Self.requests {
            var answers: [[String]] = []
            for (threads, store) in [
                (1, graph.store), (2, graph.store), (5, graph.store), (2, try GraphStore(opening: graph.store.path)),
            ] {
                let next = Mutex(0)
                var lines: [String] = []
                try store.recommendations(
                    request,
                    for: {
                        next.withLock { next in
                            next += 1
                            return next <= users.count ? users[next - 1] : nil
                        }
                    }, threads: threads, at: RandomSocialGraph.moment
                ) { answer in
                    lines.append("\(answer.user) \(answer.list.map { "\($0.results) \($0.isComplete)" } ?? "unknown")")
                }
                answers.append(lines)
            }
            #expect(answers[0].count == users.count)
            #expect(answers.allSatisfy { $0 == answers[0] })
            let single = try graph.store.read(at: RandomSocialGraph.moment) { snapshot in
                try users.map { user in
                    guard try snapshot.contains(user) else { return "\(user) unknown" }
                    let list = try snapshot.recommend(request, for: user)
                    return "\(user) \(list.results) \(list.isComplete)"
                }
            }
            #expect(answers[0] == single)
        }
    }

    @Test("asked again is answered as if it were prepared anew: after writes, at other moments, with and without code")
    func askedAgain() throws {
        let graph = try RandomSocialGraph(seed: 9)
        var random = SplitMix64(seed: 9)
        // More sorts than are kept prepared.
        let requests =
            (1...4).map { RecommendationRequest(limit: $0) } + Self.requests
            + FilterTests.recommenders.map { RecommendationRequest([$0], fallback: []) }
        for round in 0..<Repetitions.of(60) {
            if round % 3 == 2 {
                let user = NodeKey(UInt64.random(in: 0..<RandomSocialGraph.users, using: &random))
                let other = NodeKey(UInt64.random(in: 0..<RandomSocialGraph.users, using: &random))
                try graph.store.write { transaction in
                    switch round % 4 {
                    case 0: _ = try transaction.add(user, .settings, Setting.isHidden)
                    case 1: _ = try transaction.add(user, .settings, Setting.isPrivate)
                    case 2: _ = try transaction.remove(user, .settings, Setting.isHidden)
                    default: if user != other { _ = try transaction.add(user, .follows, other) }
                    }
                }
            }
            let moment = Timestamp(rawValue: RandomSocialGraph.moment.rawValue + UInt32(round % 2) * 86_400)
            try graph.store.read(at: moment) { snapshot in
                for request in requests.shuffled(using: &random).prefix(5) {
                    let user = NodeKey(UInt64.random(in: 0..<RandomSocialGraph.users, using: &random))
                    for _ in 0..<2 {
                        let found = try snapshot.recommend(request, for: user)
                        #expect(found == (try snapshot.recommend(try snapshot.prepare(request), for: user)))
                        #expect(try snapshot.recommend(request, for: user, where: { _ in false }).isEmpty)
                    }
                }
            }
        }
    }

    @Test("for all is for every user in ascending id, goes on where it is told to, and ends when it is cancelled")
    func all() throws {
        let graph = try RandomSocialGraph(seed: 8)
        let request = RecommendationRequest([FriendsOfFriends(via: .follows).recommender])
        var users: [NodeKey] = []
        try graph.store.recommendationsForAll(request, threads: 2) { users.append($0.user) }
        let expected = try graph.store.read { snapshot in
            try graph.reference.nodes[.user]!.sorted { try snapshot.id(of: $0)! < snapshot.id(of: $1)! }
        }
        #expect(users == expected)
        var rest: [NodeKey] = []
        try graph.store.recommendationsForAll(request, skipping: 17, threads: 3) { rest.append($0.user) }
        #expect(rest == Array(expected.dropFirst(17)))
        #expect(throws: CancellationError.self) {
            try graph.store.recommendationsForAll(request, threads: 2, isCancelled: { true }) { _ in }
        }
        struct Full: Error {}
        #expect(throws: Full.self) {
            try graph.store.recommendationsForAll(request, threads: 2) { _ in throw Full() }
        }
    }
}

import Foundation
import GraphTesting
import Kith
import ProcessTesting
import Synchronization
import Testing

// Kith is imported as anybody imports it: these recommenders are written outside of it.

/// What Kith's own friends of friends find by `paths` along `follows`, by public calls alone.
private struct OwnPaths: CustomRecommender {
    let name = "own-paths"
    let relation: [EdgeType.Name] = [.follows]

    func candidates(for search: CandidateSearch, in snapshot: borrowing Snapshot) throws -> [ScoredNode] {
        var counts: [NodeID: Double] = [:]
        for intermediate in try intermediates(of: search, in: snapshot) {
            for candidate in try followed(by: intermediate, in: snapshot) { counts[candidate, default: 0] += 1 }
        }
        return counts.map { ScoredNode($0.key, score: $0.value) }
    }

    func paths(
        to candidate: NodeID, for search: CandidateSearch, in snapshot: borrowing Snapshot
    ) throws -> [ScoredNode] {
        try intermediates(of: search, in: snapshot)
            .filter { try snapshot.edge(from: $0, .follows, to: candidate) != nil }
            .map { ScoredNode($0, score: 1) }
    }

    private func intermediates(of search: CandidateSearch, in snapshot: borrowing Snapshot) throws -> [NodeID] {
        try followed(by: search.user, in: snapshot).filter { try search.isOpen($0, in: snapshot) }
    }

    private func followed(by node: NodeID, in snapshot: borrowing Snapshot) throws -> [NodeID] {
        var ids: [NodeID] = []
        try snapshot.forEachNeighborGroup(of: node, via: .follows) { group in
            for index in group.indices { ids.append(NodeID(rawValue: group[index])) }
        }
        return ids
    }
}

/// Every user there is, the most followed first; names those the user follows as its paths, whoever they are.
private struct Everyone: CustomRecommender {
    let name = "everyone"
    let relation: [EdgeType.Name] = [.follows]

    func candidates(for search: CandidateSearch, in snapshot: borrowing Snapshot) throws -> [ScoredNode] {
        try (0..<UInt32(RandomSocialGraph.users)).map { number in
            let id = NodeID(rawValue: number)
            return ScoredNode(id, score: Double(try snapshot.degree(of: id, via: .follows, direction: .in)))
        }
    }

    func paths(
        to candidate: NodeID, for search: CandidateSearch, in snapshot: borrowing Snapshot
    ) throws -> [ScoredNode] {
        var paths: [ScoredNode] = []
        try snapshot.forEachNeighborGroup(of: search.user, via: .follows) { group in
            for index in group.indices { paths.append(ScoredNode(NodeID(rawValue: group[index]), score: 1)) }
        }
        return paths
    }
}

/// Items that those have viewed whom the user follows.
private struct ViewedByFollowed: CustomRecommender {
    let name = "viewed-by-followed"
    let candidates = NodeKind.item
    let relation: [EdgeType.Name] = [.views]

    func candidates(for search: CandidateSearch, in snapshot: borrowing Snapshot) throws -> [ScoredNode] {
        var followed: [UInt32] = []
        try snapshot.forEachNeighborGroup(of: search.user, via: .follows) { group in
            for index in group.indices { followed.append(group[index]) }
        }
        var counts: [UInt32: Double] = [:]
        for user in followed {
            try snapshot.forEachNeighborGroup(of: NodeID(rawValue: user), via: .views) { group in
                for index in group.indices { counts[group[index], default: 0] += 1 }
            }
        }
        return try counts.map { ScoredNode(NodeID(rawValue: $0.key), score: $0.value) }
            .filter { try search.allows($0.node, in: snapshot) }
    }
}

/// Answers what it is told to.
private struct Scripted: CustomRecommender {
    var name = "scripted"
    var relation: [EdgeType.Name] = [.follows]
    var answer: [ScoredNode] = []

    func candidates(for search: CandidateSearch, in snapshot: borrowing Snapshot) throws -> [ScoredNode] { answer }
}

@Suite("A recommender of one's own")
struct CustomRecommenderTests {
    private func open(_ path: String, _ recommenders: any CustomRecommender...) throws -> GraphStore {
        var options = GraphStore.Options.forTests
        options.recommenders = recommenders
        return try GraphStore(opening: path, options: options)
    }

    /// What results say, but for whom they are by.
    private func words(_ list: RecommendationList) -> [String] {
        list.map { result in
            let evidence = result.evidence.map { "\($0.via) \($0.paths) \($0.through) \($0.score)" }
            return "\(result.rank) \(result.user) \(result.score) \(evidence)"
        }
    }

    @Test("is answered, explained and asked for many as Kith's own that finds the same", arguments: 0..<3)
    func equalsKiths(seed: Int) throws {
        let accounts = try RandomAccounts(seed: UInt64(400 + seed))
        let store = try open(accounts.store.path, OwnPaths())
        let own = try RecommendationRequest(json: #"{"recommenders": [{"by": "custom:own-paths"}]}"#.utf8)
        #expect(own == RecommendationRequest([Recommender(custom: "own-paths")]))
        let kiths = RecommendationRequest([FriendsOfFriends(via: .follows, score: .paths).recommender])
        let users = accounts.reference.nodes[.user]!.sorted()
        var found = 0
        let alone = try store.read(at: RandomSocialGraph.moment) { snapshot in
            try users.map { user in
                let list = try snapshot.recommend(own, for: user)
                #expect(words(list) == words(try snapshot.recommend(kiths, for: user)))
                #expect(list.flatMap(\.evidence).allSatisfy { $0.by == .custom("own-paths") })
                found += list.count
                for candidate in users.prefix(20) {
                    let why = try snapshot.why(candidate, for: user, own)
                    let expected = try snapshot.why(candidate, for: user, kiths)
                    #expect(why.isSuggested == expected.isSuggested && why.exclusion == expected.exclusion)
                    #expect(why.rank == expected.rank && why.score == expected.score)
                    #expect(why.candidateCount == expected.candidateCount)
                    #expect(why.evidence.map(\.through) == expected.evidence.map(\.through))
                    #expect(why.evidence.map(\.score) == expected.evidence.map(\.score))
                }
                return list
            }
        }
        #expect(found > 50)
        let queue = Mutex(Array(users.reversed()))
        var answers: [RecommendationList?] = []
        try store.recommendations(
            own, for: { queue.withLock { $0.popLast() } }, threads: 2, at: RandomSocialGraph.moment
        ) { answers.append($0.list) }
        #expect(answers == alone)
    }

    @Test("is blended with Kith's own, and each says what it found")
    func blended() throws {
        let accounts = try RandomAccounts(seed: 410)
        let store = try open(accounts.store.path, OwnPaths())
        try store.read { snapshot in
            var seen = 0
            for user in accounts.reference.nodes[.user]! {
                let list = try snapshot.recommend(for: user) {
                    FriendsOfFriends(via: .follows, score: .paths)
                    Recommender(custom: "own-paths", weight: 3)
                }
                let single = try snapshot.recommend(for: user, by: FriendsOfFriends(via: .follows, score: .paths))
                #expect(list.map(\.user) == single.map(\.user))
                for (result, one) in zip(list, single) {
                    #expect(abs(result.score - 4 * one.score / single[0].score) < 1e-12)
                    #expect(result.evidence.map(\.by) == [.friendsOfFriends, .custom("own-paths")])
                    #expect(result.evidence[0].through == result.evidence[1].through)
                    seen += 1
                }
            }
            #expect(seen > 50)
        }
    }

    @Test("has nobody suggested who must not be, and names nobody who is closed, whatever it answers")
    func promises() throws {
        for seed in 420..<UInt64(424) {
            let accounts = try RandomAccounts(seed: seed)
            let store = try open(accounts.store.path, Everyone())
            let request = RecommendationRequest([Recommender(custom: "everyone")], limit: 100, evidenceLimit: 100)
            try store.read { snapshot in
                let oracle = try SlowRecommender(accounts.reference, snapshot)
                for user in accounts.reference.nodes[.user]! {
                    let list = try snapshot.recommend(request, for: user)
                    let joined = Set(accounts.reference.neighbors(.follows, of: user).keys)
                        .union(accounts.reference.neighbors(.friends, of: user).keys)
                    let allowed = accounts.reference.nodes[.user]!.subtracting(accounts.barred(for: user))
                    #expect(Set(list.map(\.user)) == allowed.subtracting(joined))
                    let open = Set(accounts.reference.neighbors(.follows, of: user).keys)
                        .subtracting(oracle.closed(to: user))
                    #expect(list.allSatisfy { Set($0.evidence[0].through) == open })
                }
            }
        }
    }

    @Test("may suggest another kind")
    func items() throws {
        let graph = try RandomSocialGraph(seed: 430)
        let store = try open(graph.store.path, ViewedByFollowed())
        try store.read { snapshot in
            var seen = 0
            for user in graph.reference.nodes[.user]! {
                var expected: [NodeKey: Double] = [:]
                for followed in graph.reference.neighbors(.follows, of: user).keys {
                    for item in graph.reference.neighbors(.views, of: followed).keys { expected[item, default: 0] += 1 }
                }
                for item in graph.reference.neighbors(.views, of: user).keys { expected[item] = nil }
                let list = try snapshot.recommend(
                    for: user, by: Recommender(custom: "viewed-by-followed"), limit: 1_000)
                #expect(Dictionary(uniqueKeysWithValues: list.map { ($0.user, $0.score) }) == expected)
                #expect(list.allSatisfy { $0.evidence[0].through.isEmpty && $0.evidence[0].via == .views })
                seen += list.count
            }
            #expect(seen > 20)
        }
    }

    @Test("is refused where the store was not given it, or where it answers what cannot be")
    func refused() throws {
        let graph = try RandomSocialGraph(seed: 440)
        let bad: [(Scripted, String)] = [
            (Scripted(name: "other"), "without a recommender 'scripted'"),
            (Scripted(relation: []), "names no relation"),
            (Scripted(answer: [ScoredNode(NodeID(rawValue: 1), score: .nan)]), "score nan"),
            (Scripted(answer: [ScoredNode(NodeID(rawValue: 1), score: -1)]), "score -1"),
            (Scripted(answer: [ScoredNode(NodeID(rawValue: 1_000_000), score: 1)]), "node id 1000000"),
        ]
        for (recommender, words) in bad {
            let store = try open(graph.store.path, recommender)
            #expect {
                try store.read { try $0.recommend(for: 0, by: Recommender(custom: "scripted")) }
            } throws: { error in
                guard case GraphStoreError.badRequest(let reason) = error else { return false }
                return reason.contains(words)
            }
        }
        let request = RecommendationRequest([
            Recommender(.custom("scripted"), options: WalkOptions(budget: 5))
        ])
        #expect {
            try request.validate()
        } throws: { error in "\(error)".contains("'budget'") && "\(error)".contains("custom:scripted") }
        let twice = try open(graph.store.path, Scripted(), Scripted())
        #expect {
            try twice.read { try $0.recommend(for: 0, by: Recommender(custom: "scripted")) }
        } throws: { error in "\(error)".contains("several named 'scripted'") }
    }
}

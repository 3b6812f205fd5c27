import Foundation
import GraphTesting
import Kith
import Testing

@Suite("Privacy")
struct PrivacyTests {
    /// u and v viewed a; v also viewed b, which is how b is found.
    private struct Shop {
        let folder: TemporaryFolder
        let store: GraphStore
    }

    private func shop(_ change: (inout GraphTransaction) throws -> Void = { _ in }) throws -> Shop {
        let folder = try TemporaryFolder()
        let store = try GraphStore(creating: folder.file("shop.kith"), options: .forTests)
        try store.write { graph in
            for (user, item) in [("u", "a"), ("v", "a"), ("v", "b")] as [(NodeKey, NodeKey)] {
                try graph.add(user, .views, item)
            }
            try change(&graph)
        }
        return Shop(folder: folder, store: store)
    }

    @Test(
        "holds in collaborative filtering: nobody is led through someone who is private, blocks or is blocked",
        arguments: [Recommender.Method.linearFilter, .itemBased, .userBased])
    func collaborative(method: Recommender.Method) throws {
        let changes: [(name: String, change: (inout GraphTransaction) throws -> Void)] = [
            ("private", { try $0.add("v", .settings, Setting.isPrivate) }),
            ("blocked", { try $0.add("u", .blocks, "v") }),
            ("blocking", { try $0.add("v", .blocks, "u") }),
        ]
        let open = try shop()
        let list = try open.store.read { try $0.recommend(for: "u", by: Recommender(method, via: [.views])) }
        #expect(list.map(\.user) == ["b"])
        #expect(list.first?.evidence.first?.through.contains("v") == true)
        for (name, change) in changes {
            let shop = try shop(change)
            try shop.store.read { snapshot throws in
                let recommender = Recommender(method, via: [.views])
                #expect(try snapshot.recommend(for: "u", by: recommender).isEmpty, "\(name)")
                #expect(try snapshot.score(of: "b", for: "u", by: recommender) == 0, "\(name)")
                #expect(try snapshot.why("b", for: "u", RecommendationRequest([recommender])).evidence.isEmpty)
            }
        }
    }

    @Test("holds in walks: a path through someone who blocks the user, or whom the user blocks, is none")
    func blocks() throws {
        for (left, right) in [("u", "x"), ("x", "u")] as [(NodeKey, NodeKey)] {
            let folder = try TemporaryFolder()
            let store = try GraphStore(creating: folder.file("people.kith"), options: .forTests)
            try store.write { graph in
                try graph.add("u", .follows, "x")
                try graph.add("x", .follows, "w")
            }
            let methods: [any RecommenderConvertible] = [
                FriendsOfFriends(via: .follows), PersonalizedPageRank(via: [.follows]),
            ]
            for method in methods {
                #expect(try store.read { try $0.recommend(for: "u", by: method.recommender) }.map(\.user) == ["w"])
            }
            try store.write { graph in _ = try graph.add(left, .blocks, right) }
            for method in methods {
                #expect(try store.read { try $0.recommend(for: "u", by: method.recommender) }.isEmpty)
            }
        }
    }

    @Test("does not hide one's own connections from oneself")
    func ownConnections() throws {
        let folder = try TemporaryFolder()
        let store = try GraphStore(creating: folder.file("people.kith"), options: .forTests)
        try store.write { graph in
            try graph.add("u", .settings, Setting.isPrivate)
            try graph.add("u", .follows, "x")
            try graph.add("x", .follows, "w")
        }
        let list = try store.read { try $0.recommend(for: "u", by: PersonalizedPageRank(via: [.follows])) }
        #expect(list.map(\.user) == ["w"])
    }

    @Test("lets evidence of no method name anyone closed to the user, and suggests nobody who is left out")
    func evidence() throws {
        var named = 0
        for seed in 0..<UInt64(Repetitions.of(4)) {
            let accounts = try RandomAccounts(seed: seed)
            try accounts.store.read(at: RandomSocialGraph.moment) { snapshot in
                let oracle = try SlowRecommender(accounts.reference, snapshot)
                for request in RandomAccounts.requests {
                    let prepared = try snapshot.prepare(request)
                    for user in accounts.reference.nodes[.user]! {
                        let list = try snapshot.recommend(prepared, for: user)
                        if prepared.candidates == .user {
                            #expect(accounts.barred(for: user).isDisjoint(with: list.map(\.user)))
                        }
                        let through = Set(
                            list.flatMap { $0.evidence.filter { namesUsers($0.by, $0.via) }.flatMap(\.through) })
                        #expect(oracle.closed(to: user).isDisjoint(with: through), "seed \(seed) \(request)")
                        named += through.count
                    }
                }
            }
        }
        #expect(named > 10_000)
    }

    /// Whether the intermediates of such evidence are users.
    private func namesUsers(_ method: Recommender.Method, _ type: EdgeType.Name) -> Bool {
        switch method {
        case .linearFilter, .itemBased, .userBased: true
        default: Schema.social.edgeType(type)!.target == .user
        }
    }

    @Test("leaves the obvious scores of what is open: walks, collaborative filtering and PageRank")
    func scores() throws {
        for seed in 100..<UInt64(100 + Repetitions.of(2)) {
            let accounts = try RandomAccounts(seed: seed)
            try accounts.store.read(at: RandomSocialGraph.moment) { snapshot in
                let oracle = try SlowRecommender(accounts.reference, snapshot)
                for user in accounts.reference.nodes[.user]!.sorted().prefix(8) {
                    try expectWalks(accounts, oracle, user, snapshot)
                    try expectCollaborative(accounts, oracle, user, snapshot)
                    try expectPageRank(accounts, oracle, user, snapshot)
                }
            }
        }
    }

    /// Checks that a recommender finds nodes of a kind with the scores `expected`, but for whom it must not suggest.
    private func expect(
        _ recommender: Recommender, _ kind: NodeKind, _ expected: [NodeKey: Double], _ accounts: RandomAccounts,
        _ user: NodeKey, _ snapshot: borrowing Snapshot
    ) throws {
        let request = RecommendationRequest(
            [recommender], limit: 1_000, evidenceLimit: 0, filters: .init(joinedBy: []))
        let list = try snapshot.recommend(request, for: user)
        let barred = kind == .user ? accounts.barred(for: user) : []
        let found = Dictionary(uniqueKeysWithValues: list.map { ($0.user, $0.score) })
        #expect(found == expected.filter { !barred.contains($0.key) }, "\(recommender.by) for \(user)")
    }

    private func expectWalks(
        _ accounts: RandomAccounts, _ oracle: SlowRecommender, _ user: NodeKey, _ snapshot: borrowing Snapshot
    ) throws {
        let walks: [(Hop, Hop, NodeKind)] = [
            (.out(.follows), .out(.follows), .user), (.out(.friends), .out(.friends), .user),
            (.in(.follows), .out(.follows), .user), (.out(.follows), .out(.views), .item),
            (.both(.follows, .friends), .out(.interacts), .user),
        ]
        for (first, second, kind) in walks {
            for formula in [TwoHopScore.paths, .adamicAdar, .cosine, .weighted] {
                var expected: [NodeKey: Double] = [:]
                for node in accounts.reference.nodes[kind]! {
                    expected[node] = oracle.score(formula, first, second, WalkOptions(), of: node, for: user)
                }
                try expect(
                    TwoHopWalk(first, second, score: formula).recommender, kind, expected, accounts, user, snapshot)
            }
        }
    }

    private func expectCollaborative(
        _ accounts: RandomAccounts, _ oracle: SlowRecommender, _ user: NodeKey, _ snapshot: borrowing Snapshot
    ) throws {
        for (type, kind) in [(EdgeType.Name.views, NodeKind.item), (.follows, .user)] {
            for (method, q) in [(Recommender.Method.linearFilter, 1.0), (.itemBased, 0)] {
                var expected: [NodeKey: Double] = [:]
                for node in accounts.reference.nodes[kind]! {
                    let score = oracle.collaborative(type, p: 0.5, q: q, r: 0.5, of: node, for: user)
                    if score > 0 { expected[node] = score }
                }
                try expect(Recommender(method, via: [type]), kind, expected, accounts, user, snapshot)
            }
            try expect(
                Recommender(.userBased, via: [type], neighborsMax: 5), kind,
                oracle.userBased(type, .cosine, neighborsMax: 5, for: user), accounts, user, snapshot)
        }
    }

    private func expectPageRank(
        _ accounts: RandomAccounts, _ oracle: SlowRecommender, _ user: NodeKey, _ snapshot: borrowing Snapshot
    ) throws {
        for steps in [[Hop.Step(.follows)], [Hop.Step(.interacts)]] {
            let exact = oracle.pageRank(steps.map { ($0, 1) }, restart: 0.3, seeds: [user: 1], askedBy: user)
            let walk = PersonalizedPageRank(via: steps, restart: 0.3, tolerance: 1e-12)
            let list = try snapshot.recommend(
                RecommendationRequest(
                    [walk.recommender], limit: 1_000, evidenceLimit: 0, filters: .init(joinedBy: [])), for: user)
            let reached = Set(exact.filter { $0.value > 0 }.keys)
            #expect(Set(list.map(\.user)) == reached.subtracting(accounts.barred(for: user)))
            for result in list { #expect(abs(result.score - exact[result.user]!) < 1e-12) }
        }
    }

    @Test("of PageRank is the same from decoded lists and from the file")
    func decodedLists() throws {
        let accounts = try RandomAccounts(seed: 9, edges: 900)
        var options = GraphStore.Options.forTests
        options.decodedBytesMax = 0
        let withoutRoom = try GraphStore(opening: accounts.store.path, options: options)
        for via in [[EdgeType.Name.follows], [.follows, .friends], [.interacts]] {
            let request = RecommendationRequest(
                [PersonalizedPageRank(via: via, restart: 0.2, tolerance: 1e-9).recommender], limit: 20)
            for user in accounts.reference.nodes[.user]! {
                let lists = try [accounts.store, withoutRoom].map { store in
                    try store.read(at: RandomSocialGraph.moment) { try $0.recommend(request, for: user) }
                }
                #expect(lists[0] == lists[1])
            }
        }
    }

    @Test("hides the hidden from what ranks accounts, but from who runs the store and asks for them")
    func hidden() throws {
        let folder = try TemporaryFolder()
        let store = try GraphStore(creating: folder.file("people.kith"), options: .forTests)
        try store.write { graph in
            for user in 0..<5_000 as Range<UInt64> {
                try graph.add(NodeKey(10_000 + user % 9), .follows, NodeKey(user))
            }
            for fan in ["a", "b", "c"] as [NodeKey] { try graph.add(fan, .follows, "star") }
            try graph.add("a", .follows, "moon")
            try graph.add("star", .settings, Setting.isHidden)
            try graph.add("b", .settings, Setting.isHidden)
        }
        try store.read { snapshot in
            #expect(try snapshot.top(via: .follows, limit: 1).map(\.key) != ["star"])
            #expect(try snapshot.top(via: .follows, limit: 1, includesHidden: true).map(\.key) == ["star"])
            let all = try snapshot.top(via: .follows, limit: 10_000)
            #expect(all.count == 5_001)
            #expect(!all.map(\.key).contains("star"))
            #expect(try snapshot.top(via: .follows, limit: 10_000, includesHidden: true).count == 5_002)
            #expect(Set(try snapshot.similar(to: "a", via: .follows).map(\.user)) == ["c"])
            #expect(Set(try snapshot.similar(to: "a", via: .follows, includesHidden: true).map(\.user)) == ["b", "c"])
        }
    }
}

import Foundation
import GraphTesting
import Kith
import Testing

@Suite("An explicit request")
struct StrictRequestTests {
    @Test("may find nobody: only where nothing is named does the chain answer, and the answer says so")
    func fallback() throws {
        let graph = try RandomSocialGraph(seed: 5)
        try graph.store.write { _ = try $0.addNode("alone") }
        try graph.store.read(at: RandomSocialGraph.moment) { snapshot in
            #expect(try snapshot.recommend(RecommendationRequest(), for: "alone").fallback == .attention)
            let friends = FriendsOfFriends(via: .follows).recommender
            #expect(try snapshot.recommend(RecommendationRequest([friends]), for: "alone").isEmpty)
            #expect(try snapshot.recommend(RecommendationRequest(RecommendationRequest.standard), for: "alone").isEmpty)
            let filtered = RecommendationRequest(filters: .init(excluding: [3]))
            #expect(try snapshot.recommend(filtered, for: "alone").isEmpty)
            #expect(try snapshot.recommend(RecommendationRequest { friends }, for: "alone").isEmpty)
            #expect(try snapshot.recommend(for: "alone") { friends }.isEmpty)
            for request in [
                RecommendationRequest([friends], fallback: RecommendationRequest.standardFallback),
                RecommendationRequest(
                    filters: .init(excluding: [3]), fallback: RecommendationRequest.standardFallback),
            ] {
                let list = try snapshot.recommend(request, for: "alone")
                #expect(list.fallback == .attention && !list.map(\.user).contains(3))
            }
        }
    }

    /// What may be given, each as somebody would give it.
    private static let members: [(name: String, give: @Sendable (inout Recommender) -> Void)] = [
        ("via", { $0.via = [.follows] }), ("hops", { $0.hops = [.out(.follows), .out(.follows)] }),
        ("score", { $0.score = .weighted }), ("minimumPaths", { $0.options = WalkOptions(minimumPaths: 2) }),
        ("maximumDegree", { $0.options = WalkOptions(maximumDegree: 9) }),
        ("since", { $0.options = WalkOptions(since: 5) }), ("until", { $0.options = WalkOptions(until: 5) }),
        ("halfLifeSeconds", { $0.options = WalkOptions(halfLifeSeconds: 5) }),
        ("budget", { $0.options = WalkOptions(budget: 5) }), ("pageRank", { $0.pageRank = PersonalizedPageRank() }),
        ("attention", { $0.attention = Popularity() }), ("neighborsMax", { $0.neighborsMax = 5 }),
    ]

    @Test("is refused by name where it gives what the method does not read, and nothing else is")
    func members() throws {
        let walk: Set<String> = [
            "via", "score", "minimumPaths", "maximumDegree", "since", "until", "halfLifeSeconds", "budget",
        ]
        func reads(_ method: Recommender.Method) -> Set<String> {
            switch method {
            case .friendsOfFriends, .coFollow, .sameAudience, .interests, .behaviour, .interactions, .content: walk
            case .walk: walk.subtracting(["via"]).union(["hops"])
            case .followBack: ["via", "since", "until", "halfLifeSeconds"]
            case .pageRank: ["via", "budget", "pageRank"]
            case .attention: ["via", "attention"]
            case .linearFilter, .itemBased, .triangular: ["via"]
            case .userBased: ["via", "score", "maximumDegree", "since", "until", "halfLifeSeconds", "neighborsMax"]
            default: []
            }
        }
        for method in Recommender.Method.allCases {
            for (name, give) in Self.members {
                var recommender = Recommender(method)
                // So that a half-life is of use.
                if method.hasFormula { recommender.score = .weighted }
                give(&recommender)
                for request in [RecommendationRequest([recommender]), RecommendationRequest(fallback: [recommender])] {
                    if reads(method).contains(name) {
                        try request.validate()
                        continue
                    }
                    #expect {
                        try request.validate()
                    } throws: { error in
                        guard case GraphStoreError.notRead(name, by: method.rawValue, let readers) = error else {
                            return false
                        }
                        return !readers.isEmpty && !readers.contains(method.rawValue)
                            && "\(error)".contains("'\(name)'")
                    }
                }
            }
        }
    }

    @Test("is refused where a formula, a measure, the types or another member leave no use for what it gives")
    func uses() throws {
        let graph = try RandomSocialGraph(seed: 5)
        let month = 30.0 * 86_400
        let bad: [(Recommender, String)] = [
            (
                Recommender(.friendsOfFriends, via: [.follows], options: WalkOptions(halfLifeSeconds: month)),
                "adamic-adar"
            ),
            (Recommender(.userBased, via: [.views], options: WalkOptions(halfLifeSeconds: month)), "cosine"),
            (SharedInterests(options: WalkOptions(since: 5)).recommender, "'interests' have no time"),
            (SharedInterests(options: WalkOptions(halfLifeSeconds: 5)).recommender, "'interests' have no time"),
            (Recommender(.content, options: WalkOptions(until: 5)), "no time"),
            (Recommender(.userBased, via: [.interests], options: WalkOptions(since: 5)), "no time"),
            (Recommender(.followBack, via: [.interests], options: WalkOptions(since: 5)), "no time"),
            (Popularity(.followers, halfLifeSeconds: 5).recommender, "halfLifeSeconds"),
            (
                Recommender(.pageRank, via: [.follows], pageRank: PersonalizedPageRank(via: [.friends])), "pageRank.via"
            ),
            (
                Recommender(
                    .pageRank, options: WalkOptions(budget: 5), pageRank: PersonalizedPageRank(budget: 6)), "budget"
            ),
            (PersonalizedPageRank(via: [Hop.Step(.follows)], multipliers: [1, 2]).recommender, "multipliers"),
        ]
        for (recommender, words) in bad {
            #expect {
                try graph.store.read { try $0.recommend(for: 0, by: recommender) }
            } throws: { error in "\(error)".contains(words) }
            #expect(throws: GraphStoreError.self) {
                try graph.store.read { try $0.score(of: 1, for: 0, by: recommender) }
            }
            #expect(throws: GraphStoreError.self) {
                try graph.store.read { try $0.why(1, for: 0, RecommendationRequest([recommender])) }
            }
        }
    }

    @Test("for times is answered as by a store that has only edges of those times")
    func times() throws {
        for seed in 0..<UInt64(Repetitions.of(3)) {
            let graph = try RandomSocialGraph(seed: 700 + seed)
            let since: Timestamp = 1_696_000_000
            let until: Timestamp = 1_698_500_000
            let folder = try TemporaryFolder()
            let recent = try GraphStore(creating: folder.file("recent.kith"), options: .forTests)
            try copy(graph, to: recent) { $0 >= since.rawValue && $0 <= until.rawValue }
            let options = WalkOptions(since: since, until: until)
            let recommenders: [Recommender] = [
                FriendsOfFriends(via: .follows, score: .paths, options: options).recommender,
                CoFollow(via: .follows, score: .cosine, options: options).recommender,
                Recommender(.sameAudience, score: .jaccard, options: options),
                Recommender(.behaviour, via: [.views], score: .paths, options: options),
                Recommender(.interactions, options: options), Recommender(.followBack, options: options),
                Recommender(.userBased, via: [.views], score: .paths, options: options),
                Recommender(.userBased, via: [.follows], score: .cosine, options: options, neighborsMax: 3),
                TwoHopWalk(.out(.follows, .friends), .out(.friends), score: .paths, options: options).recommender,
            ]
            for recommender in recommenders {
                var plain = recommender
                plain.options = nil
                for user in graph.reference.nodes[.user]! {
                    var lists: [RecommendationList] = []
                    for (store, recommender) in [(graph.store, recommender), (recent, plain)] {
                        let request = RecommendationRequest(
                            [recommender], limit: 50, evidenceLimit: 50, filters: .init(joinedBy: []))
                        lists.append(
                            try store.read(at: RandomSocialGraph.moment) { try $0.recommend(request, for: user) })
                    }
                    #expect(lists[0] == lists[1], "\(recommender) for \(user)")
                }
            }
        }
    }

    /// Copies a graph, nodes in the same order, but for edges whose time is not wanted; blocks and dismissals all.
    private func copy(_ graph: RandomSocialGraph, to store: GraphStore, _ isWanted: (UInt32) -> Bool) throws {
        let reference = graph.reference
        var order: [NodeKind: [NodeKey]] = [:]
        try graph.store.read { snapshot in
            for (kind, keys) in reference.nodes {
                order[kind] = try keys.sorted {
                    try snapshot.id(of: $0, kind: kind)! < snapshot.id(of: $1, kind: kind)!
                }
            }
        }
        try store.write { transaction in
            for (kind, keys) in order { for key in keys { try transaction.addNode(key, kind: kind) } }
            for type in Schema.social.edgeTypes {
                let isTimed = type.columns.contains(.time)
                let isFilter = type.name == .blocks || type.name == .dismisses
                for (source, targets) in reference.edges[type.name] ?? [:] {
                    for (target, value) in targets where isFilter || !isTimed || isWanted(value.time) {
                        if type.isSymmetric, target < source { continue }
                        try transaction.add(
                            source, type.name, target, weight: type.columns.contains(.weight) ? value.weight : nil,
                            at: isTimed ? Timestamp(rawValue: value.time) : nil)
                    }
                }
            }
        }
    }

    @Test("for paths, degrees and work is heeded: fewer paths, longer lists and more edges are not there")
    func restrictions() throws {
        let graph = try RandomSocialGraph(seed: 31)
        try graph.store.read(at: RandomSocialGraph.moment) { snapshot in
            var seen = 0
            for method in [Recommender.Method.friendsOfFriends, .coFollow, .sameAudience, .interactions] {
                for user in graph.reference.nodes[.user]! {
                    #expect(
                        try list(WalkOptions(minimumPaths: 2), method, user, snapshot).allSatisfy {
                            $0.evidence[0].paths >= 2
                        })
                    let direction: EdgeDirection = method == .coFollow ? .in : .out
                    for result in try list(WalkOptions(maximumDegree: 5), method, user, snapshot) {
                        for key in result.evidence[0].through {
                            #expect(try snapshot.degree(of: key, via: .interacts, direction: direction) <= 5)
                            seen += 1
                        }
                    }
                    // Evidence is of what the walk came to, and adds up to the score.
                    let short = try list(WalkOptions(budget: 12), method, user, snapshot)
                    #expect(short.allSatisfy { Double($0.evidence[0].paths) == $0.score })
                }
            }
            #expect(seen > 100)
        }
    }

    private func list(
        _ options: WalkOptions, _ method: Recommender.Method, _ user: NodeKey, _ snapshot: borrowing Snapshot
    ) throws -> RecommendationList {
        try snapshot.recommend(
            for: user, by: Recommender(method, via: [.interacts], score: .paths, options: options), limit: 50,
            evidenceLimit: 50)
    }

    @Test("about follows is about follows, whatever else the store has")
    func aboutFollows() throws {
        let graph = try RandomSocialGraph(seed: 32)
        let folder = try TemporaryFolder()
        let store = try GraphStore(creating: folder.file("people.kith"), options: .forTests)
        try store.write { transaction in
            for (source, targets) in graph.reference.edges[.follows]! {
                for (target, value) in targets {
                    try transaction.add(source, .follows, target, at: Timestamp(rawValue: value.time))
                }
            }
        }
        func answers() throws -> [RecommendationList] {
            try store.read(at: RandomSocialGraph.moment) { snapshot in
                try [Recommender.Method.followBack, .coFollow, .sameAudience].flatMap { method in
                    try (0..<20).map { try snapshot.recommend(for: NodeKey($0), by: Recommender(method)) }
                }
            }
        }
        let before = try answers()
        #expect(before.contains { !$0.isEmpty })
        try store.write { graph in _ = try graph.add("stranger", .friends, "other") }
        #expect(try answers() == before)
    }

    @Test(
        "as JSON is refused for a member that is not known, at every depth, with what was probably meant",
        arguments: [
            (#"{"limt": 5}"#, "limt", "limit"),
            (#"{"recommenders": [{"by": "interests", "vai": ["interests"]}]}"#, "vai", "via"),
            (#"{"recommenders": [{"by": "friends-of-friends", "since": 5}]}"#, "since", "options"),
            (#"{"recommenders": [{"by": "interests", "options": {"minimumPath": 2}}]}"#, "minimumPath", "minimumPaths"),
            (#"{"recommenders": [{"by": "walk", "hops": [{"steps": [{"typ": "follows"}]}]}]}"#, "typ", "type"),
            (#"{"recommenders": [{"by": "walk", "hops": [{"step": []}]}]}"#, "step", "steps"),
            (#"{"recommenders": [{"by": "pagerank", "pageRank": {"restrt": 0.5}}]}"#, "restrt", "restart"),
            (
                #"{"recommenders": [{"by": "pagerank", "pageRank": {"seeds": [{"key": 1, "wieght": 2}]}}]}"#, "wieght",
                "weight"
            ),
            (#"{"recommenders": [{"by": "attention", "attention": {"mesure": "recent"}}]}"#, "mesure", "measure"),
            (#"{"filters": {"exclding": ["a"]}}"#, "exclding", "excluding"), (#"{"only": ["a"]}"#, "only", "filters"),
            (#"{"fallback": [{"by": "interests", "scor": "paths"}]}"#, "scor", "score"),
            (#"{"recommenders": [{"by": "friend-of-friends"}]}"#, "by", "friends-of-friends"),
            (#"{"recommenders": [{"by": "interests", "score": "adamicadar"}]}"#, "score", "adamic-adar"),
            (#"{"blend": "weighted"}"#, "blend", "weighted-sum"),
        ])
    func unknownMembers(json: String, member: String, meant: String) throws {
        #expect {
            try JSONDecoder().decode(RecommendationRequest.self, from: Data(json.utf8))
        } throws: { error in
            guard case DecodingError.dataCorrupted(let context) = error else { return false }
            return context.codingPath.last?.stringValue == member && context.debugDescription.contains("'\(meant)'")
        }
    }

    @Test("passes over keys the store does not have, and says which they are")
    func unknownKeys() throws {
        let graph = try RandomSocialGraph(seed: 33)
        try graph.store.read { snapshot in
            let request = RecommendationRequest(
                [Popularity().recommender], filters: .init(excluding: ["zoe", 1, "ann"], only: [2, "x"]))
            let unknown = try snapshot.unknownKeys(in: request)
            #expect(unknown.excluding == ["ann", "zoe"] && unknown.only == ["x"])
            #expect(try snapshot.recommend(request, for: 0).allSatisfy { $0.user == 2 })
        }
    }

    @Test("of an account for a setting there is not is refused: when written, merged, added in bulk")
    func settings() throws {
        let folder = try TemporaryFolder()
        let store = try GraphStore(creating: folder.file("people.kith"), options: .forTests)
        #expect(throws: GraphStoreError.unknownSetting("hiden", known: Setting.all)) {
            try store.write { try $0.add("alice", .settings, "hiden") }
        }
        #expect(try store.read { try $0.contains("alice") } == false)
        try store.write { graph in _ = try graph.add("alice", .settings, Setting.isHidden) }
    }
}

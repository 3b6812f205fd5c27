import Foundation
import GraphTesting
import Kith
import Synchronization
import Testing

@Suite("Why and recommend")
struct AgreementTests {
    /// Checks that `why` says of every candidate what the list says, and the truth of whoever is not in it.
    private func expectAgreement(
        _ accounts: RandomAccounts, _ request: RecommendationRequest, _ users: [NodeKey], _ snapshot: borrowing Snapshot
    ) throws -> Set<String> {
        var reasons: Set<String> = []
        let kind = try snapshot.prepare(request).candidates
        for user in users {
            let list = try snapshot.recommend(request, for: user)
            for candidate in accounts.reference.nodes[kind]! {
                let why = try snapshot.why(candidate, for: user, request)
                let result = list.first { $0.user == candidate }
                #expect(why.isSuggested == (result != nil), "\(candidate) for \(user): \(request)")
                #expect(why.fallback == list.fallback)
                #expect(why.isComplete == list.isComplete)
                if let result {
                    #expect(why.rank == result.rank && why.score == result.score && why.exclusion == nil)
                    if request.evidenceLimit > 0 { #expect(why.evidence == result.evidence) }
                } else if let rank = why.rank {
                    #expect(rank > request.limit && why.exclusion == nil)
                    #expect(list.count == min(request.limit, why.candidateCount))
                } else if let exclusion = why.exclusion {
                    reasons.insert("\(exclusion)".split(separator: " ").prefix(2).joined(separator: " "))
                    try expectTrue(exclusion, of: candidate, for: user, request, accounts, kind, why, snapshot)
                } else {
                    reasons.insert("no path")
                    #expect(why.evidence.isEmpty)
                }
            }
        }
        return reasons
    }

    /// Checks that what is said to speak against a candidate does.
    private func expectTrue(
        _ exclusion: Exclusion, of candidate: NodeKey, for user: NodeKey, _ request: RecommendationRequest,
        _ accounts: RandomAccounts, _ kind: NodeKind, _ why: Explanation, _ snapshot: borrowing Snapshot
    ) throws {
        let reference = accounts.reference
        switch exclusion {
        case .isUser: #expect(candidate == user && kind == .user)
        case .joined(let type): #expect(reference.neighbors(type, of: user)[candidate] != nil)
        case .blocked: #expect(reference.neighbors(.blocks, of: user)[candidate] != nil)
        case .blocksUser: #expect(reference.neighbors(.blocks, of: candidate)[user] != nil)
        case .dismissed: #expect(reference.neighbors(.dismisses, of: user)[candidate] != nil)
        case .hidden: #expect(accounts.hidden.contains(candidate) && kind == .user)
        case .excludedByRequest: #expect(request.filters.excluding.contains(candidate))
        case .notInOnly: #expect(request.filters.only?.contains(candidate) == false)
        case .tooFewFollowers:
            let types: [EdgeType.Name] = [.follows, .friends, .interacts]
            let count = types.reduce(0) { $0 + reference.sources($1, of: candidate).count }
            #expect(count < request.filters.minimumFollowers ?? 0)
        case .inactive:
            let timed = Schema.social.edgeTypes.filter { $0.source == .user && $0.columns.contains(.time) }
            let times = timed.flatMap { reference.neighbors($0.name, of: candidate).values.map(\.time) }
            #expect(times.allSatisfy { $0 < request.filters.activeSince?.rawValue ?? 0 })
        case .tooFewPaths(let count, let demanded):
            #expect(count < demanded && why.evidence.contains { $0.paths == count })
        case .sharesIntermediate(let key):
            let sharing = try snapshot.recommend(request, for: user)
                .filter { $0.evidence.lazy.compactMap(\.through.first).first == key }
            #expect(sharing.count <= request.sameIntermediateMax ?? 0)
            #expect(why.evidence.contains { $0.through.first == key })
        case .notAmongFirst: #expect(request.recommenders.count > 1 || request.sameIntermediateMax != nil)
        case .refusedByCode, .otherKind: Issue.record("not asked for")
        }
    }

    @Test("say the same of every pair: by every method, in blends, with chains, sets, restrictions and diversity")
    func everyPair() throws {
        var reasons: Set<String> = []
        for seed in 0..<UInt64(Repetitions.of(2)) {
            let accounts = try RandomAccounts(seed: 300 + seed, edges: 350)
            try accounts.store.write { transaction in
                _ = try transaction.addNode("alone")
                try transaction.add("curious", .interests, 0)
            }
            let some = [0, 7, 23].map { NodeKey((seed + $0) % 40) } + ["alone", "curious"]
            try accounts.store.read(at: RandomSocialGraph.moment) { snapshot in
                for request in RandomAccounts.requests {
                    // Blends of everything are asked for one, unless they leave people out.
                    let isLong = request.recommenders.count > 5 && request.filters == .init()
                    let users = isLong ? Array(some.prefix(1)) : some
                    reasons.formUnion(try expectAgreement(accounts, request, users, snapshot))
                }
            }
        }
        #expect(reasons.count >= 12, "\(reasons)")
    }

    @Test("say the same in code, as JSON, one by one and for many")
    func everyWay() throws {
        let accounts = try RandomAccounts(seed: 400, edges: 400)
        let users = accounts.reference.nodes[.user]!.sorted()
        for request in RandomAccounts.requests {
            let json = try JSONEncoder().encode(request)
            let read = try JSONDecoder().decode(RecommendationRequest.self, from: json)
            #expect(read == request)
            let next = Mutex(0)
            var many: [RecommendationList?] = []
            try accounts.store.recommendations(
                read,
                for: {
                    next.withLock { next in
                        next += 1
                        return next <= users.count ? users[next - 1] : nil
                    }
                }, threads: 2, at: RandomSocialGraph.moment
            ) { many.append($0.list) }
            try accounts.store.read(at: RandomSocialGraph.moment) { snapshot in
                for (user, list) in zip(users, many) {
                    #expect(try snapshot.recommend(request, for: user) == list)
                    guard let last = list?.results.last else { continue }
                    let why = try snapshot.why(last.user, for: user, read)
                    #expect(why.rank == last.rank && why.score == last.score)
                }
            }
        }
    }

    @Test("say of nodes of another kind what they are, and of nobody that there is none")
    func otherKind() throws {
        let accounts = try RandomAccounts(seed: 1)
        try accounts.store.write { graph in _ = try graph.addNode("jazz", kind: .topic) }
        try accounts.store.read { snapshot in
            #expect(try snapshot.why("jazz", for: 0).exclusion == .otherKind(.topic, suggested: .user))
            #expect(throws: GraphStoreError.noSuchNode(.user, "nobody")) { try snapshot.why("nobody", for: 0) }
            let refused = try snapshot.why(5, for: 0, .init([Popularity().recommender]), where: { _ in false })
            #expect(refused.exclusion != nil && !refused.isSuggested)
        }
    }

    @Test("name the edge type of the strongest path, whichever type was asked for first")
    func typeOfPath() throws {
        let folder = try TemporaryFolder()
        let store = try GraphStore(creating: folder.file("people.kith"), options: .forTests)
        try store.write { graph in
            try graph.add("u", .friends, "x")
            try graph.add("x", .friends, "w")
            try graph.add("u", .follows, "y")
            try graph.add("y", .follows, "z")
            try graph.add("fan", .follows, "u")
            try graph.add("u", .interacts, "x", weight: 1, at: 1_000)
        }
        try store.read { snapshot in
            for via in [[EdgeType.Name.follows, .friends], [.friends, .follows]] {
                let list = try snapshot.recommend(for: "u", by: Recommender(.friendsOfFriends, via: via))
                #expect(
                    Dictionary(uniqueKeysWithValues: list.map { ($0.user, $0.evidence[0].via) }) == [
                        "w": .friends, "z": .follows,
                    ])
                #expect(
                    try snapshot.why("w", for: "u", .init([Recommender(.friendsOfFriends, via: via)])).evidence[0].via
                        == .friends)
            }
            let back = try snapshot.recommend(for: "u", by: Recommender(.followBack, via: [.friends, .follows]))
            #expect(back.map { $0.evidence[0].via } == [.follows])
            // An edge that is too old for the request is not how it got there.
            let walk = TwoHopWalk(.out(.interacts, .friends), .out(.friends), options: WalkOptions(since: 2_000))
            #expect(try snapshot.recommend(for: "u", by: walk).map { $0.evidence[0].via } == [.friends])
        }
    }
}

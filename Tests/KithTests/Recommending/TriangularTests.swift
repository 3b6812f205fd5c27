import Foundation
import GraphTesting
import Kith
import ProcessTesting
import Synchronization
import Testing

@Suite("Triangular loops")
struct TriangularTests {
    /// `ann -> bob -> cid -> ann` and `ann -> bob -> dan -> ann`: bob does not follow ann. `eve -> bob -> cid -> eve` too.
    /// `bob` follows `fay`, who closes a loop with cid. `gus` follows bob and nobody leads back to him.
    private static let follows: [(NodeKey, NodeKey)] = [
        ("ann", "bob"), ("bob", "cid"), ("cid", "ann"), ("bob", "dan"), ("dan", "ann"), ("eve", "bob"), ("cid", "eve"),
        ("fay", "bob"), ("bob", "fay"), ("cid", "fay"), ("gus", "bob"),
    ]

    private func makeStore(_ folder: TemporaryFolder) throws -> GraphStore {
        let store = try GraphStore(creating: folder.file("people.kith"), options: .forTests)
        try store.write { graph in
            for (source, target) in Self.follows { _ = try graph.add(source, .follows, target) }
        }
        return store
    }

    @Test("suggest those who follow one and are followed by those one follows, most such first")
    func known() throws {
        let folder = try TemporaryFolder()
        let store = try makeStore(folder)
        let list = try store.read { try $0.recommend(for: "bob", by: Recommender(.triangular)) }
        #expect(list.map(\.user) == ["ann", "eve"])
        #expect(list.map(\.score) == [2, 1])
        #expect(list.flatMap(\.evidence).map(\.paths) == [2, 1])
        #expect(Set(list[0].evidence[0].through) == ["cid", "dan"])
        #expect(list[0].evidence[0].via == .follows && list[0].evidence[0].by == .triangular)
        // The loop that bob closes already is none, even where the request leaves nobody out.
        let request = RecommendationRequest([Recommender(.triangular)], filters: .init(joinedBy: []))
        #expect(try store.read { try $0.recommend(request, for: "bob") }.map(\.user) == ["ann", "eve"])
        // Each edge of a loop is closed for its own end; nobody leads back to gus.
        let ofAnn = try store.read { try $0.recommend(for: "ann", by: Recommender(.triangular)) }
        #expect(Set(ofAnn.map(\.user)) == ["cid", "dan"] && ofAnn.allSatisfy { $0.evidence[0].through == ["bob"] })
        #expect(try store.read { try $0.recommend(for: "gus", by: Recommender(.triangular)) }.isEmpty)
    }

    @Test("are explained: the rank, the paths, and what speaks against one")
    func why() throws {
        let folder = try TemporaryFolder()
        let store = try makeStore(folder)
        let request = RecommendationRequest([Recommender(.triangular)])
        try store.read { snapshot in
            let eve = try snapshot.why("eve", for: "bob", request)
            #expect(eve.isSuggested && eve.rank == 2 && eve.score == 1 && eve.evidence[0].through == ["cid"])
            let gus = try snapshot.why("gus", for: "bob", request)
            #expect(!gus.isSuggested && gus.rank == nil && gus.exclusion == nil && gus.evidence.isEmpty)
            #expect(try snapshot.why("fay", for: "bob", request).exclusion == .joined(.follows))
        }
    }

    @Test("lead through nobody whose connections are private, or who is blocked")
    func closed() throws {
        let folder = try TemporaryFolder()
        let store = try makeStore(folder)
        try store.write { graph in _ = try graph.add("cid", .settings, Setting.isPrivate) }
        #expect(try store.read { try $0.recommend(for: "bob", by: Recommender(.triangular)) }.map(\.user) == ["ann"])
        try store.write { graph in _ = try graph.add("bob", .blocks, "dan") }
        #expect(try store.read { try $0.recommend(for: "bob", by: Recommender(.triangular)) }.isEmpty)
    }

    @Test("are of edges that point from people to people")
    func refused() throws {
        let folder = try TemporaryFolder()
        let store = try makeStore(folder)
        for type in [EdgeType.Name.friends, .views] {
            #expect {
                try store.read { try $0.recommend(for: "bob", by: Recommender(.triangular, via: [type])) }
            } throws: { error in
                guard case GraphStoreError.edgeTypesDoNotFit(let reason) = error else { return false }
                return reason.contains("'\(type)'")
            }
        }
    }

    @Test(
        "give the obvious scores and paths on random graphs, alone and in a batch, in code and as JSON",
        arguments: 0..<Repetitions.of(4))
    func equalsOracle(seed: Int) throws {
        let accounts = try RandomAccounts(seed: UInt64(300 + seed), edges: 1_500)
        let json = #"{"recommenders": [{"by": "triangular", "via": ["follows"]}], "limit": 100, "evidenceLimit": 100}"#
        let request = try RecommendationRequest(json: json.utf8)
        #expect(request.recommenders == [Recommender(.triangular, via: [.follows])])
        let users = accounts.reference.nodes[.user]!.sorted()
        var found = 0
        let alone = try accounts.store.read(at: RandomSocialGraph.moment) { snapshot in
            let oracle = try SlowRecommender(accounts.reference, snapshot)
            return try users.map { user in
                let all = oracle.triangular(.follows, for: user)
                let list = try snapshot.recommend(request, for: user)
                let expected = all.filter { !accounts.barred(for: user).contains($0.key) }.sorted { left, right in
                    left.value.count != right.value.count
                        ? left.value.count > right.value.count
                        : oracle.ids[.user]![left.key]! < oracle.ids[.user]![right.key]!
                }
                let friends = accounts.reference.neighbors(.friends, of: user)
                let open = expected.filter { friends[$0.key] == nil }
                #expect(list.map(\.user) == open.map(\.key))
                #expect(list.map(\.score) == open.map { Double($0.value.count) })
                #expect(list.map { Set($0.evidence[0].through) } == open.map(\.value))
                for (candidate, through) in all {
                    let score = try snapshot.score(of: candidate, for: user, by: Recommender(.triangular))
                    #expect(score == Double(through.count))
                }
                found += list.count
                return list
            }
        }
        #expect(found > 30)
        let queue = Mutex(Array(users.reversed()))
        var answers: [RecommendationList?] = []
        try accounts.store.recommendations(
            request, for: { queue.withLock { $0.popLast() } }, threads: 2, at: RandomSocialGraph.moment
        ) { answers.append($0.list) }
        #expect(answers == alone)
    }
}

import Foundation
import GraphTesting
import Kith
import Testing

/// Another file in the place of one that is open: nothing that is acknowledged goes to a file without a name.
@Suite("A store in whose place another is put", .timeLimit(.minutes(10)))
struct ReplacedStoreTests {
    /// How a path comes to lead to another file, or to none.
    enum Way: CaseIterable {
        case rename, removal, link, swap
    }

    /// Commits of the old store and of the new one: transaction numbers of equal parity and of unequal parity.
    static let commits = [(3, 2), (3, 3), (2, 3), (3, 5), (1, 40), (2, 41), (41, 2), (40, 2)]

    /// A store with so many edges, each in a commit of its own.
    @discardableResult
    private func fill(_ path: String, edges: Int) throws -> GraphStore {
        let store = try GraphStore(creating: path, options: .forTests)
        for edge in 0..<UInt64(edges) {
            try store.write { graph in _ = try graph.add(NodeKey(edge), .follows, NodeKey(edge + 1)) }
        }
        return store
    }

    private func edges(_ store: GraphStore) throws -> Int { try store.read { try $0.edgeCount(of: .follows) } }

    /// A store `people.kith` of three edges and another of five in its place, where there is one.
    private func replaced(
        _ way: Way, in folder: TemporaryFolder, options: GraphStore.Options = .forTests
    ) throws -> GraphStore {
        let path = folder.file("people.kith")
        let (old, new) = (folder.file("old.kith"), folder.file("new.kith"))
        try fill(old, edges: 3)
        try fill(new, edges: 5)
        switch way {
        case .link: try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: old)
        default: try #require(rename(old, path) == 0)
        }
        let store = try GraphStore(opening: path, options: options)
        #expect(try edges(store) == 3)
        switch way {
        case .rename: try #require(rename(new, path) == 0)
        case .removal: try #require(unlink(path) == 0)
        case .swap: try GraphStore.replace(at: path, with: new)
        case .link:
            try FileManager.default.createSymbolicLink(atPath: path + ".next", withDestinationPath: new)
            try #require(rename(path + ".next", path) == 0)
        }
        return store
    }

    @Test("refuses every write, and soon every read", arguments: Way.allCases)
    func refuses(way: Way) async throws {
        let folder = try TemporaryFolder()
        let store = try replaced(way, in: folder)
        let expected = GraphStoreError.replaced(path: store.path)
        for _ in 0..<3 {
            #expect(throws: expected) { try store.write { graph in _ = try graph.add("a", .follows, "b") } }
            #expect(throws: expected) { try store.add(nodeKinds: ["place"]) }
            await #expect(throws: expected) {
                try await store.submit { graph in _ = try graph.add("a", .follows, "b") }
            }
        }
        // Reads are of the old file until one looks.
        while true {
            do { #expect(try edges(store) == 3) } catch GraphStoreError.replaced { break }
        }
        await #expect(throws: expected) { try await store.query { try $0.edgeCount(of: .follows) } }
        #expect(throws: expected) { try store.check() }
        #expect(throws: expected) { try store.statistics() }
        #expect(throws: expected) { try store.readers() }
        #expect(throws: expected) { try store.backup(to: folder.file("copy.kith")) }
        #expect(!FileManager.default.fileExists(atPath: folder.file("copy.kith")))
        if way != .removal {
            let new = try GraphStore(opening: store.path)
            #expect(try edges(new) == 5)
            #expect(try new.check().isSound)
        }
    }

    @Test("and that has its old name again is what it was")
    func returned() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("people.kith")
        let store = try fill(path, edges: 3)
        try #require(rename(path, path + ".away") == 0)
        #expect(throws: GraphStoreError.replaced(path: path)) { try store.write { _ in } }
        try #require(rename(path + ".away", path) == 0)
        try store.write { graph in _ = try graph.add("a", .follows, "b") }
        #expect(try edges(store) == 4)
    }

    @Test(
        "goes on with the new one where it follows, and a snapshot that is open stays as it is", arguments: Way.allCases
    )
    func follows(way: Way) async throws {
        guard way != .removal else { return }
        let folder = try TemporaryFolder()
        var options = GraphStore.Options.forTests
        options.followsReplacement = true
        let store = try replaced(way, in: folder, options: options)
        try store.read { old in
            try store.write { graph in _ = try graph.add("a", .follows, "b") }
            #expect(try edges(store) == 6)
            #expect([3, 5].contains(try old.edgeCount(of: .follows)))
        }
        try await store.submit { graph in _ = try graph.add("c", .follows, "d") }
        try store.add(nodeKinds: ["place"])
        #expect(try store.check().isSound)
        let new = try GraphStore(opening: store.path)
        #expect(try edges(new) == 7)
        #expect(new.schema.nodeKinds.contains("place"))
    }

    @Test("that follows finds nothing in the place of a removed one, and takes the next one there is")
    func removedThenMade() throws {
        let folder = try TemporaryFolder()
        var options = GraphStore.Options.forTests
        options.followsReplacement = true
        let store = try replaced(.removal, in: folder, options: options)
        #expect(throws: GraphStoreError.noSuchStore(path: store.path)) { try store.write { _ in } }
        try fill(store.path, edges: 9)
        try store.write { graph in _ = try graph.add("a", .follows, "b") }
        #expect(try edges(store) == 10)
    }

    @Test("loses no edge, open beside the new one in one process", arguments: commits)
    func bothOpen(commits: (Int, Int)) throws {
        let folder = try TemporaryFolder()
        let path = folder.file("people.kith")
        let old = try fill(path, edges: commits.0)
        try fill(folder.file("new.kith"), edges: commits.1)
        try #require(rename(folder.file("new.kith"), path) == 0)
        let new = try GraphStore(opening: path, options: .forTests)
        for edge in 1_000..<1_300 as Range<UInt64> {
            try new.write { graph in _ = try graph.add(NodeKey(edge), .follows, NodeKey(edge + 1)) }
            #expect(throws: GraphStoreError.replaced(path: path)) {
                try old.write { graph in _ = try graph.add(NodeKey(edge), .follows, NodeKey(edge + 1)) }
            }
        }
        #expect(try edges(new) == commits.1 + 300)
        #expect(try new.check().isSound)
    }

    @Test("leaves nothing in the answers of a store that follows", arguments: 0..<4 as Range<UInt64>)
    func answers(seed: UInt64) throws {
        let folder = try TemporaryFolder()
        let path = folder.file("people.kith")
        var options = GraphStore.Options.forTests
        options.followsReplacement = true
        var followed: GraphStore?
        // The commits of all these stores have the same numbers, and their nodes other ids: a cache of one would do for
        // the next.
        for round in 0..<5 as Range<UInt64> {
            let graph = try RandomSocialGraph(seed: seed * 100 + round)
            try graph.store.backup(to: folder.file("new.kith"))
            if round == 0 {
                try #require(rename(folder.file("new.kith"), path) == 0)
            } else {
                try GraphStore.replace(at: path, with: folder.file("new.kith"))
            }
            let store = try followed ?? GraphStore(opening: path, options: options)
            followed = store
            try store.write { _ in }
            let requests = [
                RecommendationRequest(), RecommendationRequest([FriendsOfFriends(via: .follows).recommender]),
                RecommendationRequest([PersonalizedPageRank(via: [.follows, .friends]).recommender]),
                RecommendationRequest([Popularity(.followers, stalenessSeconds: 1_000).recommender]),
            ]
            for request in requests {
                for user in 0..<RandomSocialGraph.users {
                    let expected = try graph.store.read(at: RandomSocialGraph.moment) {
                        try $0.recommend(request, for: NodeKey(user))
                    }
                    let found = try store.read(at: RandomSocialGraph.moment) {
                        try $0.recommend(request, for: NodeKey(user))
                    }
                    #expect(found == expected)
                }
            }
            let difference = try firstDifference(between: store, and: graph.reference)
            #expect(difference == nil)
        }
    }
}

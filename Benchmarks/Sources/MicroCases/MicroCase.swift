import Dispatch
import Foundation
import Kith

/// One small thing the store does, so often that it can be measured.
public struct MicroCase: Sendable {
    /// What it is.
    public let name: String
    /// What is counted, and how many of them a run makes.
    public let unit: String
    /// How many ``unit``s one ``run`` makes.
    public let count: Int
    /// Does it.
    public let run: @Sendable (MicroFixture) throws -> Void

    init(_ name: String, _ count: Int, _ unit: String, _ run: @escaping @Sendable (MicroFixture) throws -> Void) {
        self.name = name
        self.unit = unit
        self.count = count
        self.run = run
    }

    /// All of them.
    public static let all = reading + writing + recommending + loading
}

// MARK: - Reading

extension MicroCase {
    private static let reading = [
        // The most followed: long lists, whose groups are all of it.
        MicroCase("block decode", 16, "long list") { fixture in
            try fixture.sum((0..<16).map { NodeID(rawValue: $0) }, .in)
        },
        MicroCase("neighbour fetch", 1_000, "list") { fixture in try fixture.sum(fixture.ids, .out) },
        MicroCase("edge lookup", 1_000, "pair of keys") { fixture in
            let found = try fixture.follows.read { snapshot in
                try fixture.edges.count { try snapshot.edge(from: $0.source, .follows, to: $0.target) != nil }
            }
            precondition(found >= 500, "every other pair is an edge")
        },
        MicroCase("key to id", 1_000, "key") { fixture in
            let found = try fixture.follows.read { snapshot in
                try fixture.keys.count { try snapshot.id(of: $0) != nil }
            }
            precondition(found == fixture.keys.count, "every key is a node")
        },
    ]
}

extension MicroFixture {
    fileprivate func sum(_ ids: [NodeID], _ direction: EdgeDirection) throws {
        var sum: UInt64 = 0
        try follows.read { snapshot in
            for id in ids {
                try snapshot.forEachNeighborGroup(of: id, via: .follows, direction: direction) { group in
                    for index in group.indices { sum &+= UInt64(group[index]) }
                }
            }
        }
        precondition(sum > 0, "there are neighbours")
    }
}

// MARK: - Writing

/// Takes a transaction back.
private struct TakenBack: Error {}

extension MicroCase {
    private static let writing = [
        // A block decoded, changed, encoded and put, in both directions; nothing is committed.
        MicroCase("insert: block decode and encode", 500, "edge") { fixture in
            do {
                try fixture.follows.write { graph in
                    for (place, edge) in fixture.edges.enumerated() where place % 2 == 1 {
                        try graph.add(edge.source, .follows, edge.target)
                    }
                    throw TakenBack()
                }
            } catch is TakenBack {}
        },
        // As many edges after as before.
        MicroCase("commit", 200, "commit of one edge") { fixture in
            for edge in fixture.edges.prefix(100) {
                try fixture.follows.write { graph in _ = try graph.add(edge.source, .blocks, edge.target) }
                try fixture.follows.write { graph in _ = try graph.remove(edge.source, .blocks, edge.target) }
            }
        },
        MicroCase("group commit", 512, "edge submitted by 64 tasks") { fixture in
            let (store, edges) = (fixture.follows, fixture.edges)
            let done = DispatchSemaphore(value: 0)
            Task.detached {
                await withTaskGroup(of: Void.self) { group in
                    for task in 0..<64 {
                        group.addTask {
                            for edge in edges[task * 4..<task * 4 + 4] {
                                do {
                                    try await store.submit { graph in
                                        _ = try graph.add(edge.source, .blocks, edge.target)
                                    }
                                    try await store.submit { graph in
                                        _ = try graph.remove(edge.source, .blocks, edge.target)
                                    }
                                } catch {
                                    fatalError("\(error)")
                                }
                            }
                        }
                    }
                }
                done.signal()
            }
            done.wait()
        },
    ]
}

// MARK: - Recommending

extension MicroCase {
    private static let recommending = [
        asking("two hops, paths", FriendsOfFriends(via: .follows, score: .paths)),
        asking("two hops, Adamic-Adar", FriendsOfFriends(via: .follows)),
        // What a service pays beside the walk, which is short for those who follow few.
        MicroCase("short request in a snapshot of its own", 50, "user") { fixture in
            let request = RecommendationRequest(
                [FriendsOfFriends(via: .follows, score: .paths).recommender], limit: 10, evidenceLimit: 0, fallback: [])
            var found = 0
            for key in fixture.modest {
                found += try fixture.follows.read { try $0.recommend(request, for: key).count }
            }
            precondition(found > 0, "nobody is suggested to anyone")
        },
        asking("PageRank", PersonalizedPageRank(via: [.follows])),
        MicroCase("interests", 50, "user") { fixture in
            try fixture.ask(fixture.interests, [SharedInterests().recommender], fixture.interested, evidenceLimit: 0)
        },
        MicroCase("standard blend with evidence", 50, "user") { fixture in
            try fixture.ask(
                fixture.follows, RecommendationRequest.standard, Array(fixture.keys.prefix(50)), evidenceLimit: 3)
        },
    ]

    private static func asking(_ name: String, _ recommender: some RecommenderConvertible) -> MicroCase {
        MicroCase(name, 50, "user") { fixture in
            try fixture.ask(
                fixture.follows, [recommender.recommender], Array(fixture.keys.prefix(50)), evidenceLimit: 0)
        }
    }
}

extension MicroFixture {
    fileprivate func ask(
        _ store: GraphStore, _ recommenders: [Recommender], _ users: [NodeKey], evidenceLimit: Int
    ) throws {
        let request = RecommendationRequest(recommenders, limit: 10, evidenceLimit: evidenceLimit, fallback: [])
        let found = try store.read { snapshot in
            let prepared = try snapshot.prepare(request)
            return try users.reduce(0) { $0 + (try snapshot.recommend(prepared, for: $1).count) }
        }
        precondition(found > 0, "nobody is suggested to anyone")
    }
}

// MARK: - Loading

extension MicroCase {
    private static let loading = [
        MicroCase("load: read, parse and number", 1 << 18, "row") { fixture in
            _ = try MicroFixture.loader.dryRun([.init(type: .follows, path: fixture.folder + "/follows.tsv")])
        },
        MicroCase("load: all, sorted and written", 1 << 18, "row") { fixture in
            let path = fixture.folder + "/loaded-\(UUID().uuidString).kith"
            try MicroFixture.load(fixture.folder + "/follows.tsv", into: path)
            try FileManager.default.removeItem(atPath: path)
        },
    ]
}

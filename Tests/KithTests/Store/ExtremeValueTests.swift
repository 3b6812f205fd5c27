import Foundation
import GraphTesting
import Kith
import Testing

/// Numbers that a program was given by its user reach the library as they are: each is taken for something that is said, or
/// refused with an error, and none ends the process.
@Suite("An extreme value")
struct ExtremeValueTests {
    static let integers = [Int.min, -1, 0, 1, Int(UInt32.max) + 1, Int.max]
    static let numbers = [-Double.infinity, -1, 0, .leastNonzeroMagnitude, 1e308, .infinity, .nan]

    private func makeStore() throws -> (TemporaryFolder, GraphStore) {
        let folder = try TemporaryFolder()
        let store = try GraphStore(creating: folder.file("s.kith"), options: .forTests)
        try store.write { graph in
            for (from, to) in [(1, 2), (2, 3), (1, 4), (4, 3), (3, 5)] as [(UInt64, UInt64)] {
                try graph.add(NodeKey(from), .follows, NodeKey(to))
            }
        }
        return (folder, store)
    }

    /// That it ends in an answer or in an error.
    private func survives(_ body: () throws -> Void) {
        do { try body() } catch { #expect(!"\(error)".isEmpty) }
    }

    @Test("of a share is taken for the nearest that is one")
    func percentile() throws {
        let (_, store) = try makeStore()
        let degrees = try store.read { try $0.degreeDistribution(of: .follows) }
        for share in [-Double.infinity, -1, 0, .nan] { #expect(degrees.percentile(share) == 1) }
        for share in [1, 1.5, 1e308, .infinity] { #expect(degrees.percentile(share) == 2) }
    }

    @Test("of a number of threads is refused by its name", arguments: [Int.min, -1, 0, 1_025, Int.max])
    func threads(count: Int) throws {
        let (folder, store) = try makeStore()
        var loader = BulkLoader()
        loader.threads = count
        let path = folder.file("new.kith")
        let calls: [() throws -> Void] = [
            { _ = try loader.load(into: path) { try $0.add(1, .follows, 2) } },
            { _ = try loader.dryRun([]) }, { try GraphStore.reorder(folder.file("s.kith"), by: loader) },
            { try store.recommendationsForAll(.init([Recommender(.friendsOfFriends)]), threads: count) { _ in } },
            {
                try store.recommendations(.init([Recommender(.friendsOfFriends)]), for: { nil }, threads: count) { _ in
                }
            },
        ]
        for call in calls {
            let error = #expect(throws: GraphStoreError.self) { try call() }
            #expect("\(try #require(error))".contains("'threads'"))
        }
        #expect(try folder.names() == ["s.kith", "s.kith-lock"])
    }

    @Test("of an option of a store is refused, or is for ever")
    func options() throws {
        let (folder, store) = try makeStore()
        let path = folder.file("s.kith")
        for count in [Int.min, -1, 0, Int.max] {
            #expect(throws: GraphStoreError.self) { try GraphStore(opening: path, options: .init(readersMax: count)) }
            #expect(throws: GraphStoreError.self) {
                try GraphStore(creating: folder.file("x.kith"), options: .init(readersMax: count))
            }
        }
        for bytes in [Int.min, -1, 0] {
            #expect(throws: GraphStoreError.self) { try GraphStore(opening: path, options: .init(sizeMax: bytes)) }
        }
        _ = store
        for seconds in ExtremeValueTests.numbers {
            let other = folder.file("long\(seconds).kith")
            let options = GraphStore.Options(longReadSeconds: seconds)
            let store = try GraphStore(creating: other, options: options)
            _ = try store.read { _ in try store.write { graph in try graph.add(8, .follows, 9) } }
        }
        for bytes in ExtremeValueTests.integers {
            survives {
                let store = try GraphStore(creating: folder.file("d\(bytes)"), options: .init(decodedBytesMax: bytes))
                try store.write { graph in try graph.add(8, .follows, 9) }
                _ = try store.read {
                    try $0.recommend(.init([PersonalizedPageRank(via: [.follows]).recommender]), for: 8)
                }
            }
        }
    }

    @Test("of a limit is refused, or bounds nothing", arguments: integers)
    func limits(limit: Int) throws {
        let (folder, store) = try makeStore()
        survives { _ = try store.check(problemsMax: limit) }
        survives { _ = try store.read { try $0.keys(startingWith: "", limit: limit) } }
        survives { _ = try store.read { try $0.neighbors(of: 1, via: .follows, limit: limit) } }
        survives { _ = try store.read { try $0.neighbors(of: 1, via: .follows, order: .newestFirst, limit: limit) } }
        survives { _ = try store.read { try $0.top(limit: limit) } }
        survives {
            _ = try store.read {
                try $0.commonNeighbors(
                    NeighborSet(of: 1, via: Hop([.init(.follows, .out)])),
                    NeighborSet(of: 2, via: Hop([.init(.follows, .out)])), limit: limit)
            }
        }
        for recommender in [Recommender(.friendsOfFriends), PersonalizedPageRank(via: [.follows]).recommender] {
            survives {
                _ = try store.read {
                    try $0.recommend(.init([recommender], limit: limit, evidenceLimit: limit), for: 1)
                }
            }
            survives {
                _ = try store.read {
                    try $0.recommend(
                        .init([recommender, recommender], limit: limit, sameIntermediateMax: limit), for: 1)
                }
            }
            survives { try store.recommendationsForAll(.init([recommender]), skipping: limit, threads: 1) { _ in } }
        }
        survives {
            _ = try BulkLoader(memoryBytes: limit).load(into: folder.file("m.kith")) { try $0.add(1, .follows, 2) }
        }
        for model in GraphModel.allCases {
            for relation in GeneratedRelation.allCases {
                let graph = GeneratedGraph(model, relation, scale: limit, edgeFactor: limit, seed: 1)
                #expect(graph.edgeCount > 0)
                _ = graph.edge(at: graph.edgeCount - 1)
            }
        }
    }

    @Test("of a weight, a rate or an age is refused, or is a number as others are", arguments: numbers)
    func reals(number: Double) throws {
        let (_, store) = try makeStore()
        let walks = [
            Recommender(.friendsOfFriends, weight: number),
            Recommender(.friendsOfFriends, options: WalkOptions(halfLifeSeconds: number)),
            PersonalizedPageRank(via: [.follows], restart: number).recommender,
            PersonalizedPageRank(via: [.follows], tolerance: number).recommender,
            Popularity(halfLifeSeconds: number).recommender, Popularity(stalenessSeconds: number).recommender,
        ]
        for walk in walks {
            survives { _ = try store.read { try $0.recommend(.init([walk, Recommender(.friendsOfFriends)]), for: 1) } }
        }
        for measure in Popularity.Measure.allCases {
            survives { _ = try store.read { try $0.top(by: Popularity(measure, halfLifeSeconds: number)) } }
        }
        survives { _ = try store.write { graph in try graph.add(1, .interests, 2, weight: Double(number)) } }
    }
}

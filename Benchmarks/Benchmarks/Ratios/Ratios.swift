import Benchmark
import Foundation
import Kith

// Ratios against what people would use instead, both sides measured in turn in one run: percent of the other side's time
// (or rate, where the name says so). On an R-MAT graph of scale KITH_SCALE (16 unless set), edge factor 16:
//
//     KITH_SCALE=20 swift package --package-path Benchmarks benchmark --target Ratios

let benchmarks: @Sendable () -> Void = {
    func ratio(_ name: String, _ body: @escaping (Bench) throws -> Double) {
        let metric = BenchmarkMetric.custom(name, polarity: .prefersSmaller, useScalingFactor: false)
        Benchmark(
            name,
            configuration: .init(metrics: [metric], warmupIterations: 1, maxDuration: .seconds(60), maxIterations: 7)
        ) { benchmark in
            benchmark.measurement(metric, Int((100 * (try body(Bench.shared))).rounded()))
        }
    }

    ratio("two hops, top 10: Kith / plain arrays, % of time") { try $0.twoHops() }
    ratio("neighbour lists: bare LMDB / Kith, % of time") { try $0.lists() }
    ratio("durable add: Kith / bare LMDB put and commit, % of time") { try $0.durableAdds() }
    ratio("32 tasks submit: single durable adds / submitted, % of time") { try $0.submits() }
}

/// The graph in a store, in plain arrays and in bare LMDB.
final class Bench: @unchecked Sendable {
    static let shared: Bench = {
        do { return try Bench() } catch { fatalError("\(error)") }
    }()

    private let store: GraphStore
    private let plain: PlainGraph
    private let bare: BareLMDB
    private let users: [UInt64]
    /// The ids of ``users``.
    private let ids: [NodeID]
    private var nextKey: UInt64 = 1 << 40

    private init() throws {
        let folder = NSTemporaryDirectory() + "kith-benchmark-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let scale = Int(ProcessInfo.processInfo.environment["KITH_SCALE"] ?? "") ?? 16
        let graph = GeneratedGraph(.rmat, scale: scale, edgeFactor: 16, seed: 1)
        var edges: [UInt64] = []
        edges.reserveCapacity(Int(graph.edgeCount))
        for index in 0..<graph.edgeCount {
            let edge = graph.edge(at: index)
            if edge.source != edge.target { edges.append(edge.source << 32 | edge.target) }
        }
        edges.sort()
        var distinct: [UInt64] = []
        for edge in edges where edge != distinct.last { distinct.append(edge) }
        plain = PlainGraph(nodeCount: 1 << scale, edges: distinct)
        let file = folder + "/edges.tsv"
        FileManager.default.createFile(atPath: file, contents: nil)
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: file))
        var text = ""
        for edge in distinct {
            text += "\(edge >> 32)\t\(edge & 0xFFFF_FFFF)\n"
            if text.utf8.count > 1 << 20 {
                try handle.write(contentsOf: Data(text.utf8))
                text = ""
            }
        }
        try handle.write(contentsOf: Data(text.utf8))
        try handle.close()
        let schema = try Schema(nodeKinds: [.user], edgeTypes: [EdgeType(.follows, from: .user, to: .user)])
        let path = folder + "/people.kith"
        _ = try BulkLoader(schema: schema).load([.init(type: .follows, path: file)], into: path)
        store = try GraphStore(opening: path)
        bare = BareLMDB(path: folder + "/bare")
        bare.putLists(of: plain)
        var random = SystemRandomNumberGenerator()
        var users: [UInt64] = []
        while users.count < 1_000 {
            let user = Int.random(in: 0..<plain.nodeCount, using: &random)
            if plain.offsets[user + 1] > plain.offsets[user] { users.append(UInt64(user)) }
        }
        self.users = users
        ids = try store.read { snapshot in try users.compactMap { try snapshot.id(of: NodeKey($0)) } }
        // Open files stay until they are closed; nothing is left behind then.
        try FileManager.default.removeItem(atPath: folder)
    }

    private func seconds(_ body: () throws -> Void) rethrows -> Double {
        try ContinuousClock().measure(body) / .seconds(1)
    }

    func twoHops() throws -> Double {
        var expected: [[UInt32]] = []
        let other = seconds { expected = users.map { plain.topCounts(of: Int($0), limit: 10) } }
        let recommender = FriendsOfFriends(via: .follows, score: .paths)
        var found: [[UInt32]] = []
        let own = try seconds {
            found = try store.read { snapshot in
                try users.map { user in
                    try snapshot.recommend(for: NodeKey(user), by: recommender, evidenceLimit: 0).results.map { UInt32($0.score) }
                }
            }
        }
        precondition(found == expected, "Kith and the plain arrays answer differently")
        return own / other
    }

    /// Bare time over own time: 50% is half the rate.
    func lists() throws -> Double {
        var sum: UInt64 = 0
        let other = seconds { sum = bare.sumLists(of: users) }
        var own: UInt64 = 0
        let time = try seconds {
            own = try store.read { snapshot in
                var sum: UInt64 = 0
                for id in ids {
                    try snapshot.forEachNeighborGroup(of: id, via: .follows) { group in
                        for index in group.indices { sum &+= UInt64(group[index]) }
                    }
                }
                return sum
            }
        }
        precondition(sum > 0 && own > 0)
        return other / time
    }

    private static let writes: UInt64 = 200

    func durableAdds() throws -> Double {
        var (own, other) = (0.0, 0.0)
        for _ in 0..<Bench.writes {
            nextKey += 2
            let key = nextKey
            own += try seconds {
                try store.write { graph in _ = try graph.add(NodeKey(key), .follows, NodeKey(key + 1)) }
            }
            other += seconds { bare.putAndCommit(key) }
        }
        return own / other
    }

    func submits() throws -> Double {
        let store = store
        let single = try seconds {
            for _ in 0..<Bench.writes {
                nextKey += 2
                let key = nextKey
                try store.write { graph in _ = try graph.add(NodeKey(key), .follows, NodeKey(key + 1)) }
            }
        }
        let first = nextKey
        nextKey += 64 * Bench.writes
        let submitted = seconds {
            let done = DispatchSemaphore(value: 0)
            Task.detached {
                await withTaskGroup(of: Void.self) { group in
                    for task in 0..<32 as Range<UInt64> {
                        group.addTask {
                            for write in 0..<Bench.writes / 4 {
                                let key = first + 2 * (task * Bench.writes / 4 + write + 1)
                                do {
                                    try await store.submit { graph in
                                        _ = try graph.add(NodeKey(key), .follows, NodeKey(key + 1))
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
        }
        // Per add: 200 single ones against 32 tasks of 50.
        return (single / 200) / (submitted / 1_600)
    }
}

import CoreMetrics
import Foundation
import GraphTesting
import InMemoryLogging
import Kith
import Logging
import MetricsTestKit
import Testing

@Suite("What a store tells of itself")
struct ObservingTests {
    private let folder: TemporaryFolder
    private let metrics = TestMetrics()
    private let log = InMemoryLogHandler()
    private let dimensions = [("store", "people.kith")]

    init() throws {
        folder = try TemporaryFolder()
    }

    private var path: String { folder.file("people.kith") }

    private func options(longReadSeconds: Double = 60) -> GraphStore.Options {
        var options = GraphStore.Options.forTests
        options.longReadSeconds = longReadSeconds
        options.metrics = metrics
        var logger = Logger(label: "test") { [log] _ in log }
        logger.logLevel = .debug
        options.logger = logger
        return options
    }

    /// A timer's values, each above zero.
    private func durations(_ label: String, _ more: [(String, String)] = []) throws -> Int {
        let values = try metrics.expectTimer(label, dimensions + more).values
        #expect(values.allSatisfy { $0 > 0 })
        return values.count
    }

    @Test("counts commits, their bytes and their durations, one by one")
    func commits() throws {
        let store = try GraphStore(creating: path, options: options())
        try store.write { graph in _ = try graph.add(1, .follows, 2) }
        let bytes = metrics.counterTotal(label: "kith.commit.bytes", dimensions: dimensions)
        #expect(bytes > 0)
        try store.write { graph in
            for number in 10...500 as ClosedRange<UInt64> { _ = try graph.add(1, .follows, NodeKey(number)) }
        }
        #expect(metrics.counterTotal(label: "kith.commits", dimensions: dimensions) == 2)
        #expect(metrics.counterTotal(label: "kith.commit.bytes", dimensions: dimensions) > 100 * bytes)
        #expect(try durations("kith.write.duration") == 2)
        #expect(try durations("kith.commit.duration") == 2)
        struct Refused: Error {}
        #expect(throws: Refused.self) { try store.write { _ in throw Refused() } }
        #expect(metrics.counterTotal(label: "kith.commits", dimensions: dimensions) == 2)
    }

    @Test("counts what was submitted, how many waited, and how many were committed together")
    func submissions() async throws {
        let store = try GraphStore(creating: path, options: options())
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 1...200 as ClosedRange<UInt64> {
                group.addTask { try await store.submit { graph in _ = try graph.add(0, .follows, NodeKey(number)) } }
            }
            try await group.waitForAll()
        }
        #expect(try durations("kith.submit.duration") == 200)
        let batches = try metrics.expectRecorder("kith.submit.batch", dimensions).values
        #expect(batches.reduce(0, +) == 200)
        #expect(Int64(batches.count) == metrics.counterTotal(label: "kith.commits", dimensions: dimensions))
        let waiting = try metrics.expectRecorder("kith.submit.waiting", dimensions).values
        #expect(waiting.count == batches.count && zip(waiting, batches).allSatisfy { $0 >= $1 })
    }

    @Test("counts requests by method, with the edges they visited and the candidates they met")
    func requests() throws {
        let store = try GraphStore(creating: path, options: options())
        try store.write { graph in
            // 0 follows 1...4, each of whom follows 100...109: 40 edges to 10 candidates.
            for friend in 1...4 as ClosedRange<UInt64> {
                try graph.add(0, .follows, NodeKey(friend))
                for other in 100...109 as ClosedRange<UInt64> {
                    try graph.add(NodeKey(friend), .follows, NodeKey(other))
                }
            }
        }
        let before = try durations("kith.snapshot.duration")
        try store.read { snapshot in
            for _ in 0..<3 { _ = try snapshot.recommend(for: 0, by: FriendsOfFriends(via: .follows)) }
            _ = try snapshot.recommend(RecommendationRequest(), for: 0)
            #expect(throws: GraphStoreError.self) { try snapshot.recommend(RecommendationRequest(), for: "nobody") }
        }
        let method = [("method", "friends-of-friends")]
        #expect(try durations("kith.request.duration", method) == 3)
        #expect(try metrics.expectCounter("kith.request.edges", dimensions + method).totalValue == 3 * 40)
        #expect(try metrics.expectCounter("kith.request.candidates", dimensions + method).totalValue == 3 * 10)
        let blend = [("method", "blend")]
        #expect(try durations("kith.request.duration", blend) == 1)
        #expect(try metrics.expectCounter("kith.request.edges", dimensions + blend).totalValue > 40)
        #expect(try durations("kith.snapshot.duration") == before + 1)
    }

    @Test("counts the work of every method", arguments: Recommender.Method.allCases.filter { $0 != .attention })
    func methods(_ method: Recommender.Method) throws {
        let graph = try RandomSocialGraph(seed: 4)
        let store = try GraphStore(opening: graph.store.path, options: options())
        let hops = method == .walk ? [Hop.out(.follows), Hop.in(.follows)] : nil
        let via: [EdgeType.Name]? = method == .followBack ? [.follows] : nil
        try store.read(at: RandomSocialGraph.moment) { snapshot in
            for user in 0..<RandomSocialGraph.users {
                _ = try snapshot.recommend(for: NodeKey(user), by: Recommender(method, via: via, hops: hops))
            }
        }
        let all = dimensions + [("method", method.rawValue)]
        #expect(try metrics.expectTimer("kith.request.duration", all).values.count == Int(RandomSocialGraph.users))
        let edges = try metrics.expectCounter("kith.request.edges", all).totalValue
        let candidates = try metrics.expectCounter("kith.request.candidates", all).totalValue
        #expect(edges > 0 && candidates > 0 && candidates <= 10 * Int64(RandomSocialGraph.users))
    }

    @Test("counts a load's rows and bytes")
    func loads() throws {
        let rows = "1\t2\n2\t3\n3\t1\n"
        let file = folder.file("e.tsv")
        try Data(rows.utf8).write(to: URL(fileURLWithPath: file))
        var loader = BulkLoader(options: options(), threads: 1)
        loader.memoryBytes = 1 << 24
        for _ in 0..<2 { _ = try loader.load([.init(type: .follows, path: file)], into: path) }
        #expect(metrics.counterTotal(label: "kith.load.rows", dimensions: dimensions) == 6)
        #expect(metrics.counterTotal(label: "kith.load.bytes", dimensions: dimensions) == Int64(2 * rows.utf8.count))
        #expect(try durations("kith.load.duration") == 2)
        #expect(log.entries.filter { $0.message == "loaded a graph" }.map { $0.metadata["rows"] } == ["3", "3"])
    }

    @Test("tells of readers that hold on, by a warning and by gauges")
    func longReads() throws {
        let store = try GraphStore(creating: path, options: options(longReadSeconds: 0))
        try store.read { _ in
            try store.write { graph in _ = try graph.add(1, .follows, 2) }
            try store.write { graph in _ = try graph.add(1, .follows, 3) }
            try store.recordGauges()
        }
        let warnings = log.entries.filter { $0.level == .warning }
        #expect(warnings.count == 1)
        #expect(warnings.first?.metadata["store"] == "\(path)")
        let seconds = try #require(warnings.first?.metadata["seconds"].flatMap { Double("\($0)") })
        #expect(seconds > 0)
        #expect(try metrics.expectRecorder("kith.reader.age", dimensions).lastValue ?? 0 > seconds)
        #expect(try metrics.expectRecorder("kith.reader.commits_behind", dimensions).lastValue == 2)
        try store.recordGauges()
        #expect(try metrics.expectRecorder("kith.reader.age", dimensions).lastValue == 0)
        #expect(try metrics.expectRecorder("kith.reader.commits_behind", dimensions).lastValue == 0)
        let statistics = try store.statistics()
        #expect(try metrics.expectRecorder("kith.file.bytes", dimensions).lastValue == Double(statistics.bytes))
        #expect(
            try metrics.expectRecorder("kith.file.free_bytes", dimensions).lastValue == Double(statistics.freeBytes))
    }

    @Test("reads its gauges by itself after a commit, and not after every one")
    func gauges() throws {
        let store = try GraphStore(creating: path, options: options())
        let begin = ContinuousClock.now
        for number in 1...20 as ClosedRange<UInt64> {
            try store.write { graph in _ = try graph.add(0, .follows, NodeKey(number)) }
        }
        // At once, and then every five seconds.
        let countMax = 1 + Int((ContinuousClock.now - begin) / .seconds(5))
        let count = try metrics.expectRecorder("kith.file.bytes", dimensions).values.count
        #expect((1...countMax).contains(count))
    }

    @Test("says when it opens, grows and is copied, and names the store")
    func steps() throws {
        let store = try GraphStore(creating: path, options: options())
        try store.add(edgeTypes: [EdgeType("mutes", from: .user, to: .user)])
        try store.backup(to: folder.file("copy.kith"))
        let entries = log.entries
        #expect(entries.map(\.message) == ["opened a store", "added to the schema", "made a backup"])
        #expect(entries.allSatisfy { $0.metadata["store"] == "\(path)" })
        #expect(entries[1].metadata["types"] == "mutes")
    }

    @Test("is nothing, unless somebody listens")
    func silence() throws {
        let store = try GraphStore(creating: path, options: .forTests)
        try store.write { graph in _ = try graph.add(1, .follows, 2) }
        try store.recordGauges()
        #expect(GraphStore.Options().logger == nil && GraphStore.Options().metrics == nil)
        #expect(metrics.counters.isEmpty && metrics.timers.isEmpty && log.entries.isEmpty)
    }
}

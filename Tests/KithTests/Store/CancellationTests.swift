import Foundation
import GraphTesting
import Kith
import Synchronization
import Testing

/// Answers true from a certain question on.
private final class Patience: Sendable {
    private let left: Atomic<Int>
    /// How often it was asked.
    let questions = Atomic(0)

    init(questions: Int) {
        left = Atomic(questions)
    }

    var isOver: @Sendable () -> Bool {
        { [self] in
            questions.add(1, ordering: .relaxed)
            return left.subtract(1, ordering: .relaxed).newValue < 0
        }
    }
}

@Suite("What takes long")
struct CancellationTests {
    private static func cycle(_ folder: TemporaryFolder, nodes: UInt64 = 6_000) throws -> GraphStore {
        let path = folder.file("people.kith")
        _ = try BulkLoader(threads: 2, memoryBytes: 1 << 25).load(into: path) { sink in
            for node in 0..<nodes {
                try sink.add(NodeKey(node), .follows, NodeKey((node + 1) % nodes))
                try sink.add(NodeKey(node), .follows, NodeKey((node * 7_919 + 1) % nodes))
            }
        }
        return try GraphStore(opening: path)
    }

    /// Runs `body` to its end, and then again and again, ended at the first question, at the last, and in between.
    private func expectCancellable(
        questionsMin: Int, _ body: (_ isCancelled: @escaping @Sendable () -> Bool) throws -> Void
    ) throws {
        let all = Patience(questions: .max)
        try body(all.isOver)
        let questions = all.questions.load(ordering: .relaxed)
        #expect(questions >= questionsMin)
        for count in Set([0, 1, questions / 2, questions - 1]) where count < questions {
            let patience = Patience(questions: count)
            #expect(throws: CancellationError.self) { try body(patience.isOver) }
            // It ends soon: nobody is asked on and on. Threads that work side by side may each ask once more.
            #expect(patience.questions.load(ordering: .relaxed) <= count + 8)
        }
    }

    @Test("in a check ends when it is told to")
    func check() throws {
        let folder = try TemporaryFolder()
        let store = try Self.cycle(folder)
        try expectCancellable(questionsMin: 5) { isCancelled in
            let report = try store.check(isCancelled: isCancelled)
            #expect(report.isSound)
        }
    }

    @Test("in a backup ends when it is told to, and leaves nothing", arguments: [false, true])
    func backup(compacting: Bool) throws {
        let folder = try TemporaryFolder()
        let store = try Self.cycle(folder)
        let before = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        try expectCancellable(questionsMin: 6) { isCancelled in
            let copy = folder.file("copy.kith")
            defer {
                for name in [copy, copy + "-lock"] { try? FileManager.default.removeItem(atPath: name) }
            }
            do {
                try store.backup(to: copy, compacting: compacting, isCancelled: isCancelled)
                #expect(FileManager.default.fileExists(atPath: copy))
            } catch {
                #expect(!FileManager.default.fileExists(atPath: copy))
                throw error
            }
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == before)
    }

    @Test("in a compaction ends when it is told to, and leaves the store as it was", arguments: [false, true])
    func compaction(reordering: Bool) throws {
        let folder = try TemporaryFolder()
        do { _ = try Self.cycle(folder, nodes: 3_000) }
        let path = folder.file("people.kith")
        try expectCancellable(questionsMin: 3) { isCancelled in
            let before = try Data(contentsOf: URL(fileURLWithPath: path))
            do {
                if reordering {
                    try GraphStore.reorder(
                        path, by: BulkLoader(threads: 2, memoryBytes: 1 << 25, isCancelled: isCancelled))
                } else {
                    try GraphStore.compact(path, isCancelled: isCancelled)
                }
            } catch {
                #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
                throw error
            }
        }
        #expect(try GraphStore(opening: path).check().isSound)
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        #expect(names == ["people.kith", "people.kith-lock"])
    }

    @Test("in an export ends when it is told to", arguments: ["edges", "nodes"])
    func export(what: String) throws {
        let folder = try TemporaryFolder()
        let store = try Self.cycle(folder)
        let export = try GraphExport(.tsv)
        try expectCancellable(questionsMin: 10) { isCancelled in
            try store.read(isCancelled: isCancelled) { snapshot in
                if what == "edges" {
                    let count = try export.edges(of: .follows, in: snapshot) { _ in }
                    #expect(try count == snapshot.edgeCount(of: .follows))
                } else {
                    let count = try export.nodes(of: .user, in: snapshot) { _ in }
                    #expect(count == 6_000)
                }
            }
        }
    }

    @Test("in a ranking of everybody ends when it is told to", arguments: Popularity.Measure.allCases)
    func attention(measure: Popularity.Measure) throws {
        let folder = try TemporaryFolder()
        let path = try Self.cycle(folder).path
        try expectCancellable(questionsMin: 2) { isCancelled in
            // A store of its own each time: a ranking that was made is kept.
            let store = try GraphStore(opening: path)
            try store.read(isCancelled: isCancelled) { snapshot in
                _ = try snapshot.top(by: Popularity(measure), via: .follows)
            }
        }
    }

    @Test("in a PageRank ends when it is told to, and the next request is right")
    func pageRank() throws {
        let folder = try TemporaryFolder()
        let store = try Self.cycle(folder)
        let walk = PersonalizedPageRank(via: [EdgeType.Name.follows], restart: 0.15, tolerance: 1e-6)
        let expected = try store.read { try $0.recommend(for: 7, by: walk) }
        try expectCancellable(questionsMin: 10) { isCancelled in
            try store.read(isCancelled: isCancelled) { _ = try $0.recommend(for: 7, by: walk) }
        }
        #expect(try store.read { try $0.recommend(for: 7, by: walk) } == expected)
    }

    @Test("in a search for a path ends when it is told to")
    func path() throws {
        let folder = try TemporaryFolder()
        let store = try GraphStore(creating: folder.file("people.kith"), options: .forTests)
        try store.write { graph in
            for node in 0..<3_000 as Range<UInt64> { _ = try graph.add(NodeKey(node), .friends, NodeKey(node + 1)) }
        }
        try expectCancellable(questionsMin: 3) { isCancelled in
            let path = try store.read(isCancelled: isCancelled) {
                try $0.shortestPath(from: 0, to: 3_000, via: .out(.friends))
            }
            #expect(path?.hops == 3_000)
        }
    }

    @Test("in a batch ends when it is told to")
    func batch() throws {
        let folder = try TemporaryFolder()
        let store = try Self.cycle(folder, nodes: 1_000)
        let request = RecommendationRequest([FriendsOfFriends(via: .follows).recommender])
        try expectCancellable(questionsMin: 1_000) { isCancelled in
            var count = 0
            try store.recommendationsForAll(request, threads: 2, isCancelled: isCancelled) { _ in count += 1 }
            #expect(count == 1_000)
        }
    }

    @Test("in a batch of slow users is told of user by user, and ends between two", arguments: [1, 2])
    func slowBatch(threads: Int) throws {
        let folder = try TemporaryFolder()
        let store = try Self.cycle(folder, nodes: 100)
        let request = RecommendationRequest([FriendsOfFriends(via: .follows).recommender])
        let asked = Mutex(0)
        let answered = Mutex<[NodeKey]>([])
        #expect(throws: CancellationError.self) {
            try store.recommendations(
                request,
                for: {
                    usleep(25_000)
                    return asked.withLock { asked in
                        asked += 1
                        return asked <= 100 ? NodeKey(UInt64(asked - 1)) : nil
                    }
                }, threads: threads, isCancelled: { answered.withLock { $0.count } >= 5 }
            ) { answer in answered.withLock { $0.append(answer.user) } }
        }
        // Each thread may have answered one more, and be about to ask for the next.
        #expect((5...5 + 2 * threads).contains(answered.withLock { $0.count }))
        #expect(asked.withLock { $0 } <= 5 + 4 * threads)
        #expect(answered.withLock { $0 == (0..<UInt64($0.count)).map { NodeKey($0) } })
    }

    @Test("in a load into a store that exists ends when it is told to, and leaves the store as it was")
    func load() throws {
        let folder = try TemporaryFolder()
        let runs = Mutex(0)
        try expectCancellable(questionsMin: 10) { isCancelled in
            let number = runs.withLock { runs in
                runs += 1
                return runs
            }
            let store = try GraphStore(creating: folder.file("\(number).kith"), options: .forTests)
            try store.write { graph in _ = try graph.add(1, .follows, 2) }
            let loader = BulkLoader(options: .forTests, threads: 1, memoryBytes: 1 << 24, isCancelled: isCancelled)
            do {
                _ = try loader.load(into: store.path) { sink in
                    for node in 2..<3_000 as Range<UInt64> { try sink.add(NodeKey(node), .follows, 1) }
                }
            } catch {
                #expect(try store.read { try $0.edgeCount(of: .follows) } == 1)
                throw error
            }
            #expect(try store.read { try $0.edgeCount(of: .follows) } == 2_999)
        }
    }
}

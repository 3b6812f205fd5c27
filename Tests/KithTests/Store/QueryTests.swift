import Foundation
import GraphTesting
import Kith
import Synchronization
import Testing

/// How many run at once, and how many did at most.
private final class Running: Sendable {
    private let counts = Mutex<[Int]>([0, 0])
    /// How many are about to ask for their turn.
    let asked = Atomic(0)
    var now: Int { counts.withLock { $0[0] } }
    var max: Int { counts.withLock { $0[1] } }

    func enter() {
        counts.withLock { counts in
            counts[0] += 1
            counts[1] = Swift.max(counts[1], counts[0])
        }
    }

    func leave() {
        counts.withLock { $0[0] -= 1 }
    }
}

@Suite("A query by a task")
struct QueryTests {
    private func store(_ folder: TemporaryFolder) throws -> GraphStore {
        let store = try GraphStore(creating: folder.file("people.kith"), options: .forTests)
        try store.write { graph in _ = try graph.add("alice", .follows, "bob") }
        return store
    }

    @Test("gets what the body answers, or throws what it throws")
    func answers() async throws {
        let folder = try TemporaryFolder()
        let store = try store(folder)
        #expect(try await store.query { try $0.degree(of: "alice", via: .follows) } == 1)
        #expect(try await store.query(at: 77) { $0.now } == 77)
        await #expect(throws: GraphStoreError.noSuchNode(.user, "eve")) {
            try await store.query { try $0.degree(of: "eve", via: .follows) }
        }
    }

    @Test("never runs beside more others than there are processors, and leaves the threads of tasks free")
    func width() async throws {
        let folder = try TemporaryFolder()
        let store = try store(folder)
        let running = Running()
        let mayEnd = DispatchSemaphore(value: 0)
        let processors = ProcessInfo.processInfo.activeProcessorCount
        let count = 4 * processors
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<count {
                group.addTask {
                    running.asked.add(1, ordering: .relaxed)
                    try await store.query { _ in
                        running.enter()
                        mayEnd.wait()
                        running.leave()
                    }
                }
            }
            // All have asked, and those whose turn it is wait for this task, which runs: they hold no thread of the tasks'.
            while running.asked.load(ordering: .relaxed) < count || running.now < processors { await Task.yield() }
            for _ in 0..<count {
                await Task.yield()
                mayEnd.signal()
            }
            try await group.waitForAll()
        }
        #expect(running.max == processors)
    }

    @Test("that is cancelled before its turn never runs")
    func cancelledBefore() async throws {
        let folder = try TemporaryFolder()
        let store = try store(folder)
        let runs = Mutex(0)
        let query = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            try await store.query { _ in runs.withLock { $0 += 1 } }
        }
        await #expect(throws: CancellationError.self) { try await query.value }
        #expect(runs.withLock { $0 } == 0)
    }

    @Test("that is cancelled while it runs ends what is long in it")
    func cancelledWithin() async throws {
        let folder = try TemporaryFolder()
        let store = try store(folder)
        let hasBegun = DispatchSemaphore(value: 0)
        let mayGoOn = DispatchSemaphore(value: 0)
        let query = Task {
            try await store.query { snapshot in
                hasBegun.signal()
                mayGoOn.wait()
                return try snapshot.top(by: Popularity(.followers), via: .follows).count
            }
        }
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                hasBegun.wait()
                continuation.resume()
            }
        }
        query.cancel()
        mayGoOn.signal()
        await #expect(throws: CancellationError.self) { try await query.value }
    }

    @Test("A submission that is cancelled before its turn changes nothing")
    func submission() async throws {
        let folder = try TemporaryFolder()
        let store = try store(folder)
        let submission = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            try await store.submit { graph in _ = try graph.add("alice", .follows, "carol") }
        }
        await #expect(throws: CancellationError.self) { try await submission.value }
        #expect(try store.read { try $0.contains("carol") } == false)
    }
}

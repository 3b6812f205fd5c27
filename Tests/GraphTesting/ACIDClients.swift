import Foundation
import Kith
import ProcessTesting
import Synchronization

/// Clients of one ACID test: some in this process, the others elsewhere.
public struct ACIDClients: Sendable {
    /// How a client writes.
    public enum Writing: String, CaseIterable, Sendable {
        /// A commit for each transaction.
        case one
        /// Transactions of several clients share a commit.
        case grouped
    }

    private let test: ACIDTest
    private let store: GraphStore
    /// How many transactions end, in all processes.
    private let total: Int

    /// - Parameter total: how many transactions all clients of all processes run.
    public init(_ test: ACIDTest, on store: GraphStore, total: Int) {
        (self.test, self.store, self.total) = (test, store, total)
    }

    /// Puts in what the test begins with; done once, before all clients.
    public func prepare() throws { try test.prepare(store) }

    /// Runs clients, each `count` transactions, and as many threads that look at the store until all transactions of all
    /// processes have ended.
    ///
    /// - Parameter onEnd: told of each transaction of these clients that has ended, durably.
    /// - Throws: the first ``Anomaly`` or other error.
    public func run(
        _ clients: Range<Int>, count: Int, writing: Writing, onEnd: @escaping @Sendable (NodeKey) -> Void = { _ in }
    ) async throws {
        let failure = FirstFailure()
        let looks = clients.map { _ in
            // A thread of its own: it waits for others, and there may be no more threads for tasks than clients.
            WaitedThread { failure.attempt { try look { failure.error != nil } } }
        }
        switch writing {
        case .one:
            let threads = clients.map { client in
                WaitedThread { failure.attempt { try write(client, count, onEnd) } }
            }
            for thread in threads { thread.join() }
        case .grouped:
            await withTaskGroup(of: Void.self) { group in
                for client in clients {
                    group.addTask {
                        do { try await submit(client, count, onEnd) } catch { failure.note(error) }
                    }
                }
            }
        }
        for look in looks { look.join() }
        if let error = failure.error { throw error }
    }

    /// Looks again and again, until all transactions have ended or one thread has failed.
    private func look(hasFailed: () -> Bool) throws {
        var ended = 0
        repeat {
            ended = try endedCount()
            try test.look(store) {
                try waitUntil("more than \(ended) of \(total) transactions have ended") {
                    let now = try endedCount()
                    return now > ended || now == total || hasFailed()
                }
            }
        } while ended < total && !hasFailed()
    }

    private func endedCount() throws -> Int {
        try store.read { try $0.degree(of: ACIDTest.log, via: .follows) }
    }

    private func name(_ client: Int, _ number: Int) throws -> NodeKey { try NodeKey("transaction\(client)-\(number)") }

    private func write(_ client: Int, _ count: Int, _ onEnd: (NodeKey) -> Void) throws {
        var random = SplitMix64(seed: UInt64(client))
        for number in 0..<count {
            let name = try name(client, number)
            do {
                try store.write { graph in try test.change(&graph, name, number, &random) }
            } catch is ACIDTest.GivesUp {
                try store.write { graph in try noteGivenUp(name, &graph) }
            }
            onEnd(name)
        }
    }

    private func submit(_ client: Int, _ count: Int, _ onEnd: (NodeKey) -> Void) async throws {
        for number in 0..<count {
            let name = try name(client, number)
            do {
                try await store.submit { graph in
                    var random = SplitMix64(seed: UInt64(client * count + number))
                    try test.change(&graph, name, number, &random)
                }
            } catch is ACIDTest.GivesUp {
                try await store.submit { graph in try noteGivenUp(name, &graph) }
            }
            onEnd(name)
        }
    }

    private func noteGivenUp(_ name: NodeKey, _ graph: inout GraphTransaction) throws {
        try graph.add(ACIDTest.log, .follows, name)
        try graph.add(ACIDTest.givenUp, .follows, name)
    }
}

/// The first error of several threads.
private final class FirstFailure: Sendable {
    private let first = Mutex<(any Error)?>(nil)

    var error: (any Error)? { first.withLock { $0 } }

    func note(_ error: any Error) {
        first.withLock { if $0 == nil { $0 = error } }
    }

    func attempt(_ body: () throws -> Void) {
        do { try body() } catch { note(error) }
    }
}

/// A thread that is waited for.
private final class WaitedThread: Sendable {
    private let hasEnded = DispatchSemaphore(value: 0)

    init(_ body: @escaping @Sendable () -> Void) {
        Thread.detachNewThread { [hasEnded] in
            body()
            hasEnded.signal()
        }
    }

    func join() { hasEnded.wait() }
}

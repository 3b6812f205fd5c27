import OperatingSystem

/// Threads that share one piece of work, and the order in which they hand in their parts.
///
/// A load must give the same bytes whatever the number of threads. So parts are numbered, any thread may work on any
/// part, and what has an order (rows, lists) is handed in through ``OrderedGate``.
enum WorkerThreads {
    /// Runs `body` on `count` threads at once and waits for all of them.
    ///
    /// - Throws: what the thread with the lowest number threw; the others are to notice by what they share.
    ///   ``GraphStoreError/noThread(reason:)`` when one could not be started; then none has run.
    static func run(_ count: Int, _ body: @escaping @Sendable (Int) throws -> Void) throws {
        if count == 1 { return try body(0) }
        if let error = try BackgroundThreads(count, body).join() { throw error }
    }
}

/// Threads that work while the one that started them does something else.
final class BackgroundThreads: Sendable {
    /// Whether threads that were started may begin: not before all of them were, since each may wait for the others.
    private enum Gate { case closed, open, givenUp }

    private let workers: [Worker]
    private let failures = Monitor<[Int: any Error]>([:])

    /// Starts `count` threads, each with its number.
    ///
    /// - Throws: ``GraphStoreError/noThread(reason:)`` when one of them could not be started; then none has run.
    init(_ count: Int, _ body: @escaping @Sendable (Int) throws -> Void) throws {
        let gate = Monitor(Gate.closed)
        var workers: [Worker] = []
        do throws(Worker.NotStarted) {
            for number in 0..<count {
                workers.append(
                    try Worker { [failures] in
                        guard gate.wait(until: { $0 != .closed }, { $0 == .open }) else { return }
                        do {
                            try body(number)
                        } catch {
                            failures.change { $0[number] = error }
                        }
                    })
            }
        } catch {
            gate.change { $0 = .givenUp }
            for worker in workers { worker.join() }
            throw GraphStoreError(error)
        }
        self.workers = workers
        gate.change { $0 = .open }
    }

    /// Waits until all have ended; answers the error of the one with the lowest number, if there is one.
    func join() -> (any Error)? {
        for worker in workers { worker.join() }
        return failures.change { failures in failures.min { $0.key < $1.key }?.value }
    }
}

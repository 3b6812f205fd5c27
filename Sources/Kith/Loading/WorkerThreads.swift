import Foundation
import Synchronization

/// Threads that share one piece of work, and the order in which they hand in their parts.
///
/// A load must give the same bytes whatever the number of threads. So parts are numbered, any thread may work on any
/// part, and what has an order (rows, lists) is handed in through ``Turns``.
enum WorkerThreads {
    /// Runs `body` on `count` threads at once and waits for all of them.
    ///
    /// - Throws: what the thread with the lowest number threw; the others are to notice by what they share.
    static func run(_ count: Int, _ body: @escaping @Sendable (Int) throws -> Void) throws {
        if count == 1 { return try body(0) }
        if let error = BackgroundThreads(count, body).join() { throw error }
    }
}

/// Threads that work while the one that started them does something else.
final class BackgroundThreads: Sendable {
    private let failures = Mutex<[Int: any Error]>([:])
    private let group = DispatchGroup()

    /// Starts `count` threads, each with its number.
    init(_ count: Int, _ body: @escaping @Sendable (Int) throws -> Void) {
        for number in 0..<count {
            group.enter()
            let thread = Thread { [self] in
                do {
                    try body(number)
                } catch {
                    failures.withLock { $0[number] = error }
                }
                group.leave()
            }
            thread.name = "kith.load.\(number)"
            thread.start()
        }
    }

    /// Waits until all have ended; answers the error of the one with the lowest number, if there is one.
    func join() -> (any Error)? {
        group.wait()
        return failures.withLock { failures in failures.min { $0.key < $1.key }?.value }
    }
}

/// Numbers to be taken by threads, each by one.
final class PartCounter: Sendable {
    private let next = Atomic(0)
    private let isStopped = Atomic(false)

    func take(below end: Int) -> Int? {
        guard !isStopped.load(ordering: .relaxed) else { return nil }
        let number = next.add(1, ordering: .relaxed).oldValue
        return number < end ? number : nil
    }

    /// Nothing more is to be taken.
    func stop() {
        isStopped.store(true, ordering: .relaxed)
    }
}

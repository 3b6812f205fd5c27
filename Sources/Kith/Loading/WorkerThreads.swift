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

/// Lets numbered parts pass one after the other: part 0, part 1, and so on.
///
/// The first error, in the order of parts, ends it: every later part gets ``Stopped``.
final class Turns: @unchecked Sendable {
    /// A part before this one failed; its error is the one that counts.
    struct Stopped: Error {}

    private let condition = NSCondition()
    private var next = 0
    private var isStopped = false

    /// Waits until all parts before `number` have passed, then runs `body`, alone.
    func pass<Result>(_ number: Int, _ body: () throws -> Result) throws -> Result {
        condition.lock()
        while next != number, !isStopped { condition.wait() }
        if isStopped {
            condition.unlock()
            throw Stopped()
        }
        condition.unlock()
        do {
            let result = try body()
            condition.lock()
            next += 1
            condition.broadcast()
            condition.unlock()
            return result
        } catch {
            stop()
            throw error
        }
    }

    /// Ends it: whoever waits, and whoever comes, gets ``Stopped``.
    func stop() {
        condition.lock()
        isStopped = true
        condition.broadcast()
        condition.unlock()
    }
}

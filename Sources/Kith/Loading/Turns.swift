import Foundation

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

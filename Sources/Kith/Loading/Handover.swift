import Foundation

/// What threads make in any order and one takes in order, with a bound on how much waits.
final class Handover<Element>: @unchecked Sendable {
    private let condition = NSCondition()
    private let aheadMax: Int
    private var waiting: [Int: Element] = [:]
    private var next = 0
    private var isStopped = false

    /// - Parameter aheadMax: how many may be made ahead of the one that is taken next.
    init(aheadMax: Int) {
        self.aheadMax = aheadMax
    }

    /// Waits until `number` may be made; false when nothing more is wanted.
    func mayMake(_ number: Int) -> Bool {
        condition.lock()
        defer { condition.unlock() }
        while number - next >= aheadMax, !isStopped { condition.wait() }
        return !isStopped
    }

    /// Hands in what was made.
    func put(_ element: Element, _ number: Int) {
        condition.lock()
        waiting[number] = element
        condition.broadcast()
        condition.unlock()
    }

    /// Waits for the next in order; nil when it was stopped.
    func take() -> Element? {
        condition.lock()
        defer { condition.unlock() }
        while waiting[next] == nil, !isStopped { condition.wait() }
        guard !isStopped, let element = waiting.removeValue(forKey: next) else { return nil }
        next += 1
        condition.broadcast()
        return element
    }

    /// Ends it, for all who wait and all who come.
    func stop() {
        condition.lock()
        isStopped = true
        condition.broadcast()
        condition.unlock()
    }
}

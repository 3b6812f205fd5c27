import OperatingSystem

/// What threads make in any order and one takes in order, with a bound on how much waits.
///
/// **Unsafety:** `@unchecked`; an element is one thread's, then the monitor's, then another thread's.
final class ReorderBuffer<Element>: @unchecked Sendable {
    private struct State {
        var waiting: [Int: Element] = [:]
        var next = 0
        var isStopped = false
    }

    private let aheadMax: Int
    private let monitor = Monitor(State())

    /// - Parameter aheadMax: how many may be made ahead of the one that is taken next.
    init(aheadMax: Int) {
        self.aheadMax = aheadMax
    }

    /// Waits until `number` may be made; false when nothing more is wanted.
    func mayMake(_ number: Int) -> Bool {
        monitor.wait(until: { number - $0.next < aheadMax || $0.isStopped }) { !$0.isStopped }
    }

    /// Hands in what was made.
    func put(_ element: Element, _ number: Int) {
        monitor.change { $0.waiting[number] = element }
    }

    /// Waits for the next in order; nil when it was stopped.
    func take() -> Element? {
        monitor.wait(until: { $0.waiting[$0.next] != nil || $0.isStopped }) { state in
            guard !state.isStopped, let element = state.waiting.removeValue(forKey: state.next) else { return nil }
            state.next += 1
            return element
        }
    }

    /// Ends it, for all who wait and all who come.
    func stop() {
        monitor.change { $0.isStopped = true }
    }
}

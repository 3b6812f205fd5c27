import OperatingSystem

/// Lets numbered parts pass one after the other: part 0, part 1, and so on.
///
/// The first error, in the order of parts, ends it: every later part gets ``Stopped``.
final class OrderedGate: Sendable {
    /// A part before this one failed; its error is the one that counts.
    struct Stopped: Error {}

    private struct State {
        var next = 0
        var isStopped = false
    }

    private let monitor = Monitor(State())

    /// Waits until all parts before `number` have passed, then runs `body`, alone.
    func pass<Result>(_ number: Int, _ body: () throws -> Result) throws -> Result {
        try monitor.wait(until: { $0.next == number || $0.isStopped }) { state in
            if state.isStopped { throw Stopped() }
        }
        do {
            let result = try body()
            monitor.change { $0.next += 1 }
            return result
        } catch {
            stop()
            throw error
        }
    }

    /// Ends it: whoever waits, and whoever comes, gets ``Stopped``.
    func stop() {
        monitor.change { $0.isStopped = true }
    }
}

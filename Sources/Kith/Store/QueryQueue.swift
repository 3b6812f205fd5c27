import DequeModule
import Dispatch
import Synchronization

/// Where the reads of tasks run: on threads of their own, as many at once as there are processors.
///
/// A read keeps its thread busy, from microseconds to seconds, and may wait for the disk. The threads that run Swift's
/// tasks are few and must not wait; so a read leaves them. Reads beyond the number that run at once queue up, first come
/// first served: more would only share the same processors and each have memory of its own.
final class QueryQueue: Sendable {
    private struct State {
        var waiting: Deque<@Sendable () -> Void> = []
        var running = 0
    }

    private let state = Mutex(State())
    private let widthMax: Int
    private let threads = DispatchQueue(label: "kith.queries", attributes: .concurrent)

    init(widthMax: Int) {
        self.widthMax = widthMax
    }

    /// Runs `work` when its turn comes.
    func submit(_ work: @escaping @Sendable () -> Void) {
        let mustStart = state.withLock { state in
            state.waiting.append(work)
            guard state.running < widthMax else { return false }
            state.running += 1
            return true
        }
        guard mustStart else { return }
        threads.async {
            while let work = self.next() { work() }
        }
    }

    private func next() -> (@Sendable () -> Void)? {
        state.withLock { state in
            if let first = state.waiting.popFirst() { return first }
            state.running -= 1
            return nil
        }
    }
}

import Synchronization

/// A task that waits until a thread of the store's has done its work: it is answered once, by whoever comes first.
///
/// ```
/// notYet ── wait ──> waiting ── begin ──> begun ── answer ──> over
///    └─── giveUp ───────┴──── giveUp: answered at once, and the work is never begun
/// ```
/// Work that has begun is not given up on from here: a change is made, and a read gives up where it asks whether to.
final class WaitingTask<Value: Sendable>: Sendable {
    private enum State {
        case notYet
        case waiting(CheckedContinuation<Value, any Error>)
        case begun(CheckedContinuation<Value, any Error>)
        case over((any Error)?)
    }

    private let state = Mutex(State.notYet)

    /// Waits for an answer, unless the work was given up before; false then.
    func wait(_ continuation: CheckedContinuation<Value, any Error>) -> Bool {
        let refusal: (any Error)? = state.withLock { state in
            if case .over(let error) = state { return error }
            state = .waiting(continuation)
            return nil
        }
        if let refusal { continuation.resume(throwing: refusal) }
        return refusal == nil
    }

    /// Says that the work begins; false when nobody waits for it any more.
    func begin() -> Bool {
        state.withLock { state in
            guard case .waiting(let continuation) = state else { return false }
            state = .begun(continuation)
            return true
        }
    }

    /// Answers the task with an error, unless its work has begun; any thread.
    func giveUp(_ error: any Error) {
        let continuation: CheckedContinuation<Value, any Error>? = state.withLock { state in
            switch state {
            case .notYet:
                state = .over(error)
                return nil
            case .waiting(let continuation):
                state = .over(nil)
                return continuation
            case .begun, .over: return nil
            }
        }
        continuation?.resume(throwing: error)
    }

    /// Answers the task, which may have been given up on.
    func answer(_ result: Result<Value, any Error>) {
        let continuation: CheckedContinuation<Value, any Error>? = state.withLock { state in
            defer { state = .over(nil) }
            switch state {
            case .waiting(let continuation), .begun(let continuation): return continuation
            case .notYet, .over: return nil
            }
        }
        continuation?.resume(with: result)
    }
}

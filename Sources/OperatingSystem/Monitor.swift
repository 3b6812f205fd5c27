import Glibc

/// State that threads share, and wait on each other by: a lock and a condition (Hoare, *Monitors: an operating system
/// structuring concept*, 1974).
///
/// Whoever is in ``change(_:)`` or behind ``wait(until:_:)`` has the state alone; whoever waits looks again after each.
///
/// **Unsafety:** `@unchecked`; the state is touched under the lock alone, and the system's lock and condition stay where
/// they were allocated.
@safe package final class Monitor<State>: @unchecked Sendable {
    private var held: Held
    private let lock: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>

    /// The state, with an address of its own: ThreadSanitizer takes one that has no size for the head of this object, which
    /// everybody reads.
    private struct Held {
        var state: State
        var byte: UInt8 = 0
    }

    package init(_ state: State) {
        held = Held(state: state)
        unsafe lock = .allocate(capacity: 1)
        unsafe condition = .allocate(capacity: 1)
        unsafe pthread_mutex_init(lock, nil)
        var attributes = pthread_condattr_t()
        unsafe pthread_condattr_init(&attributes)
        // The other clock may be set while somebody waits.
        unsafe pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        unsafe pthread_cond_init(condition, &attributes)
        unsafe pthread_condattr_destroy(&attributes)
    }

    deinit {
        unsafe pthread_cond_destroy(condition)
        unsafe pthread_mutex_destroy(lock)
        unsafe condition.deallocate()
        unsafe lock.deallocate()
    }

    /// Runs `body` on the state.
    @discardableResult
    package func change<Result>(_ body: (inout State) throws -> Result) rethrows -> Result {
        unsafe pthread_mutex_lock(lock)
        defer { leave() }
        return try body(&held.state)
    }

    /// Waits until `isReady`, then runs `body` on the state, with nobody between.
    @discardableResult
    package func wait<Result>(
        until isReady: (State) -> Bool, _ body: (inout State) throws -> Result
    ) rethrows -> Result {
        unsafe pthread_mutex_lock(lock)
        defer { leave() }
        while !isReady(held.state) { unsafe pthread_cond_wait(condition, lock) }
        return try body(&held.state)
    }

    /// The same, but waits for so many seconds at most; `body` is told whether it `isReady`.
    @discardableResult
    package func wait<Result>(
        seconds: Double, until isReady: (State) -> Bool, _ body: (inout State, _ isReady: Bool) throws -> Result
    ) rethrows -> Result {
        var end = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &end)
        let nanoseconds = end.tv_nsec + Int(seconds * 1e9)
        end.tv_sec += nanoseconds / 1_000_000_000
        end.tv_nsec = nanoseconds % 1_000_000_000
        unsafe pthread_mutex_lock(lock)
        defer { leave() }
        while !isReady(held.state) {
            if unsafe pthread_cond_timedwait(condition, lock, &end) == ETIMEDOUT { break }
        }
        return try body(&held.state, isReady(held.state))
    }

    private func leave() {
        unsafe pthread_cond_broadcast(condition)
        unsafe pthread_mutex_unlock(lock)
    }
}

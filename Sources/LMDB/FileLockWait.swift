import Glibc

/// Waiting for a lock of a file until some time: fcntl(2) and flock(2) know at once and without end, and nothing between.
enum FileLockWait {
    /// How long a thread sleeps between two attempts at first, and at most.
    private static let (sleepMicrosecondsMin, sleepMicrosecondsMax): (UInt32, UInt32) = (50, 5_000)

    /// Calls `take` until it answers true; answers false when it has not until `end`. Once it is called at least.
    static func poll(
        until end: ContinuousClock.Instant, _ take: () throws(LMDBError) -> Bool
    ) throws(LMDBError) -> Bool {
        var microseconds = sleepMicrosecondsMin
        while try !take() {
            let left = end - ContinuousClock.now
            guard left > .zero else { return false }
            usleep(left < .microseconds(Int64(microseconds)) ? UInt32(left / .microseconds(1)) + 1 : microseconds)
            microseconds = min(2 * microseconds, sleepMicrosecondsMax)
        }
        return true
    }
}

#if KITH_SANITIZE_THREAD
    /// What `Mutex` is while ThreadSanitizer looks on: the same lock by the system's, which it can follow.
    ///
    /// A `Mutex` that a thread must wait for is taken inside of the library Synchronization, where the sanitizer does not
    /// look: every change under it is then reported as a race. Each module that uses one says that this takes its place.
    package final class FollowedMutex<Value>: @unchecked Sendable {
        private let monitor: Monitor<Value>

        package init(_ value: sending Value) { monitor = Monitor(value) }

        package func withLock<Result: ~Copyable, Failure>(
            _ body: (inout Value) throws(Failure) -> Result
        ) throws(Failure) -> Result {
            var result: Swift.Result<Result, Failure>?
            monitor.change { value in
                do throws(Failure) {
                    result = .success(try body(&value))
                } catch {
                    result = .failure(error)
                }
            }
            return try result.take()!.get()
        }
    }

    typealias Mutex = FollowedMutex
#endif

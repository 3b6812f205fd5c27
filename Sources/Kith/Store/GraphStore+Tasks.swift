import Dispatch
import OperatingSystem

/// What tasks call: the same reads and writes, off the threads that run tasks.
extension GraphStore {
    /// Runs `body` on one state of the graph, for a task: ``read(at:isCancelled:_:)`` on a thread of the store's own.
    ///
    /// ```swift
    /// let suggestions = try await store.query { snapshot in
    ///     try snapshot.recommend(for: "alice", by: FriendsOfFriends(via: .follows))
    /// }
    /// ```
    /// The body is synchronous and runs from its beginning to its end on one thread; as many run at once as there are
    /// processors, and others wait their turn. When the task is cancelled before its turn has come this throws at once and
    /// the body never runs; when it is cancelled later, what is long in the body gives up.
    /// - Parameter moment: when weights that fade are read at; now unless given.
    /// - Throws: `CancellationError`, ``GraphStoreError/noThread(reason:)``, and what `body` throws.
    public func query<Result: Sendable>(
        at moment: Timestamp? = nil, _ body: @escaping @Sendable (borrowing Snapshot) throws -> Result
    ) async throws -> Result {
        let task = WaitingTask<Result>()
        let flag = CancelFlag()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                guard task.wait(continuation) else { return }
                queries.submit { refusal in
                    guard task.begin() else { return }
                    task.answer(
                        Swift.Result {
                            if let refusal { throw GraphStoreError(refusal) }
                            return try self.read(at: moment, isCancelled: { flag.isSet }, body)
                        })
                }
            }
        } onCancel: {
            flag.set()
            task.giveUp(CancellationError())
        }
    }

    /// Runs `body` as one change to the graph, committed together with those of other tasks.
    ///
    /// Returns when the change is durable. While one commit is on its way to the disk the bodies that arrive are gathered
    /// for the next, so throughput grows with the number of tasks that wait. A body that throws takes back its own
    /// changes only, and its caller gets the error. Bodies run one after the other, in order of arrival, on the store's
    /// writer thread. When the task is cancelled before its body's turn has come, or has waited for
    /// ``Options/busyTimeout``, this throws at once, whoever writes meanwhile, and the body never runs; a change that has
    /// begun is made.
    /// - Throws: `CancellationError`, ``GraphStoreError/busy(path:reason:)``, what `body` throws,
    ///   ``GraphStoreError/noThread(reason:)``, ``GraphStoreError`` when
    ///   the commit fails.
    @discardableResult
    public func submit<Result: Sendable>(
        _ body: @escaping @Sendable (inout GraphTransaction) throws -> Result
    ) async throws -> Result {
        let task = WaitingTask<Result>()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                guard task.wait(continuation) else { return }
                let kept = Kept<Result>()
                let begin = metrics.now
                let submission = GroupCommit.Submission {
                    task.begin()
                } run: { graph in
                    kept.result = try body(&graph)
                } finish: { error in
                    self.metrics.submitDuration.record(since: begin)
                    if let error {
                        task.answer(.failure(error))
                    } else if let result = kept.result {
                        task.answer(.success(result))
                    }
                }
                groupCommit.submit(submission) { try self.write($0) }
                giveUp(task)
            }
        } onCancel: {
            task.giveUp(CancellationError())
        }
    }

    /// Has a task wait no longer than for ``Options/busyTimeout``.
    private func giveUp<Value>(_ task: WaitingTask<Value>) {
        guard let busyTimeout = options.busyTimeout else { return }
        let seconds = min(max(0, busyTimeout / .seconds(1)), 1e9)
        DispatchQueue.global().asyncAfter(deadline: .now() + seconds) { [path, environment] in
            task.giveUp(StoreFile.translate(.writerBusy(environment.writingProcess), at: path))
        }
    }

    /// Where a body's result waits for the commit; the writer thread alone touches it.
    private final class Kept<Result>: @unchecked Sendable {
        var result: Result?
    }
}

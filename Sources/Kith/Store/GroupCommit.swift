import OperatingSystem
import Synchronization

/// Many small writes, one sync: bodies that arrive while a commit is under way are run together in the next one.
///
/// A commit costs two trips to the disk whatever it holds. So submitted bodies queue up; one writer takes all that are
/// waiting, runs each in a nested transaction of one outer transaction, commits once, and only then answers each caller
/// with its own body's result or error. A body that throws takes back its own changes and nobody else's; a commit that
/// fails is everybody's error.
///
/// LMDB wants a transaction to begin and end on one thread: a job of a pool stays on its worker.
final class GroupCommit: Sendable {
    /// One submitted body and its caller.
    struct Submission: Sendable {
        /// Says that the body's turn has come; false when its caller has been answered and it is not to run.
        let begin: @Sendable () -> Bool
        /// Runs the body and keeps its result for ``finish``.
        let run: @Sendable (inout GraphTransaction) throws -> Void
        /// Answers the caller, unless that was done: with the kept result when there is no error. Called once.
        let finish: @Sendable ((any Error)?) -> Void
    }

    private struct Waiting {
        var submissions: [Submission] = []
        var isWriterScheduled = false
    }

    /// The most bodies one commit takes: bounds how long the first of them waits and how many pages a commit dirties.
    static let submissionsPerCommitMax = 4_096

    private let waiting = Mutex(Waiting())
    private let writer = WorkerPool(workersMax: 1)
    private let metrics: StoreMetrics

    init(_ metrics: StoreMetrics) {
        self.metrics = metrics
    }

    /// Queues a body; `write` is how the store runs one transaction.
    func submit(
        _ submission: Submission,
        write: @escaping @Sendable ((inout GraphTransaction) throws -> Void) throws -> Void
    ) {
        let mustSchedule = waiting.withLock { waiting in
            waiting.submissions.append(submission)
            defer { waiting.isWriterScheduled = true }
            return !waiting.isWriterScheduled
        }
        if mustSchedule {
            writer.submit { refusal in
                if let refusal { self.refuseAll(GraphStoreError(refusal)) } else { self.drain(write) }
            }
        }
    }

    /// Answers all who wait that there is no writer.
    private func refuseAll(_ error: GraphStoreError) {
        let refused = waiting.withLock { waiting in
            defer { waiting = Waiting() }
            return waiting.submissions
        }
        for submission in refused { submission.finish(error) }
    }

    private func drain(_ write: ((inout GraphTransaction) throws -> Void) throws -> Void) {
        while let batch = nextBatch() {
            commit(batch, write)
        }
    }

    private func nextBatch() -> [Submission]? {
        waiting.withLock { waiting in
            guard !waiting.submissions.isEmpty else {
                waiting.isWriterScheduled = false
                return nil
            }
            if metrics.isRecording {
                metrics.submitWaiting.record(waiting.submissions.count)
                metrics.submitBatch.record(min(waiting.submissions.count, GroupCommit.submissionsPerCommitMax))
            }
            let batch = Array(waiting.submissions.prefix(GroupCommit.submissionsPerCommitMax))
            waiting.submissions.removeFirst(batch.count)
            return batch
        }
    }

    private func commit(_ batch: [Submission], _ write: ((inout GraphTransaction) throws -> Void) throws -> Void) {
        var failures: [(any Error)?] = Array(repeating: nil, count: batch.count)
        do {
            if batch.count == 1 {
                try write { graph in if batch[0].begin() { try batch[0].run(&graph) } }
            } else {
                try write { graph in
                    for (index, submission) in batch.enumerated() where submission.begin() {
                        do {
                            try graph.nested { inner in try submission.run(&inner) }
                        } catch {
                            failures[index] = error
                        }
                    }
                }
            }
        } catch {
            failures = failures.map { $0 ?? error }
        }
        for (submission, failure) in zip(batch, failures) {
            submission.finish(failure)
        }
    }
}

import OperatingSystem
import Synchronization

/// A load that goes on while its starter does something else.
///
/// ```swift
/// let job = BulkLoader().start([.init(type: .follows, path: "follows.tsv")], into: "people.kith")
/// for await progress in job.progress { print(progress.phase, progress.rows) }
/// let report = try await job.report
/// ```
public struct LoadJob: Sendable {
    /// How far the load is, now and then; ends when the load does. Who is slow to look sees the latest only.
    public let progress: AsyncStream<LoadProgress>
    let isCancelled: CancelFlag
    private let outcome = Outcome()

    fileprivate init(
        _ loader: BulkLoader, _ load: @escaping @Sendable (BulkLoader) throws -> BulkLoader.Report
    ) {
        let flag = CancelFlag()
        let (stream, continuation) = AsyncStream.makeStream(of: LoadProgress.self, bufferingPolicy: .bufferingNewest(1))
        var told = loader
        told.onProgress = { progress in
            loader.onProgress(progress)
            continuation.yield(progress)
        }
        told.isCancelled = { flag.isSet || loader.isCancelled() }
        let job = told
        progress = stream
        isCancelled = flag
        // Its own thread: a load keeps one busy for long. Tasks may not have one to begin on.
        do throws(Worker.NotStarted) {
            _ = try Worker { [outcome] in
                outcome.set(Result { try load(job) })
                continuation.finish()
            }
        } catch {
            outcome.set(.failure(GraphStoreError(error)))
            continuation.finish()
        }
    }

    /// What the load did, when it is done.
    ///
    /// A task that is cancelled while it waits here cancels the load.
    /// - Throws: `CancellationError`, and all that ``BulkLoader/load(_:nodes:into:)`` throws.
    public var report: BulkLoader.Report {
        get async throws {
            try await withTaskCancellationHandler {
                try await outcome.value
            } onCancel: {
                cancel()
            }
        }
    }

    /// Ends the load soon; the store stays as it was, unless it is done already.
    public func cancel() {
        isCancelled.set()
    }

    /// What comes of the load, for all who wait for it.
    private final class Outcome: Sendable {
        private enum State {
            case open(waiting: [CheckedContinuation<BulkLoader.Report, any Error>])
            case ended(Result<BulkLoader.Report, any Error>)
        }

        private let state = Mutex(State.open(waiting: []))

        /// Once.
        func set(_ result: Result<BulkLoader.Report, any Error>) {
            let before = state.withLock { state in
                defer { state = .ended(result) }
                return state
            }
            guard case .open(let waiting) = before else { return }
            for continuation in waiting { continuation.resume(with: result) }
        }

        var value: BulkLoader.Report {
            get async throws {
                try await withCheckedThrowingContinuation { continuation in
                    let ended: Result<BulkLoader.Report, any Error>? = state.withLock { state in
                        switch state {
                        case .open(let waiting):
                            state = .open(waiting: waiting + [continuation])
                            return nil
                        case .ended(let result): return result
                        }
                    }
                    if let ended { continuation.resume(with: ended) }
                }
            }
        }
    }
}

extension BulkLoader {
    /// Starts ``load(_:nodes:into:)`` and returns at once.
    public func start(_ files: [EdgeFile], nodes: [NodeFile] = [], into path: String) -> LoadJob {
        LoadJob(self) { try $0.load(files, nodes: nodes, into: path) }
    }
}

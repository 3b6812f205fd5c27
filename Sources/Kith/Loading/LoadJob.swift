import OperatingSystem

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
    private let task: Task<BulkLoader.Report, any Error>

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
        task = Task.detached {
            defer { continuation.finish() }
            // Its own thread: a load keeps one busy for long.
            return try await withCheckedThrowingContinuation { waiting in
                do throws(Worker.NotStarted) {
                    _ = try Worker { waiting.resume(with: Result { try load(job) }) }
                } catch {
                    waiting.resume(throwing: GraphStoreError(error))
                }
            }
        }
    }

    /// What the load did, when it is done.
    ///
    /// A task that is cancelled while it waits here cancels the load.
    /// - Throws: `CancellationError`, and all that ``BulkLoader/load(_:nodes:into:)`` throws.
    public var report: BulkLoader.Report {
        get async throws {
            try await withTaskCancellationHandler {
                try await task.value
            } onCancel: {
                cancel()
            }
        }
    }

    /// Ends the load soon; the store stays as it was, unless it is done already.
    public func cancel() {
        isCancelled.set()
    }
}

extension BulkLoader {
    /// Starts ``load(_:nodes:into:)`` and returns at once.
    public func start(_ files: [EdgeFile], nodes: [NodeFile] = [], into path: String) -> LoadJob {
        LoadJob(self) { try $0.load(files, nodes: nodes, into: path) }
    }
}

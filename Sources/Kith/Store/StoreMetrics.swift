import CoreMetrics
import FoundationEssentials
import Logging
import Synchronization

/// What a store measures of itself, by swift-metrics: per commit, per submission and per snapshot, never per edge.
///
/// The handles and their labels are made once for each store; to record is a call of the backend's. Where no backend is
/// installed nothing is measured: not even the clock is read. The article Operations has the table of all names.
final class StoreMetrics: Sendable {
    /// Whether anybody wants to know.
    let isRecording: Bool
    let factory: any MetricsFactory
    /// Which store it is: the name of its file.
    let dimensions: [(String, String)]

    let snapshotDuration: Timer
    let writeDuration: Timer
    let commitDuration: Timer
    let commits: Counter
    let commitBytes: Counter
    let submitDuration: Timer
    let submitWaiting: Recorder
    let submitBatch: Recorder
    let readerAge: Gauge
    let readerCommitsBehind: Gauge
    let fileBytes: Gauge
    let freeBytes: Gauge
    private let lastGauging = Mutex<ContinuousClock.Instant?>(nil)

    /// Gauges are read at most so often, because counting free pages takes a walk over the list of them.
    private static let gaugingSeconds = 5.0

    init(path: String, factory given: (any MetricsFactory)?) {
        let factory = given ?? MetricsSystem.factory
        let dimensions = [("store", URL(fileURLWithPath: path).lastPathComponent)]
        self.factory = factory
        self.dimensions = dimensions
        isRecording = !(factory is NOOPMetricsHandler)
        snapshotDuration = Timer(label: "kith.snapshot.duration", dimensions: dimensions, factory: factory)
        writeDuration = Timer(label: "kith.write.duration", dimensions: dimensions, factory: factory)
        commitDuration = Timer(label: "kith.commit.duration", dimensions: dimensions, factory: factory)
        commits = Counter(label: "kith.commits", dimensions: dimensions, factory: factory)
        commitBytes = Counter(label: "kith.commit.bytes", dimensions: dimensions, factory: factory)
        submitDuration = Timer(label: "kith.submit.duration", dimensions: dimensions, factory: factory)
        submitWaiting = Recorder(label: "kith.submit.waiting", dimensions: dimensions, factory: factory)
        submitBatch = Recorder(label: "kith.submit.batch", dimensions: dimensions, factory: factory)
        readerAge = Gauge(label: "kith.reader.age", dimensions: dimensions, factory: factory)
        readerCommitsBehind = Gauge(label: "kith.reader.commits_behind", dimensions: dimensions, factory: factory)
        fileBytes = Gauge(label: "kith.file.bytes", dimensions: dimensions, factory: factory)
        freeBytes = Gauge(label: "kith.file.free_bytes", dimensions: dimensions, factory: factory)
    }

    /// When something begins, if anybody wants to know how long it takes.
    var now: ContinuousClock.Instant? { isRecording ? .now : nil }

    /// Notes a commit: when its write began, when the commit itself did, and what was put.
    func noteCommit(_ begin: ContinuousClock.Instant?, _ commitBegin: ContinuousClock.Instant?, bytes: Int) {
        guard isRecording else { return }
        writeDuration.record(since: begin)
        commitDuration.record(since: commitBegin)
        commits.increment()
        commitBytes.increment(by: bytes)
    }

    /// Whether the gauges have not been read for a while; says so to one of those who ask at once.
    func mustGauge() -> Bool {
        guard isRecording else { return false }
        return lastGauging.withLock { last in
            let now = ContinuousClock.now
            if let last, now - last < .seconds(StoreMetrics.gaugingSeconds) { return false }
            last = now
            return true
        }
    }
}

extension Timer {
    /// Records how long ago something began; nothing where nobody asked when.
    func record(since begin: ContinuousClock.Instant?) {
        guard let begin else { return }
        let elapsed = begin.duration(to: .now).components
        recordNanoseconds(elapsed.seconds * 1_000_000_000 + elapsed.attoseconds / 1_000_000_000)
    }
}

extension GraphStore {
    /// Reads the gauges of the store: the size of the file, what is free in it, and how old the oldest reader is.
    ///
    /// A store does so itself after a commit, at most every five seconds; a process that only reads may call this from
    /// time to time. Does nothing where no metrics are recorded.
    /// - Complexity: O(kinds + types), and a walk over the list of free pages.
    /// - Throws: ``GraphStoreError``.
    public func recordGauges() throws {
        guard metrics.isRecording else { return }
        let age = file.environment.oldestReadSeconds
        let state = try statistics()
        metrics.readerAge.record(age)
        metrics.readerCommitsBehind.record(state.oldestReaderCommitsBehind ?? 0)
        metrics.fileBytes.record(state.bytes)
        metrics.freeBytes.record(state.freeBytes)
    }

    /// Reads the gauges when they are due. The commit has been made, whatever becomes of this.
    func recordDueGauges() {
        guard metrics.mustGauge() else { return }
        do {
            try recordGauges()
        } catch {
            logger.warning("the gauges of a store cannot be read", metadata: ["error": "\(error)"])
        }
    }
}

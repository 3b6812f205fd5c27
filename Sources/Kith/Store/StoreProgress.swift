/// How far a check, a backup or a compaction is.
public struct StoreProgress: Sendable, Hashable {
    /// What they do; a backup one after the other.
    public enum Phase: String, Sendable, Hashable, CaseIterable {
        /// Pages are copied into a new file, and brought to the disk.
        case copying
        /// Pages are proved to be as LMDB writes them.
        case proving
        /// Keys and lists are walked.
        case checking
        /// Bytes that are not in use are overwritten, and the file is searched.
        case erasing
    }

    /// What it does now.
    public internal(set) var phase: Phase
    /// How much of the phase is done, from 0 to 1.
    public internal(set) var fraction: Double
    /// How many bytes of the copy were written; 0 for a check alone.
    public internal(set) var bytes: Int
    /// Since it began.
    public internal(set) var seconds: Double
}

/// When a listener is told of something long: of what it must know at once, of the rest no more often than can be read.
struct ProgressPace: Sendable {
    private let begun = ContinuousClock.now
    private var last = ContinuousClock.now
    /// The shortest time between two reports that are not due at once; another in tests.
    @TaskLocal static var interval = Duration.milliseconds(100)
    private let interval = ProgressPace.interval

    /// How many seconds have passed since the beginning; nil when it is too early to tell again.
    mutating func due(atOnce: Bool) -> Double? {
        let now = ContinuousClock.now
        guard atOnce || now - last >= interval else { return nil }
        last = now
        return (now - begun) / .seconds(1)
    }
}

/// Tells a listener how far a check, a backup or a compaction is: a phase's beginning and its end, and now and then between.
/// Used by one thread.
final class StoreProgressTeller {
    private var progress = StoreProgress(phase: .copying, fraction: 0, bytes: 0, seconds: 0)
    private var pace = ProgressPace()
    private let onProgress: @Sendable (StoreProgress) -> Void

    init(_ onProgress: @escaping @Sendable (StoreProgress) -> Void) {
        self.onProgress = onProgress
    }

    func begin(_ phase: StoreProgress.Phase) {
        progress.phase = phase
        tell(0, atOnce: true)
    }

    /// `total` is what was expected, and may turn out to be less than there is.
    func pass(_ done: Double, of total: Double) {
        tell(total > 0 ? min(1, done / total) : 1, atOnce: false)
    }

    func passCopied(_ bytes: Int, of total: Int) {
        progress.bytes = bytes
        pass(Double(bytes), of: Double(total))
    }

    func end() {
        tell(1, atOnce: true)
    }

    private func tell(_ fraction: Double, atOnce: Bool) {
        guard let seconds = pace.due(atOnce: atOnce) else { return }
        (progress.fraction, progress.seconds) = (fraction, seconds)
        onProgress(progress)
    }
}

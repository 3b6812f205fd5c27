import CoreMetrics
import Synchronization

/// How much a request did: the sum of what its walks say of themselves when they end.
struct RequestWork {
    /// Edges that were visited, of the last hop of each walk; not those of lists in which only a few nodes were looked for.
    var edges = 0
    /// Nodes that came into the lists of its recommenders, before these are blended.
    var candidates = 0
}

/// What a store measures of the requests for recommendations it answers, method by method.
///
/// Handles are made when a method is first prepared. A request that was prepared has them, and records by two clock
/// readings and three calls; nothing at all where no metrics backend is installed.
final class RequestMetrics: Sendable {
    /// The handles of one method.
    struct Handles: Sendable {
        let duration: Timer
        let edges: Counter
        let candidates: Counter

        func note(_ work: RequestWork, since begin: ContinuousClock.Instant) {
            duration.record(since: begin)
            edges.increment(by: work.edges)
            candidates.increment(by: work.candidates)
        }
    }

    private let store: StoreMetrics
    private let handles = Mutex<[String: Handles]>([:])

    init(_ store: StoreMetrics) {
        self.store = store
    }

    /// Those of a request by these recommenders: of the one method, or of `blend`; nil where nobody wants to know.
    func handles(for recommenders: [PreparedRecommender]) -> Handles? {
        guard store.isRecording else { return nil }
        let name = recommenders.count == 1 ? recommenders[0].by.rawValue : "blend"
        return handles.withLock { handles in
            if let known = handles[name] { return known }
            let dimensions = store.dimensions + [("method", name)]
            let made = Handles(
                duration: Timer(label: "kith.request.duration", dimensions: dimensions, factory: store.factory),
                edges: Counter(label: "kith.request.edges", dimensions: dimensions, factory: store.factory),
                candidates: Counter(label: "kith.request.candidates", dimensions: dimensions, factory: store.factory))
            handles[name] = made
            return made
        }
    }
}

import Synchronization

/// Requests that were prepared, for who asks the same again.
///
/// A preparation follows from the request, the state of the graph and the second in which it is read, so it is good for all
/// who ask within that second until somebody writes. Preparing is a quarter of a short request. A PageRank is not kept: it
/// carries along whom to ask whether to give up, and takes too long for a preparation to matter.
final class PreparedRequestCache: Sendable {
    /// `@unchecked` because filters and walks may hold closures; those with one are never kept.
    private struct Entry: @unchecked Sendable {
        let commit: UInt64
        let moment: Timestamp
        let prepared: PreparedRequest
    }

    private let entries = Mutex<[Entry]>([])

    /// A service asks few sorts of requests; more are prepared each time.
    private static let countMax = 8

    /// The preparation of `request` in that state at that moment, by `make` where it is not known.
    func prepared(
        _ request: RecommendationRequest, commit: UInt64, moment: Timestamp, make: () throws -> PreparedRequest
    ) rethrows -> PreparedRequest {
        let known = entries.withLock { entries in
            entries.first { $0.commit == commit && $0.moment == moment && $0.prepared.request == request }
        }
        if let known { return known.prepared }
        let prepared = try make()
        guard prepared.outlivesSnapshot else { return prepared }
        let fresh = Entry(commit: commit, moment: moment, prepared: prepared)
        entries.withLock { entries in
            entries.removeAll { $0.commit != commit || $0.moment != moment }
            if entries.count >= PreparedRequestCache.countMax { entries.removeFirst() }
            entries.append(fresh)
        }
        return prepared
    }
}

extension PreparedRequest {
    /// Whether all its sources may serve other reads of the same commit and moment.
    fileprivate var outlivesSnapshot: Bool {
        fallback.allSatisfy(\.outlivesSnapshot) && recommenders.allSatisfy(\.source.outlivesSnapshot)
    }
}

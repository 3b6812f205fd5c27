import Foundation
import Synchronization

/// How much attention a node gets: a ranking of all, and of those whom a user does not know yet.
public struct Popularity: Hashable, Sendable, Codable {
    /// What is measured.
    public enum Measure: String, Hashable, Sendable, Codable, CaseIterable {
        /// How many edges point at it.
        case followers
        /// The same, each edge counting 2^(-age / half-life). Edges whose time is not known count nothing.
        case recent
        /// The weights of the edges that point at it, as they are now.
        case interactions
        /// PageRank from everywhere, restart 0.15, to an L1 error of 1e-6.
        case pageRank = "pagerank"
        /// The mean of the four, each divided by its maximum.
        case composite
    }

    /// What is measured.
    public var measure: Measure
    /// The half-life of ``Measure/recent``, and of its part in ``Measure/composite``; other measures refuse another than
    /// ``usualHalfLifeSeconds``.
    public var halfLifeSeconds: Double
    /// For how many seconds a ranking may be used after it was made, when the graph was written to meanwhile. Making one scans
    /// the edges, so a service that writes all the time gives some seconds. With 0 every answer is exact.
    public var stalenessSeconds: Double

    enum CodingKeys: String, CodingKey, CaseIterable {
        case measure, halfLifeSeconds, stalenessSeconds
    }

    /// Thirty days.
    public static let usualHalfLifeSeconds = 30.0 * 86_400

    /// A measure.
    public init(
        _ measure: Measure = .followers, halfLifeSeconds: Double = Popularity.usualHalfLifeSeconds,
        stalenessSeconds: Double = 0
    ) {
        self.measure = measure
        self.halfLifeSeconds = halfLifeSeconds
        self.stalenessSeconds = stalenessSeconds
    }

    /// Reads a measure; what is missing is as in a new one.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.members(CodingKeys.self)
        self.init(
            try container.value(Measure.self, forKey: .measure) ?? .followers,
            halfLifeSeconds: try container.decodeIfPresent(Double.self, forKey: .halfLifeSeconds)
                ?? Popularity.usualHalfLifeSeconds,
            stalenessSeconds: try container.decodeIfPresent(Double.self, forKey: .stalenessSeconds) ?? 0)
    }

    func validate() throws(GraphStoreError) {
        guard halfLifeSeconds > 0 else {
            throw .badRequest("'halfLifeSeconds' needs to be above 0, found \(halfLifeSeconds)")
        }
        if halfLifeSeconds != Popularity.usualHalfLifeSeconds, measure != .recent, measure != .composite {
            throw .notRead(
                "halfLifeSeconds", by: "attention's measure \(measure.rawValue)",
                readers: [Measure.recent, .composite].map(\.rawValue))
        }
        guard stalenessSeconds >= 0 else {
            throw .badRequest("'stalenessSeconds' needs to be 0 or more, found \(stalenessSeconds)")
        }
    }
}

/// The attention every node of a kind gets, and the first of them in order.
final class PopularityRanking: Sendable {
    let scores: [Double]
    /// The best ``headCount``, best first; nodes without attention are not among them.
    let head: [RankedNode]
    let max: Double

    static let headCount = 4_096

    init(_ scores: [Double]) {
        self.scores = scores
        head = PopularityRanking.best(PopularityRanking.headCount, of: scores) { _ in true }
        max = head.first?.score ?? 0
    }

    /// The first so many of those that `isListed` names, best first.
    func first(_ limit: Int, where isListed: (UInt32) throws -> Bool) rethrows -> [RankedNode] {
        var first: [RankedNode] = []
        for node in head {
            if first.count == limit { return first }
            if try isListed(node.id) { first.append(node) }
        }
        if first.count == limit || head.count < PopularityRanking.headCount { return first }
        return try PopularityRanking.best(limit, of: scores, where: isListed)
    }

    private static func best(
        _ limit: Int, of scores: [Double], where isListed: (UInt32) throws -> Bool
    ) rethrows -> [RankedNode] {
        var best = TopK()
        best.begin(limit: limit)
        for (place, score) in scores.enumerated() where score > 0 && score >= best.scoreMin {
            let id = UInt32(place)
            if try isListed(id) { best.offer(RankedNode(score: score, id: id)) }
        }
        var ranked: [RankedNode] = []
        best.drain(into: &ranked)
        return ranked
    }

    /// Appends the best for a user to `ranked`, best first.
    func rank(
        _ run: RequestRun, limit: Int, in snapshot: borrowing Snapshot, into ranked: inout [RankedNode]
    ) throws {
        let excluded = run.scratch.narrowCounts(capacity: scores.count)
        defer { excluded.clear() }
        let end = scores.count
        try run.filter.forEachExcluded(for: run.user, in: snapshot) { id in
            if id < end { excluded.add(1, to: id) }
        }
        func accepts(_ id: UInt32) throws -> Bool {
            try excluded.score(of: id) == 0 && run.filter.accepts(id, in: snapshot)
        }
        let start = ranked.count
        for candidate in head {
            if ranked.count - start >= limit { return }
            if try accepts(candidate.id) { ranked.append(candidate) }
        }
        // So much for those who come first; the others have to be gone through.
        guard ranked.count - start < limit, head.count == PopularityRanking.headCount else { return }
        ranked.removeSubrange(start...)
        try run.scratch.selecting(limit, into: &ranked) { best in
            for (place, score) in scores.enumerated() where score > 0 && score >= best.scoreMin {
                let id = UInt32(place)
                if try accepts(id) { best.offer(RankedNode(score: score, id: id)) }
            }
        }
    }
}

/// Rankings that were made, for the requests that come next.
final class PopularityCache: Sendable {
    struct Key: Hashable {
        let measure: Popularity.Measure
        let halfLifeSeconds: Double
        let steps: [Hop.Step]
    }

    private struct Entry {
        let commit: UInt64
        let moment: Timestamp
        let ranking: PopularityRanking
    }

    private let entries = Mutex<[Key: Entry]>([:])
    private static let countMax = 16

    /// The ranking for `key`, made anew when the one there is of another state of the graph and too old.
    ///
    /// Two threads that find none make one each: nobody waits for a scan who does not need to.
    func ranking(
        _ key: Key, commit: UInt64, now: Timestamp, stalenessSeconds: Double, dependsOnTime: Bool,
        _ make: () throws -> PopularityRanking
    ) throws -> PopularityRanking {
        let known = entries.withLock { $0[key] }
        if let known {
            let isSame = known.commit == commit && (!dependsOnTime || known.moment == now)
            let age = Double(now.rawValue) - Double(known.moment.rawValue)
            if isSame || (age >= 0 && age < stalenessSeconds) { return known.ranking }
        }
        let made = try make()
        entries.withLock { entries in
            if entries.count >= PopularityCache.countMax { entries.removeAll() }
            entries[key] = Entry(commit: commit, moment: now, ranking: made)
        }
        return made
    }
}

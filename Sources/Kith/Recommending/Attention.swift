import Foundation
import Synchronization

/// How much attention a node gets: a ranking of all, and of those whom a user does not know yet.
public struct Attention: Hashable, Sendable, Codable {
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
    /// The half-life of ``Measure/recent``.
    public var halfLifeSeconds: Double
    /// For how many seconds a ranking may be used after it was made, when the graph was written to meanwhile. Making one scans
    /// the edges, so a service that writes all the time gives some seconds. With 0 every answer is exact.
    public var stalenessSeconds: Double

    /// A measure.
    public init(_ measure: Measure = .followers, halfLifeSeconds: Double = 30 * 86_400, stalenessSeconds: Double = 0) {
        self.measure = measure
        self.halfLifeSeconds = halfLifeSeconds
        self.stalenessSeconds = stalenessSeconds
    }

    /// Reads a measure; what is missing is as in a new one.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            try container.decodeIfPresent(Measure.self, forKey: .measure) ?? .followers,
            halfLifeSeconds: try container.decodeIfPresent(Double.self, forKey: .halfLifeSeconds) ?? 30 * 86_400,
            stalenessSeconds: try container.decodeIfPresent(Double.self, forKey: .stalenessSeconds) ?? 0)
    }

    func validate() throws(GraphStoreError) {
        guard halfLifeSeconds > 0 else {
            throw .badRequest("'halfLifeSeconds' needs to be above 0, found \(halfLifeSeconds)")
        }
        guard stalenessSeconds >= 0 else {
            throw .badRequest("'stalenessSeconds' needs to be 0 or more, found \(stalenessSeconds)")
        }
    }
}

/// The attention every node of a kind gets, and the first of them in order.
final class AttentionRanking: Sendable {
    let scores: [Double]
    /// The best ``headCount``, best first; nodes without attention are not among them.
    let head: [RankedNode]
    let max: Double

    static let headCount = 4_096

    init(_ scores: [Double]) {
        self.scores = scores
        var best = TopK(limit: AttentionRanking.headCount)
        for (id, score) in scores.enumerated() where score > 0 && score >= best.scoreMin {
            best.offer(RankedNode(score: score, id: UInt32(id)))
        }
        head = best.ranked()
        max = head.first?.score ?? 0
    }
}

/// Rankings that were made, for the requests that come next.
final class AttentionCache: Sendable {
    struct Key: Hashable {
        let measure: Attention.Measure
        let halfLifeSeconds: Double
        let steps: [Hop.Step]
    }

    private struct Entry {
        let commit: UInt64
        let moment: Timestamp
        let ranking: AttentionRanking
    }

    private let entries = Mutex<[Key: Entry]>([:])
    private static let countMax = 16

    /// The ranking for `key`, made anew when the one there is of another state of the graph and too old.
    ///
    /// Two threads that find none make one each: nobody waits for a scan who does not need to.
    func ranking(
        _ key: Key, commit: UInt64, now: Timestamp, stalenessSeconds: Double, dependsOnTime: Bool,
        _ make: () throws -> AttentionRanking
    ) throws -> AttentionRanking {
        let known = entries.withLock { $0[key] }
        if let known {
            let isSame = known.commit == commit && (!dependsOnTime || known.moment == now)
            let age = Double(now.rawValue) - Double(known.moment.rawValue)
            if isSame || (age >= 0 && age < stalenessSeconds) { return known.ranking }
        }
        let made = try make()
        entries.withLock { entries in
            if entries.count >= AttentionCache.countMax { entries.removeAll() }
            entries[key] = Entry(commit: commit, moment: now, ranking: made)
        }
        return made
    }
}

extension Snapshot {
    /// The attention the nodes that `steps` lead to get by them.
    func attention(_ attention: Attention, by steps: [Hop.Step]) throws -> AttentionRanking {
        try attention.validate()
        let hop = try HopTables(Hop(steps), in: tables)
        let isFading = hop.fades(EdgeAging(WalkOptions(), now: now))
        let dependsOnTime =
            switch attention.measure {
            case .followers, .pageRank: false
            case .recent, .composite: true
            case .interactions: isFading
            }
        let key = AttentionCache.Key(
            measure: attention.measure, halfLifeSeconds: attention.halfLifeSeconds, steps: steps)
        return try attentionCache.ranking(
            key, commit: transaction.id, now: now, stalenessSeconds: attention.stalenessSeconds,
            dependsOnTime: dependsOnTime
        ) {
            AttentionRanking(try scores(attention, hop, steps))
        }
    }

    private func scores(_ attention: Attention, _ hop: HopTables, _ steps: [Hop.Step]) throws -> [Double] {
        var scores = Array(repeating: 0.0, count: Int(counters.kinds[hop.destination.index].nextID))
        switch attention.measure {
        case .followers:
            for step in hop.steps {
                try step.reversedTable.forEachBlock(in: transaction) { node, isFirst, block in
                    if isFirst, Int(node) < scores.count { scores[Int(node)] += Double(block.degree) }
                }
            }
        case .recent:
            for step in hop.steps {
                try step.reversedTable.forEachEdge(in: transaction) { node, _, value in
                    guard value.time != 0, Int(node) < scores.count else { return }
                    let unit = EdgeValue(weight: 1, time: value.time)
                    scores[Int(node)] += EdgeValue.faded(unit, to: now.rawValue, attention.halfLifeSeconds)
                }
            }
        case .interactions:
            for step in hop.steps {
                try step.reversedTable.forEachEdge(in: transaction) { node, _, value in
                    guard Int(node) < scores.count else { return }
                    scores[Int(node)] += step.edges.type.repetition.weight(of: value, at: now.rawValue)
                }
            }
        case .pageRank:
            scores = try globalPageRank(along: steps, restart: 0.15, tolerance: 1e-6)
        case .composite:
            for measure in [.followers, .recent, .interactions, .pageRank] as [Attention.Measure] {
                var part = attention
                part.measure = measure
                let ranking = try self.attention(part, by: steps)
                guard ranking.max > 0 else { continue }
                for id in scores.indices { scores[id] += ranking.scores[id] / ranking.max / 4 }
            }
        }
        return scores
    }

    /// PageRank from everywhere: the probability of each id that a walk which restarts at any node alike is there.
    ///
    /// - Complexity: O(edges) for each of some ten sweeps.
    private func globalPageRank(along steps: [Hop.Step], restart: Double, tolerance: Double) throws -> [Double] {
        let walk = try PageRankWalk(
            PersonalizedPageRank(restart: restart, tolerance: tolerance), steps: steps, snapshot: self)
        let dictionary = walk.hop.origin
        let kind = counters.kinds[dictionary.index]
        var ids: [UInt32] = []
        for id in 0..<walk.nodeLimit
        where try kind.nodes == kind.nextID || dictionary.key(of: id, in: transaction) != nil {
            ids.append(id)
        }
        let seeds = ids.map { (id: $0, weight: 1 / Double(ids.count)) }
        return try scratch.withScratch { scratch in
            let vectors = scratch.pageRank
            defer { vectors.clear(Int(walk.nodeLimit)) }
            _ = try walk.solve(seeds, in: transaction, vectors, &scratch.hop)
            return (0..<Int(walk.nodeLimit)).map { unsafe vectors.estimate[$0] }
        }
    }

    /// The nodes that get most attention, most first; equal ones by smaller id.
    ///
    /// - Parameter type: the edges that are attention: follows, unless given, or friends where the store has those.
    /// - Complexity: a scan of the edges, once for each state of the graph (see ``Attention/stalenessSeconds``); then
    ///   O(limit).
    /// - Throws: ``GraphStoreError/unknownEdgeType(_:known:)``, ``GraphStoreError/badRequest(_:)``.
    public func top(
        by attention: Attention = Attention(), via type: EdgeType.Name? = nil, limit: Int = 10
    ) throws -> [(key: NodeKey, score: Double)] {
        guard limit >= 0 else { throw GraphStoreError.badRequest("a limit needs to be 0 or more, found \(limit)") }
        let type = try type ?? defaultType(of: attention.measure)
        let ranking = try self.attention(attention, by: [Hop.Step(type)])
        let dictionary = try tables.edges(type).target
        var best = ranking.head.prefix(limit)[...]
        if best.count < limit, ranking.head.count == AttentionRanking.headCount {
            var all = TopK(limit: limit)
            for (id, score) in ranking.scores.enumerated() where score > 0 {
                all.offer(RankedNode(score: score, id: UInt32(id)))
            }
            best = all.ranked()[...]
        }
        return try best.map { (try dictionary.existingKey(of: $0.id, in: transaction), $0.score) }
    }

    /// What is attention where nothing else is said.
    func defaultType(of measure: Attention.Measure) throws -> EdgeType.Name {
        let interacts = schema.edgeType(.interacts) != nil
        if measure == .interactions, interacts, try edgeCount(of: .interacts) > 0 { return .interacts }
        return try relation
    }
}

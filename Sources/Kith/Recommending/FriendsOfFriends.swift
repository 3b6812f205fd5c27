import Adjacency
import LMDB

/// Suggests the people two steps away: `user -- x -- candidate` by a symmetric type, `user -> x -> candidate` by a
/// directed one.
///
/// Never suggested: the user; anyone the user is joined to by ``via``, by `friends` or by `follows`; anyone who blocks
/// the user or is blocked; anyone the user dismissed. (The last three as far as the schema has those types.)
public struct FriendsOfFriends: Sendable, Hashable {
    /// The edge type of both steps; it joins a kind to itself.
    public var via: EdgeType.Name
    /// The formula.
    public var score: TwoHopScore
    /// How many intermediates each result names as evidence; with 0 no evidence is collected.
    public var evidenceLimit: Int

    /// A recommender of friends of friends.
    public init(via: EdgeType.Name, score: TwoHopScore = .adamicAdar, evidenceLimit: Int = 3) {
        self.via = via
        self.score = score
        self.evidenceLimit = evidenceLimit
    }
}

extension Snapshot {
    /// The `limit` best friends of friends of a user, best first; equal scores by smaller id.
    ///
    /// A user without edges gets an empty list.
    /// - Complexity: the sum of the degrees of the user's neighbours; memory is reused between requests and is
    ///   proportional to the number of nodes.
    /// - Throws: ``GraphStoreError/noSuchNode(_:_:)``, ``GraphStoreError/unknownEdgeType(_:known:)``,
    ///   ``GraphStoreError/edgeTypesDoNotFit(_:)`` when ``FriendsOfFriends/via`` joins two kinds,
    ///   ``GraphStoreError/badRequest(_:)`` when the limit is below zero.
    public func recommend(
        for key: NodeKey, by recommender: FriendsOfFriends, limit: Int = 10
    ) throws -> RecommendationList {
        guard limit >= 0, recommender.evidenceLimit >= 0 else {
            throw GraphStoreError.badRequest(
                "a limit needs to be 0 or more, found \(min(limit, recommender.evidenceLimit))")
        }
        let (edges, walk) = try twoHop(recommender)
        let user = try edges.source.existingID(of: key, in: transaction)
        return try scratch.withScratch { scratch in
            try readIntermediates(of: user, along: walk, into: scratch)
            let ranked = try rank(walk, for: user, along: edges, limit: limit, scratch: scratch)
            let results = try ranked.enumerated().map { index, node in
                Recommendation(
                    rank: index + 1, user: try edges.target.existingKey(of: node.id, in: transaction),
                    score: node.score, evidence: try evidence(for: node.id, walk, recommender, edges, scratch))
            }
            return RecommendationList(results: results, isComplete: true)
        }
    }

    /// The score of one pair by the recommender's formula, whether or not the candidate could be suggested.
    ///
    /// - Complexity: O(degree of the user + degree of the candidate), and a lookup per intermediate.
    /// - Throws: as ``recommend(for:by:limit:)``.
    public func score(of candidate: NodeKey, for key: NodeKey, by recommender: FriendsOfFriends) throws -> Double {
        let (edges, walk) = try twoHop(recommender)
        let user = try edges.source.existingID(of: key, in: transaction)
        let candidateID = try edges.target.existingID(of: candidate, in: transaction)
        return try scratch.withScratch { scratch in
            try readIntermediates(of: user, along: walk, into: scratch)
            let intermediates = scratch.intermediates.neighbors
            let places = try walk.places(
                in: intermediates, reaching: candidateID, in: transaction, scratch: &scratch.list)
            return try places.reduce(0) { sum, place in
                sum + (try walk.contribution(of: intermediates[place], in: transaction))
            }
        }
    }

    private func twoHop(_ recommender: FriendsOfFriends) throws -> (EdgeTables, TwoHop) {
        let edges = try tables.edges(recommender.via)
        guard edges.type.source == edges.type.target else {
            throw GraphStoreError.edgeTypesDoNotFit(
                "friends of friends need an edge type that joins a kind to itself; '\(edges.type.name)' joins "
                    + "\(edges.type.source) to \(edges.type.target)")
        }
        let candidateLimit = UInt32(counters.kinds[edges.target.index].nextID)
        return (edges, TwoHop(along: edges, score: recommender.score, candidateLimit: candidateLimit))
    }

    private func readIntermediates(of user: UInt32, along walk: TwoHop, into scratch: RequestScratch) throws {
        scratch.intermediates.removeAll(columns: walk.first.columns)
        try walk.first.read(user, in: transaction, into: &scratch.intermediates)
    }

    /// Walks with the narrowest scores that are exact for this user.
    private func rank(
        _ walk: TwoHop, for user: UInt32, along edges: EdgeTables, limit: Int, scratch: RequestScratch
    ) throws -> [RankedNode] {
        let capacity = Int(walk.candidateLimit)
        return if walk.score != .paths {
            try rank(walk, user, edges, limit, scratch, scratch.sums(capacity: capacity)) {
                $0
            } reading: {
                $0
            }
        } else if scratch.intermediates.count <= Int(UInt16.max) {
            try rank(walk, user, edges, limit, scratch, scratch.narrowCounts(capacity: capacity)) { _ in
                1
            } reading: {
                Double($0)
            }
        } else {
            try rank(walk, user, edges, limit, scratch, scratch.wideCounts(capacity: capacity)) { _ in
                1
            } reading: {
                Double($0)
            }
        }
    }

    private func rank<Score: PathScore>(
        _ walk: TwoHop, _ user: UInt32, _ edges: EdgeTables, _ limit: Int, _ scratch: RequestScratch,
        _ accumulator: ScoreAccumulator<Score>, counting: (Double) -> Score, reading: (Score) -> Double
    ) throws -> [RankedNode] {
        do {
            try walk.walk(
                from: scratch.intermediates.neighbors, in: transaction, into: accumulator, amounts: &scratch.amounts,
                counting: counting)
            try CandidateFilter(recommending: edges, among: tables)
                .forEachExcluded(for: user, in: transaction) { accumulator.exclude($0) }
        } catch {
            accumulator.drain { _, _ in }
            throw error
        }
        var best = TopK(limit: limit)
        accumulator.drain { id, score in
            let score = reading(score)
            if score >= best.scoreMin { best.offer(RankedNode(score: score, id: id)) }
        }
        return best.ranked()
    }

    private func evidence(
        for candidate: UInt32, _ walk: TwoHop, _ recommender: FriendsOfFriends, _ edges: EdgeTables,
        _ scratch: RequestScratch
    ) throws -> [Evidence] {
        guard recommender.evidenceLimit > 0 else { return [] }
        let intermediates = scratch.intermediates.neighbors
        let places = try walk.places(in: intermediates, reaching: candidate, in: transaction, scratch: &scratch.list)
        var strongest = TopK(limit: recommender.evidenceLimit)
        for place in places {
            strongest.offer(RankedNode(score: scratch.amounts[place], id: intermediates[place]))
        }
        let through = try strongest.ranked().map { try edges.target.existingKey(of: $0.id, in: transaction) }
        return [Evidence(via: recommender.via, paths: places.count, through: through)]
    }
}

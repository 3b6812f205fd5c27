import LMDB

/// Why someone is suggested to a user, or why not.
public struct Explanation: Hashable, Sendable {
    /// What speaks against it whatever the score, if anything does.
    public let exclusion: Exclusion?
    /// The place the candidate has among all those found, from 1; nil when it is excluded or was not found.
    public let rank: Int?
    /// How many were found.
    public let candidateCount: Int
    /// The score as the request ranks by it; 0 when it was not found.
    public let score: Double
    /// What each recommender has for it, whether or not it is excluded: those without a path are not in it.
    public let evidence: [Evidence]
}

extension Snapshot {
    /// Why `candidate` is suggested to the user `key` by a request, or why not.
    ///
    /// A blend ranks the first of each of its lists (200, or ten times the limit when that is more); one recommender ranks
    /// all that it finds.
    /// - Complexity: as the request, and a sort of all candidates.
    /// - Throws: as ``recommend(_:for:where:)``.
    public func why(
        _ candidate: NodeKey, for key: NodeKey, _ request: RecommendationRequest = RecommendationRequest()
    ) throws -> Explanation {
        let prepared = try prepare(request)
        let (recommenders, filter) = (prepared.recommenders, prepared.filter)
        let user = try recommenders[0].users.existingID(of: key, in: transaction)
        let id = try recommenders[0].candidates.existingID(of: candidate, in: transaction)
        let exclusion = try filter.exclusion(of: id, for: user, in: transaction)
        return try scratch.withScratch { scratch in
            let depth = recommenders.count == 1 ? Int.max : Blending.depth(limit: request.limit)
            var lists: [CandidateList] = []
            var evidence: [Evidence] = []
            for recommender in recommenders {
                var list = CandidateList()
                try recommender.rank(for: user, limit: depth, by: filter, in: self, scratch, into: &list)
                lists.append(list)
                try recommender.prepareEvidence(for: user, in: self, scratch)
                let own = list.ranked.first { $0.id == id }
                let score = try own?.score ?? recommender.score(of: id, for: user, in: self, scratch)
                if own == nil, score == 0 { continue }
                evidence.append(
                    try recommender.evidence(
                        for: RankedNode(score: score, id: id), limit: max(request.evidenceLimit, 1), in: self, scratch))
            }
            var ranked = lists[0].ranked
            if recommenders.count > 1 {
                ranked.removeAll()
                Blending.blend(lists, of: prepared, limit: .max, scratch, into: &ranked)
            }
            let place = ranked.firstIndex { $0.id == id }
            return Explanation(
                exclusion: exclusion, rank: place.map { $0 + 1 }, candidateCount: ranked.count,
                score: place.map { ranked[$0].score } ?? 0, evidence: evidence)
        }
    }

    /// The score of one pair by one recommender, whether or not the candidate could be suggested; 0 when it is not found.
    ///
    /// - Complexity: of walks O(degree of the user + degree of the candidate) and a lookup per intermediate; of others that
    ///   of a request.
    /// - Throws: as ``recommend(_:for:where:)``.
    public func score(
        of candidate: NodeKey, for key: NodeKey, by recommender: some RecommenderConvertible
    ) throws -> Double {
        let prepared = try PreparedRecommender(recommender.recommender, in: self)
        let user = try prepared.users.existingID(of: key, in: transaction)
        let id = try prepared.candidates.existingID(of: candidate, in: transaction)
        return try scratch.withScratch { scratch in
            try prepared.prepareEvidence(for: user, in: self, scratch)
            return try prepared.score(of: id, for: user, in: self, scratch)
        }
    }
}

extension PreparedRecommender {
    /// The score of a candidate for the user prepared last, whether or not it could be suggested.
    func score(
        of candidate: UInt32, for user: UInt32, in snapshot: borrowing Snapshot, _ scratch: RequestScratch
    ) throws -> Double {
        switch core {
        case .twoHop(let walk):
            return try walk.findPaths(to: candidate, in: snapshot.transaction, scratch)
        case .collaborative(let walk):
            return try walk.score(of: candidate, for: user, in: snapshot.transaction, scratch)
        case .pageRank(let walk):
            let vectors = scratch.pageRank
            defer { vectors.clear(Int(walk.nodeLimit)) }
            _ = try walk.solve(for: user, in: snapshot.transaction, scratch)
            return candidate < walk.nodeLimit ? unsafe vectors.estimate[Int(candidate)] : 0
        case .attention(let walk):
            let ranking = try snapshot.ranking(walk)
            return Int(candidate) < ranking.scores.count ? ranking.scores[Int(candidate)] : 0
        case .followBack(let walk):
            let everyone = CandidateFilter()
            var ranked: [RankedNode] = []
            try walk.rank(
                for: user, limit: .max, by: everyone, in: snapshot.transaction, scratch, into: &ranked)
            return ranked.first { $0.id == candidate }?.score ?? 0
        }
    }
}

extension Snapshot {
    /// Why `candidate` is suggested to the user `key` by a request, or why not.
    ///
    /// Asks the request itself: whoever is in its answer has the same rank, score and evidence here. Of the others it says
    /// what speaks against them, or how far down they are. A blend ranks the first of each of its lists (200, or ten
    /// times the limit when that is more); one recommender ranks all that it finds.
    /// - Complexity: as the request, and a sort of all candidates.
    /// - Throws: as ``recommend(_:for:where:)``; ``GraphStoreError/noSuchNode(_:_:)`` also where the store has no candidate
    ///   of that key, of any kind.
    public func why(
        _ candidate: NodeKey, for key: NodeKey, _ request: RecommendationRequest = RecommendationRequest(),
        where predicate: ((NodeID) throws -> Bool)? = nil
    ) throws -> Explanation {
        let prepared = try prepare(request, where: predicate)
        let user = try prepared.recommenders[0].users.existingID(of: key, in: self)
        let id = try prepared.recommenders[0].candidates.id(of: candidate, in: self)
        return try caches.scratch.withScratch { scratch in
            let (list, fallback) = try answer(prepared, for: user, scratch)
            let asked = fallback.map { prepared.fallback[$0] } ?? prepared
            guard let id else { return try explanation(ofOtherKind: candidate, asked, list) }
            let run = asked.run(for: user, scratch)
            let ranking = try ranking(of: asked, run)
            if let suggestion = list.first(where: { $0.user == candidate }) {
                return Explanation(
                    isSuggested: true, exclusion: nil, rank: suggestion.rank, candidateCount: ranking.ranked.count,
                    score: suggestion.score,
                    evidence: suggestion.evidence.isEmpty
                        ? try evidence(of: id, asked, ranking.lists, run) : suggestion.evidence,
                    fallback: list.fallback, isComplete: list.isComplete)
            }
            let rank = ranking.ranked.firstIndex { $0.id == id }
            let evidence = try evidence(of: id, asked, ranking.lists, run)
            var exclusion = try asked.filter.exclusion(of: id, for: user, in: self)
            if exclusion == nil, rank == nil { exclusion = absence(of: id, asked, ranking, evidence) }
            return Explanation(
                isSuggested: false, exclusion: exclusion, rank: rank.map { $0 + 1 },
                candidateCount: ranking.ranked.count, score: rank.map { ranking.ranked[$0].score } ?? 0,
                evidence: evidence, fallback: list.fallback, isComplete: list.isComplete)
        }
    }

    /// Of a candidate that the kind suggested does not have.
    private func explanation(
        ofOtherKind candidate: NodeKey, _ asked: PreparedRequest, _ list: RecommendationList
    ) throws -> Explanation {
        for dictionary in tables.dictionaries where try dictionary.id(of: candidate, in: self) != nil {
            return Explanation(
                isSuggested: false, exclusion: .otherKind(dictionary.kind, suggested: asked.candidates), rank: nil,
                candidateCount: 0, score: 0, evidence: [], fallback: list.fallback, isComplete: list.isComplete)
        }
        throw GraphStoreError.noSuchNode(asked.candidates, candidate)
    }

    /// What speaks against a candidate that no filter refuses and that is not ranked; nil where it was not found.
    private func absence(
        of candidate: UInt32, _ asked: PreparedRequest, _ ranking: WholeRanking, _ evidence: [Evidence]
    ) -> Exclusion? {
        if let shared = ranking.leftOut[candidate] { return .sharesIntermediate(shared) }
        guard let own = evidence.first(where: { $0.paths > 0 }) ?? evidence.first else { return nil }
        for recommender in asked.recommenders where recommender.by == own.by {
            let demanded = recommender.source.minimumPaths
            if own.paths > 0, own.paths < demanded { return .tooFewPaths(own.paths, demanded: demanded) }
        }
        return asked.ranksByOneList ? nil : .notAmongFirst(Blending.depth(limit: asked.request.limit))
    }

    /// Everybody whom a request ranks.
    private func ranking(of asked: PreparedRequest, _ run: RequestRun) throws -> WholeRanking {
        var ranking = WholeRanking()
        let depth = asked.ranksByOneList ? Int.max : Blending.depth(limit: asked.request.limit)
        try rank(asked, run, depth: depth, into: &ranking.lists)
        blend(ranking.lists, of: asked, limit: .max, run.scratch, into: &ranking.ranked)
        guard let same = asked.request.sameIntermediateMax else { return ranking }
        var evidence: [[Evidence]] = []
        try collectEvidence(of: asked, for: ranking.ranked, ranking.lists, run, into: &evidence)
        let kept = Blending.diverse(evidence, sameMax: same, limit: .max)
        let isKept = Set(kept)
        for (place, node) in ranking.ranked.enumerated() where !isKept.contains(place) {
            ranking.leftOut[node.id] = evidence[place].lazy.compactMap(\.through.first).first
        }
        ranking.ranked = kept.map { ranking.ranked[$0] }
        return ranking
    }

    /// What each recommender has for a candidate.
    private func evidence(
        of candidate: UInt32, _ asked: PreparedRequest, _ lists: [CandidateList], _ run: RequestRun
    ) throws -> [Evidence] {
        let limit = max(asked.request.evidenceLimit, 1)
        var evidence: [Evidence] = []
        for (recommender, list) in zip(asked.recommenders, lists) {
            try recommender.source.readUser(run, in: self)
            let own = list.ranked.first { $0.id == candidate }
            let score = try own?.score ?? recommender.source.score(of: candidate, run, in: self)
            if own == nil, score == 0 { continue }
            evidence.append(
                try recommender.evidence(for: RankedNode(score: score, id: candidate), limit: limit, run, in: self))
        }
        return evidence
    }

    /// The score of one pair by one recommender, whether or not the candidate could be suggested; 0 when it is not found.
    ///
    /// - Complexity: of walks O(degree of the user + degree of the candidate) and a lookup per intermediate; of others that
    ///   of a request.
    /// - Throws: as ``recommend(_:for:where:)``.
    public func score(
        of candidate: NodeKey, for key: NodeKey, by recommender: some RecommenderConvertible
    ) throws -> Double {
        try recommender.recommender.validate()
        let prepared = try PreparedRecommender(recommender.recommender, in: self)
        let user = try prepared.users.existingID(of: key, in: self)
        let id = try prepared.candidates.existingID(of: candidate, in: self)
        return try caches.scratch.withScratch { scratch in
            let run = RequestRun(user: user, filter: CandidateFilter(), scratch: scratch)
            try prepared.source.readUser(run, in: self)
            return try prepared.source.score(of: id, run, in: self)
        }
    }
}

/// Everybody whom a request ranks for a user, not the first few only.
private struct WholeRanking {
    /// By each recommender.
    var lists: [CandidateList] = []
    var ranked: [RankedNode] = []
    /// Candidates left out for diversity, with the intermediate they share with others.
    var leftOut: [UInt32: NodeKey] = [:]
}

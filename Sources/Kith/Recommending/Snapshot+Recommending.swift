import LMDB

/// A request found in one state of a store: what does not depend on the user is done once.
///
/// To be used with the snapshot that made it.
public struct PreparedRequest {
    let request: RecommendationRequest
    let recommenders: [PreparedRecommender]
    let filter: CandidateFilter
    /// Those of the fallback chain that this store can have and that recommend the same.
    let fallback: [(recommender: PreparedRecommender, filter: CandidateFilter)]

    /// The kind of those it is asked for.
    public var users: NodeKind { recommenders[0].users.kind }
    /// The kind of what it suggests.
    public var candidates: NodeKind { recommenders[0].candidates.kind }
}

extension Snapshot {
    /// Prepares a request, to be asked for many users.
    ///
    /// - Parameter predicate: also decides who is suggested; asked only of candidates that would enter a list.
    /// - Throws: ``GraphStoreError/unknownEdgeType(_:known:)``, ``GraphStoreError/edgeTypesDoNotFit(_:)``,
    ///   ``GraphStoreError/badRequest(_:)``.
    public func prepare(
        _ request: RecommendationRequest, where predicate: ((NodeID) throws -> Bool)? = nil
    ) throws -> PreparedRequest {
        try prepare(request, where: predicate, sharing: nil)
    }

    /// Prepares one of many requests that are the same, to the same state of the graph.
    func prepare(
        _ request: RecommendationRequest, where predicate: ((NodeID) throws -> Bool)? = nil, sharing hops: SharedHops?
    ) throws -> PreparedRequest {
        try request.validate()
        let asked = request.recommenders.isEmpty ? RecommendationRequest.standard : request.recommenders
        var recommenders = try asked.map { try PreparedRecommender($0, in: self) }
        let first = recommenders[0]
        for other in recommenders where !other.recommendsLike(first) {
            throw GraphStoreError.edgeTypesDoNotFit(
                "the recommenders of one request need to recommend the same kind to the same kind; "
                    + "\(first.by.rawValue) recommends \(first.candidates.kind) to \(first.users.kind), "
                    + "\(other.by.rawValue) \(other.candidates.kind) to \(other.users.kind)")
        }
        func filter(_ recommenders: [PreparedRecommender]) throws -> CandidateFilter {
            try CandidateFilter(
                request.filters, users: first.users, candidates: first.candidates,
                relation: recommenders.flatMap(\.relation), where: predicate, in: self)
        }
        var fallback: [(recommender: PreparedRecommender, filter: CandidateFilter)] = []
        for recommender in request.fallback {
            do {
                let prepared = try PreparedRecommender(recommender, in: self)
                if prepared.recommendsLike(first) { fallback.append((prepared, try filter([prepared]))) }
            } catch GraphStoreError.unknownEdgeType, GraphStoreError.edgeTypesDoNotFit {
                // A store without interests, say, has no such fallback.
                continue
            }
        }
        if let hops {
            for place in recommenders.indices { recommenders[place].share(hops, number: place, counters) }
            for place in fallback.indices {
                fallback[place].recommender.share(hops, number: recommenders.count + place, counters)
            }
        }
        return PreparedRequest(
            request: request, recommenders: recommenders, filter: try filter(recommenders), fallback: fallback)
    }

    /// Whom to suggest to a user, best first; equal scores by smaller id, which is the one more followed.
    ///
    /// Candidates, filters, counts and evidence are of this snapshot. Never suggested: see ``RecommendationFilters``.
    /// - Parameter prepared: made by ``prepare(_:where:)`` of this snapshot.
    /// - Complexity: that of its recommenders, each the sum of the sizes of the lists it walks. Memory is reused between
    ///   requests and is proportional to the number of nodes.
    /// - Throws: ``GraphStoreError/noSuchNode(_:_:)``, and what the request's predicate throws.
    public func recommend(_ prepared: PreparedRequest, for key: NodeKey) throws -> RecommendationList {
        let user = try prepared.recommenders[0].users.existingID(of: key, in: transaction)
        return try scratch.withScratch { scratch in
            let found = try recommend(
                prepared.request, prepared.recommenders, prepared.filter, for: user, fallback: nil, scratch)
            if !found.results.isEmpty || prepared.request.limit == 0 { return found }
            for (recommender, filter) in prepared.fallback {
                let list = try recommend(
                    prepared.request, [recommender], filter, for: user, fallback: recommender.by, scratch)
                if !list.results.isEmpty { return list }
            }
            return found
        }
    }

    /// Whom to suggest to a user: prepares the request and asks it.
    ///
    /// - Throws: as ``prepare(_:where:)`` and ``recommend(_:for:)-(PreparedRequest,_)``.
    public func recommend(
        _ request: RecommendationRequest, for key: NodeKey, where predicate: ((NodeID) throws -> Bool)? = nil
    ) throws -> RecommendationList {
        try recommend(prepare(request, where: predicate), for: key)
    }

    /// Whom to suggest by one recommender.
    ///
    /// - Throws: as ``recommend(_:for:where:)``.
    public func recommend(
        for key: NodeKey, by recommender: some RecommenderConvertible, limit: Int = 10, evidenceLimit: Int = 3
    ) throws -> RecommendationList {
        try recommend(
            RecommendationRequest(
                [recommender.recommender], limit: limit, evidenceLimit: evidenceLimit, fallback: []), for: key)
    }

    /// Whom to suggest by several recommenders.
    ///
    /// - Throws: as ``recommend(_:for:where:)``.
    public func recommend(
        for key: NodeKey, limit: Int = 10, blend: RecommendationRequest.Blend = .weightedSum,
        @RecommenderBuilder by recommenders: () -> [Recommender]
    ) throws -> RecommendationList {
        try recommend(RecommendationRequest(recommenders(), limit: limit, blend: blend), for: key)
    }

    private func recommend(
        _ request: RecommendationRequest, _ recommenders: [PreparedRecommender], _ filter: CandidateFilter,
        for user: UInt32, fallback: Recommender.Method?, _ scratch: RequestScratch
    ) throws -> RecommendationList {
        let isSingle = recommenders.count == 1 && request.sameIntermediateMax == nil
        let depth = isSingle ? request.limit : Blending.depth(limit: request.limit)
        var lists: [CandidateList] = []
        for recommender in recommenders {
            lists.append(try recommender.rank(for: user, limit: depth, by: filter, in: self, scratch))
        }
        var ranked =
            recommenders.count == 1
            ? lists[0].ranked : Blending.blend(lists, weights: recommenders.map(\.weight), by: request.blend)
        var evidence: [[Evidence]] = []
        if let same = request.sameIntermediateMax {
            let all = try collectEvidence(
                for: ranked, recommenders, lists, user, limit: max(request.evidenceLimit, 1), scratch)
            let kept = Blending.diverse(all, sameMax: same, limit: request.limit)
            ranked = kept.map { ranked[$0] }
            evidence = kept.map { place in
                all[place].map { $0.limited(to: request.evidenceLimit) }
            }
            if request.evidenceLimit == 0 { evidence = [] }
        } else {
            ranked.removeSubrange(min(request.limit, ranked.count)...)
            if request.evidenceLimit > 0 {
                evidence = try collectEvidence(
                    for: ranked, recommenders, lists, user, limit: request.evidenceLimit, scratch)
            }
        }
        let dictionary = recommenders[0].candidates
        let results = try ranked.enumerated().map { index, node in
            Recommendation(
                rank: index + 1, user: try dictionary.existingKey(of: node.id, in: transaction), score: node.score,
                evidence: evidence.isEmpty ? [] : evidence[index])
        }
        return RecommendationList(
            results: results, isComplete: lists.allSatisfy(\.isComplete), fallback: fallback,
            residual: lists.compactMap(\.residual).max())
    }

    /// For each of `ranked` the evidence of each recommender that found it.
    private func collectEvidence(
        for ranked: [RankedNode], _ recommenders: [PreparedRecommender], _ lists: [CandidateList], _ user: UInt32,
        limit: Int, _ scratch: RequestScratch
    ) throws -> [[Evidence]] {
        var evidence = Array(repeating: [Evidence](), count: ranked.count)
        for (recommender, list) in zip(recommenders, lists) {
            // The one recommender of most requests has what it needs from ranking.
            if recommenders.count > 1 { try recommender.prepareEvidence(for: user, in: self, scratch) }
            for (place, node) in ranked.enumerated() {
                let own = recommenders.count == 1 ? node : list.ranked.first { $0.id == node.id }
                guard let own else { continue }
                evidence[place].append(try recommender.evidence(for: own, limit: limit, in: self, scratch))
            }
        }
        return evidence
    }
}

extension Evidence {
    fileprivate func limited(to limit: Int) -> Evidence {
        Evidence(by: by, via: via, paths: paths, through: Array(through.prefix(limit)), score: score)
    }
}

/// How lists become one.
enum Blending {
    /// How many of each list take part: a candidate further down is taken for not found.
    static func depth(limit: Int) -> Int { max(200, 10 * limit) }

    /// Added to every rank, as in the paper: lets the first few of one list not outweigh all others.
    private static let rankOffset = 60.0

    /// The union of the lists, best first.
    static func blend(
        _ lists: [CandidateList], weights: [Double], by blend: RecommendationRequest.Blend
    ) -> [RankedNode] {
        var scores: [UInt32: Double] = [:]
        for (list, weight) in zip(lists, weights) {
            let best = list.ranked.first?.score ?? 0
            for (index, node) in list.ranked.enumerated() {
                switch blend {
                case .reciprocalRank: scores[node.id, default: 0] += weight / (rankOffset + Double(index + 1))
                case .weightedSum: scores[node.id, default: 0] += best > 0 ? weight * node.score / best : 0
                }
            }
        }
        return scores.map { RankedNode(score: $0.value, id: $0.key) }.sorted(by: >)
    }

    /// The places of the first `limit` of which at most `sameMax` share the same strongest intermediate.
    static func diverse(_ evidence: [[Evidence]], sameMax: Int, limit: Int) -> [Int] {
        var counts: [NodeKey: Int] = [:]
        var kept: [Int] = []
        for (place, evidence) in evidence.enumerated() {
            if kept.count == limit { break }
            if let strongest = evidence.lazy.compactMap(\.through.first).first {
                if counts[strongest, default: 0] == sameMax { continue }
                counts[strongest, default: 0] += 1
            }
            kept.append(place)
        }
        return kept
    }
}

/// A request found in one state of a store: what does not depend on the user is done once.
///
/// To be used with the snapshot that made it.
public struct PreparedRequest {
    let request: RecommendationRequest
    let recommenders: [PreparedRecommender]
    let filter: CandidateFilter
    /// Those of the fallback chain that this store can have and that recommend the same, each a request of its own.
    let fallback: [PreparedRequest]
    /// What it is called when it answers in place of another.
    let chosenAs: Recommender.Method?
    /// Where it is told of how long it took; nil where nobody wants to know.
    let metrics: RequestMetrics.Handles?

    /// The question of one user, to be answered in `scratch`.
    func run(for user: UInt32, _ scratch: RequestScratch) -> RequestRun {
        RequestRun(user: user, filter: filter, scratch: scratch)
    }

    /// Whether the list of its one recommender is the answer, as it is.
    var ranksByOneList: Bool { recommenders.count == 1 && request.sameIntermediateMax == nil }

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
    ///   ``GraphStoreError/badRequest(_:)``, ``GraphStoreError/notRead(_:by:readers:)``.
    public func prepare(
        _ request: RecommendationRequest, where predicate: ((NodeID) throws -> Bool)? = nil
    ) throws -> PreparedRequest {
        try prepare(request, where: predicate, sharing: nil)
    }

    /// The keys of ``RecommendationFilters/excluding`` and ``RecommendationFilters/only`` that the store has no candidate
    /// of, ascending: slips, or people who are gone. The request passes over them.
    ///
    /// - Throws: as ``prepare(_:where:)``.
    public func unknownKeys(
        in request: RecommendationRequest
    ) throws -> (excluding: [NodeKey], only: [NodeKey]) {
        let candidates = try prepare(request).recommenders[0].candidates
        func unknown(_ keys: Set<NodeKey>) throws -> [NodeKey] {
            try keys.filter { try candidates.id(of: $0, in: self) == nil }.sorted()
        }
        return (try unknown(request.filters.excluding), try unknown(request.filters.only ?? []))
    }

    /// Prepares one of many requests that are the same, to the same state of the graph.
    ///
    /// - Parameter includesHidden: whether hidden accounts are listed, too.
    func prepare(
        _ request: RecommendationRequest, where predicate: ((NodeID) throws -> Bool)? = nil,
        includesHidden: Bool = false, sharing hops: SharedHops?
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
                relation: recommenders.flatMap(\.relation), where: predicate, includesHidden: includesHidden, in: self)
        }
        if let hops {
            for place in recommenders.indices { recommenders[place].share(hops, number: place, counters) }
        }
        var fallback: [PreparedRequest] = []
        for recommender in request.chain {
            do {
                var prepared = try PreparedRecommender(recommender, in: self)
                guard prepared.recommendsLike(first) else { continue }
                if let hops { prepared.share(hops, number: recommenders.count + fallback.count, counters) }
                fallback.append(
                    PreparedRequest(
                        request: request, recommenders: [prepared], filter: try filter([prepared]), fallback: [],
                        chosenAs: recommender.by, metrics: nil))
            } catch GraphStoreError.unknownEdgeType, GraphStoreError.edgeTypesDoNotFit {
                // A store without interests, say, has no such fallback.
                continue
            }
        }
        return PreparedRequest(
            request: request, recommenders: recommenders, filter: try filter(recommenders), fallback: fallback,
            chosenAs: nil, metrics: caches.metrics.handles(for: recommenders))
    }

    /// Whom to suggest to a user, best first; equal scores by smaller id, which is the one more followed.
    ///
    /// Candidates, filters, counts and evidence are of this snapshot. Never suggested: see ``RecommendationFilters``.
    /// - Parameter prepared: made by ``prepare(_:where:)`` of this snapshot.
    /// - Complexity: that of its recommenders, each the sum of the sizes of the lists it walks. Memory is reused between
    ///   requests and is proportional to the number of nodes.
    /// - Throws: ``GraphStoreError/noSuchNode(_:_:)``, and what the request's predicate throws.
    public func recommend(_ prepared: PreparedRequest, for key: NodeKey) throws -> RecommendationList {
        let user = try prepared.recommenders[0].users.existingID(of: key, in: self)
        guard let metrics = prepared.metrics else { return try answer(prepared, for: user).list }
        let begin = ContinuousClock.now
        let answer = try answer(prepared, for: user)
        metrics.note(answer.work, since: begin)
        return answer.list
    }

    /// The list, and what it took to make it.
    func answer(
        _ prepared: PreparedRequest, for user: UInt32
    ) throws -> (list: RecommendationList, work: RequestWork) {
        try caches.scratch.withScratch { scratch in
            scratch.work = RequestWork()
            let list = try answer(prepared, for: user, scratch).list
            return (list, scratch.work)
        }
    }

    /// The list, and the place of the fallback that made it: the first that finds anyone; nil for the request itself.
    func answer(
        _ prepared: PreparedRequest, for user: UInt32, _ scratch: RequestScratch
    ) throws -> (list: RecommendationList, fallback: Int?) {
        let found = try recommend(prepared, for: user, scratch)
        if !found.results.isEmpty || prepared.request.limit == 0 { return (found, nil) }
        for place in prepared.fallback.indices {
            let list = try recommend(prepared.fallback[place], for: user, scratch)
            if !list.results.isEmpty { return (list, place) }
        }
        return (found, nil)
    }

    /// Whom to suggest to a user: prepares the request and asks it.
    ///
    /// What was asked a moment ago of the same state of the graph is still prepared, but for a `predicate`.
    /// - Throws: as ``prepare(_:where:)`` and ``recommend(_:for:)-(PreparedRequest,_)``.
    public func recommend(
        _ request: RecommendationRequest, for key: NodeKey, where predicate: ((NodeID) throws -> Bool)? = nil
    ) throws -> RecommendationList {
        guard predicate == nil else { return try recommend(prepare(request, where: predicate), for: key) }
        let prepared = try caches.preparedRequests.prepared(request, commit: commit, moment: now) {
            try prepare(request)
        }
        return try recommend(prepared, for: key)
    }

    /// Whom to suggest by one recommender.
    ///
    /// - Throws: as ``recommend(_:for:where:)``.
    public func recommend(
        for key: NodeKey, by recommender: some RecommenderConvertible, limit: Int = 10, evidenceLimit: Int = 3
    ) throws -> RecommendationList {
        try recommend(
            RecommendationRequest(
                [recommender.recommender], limit: limit, evidenceLimit: evidenceLimit), for: key)
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
        _ prepared: PreparedRequest, for user: UInt32, _ scratch: RequestScratch
    ) throws -> RecommendationList {
        let (request, recommenders) = (prepared.request, prepared.recommenders)
        let run = prepared.run(for: user, scratch)
        let isSingle = prepared.ranksByOneList
        var lists: [CandidateList] = []
        swap(&lists, &scratch.lists)
        defer { swap(&lists, &scratch.lists) }
        try rank(
            prepared, run, depth: isSingle ? request.limit : Blending.depth(limit: request.limit), into: &lists)
        var blended: [RankedNode] = []
        if !isSingle {
            swap(&blended, &scratch.blended)
            blended.removeAll(keepingCapacity: true)
            // For diversity some of the first are left out.
            let limit = request.sameIntermediateMax == nil ? request.limit : .max
            blend(lists, of: prepared, limit: limit, scratch, into: &blended)
        }
        defer { if !isSingle { swap(&blended, &scratch.blended) } }
        var evidence: [[Evidence]] = []
        swap(&evidence, &scratch.evidence)
        defer {
            evidence.removeAll(keepingCapacity: true)
            swap(&evidence, &scratch.evidence)
        }
        if let same = request.sameIntermediateMax {
            try collectEvidence(of: prepared, for: blended, lists, run, into: &evidence)
            let kept = Blending.diverse(evidence, sameMax: same, limit: request.limit)
            blended = kept.map { blended[$0] }
            evidence = kept.map { place in
                request.evidenceLimit == 0 ? [] : evidence[place].map { $0.limited(to: request.evidenceLimit) }
            }
        } else if request.evidenceLimit > 0 {
            try collectEvidence(
                of: prepared, for: isSingle ? lists[0].ranked : blended, lists, run, into: &evidence)
        }
        let count = isSingle ? lists[0].ranked.count : blended.count
        var results: [Recommendation] = []
        results.reserveCapacity(count)
        let candidates = recommenders[0].candidates
        var cursor = cursor(in: candidates.keys)
        for place in 0..<count {
            let node = isSingle ? lists[0].ranked[place] : blended[place]
            results.append(
                Recommendation(
                    rank: place + 1, user: try candidates.existingKey(of: node.id, by: &cursor), score: node.score,
                    evidence: evidence.isEmpty ? [] : evidence[place]))
        }
        var isComplete = true
        var residual: Double?
        for place in recommenders.indices {
            if !lists[place].isComplete { isComplete = false }
            if let own = lists[place].residual { residual = max(residual ?? 0, own) }
        }
        return RecommendationList(
            results: results, isComplete: isComplete, fallback: prepared.chosenAs, residual: residual)
    }

    /// Puts the first `depth` by each recommender in `lists`.
    func rank(
        _ prepared: PreparedRequest, _ run: RequestRun, depth: Int, into lists: inout [CandidateList]
    ) throws {
        while lists.count < prepared.recommenders.count { lists.append(CandidateList()) }
        for place in prepared.recommenders.indices {
            lists[place].removeAll()
            try prepared.recommenders[place].source.rank(run, limit: depth, in: self, into: &lists[place])
            run.scratch.work.candidates += lists[place].ranked.count
        }
    }

    /// Appends the first `limit` of what the lists become to `ranked`; of one list, all.
    func blend(
        _ lists: [CandidateList], of prepared: PreparedRequest, limit: Int, _ scratch: RequestScratch,
        into ranked: inout [RankedNode]
    ) {
        if prepared.recommenders.count == 1 {
            ranked.append(contentsOf: lists[0].ranked)
        } else {
            Blending.blend(lists, of: prepared, limit: limit, scratch, into: &ranked)
        }
    }

    /// For each of `ranked` the evidence of each recommender that found it; one intermediate at least, where it has some.
    func collectEvidence(
        of prepared: PreparedRequest, for ranked: [RankedNode], _ lists: [CandidateList], _ run: RequestRun,
        into evidence: inout [[Evidence]]
    ) throws {
        let limit = max(prepared.request.evidenceLimit, 1)
        for _ in ranked { evidence.append([]) }
        let isSingle = prepared.recommenders.count == 1
        for (recommender, list) in zip(prepared.recommenders, lists) {
            // The one recommender of most requests has what it needs from ranking.
            if !isSingle { try recommender.source.readUser(run, in: self) }
            for (place, node) in ranked.enumerated() {
                guard let own = isSingle ? node : list.ranked.first(where: { $0.id == node.id }) else { continue }
                if evidence[place].isEmpty { evidence[place].reserveCapacity(prepared.recommenders.count) }
                evidence[place].append(try recommender.evidence(for: own, limit: limit, run, in: self))
            }
        }
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
    static func depth(limit: Int) -> Int { max(200, 10 * min(limit, Int(UInt32.max))) }

    /// Added to every rank, as in the paper: lets the first few of one list not outweigh all others.
    private static let rankOffset = 60.0

    /// Appends the first `limit` of the union of the lists to `ranked`, best first.
    static func blend(
        _ lists: [CandidateList], of prepared: PreparedRequest, limit: Int, _ scratch: RequestScratch,
        into ranked: inout [RankedNode]
    ) {
        let nodes = lists.lazy.flatMap(\.ranked).map { Int($0.id) }
        let sums = scratch.pathSums(capacity: (nodes.max() ?? 0) + 1)
        for (list, recommender) in zip(lists, prepared.recommenders) {
            let best = list.ranked.first?.score ?? 0
            for (index, node) in list.ranked.enumerated() {
                switch prepared.request.blend {
                case .reciprocalRank: sums.add(recommender.weight / (rankOffset + Double(index + 1)), to: node.id)
                case .weightedSum: sums.add(best > 0 ? recommender.weight * node.score / best : 0, to: node.id)
                }
            }
        }
        scratch.selecting(limit, into: &ranked) { best in
            sums.drain { id, entry in best.offer(RankedNode(score: entry.sum, id: id)) }
        }
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

extension Recommender {
    /// A recommender of your own that the store was given: see ``CustomRecommender``. It reads its weight, and nothing else.
    public init(custom name: String, weight: Double? = nil) {
        self.init(.custom(name), weight: weight)
    }
}

extension Recommender.Method {
    /// What the names of recommenders of your own begin with, so that they never meet one of Kith's, now or later.
    static let customPrefix = "custom:"

    /// A ``CustomRecommender`` by its name: written `custom:NAME`.
    public static func custom(_ name: String) -> Self { Self(customPrefix + name, CustomSource.self) }
}

/// A ``CustomRecommender`` found in a store: sees to it that what it finds may be suggested, and is there at all.
struct CustomSource {
    private let recommender: any CustomRecommender
    let users: NodeDictionary
    let candidates: NodeDictionary
    let intermediates: NodeDictionary
    let relation: [EdgeType.Name]
    /// Who no evidence names; nil where there can be nobody.
    private let closed: IntermediateFilter?
    private let candidateLimit: UInt64
    private let intermediateLimit: UInt64
}

extension CustomSource: RecommenderMethod {
    static let summary = "what a recommender of your own finds"
    static let members: Set<Recommender.Member> = []

    static func prepare(
        _ recommender: Recommender, in snapshot: borrowing Snapshot
    ) throws -> any CandidateSource {
        let name = recommender.by.rawValue.dropFirst(Recommender.Method.customPrefix.count)
        let own = snapshot.file.options.recommenders
        guard let found = own.first(where: { $0.name == name }) else {
            let given = own.isEmpty ? "none" : own.map(\.name).sorted().joined(separator: ", ")
            throw GraphStoreError.badRequest(
                "the store was opened without a recommender '\(name)'; given to GraphStore.Options.recommenders: \(given)"
            )
        }
        guard own.count(where: { $0.name == name }) == 1 else {
            throw GraphStoreError.badRequest(
                "GraphStore.Options.recommenders holds several named '\(name)'; give each a name of its own")
        }
        return try CustomSource(found, in: snapshot)
    }

    private init(_ recommender: any CustomRecommender, in snapshot: borrowing Snapshot) throws {
        self.recommender = recommender
        let tables = snapshot.tables
        users = try tables.dictionary(recommender.users)
        candidates = try tables.dictionary(recommender.candidates)
        intermediates = try tables.dictionary(recommender.intermediates)
        relation = recommender.relation
        guard !relation.isEmpty else {
            throw GraphStoreError.badRequest("the recommender '\(recommender.name)' names no relation; it needs one")
        }
        for type in relation { _ = try tables.edges(type) }
        closed = try IntermediateFilter(of: intermediates, askedBy: users, in: snapshot)
        candidateLimit = snapshot.counters.kinds[candidates.index].nextID
        intermediateLimit = snapshot.counters.kinds[intermediates.index].nextID
    }
}

extension CustomSource: CandidateSource {
    func rank(
        _ run: RequestRun, limit: Int, in snapshot: borrowing Snapshot, into list: inout CandidateList
    ) throws {
        var isLeftOut: Set<UInt32> = []
        try run.filter.forEachExcluded(for: run.user, in: snapshot) { isLeftOut.insert($0) }
        let found = try find(run, limit: limit, in: snapshot)
        try run.scratch.selecting(limit, into: &list.ranked) { best in
            for candidate in found where !isLeftOut.contains(candidate.id) && candidate.score >= best.scoreMin {
                if try run.filter.accepts(candidate.id, in: snapshot) { best.offer(candidate) }
            }
        }
    }

    /// What the recommender finds, each once; of several the one with the highest score.
    private func find(_ run: RequestRun, limit: Int, in snapshot: borrowing Snapshot) throws -> [RankedNode] {
        let search = CandidateSearch(
            user: NodeID(rawValue: run.user), limit: limit, filter: run.filter, closed: closed)
        var scores: [UInt32: Double] = [:]
        for candidate in try recommender.candidates(for: search, in: snapshot) {
            try check(candidate, isBelow: candidateLimit)
            scores[candidate.node.rawValue] = max(scores[candidate.node.rawValue] ?? 0, candidate.score)
        }
        return scores.map { RankedNode(score: $0.value, id: $0.key) }
    }

    private func check(_ found: ScoredNode, isBelow limit: UInt64) throws {
        guard found.score >= 0, found.score.isFinite else {
            throw GraphStoreError.badRequest(
                "the recommender '\(recommender.name)' gives a node the score \(found.score); scores are finite numbers, "
                    + "0 or more")
        }
        guard found.node.rawValue < limit else {
            throw GraphStoreError.badRequest(
                "the recommender '\(recommender.name)' names node id \(found.node.rawValue), which does not exist")
        }
    }

    func findPaths(to candidate: UInt32, _ run: RequestRun, in snapshot: borrowing Snapshot) throws {
        let search = CandidateSearch(
            user: NodeID(rawValue: run.user), limit: .max, filter: run.filter, closed: closed)
        let paths = try recommender.paths(to: NodeID(rawValue: candidate), for: search, in: snapshot)
        for path in paths where try search.isOpen(path.node, in: snapshot) {
            try check(path, isBelow: intermediateLimit)
            run.scratch.paths.append(RankedNode(score: path.score, id: path.node.rawValue))
        }
    }

    /// - Complexity: as finding all candidates.
    func score(of candidate: UInt32, _ run: RequestRun, in snapshot: borrowing Snapshot) throws -> Double {
        let everyone = RequestRun(
            user: run.user, filter: CandidateFilter(sameKind: users.index == candidates.index), scratch: run.scratch)
        return try find(everyone, limit: .max, in: snapshot).first { $0.id == candidate }?.score ?? 0
    }
}

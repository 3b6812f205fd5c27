extension Recommender.Method {
    /// Those whom a random walk visits most.
    public static let pageRank = Self("pagerank", PersonalizedPageRank.self)
}

extension PersonalizedPageRank: RecommenderConvertible {
    /// The recommender as a plain value.
    public var recommender: Recommender { Recommender(.pageRank, pageRank: self) }

    /// A walk by edge types, each as it points.
    public init(via types: [EdgeType.Name], restart: Double = 0.5, tolerance: Double? = nil) {
        self.init(via: types.map { Hop.Step($0) }, restart: restart, tolerance: tolerance)
    }
}

extension PersonalizedPageRank: RecommenderMethod {
    static let summary = "those whom a random walk from the user visits most"
    static let members: Set<Recommender.Member> = [.via, .budget, .pageRank]

    static func prepare(
        _ recommender: Recommender, in snapshot: borrowing Snapshot
    ) throws -> any CandidateSource {
        var request = recommender.pageRank ?? PersonalizedPageRank()
        request.budget = request.budget ?? recommender.options?.budget
        let steps =
            try request.via.isEmpty
            ? recommender.types(or: try snapshot.relation).map { Hop.Step($0) } : request.via
        return try PageRankWalk(request, steps: steps, snapshot: snapshot)
    }
}

extension PageRankWalk: HopSource {
    /// It carries along whom to ask whether to give up; and it takes too long for a preparation to matter.
    var outlivesSnapshot: Bool { false }

    func rank(
        _ run: RequestRun, limit: Int, in snapshot: borrowing Snapshot, into list: inout CandidateList
    ) throws {
        let outcome = try rank(run, limit: limit, in: snapshot, into: &list.ranked)
        (list.isComplete, list.residual) = (outcome.isComplete, outcome.residual)
    }

    func score(of candidate: UInt32, _ run: RequestRun, in snapshot: borrowing Snapshot) throws -> Double {
        let vectors = run.scratch.pageRank
        defer { vectors.clear(Int(nodeLimit)) }
        _ = try solve(for: run.user, in: snapshot, run.scratch)
        return candidate < nodeLimit ? unsafe vectors.estimate[Int(candidate)] : 0
    }
}

extension Recommender.Method {
    /// Items of the most similar users.
    public static let userBased = Self("user-based", UserBased.self)
}

/// User-based collaborative filtering; the formula is that of the users' similarity: see ``CollaborativeWalk``.
enum UserBased: RecommenderMethod {
    static let summary = "items of the most similar users"
    static let members = Recommender.Member.ofTimes.union([.via, .score, .maximumDegree, .neighborsMax])
    static let usualScore: TwoHopScore? = .cosine

    /// How many similar users are asked unless a recommender says so.
    private static let usualNeighborsMax = 50

    static func prepare(
        _ recommender: Recommender, in snapshot: borrowing Snapshot
    ) throws -> any CandidateSource {
        let first = try recommender.itemHop(in: snapshot)
        let similarity = try TwoHop(
            first: first, second: first.reversed, score: recommender.score ?? .cosine,
            options: recommender.options ?? WalkOptions(), snapshot: snapshot)
        let neighborsMax = recommender.neighborsMax ?? usualNeighborsMax
        guard neighborsMax > 0 else {
            throw GraphStoreError.badRequest("'neighborsMax' needs to be above 0, found \(neighborsMax)")
        }
        return try CollaborativeWalk(
            .userBased(similarity, neighborsMax: neighborsMax), along: first, snapshot: snapshot)
    }
}

extension Recommender.Method {
    /// Items by the normalised linear filter.
    public static let linearFilter = Self("linear-filter", LinearFilter.self)
}

/// The normalised linear filter: see ``CollaborativeWalk``.
enum LinearFilter: RecommenderMethod {
    static let summary = "items, by what everybody looked at or bought"
    static let members: Set<Recommender.Member> = [.via]

    static func prepare(
        _ recommender: Recommender, in snapshot: borrowing Snapshot
    ) throws -> any CandidateSource {
        try CollaborativeWalk(.linearFilter, along: recommender.itemHop(in: snapshot), snapshot: snapshot)
    }
}

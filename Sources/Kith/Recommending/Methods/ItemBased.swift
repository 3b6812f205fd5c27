extension Recommender.Method {
    /// Items like one's own.
    public static let itemBased = Self("item-based", ItemBased.self)
}

/// Item-based collaborative filtering by the cosine of items: see ``CollaborativeWalk``.
enum ItemBased: RecommenderMethod {
    static let summary = "items like one's own"
    static let members: Set<Recommender.Member> = [.via]

    static func prepare(
        _ recommender: Recommender, in snapshot: borrowing Snapshot
    ) throws -> any CandidateSource {
        try CollaborativeWalk(.itemBased, along: recommender.itemHop(in: snapshot), snapshot: snapshot)
    }
}

extension Recommender.Method {
    /// Those whom the same accounts follow.
    public static let sameAudience = Self("same-audience", SameAudience.self)
}

/// `user <- account -> candidate`.
enum SameAudience: TwoHopMethod {
    static let summary = "those whom the same accounts follow, by 'follows'"
    static let usualFormula = TwoHopScore.cosine

    static func hops(
        of recommender: Recommender, in snapshot: borrowing Snapshot
    ) throws -> (first: Hop, second: Hop) {
        let hop = Hop(recommender.types(or: .follows), .in)
        return (hop, hop.reversed)
    }
}

extension Recommender.Method {
    /// Those with whom the people one interacts with interact.
    public static let interactions = Self("interactions", SharedInteractions.self)
}

/// `user -> x -> candidate` by `interacts`, strong ties counting for more.
enum SharedInteractions: TwoHopMethod {
    static let summary = "those with whom the people one interacts with interact"
    static let usualFormula = TwoHopScore.weighted

    static func hops(
        of recommender: Recommender, in snapshot: borrowing Snapshot
    ) throws -> (first: Hop, second: Hop) {
        let hop = Hop(recommender.types(or: .interacts), .out)
        return (hop, hop)
    }
}

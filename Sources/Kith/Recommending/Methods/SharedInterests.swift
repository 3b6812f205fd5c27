/// Suggests those with the same interests: `user -> topic <- candidate`.
public struct SharedInterests: RecommenderConvertible, Hashable {
    /// The recommender as a plain value.
    public let recommender: Recommender

    /// Similarity of interests.
    public init(
        via: EdgeType.Name = .interests, score: TwoHopScore = .tfidfCosine, weight: Double = 1,
        options: WalkOptions? = nil
    ) {
        recommender = Recommender(.interests, via: [via], score: score, weight: weight, options: options)
    }
}

extension Recommender.Method {
    /// Those with the same interests.
    public static let interests = Self("interests", SharedInterests.self)
}

extension SharedInterests: TwoHopMethod {
    static let summary = "those with the same interests"
    static let usualFormula = TwoHopScore.tfidfCosine

    static func hops(
        of recommender: Recommender, in snapshot: borrowing Snapshot
    ) throws -> (first: Hop, second: Hop) {
        let hop = Hop(recommender.types(or: .interests), .out)
        return (hop, hop.reversed)
    }
}

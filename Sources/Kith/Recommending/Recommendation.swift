/// Someone to suggest, or something, and why.
public struct Recommendation: Hashable, Sendable {
    /// The place in the list, from 1.
    public let rank: Int
    /// Who, or what.
    public let user: NodeKey
    /// The score: in the unit of the formula of one recommender, or a blend's.
    public let score: Double
    /// Why, by each recommender that found it; empty when the request asked for none.
    public let evidence: [Evidence]
}

/// The paths that lead from the user to a candidate.
public struct Evidence: Hashable, Sendable {
    /// The recommender.
    public let by: Recommender.Method
    /// The edge type of the first hop of the strongest path; of recommenders that do not go by paths, the first they
    /// look at.
    public let via: EdgeType.Name
    /// How many paths there are; 0 for recommenders that do not go by paths.
    public let paths: Int
    /// The intermediates that contribute most, the strongest first, of equals the one with the smaller id.
    public let through: [NodeKey]
    /// The recommender's own score.
    public let score: Double
}

/// The answer to a request, the best first.
public struct RecommendationList: Hashable, Sendable, RandomAccessCollection {
    /// The best first.
    public let results: [Recommendation]
    /// Whether everything the request asked for was looked at: false when a limit on work was hit.
    public let isComplete: Bool
    /// The recommender of the fallback chain that answered, because those asked for found nobody.
    public let fallback: Recommender.Method?
    /// How much of the probability a PageRank had not assigned when it stopped: its L1 error is at most this.
    public let residual: Double?

    /// The first place.
    public var startIndex: Int { results.startIndex }
    /// The place behind the last.
    public var endIndex: Int { results.endIndex }
    /// The recommendation at a place, from 0.
    public subscript(index: Int) -> Recommendation { results[index] }
}

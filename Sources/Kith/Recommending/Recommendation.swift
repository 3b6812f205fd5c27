/// Someone to suggest, and why.
public struct Recommendation: Hashable, Sendable {
    /// The place in the list, from 1.
    public let rank: Int
    /// Who.
    public let user: NodeKey
    /// The score, in the unit of the formula asked for.
    public let score: Double
    /// Why; empty when the request asked for none.
    public let evidence: [Evidence]
}

/// The paths that lead from the user to a candidate.
public struct Evidence: Hashable, Sendable {
    /// The edge type of the paths.
    public let via: EdgeType.Name
    /// How many there are.
    public let paths: Int
    /// The intermediates that contribute most, the strongest first, of equals the one with the smaller id.
    public let through: [NodeKey]
}

/// The answer to a request.
public struct RecommendationList: Hashable, Sendable {
    /// The best first.
    public let results: [Recommendation]
    /// Whether everything the request asked for was looked at: false when a limit on work was hit.
    public let isComplete: Bool
}

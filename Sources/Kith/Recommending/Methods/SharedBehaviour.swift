/// Suggests those who looked at, clicked or bought the same: `user -> item <- candidate`.
public struct SharedBehaviour: RecommenderConvertible, Hashable {
    /// The recommender as a plain value.
    public let recommender: Recommender

    /// Similarity of behaviour.
    public init(
        via: EdgeType.Name? = nil, score: TwoHopScore = .tfidfCosine, weight: Double = 1, options: WalkOptions? = nil
    ) {
        recommender = Recommender(.behaviour, via: via.map { [$0] }, score: score, weight: weight, options: options)
    }
}

extension Recommender.Method {
    /// Those who looked at, clicked or bought the same.
    public static let behaviour = Self("behaviour", SharedBehaviour.self)
}

extension SharedBehaviour: TwoHopMethod {
    static let summary = "those who looked at, clicked or bought the same"
    static let usualFormula = TwoHopScore.tfidfCosine

    static func hops(
        of recommender: Recommender, in snapshot: borrowing Snapshot
    ) throws -> (first: Hop, second: Hop) {
        let hop = Hop(try recommender.types(or: try snapshot.behaviour), .out)
        return (hop, hop.reversed)
    }
}

/// Suggests those who follow the same accounts: `user -> account <- candidate`.
public struct CoFollow: RecommenderConvertible, Hashable {
    /// The recommender as a plain value.
    public let recommender: Recommender

    /// Similarity of whom one follows.
    public init(
        via: EdgeType.Name? = nil, score: TwoHopScore = .cosine, weight: Double = 1, options: WalkOptions? = nil
    ) {
        recommender = Recommender(.coFollow, via: via.map { [$0] }, score: score, weight: weight, options: options)
    }
}

extension Recommender.Method {
    /// Those who follow the same accounts.
    public static let coFollow = Self("co-follow", CoFollow.self)
}

extension CoFollow: TwoHopMethod {
    static let summary = "those who follow the same accounts, by 'follows'"
    static let usualFormula = TwoHopScore.cosine

    static func hops(
        of recommender: Recommender, in snapshot: borrowing Snapshot
    ) throws -> (first: Hop, second: Hop) {
        let hop = Hop(recommender.types(or: .follows), .out)
        return (hop, hop.reversed)
    }
}

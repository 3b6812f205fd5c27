/// Suggests the people two steps away: `user -- x -- candidate` by a symmetric type, `user -> x -> candidate` by a
/// directed one.
public struct FriendsOfFriends: RecommenderConvertible, Hashable {
    /// The recommender as a plain value.
    public let recommender: Recommender

    /// Triadic closure; along the store's relation unless a type is given.
    public init(
        via: EdgeType.Name? = nil, score: TwoHopScore = .adamicAdar, weight: Double = 1, options: WalkOptions? = nil
    ) {
        recommender = Recommender(
            .friendsOfFriends, via: via.map { [$0] }, score: score, weight: weight, options: options)
    }
}

extension Recommender.Method {
    /// Two hops by one relation: triadic closure.
    public static let friendsOfFriends = Self("friends-of-friends", FriendsOfFriends.self)
}

extension FriendsOfFriends: TwoHopMethod {
    static let summary = "those two steps away"
    static let usualFormula = TwoHopScore.adamicAdar

    static func hops(
        of recommender: Recommender, in snapshot: borrowing Snapshot
    ) throws -> (first: Hop, second: Hop) {
        let hop = Hop(try recommender.types(or: try snapshot.relation), .out)
        return (hop, hop)
    }
}

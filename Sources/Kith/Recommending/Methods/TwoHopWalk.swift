/// Suggests by any two hops that meet in one kind.
public struct TwoHopWalk: RecommenderConvertible, Hashable {
    /// The recommender as a plain value.
    public let recommender: Recommender

    /// A walk: `user -- first --> x -- second --> candidate`.
    public init(
        _ first: Hop, _ second: Hop, score: TwoHopScore = .paths, weight: Double = 1, options: WalkOptions? = nil
    ) {
        recommender = Recommender(.walk, hops: [first, second], score: score, weight: weight, options: options)
    }
}

extension Recommender.Method {
    /// Any two hops.
    public static let walk = Self("walk", TwoHopWalk.self)
}

extension TwoHopWalk: TwoHopMethod {
    static let summary = "any two hops, which only a --request can name"
    static let members = Recommender.Member.ofWalks.union([.hops])
    static let usualFormula = TwoHopScore.paths

    static func hops(
        of recommender: Recommender, in snapshot: borrowing Snapshot
    ) throws -> (first: Hop, second: Hop) {
        guard let hops = recommender.hops, hops.count == 2 else {
            throw GraphStoreError.badRequest("a walk needs two hops, found \(recommender.hops?.count ?? 0)")
        }
        return (hops[0], hops[1])
    }
}

extension Snapshot {
    /// The nodes most like one: with the same neighbours along edges of one type, best first.
    ///
    /// Left out are hidden accounts, and those the node blocks, is blocked by, or has dismissed; whoever it is joined to is
    /// not. Evidence names what both share, and nobody whose connections are private.
    /// - Parameters:
    ///   - type: the edges that are compared; ``relation`` unless given.
    ///   - direction: with `in` the edges that point at the nodes: accounts with the same audience.
    ///   - includesHidden: whether accounts that are hidden are listed, which is for those who run the store.
    /// - Complexity: that of a walk of two hops.
    /// - Throws: as ``recommend(_:for:where:)``.
    public func similar(
        to key: NodeKey, via type: EdgeType.Name? = nil, direction: EdgeDirection = .out,
        score: TwoHopScore = .cosine, limit: Int = 10, evidenceLimit: Int = 3, includesHidden: Bool = false
    ) throws -> RecommendationList {
        let hop = Hop([Hop.Step(try type ?? relation, direction)])
        let request = RecommendationRequest(
            [TwoHopWalk(hop, hop.reversed, score: score).recommender], limit: limit, evidenceLimit: evidenceLimit,
            filters: RecommendationFilters(joinedBy: []))
        return try recommend(prepare(request, includesHidden: includesHidden, sharing: nil), for: key)
    }
}

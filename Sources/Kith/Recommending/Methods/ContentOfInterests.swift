extension Recommender.Method {
    /// Items about one's interests.
    public static let content = Self("content", ContentOfInterests.self)
}

/// `user -> topic <- item`.
enum ContentOfInterests: TwoHopMethod {
    static let summary = "items about one's interests"
    static let usualFormula = TwoHopScore.tfidfCosine

    static func hops(
        of recommender: Recommender, in snapshot: borrowing Snapshot
    ) throws -> (first: Hop, second: Hop) {
        let via = recommender.via ?? [.interests, .about]
        guard via.count == 2 else {
            throw GraphStoreError.badRequest(
                "content needs two edge types, from users to topics and from items to topics, found \(via.count)")
        }
        return (.out(via[0]), .in(via[1]))
    }
}

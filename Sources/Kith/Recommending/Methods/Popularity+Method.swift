extension Recommender.Method {
    /// Those who get most attention, by anyone.
    public static let attention = Self("attention", Popularity.self)
}

extension Popularity: RecommenderConvertible {
    /// The recommender as a plain value.
    public var recommender: Recommender { Recommender(.attention, attention: self) }
}

extension Popularity: RecommenderMethod {
    static let summary = "those who get most attention, by anyone"
    static let members: Set<Recommender.Member> = [.via, .attention]

    static func prepare(
        _ recommender: Recommender, in snapshot: borrowing Snapshot
    ) throws -> any CandidateSource {
        let attention = recommender.attention ?? Popularity()
        let types = try recommender.types(or: try snapshot.defaultType(of: attention.measure))
        return try PopularityWalk(attention, along: types.map { Hop.Step($0) }, snapshot: snapshot)
    }
}

extension PopularityWalk: HopSource {
    func rank(
        _ run: RequestRun, limit: Int, in snapshot: borrowing Snapshot, into list: inout CandidateList
    ) throws {
        try snapshot.ranking(self).rank(run, limit: limit, in: snapshot, into: &list.ranked)
    }

    func score(of candidate: UInt32, _ run: RequestRun, in snapshot: borrowing Snapshot) throws -> Double {
        let ranking = try snapshot.ranking(self)
        return Int(candidate) < ranking.scores.count ? ranking.scores[Int(candidate)] : 0
    }
}

/// What is asked for: which recommenders, how many results, who is left out. A plain value; see ``Recommender``.
public struct RecommendationRequest: Hashable, Sendable, Codable {
    /// How several recommenders' lists become one.
    public enum Blend: String, Hashable, Sendable, Codable, CaseIterable {
        /// The sum of weight / (60 + rank): needs no common scale (Cormack, Clarke and Büttcher, *SIGIR* 2009).
        case reciprocalRank = "reciprocal-rank"
        /// The sum of weight times score, each list's scores divided by its maximum.
        case weightedSum = "weighted-sum"
    }

    /// How candidates are found; ``standard`` where there is none.
    public var recommenders: [Recommender]
    /// How many results at most.
    public var limit: Int
    /// How many intermediates each result names for each recommender; with 0 no evidence is collected.
    public var evidenceLimit: Int
    /// How lists are blended, where there are several.
    public var blend: Blend
    /// Who is left out.
    public var filters: RecommendationFilters
    /// Asked one after the other, until one answers, for a user for whom the recommenders find nobody. Nil is
    /// ``standardFallback`` where the request names no recommender and no filter, and none otherwise: what is named may
    /// find nobody.
    public var fallback: [Recommender]?
    /// At most so many results share the same strongest intermediate; no limit when nil.
    public var sameIntermediateMax: Int?

    enum CodingKeys: String, CodingKey, CaseIterable {
        case recommenders, limit, evidenceLimit, blend, filters, fallback, sameIntermediateMax
    }

    /// A request; the standard one unless anything is given.
    public init(
        _ recommenders: [Recommender] = [], limit: Int = 10, evidenceLimit: Int = 3,
        blend: Blend = .weightedSum, filters: RecommendationFilters = .init(),
        fallback: [Recommender]? = nil, sameIntermediateMax: Int? = nil
    ) {
        self.recommenders = recommenders
        self.limit = limit
        self.evidenceLimit = evidenceLimit
        self.blend = blend
        self.filters = filters
        self.fallback = fallback
        self.sameIntermediateMax = sameIntermediateMax
    }

    /// A request written as the list of its recommenders.
    public init(
        limit: Int = 10, evidenceLimit: Int = 3, blend: Blend = .weightedSum, filters: RecommendationFilters = .init(),
        @RecommenderBuilder _ recommenders: () -> [Recommender]
    ) {
        self.init(recommenders(), limit: limit, evidenceLimit: evidenceLimit, blend: blend, filters: filters)
    }

    /// Reads a request; what is missing is as in a new one, and a member that is not known is refused.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.members(
            CodingKeys.self, nested: [("filters", RecommendationFilters.CodingKeys.allCases.map(\.stringValue))])
        self.init(
            try container.decodeIfPresent([Recommender].self, forKey: .recommenders) ?? [],
            limit: try container.decodeIfPresent(Int.self, forKey: .limit) ?? 10,
            evidenceLimit: try container.decodeIfPresent(Int.self, forKey: .evidenceLimit) ?? 3,
            blend: try container.value(Blend.self, forKey: .blend) ?? .weightedSum,
            filters: try container.decodeIfPresent(RecommendationFilters.self, forKey: .filters) ?? .init(),
            fallback: try container.decodeIfPresent([Recommender].self, forKey: .fallback),
            sameIntermediateMax: try container.decodeIfPresent(Int.self, forKey: .sameIntermediateMax))
    }

    /// For those without connections: shared interests, then who gets most attention.
    public static let standardFallback = [Recommender(.interests), Recommender(.attention)]

    /// The blend of a request that names no recommender: of those tried, the one that was at least as good as Adamic-Adar
    /// alone on every graph of the table that `Benchmarks/quality/run` prints.
    public static let standard = [
        Recommender(.friendsOfFriends, score: .adamicAdar),
        Recommender(.pageRank, weight: 0.5),
    ]

    /// The fallback chain that applies.
    var chain: [Recommender] {
        fallback
            ?? (recommenders.isEmpty && filters == RecommendationFilters()
                ? RecommendationRequest.standardFallback : [])
    }

    /// Sees to it that the request can be heeded as far as that can be told without a store: numbers are in their ranges,
    /// and every method reads what it is given.
    ///
    /// - Throws: ``GraphStoreError/badRequest(_:)``, ``GraphStoreError/notRead(_:by:readers:)``.
    public func validate() throws(GraphStoreError) {
        guard limit >= 0, evidenceLimit >= 0 else {
            throw .badRequest("a limit needs to be 0 or more, found \(min(limit, evidenceLimit))")
        }
        if let sameIntermediateMax, sameIntermediateMax < 1 {
            throw .badRequest("'sameIntermediateMax' needs to be 1 or more, found \(sameIntermediateMax)")
        }
        for recommender in recommenders { try recommender.validate() }
        for recommender in fallback ?? [] { try recommender.validate() }
    }
}

/// One way to find candidates, as a plain value: the same in code, as JSON and as the command's flags.
///
/// What is not given has the method's default, by what the store's schema has and holds. What is given and the method does
/// not read is refused by name: no method but those that walk two hops reads all of ``options``.
///
/// | method | walk | default types | default formula |
/// |---|---|---|---|
/// | ``Method/friendsOfFriends`` | out, out | the relation: `friends` where there are any, else `follows` | adamicAdar |
/// | ``Method/coFollow`` | out, in | `follows` | cosine |
/// | ``Method/sameAudience`` | in, out | `follows` | cosine |
/// | ``Method/interests`` | out, in | `interests` | tfidfCosine |
/// | ``Method/behaviour`` | out, in | of `purchases`, `clicks`, `views` the one with most edges | tfidfCosine |
/// | ``Method/interactions`` | out, out | `interacts` | weighted |
/// | ``Method/content`` | out, in | `interests`, then `about` | tfidfCosine |
/// | ``Method/walk`` | any two hops | | paths |
/// | ``Method/followBack`` | in | `follows` | recency |
/// | ``Method/triangular`` | out, out, to those of `in` | `follows` | paths |
/// | ``Method/pageRank`` | until it restarts | the relation | |
/// | ``Method/attention`` | | the relation | followers |
/// | ``Method/linearFilter``, ``Method/itemBased``, ``Method/userBased`` | out, in, out | as behaviour | |
public struct Recommender: Hashable, Sendable, Codable {
    /// How candidates are found.
    public var by: Method
    /// The edge types walked.
    public var via: [EdgeType.Name]?
    /// The two hops of ``Method/walk``.
    public var hops: [Hop]?
    /// The formula; of ``Method/userBased`` that of the users' similarity.
    public var score: TwoHopScore?
    /// How much it counts in a blend: 1 unless given, above 0.
    public var weight: Double?
    /// What a walk leaves out.
    public var options: WalkOptions?
    /// How ``Method/pageRank`` walks.
    public var pageRank: PersonalizedPageRank?
    /// What ``Method/attention`` measures.
    public var attention: Popularity?
    /// How many similar users ``Method/userBased`` asks: 50 unless given.
    public var neighborsMax: Int?

    enum CodingKeys: String, CodingKey, CaseIterable {
        case by, via, hops, score, weight, options, pageRank, attention, neighborsMax
    }

    /// A recommender; what is nil has the method's default.
    public init(
        _ by: Method, via: [EdgeType.Name]? = nil, hops: [Hop]? = nil, score: TwoHopScore? = nil,
        weight: Double? = nil, options: WalkOptions? = nil, pageRank: PersonalizedPageRank? = nil,
        attention: Popularity? = nil, neighborsMax: Int? = nil
    ) {
        self.by = by
        self.via = via
        self.hops = hops
        self.score = score
        self.weight = weight
        self.options = options
        self.pageRank = pageRank
        self.attention = attention
        self.neighborsMax = neighborsMax
    }
}

extension Recommender {
    /// Reads a recommender; what is missing has the method's default, and a member that is not known is refused.
    public init(from decoder: any Decoder) throws {
        func names(_ type: (some CodingKey & CaseIterable).Type) -> [String] { type.allCases.map(\.stringValue) }
        let members = try decoder.members(
            CodingKeys.self,
            nested: [
                ("options", names(WalkOptions.CodingKeys.self)),
                ("pageRank", names(PersonalizedPageRank.CodingKeys.self)),
                ("attention", names(Popularity.CodingKeys.self)),
            ])
        guard let by = try members.value(Method.self, forKey: .by) else {
            throw DecodingError.keyNotFound(
                CodingKeys.by, .init(codingPath: decoder.codingPath, debugDescription: "a recommender needs a method"))
        }
        self.init(
            by, via: try members.decodeIfPresent([EdgeType.Name].self, forKey: .via),
            hops: try members.decodeIfPresent([Hop].self, forKey: .hops),
            score: try members.value(TwoHopScore.self, forKey: .score),
            weight: try members.decodeIfPresent(Double.self, forKey: .weight),
            options: try members.decodeIfPresent(WalkOptions.self, forKey: .options),
            pageRank: try members.decodeIfPresent(PersonalizedPageRank.self, forKey: .pageRank),
            attention: try members.decodeIfPresent(Popularity.self, forKey: .attention),
            neighborsMax: try members.decodeIfPresent(Int.self, forKey: .neighborsMax))
    }
}

/// What a request is built of in code.
public protocol RecommenderConvertible: Sendable {
    /// The recommender as a plain value.
    var recommender: Recommender { get }
}

extension Recommender: RecommenderConvertible {
    /// Itself.
    public var recommender: Recommender { self }
}

extension RecommenderConvertible {
    /// The same, counting so much in a blend.
    public func weighted(_ weight: Double) -> Recommender {
        var weighted = recommender
        weighted.weight = weight
        return weighted
    }
}

/// Gathers the recommenders of a request.
@resultBuilder
public enum RecommenderBuilder {
    /// One.
    public static func buildExpression(_ one: some RecommenderConvertible) -> [Recommender] { [one.recommender] }
    /// All.
    public static func buildBlock(_ parts: [Recommender]...) -> [Recommender] { parts.flatMap(\.self) }
    /// Those of a condition that holds.
    public static func buildOptional(_ part: [Recommender]?) -> [Recommender] { part ?? [] }
    /// Those of the first branch.
    public static func buildEither(first: [Recommender]) -> [Recommender] { first }
    /// Those of the second branch.
    public static func buildEither(second: [Recommender]) -> [Recommender] { second }
    /// Those of a loop.
    public static func buildArray(_ parts: [[Recommender]]) -> [Recommender] { parts.flatMap(\.self) }
}

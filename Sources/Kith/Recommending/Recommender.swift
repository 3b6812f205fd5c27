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
/// | ``Method/pageRank`` | until it restarts | the relation | |
/// | ``Method/attention`` | | the relation | followers |
/// | ``Method/linearFilter``, ``Method/itemBased``, ``Method/userBased`` | out, in, out | as behaviour | |
public struct Recommender: Hashable, Sendable, Codable {
    /// How candidates are found.
    public enum Method: String, Hashable, Sendable, Codable, CaseIterable {
        /// Two hops by one relation: triadic closure.
        case friendsOfFriends = "friends-of-friends"
        /// Those who follow the same accounts.
        case coFollow = "co-follow"
        /// Those whom the same accounts follow.
        case sameAudience = "same-audience"
        /// Those with the same interests.
        case interests
        /// Those who looked at, clicked or bought the same.
        case behaviour
        /// Those with whom the people one interacts with interact.
        case interactions
        /// Items about one's interests.
        case content
        /// Any two hops.
        case walk
        /// Those who follow one and are not followed back, newest first.
        case followBack = "follow-back"
        /// Those whom a random walk visits most.
        case pageRank = "pagerank"
        /// Those who get most attention, by anyone.
        case attention
        /// Items by the normalised linear filter.
        case linearFilter = "linear-filter"
        /// Items like one's own.
        case itemBased = "item-based"
        /// Items of the most similar users.
        case userBased = "user-based"
    }

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
    public var attention: Attention?
    /// How many similar users ``Method/userBased`` asks: 50 unless given.
    public var neighborsMax: Int?

    enum CodingKeys: String, CodingKey, CaseIterable {
        case by, via, hops, score, weight, options, pageRank, attention, neighborsMax
    }

    /// A recommender; what is nil has the method's default.
    public init(
        _ by: Method, via: [EdgeType.Name]? = nil, hops: [Hop]? = nil, score: TwoHopScore? = nil,
        weight: Double? = nil, options: WalkOptions? = nil, pageRank: PersonalizedPageRank? = nil,
        attention: Attention? = nil, neighborsMax: Int? = nil
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
                ("attention", names(Attention.CodingKeys.self)),
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
            attention: try members.decodeIfPresent(Attention.self, forKey: .attention),
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

/// Suggests those with the same interests: `user -> topic <- candidate`.
public struct SharedInterests: RecommenderConvertible, Hashable {
    /// The recommender as a plain value.
    public let recommender: Recommender

    /// Similarity of interests.
    public init(
        via: EdgeType.Name = .interests, score: TwoHopScore = .tfidfCosine, weight: Double = 1,
        options: WalkOptions? = nil
    ) {
        recommender = Recommender(.interests, via: [via], score: score, weight: weight, options: options)
    }
}

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

extension PersonalizedPageRank: RecommenderConvertible {
    /// The recommender as a plain value.
    public var recommender: Recommender { Recommender(.pageRank, pageRank: self) }

    /// A walk by edge types, each as it points.
    public init(via types: [EdgeType.Name], restart: Double = 0.5, tolerance: Double? = nil) {
        self.init(via: types.map { Hop.Step($0) }, restart: restart, tolerance: tolerance)
    }
}

extension Attention: RecommenderConvertible {
    /// The recommender as a plain value.
    public var recommender: Recommender { Recommender(.attention, attention: self) }
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

extension Recommender {
    /// How candidates are found: the name of one of Kith's own methods, all of which are in ``allCases``, or of a
    /// ``CustomRecommender``, by ``custom(_:)``.
    ///
    /// It is written as its name in JSON, in results and, where it is Kith's own, after the command's `--by`.
    public struct Method: RawRepresentable, Hashable, Sendable, Codable, CustomStringConvertible {
        /// The name.
        public let rawValue: String
        /// What the name stands for.
        let type: any RecommenderMethod.Type

        /// A name and what it stands for.
        init(_ name: String, _ type: any RecommenderMethod.Type) {
            rawValue = name
            self.type = type
        }

        /// The method of this name, or nil when there is none. Whether a name that begins with `custom:` is one is for the
        /// store to say that is asked.
        public init?(rawValue: String) {
            if rawValue.hasPrefix(Method.customPrefix) {
                self = .custom(String(rawValue.dropFirst(Method.customPrefix.count)))
                return
            }
            guard let known = Method.allCases.first(where: { $0.rawValue == rawValue }) else { return nil }
            self = known
        }

        /// The name.
        public var description: String { rawValue }
        /// Whom or what it finds, as a phrase.
        public var summary: String { type.summary }
        /// Whether it ranks by a formula of two hops, which ``Recommender/score`` chooses.
        public var hasFormula: Bool { type.usualScore != nil }

        /// Whether it reads a member of a ``Recommender``; what it does not read is refused.
        public func reads(_ member: Recommender.Member) -> Bool { type.members.contains(member) }
    }
}

extension Recommender.Method: CaseIterable {
    /// Kith's own methods. A new one is a file of its own in `Methods` and a line here.
    public static let allCases: [Recommender.Method] = [
        .friendsOfFriends,
        .coFollow,
        .sameAudience,
        .interests,
        .behaviour,
        .interactions,
        .content,
        .followBack,
        .triangular,
        .pageRank,
        .attention,
        .linearFilter,
        .itemBased,
        .userBased,
        .walk,
    ]
}

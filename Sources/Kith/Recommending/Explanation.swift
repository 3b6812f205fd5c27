/// Why someone is suggested to a user, or why not: the answer of ``Snapshot/why(_:for:_:where:)``.
public struct Explanation: Hashable, Sendable {
    /// Whether the answer to the request has it.
    public let isSuggested: Bool
    /// What speaks against it, if anything does.
    public let exclusion: Exclusion?
    /// Its rank among all that were found, from 1, which is its rank in the answer where that has it; nil when it is
    /// excluded or was not found.
    public let rank: Int?
    /// How many were found.
    public let candidateCount: Int
    /// The score as the request ranks by it; 0 when it has no rank.
    public let score: Double
    /// What each recommender has for it, whether or not it is excluded: those without a path are not in it.
    public let evidence: [Evidence]
    /// The recommender of the fallback chain that answers, because those asked for find nobody.
    public let fallback: Recommender.Method?
    /// Whether everything the request asked for was looked at: false when a limit on work was hit.
    public let isComplete: Bool
}

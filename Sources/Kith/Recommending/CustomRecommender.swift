/// A recommender of your own, which requests can name beside Kith's: blended with the others, filtered, explained by `why`,
/// and asked for many users at once.
///
/// Give it to a store when that is opened, in ``GraphStore/Options/recommenders``; a request names it by
/// `Recommender(custom: "same-city")`, or in JSON by `{"by": "custom:same-city"}`. A request that names one the store was not
/// given is refused.
/// ```swift
/// struct TeamPicks: CustomRecommender {
///     let name = "team-picks"
///     let relation: [EdgeType.Name] = [.follows]
///
///     func candidates(for search: CandidateSearch, in snapshot: borrowing Snapshot) throws -> [ScoredNode] {
///         guard let team = try snapshot.id(of: "team") else { return [] }
///         var picks: [ScoredNode] = []
///         try snapshot.forEachNeighborGroup(of: team, via: .follows) { group in
///             for index in group.indices { picks.append(ScoredNode(NodeID(rawValue: group[index]), score: 1)) }
///         }
///         return picks
///     }
/// }
/// var options = GraphStore.Options()
/// options.recommenders = [TeamPicks()]
/// let store = try GraphStore(opening: "people.kith", options: options)
/// ```
/// Kith keeps the promises of every answer, so a recommender need not: who must not be suggested is left out of what it
/// finds, whatever it finds, and closed accounts are left out of its paths. That no *score* comes from a path through a
/// closed account is for the recommender to see to: ``CandidateSearch/isOpen(_:in:)``.
///
/// It is asked by several threads at once, and about any state of the graph: what it keeps must not depend on either.
public protocol CustomRecommender: Sendable {
    /// What requests name it by; a request for a name that several of the store's have is refused.
    var name: String { get }
    /// The kind of those it recommends to; `user` unless given.
    var users: NodeKind { get }
    /// The kind of what it recommends; `user` unless given.
    var candidates: NodeKind { get }
    /// The kind of the nodes its paths lead through; that of ``users`` unless given.
    var intermediates: NodeKind { get }
    /// The edge types it recommends by, at least one. Whoever is joined to a candidate by one of them is not told of it
    /// again; evidence names the first.
    var relation: [EdgeType.Name] { get }

    /// Those it finds for a user, in any order, each once: at least the ``CandidateSearch/limit`` best of those that
    /// ``CandidateSearch/allows(_:in:)``.
    ///
    /// Scores are finite numbers, 0 or more. They are ranked by score, then by smaller id, which is the one more followed.
    func candidates(for search: CandidateSearch, in snapshot: borrowing Snapshot) throws -> [ScoredNode]

    /// Through whom it finds a candidate: nodes of ``intermediates``, each once, in any order, with what each contributes.
    /// Unless implemented its evidence names nobody.
    func paths(
        to candidate: NodeID, for search: CandidateSearch, in snapshot: borrowing Snapshot
    ) throws -> [ScoredNode]
}

extension CustomRecommender {
    /// `user`.
    public var users: NodeKind { .user }
    /// `user`.
    public var candidates: NodeKind { .user }
    /// The kind of those it recommends to.
    public var intermediates: NodeKind { users }

    /// None.
    public func paths(
        to candidate: NodeID, for search: CandidateSearch, in snapshot: borrowing Snapshot
    ) throws -> [ScoredNode] { [] }
}

extension GraphStore.Options {
    /// Recommenders of your own, which requests to this store can name; none unless given. See ``CustomRecommender``.
    public var recommenders: [any CustomRecommender] {
        get { self[CustomRecommenders.self]?.all ?? [] }
        set { self[CustomRecommenders.self] = CustomRecommenders(all: newValue) }
    }
}

private struct CustomRecommenders: Sendable {
    let all: [any CustomRecommender]
}

/// A node and its score: a candidate, or what a path through the node contributes.
public struct ScoredNode: Hashable, Sendable {
    /// Which node.
    public var node: NodeID
    /// Its score.
    public var score: Double

    /// A node and its score.
    public init(_ node: NodeID, score: Double) {
        self.node = node
        self.score = score
    }
}

/// What a ``CustomRecommender`` is asked: for whom, for how many, and who may be suggested.
///
/// To be used with the snapshot that came with it.
public struct CandidateSearch {
    /// For whom.
    public let user: NodeID
    /// How many of the best are wanted; `Int.max` when all are, because `why` asks for somebody's rank.
    public let limit: Int
    let filter: CandidateFilter
    let closed: IntermediateFilter?

    /// Whether a candidate may be suggested to the user. Kith asks this of all that is found; who asks it early may stop
    /// early.
    ///
    /// - Complexity: a lookup in each list of the user's that leaves somebody out, and what the filters of the request take.
    public func allows(_ candidate: NodeID, in snapshot: borrowing Snapshot) throws -> Bool {
        try filter.exclusion(of: candidate.rawValue, for: user.rawValue, in: snapshot) == nil
    }

    /// Whether paths may lead through a node: its connections are not private, and it neither blocks the user nor is
    /// blocked.
    ///
    /// - Complexity: a lookup, and the lists of those the user blocks and is blocked by.
    public func isOpen(_ intermediate: NodeID, in snapshot: borrowing Snapshot) throws -> Bool {
        guard let closed else { return true }
        var found: [UInt32] = []
        try closed.read(for: user.rawValue, among: 1, in: snapshot, into: &found) { _ in
            intermediate.rawValue
        }
        return !found.contains(intermediate.rawValue)
    }
}

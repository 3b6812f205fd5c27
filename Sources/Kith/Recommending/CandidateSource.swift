/// What a recommender is once it is found in a store: a source of ranked candidates, and of the reasons for each.
///
/// A request holds one source for each of its recommenders and asks it through this protocol, so that requests, blends,
/// batches and `why` know nothing of walks. A call goes through the protocol once for each user and list; loops over
/// neighbours lie inside the source.
/// ```
/// request -> PreparedRecommender -> any CandidateSource
///     rank        the best candidates of a user
///     readUser    then findPaths, firstType   the evidence of a candidate
///     readUser    then score                  one candidate, also one that the filter refuses
/// ```
protocol CandidateSource {
    /// The kind of those it recommends to.
    var users: NodeDictionary { get }
    /// The kind of what it recommends.
    var candidates: NodeDictionary { get }
    /// The kind of the nodes that its paths lead through.
    var intermediates: NodeDictionary { get }
    /// The edge types of its first hop: what is recommended, where they join users and candidates. At least one.
    var relation: [EdgeType.Name] { get }
    /// How many paths a candidate needs.
    var minimumPaths: Int { get }
    /// Whether one that was prepared may serve other reads of the same commit and moment.
    var outlivesSnapshot: Bool { get }

    /// From here on uses, and fills, what the threads of a batch share.
    ///
    /// - Parameter number: which source of the request this is; the same on every thread.
    mutating func share(_ hops: SharedHops, number: Int, _ counters: StoreCounters)

    /// Appends the best candidates that the run's filter allows to `list`, which is empty, best first.
    func rank(
        _ run: RequestRun, limit: Int, in snapshot: borrowing Snapshot, into list: inout CandidateList
    ) throws

    /// Reads what ``findPaths(to:_:in:)``, ``firstType(to:through:_:in:)`` and ``score(of:_:in:)`` need of the user.
    /// ``rank(_:limit:in:into:)`` has read it too.
    func readUser(_ run: RequestRun, in snapshot: borrowing Snapshot) throws

    /// Appends the paths to a candidate to ``RequestScratch/paths``, which is empty.
    func findPaths(to candidate: UInt32, _ run: RequestRun, in snapshot: borrowing Snapshot) throws

    /// The edge type of the first hop of the path through `strongest`, which is nil where no path was found; of several
    /// the first that was asked for. Nil stands for the first of ``relation``.
    func firstType(
        to candidate: UInt32, through strongest: UInt32?, _ run: RequestRun, in snapshot: borrowing Snapshot
    ) throws -> EdgeType.Name?

    /// The score of a candidate, whether or not it could be suggested; 0 where it is not found.
    func score(of candidate: UInt32, _ run: RequestRun, in snapshot: borrowing Snapshot) throws -> Double
}

/// One user's question to the sources of a request, while it is answered.
struct RequestRun {
    /// Who asks.
    let user: UInt32
    /// Who is never suggested.
    let filter: CandidateFilter
    /// The memory to work in.
    let scratch: RequestScratch
}

/// The candidates of one source, best first.
struct CandidateList {
    var ranked: [RankedNode] = []
    /// Whether the walk was as long as it wanted to be.
    var isComplete = true
    /// How much of the probability a PageRank had not assigned when it stopped.
    var residual: Double?

    /// Begins anew, with the memory there is.
    mutating func removeAll() {
        ranked.removeAll(keepingCapacity: true)
        isComplete = true
        residual = nil
    }
}

// MARK: - What most sources have in common

extension CandidateSource {
    var intermediates: NodeDictionary { candidates }
    var minimumPaths: Int { 1 }
    var outlivesSnapshot: Bool { true }

    mutating func share(_ hops: SharedHops, number: Int, _ counters: StoreCounters) {}

    func readUser(_ run: RequestRun, in snapshot: borrowing Snapshot) throws {}

    func findPaths(to candidate: UInt32, _ run: RequestRun, in snapshot: borrowing Snapshot) throws {}

    func firstType(
        to candidate: UInt32, through strongest: UInt32?, _ run: RequestRun, in snapshot: borrowing Snapshot
    ) throws -> EdgeType.Name? { nil }
}

/// A source that walks one hop from the user, whatever it does then.
protocol HopSource: CandidateSource {
    var hop: HopTables { get }
}

extension HopSource {
    var users: NodeDictionary { hop.origin }
    var candidates: NodeDictionary { hop.destination }
    var relation: [EdgeType.Name] { hop.types }
}

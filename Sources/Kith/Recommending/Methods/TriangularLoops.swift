import Adjacency

extension Recommender.Method {
    /// Those who follow one and are followed by those one follows: their edge closes a loop of three.
    public static let triangular = Self("triangular", TriangularLoops.self)
}

/// Suggests to a user v every u of a loop `u -> v -> w -> u` that v does not follow yet; the score is the number of such w.
/// ```
///      v (asks)
///     ^ \
///    /   v
///   u <-- w          v -> u is what is suggested
/// ```
/// Such a loop is the feedback of three people: v hears of u through w while u follows v already.
///
/// **Cost:** O(followers of v + the lists of all w).
struct TriangularLoops {
    let hop: HopTables
    private let back: HopTables
    /// Who no path leads through; nil where there can be nobody.
    private let closed: IntermediateFilter?
    private let nodeLimit: UInt32

    /// - Throws: ``GraphStoreError/edgeTypesDoNotFit(_:)`` when the edges do not point from a kind to itself.
    init(_ hop: HopTables, _ snapshot: borrowing Snapshot) throws {
        let bent = hop.steps.first { $0.edges.type.isSymmetric || $0.edges.source.index != $0.edges.target.index }
        if let bent {
            throw GraphStoreError.edgeTypesDoNotFit(
                "triangular loops follow edges that point from a kind to itself, and '\(bent.edges.type.name)' "
                    + (bent.edges.type.isSymmetric
                        ? "is symmetric" : "leads from \(bent.edges.source.kind) to \(bent.edges.target.kind)"))
        }
        self.hop = hop
        back = hop.reversed
        closed = try IntermediateFilter(of: hop.origin, askedBy: hop.origin, in: snapshot)
        nodeLimit = UInt32(snapshot.counters.kinds[hop.origin.index].nextID)
    }
}

extension TriangularLoops: RecommenderMethod {
    static let summary = "followers whom those one follows follow, by 'follows'"
    static let members: Set<Recommender.Member> = [.via]

    static func prepare(
        _ recommender: Recommender, in snapshot: borrowing Snapshot
    ) throws -> any CandidateSource {
        try TriangularLoops(HopTables(Hop(recommender.types(or: .follows), .out), in: snapshot.tables), snapshot)
    }
}

extension TriangularLoops: HopSource {
    var intermediates: NodeDictionary { hop.destination }

    func rank(
        _ run: RequestRun, limit: Int, in snapshot: borrowing Snapshot, into list: inout CandidateList
    ) throws {
        let scratch = run.scratch
        // A follower has 1, and 1 more for each w that leads there; whoever follows nobody's neighbour has nothing.
        let counts = scratch.wideCounts(capacity: Int(nodeLimit))
        do {
            try readFollowers(of: run.user, in: snapshot, scratch)
            for follower in scratch.reached.ids { counts.add(1, to: follower) }
            try hop.read(
                run.user, .none, weighted: false, in: snapshot, into: &scratch.intermediates,
                scratch: &scratch.hop)
            // Those the user follows are no candidates, whatever the request's filters say.
            for followed in scratch.intermediates.ids { counts.exclude(followed) }
            try run.filter.forEachExcluded(for: run.user, in: snapshot) { counts.exclude($0) }
            try leaveOutClosed(to: run.user, in: snapshot, scratch)
            for intermediate in scratch.intermediates.ids {
                try hop.read(
                    intermediate, .none, weighted: false, in: snapshot, into: &scratch.reached,
                    scratch: &scratch.hop)
                scratch.work.edges += scratch.reached.ids.count
                for node in scratch.reached.ids where node < nodeLimit && counts.score(of: node) > 0 {
                    counts.add(1, to: node)
                }
            }
        } catch {
            counts.clear()
            throw error
        }
        try offer(counts, limit: limit, run, in: snapshot, into: &list.ranked)
    }

    /// Appends those whom a path leads to, best first.
    private func offer(
        _ counts: ScoreAccumulator<UInt32>, limit: Int, _ run: RequestRun, in snapshot: borrowing Snapshot,
        into ranked: inout [RankedNode]
    ) throws {
        var failure: (any Error)?
        run.scratch.selecting(limit, into: &ranked) { best in
            counts.drain(from: 2) { node, count, _ in
                do {
                    let candidate = RankedNode(score: Double(count - 1), id: node)
                    if failure == nil, candidate.score >= best.scoreMin,
                        try run.filter.accepts(node, in: snapshot)
                    {
                        best.offer(candidate)
                    }
                } catch {
                    failure = error
                }
                return 2
            }
        }
        if let failure { throw failure }
    }

    func readUser(_ run: RequestRun, in snapshot: borrowing Snapshot) throws {
        try hop.read(
            run.user, .none, weighted: false, in: snapshot, into: &run.scratch.intermediates,
            scratch: &run.scratch.hop)
        try leaveOutClosed(to: run.user, in: snapshot, run.scratch)
    }

    func findPaths(to candidate: UInt32, _ run: RequestRun, in snapshot: borrowing Snapshot) throws {
        let scratch = run.scratch
        guard try leads(from: candidate, to: run.user, in: snapshot),
            try !leads(from: run.user, to: candidate, in: snapshot)
        else { return }
        try readFollowers(of: candidate, in: snapshot, scratch)
        var leading = AscendingMembership(scratch.reached.ids)
        for intermediate in scratch.intermediates.ids where leading.contains(intermediate) {
            scratch.paths.append(RankedNode(score: 1, id: intermediate))
        }
    }

    func firstType(
        to candidate: UInt32, through strongest: UInt32?, _ run: RequestRun, in snapshot: borrowing Snapshot
    ) throws -> EdgeType.Name? {
        try strongest.flatMap { try hop.type(from: run.user, to: $0, .none, in: snapshot) }
    }

    func score(of candidate: UInt32, _ run: RequestRun, in snapshot: borrowing Snapshot) throws -> Double {
        run.scratch.paths.removeAll(keepingCapacity: true)
        try findPaths(to: candidate, run, in: snapshot)
        return Double(run.scratch.paths.count)
    }

    private func leads(from node: UInt32, to other: UInt32, in snapshot: borrowing Snapshot) throws -> Bool {
        for step in hop.steps where try step.table.edge(from: node, to: other, in: snapshot) != nil {
            return true
        }
        return false
    }

    /// Leaves in ``RequestScratch/reached``, ascending, those who follow `node`.
    private func readFollowers(
        of node: UInt32, in snapshot: borrowing Snapshot, _ scratch: RequestScratch
    ) throws {
        try back.read(
            node, .none, weighted: false, in: snapshot, into: &scratch.reached, scratch: &scratch.hop)
        if let last = scratch.reached.ids.last, last >= nodeLimit {
            throw GraphStoreError.damaged(
                table: back.steps[0].table.name, node: node,
                reason: "it names node id \(last), which does not exist")
        }
    }

    /// Takes out of ``RequestScratch/intermediates`` those who are closed to the user.
    private func leaveOutClosed(
        to user: UInt32, in snapshot: borrowing Snapshot, _ scratch: RequestScratch
    ) throws {
        guard let closed else { return }
        _ = try scratch.intermediates.removeClosed(to: user, by: closed, in: snapshot, scratch)
    }
}

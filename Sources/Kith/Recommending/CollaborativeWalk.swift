import Adjacency

/// Three hops, `user -> item <- neighbour -> item`: collaborative filtering by the two-hop kernel, twice.
///
/// Mass is added up on the neighbours first, then passed on to their items:
/// ```
/// mass(v)  = Σ over i in N(u) of deg(i)^-p     then times deg(v)^-q
/// score(j) = deg(j)^-r  Σ over v in N(j) of mass(v)
/// ```
/// | formula | p | q | r |
/// |---|---|---|---|
/// | normalised linear filter, R(S'S) with S = Du^-1/2 R Di^-1/2 (Shen et al., *How powerful is graph convolution for recommendation?*, 2021) | 1/2 | 1 | 1/2 |
/// | item-based, cosine of items, all neighbours (Sarwar et al. 2001) | 1/2 | 0 | 1/2 |
/// | user-based: the most similar users by a ``TwoHop`` and their similarity as mass | - | 0 | 0 |
///
/// Sums run in ascending id of i, then of v. No i and no v is closed to the user: see ``IntermediateFilter``.
struct CollaborativeWalk {
    enum Formula {
        case linearFilter
        case itemBased
        /// By the similarity of users, the best so many.
        case userBased(TwoHop, neighborsMax: Int)
    }

    private(set) var formula: Formula
    let first: HopTables
    private let back: HopTables
    /// Which items, and which neighbours, no path leads through; nil where there can be none.
    private let closedItems: IntermediateFilter?
    private let closedNeighbors: IntermediateFilter?
    /// Which edges count.
    private let aging: EdgeAging
    private let neighborLimit: UInt32
    private let candidateLimit: UInt32

    /// - Throws: ``GraphStoreError/edgeTypesDoNotFit(_:)`` when the hop is not of one type.
    init(_ formula: Formula, along first: HopTables, snapshot: borrowing Snapshot) throws {
        guard first.steps.count == 1 else {
            throw GraphStoreError.edgeTypesDoNotFit(
                "collaborative filtering walks one edge type; ask for each type on its own and blend")
        }
        self.formula = formula
        self.first = first
        back = first.reversed
        closedItems = try IntermediateFilter(of: first.destination, askedBy: first.origin, in: snapshot)
        closedNeighbors = try IntermediateFilter(of: first.origin, askedBy: first.origin, in: snapshot)
        if case .userBased(let similarity, _) = formula { aging = .filter(similarity.aging) } else { aging = .none }
        neighborLimit = UInt32(snapshot.counters.kinds[first.origin.index].nextID)
        candidateLimit = UInt32(snapshot.counters.kinds[first.destination.index].nextID)
    }

    /// Appends the best items of a user to `ranked`, best first; answers whether the walk was as long as it wanted to be.
    private func rank(
        _ run: RequestRun, limit: Int, in snapshot: borrowing Snapshot, into ranked: inout [RankedNode]
    ) throws -> Bool {
        let scratch = run.scratch
        let isComplete = try prepare(for: run.user, in: snapshot, scratch)
        let items = scratch.moreSums(capacity: Int(candidateLimit))
        do {
            try expand(in: snapshot, into: items, scratch)
            try run.filter.forEachExcluded(for: run.user, in: snapshot) { items.exclude($0) }
        } catch {
            items.clear()
            throw error
        }
        var candidates: [RankedNode] = []
        swap(&candidates, &scratch.ranked)
        defer {
            candidates.removeAll(keepingCapacity: true)
            swap(&candidates, &scratch.ranked)
        }
        items.drain { id, sum, _ in
            candidates.append(RankedNode(score: sum, id: id))
            return .least
        }
        let roots = rootDegrees(in: snapshot, scratch)
        try scratch.selecting(limit, into: &ranked) { best in
            for candidate in candidates {
                // No list is shorter than one.
                guard candidate.score >= best.scoreMin else { continue }
                let score = try score(candidate.score, of: candidate.id, roots, in: snapshot)
                guard score >= best.scoreMin, try run.filter.accepts(candidate.id, in: snapshot) else { continue }
                best.offer(RankedNode(score: score, id: candidate.id))
            }
        }
        return isComplete
    }

    private func score(
        _ sum: Double, of item: UInt32, _ roots: NodeValues, in snapshot: borrowing Snapshot
    ) throws -> Double {
        if case .userBased = formula { return sum }
        return sum / (try rootDegree(of: item, roots, in: snapshot))
    }

    private func rootDegrees(in snapshot: borrowing Snapshot, _ scratch: RequestScratch) -> NodeValues {
        scratch.values(.rootSize, of: back, .none, snapshot.commit, candidateLimit)
    }

    @inline(__always)
    private func rootDegree(
        of item: UInt32, _ roots: NodeValues, in snapshot: borrowing Snapshot
    ) throws -> Double {
        try roots.value(of: item) {
            Double(try back.steps[0].table.degree(of: item, in: snapshot)).squareRoot()
        }
    }

    /// Leaves the neighbours in ``RequestScratch/neighbors``, ascending, with their mass before the last division: for
    /// ranking, and for ``findPaths(to:in:_:)``. Answers whether the walk was as long as it wanted to be.
    private func prepare(
        for user: UInt32, in snapshot: borrowing Snapshot, _ scratch: RequestScratch
    ) throws -> Bool {
        let isComplete = try findNeighbors(of: user, in: snapshot, scratch)
        guard let closedNeighbors, !scratch.neighbors.isEmpty else { return isComplete }
        try closedNeighbors.read(
            for: user, among: scratch.neighbors.count, in: snapshot, into: &scratch.closed
        ) { scratch.neighbors[$0].id }
        if scratch.closed.isEmpty { return isComplete }
        var members = AscendingMembership(scratch.closed)
        scratch.neighbors.removeAll { members.contains($0.id) }
        return isComplete
    }

    /// Leaves in ``RequestScratch/neighbors`` also those who are closed to the user.
    private func findNeighbors(
        of user: UInt32, in snapshot: borrowing Snapshot, _ scratch: RequestScratch
    ) throws -> Bool {
        scratch.neighbors.removeAll(keepingCapacity: true)
        if case .userBased(let walk, let neighborsMax) = formula {
            var similar: [RankedNode] = []
            swap(&similar, &scratch.blended)
            defer { swap(&similar, &scratch.blended) }
            similar.removeAll(keepingCapacity: true)
            let run = RequestRun(
                user: user, filter: closedNeighbors?.asCandidateFilter ?? CandidateFilter(), scratch: scratch)
            let isComplete = try walk.rank(run, limit: neighborsMax, in: snapshot, into: &similar)
            let sums = scratch.sums(capacity: Int(neighborLimit))
            for neighbor in similar where neighbor.score > 0 { sums.add(neighbor.score, to: neighbor.id) }
            sums.drainAscending(by: scratch.order) { id, mass in
                scratch.neighbors.append(RankedNode(score: mass, id: id))
            }
            return isComplete
        }
        try first.read(
            user, .none, weighted: false, in: snapshot, into: &scratch.intermediates, scratch: &scratch.hop)
        if let closedItems {
            _ = try scratch.intermediates.removeClosed(to: user, by: closedItems, in: snapshot, scratch)
        }
        let sums = scratch.sums(capacity: Int(neighborLimit))
        let table = back.steps[0].table
        let roots = rootDegrees(in: snapshot, scratch)
        do {
            var reader = table.neighbors(.ascending, in: snapshot)
            for place in scratch.intermediates.ids.indices {
                let item = scratch.intermediates.ids[place]
                let amount = 1 / (try rootDegree(of: item, roots, in: snapshot))
                try unsafe reader.forEachGroup(of: item, below: neighborLimit) { group in
                    unsafe sums.add(amount, to: group)
                }
            }
        } catch {
            sums.clear()
            throw error
        }
        sums.drainAscending(by: scratch.order) { id, mass in
            scratch.neighbors.append(RankedNode(score: mass, id: id))
        }
        return true
    }

    /// Passes the neighbours' mass on to their items.
    private func expand(
        in snapshot: borrowing Snapshot, into items: ScoreAccumulator<Double>, _ scratch: RequestScratch
    ) throws {
        let table = first.steps[0].table
        guard first.isWhole(aging) else {
            for neighbor in scratch.neighbors {
                try first.read(
                    neighbor.id, aging, weighted: false, in: snapshot, into: &scratch.reached,
                    scratch: &scratch.hop)
                scratch.work.edges += scratch.reached.ids.count
                for item in scratch.reached.ids where item < candidateLimit { items.add(neighbor.score, to: item) }
            }
            return
        }
        var dividesByDegree = false
        if case .linearFilter = formula { dividesByDegree = true }
        var reader = table.neighbors(.ascending, in: snapshot)
        for neighbor in scratch.neighbors {
            var amount = neighbor.score
            var isFirstBlock = true
            try reader.forEachBlock(of: neighbor.id) { block in
                if isFirstBlock {
                    isFirstBlock = false
                    scratch.work.edges += Int(block.degree)
                    if dividesByDegree { amount /= Double(block.degree) }
                }
                try unsafe block.forEachGroup(below: candidateLimit) { group in unsafe items.add(amount, to: group) }
                return true
            }
        }
    }

    /// Leaves the neighbours that lead to `item`, with the mass they pass to it, of the user read last in
    /// ``RequestScratch/paths``, ascending.
    private func findPaths(
        to item: UInt32, in snapshot: borrowing Snapshot, _ scratch: RequestScratch
    ) throws {
        try back.read(item, aging, weighted: false, in: snapshot, into: &scratch.reached, scratch: &scratch.hop)
        scratch.paths.removeAll(keepingCapacity: true)
        var place = 0
        for id in scratch.reached.ids {
            while place < scratch.neighbors.count, scratch.neighbors[place].id < id { place += 1 }
            if place < scratch.neighbors.count, scratch.neighbors[place].id == id {
                scratch.paths.append(scratch.neighbors[place])
            }
        }
    }
}

extension CollaborativeWalk: CandidateSource {
    var users: NodeDictionary { first.origin }
    var candidates: NodeDictionary { first.destination }
    /// The neighbours: items lead to them, and they to other items.
    var intermediates: NodeDictionary { first.origin }
    var relation: [EdgeType.Name] { first.types }

    mutating func share(_ hops: SharedHops, number: Int, _ counters: StoreCounters) {
        guard case .userBased(var walk, let neighborsMax) = formula else { return }
        walk.share(hops, number: number, counters)
        formula = .userBased(walk, neighborsMax: neighborsMax)
    }

    func rank(
        _ run: RequestRun, limit: Int, in snapshot: borrowing Snapshot, into list: inout CandidateList
    ) throws {
        list.isComplete = try rank(run, limit: limit, in: snapshot, into: &list.ranked)
    }

    func readUser(_ run: RequestRun, in snapshot: borrowing Snapshot) throws {
        _ = try prepare(for: run.user, in: snapshot, run.scratch)
    }

    func findPaths(to candidate: UInt32, _ run: RequestRun, in snapshot: borrowing Snapshot) throws {
        try findPaths(to: candidate, in: snapshot, run.scratch)
    }

    func score(of candidate: UInt32, _ run: RequestRun, in snapshot: borrowing Snapshot) throws -> Double {
        var dividesByDegree = false
        if case .linearFilter = formula { dividesByDegree = true }
        var sum = 0.0
        try findPaths(to: candidate, run, in: snapshot)
        for path in run.scratch.paths {
            let degree = dividesByDegree ? try first.steps[0].table.degree(of: path.id, in: snapshot) : 1
            sum += path.score / Double(degree)
        }
        if sum == 0 { return 0 }
        let roots = rootDegrees(in: snapshot, run.scratch)
        return try score(sum, of: candidate, roots, in: snapshot)
    }
}

extension Recommender {
    /// The hop from a user to items that collaborative methods begin with.
    func itemHop(in snapshot: borrowing Snapshot) throws -> HopTables {
        try HopTables(Hop(types(or: try snapshot.behaviour), .out), in: snapshot.tables)
    }
}

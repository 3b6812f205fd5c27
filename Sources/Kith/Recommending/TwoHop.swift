import Adjacency

/// The two-hop kernel: walks `user -- first --> x -- second --> w` and adds up evidence for every w.
///
/// ```
/// for x in first[user], ascending:            one lookup per x, near the last one
///     amount = contribution of x
///     for w in second[x]:  score[w] += amount     the hot loop: decode, then a random increment
/// ```
/// Cost: the sum of the degrees of the first-hop neighbours at most; bound by the random increments, which ids in order of
/// popularity keep in few cache lines. By paths, Adamic-Adar and resource allocation the longest lists are only looked into,
/// for those who can still be among the best: see `TwoHop+Rivals.swift`. Where all paths through an x add the same, the loop takes 32 neighbours at a time
/// and scores are as narrow as is exact: 8, 16 or 32 bits for counts, a double for sums. Where each edge has a weight or a
/// time of its own, or a hop is along several types, lists are decoded whole: see ``PathSums``.
struct TwoHop {
    let first: HopTables
    let second: HopTables
    /// ``second`` walked backwards: from a candidate to its intermediates.
    let secondReversed: HopTables
    let formula: any TwoHopFormula
    let options: WalkOptions
    let aging: EdgeAging
    /// Ids of candidates are below this.
    let candidateLimit: UInt32
    /// Ids of intermediates are below this.
    let intermediateLimit: UInt32
    /// Which intermediates no path leads through; nil where there can be none.
    let closed: IntermediateFilter?
    /// The second hop as arrays, where this is one of many requests.
    private(set) var shared: SharedHop?
    /// The lists of x whose sizes make up deg(x), but for that of ``second`` when it has one step.
    let degreeTables: [AdjacencyTable]
    /// What ``amount(by:of:weight:secondDegree:in:)`` says of a node, where that is the same for every request.
    let amountMeaning: NodeValues.Meaning?
    /// What the formula knows of all lists of the second hop; nothing where it does not ask.
    let corpus: Corpus
    /// Whether ``WeightedNeighbors/weights`` of the hops are wanted.
    let usesFirstWeights: Bool
    let usesSecondWeights: Bool

    init(
        first: HopTables, second: HopTables, score: TwoHopScore, options: WalkOptions, snapshot: borrowing Snapshot
    ) throws {
        try options.validate()
        guard first.destination.index == second.origin.index else {
            throw GraphStoreError.edgeTypesDoNotFit(
                "the first hop leads to \(first.destination.kind) and the second starts from \(second.origin.kind); "
                    + "they need to meet in one kind")
        }
        try options.validate(walking: [first, second])
        self.first = first
        self.second = second
        secondReversed = second.reversed
        formula = score.formula
        self.options = options
        aging = EdgeAging(options, now: snapshot.now)
        usesFirstWeights = formula.usesWeights && first.isWeighted(aging)
        usesSecondWeights = formula.usesWeights && second.isWeighted(aging)
        candidateLimit = UInt32(snapshot.counters.kinds[second.destination.index].nextID)
        intermediateLimit = UInt32(snapshot.counters.kinds[first.destination.index].nextID)
        closed = try IntermediateFilter(of: first.destination, askedBy: first.origin, in: snapshot)
        var tables: [AdjacencyTable] = []
        for table in second.steps.map(\.table) + first.steps.map(\.reversedTable)
        where !tables.contains(where: { $0.name == table.name }) {
            tables.append(table)
        }
        degreeTables = second.steps.count == 1 ? Array(tables.dropFirst()) : tables
        amountMeaning = formula.followsFromDegree ? .amount(score, tables: tables.map(\.name)) : nil
        guard formula.usesCorpus else {
            corpus = .unknown
            return
        }
        guard first.steps.count == 1, second.steps.count == 1 else {
            throw GraphStoreError.edgeTypesDoNotFit(
                "\(score.rawValue) needs hops of one edge type each; ask for each type on its own and blend")
        }
        let step = second.steps[0]
        let count = snapshot.counters.listCount(of: step.edges, step.direction.reversed)
        let ends = Int(snapshot.counters.edges[step.edges.index]) * (step.edges.type.isSymmetric ? 2 : 1)
        corpus = Corpus(documentCount: Double(count), lengthMean: Double(ends) / Double(max(count, 1)))
    }

    /// Whether all paths through an intermediate add the same to their candidates, and more than nothing.
    var addsEvenly: Bool {
        guard second.steps.count == 1, second.isWhole(aging) else { return false }
        if formula.followsFromCount { return true }
        return minimumPaths == 1 && !formula.usesSizes && !usesFirstWeights && !usesSecondWeights
    }
}

extension TwoHop: CandidateSource {
    var users: NodeDictionary { first.origin }
    var candidates: NodeDictionary { second.destination }
    var intermediates: NodeDictionary { first.destination }
    var relation: [EdgeType.Name] { first.types }
    var minimumPaths: Int { options.minimumPaths ?? 1 }

    mutating func share(_ hops: SharedHops, number: Int, _ counters: StoreCounters) {
        if canShareArrays { shared = hops.hop(number, edges: edgeCount(counters)) }
    }

    func rank(
        _ run: RequestRun, limit: Int, in snapshot: borrowing Snapshot, into list: inout CandidateList
    ) throws {
        list.isComplete = try rank(run, limit: limit, in: snapshot, into: &list.ranked)
    }

    /// Appends the best candidates of a user to `ranked`, best first; evidence can be asked for afterwards, with the same
    /// scratch. Answers whether the walk was as long as it wanted to be.
    func rank(
        _ run: RequestRun, limit: Int, in snapshot: borrowing Snapshot, into ranked: inout [RankedNode]
    ) throws -> Bool {
        try formula.rank(along: self, run, limit: limit, in: snapshot, into: &ranked)
    }

    func readUser(_ run: RequestRun, in snapshot: borrowing Snapshot) throws {
        try readIntermediates(of: run.user, in: snapshot, run.scratch)
    }

    func findPaths(to candidate: UInt32, _ run: RequestRun, in snapshot: borrowing Snapshot) throws {
        _ = try formula.findPaths(to: candidate, along: self, in: snapshot, run.scratch)
    }

    func firstType(
        to candidate: UInt32, through strongest: UInt32?, _ run: RequestRun, in snapshot: borrowing Snapshot
    ) throws -> EdgeType.Name? {
        try strongest.flatMap { try first.type(from: run.user, to: $0, aging, in: snapshot) }
    }

    func score(of candidate: UInt32, _ run: RequestRun, in snapshot: borrowing Snapshot) throws -> Double {
        try formula.findPaths(to: candidate, along: self, in: snapshot, run.scratch)
    }
}

// MARK: - Walking

extension TwoHop {
    /// What became of a walk, beside the scores.
    struct Outcome {
        var isComplete = true
        /// The edges of the second hop that were visited.
        var visited = 0
    }

    /// ``rank(_:limit:in:into:)``, compiled for the formula.
    func rank(
        by formula: some TwoHopFormula, _ run: RequestRun, limit: Int, in snapshot: borrowing Snapshot,
        into ranked: inout [RankedNode]
    ) throws -> Bool {
        let (user, filter, scratch) = (run.user, run.filter, run.scratch)
        try readIntermediates(of: user, in: snapshot, scratch)
        try readExcluded(for: user, filter, in: snapshot, scratch)
        var isComplete = true
        try scratch.selecting(limit, into: &ranked) { best in
            if let arrays = try shared?.arrays(make: { try makeArrays(by: formula, in: snapshot, scratch) }),
                try rank(by: formula, arrays, run, in: snapshot, into: &best)
            {
                return
            }
            let outcome = try rankByLists(by: formula, run, in: snapshot, into: &best)
            shared?.note(outcome.visited)
            isComplete = outcome.isComplete
        }
        return isComplete
    }

    private func rankByLists(
        by formula: some TwoHopFormula, _ run: RequestRun, in snapshot: borrowing Snapshot,
        into best: inout TopK
    ) throws -> Outcome {
        let scratch = run.scratch
        let outcome: Outcome
        if addsEvenly {
            outcome = try findLists(in: snapshot, scratch)
            try rankEvenly(by: formula, run, in: snapshot, into: &best)
        } else {
            let sums = scratch.pathSums(capacity: Int(candidateLimit))
            do {
                outcome = try walkUnevenly(by: formula, in: snapshot, into: sums, scratch)
            } catch {
                sums.drain { _, _ in }
                throw error
            }
            for node in scratch.excluded { sums.exclude(node) }
            try select(sums, by: formula, run, in: snapshot, into: &best)
        }
        scratch.work.edges += outcome.visited
        return outcome
    }

    /// Offers the candidates where all paths through an intermediate add the same.
    private func rankEvenly(
        by formula: some TwoHopFormula, _ run: RequestRun, in snapshot: borrowing Snapshot,
        into best: inout TopK
    ) throws {
        let scratch = run.scratch
        if formula.followsFromDegree { return try rankByAmounts(by: formula, run, in: snapshot, into: &best) }
        guard formula.followsFromCount else {
            return try rankBySums(by: formula, run, in: snapshot, into: &best) { list in
                try amount(
                    by: formula, of: scratch.intermediates.ids[list.place], weight: 1, secondDegree: list.degree,
                    in: snapshot)
            }
        }
        let capacity = Int(candidateLimit)
        let count = scratch.found.count
        if count <= UInt8.max {
            let counts = scratch.byteCounts(capacity: capacity)
            try rankByCounts(counts, by: formula, run, in: snapshot, into: &best)
        } else if count <= UInt16.max {
            let counts = scratch.narrowCounts(capacity: capacity)
            try rankByCounts(counts, by: formula, run, in: snapshot, into: &best)
        } else {
            let counts = scratch.wideCounts(capacity: capacity)
            try rankByCounts(counts, by: formula, run, in: snapshot, into: &best)
        }
    }

    /// Offers the candidates by their numbers of paths.
    private func rankByCounts<Count: CountScore>(
        _ counts: ScoreAccumulator<Count>, by formula: some TwoHopFormula, _ run: RequestRun,
        in snapshot: borrowing Snapshot, into best: inout TopK
    ) throws {
        let (filter, scratch) = (run.filter, run.scratch)
        if formula.isCount {
            var units = QuantizedScores(ofPaths: scratch.found.count)
            let shorter = try walkShorter(
                limit: best.limit, filter, into: counts, &units, in: snapshot, scratch
            ) { _ in 1 }
            scratch.exclude(from: counts)
            guard let end = shorter.end else {
                return try select(counts, by: formula, run, in: snapshot, into: &best)
            }
            let isSettled = try scratch.withCandidates { rivals in
                let idMax = try findRivals(
                    limit: best.limit, filter, by: counts, units, shorter, in: snapshot, scratch, into: &rivals)
                guard let idMax, rivals.count <= RivalSums.countMax else { return false }
                try settle(
                    &rivals, upTo: idMax, units, scratch.byLength[end...], end: end, least: Double(minimumPaths),
                    in: snapshot, scratch, into: &best, adding: { _ in 1 }, to: { Double($0.count) })
                return true
            }
            if isSettled { return }
        }
        counts.expect(scratch.foundEdges)
        try walk(scratch.found[...], in: snapshot, into: counts, scratch) { _ in 1 }
        scratch.exclude(from: counts)
        try select(counts, by: formula, run, in: snapshot, into: &best)
    }

    /// Offers the candidates by an exact sum for everybody.
    func rankBySums(
        by formula: some TwoHopFormula, _ run: RequestRun, in snapshot: borrowing Snapshot,
        into best: inout TopK, adding amount: (FoundList) throws -> Double
    ) throws {
        let scratch = run.scratch
        let sums = scratch.sums(capacity: Int(candidateLimit))
        sums.expect(scratch.foundEdges)
        try walk(scratch.found[...], in: snapshot, into: sums, scratch, adding: amount)
        scratch.exclude(from: sums)
        try select(sums, by: formula, run, in: snapshot, into: &best)
    }

    /// Reads A, without those that are closed to the user.
    func readIntermediates(
        of user: UInt32, in snapshot: borrowing Snapshot, _ scratch: RequestScratch
    ) throws {
        try first.read(
            user, aging, weighted: usesFirstWeights, in: snapshot, into: &scratch.intermediates,
            scratch: &scratch.hop)
        scratch.hasAllIntermediates = true
        if let closed {
            scratch.hasAllIntermediates = try !scratch.intermediates.removeClosed(
                to: user, by: closed, in: snapshot, scratch)
        }
        scratch.walkedCount = try options.budget.map { try countWalked(within: $0, in: snapshot, scratch) } ?? .max
    }

    /// How many of the intermediates that were read come before the budget is spent.
    private func countWalked(
        within budget: Int, in snapshot: borrowing Snapshot, _ scratch: RequestScratch
    ) throws -> Int {
        var visited = 0
        for (index, intermediate) in scratch.intermediates.ids.enumerated() {
            let degree = try second.degree(of: intermediate, in: snapshot, scratch: &scratch.hop)
            if degree > options.maximumDegree ?? .max { continue }
            if degree > budget - visited { return index }
            visited += degree
        }
        return scratch.intermediates.ids.count
    }

    /// Leaves in ``RequestScratch/excluded`` who is known not to be wanted; mostly those are the intermediates themselves.
    private func readExcluded(
        for user: UInt32, _ filter: CandidateFilter, in snapshot: borrowing Snapshot,
        _ scratch: RequestScratch
    ) throws {
        scratch.excluded.removeAll(keepingCapacity: true)
        var known: AdjacencyTable?
        if first.steps.count == 1, first.isWhole(aging), scratch.hasAllIntermediates,
            filter.excludes(listIn: first.steps[0].table)
        {
            known = first.steps[0].table
            scratch.excluded.append(contentsOf: scratch.intermediates.ids)
        }
        try filter.forEachExcluded(for: user, butForListIn: known, in: snapshot) { scratch.excluded.append($0) }
    }

    /// Reads where the second hop leads from `intermediate`.
    func readSecond(
        from intermediate: UInt32, weighted: Bool, in snapshot: borrowing Snapshot, _ scratch: RequestScratch
    ) throws {
        try second.read(
            intermediate, aging, weighted: weighted, in: snapshot, into: &scratch.reached, scratch: &scratch.hop)
        try check(scratch.reached, from: intermediate)
    }

    /// Sees to it that a list of the second hop names candidates there can be.
    func check(_ reached: WeightedNeighbors, from intermediate: UInt32) throws(GraphStoreError) {
        if let last = reached.ids.last, last >= candidateLimit {
            throw .damaged(
                table: second.steps[0].table.name, node: intermediate,
                reason: "it names node id \(last), which does not exist")
        }
    }

    /// Walks where edges differ: by weight, by time, or because several types lead to one candidate.
    private func walkUnevenly(
        by formula: some TwoHopFormula, in snapshot: borrowing Snapshot, into sums: PathSums,
        _ scratch: RequestScratch
    ) throws -> Outcome {
        let budget = options.budget ?? .max
        let degreeMax = options.maximumDegree ?? .max
        let isWeighted = usesSecondWeights
        let isWhole = second.isWhole(aging)
        let numbers = CandidateNumbers(self, snapshot.commit, scratch)
        var outcome = Outcome()
        for place in scratch.intermediates.ids.indices {
            let intermediate = scratch.intermediates.ids[place]
            let weight = usesFirstWeights ? scratch.intermediates.weights[place] : 1
            try readSecond(from: intermediate, weighted: isWeighted, in: snapshot, scratch)
            // The lists as they are stored, whatever the times of the edges.
            let degree =
                isWhole
                ? scratch.reached.ids.count
                : try second.degree(of: intermediate, in: snapshot, scratch: &scratch.hop)
            if degree > degreeMax { continue }
            if degree > budget - outcome.visited {
                outcome.isComplete = false
                break
            }
            outcome.visited += degree
            let amount = try self.amount(
                by: formula, of: intermediate, weight: weight, secondDegree: degree, in: snapshot)
            for index in scratch.reached.ids.indices {
                let candidate = scratch.reached.ids[index]
                let edge = isWeighted ? scratch.reached.weights[index] : 1
                let share = try self.share(by: formula, of: edge, candidate, in: snapshot, numbers)
                sums.add(amount * share, to: candidate)
            }
        }
        return outcome
    }
}

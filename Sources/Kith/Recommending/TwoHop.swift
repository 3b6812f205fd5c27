import Adjacency
import Glibc
import LMDB

/// The two-hop kernel: walks `user -- first --> x -- second --> w` and adds up evidence for every w.
///
/// ```
/// for x in first[user], ascending:            one lookup per x, near the last one
///     amount = contribution of x
///     for w in second[x]:  score[w] += amount     the hot loop: decode, then a random increment
/// ```
/// Cost: the sum of the degrees of the first-hop neighbours; bound by the random increments, which ids in order of
/// popularity keep in few cache lines. Where all paths through an x add the same, the loop takes 32 neighbours at a time
/// and scores are as narrow as is exact: 16 or 32 bits for counts, a double for sums. Where each edge has a weight or a time
/// of its own, or a hop is along several types, lists are decoded whole: see ``PathSums``.
struct TwoHop {
    let first: HopTables
    let second: HopTables
    /// ``second`` walked backwards: from a candidate to its intermediates.
    let secondReversed: HopTables
    let score: TwoHopScore
    let options: WalkOptions
    let aging: EdgeAging
    /// Ids of candidates are below this.
    let candidateLimit: UInt32
    /// Ids of intermediates are below this.
    let intermediateLimit: UInt32
    /// Whose connections are private: never walked through.
    let privates: MarkedNodes?
    /// The lists of x whose sizes make up deg(x), but for that of ``second`` when it has one step.
    private let degreeTables: [AdjacencyTable]
    /// For idf: how many nodes the second hop can lead to.
    private let documentCount: Double
    /// For BM25: how many neighbours those have on average.
    private let lengthMean: Double

    init(
        first: HopTables, second: HopTables, score: TwoHopScore, options: WalkOptions, snapshot: borrowing Snapshot
    ) throws {
        try options.validate()
        guard first.destination.index == second.origin.index else {
            throw GraphStoreError.edgeTypesDoNotFit(
                "the first hop leads to \(first.destination.kind) and the second starts from \(second.origin.kind); "
                    + "they need to meet in one kind")
        }
        self.first = first
        self.second = second
        secondReversed = second.reversed
        self.score = score
        self.options = options
        aging = EdgeAging(options, now: snapshot.now)
        candidateLimit = UInt32(snapshot.counters.kinds[second.destination.index].nextID)
        intermediateLimit = UInt32(snapshot.counters.kinds[first.destination.index].nextID)
        privates = try MarkedNodes(Setting.isPrivate, of: first.destination, in: snapshot)
        var tables: [AdjacencyTable] = []
        for table in second.steps.map(\.table) + first.steps.map(\.reversedTable)
        where !tables.contains(where: { $0.name == table.name }) {
            tables.append(table)
        }
        degreeTables = second.steps.count == 1 ? Array(tables.dropFirst()) : tables
        guard score == .tfidfCosine || score == .bm25 else {
            documentCount = 0
            lengthMean = 0
            return
        }
        guard first.steps.count == 1, second.steps.count == 1 else {
            throw GraphStoreError.edgeTypesDoNotFit(
                "\(score.rawValue) needs hops of one edge type each; ask for each type on its own and blend")
        }
        let step = second.steps[0]
        let count = snapshot.counters.listCount(of: step.edges, step.direction.reversed)
        let ends = Int(snapshot.counters.edges[step.edges.index]) * (step.edges.type.isSymmetric ? 2 : 1)
        documentCount = Double(count)
        lengthMean = Double(ends) / Double(max(count, 1))
    }

    /// Whether all paths through an intermediate add the same to their candidates, and more than nothing.
    private var addsEvenly: Bool {
        guard second.steps.count == 1, second.isWhole(aging) else { return false }
        if score.followsFromCount { return true }
        return minimumPaths == 1 && score != .bm25 && !usesFirstWeights && !usesSecondWeights
    }

    /// Whether ``WeightedNeighbors/weights`` of the first hop are wanted.
    private var usesFirstWeights: Bool { score.usesWeights && first.isWeighted(aging) }
    private var usesSecondWeights: Bool { score.usesWeights && second.isWeighted(aging) }
}

// MARK: - Walking

extension TwoHop {
    /// What became of a walk, beside the scores.
    struct Outcome {
        var isComplete = true
        /// The edges of the second hop that were visited.
        var visited = 0
    }

    /// The best candidates of `user`, best first; evidence can be asked for afterwards, with the same scratch.
    func rank(
        for user: UInt32, limit: Int, by filter: CandidateFilter, in transaction: borrowing ReadTransaction,
        _ scratch: RequestScratch
    ) throws -> (ranked: [RankedNode], isComplete: Bool) {
        try readIntermediates(of: user, in: transaction, scratch)
        let capacity = Int(candidateLimit)
        var best = TopK(limit: limit)
        let outcome: Outcome
        if !addsEvenly {
            let sums = scratch.pathSums(capacity: capacity)
            do {
                outcome = try walkUnevenly(in: transaction, into: sums, scratch)
                try filter.forEachExcluded(for: user, in: transaction) { sums.exclude($0) }
            } catch {
                sums.drain { _, _ in }
                throw error
            }
            try select(sums, into: &best, filter, in: transaction, scratch)
        } else if !score.followsFromCount {
            let sums = scratch.sums(capacity: capacity)
            outcome = try walk(in: transaction, into: sums, scratch) { $0 }
            try exclude(user, filter, from: sums, in: transaction)
            try select(sums, into: &best, filter, in: transaction, scratch)
        } else if scratch.intermediates.ids.count <= Int(UInt16.max) {
            let counts = scratch.narrowCounts(capacity: capacity)
            outcome = try walk(in: transaction, into: counts, scratch) { _ in 1 }
            try exclude(user, filter, from: counts, in: transaction)
            try select(counts, into: &best, filter, in: transaction, scratch)
        } else {
            let counts = scratch.wideCounts(capacity: capacity)
            outcome = try walk(in: transaction, into: counts, scratch) { _ in 1 }
            try exclude(user, filter, from: counts, in: transaction)
            try select(counts, into: &best, filter, in: transaction, scratch)
        }
        return (best.ranked(), outcome.isComplete)
    }

    private var minimumPaths: Int { options.minimumPaths ?? 1 }

    /// Reads A, without those whose connections are private.
    func readIntermediates(
        of user: UInt32, in transaction: borrowing ReadTransaction, _ scratch: RequestScratch
    ) throws {
        try first.read(
            user, aging, weighted: usesFirstWeights, in: transaction, into: &scratch.intermediates,
            scratch: &scratch.hop)
        if let privates { try scratch.intermediates.filter { try !privates.contains($0, in: transaction) } }
        scratch.amounts.removeAll(keepingCapacity: true)
    }

    private func exclude<Score: PathScore>(
        _ user: UInt32, _ filter: CandidateFilter, from accumulator: ScoreAccumulator<Score>,
        in transaction: borrowing ReadTransaction
    ) throws {
        do {
            try filter.forEachExcluded(for: user, in: transaction) { accumulator.exclude($0) }
        } catch {
            accumulator.drain { _, _ in }
            throw error
        }
    }

    /// Walks where all paths through an intermediate add the same.
    private func walk<Score: PathScore>(
        in transaction: borrowing ReadTransaction, into accumulator: ScoreAccumulator<Score>, _ scratch: RequestScratch,
        counting: (Double) -> Score
    ) throws -> Outcome {
        let table = second.steps[0].table
        let budget = options.budget ?? .max
        let degreeMax = options.maximumDegree ?? .max
        var outcome = Outcome()
        do {
            var cursor = try transaction.cursor(in: table.database)
            for place in scratch.intermediates.ids.indices {
                let intermediate = scratch.intermediates.ids[place]
                var isFirstBlock = true
                var amount = 0.0
                var increment = Score.zero
                try table.forEachBlock(of: intermediate, by: &cursor) { block in
                    if isFirstBlock {
                        isFirstBlock = false
                        let degree = Int(block.degree)
                        if degree > degreeMax { return false }
                        if degree > budget - outcome.visited {
                            outcome.isComplete = false
                            return false
                        }
                        outcome.visited += degree
                        amount = try self.amount(
                            of: intermediate, weight: 1, secondDegree: degree, in: transaction, scratch)
                        increment = counting(amount)
                    }
                    try unsafe block.forEachGroup(below: candidateLimit) { group in
                        unsafe accumulator.add(increment, to: group)
                    }
                    return true
                }
                scratch.amounts.append(amount)
                if !outcome.isComplete { break }
            }
        } catch {
            accumulator.drain { _, _ in }
            throw error
        }
        return outcome
    }

    /// Walks where edges differ: by weight, by time, or because several types lead to one candidate.
    private func walkUnevenly(
        in transaction: borrowing ReadTransaction, into sums: PathSums, _ scratch: RequestScratch
    ) throws -> Outcome {
        let budget = options.budget ?? .max
        let degreeMax = options.maximumDegree ?? .max
        let isWeighted = usesSecondWeights
        let numbers = CandidateNumbers(self, transaction.id, scratch)
        var outcome = Outcome()
        for place in scratch.intermediates.ids.indices {
            let intermediate = scratch.intermediates.ids[place]
            let weight = usesFirstWeights ? scratch.intermediates.weights[place] : 1
            try second.read(
                intermediate, aging, weighted: isWeighted, in: transaction, into: &scratch.reached,
                scratch: &scratch.hop)
            // The list as it is stored; with several types, what they reach together.
            let degree =
                second.steps.count == 1
                ? try second.steps[0].table.degree(of: intermediate, in: transaction) : scratch.reached.ids.count
            if degree > degreeMax {
                scratch.amounts.append(0)
                continue
            }
            if degree > budget - outcome.visited {
                outcome.isComplete = false
                break
            }
            outcome.visited += degree
            if let last = scratch.reached.ids.last, last >= candidateLimit {
                throw GraphStoreError.damaged(
                    table: second.steps[0].table.name, node: intermediate,
                    reason: "it names node id \(last), which does not exist")
            }
            let amount = try self.amount(
                of: intermediate, weight: weight, secondDegree: degree, in: transaction, scratch)
            scratch.amounts.append(amount)
            for index in scratch.reached.ids.indices {
                let candidate = scratch.reached.ids[index]
                let edge = isWeighted ? scratch.reached.weights[index] : 1
                let share = try self.share(of: edge, candidate, in: transaction, numbers)
                sums.add(amount * share, to: candidate)
            }
        }
        return outcome
    }

    /// What one path through `intermediate` adds, but for the second edge's ``share(of:_:in:_:)``.
    private func amount(
        of intermediate: UInt32, weight: Double, secondDegree: Int, in transaction: borrowing ReadTransaction,
        _ scratch: RequestScratch
    ) throws -> Double {
        switch score {
        case .paths, .jaccard, .cosine, .preferentialAttachment: 1
        case .adamicAdar:
            1 / log(Double(try degree(of: intermediate, secondDegree: secondDegree, in: transaction)))
        case .resourceAllocation:
            1 / Double(try degree(of: intermediate, secondDegree: secondDegree, in: transaction))
        case .weighted: weight
        case .tfidfCosine: weight * idfSquared(documentFrequency: secondDegree)
        case .bm25:
            weight
                * log(1 + (documentCount - Double(secondDegree) + 0.5) / (Double(secondDegree) + 0.5))
        }
    }

    /// deg(x): the sizes of all its lists that the path uses.
    private func degree(
        of intermediate: UInt32, secondDegree: Int, in transaction: borrowing ReadTransaction
    ) throws -> Int {
        var degree = second.steps.count == 1 ? secondDegree : 0
        for table in degreeTables { degree += try table.degree(of: intermediate, in: transaction) }
        return degree
    }

    private func idf(documentFrequency: Int) -> Double {
        log(1 + documentCount / Double(documentFrequency))
    }

    private func idfSquared(documentFrequency: Int) -> Double {
        let idf = idf(documentFrequency: documentFrequency)
        return idf * idf
    }

    /// What an edge of the second hop makes of the amount of its intermediate.
    @inline(__always)
    private func share(
        of edge: Double, _ candidate: UInt32, in transaction: borrowing ReadTransaction, _ numbers: CandidateNumbers
    ) throws -> Double {
        guard score == .bm25 else { return edge }
        let length = try size(of: candidate, in: transaction, numbers)
        let norm = 1 - TwoHopScore.bm25LengthShare + TwoHopScore.bm25LengthShare * length / lengthMean
        let saturation = TwoHopScore.bm25Saturation
        return edge * (saturation + 1) / (edge + saturation * norm)
    }
}

// MARK: - Scores of candidates

/// Where what a formula needs of a candidate is kept from request to request.
fileprivate struct CandidateNumbers {
    let sizes: NodeValues?
    let norms: NodeValues?
    let idfs: NodeValues?
    let scratch: RequestScratch

    init(_ walk: TwoHop, _ commit: UInt64, _ scratch: RequestScratch) {
        self.scratch = scratch
        let reversed = walk.secondReversed
        switch walk.score {
        case .jaccard, .cosine, .preferentialAttachment:
            sizes = scratch.values(.size, of: reversed, .filter(walk.aging), commit, walk.candidateLimit)
            (norms, idfs) = (nil, nil)
        case .bm25:
            sizes = scratch.values(.size, of: reversed, .none, commit, walk.candidateLimit)
            (norms, idfs) = (nil, nil)
        case .tfidfCosine:
            sizes = nil
            let aging = reversed.fades(walk.aging) ? walk.aging : .filter(walk.aging)
            norms = scratch.values(.norm, of: reversed, aging, commit, walk.candidateLimit)
            idfs = scratch.values(.idf, of: walk.second, .none, commit, walk.intermediateLimit)
        case .paths, .adamicAdar, .resourceAllocation, .weighted:
            (sizes, norms, idfs) = (nil, nil, nil)
        }
    }
}

extension TwoHop {
    /// |B(w)|: counting what the options let through, but for BM25, whose mean is of whole lists.
    @inline(__always)
    private func size(
        of candidate: UInt32, in transaction: borrowing ReadTransaction, _ numbers: CandidateNumbers
    ) throws -> Double {
        guard let sizes = numbers.sizes else { return 1 }
        return try sizes.value(of: candidate) {
            let scratch = numbers.scratch
            if score == .bm25 || secondReversed.isWhole(aging) {
                return Double(
                    try secondReversed.degree(of: candidate, in: transaction, scratch: &scratch.hop))
            }
            try secondReversed.read(
                candidate, aging, weighted: false, in: transaction, into: &scratch.other, scratch: &scratch.hop)
            return Double(scratch.other.ids.count)
        }
    }

    /// The norm of the candidate's row of weights times idf.
    @inline(__always)
    private func norm(
        of candidate: UInt32, in transaction: borrowing ReadTransaction, _ numbers: CandidateNumbers
    ) throws -> Double {
        guard let norms = numbers.norms else { return 1 }
        return try norms.value(of: candidate) {
            let scratch = numbers.scratch
            try secondReversed.read(
                candidate, aging, weighted: usesSecondWeights, in: transaction, into: &scratch.other,
                scratch: &scratch.hop)
            return try norm(of: scratch.other, in: transaction, numbers)
        }
    }

    private func norm(
        of neighbors: WeightedNeighbors, in transaction: borrowing ReadTransaction, _ numbers: CandidateNumbers
    ) throws -> Double {
        guard let idfs = numbers.idfs else { return 1 }
        let table = second.steps[0].table
        var sum = 0.0
        for index in neighbors.ids.indices {
            let intermediate = neighbors.ids[index]
            let idf = try idfs.value(of: intermediate) {
                self.idf(documentFrequency: try table.degree(of: intermediate, in: transaction))
            }
            let term = (neighbors.weights.isEmpty ? 1 : neighbors.weights[index]) * idf
            sum += term * term
        }
        return sum.squareRoot()
    }

    /// The score of a candidate reached by `count` paths.
    private func score(
        of candidate: UInt32, count: Double, firstSize: Double, in transaction: borrowing ReadTransaction,
        _ numbers: CandidateNumbers
    ) throws -> Double {
        switch score {
        case .jaccard:
            count / (firstSize + (try size(of: candidate, in: transaction, numbers)) - count)
        case .cosine:
            count / (firstSize * (try size(of: candidate, in: transaction, numbers))).squareRoot()
        case .preferentialAttachment: firstSize * (try size(of: candidate, in: transaction, numbers))
        default: count
        }
    }

    /// No candidate with `count` paths scores higher.
    private func scoreBound(count: Double, firstSize: Double) -> Double {
        switch score {
        // |B| is at least c.
        case .jaccard: count / firstSize
        case .cosine: (count / firstSize).squareRoot()
        default: .infinity
        }
    }

    /// Offers the candidates with counts.
    private func select<Count: PathScore & FixedWidthInteger>(
        _ counts: ScoreAccumulator<Count>, into best: inout TopK, _ filter: CandidateFilter,
        in transaction: borrowing ReadTransaction, _ scratch: RequestScratch
    ) throws {
        let least = minimumPaths
        if score == .paths, filter.acceptsAll {
            counts.drain { id, count in
                let score = Double(count)
                if score >= best.scoreMin, Int(count) >= least { best.offer(RankedNode(score: score, id: id)) }
            }
            return
        }
        var candidates: [CountedNode] = []
        swap(&candidates, &scratch.candidates)
        defer {
            candidates.removeAll(keepingCapacity: true)
            swap(&candidates, &scratch.candidates)
        }
        var histogram = Histogram()
        counts.drain { id, count in
            if Int(count) < least { return }
            candidates.append(CountedNode(id: id, count: UInt32(count)))
            histogram.add(Int(count))
        }
        // Those with most paths first: they raise what the others have to reach.
        let firstSize = Double(scratch.intermediates.ids.count)
        let numbers = CandidateNumbers(self, transaction.id, scratch)
        let threshold = histogram.threshold(for: 4 * min(best.limit, candidates.count))
        for isFirst in [true, false] {
            for candidate in candidates where (candidate.count >= threshold) == isFirst {
                let count = Double(candidate.count)
                guard scoreBound(count: count, firstSize: firstSize) >= best.scoreMin else { continue }
                let score = try self.score(
                    of: candidate.id, count: count, firstSize: firstSize, in: transaction, numbers)
                guard score >= best.scoreMin, try filter.accepts(candidate.id, in: transaction) else { continue }
                best.offer(RankedNode(score: score, id: candidate.id))
            }
        }
    }

    /// Offers the candidates with sums to which every path through an intermediate added the same.
    private func select(
        _ sums: ScoreAccumulator<Double>, into best: inout TopK, _ filter: CandidateFilter,
        in transaction: borrowing ReadTransaction, _ scratch: RequestScratch
    ) throws {
        if filter.acceptsAll, score != .tfidfCosine {
            sums.drain { id, score in
                if score >= best.scoreMin { best.offer(RankedNode(score: score, id: id)) }
            }
            return
        }
        var failure: (any Error)?
        let numbers = CandidateNumbers(self, transaction.id, scratch)
        let userNorm = score == .tfidfCosine ? try norm(of: scratch.intermediates, in: transaction, numbers) : 1
        sums.drain { id, sum in
            if failure != nil { return }
            do {
                try offer(id, sum, userNorm: userNorm, into: &best, filter, in: transaction, numbers)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
    }

    /// Offers the candidates with sums of paths that differ.
    private func select(
        _ sums: PathSums, into best: inout TopK, _ filter: CandidateFilter,
        in transaction: borrowing ReadTransaction, _ scratch: RequestScratch
    ) throws {
        let numbers = CandidateNumbers(self, transaction.id, scratch)
        let userNorm = score == .tfidfCosine ? try norm(of: scratch.intermediates, in: transaction, numbers) : 1
        let firstSize = Double(scratch.intermediates.ids.count)
        let least = UInt32(clamping: minimumPaths)
        try sums.drain { id, entry in
            guard entry.count >= least else { return }
            var sum = entry.sum
            if score.followsFromCount {
                sum = try score(
                    of: id, count: Double(entry.count), firstSize: firstSize, in: transaction, numbers)
            }
            try offer(id, sum, userNorm: userNorm, into: &best, filter, in: transaction, numbers)
        }
    }

    private func offer(
        _ id: UInt32, _ sum: Double, userNorm: Double, into best: inout TopK, _ filter: CandidateFilter,
        in transaction: borrowing ReadTransaction, _ numbers: CandidateNumbers
    ) throws {
        var score = sum
        if self.score == .tfidfCosine {
            let norm = userNorm * (try norm(of: id, in: transaction, numbers))
            guard norm > 0 else { return }
            score = sum / norm
        }
        guard score >= best.scoreMin, try filter.accepts(id, in: transaction) else { return }
        best.offer(RankedNode(score: score, id: id))
    }
}

/// A candidate and its number of paths.
struct CountedNode {
    let id: UInt32
    let count: UInt32
}

/// How many candidates have how many paths, to find those with most.
private struct Histogram {
    private var counts: InlineArray<256, UInt32> = .init(repeating: 0)

    mutating func add(_ count: Int) {
        counts[min(count, 255)] &+= 1
    }

    /// A count that at least `wanted` candidates reach, or 255 when more than those reach even that.
    func threshold(for wanted: Int) -> UInt32 {
        var reached = 0
        for count in stride(from: 255, to: 0, by: -1) {
            reached += Int(counts[count])
            if reached >= wanted { return UInt32(count) }
        }
        return 0
    }
}

// MARK: - One candidate

extension TwoHop {
    /// The paths to one candidate.
    struct Paths {
        /// Places among the intermediates, ascending, and what a path through each adds.
        var places: [(place: Int, amount: Double)] = []
        /// The candidate's score, whether or not it would be suggested.
        var score = 0.0
    }

    /// The paths from `user` to `candidate`, and the score they make.
    ///
    /// - Complexity: O(degree of the user + degree of the candidate), and a lookup per intermediate.
    func paths(
        from user: UInt32, to candidate: UInt32, in transaction: borrowing ReadTransaction, _ scratch: RequestScratch
    ) throws -> Paths {
        try readIntermediates(of: user, in: transaction, scratch)
        return try paths(to: candidate, in: transaction, scratch)
    }

    /// The paths to `candidate` from the user whose intermediates were read last.
    func paths(
        to candidate: UInt32, in transaction: borrowing ReadTransaction, _ scratch: RequestScratch
    ) throws -> Paths {
        var found = Paths()
        guard candidate < candidateLimit else { return found }
        let numbers = CandidateNumbers(self, transaction.id, scratch)
        try forEachShared(candidate, in: transaction, scratch) { place, edge in
            let intermediate = scratch.intermediates.ids[place]
            let degree = try second.degree(of: intermediate, in: transaction, scratch: &scratch.hop)
            if degree > options.maximumDegree ?? .max { return }
            let weight = usesFirstWeights ? scratch.intermediates.weights[place] : 1
            let amount = try self.amount(
                of: intermediate, weight: weight, secondDegree: degree, in: transaction, scratch)
            let contribution = amount * (try share(of: edge, candidate, in: transaction, numbers))
            found.places.append((place, contribution))
            found.score += contribution
        }
        guard !found.places.isEmpty else { return found }
        if score.followsFromCount {
            found.score = try score(
                of: candidate, count: Double(found.places.count),
                firstSize: Double(scratch.intermediates.ids.count), in: transaction, numbers)
        } else if score == .tfidfCosine {
            let userNorm = try norm(of: scratch.intermediates, in: transaction, numbers)
            let norm = userNorm * (try norm(of: candidate, in: transaction, numbers))
            found.score = norm > 0 ? found.score / norm : 0
        }
        return found
    }

    /// Visits the places of the intermediates from which the second hop reaches `candidate`, ascending, with the weight of
    /// that edge.
    ///
    /// Intersects with the candidate's own list, or, when that is very much longer, looks every intermediate up.
    private func forEachShared(
        _ candidate: UInt32, in transaction: borrowing ReadTransaction, _ scratch: RequestScratch,
        _ visit: (_ place: Int, _ edge: Double) throws -> Void
    ) throws {
        let isWeighted = usesSecondWeights
        let count = scratch.intermediates.ids.count
        if second.steps.count == 1 {
            let step = second.steps[0]
            let degree = try step.reversedTable.degree(of: candidate, in: transaction)
            if degree / TwoHop.neighborsPerLookup > count {
                var cursor = try transaction.cursor(in: step.table.database)
                for place in 0..<count {
                    let intermediate = scratch.intermediates.ids[place]
                    guard let value = try step.table.edge(from: intermediate, to: candidate, by: &cursor) else {
                        continue
                    }
                    if aging.filtersTimes, step.table.columns.contains(.time), !aging.includes(value.time) { continue }
                    try visit(place, isWeighted ? aging.weight(of: value, step.edges.type) : 1)
                }
                return
            }
        }
        try secondReversed.read(
            candidate, aging, weighted: isWeighted, in: transaction, into: &scratch.reached, scratch: &scratch.hop)
        var place = 0
        for index in scratch.reached.ids.indices {
            let neighbor = scratch.reached.ids[index]
            while place < count, scratch.intermediates.ids[place] < neighbor { place += 1 }
            if place == count { break }
            if scratch.intermediates.ids[place] == neighbor {
                try visit(place, isWeighted ? scratch.reached.weights[index] : 1)
            }
        }
    }

    /// How many neighbours of a list are decoded in the time of one edge lookup, about.
    private static var neighborsPerLookup: Int { 256 }
}

extension EdgeAging {
    /// What decides which edges count, without what decides how much.
    static func filter(_ aging: EdgeAging) -> EdgeAging {
        var filter = EdgeAging.none
        filter.since = aging.since
        filter.until = aging.until
        return filter
    }
}

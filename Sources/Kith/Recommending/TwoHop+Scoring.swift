extension TwoHop {
    /// What one path through `intermediate` adds, but for the second edge's ``share(by:of:_:in:_:)``.
    @inline(__always)
    func amount(
        by formula: some TwoHopFormula, of intermediate: UInt32, weight: Double, secondDegree: Int,
        in snapshot: borrowing Snapshot
    ) throws -> Double {
        if formula.followsFromCount { return 1 }
        if formula.followsFromDegree {
            let degree = try degree(of: intermediate, secondDegree: secondDegree, in: snapshot)
            return formula.amount(ofDegree: degree)
        }
        return formula.amount(ofWeight: weight, frequency: secondDegree, in: corpus)
    }

    /// deg(x): the sizes of all its lists that the path uses.
    private func degree(
        of intermediate: UInt32, secondDegree: Int, in snapshot: borrowing Snapshot
    ) throws -> Int {
        var degree = second.steps.count == 1 ? secondDegree : 0
        for table in degreeTables { degree += try table.degree(of: intermediate, .popular, in: snapshot) }
        return degree
    }

    /// What an edge of the second hop makes of the amount of its intermediate.
    @inline(__always)
    func share(
        by formula: some TwoHopFormula, of edge: Double, _ candidate: UInt32,
        in snapshot: borrowing Snapshot, _ numbers: CandidateNumbers
    ) throws -> Double {
        guard formula.usesWeights, formula.usesSizes else { return edge }
        let length = try size(of: candidate, in: snapshot, numbers)
        return formula.share(ofEdge: edge, length: length, in: corpus)
    }
}

// MARK: - Scores of candidates

/// Where what a formula needs of a candidate is kept from request to request.
struct CandidateNumbers {
    let sizes: NodeValues?
    let norms: NodeValues?
    let idfs: NodeValues?
    let scratch: RequestScratch

    init(_ walk: TwoHop, _ commit: UInt64, _ scratch: RequestScratch) {
        self.scratch = scratch
        let (formula, reversed) = (walk.formula, walk.secondReversed)
        if formula.usesSizes {
            let aging = formula.usesCorpus ? EdgeAging.none : .filter(walk.aging)
            sizes = scratch.values(.size, of: reversed, aging, commit, walk.candidateLimit)
        } else {
            sizes = nil
        }
        if formula.isNormalized {
            let aging = reversed.fades(walk.aging) ? walk.aging : .filter(walk.aging)
            norms = scratch.values(.norm, of: reversed, aging, commit, walk.candidateLimit)
            idfs = scratch.values(.idf, of: walk.second, .none, commit, walk.intermediateLimit)
        } else {
            (norms, idfs) = (nil, nil)
        }
    }
}

extension TwoHop {
    /// |B(w)|: counting what the options let through, but where a ``Corpus`` plays a part, which is of whole lists.
    @inline(__always)
    func size(
        of candidate: UInt32, in snapshot: borrowing Snapshot, _ numbers: CandidateNumbers
    ) throws -> Double {
        guard let sizes = numbers.sizes else { return 1 }
        return try sizes.value(of: candidate) {
            let scratch = numbers.scratch
            if formula.usesCorpus || secondReversed.isWhole(aging) {
                return Double(
                    try secondReversed.degree(of: candidate, in: snapshot, scratch: &scratch.hop))
            }
            try secondReversed.read(
                candidate, aging, weighted: false, in: snapshot, into: &scratch.other, scratch: &scratch.hop)
            return Double(scratch.other.ids.count)
        }
    }

    /// The norm of the candidate's row of weights times idf.
    @inline(__always)
    func norm(
        of candidate: UInt32, in snapshot: borrowing Snapshot, _ numbers: CandidateNumbers
    ) throws -> Double {
        guard let norms = numbers.norms else { return 1 }
        return try norms.value(of: candidate) {
            let scratch = numbers.scratch
            try secondReversed.read(
                candidate, aging, weighted: usesSecondWeights, in: snapshot, into: &scratch.other,
                scratch: &scratch.hop)
            return try norm(of: scratch.other, in: snapshot, numbers)
        }
    }

    func norm(
        of neighbors: WeightedNeighbors, in snapshot: borrowing Snapshot, _ numbers: CandidateNumbers
    ) throws -> Double {
        guard let idfs = numbers.idfs else { return 1 }
        let table = second.steps[0].table
        var sum = 0.0
        for index in neighbors.ids.indices {
            let intermediate = neighbors.ids[index]
            let idf = try idfs.value(of: intermediate) {
                corpus.idf(frequency: try table.degree(of: intermediate, in: snapshot))
            }
            let term = (neighbors.weights.isEmpty ? 1 : neighbors.weights[index]) * idf
            sum += term * term
        }
        return sum.squareRoot()
    }

    /// The score of a candidate reached by `count` paths, by a formula that follows from their number.
    @inline(__always)
    func score(
        by formula: some TwoHopFormula, of candidate: UInt32, count: Double, firstSize: Double,
        in snapshot: borrowing Snapshot, _ numbers: CandidateNumbers
    ) throws -> Double {
        let size = formula.usesSizes ? try size(of: candidate, in: snapshot, numbers) : 0
        return formula.score(count: count, firstSize: firstSize, size: size)
    }
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

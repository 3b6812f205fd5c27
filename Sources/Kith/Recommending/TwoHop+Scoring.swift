import Glibc

extension TwoHop {
    /// What one path through `intermediate` adds, but for the second edge's ``share(of:_:in:_:)``.
    func amount(
        of intermediate: UInt32, weight: Double, secondDegree: Int, in snapshot: borrowing Snapshot
    ) throws -> Double {
        switch score {
        case .paths, .jaccard, .cosine, .preferentialAttachment: 1
        case .adamicAdar, .resourceAllocation:
            score.amount(ofDegree: try degree(of: intermediate, secondDegree: secondDegree, in: snapshot))
        case .weighted: weight
        case .tfidfCosine: weight * idfSquared(documentFrequency: secondDegree)
        case .bm25:
            weight
                * log(1 + (documentCount - Double(secondDegree) + 0.5) / (Double(secondDegree) + 0.5))
        }
    }

    /// deg(x): the sizes of all its lists that the path uses.
    private func degree(
        of intermediate: UInt32, secondDegree: Int, in snapshot: borrowing Snapshot
    ) throws -> Int {
        var degree = second.steps.count == 1 ? secondDegree : 0
        for table in degreeTables { degree += try table.degree(of: intermediate, .popular, in: snapshot) }
        return degree
    }

    /// Zero for an intermediate that leads to nobody: it is in no candidate's row, and must not make the user's norm infinite.
    func idf(documentFrequency: Int) -> Double {
        documentFrequency == 0 ? 0 : log(1 + documentCount / Double(documentFrequency))
    }

    private func idfSquared(documentFrequency: Int) -> Double {
        let idf = idf(documentFrequency: documentFrequency)
        return idf * idf
    }

    /// What an edge of the second hop makes of the amount of its intermediate.
    @inline(__always)
    func share(
        of edge: Double, _ candidate: UInt32, in snapshot: borrowing Snapshot, _ numbers: CandidateNumbers
    ) throws -> Double {
        guard score == .bm25 else { return edge }
        let length = try size(of: candidate, in: snapshot, numbers)
        let norm = 1 - TwoHopScore.bm25LengthShare + TwoHopScore.bm25LengthShare * length / lengthMean
        let saturation = TwoHopScore.bm25Saturation
        return edge * (saturation + 1) / (edge + saturation * norm)
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
    func size(
        of candidate: UInt32, in snapshot: borrowing Snapshot, _ numbers: CandidateNumbers
    ) throws -> Double {
        guard let sizes = numbers.sizes else { return 1 }
        return try sizes.value(of: candidate) {
            let scratch = numbers.scratch
            if score == .bm25 || secondReversed.isWhole(aging) {
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
                self.idf(documentFrequency: try table.degree(of: intermediate, in: snapshot))
            }
            let term = (neighbors.weights.isEmpty ? 1 : neighbors.weights[index]) * idf
            sum += term * term
        }
        return sum.squareRoot()
    }

    /// The score of a candidate reached by `count` paths.
    func score(
        of candidate: UInt32, count: Double, firstSize: Double, in snapshot: borrowing Snapshot,
        _ numbers: CandidateNumbers
    ) throws -> Double {
        switch score {
        case .jaccard:
            count / (firstSize + (try size(of: candidate, in: snapshot, numbers)) - count)
        case .cosine:
            count / (firstSize * (try size(of: candidate, in: snapshot, numbers))).squareRoot()
        case .preferentialAttachment: firstSize * (try size(of: candidate, in: snapshot, numbers))
        default: count
        }
    }

    /// No candidate with `count` paths scores higher, however the score is rounded.
    func scoreBound(count: Double, firstSize: Double) -> Double {
        let slack = 1 + 0x1p-40
        return switch score {
        // |B| is at least c.
        case .jaccard: count / firstSize * slack
        case .cosine: (count / firstSize).squareRoot() * slack
        default: .infinity
        }
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

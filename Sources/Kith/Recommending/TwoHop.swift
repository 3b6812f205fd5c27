import Adjacency
import LMDB

/// The two-hop kernel: walks `user -- first --> x -- second --> w` and adds up evidence for every w.
///
/// ```
/// for x in first[user], ascending:            one lookup per x, near the last one
///     amount = contribution(deg x)
///     for w in second[x]:  score[w] += amount     the hot loop: decode, then a random increment
/// ```
/// Cost: the sum of the degrees of the first-hop neighbours; bound by the random increments, which ids in order of
/// popularity keep in few cache lines.
struct TwoHop {
    /// From the user to the intermediates x.
    let first: AdjacencyTable
    /// From an intermediate to the candidates w.
    let second: AdjacencyTable
    /// ``first`` walked backwards, or nil when it is the same list of x as ``second``: with ``second`` it gives deg(x).
    let firstReversed: AdjacencyTable?
    /// ``second`` walked backwards: from a candidate to its intermediates.
    let secondReversed: AdjacencyTable
    let score: TwoHopScore
    /// Ids of candidates are below this.
    let candidateLimit: UInt32

    /// Both hops along the edges of one type that joins a kind to itself.
    init(along edges: EdgeTables, score: TwoHopScore, candidateLimit: UInt32) {
        first = edges.out
        second = edges.out
        firstReversed = edges.type.isSymmetric ? nil : edges.in
        secondReversed = edges.in
        self.score = score
        self.candidateLimit = candidateLimit
    }
}

extension TwoHop {
    /// Adds the evidence of all paths that start at `intermediates` (ascending) into `accumulator`, and notes in
    /// `amounts` what a path through each of them adds.
    func walk<Score: PathScore>(
        from intermediates: [UInt32], in transaction: borrowing ReadTransaction,
        into accumulator: ScoreAccumulator<Score>, amounts: inout [Double], counting: (Double) -> Score
    ) throws {
        var cursor = try transaction.cursor(in: second.database)
        amounts.removeAll(keepingCapacity: true)
        for intermediate in intermediates {
            var isFirstBlock = true
            var amount = 0.0
            var increment = Score.zero
            try second.forEachBlock(of: intermediate, by: &cursor) { block in
                if isFirstBlock {
                    isFirstBlock = false
                    amount = try contribution(of: intermediate, secondDegree: Int(block.degree), in: transaction)
                    increment = counting(amount)
                }
                try unsafe block.forEachGroup(below: candidateLimit) { group in
                    unsafe accumulator.add(increment, to: group)
                }
                return true
            }
            amounts.append(amount)
        }
    }

    /// What one path through `intermediate` adds.
    func contribution(of intermediate: UInt32, in transaction: borrowing ReadTransaction) throws -> Double {
        let degree = try second.degree(of: intermediate, in: transaction)
        return try contribution(of: intermediate, secondDegree: degree, in: transaction)
    }

    private func contribution(
        of intermediate: UInt32, secondDegree: Int, in transaction: borrowing ReadTransaction
    ) throws -> Double {
        guard score != .paths else { return 1 }
        let otherDegree = try firstReversed?.degree(of: intermediate, in: transaction) ?? 0
        return score.contribution(ofDegree: secondDegree + otherDegree)
    }

    /// The places in `intermediates` of those from which the second hop reaches `candidate`, ascending.
    ///
    /// Intersects with the candidate's own list, or, when that is very much longer, looks every intermediate up.
    /// - Complexity: O(min(intermediates + deg candidate, intermediates x lookup)).
    func places(
        in intermediates: [UInt32], reaching candidate: UInt32, in transaction: borrowing ReadTransaction,
        scratch: inout NeighborList
    ) throws -> [Int] {
        var places: [Int] = []
        let degree = try secondReversed.degree(of: candidate, in: transaction)
        if degree / TwoHop.neighborsPerLookup > intermediates.count {
            var cursor = try transaction.cursor(in: second.database)
            for (place, intermediate) in intermediates.enumerated()
            where try second.edge(from: intermediate, to: candidate, by: &cursor) != nil {
                places.append(place)
            }
            return places
        }
        scratch.removeAll(columns: secondReversed.columns)
        try secondReversed.read(candidate, in: transaction, into: &scratch)
        var place = 0
        for neighbor in scratch.neighbors {
            while place < intermediates.count, intermediates[place] < neighbor { place += 1 }
            if place == intermediates.count { break }
            if intermediates[place] == neighbor { places.append(place) }
        }
        return places
    }

    /// How many neighbours of a list are decoded in the time of one edge lookup, about.
    private static var neighborsPerLookup: Int { 256 }
}

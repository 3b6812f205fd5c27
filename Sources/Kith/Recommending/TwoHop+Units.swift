import LMDB

// Ranking by sums, without an exact one for everybody.
//
// Random increments bound a walk, and sums in doubles take four times the memory of counts: where there are millions of
// nodes they leave the cache. So paths are added up in whole units first, 8 or 16 bits wide if a path has enough of them. What
// that says of the exact sums is bounded; the few that may be among the best are added up exactly in a second walk of the
// same lists in the same order, which leaves each list behind the last of them. In order of popularity the best have small
// ids, so that is soon.

extension TwoHop {
    /// With fewer units for a path on average, too many candidates may be among the best. So few will do: what is saved
    /// where narrower sums stay in the cache is worth more than what rivals cost.
    private static var unitsMean: Int { 2 }

    /// So many lists of so many neighbours come to no more than 8,192 sums, 64 KiB of them.
    private static var shortCount: Int { 32 }
    private static var shortDegree: Int { 256 }

    /// Offers the candidates where every intermediate's paths add the same and ``amountMeaning`` says what.
    func rankByAmounts(
        for user: UInt32, _ filter: CandidateFilter, in transaction: borrowing ReadTransaction,
        _ scratch: RequestScratch, into best: inout TopK
    ) throws -> Outcome {
        let capacity = Int(candidateLimit)
        try readAmounts(in: transaction, scratch)
        if best.limit > 0, isFew(scratch.amounts) {
            return try rankBySets(for: user, filter, in: transaction, scratch, into: &best)
        }
        if best.limit == 0 || isShort(scratch.amounts) {
            return try rankBySums(for: user, filter, in: transaction, scratch, into: &best) { place, _ in
                scratch.amounts[place]
            }
        }
        var rivals: [CountedNode] = []
        swap(&rivals, &scratch.candidates)
        defer {
            rivals.removeAll(keepingCapacity: true)
            swap(&rivals, &scratch.candidates)
        }
        let outcome: Outcome
        if scratch.amounts.count <= Int(UInt8.max) / TwoHop.unitsMean {
            outcome = try findRivals(
                for: user, limit: best.limit, filter, by: scratch.byteCounts(capacity: capacity), in: transaction,
                scratch,
                into: &rivals)
        } else if scratch.amounts.count <= Int(UInt16.max) / TwoHop.unitsMean {
            outcome = try findRivals(
                for: user, limit: best.limit, filter, by: scratch.narrowCounts(capacity: capacity), in: transaction,
                scratch,
                into: &rivals)
        } else {
            outcome = try findRivals(
                for: user, limit: best.limit, filter, by: scratch.wideCounts(capacity: capacity), in: transaction,
                scratch,
                into: &rivals)
        }
        // With more of them an exact sum for everybody is as good.
        if rivals.count > RivalSums.countMax {
            return try rankBySums(for: user, filter, in: transaction, scratch, into: &best) { place, _ in
                scratch.amounts[place]
            }
        }
        try addUp(rivals, into: &best, in: transaction, scratch)
        return outcome
    }

    /// Whether a walk through intermediates of these amounts touches so little that exact sums stay in the cache.
    private func isShort(_ amounts: [Double]) -> Bool {
        guard amounts.count <= TwoHop.shortCount else { return false }
        let hubAmount = score.amount(ofDegree: TwoHop.shortDegree)
        return amounts.allSatisfy { $0 > hubAmount }
    }

    /// Leaves what a path through each intermediate adds in ``RequestScratch/amounts``.
    private func readAmounts(in transaction: borrowing ReadTransaction, _ scratch: RequestScratch) throws {
        scratch.amounts.removeAll(keepingCapacity: true)
        guard let amountMeaning else { return }
        let known = scratch.values(amountMeaning, of: second, .none, transaction.id, intermediateLimit)
        let table = second.steps[0].table
        for intermediate in scratch.intermediates.ids {
            scratch.amounts.append(
                try known.value(of: intermediate) {
                    let degree = try table.degree(ofPopular: intermediate, in: transaction)
                    return try amount(of: intermediate, weight: 1, secondDegree: degree, in: transaction)
                })
        }
    }

    /// Walks, and finds the candidates whose exact sums may be among the best `limit`, which is above 0.
    private func findRivals<Units: PathScore & FixedWidthInteger>(
        for user: UInt32, limit: Int, _ filter: CandidateFilter, by sums: ScoreAccumulator<Units>,
        in transaction: borrowing ReadTransaction, _ scratch: RequestScratch, into rivals: inout [CountedNode]
    ) throws -> Outcome {
        let units = PathUnits(of: scratch.amounts, sumMax: Int(Units.max))
        let outcome = try walk(in: transaction, into: sums, scratch) { place, _ in
            Units(truncatingIfNeeded: units.rounded(scratch.amounts[place]))
        }
        try exclude(user, filter, from: sums, in: transaction)
        var best = TopK()
        swap(&best, &scratch.bestUnits)
        defer { swap(&best, &scratch.bestUnits) }
        best.begin(limit: limit)
        var failure: (any Error)?
        var least = Units.least
        sums.drain(from: least) { id, sum in
            do {
                if try filter.acceptsAll || filter.accepts(id, in: transaction) {
                    rivals.append(CountedNode(id: id, count: UInt32(sum)))
                    if best.offer(RankedNode(score: Double(sum), id: id)), best.scoreMin > 0 {
                        least = Units(units.leastRival(of: best.scoreMin))
                    }
                }
            } catch {
                failure = failure ?? error
            }
            return least
        }
        if let failure { throw failure }
        rivals.removeAll { $0.count < least }
        return outcome
    }

    /// Offers `rivals` with their exact sums.
    private func addUp(
        _ rivals: [CountedNode], into best: inout TopK, in transaction: borrowing ReadTransaction,
        _ scratch: RequestScratch
    ) throws {
        if rivals.isEmpty { return }
        let sums = scratch.rivalSums(capacity: Int(candidateLimit))
        sums.begin(rivals)
        do {
            _ = try walk(in: transaction, scratch, adding: { place, _ in scratch.amounts[place] }, visitor: sums)
        } catch {
            sums.drain(rivals) { _, _ in }
            throw error
        }
        sums.drain(rivals) { id, sum in best.offer(RankedNode(score: sum, id: id)) }
    }
}

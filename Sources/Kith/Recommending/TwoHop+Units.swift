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

    /// Offers the candidates where every intermediate's paths add the same and ``amountMeaning`` says what.
    func rankByAmounts(
        by formula: some TwoHopFormula, _ run: RequestRun, in snapshot: borrowing Snapshot,
        into best: inout TopK
    ) throws {
        let (filter, scratch) = (run.filter, run.scratch)
        let capacity = Int(candidateLimit)
        try readAmounts(by: formula, in: snapshot, scratch)
        if best.limit > 0 {
            let count = scratch.amounts.count
            if isFew(count) { return try rankBySets(filter, in: snapshot, scratch, into: &best) }
            let isSettled: Bool
            if count <= Int(UInt8.max) / TwoHop.unitsMean {
                let units = scratch.byteCounts(capacity: capacity)
                isSettled = try rankByUnits(units, filter, in: snapshot, scratch, into: &best)
            } else if count <= Int(UInt16.max) / TwoHop.unitsMean {
                let units = scratch.narrowCounts(capacity: capacity)
                isSettled = try rankByUnits(units, filter, in: snapshot, scratch, into: &best)
            } else {
                let units = scratch.wideCounts(capacity: capacity)
                isSettled = try rankByUnits(units, filter, in: snapshot, scratch, into: &best)
            }
            if isSettled { return }
        }
        try rankBySums(by: formula, run, in: snapshot, into: &best) { scratch.amounts[$0.place] }
    }

    /// Leaves what a path through each intermediate adds in ``RequestScratch/amounts``.
    private func readAmounts(
        by formula: some TwoHopFormula, in snapshot: borrowing Snapshot, _ scratch: RequestScratch
    ) throws {
        scratch.amounts.removeAll(keepingCapacity: true)
        guard let amountMeaning else { return }
        let known = scratch.values(amountMeaning, of: second, .none, snapshot.commit, intermediateLimit)
        let table = second.steps[0].table
        for intermediate in scratch.intermediates.ids {
            scratch.amounts.append(
                try known.value(of: intermediate) {
                    let degree = try table.degree(of: intermediate, .popular, in: snapshot)
                    return try amount(by: formula, of: intermediate, weight: 1, secondDegree: degree, in: snapshot)
                })
        }
    }

    /// Offers the candidates by exact sums for those who may be among the best; answers false when those are too
    /// many, or cannot be told.
    private func rankByUnits<Units: CountScore>(
        _ sums: ScoreAccumulator<Units>, _ filter: CandidateFilter, in snapshot: borrowing Snapshot,
        _ scratch: RequestScratch, into best: inout TopK
    ) throws -> Bool {
        func amount(at place: Int) -> Double { scratch.amounts[place] }
        return try scratch.withCandidates { rivals in
            var units = QuantizedScores(of: scratch.found.lazy.map { amount(at: $0.place) }, sumMax: Int(Units.max))
            let shorter = try walkShorter(
                limit: best.limit, filter, into: sums, &units, in: snapshot, scratch, adding: amount)
            scratch.exclude(from: sums)
            let idMax = try findRivals(
                limit: best.limit, filter, by: sums, units, shorter, in: snapshot, scratch, into: &rivals)
            // With more of them an exact sum for everybody is as good.
            guard let idMax, rivals.count <= RivalSums.countMax else { return false }
            try settle(
                &rivals, upTo: idMax, units, scratch.found[...], end: shorter.end, least: 0, in: snapshot, scratch,
                into: &best, adding: amount, to: { _ in 0 })
            return true
        }
    }
}

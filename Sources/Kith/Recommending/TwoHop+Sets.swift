// Ranking by which intermediates lead to a candidate, where those are few.
//
// Each intermediate has a bit, and a candidate's byte becomes the set of those that lead to it. The exact sum of every set
// there can be is added up beforehand, in the order that is defined. So one walk with the narrowest scores gives exact sums.

extension TwoHop {
    /// The most intermediates. After each candidate that gets in, all sets there can be are gone over: 64.
    private static var countMax: Int { 6 }

    /// Whether sets are the way for so many intermediates.
    func isFew(_ count: Int) -> Bool { count <= TwoHop.countMax }

    /// Offers the candidates by the exact sums of the sets of ``RequestScratch/amounts`` that lead to them.
    func rankBySets(
        _ filter: CandidateFilter, in snapshot: borrowing Snapshot, _ scratch: RequestScratch,
        into best: inout TopK
    ) throws {
        let sets = scratch.byteCounts(capacity: Int(candidateLimit))
        sets.expect(scratch.foundEdges)
        try walk(scratch.found[...], in: snapshot, into: sets, scratch) { 1 << UInt8($0.place) }
        scratch.exclude(from: sets)
        scratch.setSums.removeAll(keepingCapacity: true)
        scratch.setSums.append(0)
        for amount in scratch.amounts {
            for set in scratch.setSums.indices { scratch.setSums.append(scratch.setSums[set] + amount) }
        }
        var failure: (any Error)?
        unsafe withUnsafeTemporaryAllocation(of: UInt32.self, capacity: scratch.setSums.count) { ends in
            // Below which id a candidate of each set gets in: one comparison turns away nearly all, those who tie too.
            unsafe ends.initialize(repeating: 0)
            for set in scratch.setSums.indices.dropFirst() { unsafe ends[set] = .max }
            unsafe sets.drainSets(below: ends) { id, set in
                do {
                    guard try filter.acceptsAll || filter.accepts(id, in: snapshot) else { return false }
                } catch {
                    failure = failure ?? error
                    return false
                }
                guard best.offer(RankedNode(score: scratch.setSums[Int(set)], id: id)), best.isFull else {
                    return false
                }
                for set in scratch.setSums.indices.dropFirst() {
                    unsafe ends[set] = best.end(ofScore: scratch.setSums[set])
                }
                return true
            }
        }
        if let failure { throw failure }
    }
}

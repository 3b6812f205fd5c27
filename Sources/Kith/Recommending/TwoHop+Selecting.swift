extension TwoHop {
    /// Offers the candidates with counts.
    func select<Count: CountScore>(
        _ counts: ScoreAccumulator<Count>, by formula: some TwoHopFormula, _ run: RequestRun,
        in snapshot: borrowing Snapshot, into best: inout TopK
    ) throws {
        let (filter, scratch) = (run.filter, run.scratch)
        // No candidate has more paths than a count can hold.
        guard let least = Count(exactly: minimumPaths) else { return counts.clear() }
        if formula.isCount, filter.acceptsAll {
            // Nobody is wanted: an infinite score is the least that gets in.
            if best.limit == 0 { return counts.clear() }
            var least = least
            counts.drain(from: least) { id, count, isAscending in
                if best.offer(RankedNode(score: Double(count), id: id)), best.scoreMin > 0 {
                    // A count, once there is no more room. The greatest there is stays for who ties.
                    let reached = Count(truncatingIfNeeded: Int(best.scoreMin))
                    least = max(least, isAscending && reached < .max ? reached + 1 : reached)
                }
                return least
            }
            return
        }
        try scratch.withCandidates { candidates in
            var histogram = Histogram()
            counts.drain(from: least) { id, count, _ in
                candidates.append(CountedNode(id: id, count: UInt32(count)))
                histogram.add(Int(count))
                return least
            }
            // Those with most paths first: they raise what the others have to reach.
            let firstSize = Double(scratch.intermediates.ids.count)
            let numbers = CandidateNumbers(self, snapshot.commit, scratch)
            let threshold = histogram.threshold(for: 4 * min(best.limit, candidates.count))
            for isFirst in [true, false] {
                for candidate in candidates where (candidate.count >= threshold) == isFirst {
                    let count = Double(candidate.count)
                    guard formula.scoreMax(count: count, firstSize: firstSize) >= best.scoreMin else { continue }
                    let score = try self.score(
                        by: formula, of: candidate.id, count: count, firstSize: firstSize, in: snapshot, numbers)
                    guard score >= best.scoreMin, try filter.accepts(candidate.id, in: snapshot) else { continue }
                    best.offer(RankedNode(score: score, id: candidate.id))
                }
            }
        }
    }

    /// Offers the candidates with sums to which every path through an intermediate added the same.
    func select(
        _ sums: ScoreAccumulator<Double>, by formula: some TwoHopFormula, _ run: RequestRun,
        in snapshot: borrowing Snapshot, into best: inout TopK
    ) throws {
        let (filter, scratch) = (run.filter, run.scratch)
        if filter.acceptsAll, !formula.isNormalized {
            sums.drain { id, score, isAscending in
                best.offer(RankedNode(score: score, id: id))
                return max(isAscending ? best.scoreMin.nextUp : best.scoreMin, .least)
            }
            return
        }
        var failure: (any Error)?
        let numbers = CandidateNumbers(self, snapshot.commit, scratch)
        let userNorm = formula.isNormalized ? try norm(of: scratch.intermediates, in: snapshot, numbers) : 1
        sums.drain { id, sum, _ in
            if failure != nil { return .infinity }
            do {
                if let score = try normalized(sum, of: id, userNorm, by: formula, in: snapshot, numbers) {
                    try offer(id, score, filter, in: snapshot, into: &best)
                }
            } catch {
                failure = error
            }
            return .least
        }
        if let failure { throw failure }
    }

    /// Offers the candidates with sums of paths that differ.
    func select(
        _ sums: PathSums, by formula: some TwoHopFormula, _ run: RequestRun,
        in snapshot: borrowing Snapshot, into best: inout TopK
    ) throws {
        let (filter, scratch) = (run.filter, run.scratch)
        let numbers = CandidateNumbers(self, snapshot.commit, scratch)
        let userNorm = formula.isNormalized ? try norm(of: scratch.intermediates, in: snapshot, numbers) : 1
        let firstSize = Double(scratch.intermediates.ids.count)
        let least = UInt32(clamping: minimumPaths)
        try sums.drain { id, entry in
            guard entry.count >= least else { return }
            let score =
                formula.followsFromCount
                ? try score(
                    by: formula, of: id, count: Double(entry.count), firstSize: firstSize, in: snapshot, numbers)
                : try normalized(entry.sum, of: id, userNorm, by: formula, in: snapshot, numbers)
            if let score { try offer(id, score, filter, in: snapshot, into: &best) }
        }
    }

    /// The sum of a candidate's paths, divided by the norms of both rows where the formula wants that; nil where a norm is 0.
    @inline(__always)
    private func normalized(
        _ sum: Double, of candidate: UInt32, _ userNorm: Double, by formula: some TwoHopFormula,
        in snapshot: borrowing Snapshot, _ numbers: CandidateNumbers
    ) throws -> Double? {
        guard formula.isNormalized else { return sum }
        let norm = userNorm * (try norm(of: candidate, in: snapshot, numbers))
        return norm > 0 ? sum / norm : nil
    }

    @inline(__always)
    private func offer(
        _ id: UInt32, _ score: Double, _ filter: CandidateFilter, in snapshot: borrowing Snapshot,
        into best: inout TopK
    ) throws {
        guard score >= best.scoreMin, try filter.accepts(id, in: snapshot) else { return }
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

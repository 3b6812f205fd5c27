// Settling who is among the best before all of the lists are read.
//
// Where people differ in how many they follow, a few of the lists hold most of the edges. The shorter ones are counted first.
// What those that are left can add to a candidate is bounded: 1 for each, or the units of its paths. When there are as many
// candidates ahead of that as are wanted, only those that are not further behind can still be among the best: the rivals. In
// the lists that are left only they are looked for, and in order of popularity, which puts them first, soon found. What is
// left out this way is most of the decoding and of the random increments. (Sarawagi and Kirpal, *Efficient set joins on
// similarity predicates*, SIGMOD 2004, and Li, Lu and Lu, *Efficient merging and filtering algorithms for approximate string
// searches*, ICDE 2008, have the same for thresholds that are given.)

extension TwoHop {
    /// Where a walk through the shorter lists ended.
    struct Shorter {
        /// The lists from here on of ``RequestScratch/byLength`` have not been read; nil where all have.
        var end: Int?
        /// So many units as many candidates have as are wanted, but for those the filter refuses.
        var reached = 1
    }

    /// After all but an n-th of the lists it is seen whether the others are needed: no sooner than is likely, and not too
    /// often.
    private static let divisors = [5, 6, 8, 10, 12, 16, 24, 32, 48, 64, 96]
    /// To read so many edges takes as long as to find out.
    private static var edgesMin: Int { 6_000 }

    /// Reads the lists, the shorter ones first, until it is settled who can be among the best `limit`, or all are read.
    ///
    /// Where the longest do not hold a good part of the edges, there is nothing to gain, and all are read.
    ///
    /// - Parameters:
    ///   - units: of which none has been read; those that are read are noted there.
    ///   - amount: what the paths through the intermediate at a place add.
    func walkShorter<Units: CountScore>(
        limit: Int, _ filter: CandidateFilter, into sums: ScoreAccumulator<Units>, _ units: inout QuantizedScores,
        in snapshot: borrowing Snapshot, _ scratch: RequestScratch, adding amount: (_ place: Int) -> Double
    ) throws -> Shorter {
        func read(_ lists: ArraySlice<FoundList>) throws {
            for list in lists { units.read(amount(list.place)) }
            let units = units
            try walk(lists, in: snapshot, into: sums, scratch) {
                Units(truncatingIfNeeded: units.rounded(amount($0.place)))
            }
        }
        let count = scratch.found.count
        let edges = scratch.foundEdges
        sums.expect(edges)
        guard count >= 4, edges >= TwoHop.edgesMin, limit > 0, !filter.asksCaller, isSkewed(scratch.found, edges) else {
            try read(scratch.found[...])
            return Shorter()
        }
        scratch.orderByLength()
        var start = 0
        for divisor in TwoHop.divisors {
            let end = count - (start == 0 ? max(count / divisor, 1) : count / divisor)
            if end == start { continue }
            // Half of the edges to begin with; and what is left later has to be worth another look.
            let left = scratch.byLength[end...].reduce(0) { $0 + $1.degree }
            if left < edges / (start == 0 ? 2 : 4) { break }
            try read(scratch.byLength[start..<end])
            start = end
            scratch.exclude(from: sums)
            // Somewhat more than needed, so that rivals are few.
            if let reached = units.sum(withRivalsFrom: Int(max(units.rest / 8, 2 * units.mean)), to: Int(Units.max)),
                sums.hasAmongFirst(limit, reaching: Units(reached))
            {
                return Shorter(end: end, reached: sums.reachedAmongFirst(limit, from: reached))
            }
        }
        try read(scratch.byLength[start...])
        return Shorter()
    }

    /// Whether lists of more than twice the usual length hold two fifths of the edges or more.
    private func isSkewed(_ lists: [FoundList], _ edges: Int) -> Bool {
        let long = lists.reduce(0) { $0 + ($1.degree * lists.count > 2 * edges ? $1.degree : 0) }
        return 5 * long >= 2 * edges
    }

    /// Finds the candidates that may be among the best `limit`, above 0, and leaves all sums zero.
    ///
    /// - Parameters:
    ///   - sums: of the lists that have been read, in units.
    /// - Returns: the greatest id of those that are the best by what is known now; nil where it could not be settled, because
    ///   the filter refused too many.
    func findRivals<Units: CountScore>(
        limit: Int, _ filter: CandidateFilter, by sums: ScoreAccumulator<Units>, _ units: QuantizedScores,
        _ shorter: Shorter,
        in snapshot: borrowing Snapshot, _ scratch: RequestScratch, into rivals: inout [CountedNode]
    ) throws -> UInt32? {
        var best = TopK()
        swap(&best, &scratch.bestUnits)
        defer { swap(&best, &scratch.bestUnits) }
        best.begin(limit: limit)
        var failure: (any Error)?
        var least = shorter.end == nil ? 1 : Units(max(units.leastRival(of: Double(shorter.reached)), 1))
        sums.drain(from: least) { id, sum, _ in
            do {
                if try filter.acceptsAll || filter.accepts(id, in: snapshot) {
                    rivals.append(CountedNode(id: id, count: UInt32(sum)))
                    if best.offer(RankedNode(score: Double(sum), id: id)), best.scoreMin > 0 {
                        least = max(least, Units(max(units.leastRival(of: best.scoreMin), 1)))
                    }
                }
            } catch {
                failure = failure ?? error
            }
            return least
        }
        if let failure { throw failure }
        rivals.removeAll { $0.count < least }
        return shorter.end == nil || best.scoreMin >= Double(shorter.reached) ? best.idMax : nil
    }

    /// Offers `rivals` with what `lists` add to what is known of them.
    ///
    /// Each list is read up to the last of them. Few are far behind the best, and what the others come to nearly always shows
    /// that those need not be looked for; if not that, then what the lists add that have not been read at all.
    ///
    /// - Parameters:
    ///   - idMax: those up to here are looked for first, where there are lists that have not been read.
    ///   - end: where the lists begin in ``RequestScratch/byLength`` that have not been read; nil when all have.
    ///   - least: what a candidate needs to be offered.
    ///   - amount: what the paths through the intermediate at a place add.
    ///   - known: what the other lists have added to a rival.
    func settle(
        _ rivals: inout [CountedNode], upTo idMax: UInt32, _ units: QuantizedScores, _ lists: ArraySlice<FoundList>,
        end: Int?, least: Double, in snapshot: borrowing Snapshot, _ scratch: RequestScratch,
        into best: inout TopK, adding amount: (_ place: Int) -> Double, to known: (CountedNode) -> Double
    ) throws {
        func offer(_ rivals: ArraySlice<CountedNode>) throws {
            try addUp(rivals, lists, in: snapshot, scratch, adding: amount) { rival, sum in
                let score = known(rival) + sum
                if score >= least { best.offer(RankedNode(score: score, id: rival.id)) }
            }
        }
        if let end { scratch.work.edges -= scratch.byLength[end...].reduce(0) { $0 + $1.degree } }
        // Where all lists have been read rivals differ by rounding alone: what some come to says little of the others.
        let far = end == nil ? rivals.count : rivals.partition { $0.id > idMax }
        try offer(rivals[..<far])
        rivals.removeSubrange(..<far)
        rivals.removeAll { $0.id >= best.end(ofScore: units.exactMax(of: Int($0.count))) }
        if let end, scratch.byLength.count - end < lists.count {
            scratch.undecided.removeAll(keepingCapacity: true)
            try addUp(rivals[...], scratch.byLength[end...], in: snapshot, scratch, adding: amount) { rival, rest in
                if rival.id < best.end(ofScore: units.exactMax(of: Int(rival.count), rest: rest)) {
                    scratch.undecided.append(rival)
                }
            }
            swap(&rivals, &scratch.undecided)
        }
        try offer(rivals[...])
    }

    /// Visits `rivals` with the exact sums of what `lists` add to them.
    private func addUp(
        _ rivals: ArraySlice<CountedNode>, _ lists: ArraySlice<FoundList>, in snapshot: borrowing Snapshot,
        _ scratch: RequestScratch, adding amount: (_ place: Int) -> Double, _ visit: (CountedNode, Double) -> Void
    ) throws {
        if rivals.isEmpty { return }
        let sums = scratch.rivalSums(capacity: Int(candidateLimit))
        sums.begin(rivals)
        do {
            try walk(lists, in: snapshot, scratch, adding: { amount($0.place) }, visitor: sums)
        } catch {
            sums.drain(rivals) { _, _ in }
            throw error
        }
        sums.drain(rivals, visit)
    }
}

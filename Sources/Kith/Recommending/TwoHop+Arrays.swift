extension TwoHop {
    /// Whether ``HopArrays`` say all that a request needs of the second hop, and save more than they cost.
    ///
    /// Where all paths through an intermediate add the same, the stored lists are as fast: being a fourth of the size they
    /// stay in the cache. The norms of a tf-idf cosine are worth it even then.
    var canShareArrays: Bool {
        second.isWhole(aging) && options.budget == nil && options.maximumDegree == nil
            && (formula.followsFromCount || minimumPaths == 1) && (!addsEvenly || formula.isNormalized)
    }

    /// Whether the second hop leads back by the edges of the first, so that a user is a candidate like any other.
    private var goesThereAndBack: Bool {
        guard first.steps.count == 1, second.steps.count == 1 else { return false }
        let (there, back) = (first.steps[0], second.steps[0])
        return there.edges.index == back.edges.index && there.direction == back.direction.reversed
    }

    /// How many edges the second hop has.
    func edgeCount(_ counters: StoreCounters) -> Int {
        second.steps.reduce(0) { $0 + Int(counters.edges[$1.edges.index]) * ($1.edges.type.isSymmetric ? 2 : 1) }
    }

    /// Decodes the whole second hop.
    ///
    /// - Complexity: O(edges), and a lookup per intermediate where the hop is along several types.
    func makeArrays(
        by formula: some TwoHopFormula, in snapshot: borrowing Snapshot, _ scratch: RequestScratch
    ) throws -> HopArrays {
        let isWeighted = usesSecondWeights
        let numbers = CandidateNumbers(self, snapshot.commit, scratch)
        var starts = [0]
        var ids: [UInt32] = []
        var shares: [Double] = []
        var factors: [Double] = []
        starts.reserveCapacity(Int(intermediateLimit) + 1)
        factors.reserveCapacity(Int(intermediateLimit))
        try forEachSecond(weighted: isWeighted, in: snapshot, scratch) { intermediate, reached in
            while factors.count < Int(intermediate) {
                factors.append(1)
                starts.append(ids.count)
            }
            factors.append(
                try amount(
                    by: formula, of: intermediate, weight: 1, secondDegree: reached.ids.count, in: snapshot))
            ids.append(contentsOf: reached.ids)
            if formula.usesWeights, formula.usesSizes {
                for (index, candidate) in reached.ids.enumerated() {
                    let edge = isWeighted ? reached.weights[index] : 1
                    shares.append(try share(by: formula, of: edge, candidate, in: snapshot, numbers))
                }
            } else {
                // None where none are wanted.
                shares.append(contentsOf: reached.weights)
            }
            starts.append(ids.count)
        }
        while factors.count < Int(intermediateLimit) {
            factors.append(1)
            starts.append(ids.count)
        }
        let norms = formula.isNormalized ? norms(starts: starts, ids: ids, weights: shares) : []
        return HopArrays(starts: starts, ids: ids, shares: shares, factors: factors, norms: norms)
    }

    /// Visits every intermediate from which the second hop leads on, ascending, with where it leads.
    private func forEachSecond(
        weighted: Bool, in snapshot: borrowing Snapshot, _ scratch: RequestScratch,
        _ visit: (UInt32, WeightedNeighbors) throws -> Void
    ) throws {
        guard second.steps.count == 1 else {
            for intermediate in 0..<intermediateLimit {
                try readSecond(from: intermediate, weighted: weighted, in: snapshot, scratch)
                if !scratch.reached.ids.isEmpty { try visit(intermediate, scratch.reached) }
            }
            return
        }
        let step = second.steps[0]
        var reached = WeightedNeighbors()
        var reader = step.table.neighbors(in: snapshot)
        try reader.forEachList { intermediate, list in
            reached.removeAll()
            reached.append(list, step.edges.type, aging, weighted: weighted)
            try check(reached, from: intermediate)
            if intermediate < intermediateLimit { try visit(intermediate, reached) }
        }
    }

    /// ``norm(of:in:_:)`` of every candidate, added up in the same order: that of intermediates.
    ///
    /// - Parameter weights: as many as there are ids, or none where all are 1.
    private func norms(starts: [Int], ids: [UInt32], weights: [Double]) -> [Double] {
        let count = Int(candidateLimit)
        var norms = Array(repeating: 0.0, count: Double.wholeLines(count))
        for intermediate in 0..<starts.count - 1 {
            let row = starts[intermediate]..<starts[intermediate + 1]
            let idf = corpus.idf(frequency: row.count)
            for place in row {
                let term = (weights.isEmpty ? 1 : weights[place]) * idf
                norms[Int(ids[place])] += term * term
            }
        }
        for candidate in 0..<count { norms[candidate].formSquareRoot() }
        for place in count..<norms.count { norms[place] = .infinity }
        return norms
    }

    /// Offers the candidates by the arrays: the same, bit for bit, as from the lists. The intermediates were read already.
    ///
    /// Answers false where only the lists will do: where paths may add nothing, or less.
    func rank(
        by formula: some TwoHopFormula, _ arrays: HopArrays, _ run: RequestRun,
        in snapshot: borrowing Snapshot, into best: inout TopK
    ) throws -> Bool {
        let (user, filter, scratch) = (run.user, run.filter, run.scratch)
        let capacity = Int(candidateLimit)
        // A damaged list may name what is not there; that is for who reads the lists to say.
        guard scratch.intermediates.ids.last ?? 0 < intermediateLimit else { return false }
        if formula.followsFromCount {
            try rankByCounts(by: formula, arrays, run, in: snapshot, into: &best)
            return true
        }
        guard arrays.areAllAboveZero, scratch.intermediates.weights.allSatisfy({ $0 > HopArrays.leastAmount }) else {
            return false
        }
        let userNorm: Double
        if !formula.isNormalized {
            userNorm = 1
        } else if goesThereAndBack, scratch.hasAllIntermediates, user < candidateLimit {
            userNorm = arrays.norms[Int(user)]
        } else {
            let numbers = CandidateNumbers(self, snapshot.commit, scratch)
            userNorm = try norm(of: scratch.intermediates, in: snapshot, numbers)
        }
        let sums = scratch.sums(capacity: capacity)
        let work = scratch.intermediates.ids.reduce(0) { $0 + arrays.degree(of: $1) }
        scratch.work.edges += work
        sums.expect(work)
        for (place, intermediate) in scratch.intermediates.ids.enumerated() {
            let weight = usesFirstWeights ? scratch.intermediates.weights[place] : 1
            let amount = weight * arrays.factors[Int(intermediate)]
            unsafe arrays.withRow(of: intermediate) { ids, shares in
                if let shares = unsafe shares {
                    unsafe sums.add(amount, times: shares, to: ids)
                } else {
                    unsafe sums.add(amount, to: ids)
                }
            }
        }
        scratch.exclude(from: sums)
        var failure: (any Error)?
        func offer(_ id: UInt32, _ sum: Double) -> Double {
            var score = sum
            if formula.isNormalized {
                let norm = userNorm * arrays.norms[Int(id)]
                score = norm > 0 ? sum / norm : -.infinity
            }
            do {
                if score >= best.scoreMin, try filter.accepts(id, in: snapshot) {
                    best.offer(RankedNode(score: score, id: id))
                }
            } catch {
                failure = failure ?? error
            }
            return best.scoreMin * userNorm
        }
        unsafe arrays.norms.withUnsafeBufferPointer { norms in
            if formula.isNormalized {
                let reached = filter.acceptsAll ? unsafe sums.quotientReached(by: best.limit, norms: norms) : 0
                unsafe sums.drain(norms: norms, from: reached, offer)
            } else {
                sums.drain { id, sum, _ in max(offer(id, sum), .least) }
            }
        }
        if let failure { throw failure }
        return true
    }

    private func rankByCounts(
        by formula: some TwoHopFormula, _ arrays: HopArrays, _ run: RequestRun,
        in snapshot: borrowing Snapshot, into best: inout TopK
    ) throws {
        let scratch = run.scratch
        let capacity = Int(candidateLimit)
        let count = scratch.intermediates.ids.count
        if count <= UInt8.max {
            let counts = scratch.byteCounts(capacity: capacity)
            try rank(by: formula, arrays, counts, run, in: snapshot, into: &best)
        } else if count <= UInt16.max {
            let counts = scratch.narrowCounts(capacity: capacity)
            try rank(by: formula, arrays, counts, run, in: snapshot, into: &best)
        } else {
            let counts = scratch.wideCounts(capacity: capacity)
            try rank(by: formula, arrays, counts, run, in: snapshot, into: &best)
        }
    }

    private func rank<Count: CountScore>(
        by formula: some TwoHopFormula, _ arrays: HopArrays, _ counts: ScoreAccumulator<Count>, _ run: RequestRun,
        in snapshot: borrowing Snapshot, into best: inout TopK
    ) throws {
        let scratch = run.scratch
        for intermediate in scratch.intermediates.ids {
            scratch.work.edges += arrays.degree(of: intermediate)
            unsafe arrays.withRow(of: intermediate) { ids, _ in unsafe counts.add(1, to: ids) }
        }
        scratch.exclude(from: counts)
        try select(counts, by: formula, run, in: snapshot, into: &best)
    }
}

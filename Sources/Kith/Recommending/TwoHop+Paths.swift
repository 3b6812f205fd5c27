extension TwoHop {
    /// Leaves the paths to `candidate` from the user whose intermediates were read last in ``RequestScratch/paths``, by
    /// ascending id of the intermediate, and answers the score they make, whether or not it would be suggested.
    ///
    /// - Complexity: O(degree of the user + degree of the candidate), and a lookup per intermediate.
    func findPaths(
        to candidate: UInt32, by formula: some TwoHopFormula, in snapshot: borrowing Snapshot,
        _ scratch: RequestScratch
    ) throws -> Double {
        scratch.paths.removeAll(keepingCapacity: true)
        guard candidate < candidateLimit else { return 0 }
        let numbers = CandidateNumbers(self, snapshot.commit, scratch)
        var sum = 0.0
        try forEachShared(candidate, in: snapshot, scratch) { place, edge in
            if place >= scratch.walkedCount { return }
            let intermediate = scratch.intermediates.ids[place]
            let degree = try second.degree(of: intermediate, in: snapshot, scratch: &scratch.hop)
            if degree > options.maximumDegree ?? .max { return }
            let weight = usesFirstWeights ? scratch.intermediates.weights[place] : 1
            let amount = try self.amount(
                by: formula, of: intermediate, weight: weight, secondDegree: degree, in: snapshot)
            let contribution = amount * (try share(by: formula, of: edge, candidate, in: snapshot, numbers))
            scratch.paths.append(RankedNode(score: contribution, id: intermediate))
            sum += contribution
        }
        if scratch.paths.isEmpty { return 0 }
        if formula.followsFromCount {
            return try score(
                by: formula, of: candidate, count: Double(scratch.paths.count),
                firstSize: Double(scratch.intermediates.ids.count), in: snapshot, numbers)
        }
        if formula.isNormalized {
            let userNorm = try norm(of: scratch.intermediates, in: snapshot, numbers)
            let norm = userNorm * (try norm(of: candidate, in: snapshot, numbers))
            return norm > 0 ? sum / norm : 0
        }
        return sum
    }

    /// Visits the places of the intermediates from which the second hop reaches `candidate`, ascending, with the weight of
    /// that edge.
    ///
    /// Intersects with the candidate's own list, or, when that is very much longer, looks every intermediate up.
    private func forEachShared(
        _ candidate: UInt32, in snapshot: borrowing Snapshot, _ scratch: RequestScratch,
        _ visit: (_ place: Int, _ edge: Double) throws -> Void
    ) throws {
        let isWeighted = usesSecondWeights
        let count = scratch.intermediates.ids.count
        if second.steps.count == 1 {
            let step = second.steps[0]
            let degree = try step.reversedTable.degree(of: candidate, in: snapshot)
            if degree / TwoHop.neighborsPerLookup > count {
                var reader = step.table.neighbors(in: snapshot)
                for place in 0..<count {
                    let intermediate = scratch.intermediates.ids[place]
                    guard let value = try reader.edge(from: intermediate, to: candidate) else {
                        continue
                    }
                    if aging.filtersTimes, step.edges.type.columns.contains(.time), !aging.includes(value.time) {
                        continue
                    }
                    try visit(place, isWeighted ? aging.weight(of: value, step.edges.type) : 1)
                }
                return
            }
        }
        try secondReversed.read(
            candidate, aging, weighted: isWeighted, in: snapshot, into: &scratch.reached, scratch: &scratch.hop)
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

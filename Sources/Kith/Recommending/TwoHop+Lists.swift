import Adjacency

// Walking where all paths through an intermediate add the same: list by list, a group of neighbours at a time.

/// A list of the second hop that was found and is still to be read.
struct FoundList: BitwiseCopyable {
    /// The place of its intermediate among those of the request.
    let place: Int
    /// How many neighbours it has.
    let degree: Int
    /// Where they are.
    let neighbors: ListPlace
}

/// What a walk does with the neighbours of its intermediates.
protocol GroupVisitor {
    /// What a path adds.
    associatedtype Amount
    /// Gets some neighbours of an intermediate, ascending, and what a path through it adds; answers whether more of them are
    /// wanted.
    func visit(_ group: UnsafeBufferPointer<UInt32>, adding amount: Amount) -> Bool
}

extension ScoreAccumulator: GroupVisitor {
    @inline(__always)
    func visit(_ group: UnsafeBufferPointer<UInt32>, adding amount: Score) -> Bool {
        unsafe add(amount, to: group)
        return true
    }
}

extension TwoHop {
    /// Leaves the lists of the intermediates in ``RequestScratch/found``, as far as the budget goes.
    func findLists(in snapshot: borrowing Snapshot, _ scratch: RequestScratch) throws -> Outcome {
        let budget = options.budget ?? .max
        let degreeMax = options.maximumDegree ?? .max
        var outcome = Outcome()
        var found: [FoundList] = []
        swap(&found, &scratch.found)
        defer { swap(&found, &scratch.found) }
        found.removeAll(keepingCapacity: true)
        let ids = scratch.intermediates.ids
        let reader = second.steps[0].table.neighbors(in: snapshot)
        try reader.forEachPlace(of: ids) { place, degree, neighbors in
            if degree > degreeMax { return true }
            if degree > budget - outcome.visited {
                outcome.isComplete = false
                return false
            }
            outcome.visited += degree
            found.append(FoundList(place: place, degree: degree, neighbors: neighbors))
            return true
        }
        return outcome
    }

    /// Reads `lists` into `accumulator`.
    func walk<Score: PathScore>(
        _ lists: ArraySlice<FoundList>, in snapshot: borrowing Snapshot,
        into accumulator: ScoreAccumulator<Score>, _ scratch: RequestScratch, adding amount: (FoundList) throws -> Score
    ) throws {
        do {
            try walk(lists, in: snapshot, scratch, adding: amount, visitor: accumulator)
        } catch {
            accumulator.clear()
            throw error
        }
    }

    /// Reads `lists`.
    ///
    /// - Parameters:
    ///   - amount: says what the paths through a list's intermediate add.
    ///   - visitor: a type, because a closure handed on to the innermost loop would not become part of it.
    @inline(__always)
    func walk<Visitor: GroupVisitor>(
        _ lists: ArraySlice<FoundList>, in snapshot: borrowing Snapshot, _ scratch: RequestScratch,
        adding amount: (FoundList) throws -> Visitor.Amount, visitor: Visitor
    ) throws {
        var reader = second.steps[0].table.neighbors(in: snapshot)
        for place in lists.indices {
            let list = lists[place]
            if place + 1 < lists.endIndex { reader.prefetch(lists[place + 1].neighbors) }
            let added = try amount(list)
            try reader.forEachBlock(of: scratch.intermediates.ids[list.place], at: list.neighbors) { block in
                try unsafe block.visitGroups(below: candidateLimit) { group in
                    unsafe visitor.visit(group, adding: added)
                }
            }
        }
    }
}

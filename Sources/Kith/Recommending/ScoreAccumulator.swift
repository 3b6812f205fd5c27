import CVectors
import Glibc

/// Dense scratch memory of a two-hop walk: one score per node, and the list of the nodes touched that are not found otherwise.
///
/// Two-hop counting is bound by random increments of the score array, so counts are as narrow as the request allows: a
/// candidate is reached at most once through each first-hop neighbour, hence 8 bits are exact whenever there are at most
/// 255 of those, 16 bits up to 65,535.
/// ```
/// scores   0 ... noteStart    an increment is just that; gone over in the end, a cache line at a time
///          noteStart ...      increments note nodes that had none; in the end those in the list are looked up
/// ```
/// Popular nodes have small ids, so that most increments go where nothing is noted; how far that reaches is chosen by how many
/// are to come. The list is written without a branch: every increment stores its node at the end of the list, and the end moves
/// only when the score was zero. (Every amount added is above zero.) Once a good part of all nodes was touched, going over all
/// scores costs less than noting more of them.
///
/// **Invariant:** between requests every score is zero. Memory never touched is never backed by the system.
/// **Unsafety:** both arrays are reached by raw pointers; ids come from a decoder that was given ``limit`` as its own.
/// One request at a time uses an accumulator; ``ScratchPool`` sees to that.
@safe final class ScoreAccumulator<Score: PathScore>: @unchecked Sendable {
    /// The most nodes there can be.
    let capacity: Int
    /// Ids below this may be added to; at most ``capacity``.
    private(set) var limit = 0
    /// What the system gave.
    private let memory: UnsafeMutableRawPointer
    /// Whole cache lines, the first at the start of one.
    private let scores: UnsafeMutablePointer<Score>
    /// One longer than there are nodes: the branch-free store writes one past the last.
    private let touched: UnsafeMutablePointer<UInt32>
    private var touchedCount = 0
    /// Nodes from here on were not touched.
    private var end = 0
    /// Ids from here on are noted when they are first touched; those below need not be.
    private var noteStart = 0
    /// So many nodes may be touched before they are no longer noted.
    private var notedMax = 0

    /// ``notedMax`` as a share of all nodes: going over all scores costs by their bytes.
    private static var notedShare: Int { 64 / MemoryLayout<Score>.stride }
    /// In the time of an increment that notes, so many bytes of scores are gone over, about.
    private static var bytesPerNote: Int { 8 }

    /// Scratch for ids below `capacity`.
    ///
    /// `calloc`, because large blocks of zeros come from the system without being written.
    init(capacity: Int) {
        self.capacity = capacity
        let line = Int(SCORES_LINE)
        guard let memory = unsafe calloc(capacity * MemoryLayout<Score>.stride + 2 * line, 1),
            let touched = unsafe calloc(capacity + 1, MemoryLayout<UInt32>.stride)
        else {
            preconditionFailure("out of memory for the scores of \(capacity) nodes")
        }
        unsafe self.memory = memory
        unsafe scores = memory.alignedUp(toMultipleOf: line).bindMemory(to: Score.self, capacity: capacity)
        unsafe self.touched = touched.bindMemory(to: UInt32.self, capacity: capacity + 1)
    }

    deinit {
        unsafe free(memory)
        unsafe free(touched)
    }

    /// Begins a request about ids below `limit`, which is at most ``capacity``.
    func begin(below limit: Int) {
        precondition(limit <= capacity && touchedCount == 0 && end == 0 && noteStart == 0)
        self.limit = limit
        notedMax = limit / ScoreAccumulator.notedShare
    }
}

// MARK: - Adding

extension ScoreAccumulator {
    /// Says how many increments are to come: with more of them, more of the nodes are not noted from the start.
    func expect(_ increments: Int) {
        let line = Score.lineCount
        let nodes = increments * ScoreAccumulator.bytesPerNote / MemoryLayout<Score>.stride / line * line
        noteStart = nodes < limit / 2 ? nodes : .max
    }

    /// Adds `amount`, which is above zero, to the score of every node in `group`, ascending, each below ``limit``.
    @inline(__always)
    func add(_ amount: Score, to group: UnsafeBufferPointer<UInt32>) {
        unsafe add(to: group) { score, _ in score.adding(amount) }
    }

    /// Adds `amount`, which is above zero, to the score of one node below ``limit``.
    func add(_ amount: Score, to node: UInt32) {
        unsafe withUnsafePointer(to: node) { node in
            unsafe add(amount, to: UnsafeBufferPointer(start: node, count: 1))
        }
    }

    /// Makes of the score of every node in `group`, ascending, each below ``limit``, what `sum` says of it and of the
    /// node's place.
    @inline(__always)
    private func add(to group: UnsafeBufferPointer<UInt32>, _ sum: (Score, Int) -> Score) {
        guard let greatest = unsafe group.last else { return }
        end = max(end, Int(greatest) &+ 1)
        guard Int(greatest) >= noteStart else {
            for index in 0..<group.count {
                let node = unsafe Int(group[index])
                unsafe scores[node] = sum(scores[node], index)
            }
            return
        }
        var count = touchedCount
        for index in 0..<group.count {
            let node = unsafe group[index]
            let score = unsafe scores[Int(node)]
            unsafe touched[count] = node
            count &+= score == .zero ? 1 : 0
            unsafe scores[Int(node)] = sum(score, index)
        }
        touchedCount = count
        if count > notedMax { noteStart = .max }
    }

    /// The score of a node below ``limit``.
    func score(of node: UInt32) -> Score { unsafe scores[Int(node)] }

    /// Takes `node` out of the running: it will not be among those ``drain(from:_:)`` visits.
    func exclude(_ node: UInt32) {
        guard node < limit else { return }
        unsafe scores[Int(node)] = .zero
    }
}

extension ScoreAccumulator where Score: CountScore {
    /// Whether at least `count` of the nodes with the smallest ids, so many of them are looked at, have a score of `least` or
    /// more.
    func hasAmongFirst(_ count: Int, reaching least: Score) -> Bool {
        let line = Score.lineCount
        let end = min(Score.firstCount, limit) / line * line
        return unsafe Score.count(scores, to: end, reaching: least) >= count
    }

    /// About the greatest score that ``hasAmongFirst(_:reaching:)`` so many nodes, `reached` being one: no more than an eighth
    /// short of it.
    func reachedAmongFirst(_ count: Int, from reached: Int) -> Int {
        var reached = reached
        while true {
            let next = reached + reached / 8 + 1
            guard next <= Int(Score.max), hasAmongFirst(count, reaching: Score(next)) else { return reached }
            reached = next
        }
    }
}

extension ScoreAccumulator where Score == Double {
    /// Adds `amount`, times the share of each, to the score of every node in `group`, ascending, each below ``limit``.
    ///
    /// - Parameter shares: as many as there are nodes, each above zero.
    @inline(__always)
    func add(_ amount: Double, times shares: UnsafePointer<Double>, to group: UnsafeBufferPointer<UInt32>) {
        unsafe add(to: group) { score, place in unsafe score + amount * shares[place] }
    }
}

// MARK: - Draining

extension ScoreAccumulator {
    /// Visits the nodes with a score that is good enough, each once, and leaves every score zero.
    ///
    /// - Parameters:
    ///   - least: scores below are passed over.
    ///   - visit: gets a node, its score, and whether all that are still to come have greater ids, so that one that ties comes
    ///     too late; answers what the others need to reach from now on, above zero.
    @inline(__always)
    func drain(from least: Score = .least, _ visit: (UInt32, Score, _ isAscending: Bool) -> Score) {
        var least = least
        scanAscending { start, end, found in
            unsafe Score.clear(scores, from: start, to: end, until: least, &found)
        } _: { node, score in
            if score >= least { least = visit(node, score, true) }
        }
        drainNoted { node, score in
            if score >= least { least = visit(node, score, false) }
        }
    }

    /// Visits every node with a score, in ascending order, and leaves every score zero.
    ///
    /// - Parameter order: memory to sort in.
    func drainAscending(by order: AscendingNodes, _ visit: (UInt32, Score) -> Void) {
        scanAscending { start, end, found in
            unsafe Score.clear(scores, from: start, to: end, until: .least, &found)
        } _: { node, score in
            visit(node, score)
        }
        if noteStart < .max {
            unsafe order.order(touched, count: touchedCount)
            for index in 0..<touchedCount {
                let node = order[index]
                let score = unsafe scores[Int(node)]
                unsafe scores[Int(node)] = .zero
                if score != .zero { visit(node, score) }
            }
        }
        forget()
    }

    /// Leaves every score zero.
    func clear() {
        drain { _, _, _ in .least }
    }

    /// Goes over the scores that may have been touched without a note, and makes them zero.
    ///
    /// - Parameters:
    ///   - skip: makes lines zero between two places, up to one in which somebody may need a visit; answers where it starts,
    ///     and who by a bit each.
    ///   - visit: gets those nodes and their scores.
    @inline(__always)
    private func scanAscending(
        _ skip: (_ start: Int, _ end: Int, _ found: inout UInt64) -> Int, _ visit: (UInt32, Score) -> Void
    ) {
        let line = Score.lineCount
        let end = Score.wholeLines(min(self.end, noteStart))
        var (start, found) = (0, UInt64(0))
        while true {
            start = skip(start, end, &found)
            if start >= end { break }
            while found != 0 {
                let place = start &+ found.trailingZeroBitCount
                visit(UInt32(truncatingIfNeeded: place), unsafe scores[place])
                found &= found &- 1
            }
            for place in start..<start &+ line { unsafe scores[place] = .zero }
            start &+= line
        }
    }

    /// Visits the nodes that were noted, with their scores, and leaves every score zero.
    @inline(__always)
    private func drainNoted(_ visit: (UInt32, Score) -> Void) {
        if noteStart < .max {
            for index in 0..<touchedCount {
                let node = unsafe touched[index]
                let score = unsafe scores[Int(node)]
                unsafe scores[Int(node)] = .zero
                visit(node, score)
            }
        }
        forget()
    }

    /// Begins anew, all scores being zero.
    private func forget() {
        touchedCount = 0
        end = 0
        noteStart = 0
    }
}

extension ScoreAccumulator where Score == UInt8 {
    /// Visits the nodes whose scores are sets of a few members, a bit for each, and whose ids are below the end that is given
    /// for their set; leaves every score zero.
    ///
    /// - Parameters:
    ///   - ends: one for each set of up to six members, 0 for the empty one; the visitor may change them.
    ///   - visit: gets a node and its set; answers whether it has changed the ends.
    func drainSets(below ends: UnsafeMutableBufferPointer<UInt32>, _ visit: (UInt32, UInt8) -> Bool) {
        let members = ends.count.trailingZeroBitCount
        precondition(ends.count == 1 << members && ends.count <= Int(SCORES_SETS))
        unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Int(SCORES_SETS)) { wanted in
            unsafe wanted.initialize(repeating: 0)
            func want(after node: UInt32) {
                for set in ends.indices { unsafe wanted[set] = ends[set] > node ? .max : 0 }
            }
            want(after: 0)
            scanAscending { start, end, found in
                unsafe clear_until_set_u8(scores, start, end, wanted.baseAddress, Int32(members), &found)
            } _: { node, set in
                if unsafe node < ends[Int(set)], visit(node, set) { want(after: node) }
            }
            drainNoted { node, set in
                if unsafe node < ends[Int(set)] { _ = visit(node, set) }
            }
        }
    }
}

extension ScoreAccumulator where Score == Double {
    /// A number that the scores of at least `count` nodes, divided by their norms, reach: most often few more do. 0 where it
    /// finds none, for it looks only at the nodes with the smallest ids.
    ///
    /// - Parameter norms: as ``drain(norms:from:_:)``.
    func quotientReached(by count: Int, norms: UnsafeBufferPointer<Double>) -> Double {
        // Nearly as many as there are lanes reach little more than the poorest lane's best.
        guard (1...Int(SCORES_LANES) / 2).contains(count), let divisors = norms.baseAddress else { return 0 }
        let end = Double.wholeLines(min(end, Double.firstCount))
        precondition(end <= norms.count)
        return unsafe quotient_reached(scores, divisors, end, Int32(count))
    }

    /// Visits the nodes whose score divided by a norm may be good enough, each once, and leaves every score zero.
    ///
    /// - Parameters:
    ///   - norms: for each node what its score is going to be divided by; up to a whole number of lines, infinite behind the
    ///     last node.
    ///   - reached: how much the divided scores need to be at first.
    ///   - visit: gets a node and its score, above zero; answers how much the divided scores of the others need to be.
    @inline(__always)
    func drain(norms: UnsafeBufferPointer<Double>, from reached: Double = 0, _ visit: (UInt32, Double) -> Double) {
        precondition(Double.wholeLines(end) <= norms.count)
        // A little less, for the rounding of the division that decides.
        let slack = 1 - 0x1p-40
        var least = max(reached * slack, 0)
        @inline(__always) func offer(_ node: UInt32, _ score: Double) {
            if score > 0, unsafe score >= least * norms[Int(node)] { least = max(visit(node, score) * slack, least) }
        }
        scanAscending { start, end, found in
            unsafe clear_until_quotient(scores, norms.baseAddress, start, end, least, &found)
        } _: { node, score in
            offer(node, score)
        }
        drainNoted(offer)
    }
}

import Glibc

/// What a two-hop walk can add up per candidate: a count of paths, or a sum of their weights.
protocol PathScore: Comparable, BitwiseCopyable, Sendable {
    static var zero: Self { get }
    /// The least score above zero.
    static var least: Self { get }
    /// `self + amount`; counts cannot overflow by the choice of their width.
    func adding(_ amount: Self) -> Self
    /// How many scores ``anyReaches(_:from:)`` looks at.
    static var laneCount: Int { get }
    /// Whether one of the scores from `start` on is at least `least`.
    ///
    /// Written out for each type: comparisons of vectors are instructions where both sides are vectors of a known type.
    static func anyReaches(_ least: Self, from start: UnsafePointer<Self>) -> Bool
}

extension UInt16: PathScore {
    static var least: UInt16 { 1 }
    @inline(__always) func adding(_ amount: UInt16) -> UInt16 { self &+ amount }
    static var laneCount: Int { 16 }
    @inline(__always) static func anyReaches(_ least: UInt16, from start: UnsafePointer<UInt16>) -> Bool {
        let lanes = unsafe UnsafeRawPointer(start).loadUnaligned(as: SIMD16<UInt16>.self)
        let bounds = SIMD16<UInt16>(repeating: least)
        return unsafe isAnySet(unsafeBitCast(lanes .>= bounds, to: SIMD4<UInt64>.self))
    }
}

extension UInt32: PathScore {
    static var least: UInt32 { 1 }
    @inline(__always) func adding(_ amount: UInt32) -> UInt32 { self &+ amount }
    static var laneCount: Int { 8 }
    @inline(__always) static func anyReaches(_ least: UInt32, from start: UnsafePointer<UInt32>) -> Bool {
        let lanes = unsafe UnsafeRawPointer(start).loadUnaligned(as: SIMD8<UInt32>.self)
        let bounds = SIMD8<UInt32>(repeating: least)
        return unsafe isAnySet(unsafeBitCast(lanes .>= bounds, to: SIMD4<UInt64>.self))
    }
}

extension Double: PathScore {
    static var least: Double { .leastNonzeroMagnitude }
    @inline(__always) func adding(_ amount: Double) -> Double { self + amount }
    static var laneCount: Int { 4 }
    @inline(__always) static func anyReaches(_ least: Double, from start: UnsafePointer<Double>) -> Bool {
        let lanes = unsafe UnsafeRawPointer(start).loadUnaligned(as: SIMD4<Double>.self)
        let bounds = SIMD4<Double>(repeating: least)
        return unsafe isAnySet(unsafeBitCast(lanes .>= bounds, to: SIMD4<UInt64>.self))
    }
}

/// Whether a lane of a comparison is set. The standard library's `any` goes through them one by one.
@inline(__always)
private func isAnySet(_ lanes: SIMD4<UInt64>) -> Bool {
    (lanes[0] | lanes[1]) | (lanes[2] | lanes[3]) != 0
}

/// Dense scratch memory of a two-hop walk: one score per node, and the list of the nodes touched while they are few.
///
/// Two-hop counting is bound by random increments of the score array, so counts are as narrow as the request allows: a
/// candidate is reached at most once through each first-hop neighbour, hence 16 bits are exact whenever there are at
/// most 65,535 of those. The touched list is written without a branch: every increment stores its node at the end of
/// the list, and the end moves only when the score was zero. (Every amount added is above zero.) Once a good part of all
/// nodes was touched, noting which costs more than going over all scores in the end, many at a time: from then on an
/// increment is just that.
///
/// **Invariant:** between requests every score is zero. Memory never touched is never backed by the system.
/// **Unsafety:** both arrays are reached by raw pointers; ids come from a decoder that was given ``limit`` as its own.
/// One request at a time uses an accumulator; ``ScratchPool`` sees to that.
@safe final class ScoreAccumulator<Score: PathScore>: @unchecked Sendable {
    /// The most nodes there can be.
    let capacity: Int
    /// Ids below this may be added to; at most ``capacity``.
    private(set) var limit = 0
    private let scores: UnsafeMutablePointer<Score>
    /// One longer than there are nodes: the branch-free store writes one past the last.
    private let touched: UnsafeMutablePointer<UInt32>
    private var touchedCount = 0
    private var isNoting = true

    /// One in so many nodes may be touched before they are no longer noted: going over all scores costs by their bytes.
    private static var notedShare: Int { 32 / MemoryLayout<Score>.stride }

    /// Scratch for ids below `capacity`.
    ///
    /// `calloc`, because large blocks of zeros come from the system without being written.
    init(capacity: Int) {
        self.capacity = capacity
        guard let scores = unsafe calloc(capacity, MemoryLayout<Score>.stride),
            let touched = unsafe calloc(capacity + 1, MemoryLayout<UInt32>.stride)
        else {
            preconditionFailure("out of memory for the scores of \(capacity) nodes")
        }
        unsafe self.scores = scores.bindMemory(to: Score.self, capacity: capacity)
        unsafe self.touched = touched.bindMemory(to: UInt32.self, capacity: capacity + 1)
    }

    deinit {
        unsafe free(scores)
        unsafe free(touched)
    }

    /// Begins a request about ids below `limit`, which is at most ``capacity``.
    func begin(below limit: Int) {
        precondition(limit <= capacity && touchedCount == 0 && isNoting)
        self.limit = limit
    }
}

// MARK: - Adding

extension ScoreAccumulator {
    /// Says how many increments are to come: with many of them, nodes are not noted from the start.
    func expect(_ increments: Int) {
        if increments > limit / 4 { isNoting = false }
    }

    /// Adds `amount`, which is above zero, to the score of every node in `group`, each below ``limit``.
    @inline(__always)
    func add(_ amount: Score, to group: UnsafeBufferPointer<UInt32>) {
        guard isNoting else {
            for index in 0..<group.count {
                let node = unsafe Int(group[index])
                unsafe scores[node] = scores[node].adding(amount)
            }
            return
        }
        var count = touchedCount
        for index in 0..<group.count {
            let node = unsafe group[index]
            let score = unsafe scores[Int(node)]
            unsafe touched[count] = node
            count &+= score == .zero ? 1 : 0
            unsafe scores[Int(node)] = score.adding(amount)
        }
        touchedCount = count
        isNoting = count <= limit / ScoreAccumulator.notedShare
    }

    /// Adds `amount`, which is above zero, to the score of one node below ``limit``.
    func add(_ amount: Score, to node: UInt32) {
        unsafe withUnsafePointer(to: node) { node in
            unsafe add(amount, to: UnsafeBufferPointer(start: node, count: 1))
        }
    }

    /// The score of a node below ``limit``.
    func score(of node: UInt32) -> Score { unsafe scores[Int(node)] }

    /// Takes `node` out of the running: it will not be among those ``drain(from:_:)`` visits.
    func exclude(_ node: UInt32) {
        guard node < limit else { return }
        unsafe scores[Int(node)] = .zero
    }
}

extension ScoreAccumulator where Score == Double {
    /// Adds `amount`, times the share of each, to the score of every node in `group`, each below ``limit``.
    ///
    /// - Parameter shares: as many as there are nodes, each above zero.
    @inline(__always)
    func add(_ amount: Double, times shares: UnsafePointer<Double>, to group: UnsafeBufferPointer<UInt32>) {
        guard isNoting else {
            for index in 0..<group.count { unsafe scores[Int(group[index])] += amount * shares[index] }
            return
        }
        var count = touchedCount
        for index in 0..<group.count {
            let node = unsafe group[index]
            let score = unsafe scores[Int(node)]
            unsafe touched[count] = node
            count &+= score == 0 ? 1 : 0
            unsafe scores[Int(node)] = score + amount * shares[index]
        }
        touchedCount = count
        isNoting = count <= limit / ScoreAccumulator.notedShare
    }
}

// MARK: - Draining

extension ScoreAccumulator {
    /// Visits the nodes with a score that is good enough, each once, and leaves every score zero.
    ///
    /// - Parameters:
    ///   - least: scores below are passed over.
    ///   - visit: gets a node and its score; answers what the others need to reach from now on, above zero.
    @inline(__always)
    func drain(from least: Score = .least, _ visit: (UInt32, Score) -> Score) {
        var least = least
        guard isNoting else {
            scanAscending { start in
                unsafe Score.anyReaches(least, from: scores + start)
            } _: { node, score in
                if score >= least { least = visit(node, score) }
            }
            return
        }
        for index in 0..<touchedCount {
            let node = unsafe touched[index]
            let score = unsafe scores[Int(node)]
            unsafe scores[Int(node)] = .zero
            if score >= least { least = visit(node, score) }
        }
        touchedCount = 0
    }

    /// Visits every node with a score, in ascending order, and leaves every score zero.
    ///
    /// - Parameter order: memory to sort in.
    func drainAscending(by order: AscendingNodes, _ visit: (UInt32, Score) -> Void) {
        guard isNoting else {
            drain { node, score in
                visit(node, score)
                return .least
            }
            return
        }
        unsafe order.order(touched, count: touchedCount)
        for index in 0..<touchedCount {
            let node = order[index]
            let score = unsafe scores[Int(node)]
            unsafe scores[Int(node)] = .zero
            if score != .zero { visit(node, score) }
        }
        touchedCount = 0
    }

    /// Leaves every score zero.
    func clear() {
        drain(from: .least) { _, _ in .least }
    }

    /// Goes over all scores, some at a time, visits those where one of them may be good enough, and makes all zero.
    @inline(__always)
    private func scanAscending(_ mayDo: (_ start: Int) -> Bool, _ visit: (UInt32, Score) -> Void) {
        let whole = limit - limit % Score.laneCount
        // Nearly always none of them is.
        for start in stride(from: 0, to: whole, by: Score.laneCount) {
            if mayDo(start) {
                for node in start..<start &+ Score.laneCount {
                    visit(UInt32(truncatingIfNeeded: node), unsafe scores[node])
                }
            }
            for node in start..<start &+ Score.laneCount { unsafe scores[node] = .zero }
        }
        for node in whole..<limit {
            visit(UInt32(truncatingIfNeeded: node), unsafe scores[node])
            unsafe scores[node] = .zero
        }
        touchedCount = 0
        isNoting = true
    }
}

extension ScoreAccumulator where Score == Double {
    /// Visits the nodes whose score divided by a norm may be good enough, each once, and leaves every score zero.
    ///
    /// - Parameters:
    ///   - norms: for each node what its score is going to be divided by.
    ///   - visit: gets a node and its score, above zero; answers how much the divided scores of the others need to be.
    @inline(__always)
    func drain(norms: UnsafePointer<Double>, _ visit: (UInt32, Double) -> Double) {
        // A little less, for the rounding of the division that decides.
        let slack = 1 - 0x1p-40
        var least = 0.0
        @inline(__always) func offer(_ node: UInt32, _ score: Double) {
            if score > 0, unsafe score >= least * norms[Int(node)] { least = max(visit(node, score) * slack, 0) }
        }
        guard !isNoting else {
            drain { node, score in
                offer(node, score)
                return .least
            }
            return
        }
        scanAscending { start in
            let lanes = unsafe UnsafeRawPointer(scores + start).loadUnaligned(as: SIMD4<Double>.self)
            let norms = unsafe UnsafeRawPointer(norms + start).loadUnaligned(as: SIMD4<Double>.self)
            // Where nothing can be nothing divided by nothing, `offer` looks again.
            let reached =
                least > 0 ? lanes .>= SIMD4<Double>(repeating: least) * norms : lanes .> SIMD4<Double>.zero
            return unsafe isAnySet(unsafeBitCast(reached, to: SIMD4<UInt64>.self))
        } _: { node, score in
            offer(node, score)
        }
    }
}

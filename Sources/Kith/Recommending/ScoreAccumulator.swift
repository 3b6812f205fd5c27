import Glibc

/// What a two-hop walk can add up per candidate: a count of paths, or a sum of their weights.
protocol PathScore: Comparable, BitwiseCopyable, Sendable {
    static var zero: Self { get }
    /// `self + amount`; counts cannot overflow by the choice of their width.
    func adding(_ amount: Self) -> Self
}

extension UInt16: PathScore {
    @inline(__always) func adding(_ amount: UInt16) -> UInt16 { self &+ amount }
}

extension UInt32: PathScore {
    @inline(__always) func adding(_ amount: UInt32) -> UInt32 { self &+ amount }
}

extension Double: PathScore {
    @inline(__always) func adding(_ amount: Double) -> Double { self + amount }
}

/// Dense scratch memory of a two-hop walk: one score per node, and the list of the nodes touched.
///
/// Two-hop counting is bound by random increments of the score array, so counts are as narrow as the request allows: a
/// candidate is reached at most once through each first-hop neighbour, hence 16 bits are exact whenever there are at
/// most 65,535 of those. The touched list is written without a branch: every increment stores its node at the end of
/// the list, and the end moves only when the score was zero. (Every amount added is above zero.)
///
/// **Invariant:** between requests every score is zero. Memory never touched is never backed by the system.
/// **Unsafety:** both arrays are reached by raw pointers; ids come from a decoder that was given ``capacity`` as its
/// limit. One request at a time uses an accumulator; ``ScratchPool`` sees to that.
@safe final class ScoreAccumulator<Score: PathScore>: @unchecked Sendable {
    /// Ids below this may be added to.
    let capacity: Int
    fileprivate let scores: UnsafeMutablePointer<Score>
    /// One longer than there are nodes: the branch-free store writes one past the last.
    fileprivate let touched: UnsafeMutablePointer<UInt32>
    /// How many nodes were touched.
    fileprivate(set) var touchedCount = 0

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

    /// Adds `amount`, which is above zero, to the score of every node in `group`, each below ``capacity``.
    @inline(__always)
    func add(_ amount: Score, to group: UnsafeBufferPointer<UInt32>) {
        var count = touchedCount
        for index in 0..<group.count {
            let node = unsafe group[index]
            let score = unsafe scores[Int(node)]
            unsafe touched[count] = node
            count &+= score == .zero ? 1 : 0
            unsafe scores[Int(node)] = score.adding(amount)
        }
        touchedCount = count
    }

    /// Adds `amount`, which is above zero, to the score of one node below ``capacity``.
    func add(_ amount: Score, to node: UInt32) {
        unsafe withUnsafePointer(to: node) { node in
            unsafe add(amount, to: UnsafeBufferPointer(start: node, count: 1))
        }
    }

    /// The score of a node below ``capacity``.
    func score(of node: UInt32) -> Score { unsafe scores[Int(node)] }

    /// Takes `node` out of the running: it will not be among those ``drain(_:)`` visits.
    func exclude(_ node: UInt32) {
        guard node < capacity else { return }
        unsafe scores[Int(node)] = .zero
    }

    /// ``drain(_:)``, in ascending order.
    ///
    /// - Parameter order: memory to sort in.
    func drainAscending(by order: AscendingNodes, _ visit: (UInt32, Score) -> Void) {
        unsafe order.order(touched, count: touchedCount)
        for index in 0..<touchedCount {
            let node = order[index]
            let score = unsafe scores[Int(node)]
            unsafe scores[Int(node)] = .zero
            if score != .zero { visit(node, score) }
        }
        touchedCount = 0
    }

    /// Visits every node with a score, in the order first touched, and leaves every score zero.
    func drain(_ visit: (UInt32, Score) -> Void) {
        for index in 0..<touchedCount {
            let node = unsafe touched[index]
            let score = unsafe scores[Int(node)]
            unsafe scores[Int(node)] = .zero
            if score != .zero { visit(node, score) }
        }
        touchedCount = 0
    }
}

extension ScoreAccumulator where Score == Double {
    /// Adds `amount`, times the share of each, to the score of every node in `ids`, each below ``capacity``.
    ///
    /// - Parameters:
    ///   - shares: as many as there are ids, or nil where all are 1.
    ///   - notingTouched: whether the nodes are noted; if not, only ``drainAll(below:norms:_:)`` finds them.
    @inline(__always)
    func add(
        _ amount: Double, times shares: UnsafePointer<Double>?, to ids: UnsafeBufferPointer<UInt32>,
        notingTouched: Bool
    ) {
        guard !notingTouched else {
            guard let shares = unsafe shares else { return unsafe add(amount, to: ids) }
            var count = touchedCount
            for index in 0..<ids.count {
                let node = unsafe ids[index]
                let score = unsafe scores[Int(node)]
                unsafe touched[count] = node
                count &+= score == 0 ? 1 : 0
                unsafe scores[Int(node)] = score + amount * shares[index]
            }
            touchedCount = count
            return
        }
        if let shares = unsafe shares {
            for index in 0..<ids.count { unsafe scores[Int(ids[index])] += amount * shares[index] }
        } else {
            for index in 0..<ids.count { unsafe scores[Int(ids[index])] += amount }
        }
    }

    /// Visits every node below `limit` that may be good enough, ascending, and leaves every score zero.
    ///
    /// - Parameters:
    ///   - norms: for each node what its score is going to be divided by; 1 where nil.
    ///   - visit: gets a node and its score, above zero; answers how much the divided scores of the others need to be.
    func drainAll(below limit: Int, norms: UnsafePointer<Double>?, _ visit: (UInt32, Double) -> Double) {
        // A little less, for the rounding of the division that decides.
        let slack = 1 - 0x1p-40
        var least = 0.0
        @inline(__always) func offer(_ node: Int) {
            let score = unsafe scores[node]
            if score > 0, unsafe score >= least * (norms?[node] ?? 1) {
                least = max(visit(UInt32(node), score) * slack, 0)
            }
        }
        let whole = limit & ~3
        for base in stride(from: 0, to: whole, by: 4) {
            let lanes = unsafe UnsafeRawPointer(scores + base).loadUnaligned(as: SIMD4<Double>.self)
            var bounds = SIMD4<Double>(repeating: least)
            if let norms = unsafe norms {
                unsafe bounds *= UnsafeRawPointer(norms + base).loadUnaligned(as: SIMD4<Double>.self)
            }
            // Nearly always none is good enough.
            if any(lanes .>= bounds .& lanes .> 0) {
                for node in base..<base + 4 { offer(node) }
            }
        }
        for node in whole..<limit { offer(node) }
        clear(below: limit)
    }

    /// Makes every score below `limit` zero, whether or not it was noted.
    func clear(below limit: Int) {
        unsafe scores.update(repeating: 0, count: limit)
    }
}

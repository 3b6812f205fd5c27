import Glibc

/// The vectors of a PageRank, one number per node, reused from request to request.
///
/// **Invariant:** between requests every number is zero.
/// **Unsafety:** raw memory from `calloc`, not backed where no walk came; ids come from a decoder that was given the number
/// of nodes as its limit.
@safe final class PageRankScratch {
    private(set) var capacity = 0
    /// How much of the probability each node has for good.
    private(set) var estimate: UnsafeMutablePointer<Double>
    /// How much is still to be passed on.
    private(set) var residual: UnsafeMutablePointer<Double>
    /// Whether a node is in ``touched``.
    private var isTouched: UnsafeMutablePointer<Bool>
    /// The nodes that a local walk came to, while it is local.
    var touched: [UInt32] = []
    /// Where the walk begins, with weights whose sum is 1.
    var seeds: [(id: UInt32, weight: Double)] = []
    /// For going over the touched nodes in order.
    let order = AscendingNodes()
    /// The neighbours of all nodes, and where each node's start: of a walk that goes over all of them many times.
    var neighbors: [UInt32] = []
    var starts: [Int] = []

    init() {
        unsafe estimate = PageRankScratch.zeros(0)
        unsafe residual = PageRankScratch.zeros(0)
        unsafe isTouched = PageRankScratch.zeros(0)
    }

    deinit {
        unsafe free(estimate)
        unsafe free(residual)
        unsafe free(isTouched)
    }

    /// Makes room for `count` nodes.
    func reserve(_ count: Int) {
        guard count > capacity else { return }
        unsafe free(estimate)
        unsafe free(residual)
        unsafe free(isTouched)
        capacity = count + count / 4
        unsafe estimate = PageRankScratch.zeros(capacity)
        unsafe residual = PageRankScratch.zeros(capacity)
        unsafe isTouched = PageRankScratch.zeros(capacity)
    }

    /// Notes that a node has some of the probability.
    @inline(__always)
    func touch(_ node: UInt32) {
        if unsafe !isTouched[Int(node)] {
            unsafe isTouched[Int(node)] = true
            touched.append(node)
        }
    }

    /// Makes every number zero again.
    ///
    /// - Parameter count: how many nodes there are; nil when no others than those touched were changed.
    func clear(_ count: Int?) {
        if let count {
            unsafe estimate.update(repeating: 0, count: count)
            unsafe residual.update(repeating: 0, count: count)
        }
        for node in touched {
            unsafe estimate[Int(node)] = 0
            unsafe residual[Int(node)] = 0
            unsafe isTouched[Int(node)] = false
        }
        touched.removeAll(keepingCapacity: true)
    }

    private static func zeros<Element>(_ count: Int) -> UnsafeMutablePointer<Element> {
        guard let memory = unsafe calloc(max(count, 1), MemoryLayout<Element>.stride) else {
            preconditionFailure("out of memory for the vectors of \(count) nodes")
        }
        return unsafe memory.bindMemory(to: Element.self, capacity: count)
    }
}

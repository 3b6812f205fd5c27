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
    private var isTouched: UnsafeMutablePointer<UInt8>
    /// The nodes that a walk came to, while it is local; room for one more than there are nodes.
    private(set) var touched: UnsafeMutablePointer<UInt32>
    private(set) var touchedCount = 0
    /// Whether nodes beyond those touched may have changed.
    var isGlobal = false
    /// Where the walk begins, with weights whose sum is 1.
    var seeds: [(id: UInt32, weight: Double)] = []
    /// Nodes whose edges the walk does not take, ascending.
    var closed: [UInt32] = []
    /// For going over the touched nodes in order.
    let order = AscendingNodes()
    /// The lists of all nodes that the store's requests share.
    let decoded: DecodedListsCache

    init(_ decoded: DecodedListsCache) {
        self.decoded = decoded
        unsafe estimate = PageRankScratch.zeros(0)
        unsafe residual = PageRankScratch.zeros(0)
        unsafe isTouched = PageRankScratch.zeros(0)
        unsafe touched = PageRankScratch.zeros(0)
    }

    deinit {
        freeAll()
    }

    private func freeAll() {
        unsafe free(estimate)
        unsafe free(residual)
        unsafe free(isTouched)
        unsafe free(touched)
    }

    /// Makes room for `count` nodes, and for those that lists are filled up with.
    func reserve(_ count: Int) {
        let count = count + DecodedLists.fillCount
        guard count > capacity else { return }
        freeAll()
        capacity = count + count / 4
        unsafe estimate = PageRankScratch.zeros(capacity)
        unsafe residual = PageRankScratch.zeros(capacity)
        unsafe isTouched = PageRankScratch.zeros(capacity)
        unsafe touched = PageRankScratch.zeros(capacity + 1)
    }

    private static func zeros<Element>(_ count: Int) -> UnsafeMutablePointer<Element> {
        guard let memory = unsafe calloc(max(count, 1), MemoryLayout<Element>.stride) else {
            preconditionFailure("out of memory for the vectors of \(count) nodes")
        }
        return unsafe memory.bindMemory(to: Element.self, capacity: count)
    }
}

extension PageRankScratch {
    /// Notes that a node has some of the probability.
    func touch(_ node: UInt32) {
        unsafe withUnsafePointer(to: node) { node in
            unsafe pass(0, to: UnsafeBufferPointer(start: node, count: 1))
        }
    }

    /// Passes `share` on to each of `nodes`, and notes them.
    @inline(__always)
    func pass(_ share: Double, to nodes: UnsafeBufferPointer<UInt32>) {
        var count = touchedCount
        for index in 0..<nodes.count {
            let node = unsafe Int(nodes[index])
            unsafe touched[count] = nodes[index]
            unsafe count &+= 1 &- Int(isTouched[node])
            unsafe isTouched[node] = 1
            unsafe residual[node] += share
        }
        touchedCount = count
    }

    /// Gives every node the share of its residual that stays with it.
    ///
    /// - Parameters:
    ///   - scale: what estimates are multiplied by then.
    ///   - count: how many nodes there are.
    func settle(_ restart: Double, scale: Double, _ count: Int) {
        if isGlobal {
            for node in 0..<count { unsafe estimate[node] = (estimate[node] + restart * residual[node]) * scale }
        } else {
            for place in 0..<touchedCount {
                let node = unsafe Int(touched[place])
                unsafe estimate[node] = (estimate[node] + restart * residual[node]) * scale
            }
        }
    }

    /// Makes every number zero again.
    ///
    /// - Parameter count: how many nodes there are.
    func clear(_ count: Int) {
        if isGlobal {
            unsafe estimate.update(repeating: 0, count: count)
            unsafe residual.update(repeating: 0, count: count + DecodedLists.fillCount)
        }
        for place in 0..<touchedCount {
            let node = unsafe Int(touched[place])
            unsafe estimate[node] = 0
            unsafe residual[node] = 0
            unsafe isTouched[node] = 0
        }
        touchedCount = 0
        isGlobal = false
    }
}

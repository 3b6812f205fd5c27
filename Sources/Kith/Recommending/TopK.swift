import HeapModule

/// A candidate with its score, ordered by rank: the better of two is the greater.
///
/// Higher score first; of equal scores the smaller id, which is the one more followed when the graph was loaded.
struct RankedNode: Comparable {
    let score: Double
    let id: UInt32

    static func < (left: RankedNode, right: RankedNode) -> Bool {
        left.score < right.score || (left.score == right.score && left.id > right.id)
    }
}

/// The `limit` best of the candidates offered, in any order of offering.
///
/// A heap whose root is the worst of the best: an offer that does not beat it costs one comparison, so a scan of n
/// candidates costs O(n + k log limit) for k offers that got in.
struct TopK {
    private(set) var limit = 0
    private var heap = Heap<RankedNode>()
    /// What an offer must reach to have a chance; nothing while there is room.
    private(set) var scoreMin = Double.infinity

    /// Begins anew, with the memory there is.
    mutating func begin(limit: Int) {
        // Left behind where an error cut a request short.
        if !heap.isEmpty { heap = Heap() }
        self.limit = limit
        scoreMin = limit == 0 ? .infinity : -.infinity
    }

    mutating func offer(_ candidate: RankedNode) {
        if heap.count < limit {
            heap.insert(candidate)
        } else if let worst = heap.min, worst < candidate {
            heap.replaceMin(with: candidate)
        } else {
            return
        }
        if heap.count == limit, let worst = heap.min { scoreMin = worst.score }
    }

    /// Appends them to `ranked`, the best first, and keeps the memory.
    mutating func drain(into ranked: inout [RankedNode]) {
        ranked.reserveCapacity(ranked.count + heap.count)
        while let best = heap.popMax() { ranked.append(best) }
    }
}

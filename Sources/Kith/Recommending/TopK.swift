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
    /// What an offer must beat to get in: the root, or while there is room, what everybody beats.
    private var worst = TopK.unbeatable
    /// What an offer must reach to have a chance; nothing while there is room.
    var scoreMin: Double { worst.score }

    private static let unbeatable = RankedNode(score: .infinity, id: 0)
    private static let beatenByAll = RankedNode(score: -.infinity, id: .max)

    /// Begins anew, with the memory there is.
    mutating func begin(limit: Int) {
        // Left behind where nobody drained it, or an error cut a request short; this way the memory stays.
        if !heap.isEmpty { heap.removeAll { _ in true } }
        self.limit = limit
        worst = limit == 0 ? TopK.unbeatable : TopK.beatenByAll
    }

    /// Answers whether the candidate got in.
    @discardableResult
    @inline(__always)
    mutating func offer(_ candidate: RankedNode) -> Bool {
        guard worst < candidate else { return false }
        admit(candidate)
        return true
    }

    /// Candidates with this score get in whose ids are below.
    func end(ofScore score: Double) -> UInt32 {
        score > worst.score ? .max : score == worst.score ? worst.id : 0
    }

    /// Whether there is no more room, so that who gets in puts another out.
    var isFull: Bool { heap.count == limit }

    /// The greatest id of those that are in; 0 when nobody is.
    var idMax: UInt32 { heap.unordered.reduce(0) { max($0, $1.id) } }

    private mutating func admit(_ candidate: RankedNode) {
        if heap.count < limit {
            heap.insert(candidate)
        } else {
            heap.replaceMin(with: candidate)
        }
        if heap.count == limit, let root = heap.min { worst = root }
    }

    /// Appends them to `ranked`, the best first, and keeps the memory.
    mutating func drain(into ranked: inout [RankedNode]) {
        ranked.reserveCapacity(ranked.count + heap.count)
        while let best = heap.popMax() { ranked.append(best) }
    }
}

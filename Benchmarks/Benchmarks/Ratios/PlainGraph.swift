/// What people write by hand: arrays of compressed sparse rows in memory, nodes numbered as they come.
final class PlainGraph {
    let nodeCount: Int
    let offsets: UnsafeMutablePointer<Int>
    let targets: UnsafeMutablePointer<UInt32>
    private let counts: UnsafeMutablePointer<UInt32>
    private let touched: UnsafeMutablePointer<UInt32>

    /// The graph of `edges`, distinct pairs source << 32 | target in ascending order.
    init(nodeCount: Int, edges: [UInt64]) {
        self.nodeCount = nodeCount
        offsets = .allocate(capacity: nodeCount + 1)
        offsets.initialize(repeating: 0, count: nodeCount + 1)
        targets = .allocate(capacity: edges.count)
        counts = .allocate(capacity: nodeCount)
        counts.initialize(repeating: 0, count: nodeCount)
        touched = .allocate(capacity: nodeCount)
        for (index, edge) in edges.enumerated() {
            offsets[Int(edge >> 32) + 1] += 1
            (targets + index).initialize(to: UInt32(truncatingIfNeeded: edge))
        }
        for node in 0..<nodeCount { offsets[node + 1] += offsets[node] }
    }

    deinit {
        offsets.deallocate()
        targets.deallocate()
        counts.deallocate()
        touched.deallocate()
    }

    /// The counts of the `limit` nodes two hops away with most paths, the user and those already followed left out.
    func topCounts(of user: Int, limit: Int) -> [UInt32] {
        var touchedCount = 0
        for first in offsets[user]..<offsets[user + 1] {
            let node = Int(targets[first])
            for second in offsets[node]..<offsets[node + 1] {
                let candidate = targets[second]
                if counts[Int(candidate)] == 0 {
                    touched[touchedCount] = candidate
                    touchedCount += 1
                }
                counts[Int(candidate)] += 1
            }
        }
        for first in offsets[user]..<offsets[user + 1] { counts[Int(targets[first])] = 0 }
        counts[user] = 0
        var best: [UInt32] = []
        for index in 0..<touchedCount {
            let count = counts[Int(touched[index])]
            counts[Int(touched[index])] = 0
            if count == 0 || best.count == limit && count <= best[limit - 1] { continue }
            if best.count == limit { best.removeLast() }
            best.insert(count, at: best.firstIndex { $0 < count } ?? best.count)
        }
        return best
    }
}

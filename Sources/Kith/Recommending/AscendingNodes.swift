/// Puts nodes in ascending order, in memory that is kept from request to request.
final class AscendingNodes {
    private var ids = Column<UInt64>(count: 0)
    private let radix = RadixSort()
    private(set) var count = 0

    /// Takes `count` nodes, in any order.
    func order(_ nodes: UnsafePointer<UInt32>, count: Int) {
        if ids.count < count { ids = Column(count: count + count / 4) }
        self.count = count
        for index in 0..<count { ids[index] = unsafe UInt64(nodes[index]) }
        radix.sort(ids, nil, count: count)
    }

    /// The one at `place`.
    subscript(place: Int) -> UInt32 { UInt32(truncatingIfNeeded: ids[place]) }

    /// The first place whose node is not below `node`; the count where there is none. O(log count).
    func firstPlace(notBelow node: UInt32) -> Int {
        Kith.firstPlace(below: count) { self[$0] >= node }
    }
}

/// The first place below `end` from which on `holds` is true, and `end` where it never is. O(log end).
func firstPlace(below end: Int, where holds: (Int) -> Bool) -> Int {
    var (low, high) = (0, end)
    while low < high {
        let middle = (low + high) / 2
        if holds(middle) { high = middle } else { low = middle + 1 }
    }
    return low
}

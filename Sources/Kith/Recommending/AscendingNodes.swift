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
}

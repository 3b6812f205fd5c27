import CPlainGraph

/// What people write by hand: arrays of compressed sparse rows in memory, nodes numbered as they come, and the plain C
/// loops over them, with the scratch arrays of one thread.
public final class PlainGraph: @unchecked Sendable {
    /// Nodes are numbered below this.
    public let nodeCount: Int
    /// How many neighbours all lists have together.
    public let arcCount: Int
    let offsets: UnsafeMutablePointer<Int>
    let targets: UnsafeMutablePointer<UInt32>

    fileprivate init(nodeCount: Int, arcCount: Int, targetsCapacity: Int) {
        self.nodeCount = nodeCount
        self.arcCount = arcCount
        offsets = .allocate(capacity: nodeCount + 1)
        offsets.initialize(repeating: 0, count: nodeCount + 1)
        targets = .allocate(capacity: max(1, targetsCapacity))
    }

    deinit {
        offsets.deallocate()
        targets.deallocate()
    }

    /// The graph as the C loops take it.
    public var c: plain_graph { plain_graph(node_count: nodeCount, offsets: offsets, targets: targets) }

    /// A node's neighbours, ascending.
    public subscript(node: Int) -> UnsafeBufferPointer<UInt32> {
        UnsafeBufferPointer(start: targets + offsets[node], count: degree(node))
    }

    /// The neighbour at a place of all lists in a row, which are below ``arcCount``.
    public func target(at place: Int) -> Int { Int(targets[place]) }

    /// How many neighbours a node has.
    public func degree(_ node: Int) -> Int { offsets[node + 1] - offsets[node] }

    /// `count` different nodes with neighbours, at random but the same in every run; all of them when there are fewer.
    public func sample(_ count: Int, seed: UInt64) -> [Int] {
        var generator = SeededGenerator(seed: seed)
        let all = (0..<nodeCount).filter { degree($0) > 0 }
        if all.count <= count { return all }
        var chosen: Set<Int> = []
        var sample: [Int] = []
        while sample.count < count {
            let node = all[Int.random(in: all.indices, using: &generator)]
            if chosen.insert(node).inserted { sample.append(node) }
        }
        return sample
    }
}

extension PlainGraph {
    /// The graph of `edges`, pairs source << 32 | target in any order, repeated ones once. Sorted by counting: linear.
    public convenience init(nodeCount: Int, edges: [UInt64]) {
        // Grouped by target first; turning that round leaves every list ascending.
        let byTarget = PlainGraph(nodeCount: nodeCount, arcCount: edges.count, targetsCapacity: edges.count)
        edges.withUnsafeBufferPointer { edges in
            for edge in edges { byTarget.offsets[Int(edge & 0xFFFF_FFFF) + 1] += 1 }
            byTarget.sumOffsets()
            for edge in edges { byTarget.place(UInt32(edge >> 32), in: Int(edge & 0xFFFF_FFFF)) }
        }
        byTarget.endPlacing()
        self.init(transposing: byTarget)
    }

    /// The same edges from their targets to their sources, repeated ones once.
    public func transposed() -> PlainGraph { PlainGraph(transposing: self) }

    private convenience init(transposing other: PlainGraph) {
        let (nodeCount, lists) = (other.nodeCount, other)
        let full = PlainGraph(nodeCount: nodeCount, arcCount: other.arcCount, targetsCapacity: other.arcCount)
        for place in 0..<lists.offsets[nodeCount] { full.offsets[Int(lists.targets[place]) + 1] += 1 }
        full.sumOffsets()
        for node in 0..<nodeCount {
            for place in lists.offsets[node]..<lists.offsets[node + 1] {
                full.place(UInt32(node), in: Int(lists.targets[place]))
            }
        }
        full.endPlacing()
        var distinct = 0
        for node in 0..<nodeCount {
            let list = full[node]
            for index in list.indices where index == 0 || list[index - 1] != list[index] { distinct += 1 }
        }
        self.init(nodeCount: nodeCount, arcCount: distinct, targetsCapacity: distinct)
        var end = 0
        for node in 0..<nodeCount {
            let list = full[node]
            for index in list.indices where index == 0 || list[index - 1] != list[index] {
                targets[end] = list[index]
                end += 1
            }
            offsets[node + 1] = end
        }
    }

    private func sumOffsets() {
        for node in 0..<nodeCount { offsets[node + 1] += offsets[node] }
    }

    /// Puts a neighbour at its list's start, which moves on; ``endPlacing()`` moves all of them back.
    private func place(_ neighbor: UInt32, in list: Int) {
        targets[offsets[list]] = neighbor
        offsets[list] += 1
    }

    private func endPlacing() {
        for node in stride(from: nodeCount, to: 0, by: -1) { offsets[node] = offsets[node - 1] }
        offsets[0] = 0
    }
}

/// A neighbour list in memory, to be edited: neighbours ascending, and beside them what their edges carry.
///
/// ```
/// neighbors [3,   9,    10 ]
/// weights   [0.5, 1.25, 7  ]   or empty
/// times     [900, 400,  731]   or empty
/// ```
/// **Invariant:** a column the list has is as long as `neighbors`; one it has not is empty. That neighbours ascend is the
/// caller's to keep: ``insertionIndex(of:)`` says where one goes. A value to be reused: emptying keeps its memory.
public struct NeighborList: Sendable {
    /// What the edges carry.
    public private(set) var columns: EdgeColumns
    /// The neighbours, strictly ascending.
    public private(set) var neighbors: [UInt32] = []
    /// A weight for each neighbour; empty when the edges carry none.
    public private(set) var weights: [Float] = []
    /// A time for each neighbour, in seconds since 1970; empty when the edges carry none.
    public private(set) var times: [UInt32] = []

    /// An empty list of edges that carry `columns`.
    public init(columns: EdgeColumns = []) {
        self.columns = columns
    }

    /// How many neighbours there are.
    public var count: Int { neighbors.count }
    /// Whether there is no neighbour.
    public var isEmpty: Bool { neighbors.isEmpty }

    /// Empties the list.
    ///
    /// - Parameters:
    ///   - columns: what its edges carry from now on; what they did before, when nil.
    ///   - keepingCapacity: whether the memory stays for the next use.
    public mutating func removeAll(columns: EdgeColumns? = nil, keepingCapacity: Bool = true) {
        self.columns = columns ?? self.columns
        neighbors.removeAll(keepingCapacity: keepingCapacity)
        weights.removeAll(keepingCapacity: keepingCapacity)
        times.removeAll(keepingCapacity: keepingCapacity)
    }
}

extension NeighborList {
    /// Where `neighbor` is, or would be: how many neighbours are below it, at least `start`. O(log count).
    public func insertionIndex(of neighbor: UInt32, from start: Int = 0) -> Int {
        var low = start
        var high = neighbors.count
        while low < high {
            let middle = (low + high) / 2
            if neighbors[middle] < neighbor { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The place of `neighbor`, or nil when it is not there. O(log count).
    public func firstIndex(of neighbor: UInt32) -> Int? {
        let index = insertionIndex(of: neighbor)
        return index < count && neighbors[index] == neighbor ? index : nil
    }

    /// What the edge at `index` carries: 1 and 0 stand for columns the list does not have.
    public func value(at index: Int) -> (weight: Float, time: UInt32) {
        (columns.contains(.weight) ? weights[index] : 1, columns.contains(.time) ? times[index] : 0)
    }

    /// Puts a neighbour at its ``insertionIndex(of:)``, where it is not yet. O(count).
    public mutating func insert(_ neighbor: UInt32, weight: Float = 1, time: UInt32 = 0, at index: Int) {
        neighbors.insert(neighbor, at: index)
        if columns.contains(.weight) { weights.insert(weight, at: index) }
        if columns.contains(.time) { times.insert(time, at: index) }
    }

    /// Puts a neighbour that is above all others at the end. O(1) amortised.
    public mutating func append(_ neighbor: UInt32, weight: Float = 1, time: UInt32 = 0) {
        neighbors.append(neighbor)
        if columns.contains(.weight) { weights.append(weight) }
        if columns.contains(.time) { times.append(time) }
    }

    /// Appends a part of another list of the same columns, whose neighbours follow those there are. O(range).
    public mutating func append(_ range: Range<Int>, of other: NeighborList) {
        precondition(columns == other.columns, "lists of other columns")
        neighbors.append(contentsOf: other.neighbors[range])
        if columns.contains(.weight) { weights.append(contentsOf: other.weights[range]) }
        if columns.contains(.time) { times.append(contentsOf: other.times[range]) }
    }

    /// Gives the edge at `index` another value. O(1).
    public mutating func replace(at index: Int, weight: Float = 1, time: UInt32 = 0) {
        if columns.contains(.weight) { weights[index] = weight }
        if columns.contains(.time) { times[index] = time }
    }

    /// Takes the neighbour at `index` out. O(count).
    public mutating func remove(at index: Int) {
        neighbors.remove(at: index)
        if columns.contains(.weight) { weights.remove(at: index) }
        if columns.contains(.time) { times.remove(at: index) }
    }

    /// Takes the first `count` neighbours out. O(count of the list).
    public mutating func removeFirst(_ count: Int) {
        neighbors.removeFirst(count)
        if columns.contains(.weight) { weights.removeFirst(count) }
        if columns.contains(.time) { times.removeFirst(count) }
    }

    /// Appends what a block holds, whose neighbours follow those there are.
    ///
    /// - Complexity: O(count of the block); allocates only when the list's memory is too small.
    ///   A column that the block leaves out is filled with 1 or 0.
    /// - Throws: ``BlockError``, and leaves the list as it was: also when the block has columns that the list has not, or
    ///   does not follow it.
    public mutating func append(_ block: borrowing NeighborBlock) throws(BlockError) {
        guard block.columns.isSubset(of: columns) else {
            throw .columnsMismatch(found: block.columns, expected: columns)
        }
        if let last = neighbors.last, block.first <= last {
            throw .notAscending(neighbor: block.first, previous: last)
        }
        let places = try block.columnPlaces()
        let before = count
        do {
            try neighbors.append(addingCapacity: block.count) { (output) throws(BlockError) in
                try block.decodeNeighbors(into: &output)
            }
            if block.columns.contains(.time) {
                try times.append(addingCapacity: block.count) { (output) throws(BlockError) in
                    try block.decodeTimes(into: &output, places)
                }
            }
        } catch {
            neighbors.removeSubrange(before...)
            if times.count > before { times.removeSubrange(before...) }
            throw error
        }
        if columns.contains(.time), !block.columns.contains(.time) {
            times.append(contentsOf: repeatElement(0, count: block.count))
        }
        if columns.contains(.weight), !block.columns.contains(.weight) {
            weights.append(contentsOf: repeatElement(1, count: block.count))
        }
        if block.columns.contains(.weight) {
            weights.append(addingCapacity: block.count) { output in
                for index in 0..<block.count { output.append(block.weight(at: index, places)) }
            }
        }
    }
}

/// A part of a neighbour list in memory, to be edited: neighbours ascending, and beside them what their edges carry.
public struct NeighborList: Sendable {
    /// What the edges carry.
    public private(set) var columns: EdgeColumns
    /// The neighbours, strictly ascending.
    public private(set) var neighbors: [UInt32] = []
    /// A weight for each neighbour, or none at all when the edges carry none.
    public private(set) var weights: [Float] = []
    /// A time for each neighbour, or none at all when the edges carry none.
    public private(set) var times: [UInt32] = []

    /// An empty list of edges that carry `columns`.
    public init(columns: EdgeColumns = []) {
        self.columns = columns
    }

    /// How many neighbours there are.
    public var count: Int { neighbors.count }

    /// Empties the list for edges that carry `columns`, and keeps its memory.
    public mutating func removeAll(columns: EdgeColumns) {
        self.columns = columns
        neighbors.removeAll(keepingCapacity: true)
        weights.removeAll(keepingCapacity: true)
        times.removeAll(keepingCapacity: true)
    }

    /// Where `neighbor` is, or would be. O(log count).
    public func insertionIndex(of neighbor: UInt32) -> Int {
        var low = 0
        var high = neighbors.count
        while low < high {
            let middle = (low + high) / 2
            if neighbors[middle] < neighbor { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The value of the edge at `index`: 1 and 0 stand for columns the list does not have.
    public func value(at index: Int) -> (weight: Float, time: UInt32) {
        (weights.isEmpty ? 1 : weights[index], times.isEmpty ? 0 : times[index])
    }

    /// Puts a neighbour at ``insertionIndex(of:)``, where it is not yet.
    public mutating func insert(_ neighbor: UInt32, weight: Float, time: UInt32, at index: Int) {
        neighbors.insert(neighbor, at: index)
        if columns.contains(.weight) { weights.insert(weight, at: index) }
        if columns.contains(.time) { times.insert(time, at: index) }
    }

    /// Gives the edge at `index` another value.
    public mutating func replace(at index: Int, weight: Float, time: UInt32) {
        if columns.contains(.weight) { weights[index] = weight }
        if columns.contains(.time) { times[index] = time }
    }

    /// Takes the neighbour at `index` out.
    public mutating func remove(at index: Int) {
        neighbors.remove(at: index)
        if columns.contains(.weight) { weights.remove(at: index) }
        if columns.contains(.time) { times.remove(at: index) }
    }

    /// Appends all neighbours of a block, which follow those there are.
    ///
    /// - Throws: ``BlockError``, and leaves the list as it was.
    public mutating func append(_ block: borrowing NeighborBlock) throws(BlockError) {
        guard block.columns == columns else { throw .otherColumns(found: block.columns, expected: columns) }
        let places = try block.columnPlaces()
        let before = neighbors.count
        do {
            try unsafe block.forEachGroup(below: .max) { group in
                unsafe neighbors.append(contentsOf: group)
            }
        } catch {
            neighbors.removeSubrange(before...)
            throw error
        }
        if columns.contains(.weight) {
            for index in 0..<block.count { weights.append(block.weight(at: index, places)) }
        }
        if columns.contains(.time) {
            for index in 0..<block.count { times.append(block.time(at: index, places)) }
        }
    }
}

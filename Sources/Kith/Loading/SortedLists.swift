import Adjacency

/// Lists of one table, in ascending order of nodes, ready to be written.
///
/// List `n` is of `nodes[n]`, and its neighbours are those from `starts[n]` to `starts[n + 1]`.
@safe final class SortedLists: @unchecked Sendable {
    let table: Int
    let direction: EdgeDirection
    let nodes: [UInt32]
    let starts: [Int]
    let neighbors: Column<UInt32>
    /// Nil when all are 1.
    let weights: Column<Float>?
    /// Nil when none is known.
    let times: Column<UInt32>?

    init(
        table: Int, direction: EdgeDirection, nodes: [UInt32], starts: [Int], neighbors: Column<UInt32>,
        weights: Column<Float>?, times: Column<UInt32>?
    ) {
        self.table = table
        self.direction = direction
        self.nodes = nodes
        self.starts = starts
        self.neighbors = neighbors
        self.weights = weights
        self.times = times
    }

    /// Lends list `index`, without the columns in which all of it is as if they were not there.
    @unsafe
    func withList<Result>(_ index: Int, _ body: (ListColumns, Int) throws -> Result) rethrows -> Result {
        let start = starts[index]
        let count = starts[index + 1] - start
        var list = unsafe ListColumns(neighbors: neighbors.start + start)
        if let weights {
            let own = unsafe UnsafeBufferPointer(start: weights.start + start, count: count)
            if unsafe own.contains(where: { $0 != 1 }) { unsafe list.weights = own.baseAddress }
        }
        if let times {
            let own = unsafe UnsafeBufferPointer(start: times.start + start, count: count)
            if unsafe own.contains(where: { $0 != 0 }) { unsafe list.times = own.baseAddress }
        }
        return unsafe try body(list, count)
    }
}

import Adjacency

/// Lists of one table, in ascending order of nodes, ready to be written.
///
/// List `n` is of `nodes[n]`, and its neighbours are those from `starts[n]` to `starts[n + 1]`. They are in memory, or in
/// files where they are more than a thread may hold: a long list is then lent part by part.
@safe final class SortedLists: @unchecked Sendable {
    private enum Storage {
        /// Weights are nil when all are 1, times when none is known.
        case memory(neighbors: Column<UInt32>, weights: Column<Float>?, times: Column<UInt32>?)
        /// Lent at most so many at a time.
        case files(SpilledLists, countMax: Int)
    }

    let table: Int
    let direction: EdgeDirection
    let nodes: [UInt32]
    private let starts: [Int]
    private let storage: Storage

    init(
        table: Int, direction: EdgeDirection, nodes: [UInt32], starts: [Int], neighbors: Column<UInt32>,
        weights: Column<Float>?, times: Column<UInt32>?
    ) {
        self.table = table
        self.direction = direction
        self.nodes = nodes
        self.starts = starts
        storage = .memory(neighbors: neighbors, weights: weights, times: times)
    }

    /// - Parameter countMax: how many neighbours are lent at a time; more than a block may have.
    init(
        table: Int, direction: EdgeDirection, _ lists: SpilledLists, _ contents: SpilledLists.Contents, countMax: Int
    ) {
        self.table = table
        self.direction = direction
        nodes = contents.nodes
        starts = contents.starts
        storage = .files(lists, countMax: max(countMax, 2 * NeighborBlock.neighborsMax))
    }

    /// How many neighbours list `index` has.
    func degree(_ index: Int) -> Int { starts[index + 1] - starts[index] }

    /// Lends list `index` part by part, from its first neighbour on; a list in memory is one part. A part comes without the
    /// columns in which all of it is as if they were not there.
    ///
    /// - Parameter body: is given a part, how many neighbours it has and the offset of the first; answers how many it has
    ///   taken, all of the last part. What it has not taken comes again, at the start of the next part.
    @unsafe
    func forEachPart(of index: Int, _ body: (ListColumns, _ count: Int, _ offset: Int) throws -> Int) throws {
        let range = starts[index]..<starts[index + 1]
        switch storage {
        case .files(let lists, let countMax):
            var first = range.lowerBound
            while first < range.upperBound {
                let part = first..<min(first + countMax, range.upperBound)
                first += unsafe try lists.withRecords(part, of: index) {
                    unsafe try body($0, part.count, first - range.lowerBound)
                }
            }
        case .memory(let neighbors, let weights, let times):
            var list = unsafe ListColumns(neighbors: neighbors.start + range.lowerBound)
            if let weights {
                let own = unsafe UnsafeBufferPointer(start: weights.start + range.lowerBound, count: range.count)
                if unsafe own.contains(where: { $0 != 1 }) { unsafe list.weights = own.baseAddress }
            }
            if let times {
                let own = unsafe UnsafeBufferPointer(start: times.start + range.lowerBound, count: range.count)
                if unsafe own.contains(where: { $0 != 0 }) { unsafe list.times = own.baseAddress }
            }
            unsafe _ = try body(list, range.count, 0)
        }
    }
}

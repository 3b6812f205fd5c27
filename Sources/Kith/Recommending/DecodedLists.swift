import Adjacency
import LMDB

/// All lists that a PageRank walks, decoded: what a request leaves for the next of the same walk and the same commit.
///
/// ```
/// starts     [ 0        4 4                12 ]      node 1 has no edges
/// degrees    [ 3        0 5 ]
/// neighbors  [ 3 7 9 x | | 1 3 4 5 6 x x x ]
/// shares     [ how likely each edge is ], empty where all of a node's are alike
/// ```
/// Where there are no shares, lists are filled up to whole fours with nodes behind the last, the x: a loop over fours has
/// one end that the processor has to guess, not two. What is passed to them counts for nothing.
///
/// **Unsafety:** rows are lent as pointers into the arrays while nothing changes them; every neighbour was checked against
/// the number of nodes.
@safe final class DecodedLists {
    private struct Key: Equatable {
        let commit: UInt64
        let steps: [Step]
        let multipliers: [Double]
        /// Nil where no weight depends on it.
        let now: UInt32?
    }

    private struct Step: Equatable {
        let type: Int
        let direction: EdgeDirection
    }

    private var key: Key?
    private var starts: [Int] = []
    private var degrees: [UInt32] = []
    private var neighbors: [UInt32] = []
    private var shares: [Double] = []

    /// How many nodes there are behind the last, for lists to be filled up with.
    static let fillCount = 4

    /// Lists that have more neighbours together are not decoded: 256 MiB without shares, three times that with them.
    private static let neighborsMax = 1 << 26

    /// Whether the lists of a walk are few enough to be kept.
    static func haveRoom(for walk: PageRankWalk) -> Bool { walk.arcCount <= neighborsMax }

    /// Whether these are the lists of `walk` as of `commit`.
    func areOf(_ walk: PageRankWalk, _ commit: UInt64) -> Bool {
        guard let key, key.commit == commit, key.multipliers == walk.multipliers else { return false }
        return key.steps.elementsEqual(walk.hop.steps) {
            $0.type == $1.edges.index && $0.direction == $1.direction
        } && (key.now == nil || key.now == walk.aging.now)
    }

    /// Decodes the lists of `walk`.
    ///
    /// - Complexity: O(nodes + edges).
    /// - Throws: ``GraphStoreError``; there are none then.
    func decode(
        _ walk: PageRankWalk, in transaction: borrowing ReadTransaction, _ scratch: inout HopScratch
    ) throws {
        key = nil
        starts.removeAll(keepingCapacity: true)
        degrees.removeAll(keepingCapacity: true)
        neighbors.removeAll(keepingCapacity: true)
        shares.removeAll(keepingCapacity: true)
        starts.reserveCapacity(Int(walk.nodeLimit) + 1)
        degrees.reserveCapacity(Int(walk.nodeLimit))
        neighbors.reserveCapacity(walk.arcCount)
        if walk.isEven, walk.privates == nil {
            try decodeBlocks(walk, in: transaction)
        } else {
            try decodeEdges(walk, in: transaction, &scratch)
        }
        key = Key(
            commit: transaction.id,
            steps: walk.hop.steps.map { Step(type: $0.edges.index, direction: $0.direction) },
            multipliers: walk.multipliers, now: walk.hop.fades(walk.aging) ? walk.aging.now : nil)
    }

    private func decodeBlocks(_ walk: PageRankWalk, in transaction: borrowing ReadTransaction) throws {
        // Local while they grow: a check of exclusive access for every block would cost as much as the block.
        var (starts, degrees, neighbors) = ([Int](), [UInt32](), [UInt32]())
        swap(&starts, &self.starts)
        swap(&degrees, &self.degrees)
        swap(&neighbors, &self.neighbors)
        defer {
            swap(&starts, &self.starts)
            swap(&degrees, &self.degrees)
            swap(&neighbors, &self.neighbors)
        }
        func begin(upTo node: UInt32) {
            while neighbors.count % DecodedLists.fillCount != 0 {
                neighbors.append(walk.nodeLimit + UInt32(neighbors.count % DecodedLists.fillCount))
            }
            while starts.count <= Int(node) {
                starts.append(neighbors.count)
                degrees.append(0)
            }
        }
        try walk.hop.steps[0].table.forEachBlock(in: transaction) { node, isFirst, block in
            if isFirst { begin(upTo: node) }
            try neighbors.append(addingCapacity: block.count) { (output) throws(BlockError) in
                try block.decodeNeighbors(into: &output, below: walk.nodeLimit)
            }
            degrees[degrees.count - 1] += UInt32(block.count)
        }
        begin(upTo: walk.nodeLimit)
    }

    private func decodeEdges(
        _ walk: PageRankWalk, in transaction: borrowing ReadTransaction, _ scratch: inout HopScratch
    ) throws {
        for node in 0..<walk.nodeLimit {
            let start = neighbors.count
            starts.append(start)
            var total = 0.0
            try walk.forEachEdge(of: node, in: transaction, &scratch) { neighbor, weight in
                neighbors.append(neighbor)
                shares.append(weight)
                total += weight
            }
            for place in start..<neighbors.count { shares[place] /= total }
            degrees.append(UInt32(neighbors.count - start))
        }
        starts.append(neighbors.count)
    }
}

extension DecodedLists {
    /// The lists, to be read.
    @safe struct Rows {
        fileprivate let starts: UnsafePointer<Int>
        fileprivate let degrees: UnsafePointer<UInt32>
        fileprivate let neighbors: UnsafePointer<UInt32>
        fileprivate let shares: UnsafePointer<Double>?

        /// How many edges a node has.
        @inline(__always)
        func degree(of node: UInt32) -> Int { unsafe Int(degrees[Int(node)]) }

        /// Where they lead.
        @inline(__always)
        func neighbors(of node: UInt32) -> UnsafeBufferPointer<UInt32> {
            unsafe UnsafeBufferPointer(start: neighbors + starts[Int(node)], count: degree(of: node))
        }

        /// Where they lead, filled up to whole fours; where there are no shares.
        @inline(__always)
        func forEachFour(of node: UInt32, _ visit: (UnsafePointer<UInt32>) -> Void) {
            var place = unsafe neighbors + starts[Int(node)]
            let end = unsafe neighbors + starts[Int(node) + 1]
            while unsafe place < end {
                unsafe visit(place)
                unsafe place += DecodedLists.fillCount
            }
        }

        /// How likely each is; nil where all are alike.
        @inline(__always)
        func shares(of node: UInt32) -> UnsafePointer<Double>? {
            unsafe shares.map { unsafe $0 + starts[Int(node)] }
        }
    }

    /// Lends the lists of nodes below the walk's limit.
    @inline(__always)
    func withRows(_ body: (Rows) -> Void) {
        unsafe starts.withUnsafeBufferPointer { starts in
            unsafe degrees.withUnsafeBufferPointer { degrees in
                unsafe neighbors.withUnsafeBufferPointer { neighbors in
                    unsafe shares.withUnsafeBufferPointer { shares in
                        // There is none of them where there are no nodes, and then nobody asks.
                        guard let starts = starts.baseAddress, let degrees = degrees.baseAddress,
                            let neighbors = neighbors.baseAddress
                        else { return }
                        unsafe body(
                            Rows(
                                starts: starts, degrees: degrees, neighbors: neighbors,
                                shares: shares.isEmpty ? nil : shares.baseAddress))
                    }
                }
            }
        }
    }
}

import Adjacency
import Synchronization

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
/// **Unsafety:** rows are lent as pointers into arrays that nothing changes; every neighbour was checked against the number
/// of nodes.
@safe final class DecodedLists: Sendable {
    private struct Step: Equatable {
        let type: Int
        let direction: EdgeDirection
    }

    /// Of which state of the graph they are.
    let commit: UInt64
    private let steps: [Step]
    private let multipliers: [Double]
    /// Nil where no weight depends on it.
    private let now: UInt32?
    private let arrays: Arrays

    /// How many nodes there are behind the last, for lists to be filled up with.
    static let fillCount = 4

    /// Decodes the lists of `walk`.
    ///
    /// - Complexity: O(nodes + edges).
    init(
        _ walk: PageRankWalk, in snapshot: borrowing Snapshot, _ scratch: inout HopScratch
    ) throws {
        commit = snapshot.commit
        steps = walk.hop.steps.map { Step(type: $0.edges.index, direction: $0.direction) }
        multipliers = walk.multipliers
        now = walk.hop.fades(walk.aging) ? walk.aging.now : nil
        var arrays = Arrays(for: walk)
        if walk.walksPlainLists {
            try arrays.decodeBlocks(walk, in: snapshot)
        } else {
            try arrays.decodeEdges(walk, in: snapshot, &scratch)
        }
        self.arrays = arrays
    }

    /// Whether these are the lists of `walk` as of `commit`.
    func areOf(_ walk: PageRankWalk, _ commit: UInt64) -> Bool {
        guard self.commit == commit, multipliers == walk.multipliers else { return false }
        return steps.elementsEqual(walk.hop.steps) {
            $0.type == $1.edges.index && $0.direction == $1.direction
        } && (now == nil || now == walk.aging.now)
    }

    var byteCount: Int { arrays.byteCount }

    /// How many bytes those of a walk take, about.
    static func byteCount(for walk: PageRankWalk) -> Int {
        let perEdge = MemoryLayout<UInt32>.size + (walk.walksPlainLists ? 0 : MemoryLayout<Double>.size)
        // A start, a degree, and what fills a list up.
        let perNode = MemoryLayout<Int>.size + MemoryLayout<UInt32>.size * 3
        return walk.arcCount * perEdge + Int(walk.nodeLimit) * perNode
    }
}

/// The numbers of ``DecodedLists``, while they come together and then for good.
private struct Arrays {
    var starts: [Int] = []
    var degrees: [UInt32] = []
    var neighbors: [UInt32] = []
    var shares: [Double] = []

    init(for walk: PageRankWalk) {
        starts.reserveCapacity(Int(walk.nodeLimit) + 1)
        degrees.reserveCapacity(Int(walk.nodeLimit) + 1)
        // What is reserved for filling up and not used is never backed by the system.
        let fillMax = walk.walksPlainLists ? Int(walk.nodeLimit) * (DecodedLists.fillCount - 1) : 0
        neighbors.reserveCapacity(walk.arcCount + fillMax)
        if !walk.walksPlainLists { shares.reserveCapacity(walk.arcCount) }
    }

    var byteCount: Int {
        starts.count * MemoryLayout<Int>.size + degrees.count * MemoryLayout<UInt32>.size
            + neighbors.count * MemoryLayout<UInt32>.size + shares.count * MemoryLayout<Double>.size
    }

    mutating func decodeBlocks(_ walk: PageRankWalk, in snapshot: borrowing Snapshot) throws {
        let table = walk.hop.steps[0].table
        var reader = table.neighbors(in: snapshot)
        try reader.forEachBlock { node, isFirst, block in
            guard node < walk.nodeLimit, isFirst || !degrees.isEmpty else {
                throw GraphStoreError.damaged(
                    table: table.name, node: node, reason: "the list is of no node, or its first block is missing")
            }
            if isFirst { begin(upTo: node, walk) }
            try neighbors.append(addingCapacity: block.count) { (output) throws(BlockError) in
                try block.decodeNeighbors(into: &output, below: walk.nodeLimit)
            }
            degrees[degrees.count - 1] &+= UInt32(block.count)
        }
        begin(upTo: walk.nodeLimit, walk)
        degrees.removeLast()
    }

    /// Ends the list of the last node, and begins those of the next ones.
    private mutating func begin(upTo node: UInt32, _ walk: PageRankWalk) {
        while neighbors.count % DecodedLists.fillCount != 0 {
            neighbors.append(walk.nodeLimit &+ UInt32(neighbors.count % DecodedLists.fillCount))
        }
        while starts.count <= Int(node) {
            starts.append(neighbors.count)
            degrees.append(0)
        }
    }

    mutating func decodeEdges(
        _ walk: PageRankWalk, in snapshot: borrowing Snapshot, _ scratch: inout HopScratch
    ) throws {
        for node in 0..<walk.nodeLimit {
            let start = neighbors.count
            starts.append(start)
            var total = 0.0
            try walk.forEachEdge(of: node, in: snapshot, &scratch) { neighbor, weight in
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
        unsafe arrays.starts.withUnsafeBufferPointer { starts in
            unsafe arrays.degrees.withUnsafeBufferPointer { degrees in
                unsafe arrays.neighbors.withUnsafeBufferPointer { neighbors in
                    unsafe arrays.shares.withUnsafeBufferPointer { shares in
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

/// The decoded lists of a store, for all its requests: those of the latest commit that was asked.
final class DecodedListsCache: Sendable {
    private let kept = Mutex<[DecodedLists]>([])
    private let decoding = Mutex<Void>(())
    /// The most bytes they take together.
    private let bytesMax: Int

    init(bytesMax: Int) {
        self.bytesMax = bytesMax
    }

    /// Those of `walk` as of `commit`, where a request left them.
    func lists(of walk: PageRankWalk, _ commit: UInt64) -> DecodedLists? {
        kept.withLock { kept in kept.first { $0.areOf(walk, commit) } }
    }

    /// Those of `walk` as of `commit`, decoded by `make` where they are not there; nil where there is no room for them.
    ///
    /// Others who want some meanwhile wait: to decode them as well would take as long, and the memory twice.
    func lists(
        of walk: PageRankWalk, _ commit: UInt64, _ make: () throws -> DecodedLists
    ) throws -> DecodedLists? {
        guard DecodedLists.byteCount(for: walk) <= bytesMax else { return nil }
        return try decoding.withLock { _ in
            if let known = lists(of: walk, commit) { return known }
            let made = try make()
            kept.withLock { keep(made, among: &$0) }
            return made
        }
    }

    private func keep(_ made: DecodedLists, among kept: inout [DecodedLists]) {
        kept.removeAll { $0.commit < made.commit }
        // A snapshot that has been open for long is not what the next requests ask.
        guard kept.allSatisfy({ $0.commit == made.commit }) else { return }
        kept.append(made)
        while kept.count > 1, kept.reduce(0, { $0 + $1.byteCount }) > bytesMax { kept.removeFirst() }
    }
}

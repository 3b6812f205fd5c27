import Adjacency
import Synchronization

/// The reused memory of one request.
///
/// Handed from thread to thread by ``ScratchPool`` under its lock, and used by one at a time: hence `@unchecked`.
final class RequestScratch: @unchecked Sendable {
    /// First-hop neighbours of the user.
    var intermediates = WeightedNeighbors()
    /// Whether ``intermediates`` are all there are: nobody is closed to the user.
    var hasAllIntermediates = true
    /// How many of ``intermediates`` the walk comes to before its budget is spent.
    var walkedCount = Int.max
    /// Nodes that no path leads through, ascending.
    var closed: [UInt32] = []
    /// The lists of those in the second hop, in the same order.
    var found: [FoundList] = []
    /// How many edges those lists have.
    var foundEdges: Int { found.reduce(0) { $0 + $1.degree } }
    /// The same, the shorter ones first.
    private(set) var byLength: [FoundList] = []
    /// Where a hop leads from one intermediate, or back from one candidate.
    var reached = WeightedNeighbors()
    /// Some other list.
    var other = WeightedNeighbors()
    /// For reading hops.
    var hop = HopScratch()
    /// Candidates with their counts.
    var candidates: [CountedNode] = []
    /// Those of them of whom more needs to be known.
    var undecided: [CountedNode] = []
    /// Candidates with their sums.
    var ranked: [RankedNode] = []
    /// Similar users with their mass, ascending.
    var neighbors: [RankedNode] = []
    /// The paths to one candidate: an intermediate and what a path through it adds.
    var paths: [RankedNode] = []
    /// The strongest of those.
    var strongest: [RankedNode] = []
    /// Who is left out, known before candidates are.
    var excluded: [UInt32] = []
    /// The list of each recommender of a blend.
    var lists: [CandidateList] = []
    /// What the lists become.
    var blended: [RankedNode] = []
    /// The evidence of each result.
    var evidence: [[Evidence]] = []
    /// The best of many.
    var best = TopK()
    /// The best of many by whole units.
    var bestUnits = TopK()
    /// What a path through each of ``intermediates`` adds.
    var amounts: [Double] = []
    /// What the paths through each set of ``intermediates`` add.
    var setSums: [Double] = []
    /// What the walks of the request have done so far.
    var work = RequestWork()
    /// For sorting.
    let order = AscendingNodes()
    /// The vectors of a PageRank.
    let pageRank: PageRankScratch

    private var bytes: ScoreAccumulator<UInt8>?
    private var narrow: ScoreAccumulator<UInt16>?
    private var wide: ScoreAccumulator<UInt32>?
    private var doubles: ScoreAccumulator<Double>?
    private var moreDoubles: ScoreAccumulator<Double>?
    private var sumsOfPaths: PathSums?
    private var sumsOfRivals: RivalSums?
    private var nodeValues: [NodeValues] = []

    init(_ decoded: DecodedListsCache) {
        pageRank = PageRankScratch(decoded)
    }

    /// Counters for ids below `capacity`, exact up to 255.
    func byteCounts(capacity: Int) -> ScoreAccumulator<UInt8> {
        RequestScratch.sized(&bytes, capacity)
    }

    /// Counters for ids below `capacity`, exact up to 65,535.
    func narrowCounts(capacity: Int) -> ScoreAccumulator<UInt16> {
        RequestScratch.sized(&narrow, capacity)
    }

    /// Counters for ids below `capacity`, exact up to 2^32 - 1.
    func wideCounts(capacity: Int) -> ScoreAccumulator<UInt32> {
        RequestScratch.sized(&wide, capacity)
    }

    /// Sums for ids below `capacity`.
    func sums(capacity: Int) -> ScoreAccumulator<Double> {
        RequestScratch.sized(&doubles, capacity)
    }

    /// Sums for another kind, or another step.
    func moreSums(capacity: Int) -> ScoreAccumulator<Double> {
        RequestScratch.sized(&moreDoubles, capacity)
    }

    /// Sums with numbers of paths for ids below `capacity`.
    func pathSums(capacity: Int) -> PathSums {
        if let sumsOfPaths, sumsOfPaths.capacity >= capacity { return sumsOfPaths }
        let fresh = PathSums(capacity: capacity + capacity / 4 + 1)
        sumsOfPaths = fresh
        return fresh
    }

    /// Sums of a few nodes below `capacity`.
    func rivalSums(capacity: Int) -> RivalSums {
        if let sumsOfRivals, sumsOfRivals.capacity >= capacity { return sumsOfRivals }
        let fresh = RivalSums(capacity: capacity + capacity / 4 + 1)
        sumsOfRivals = fresh
        return fresh
    }

    /// Takes ``excluded`` out of the running.
    func exclude<Score>(from accumulator: ScoreAccumulator<Score>) {
        for node in excluded { accumulator.exclude(node) }
    }

    /// Fills ``byLength``. O(lists): it is only lengths that differ by a fifth or more that are told apart.
    func orderByLength() {
        // Four steps from each power of two to the next.
        func step(of list: FoundList) -> Int {
            let degree = UInt64(list.degree) << 2 | 4
            let power = 63 - degree.leadingZeroBitCount
            return (power - 2) << 2 | Int(degree >> UInt64(power - 2)) & 3
        }
        var ends = InlineArray<256, Int>(repeating: 0)
        for list in found { ends[step(of: list)] += 1 }
        for step in 1..<256 { ends[step] += ends[step - 1] }
        byLength.removeAll(keepingCapacity: true)
        byLength.append(contentsOf: found)
        for list in found.reversed() {
            let step = step(of: list)
            ends[step] -= 1
            byLength[ends[step]] = list
        }
    }

    /// Lends memory for candidates with counts.
    func withCandidates<Result>(_ body: (inout [CountedNode]) throws -> Result) rethrows -> Result {
        var lent: [CountedNode] = []
        swap(&lent, &candidates)
        defer {
            lent.removeAll(keepingCapacity: true)
            swap(&lent, &candidates)
        }
        return try body(&lent)
    }

    /// Lends what gathers the best `limit`, and appends them to `ranked` afterwards.
    func selecting(
        _ limit: Int, into ranked: inout [RankedNode], _ body: (inout TopK) throws -> Void
    ) rethrows {
        var best = TopK()
        swap(&best, &self.best)
        best.begin(limit: limit)
        defer { swap(&best, &self.best) }
        try body(&best)
        best.drain(into: &ranked)
    }

    /// A quarter more than asked for, so that a growing graph does not mean new memory at every request.
    private static func sized<Score>(
        _ accumulator: inout ScoreAccumulator<Score>?, _ capacity: Int
    ) -> ScoreAccumulator<Score> {
        if let accumulator, accumulator.capacity >= capacity {
            accumulator.begin(below: capacity)
            return accumulator
        }
        let fresh = ScoreAccumulator<Score>(capacity: capacity + capacity / 4 + 1)
        fresh.begin(below: capacity)
        accumulator = fresh
        return fresh
    }

    /// The numbers of nodes below `limit` that mean the same and are of the same state of the graph, as far as they are
    /// known; at most ``nodeValuesMax`` sorts are kept.
    func values(
        _ meaning: NodeValues.Meaning, of hop: HopTables, _ aging: EdgeAging, _ commit: UInt64, _ limit: UInt32
    ) -> NodeValues {
        if let place = nodeValues.firstIndex(where: { $0.matches(meaning, hop, aging, commit) }) {
            return nodeValues[place]
        }
        nodeValues.removeAll { !$0.isOf(commit) }
        if nodeValues.count >= RequestScratch.nodeValuesMax { nodeValues.removeFirst() }
        let fresh = NodeValues(meaning, hop, aging, commit, capacity: Int(limit))
        nodeValues.append(fresh)
        return fresh
    }

    private static let nodeValuesMax = 6
}

/// Scratch memory waiting for the next request.
///
/// Holds at most ``idleMax`` pieces: what a burst of requests needed beyond that is given back.
final class ScratchPool: Sendable {
    private let idle = Mutex<[RequestScratch]>([])
    private let idleMax: Int
    /// What all pieces share.
    private let decoded: DecodedListsCache

    init(idleMax: Int, decodedBytesMax: Int) {
        self.idleMax = idleMax
        decoded = DecodedListsCache(bytesMax: decodedBytesMax)
    }

    /// Lends a piece for the time of `body`; nobody else has it meanwhile.
    func withScratch<Result>(_ body: (RequestScratch) throws -> Result) rethrows -> Result {
        let scratch = idle.withLock { $0.popLast() } ?? RequestScratch(decoded)
        defer {
            idle.withLock { idle in
                if idle.count < idleMax { idle.append(scratch) }
            }
        }
        return try body(scratch)
    }
}

import CPlainGraph

/// A node and its score, as both sides answer.
public struct Ranked: Hashable, Sendable {
    /// The node's number in the plain graph, which is its key in the store.
    public let node: Int
    /// Its score.
    public let score: Double

    /// A node and its score.
    public init(_ node: Int, _ score: Double) {
        self.node = node
        self.score = score
    }
}

/// One thread's arrays for the C loops, and the loops.
public final class PlainScratch {
    private let scratch: OpaquePointer
    private var best = [plain_ranked](repeating: plain_ranked(node: 0, score: 0), count: 10)
    private let nodeCount: Int

    /// Arrays for a graph of so many nodes.
    public init(nodeCount: Int) {
        guard let scratch = plain_scratch_create(nodeCount) else { fatalError("no memory for \(nodeCount) nodes") }
        self.scratch = scratch
        self.nodeCount = nodeCount
    }

    deinit {
        plain_scratch_free(scratch)
    }

    /// The ten nodes two steps from `user` with most paths. Good until the next call.
    public func topPaths(_ graph: PlainGraph, of user: Int) -> ArraySlice<plain_ranked> {
        var c = graph.c
        return best[..<plain_top_paths(&c, scratch, UInt32(user), best.count, &best)]
    }

    /// The ten nodes with the greatest sums of `weights` of the nodes between.
    public func topWeightedPaths(_ graph: PlainGraph, _ weights: [Double], of user: Int) -> ArraySlice<plain_ranked> {
        var c = graph.c
        return best[..<plain_top_weighted_paths(&c, scratch, weights, UInt32(user), best.count, &best)]
    }

    /// Fills `scores` by power iteration to an L1 error of `tolerance`; answers the number of steps.
    @discardableResult
    public func pageRank(
        pullingFrom graph: PlainGraph, outDegrees: [UInt32], from user: Int, restart: Double, tolerance: Double,
        into scores: inout [Double]
    ) -> Int {
        var c = graph.c
        var seed = UInt32(user)
        return plain_pagerank(&c, outDegrees, scratch, &seed, 1, restart, tolerance, &scores)
    }

    /// Fills `scores` by so many steps of power iteration.
    public func pageRank(
        pullingFrom graph: PlainGraph, outDegrees: [UInt32], from user: Int, restart: Double, steps: Int,
        into scores: inout [Double]
    ) {
        var c = graph.c
        var seed = UInt32(user)
        plain_pagerank_steps(&c, outDegrees, scratch, &seed, 1, restart, steps, &scores)
    }

    /// The ten greatest of `scores`, the user and those already joined left out.
    public func topScores(_ graph: PlainGraph, _ scores: [Double], of user: Int) -> ArraySlice<plain_ranked> {
        var c = graph.c
        var seed = UInt32(user)
        return best[..<plain_top_scores(&c, scratch, scores, &seed, 1, best.count, &best)]
    }
}

extension ArraySlice<plain_ranked> {
    /// As values that stay.
    public var ranked: [Ranked] { map { Ranked(Int($0.node), $0.score) } }
}

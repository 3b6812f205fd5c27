import Dispatch
import Measuring

/// The plain side: mass pulled along the edges, over and over.
final class PowerIteration: @unchecked Sendable {
    private let graph: PlainGraph
    private let pulled: PlainGraph
    private let outDegrees: [UInt32]
    private let scratch: PlainScratch
    private var scores: [Double]

    init(_ graph: MeasuredGraph) {
        self.graph = graph.plain
        // A symmetric graph is its own transpose.
        pulled = graph.plain.transposed()
        outDegrees = (0..<graph.plain.nodeCount).map { UInt32(graph.plain.degree($0)) }
        scratch = PlainScratch(nodeCount: graph.plain.nodeCount)
        scores = Array(repeating: 0, count: graph.plain.nodeCount)
    }

    /// Finds the ten best new accounts, by one thread; answers how many steps that took.
    func findTop(of user: Int, restart: Double, tolerance: Double) -> Int {
        let steps = scratch.pageRank(
            pullingFrom: pulled, outDegrees: outDegrees, from: user, restart: restart, tolerance: tolerance,
            into: &scores)
        _ = scratch.topScores(graph, scores, of: user)
        return steps
    }

    /// Finds them by so many steps.
    func findTop(of user: Int, restart: Double, steps: Int) {
        scratch.pageRank(
            pullingFrom: pulled, outDegrees: outDegrees, from: user, restart: restart, steps: steps, into: &scores)
        _ = scratch.topScores(graph, scores, of: user)
    }

    /// The whole vector of each user and the ten best new accounts by it, on all cores.
    func exact(of users: [Int], restart: Double, tolerance: Double) -> [(scores: [Double], top: [Ranked])] {
        var answers: [(scores: [Double], top: [Ranked])] = Array(repeating: ([], []), count: users.count)
        answers.withUnsafeMutableBufferPointer { answers in
            nonisolated(unsafe) let answers = answers
            DispatchQueue.concurrentPerform(iterations: users.count) { place in
                let scratch = PlainScratch(nodeCount: graph.nodeCount)
                var scores = [Double](repeating: 0, count: graph.nodeCount)
                scratch.pageRank(
                    pullingFrom: pulled, outDegrees: outDegrees, from: users[place], restart: restart,
                    tolerance: tolerance, into: &scores)
                let top = scratch.topScores(graph, scores, of: users[place]).ranked
                answers[place] = (scores, top)
            }
        }
        return answers
    }
}

import Foundation
import Measuring
import Synchronization

/// Draws calls: the mix, and nodes by Zipf's law with the exponents that LinkBench found, 0.8 for reads of links and
/// 0.74 for writes; nodes themselves are read and written by the same two.
final class Workload: Sendable {
    private let graph: PlainGraph
    private let operations: [Operation]
    private let nextNode: Atomic<UInt64>

    static let (readExponent, writeExponent) = (0.8, 0.74)

    init(_ graph: PlainGraph) {
        self.graph = graph
        operations = Operation.allCases.flatMap { Array(repeating: $0, count: $0.share) }
        precondition(operations.count == 10_000, "the mix is not a whole")
        nextNode = Atomic(UInt64(graph.nodeCount))
    }

    func next(_ generator: inout SeededGenerator) -> Call {
        let operation = operations[Int.random(in: operations.indices, using: &generator)]
        let exponent = operation.isRead ? Workload.readExponent : Workload.writeExponent
        let value = UInt32.random(in: 1...1 << 24, using: &generator)
        if operation == .addNode {
            let node = nextNode.wrappingAdd(1, ordering: .relaxed).oldValue
            return Call(operation: operation, node: node, other: node, value: value)
        }
        let node = node(exponent, &generator)
        // A link that was there at the beginning, except where one is added.
        let list = graph[node]
        let other =
            operation == .addLink || list.isEmpty
            ? (node + Int.random(in: 1..<graph.nodeCount, using: &generator)) % graph.nodeCount
            : Int(list[Int.random(in: list.indices, using: &generator)])
        return Call(operation: operation, node: UInt64(node), other: UInt64(other), value: value)
    }

    /// The node of a rank r that comes with a probability of about r^-exponent. Ranks are dealt out to nodes by an odd
    /// multiplier, so that the popular ones are not those with most links.
    private func node(_ exponent: Double, _ generator: inout SeededGenerator) -> Int {
        let share = Double.random(in: 0..<1, using: &generator)
        let count = Double(graph.nodeCount)
        let rank = Int(pow(share * (pow(count, 1 - exponent) - 1) + 1, 1 / (1 - exponent))) - 1
        return (min(rank, graph.nodeCount - 1) &* 0x9E37_79B1) & (graph.nodeCount - 1)
    }
}

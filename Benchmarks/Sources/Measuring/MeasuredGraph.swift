import Foundation
import Kith

/// A graph as both sides have it: in a store of Kith and in plain arrays, whose node numbers are the store's keys.
public struct MeasuredGraph {
    /// What it is called in tables.
    public let name: String
    /// The one type of its edges.
    public let type: EdgeType.Name
    /// Kith's side.
    public let store: GraphStore
    /// The plain side: each node's targets; of a symmetric type all neighbours.
    public let plain: PlainGraph
    /// How long the load took, in seconds.
    public let loadSeconds: Double

    /// A recursive-matrix graph of 2^scale nodes and 16 edges a node before repeated ones are left out, labels shuffled.
    public static func rmat(scale: Int, in folder: String) throws -> MeasuredGraph {
        let start = ContinuousClock.now
        let edges = drawn(GeneratedGraph(.rmat, scale: scale, edgeFactor: 16, seed: 1))
        let plain = PlainGraph(nodeCount: 1 << scale, edges: edges)
        let generated = ContinuousClock.now
        let path = folder + "/rmat-\(scale).kith"
        let schema = try Schema(nodeKinds: [.user], edgeTypes: [EdgeType(.follows, from: .user, to: .user)])
        let report = try BulkLoader(schema: schema).load(into: path) { sink in
            for node in 0..<plain.nodeCount {
                for target in plain[node] { try sink.add(NodeKey(UInt64(node)), .follows, NodeKey(UInt64(target))) }
            }
        }
        let loadSeconds = generated.duration(to: .now) / .seconds(1)
        precondition(report.edges[.follows] == plain.arcCount, "the store has other edges than the arrays")
        note(
            "R-MAT scale \(scale): \(plain.arcCount) edges, drawn and sorted in "
                + "\(decimal(start.duration(to: generated) / .seconds(1), 1)) s, loaded in \(decimal(loadSeconds, 1)) s"
        )
        return MeasuredGraph(
            name: "R-MAT \(scale)", type: .follows, store: try GraphStore(opening: path), plain: plain,
            loadSeconds: loadSeconds)
    }

    /// All edges as source << 32 | target, drawn on all cores.
    private static func drawn(_ graph: GeneratedGraph) -> [UInt64] {
        let count = Int(graph.edgeCount)
        let pieces = 64
        return [UInt64](unsafeUninitializedCapacity: count) { buffer, filled in
            nonisolated(unsafe) let start = buffer.baseAddress!
            DispatchQueue.concurrentPerform(iterations: pieces) { piece in
                for index in count * piece / pieces..<count * (piece + 1) / pieces {
                    let edge = graph.edge(at: UInt64(index))
                    start[index] = edge.source << 32 | edge.target
                }
            }
            filled = count
        }
    }
}

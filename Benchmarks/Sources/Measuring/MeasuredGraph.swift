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
    /// The key of each of the plain side's nodes, ascending.
    public let keys: [UInt64]
    /// How long the load took, in seconds.
    public let loadSeconds: Double

    /// The key of a node of the plain side.
    public func key(_ node: Int) -> NodeKey { NodeKey(keys[node]) }

    /// A result as the plain side numbers it.
    public func ranked(_ result: Recommendation) -> Ranked {
        guard let key = result.user.integer else { fatalError("\(result.user) is no key of this graph") }
        var (low, high) = (0, keys.count)
        while low < high {
            let middle = (low + high) / 2
            if keys[middle] < key { low = middle + 1 } else { high = middle }
        }
        precondition(low < keys.count && keys[low] == key, "\(key) is no key of this graph")
        return Ranked(low, result.score)
    }
}

extension MeasuredGraph {
    /// A recursive-matrix graph of 2^scale nodes and 16 edges a node before repeated ones are left out; labels are
    /// shuffled.
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
            keys: (0..<UInt64(plain.nodeCount)).map(\.self), loadSeconds: loadSeconds)
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

    /// One of the graphs in ``Surroundings/data``, a file of pairs of integers; nil, and said, when it is not there.
    public static func shared(
        _ name: String, _ file: String, as type: EdgeType.Name, isSymmetric: Bool, in folder: String
    ) throws -> MeasuredGraph? {
        let source = Surroundings.data + "/" + file
        guard FileManager.default.fileExists(atPath: source) else {
            print("\n\(name) is not measured: there is no '\(source)'; KITH_DATA says where the shared graphs are")
            return nil
        }
        let path = folder + "/\(name).kith"
        let schema = try Schema(
            nodeKinds: [.user], edgeTypes: [EdgeType(type, from: .user, to: .user, isSymmetric: isSymmetric)])
        var report: BulkLoader.Report?
        let time = try seconds {
            report = try BulkLoader(schema: schema, onError: .skip).load([.init(type: type, path: source)], into: path)
        }
        let pairs = try pairs(of: source)
        let keys = Set(pairs.flatMap { [$0.0, $0.1] }).sorted()
        let numbers = Dictionary(uniqueKeysWithValues: zip(keys, keys.indices.map(UInt64.init)))
        var edges: [UInt64] = []
        for (from, to) in pairs where from != to {
            guard let from = numbers[from], let to = numbers[to] else { continue }
            edges.append(from << 32 | to)
            if isSymmetric { edges.append(to << 32 | from) }
        }
        let plain = PlainGraph(nodeCount: keys.count, edges: edges)
        precondition(
            report?.edges[type] == plain.arcCount / (isSymmetric ? 2 : 1), "the store has other edges than the arrays")
        return MeasuredGraph(
            name: name, type: type, store: try GraphStore(opening: path), plain: plain, keys: keys, loadSeconds: time)
    }

    /// The first two integers of every line of a gzip file; lines without are left out.
    private static func pairs(of path: String) throws -> [(UInt64, UInt64)] {
        let gzip = Process()
        gzip.executableURL = URL(fileURLWithPath: "/bin/gzip")
        gzip.arguments = ["-dc", path]
        let pipe = Pipe()
        gzip.standardOutput = pipe
        try gzip.run()
        let text = String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        gzip.waitUntilExit()
        precondition(gzip.terminationStatus == 0, "'\(path)' cannot be unpacked")
        return text.split(separator: "\n").compactMap { line in
            let fields = line.split(separator: "\t")
            guard fields.count >= 2, let from = UInt64(fields[0]), let to = UInt64(fields[1]) else { return nil }
            return (from, to)
        }
    }
}

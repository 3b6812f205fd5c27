import Foundation
import Kith
import Measuring

/// The stores that micro benchmarks work on: small, the same in every run, made once.
///
/// | file | holds |
/// |---|---|
/// | `follows.kith` | R-MAT, 2^14 nodes, 16 follows a node before repeated ones are left out |
/// | `interests.kith` | the social model, 2^12 users and their topics |
/// | `follows.tsv` | the follows as text |
public final class MicroFixture {
    let folder: String
    let follows: GraphStore
    let interests: GraphStore
    /// Ids, keys and edges drawn at random, the same in every run.
    let ids: [NodeID]
    let keys: [NodeKey]
    let edges: [(source: NodeKey, target: NodeKey)]
    let interested: [NodeKey]
    /// Those of ``keys`` who follow least.
    let modest: [NodeKey]

    private static let (scale, socialScale) = (14, 12)
    private static let graph = GeneratedGraph(.rmat, scale: scale, edgeFactor: 16, seed: 1)

    /// Makes the files in `folder`.
    public static func prepare(in folder: String) throws {
        let graph = MicroFixture.graph
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        var text = ""
        for index in 0..<graph.edgeCount {
            let edge = graph.edge(at: index)
            text += "\(edge.source)\t\(edge.target)\n"
        }
        try text.write(toFile: folder + "/follows.tsv", atomically: false, encoding: .utf8)
        try load(folder + "/follows.tsv", into: folder + "/follows.kith")
        let interests = GeneratedGraph(.social, .interests, scale: socialScale, edgeFactor: 16, seed: 1)
        _ = try BulkLoader(options: options, threads: 1).load(into: folder + "/interests.kith") { sink in
            for index in 0..<interests.edgeCount {
                let edge = interests.edge(at: index)
                try sink.add(
                    NodeKey(edge.source), .interests, NodeKey(edge.target), weight: edge.weight.map(Double.init))
            }
        }
    }

    /// Opens what ``prepare(in:)`` made.
    public init(in folder: String) throws {
        self.folder = folder
        follows = try GraphStore(opening: folder + "/follows.kith", options: MicroFixture.options)
        interests = try GraphStore(opening: folder + "/interests.kith", options: MicroFixture.options)
        var generator = SeededGenerator(seed: 1)
        let graph = MicroFixture.graph
        func edge() -> (source: NodeKey, target: NodeKey) {
            let edge = graph.edge(at: .random(in: 0..<graph.edgeCount, using: &generator))
            return (NodeKey(edge.source), NodeKey(edge.target))
        }
        // Every other one is an edge of the graph; the ends of the others belong to two edges.
        edges = (0..<500).flatMap { _ in
            let (one, other) = (edge(), edge())
            return [one, (one.source == other.target ? other.source : one.source, other.target)]
        }
        keys = edges.map(\.source)
        let keys = keys
        ids = try follows.read { snapshot in try keys.map { try snapshot.id(of: $0)! } }
        modest = try follows.read { snapshot in
            let degrees = try keys.map { (key: $0, degree: try snapshot.degree(of: $0, via: .follows)) }
            return degrees.sorted { $0.degree < $1.degree }.prefix(50).map(\.key)
        }
        interested = (0..<50).map { _ in
            NodeKey(UInt64.random(in: 0..<1 << UInt64(MicroFixture.socialScale), using: &generator))
        }
    }

    /// A file small enough for a tool that counts instructions to map, and no waiting for the disk.
    static let options = GraphStore.Options(durability: .none, sizeMax: 1 << 30)

    /// Loads the text on one thread.
    static func load(_ text: String, into path: String) throws {
        _ = try loader.load([.init(type: .follows, path: text)], into: path)
    }

    /// One thread, so that the same is done in every run.
    static let loader = BulkLoader(options: options, threads: 1, memoryBytes: 1 << 28)
}

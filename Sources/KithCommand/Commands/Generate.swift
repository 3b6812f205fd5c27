import ArgumentParser
import Kith

/// `kith generate`
struct Generate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write a seeded graph to try things on, as an edge list.",
        discussion: """
            rmat: directed follows with the skew of real social networks (Chakrabarti, Zhan and Faloutsos, 2004; \
            a = .57, b = c = .19), 2^SCALE labels in random order. social: friendships within and across communities.
            """)

    @Argument(help: "rmat or social.") var model: GraphModel
    @Option(help: "2^SCALE nodes.") var scale = 12
    @Option(help: "Edges per node.") var edgeFactor = 8
    @Option(help: "The same seed gives the same graph.") var seed: UInt64 = 1
    @Option(help: "Write the edges there instead of to standard output.") var output: String?

    func validate() throws {
        guard (1...32).contains(scale), (1...1_024).contains(edgeFactor) else {
            throw ValidationError("--scale is 1 to 32 and --edge-factor 1 to 1024")
        }
    }

    func run() throws {
        var writer = try LineWriter(path: output)
        let graph = GeneratedGraph(model, scale: scale, edgeFactor: edgeFactor, seed: seed)
        for index in 0..<graph.edgeCount {
            let edge = graph.edge(at: index)
            try writer.write("\(edge.source)\t\(edge.target)")
        }
        try writer.finish()
    }
}

extension GraphModel: ExpressibleByArgument {}

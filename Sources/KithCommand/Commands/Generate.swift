import ArgumentParser
import Foundation
import Kith

/// `kith generate`
struct Generate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write a seeded graph to try things on, as an edge list.",
        discussion: """
            rmat: directed follows with the skew of real social networks (Chakrabarti, Zhan and Faloutsos, 2004; \
            a = .57, b = c = .19), 2^SCALE labels in random order. social: communities with friendships, shared \
            interests (users, topics, weights) and interactions (users, users, weights, times).

            It streams: SCALE 26 takes no more memory than SCALE 6.

            Examples:
              kith generate rmat --scale 20 --edge-factor 16 --output follows.tsv
              kith generate social --relation interests --scale 16 | kith load s.kith --edges interests=-
            """)

    @Argument(help: "rmat or social.") var model: GraphModel
    @Option(help: "What the edges are: links, interests or interactions; rmat has links only.")
    var relation: GeneratedRelation = .links
    @Option(help: "2^SCALE users.") var scale = 12
    @Option(help: "Links per user; half as many interests, twice as many interactions.") var edgeFactor = 8
    @Option(help: "The same seed gives the same graph.") var seed: UInt64 = 1
    @Option(help: "Write the edges there instead of to standard output.") var output: String?

    func validate() throws {
        guard (1...32).contains(scale), (1...1_024).contains(edgeFactor) else {
            throw ValidationError("--scale is 1 to 32 and --edge-factor 1 to 1024")
        }
        guard model == .social || relation == .links else { throw ValidationError("rmat has links only") }
    }

    func run() throws {
        var writer = try LineWriter(path: output)
        let graph = GeneratedGraph(model, relation, scale: scale, edgeFactor: edgeFactor, seed: seed)
        var lines = NumberLines()
        for index in 0..<graph.edgeCount {
            let edge = graph.edge(at: index)
            lines.append(edge.source)
            // Topics are words, so that they are not taken for users.
            lines.append(relation == .interests ? "\tt" : "\t")
            lines.append(edge.target)
            if let weight = edge.weight {
                lines.append("\t")
                lines.append(UInt64(weight))
            }
            if let time = edge.time {
                lines.append("\t")
                lines.append(UInt64(time.rawValue))
            }
            lines.append("\n")
            if lines.isLong { try writer.write(lines.take()) }
        }
        try writer.write(lines.take())
        try writer.finish()
    }
}

/// Lines of numbers, gathered until there are many.
private struct NumberLines {
    private var bytes: [UInt8] = []
    private static let bytesMax = 1 << 16

    var isLong: Bool { bytes.count > NumberLines.bytesMax }

    mutating func append(_ text: StaticString) {
        for index in 0..<text.utf8CodeUnitCount { bytes.append(unsafe text.utf8Start[index]) }
    }

    mutating func append(_ number: UInt64) {
        let first = bytes.count
        var rest = number
        repeat {
            bytes.append(UInt8(ascii: "0") + UInt8(rest % 10))
            rest /= 10
        } while rest > 0
        bytes[first...].reverse()
    }

    mutating func take() -> [UInt8] {
        defer { bytes.removeAll(keepingCapacity: true) }
        return bytes
    }
}

extension GraphModel: ExpressibleByArgument {}
extension GeneratedRelation: ExpressibleByArgument {}

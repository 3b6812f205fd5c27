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

            --format is how the edges are written, to a file too: TSV unless it is csv, jsonl or json. It streams: SCALE \
            26 takes no more memory than SCALE 6.

            Examples:
              kith generate rmat --scale 20 --edge-factor 16 --output follows.tsv
              kith generate social --relation interests --scale 16 | kith load s.kith --edges interests=-
            """)

    @Argument(help: "rmat or social.") var model: GraphModel
    @Option(help: "What the edges are: links, interests or interactions; rmat has links only.")
    var relation: GeneratedRelation = .links
    @Option(help: "2^SCALE users.") var scale = 12
    @Option(help: "Links per user; half as many interests, twice as many interactions.") var edgeFactor = 8
    @Option(help: ArgumentHelp("The same seed gives the same graph.", valueName: "number"))
    var seed: UInt64 = 1
    @Option(
        help: ArgumentHelp("Write the edges there instead of to standard output.", valueName: "file"),
        completion: .file())
    var output: String?
    @OptionGroup var file: FileModeOption
    @OptionGroup var printing: OutputOptions

    func validate() throws {
        guard file.mode == nil || output != nil else { throw ValidationError("--mode goes with --output") }
        guard (1...32).contains(scale), (1...1_024).contains(edgeFactor) else {
            throw ValidationError("--scale is 1 to 32 and --edge-factor 1 to 1024")
        }
        guard model == .social || relation == .links else { throw ValidationError("rmat has links only") }
    }

    func run() throws {
        let access = file.mode.map { OutputFile.Access.exactly($0.bits) } ?? .usual
        var writer = try LineWriter(path: output, access: access, protected: ProtectedFiles())
        let interruption = try Interruption()
        let graph = GeneratedGraph(model, relation, scale: scale, edgeFactor: edgeFactor, seed: seed)
        let line = printing.progressLine
        defer { line.clear() }
        var lines = NumberLines(printing.format, hasTopics: relation == .interests)
        for index in 0..<graph.edgeCount {
            let edge = graph.edge(at: index)
            lines.append(edge.source, edge.target, edge.weight.map { UInt64($0) }, edge.time?.rawValue)
            if lines.isLong {
                if interruption.wasRequested() { throw Interrupted(description: "interrupted; nothing was made") }
                try writer.write(lines.take())
                line.show("generating", done: Int(index) + 1, of: Int(graph.edgeCount), unit: "edges")
            }
        }
        lines.end()
        try writer.write(lines.take())
        line.clear()
        try writer.finish()
    }
}

/// Lines of numbers in some format, gathered until there are many.
private struct NumberLines {
    private let format: OutputFormat
    /// What stands before the second number: topics are words, so that they are not taken for users.
    private let topic: String
    private var bytes: [UInt8] = []
    private var isFirst = true
    private static let bytesMax = 1 << 16

    init(_ format: OutputFormat, hasTopics: Bool) {
        self.format = format
        topic = hasTopics ? "t" : ""
    }

    var isLong: Bool { bytes.count > NumberLines.bytesMax }

    mutating func append(_ source: UInt64, _ target: UInt64, _ weight: UInt64?, _ time: UInt32?) {
        switch format {
        case .table: append(source, "\t", target, "\t", weight, "\t", time, "\n")
        case .csv, .safeCSV:
            if isFirst { append("from,to" + (weight == nil ? "" : ",weight") + (time == nil ? "" : ",time") + "\n") }
            append(source, ",", target, ",", weight, ",", time, "\n")
        case .json, .jsonl:
            if format == .json { append(isFirst ? "[\n" : ",\n") }
            append("{\"from\": \"")
            append(
                source, "\", \"to\": \"", target, "\", \"weight\": ", weight, ", \"time\": ", time,
                (weight == nil ? "\"}" : "}") + (format == .json ? "" : "\n"))
        }
        isFirst = false
    }

    /// One line: the numbers that are there, each behind what stands before it.
    @inline(__always)
    private mutating func append(
        _ source: UInt64, _ beforeTarget: String, _ target: UInt64, _ beforeWeight: String, _ weight: UInt64?,
        _ beforeTime: String, _ time: UInt32?, _ end: String
    ) {
        append(source)
        append(beforeTarget)
        append(topic)
        append(target)
        if let weight {
            append(beforeWeight)
            append(weight)
        }
        if let time {
            append(beforeTime)
            append(UInt64(time))
        }
        append(end)
    }

    mutating func end() {
        if format == .json { append(isFirst ? "[]\n" : "\n]\n") }
    }

    private mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }

    private mutating func append(_ number: UInt64) {
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

import ArgumentParser
import Kith

/// `kith stats`
struct Stats: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "What the store holds and how large it is.",
        discussion: """
            "version" is that of the file format, and "features" are the parts of the format, by number, that a program has \
            to know to read the store, and to write to it.

            With --degrees also how many edges the nodes have, by type and direction: of the nodes that have any, the \
            greatest, the mean, and what half, 90 and 99 in a hundred do not exceed. That reads the whole store.

            Examples:
              kith stats people.kith
              kith stats people.kith --degrees --format json
            """)

    @OptionGroup var store: StoreArgument
    @Flag(help: "Add the distribution of degrees; reads every edge.") var degrees = false
    @OptionGroup var limits: WorkLimit
    @OptionGroup var output: OutputOptions

    func run() throws {
        let store = try store.openToLookAfter()
        let statistics = try store.statistics()
        let distributions = degrees ? try limits.read(store) { try Stats.distributions(in: $0) } : nil
        try Report(
            json: json(statistics, distributions), headings: ["what", "count"], rows: rows(statistics, distributions)
        ).print(as: output.format)
    }

    /// Every type in both directions; a symmetric one is read once.
    private static func distributions(
        in snapshot: borrowing Snapshot
    ) throws -> [(type: EdgeType.Name, out: DegreeDistribution, in: DegreeDistribution)] {
        try snapshot.schema.edgeTypes.map { type in
            let out = try snapshot.degreeDistribution(of: type.name)
            return (
                type.name, out, type.isSymmetric ? out : try snapshot.degreeDistribution(of: type.name, direction: .in)
            )
        }
    }

    private typealias Distributions = [(type: EdgeType.Name, out: DegreeDistribution, in: DegreeDistribution)]

    private func json(_ statistics: StoreStatistics, _ distributions: Distributions?) -> JSON {
        var members: [(String, JSON)] = [
            ("version", .integer(Int(statistics.formatVersion))),
            (
                "features",
                .object([
                    ("read", .array(statistics.featuresToRead.numbers.map { .integer($0) })),
                    ("write", .array(statistics.featuresToWrite.numbers.map { .integer($0) })),
                ])
            ),
            ("nodes", .object(statistics.nodes.map { ($0.kind.name, .integer($0.count)) })),
            ("edges", .object(statistics.edges.map { ($0.type.text, .integer($0.count)) })),
            ("bytes", .integer(statistics.bytes)), ("freeBytes", .integer(statistics.freeBytes)),
            ("freePages", .integer(statistics.freePages)), ("pageBytes", .integer(statistics.pageBytes)),
            ("bytesPerEdge", bytesPerEdge(statistics)),
            ("nodeBytes", .object(statistics.nodes.map { ($0.kind.name, .integer($0.bytes)) })),
            ("edgeBytes", .object(statistics.edges.map { ($0.type.text, .integer($0.bytes)) })),
            (
                "bytesPerEdgeOfType",
                .object(statistics.edges.map { ($0.type.text, $0.bytesPerEdge.map { .number($0) } ?? .null) })
            ),
            ("uuid", .string(statistics.uuid)), ("created", .integer(Int(statistics.created))),
            ("readers", .array(statistics.readers.map(\.json))),
            ("oldestReaderCommitsBehind", oldest(statistics)),
        ]
        if let distributions {
            members.append(
                (
                    "degrees",
                    .object(
                        distributions.map { ($0.type.text, .object([("out", $0.out.json), ("in", $0.in.json)])) })
                ))
        }
        return .object(members)
    }

    private func rows(_ statistics: StoreStatistics, _ distributions: Distributions?) -> [[JSON]] {
        var rows: [[JSON]] = [
            [.string("version"), .integer(Int(statistics.formatVersion))],
            [.string("features to read"), Stats.list(statistics.featuresToRead)],
            [.string("features to write"), Stats.list(statistics.featuresToWrite)],
        ]
        rows += statistics.nodes.map { [.string("nodes \($0.kind)"), .integer($0.count)] }
        rows += statistics.edges.map { [.string("edges \($0.type)"), .integer($0.count)] }
        rows += [
            [.string("bytes"), .integer(statistics.bytes)], [.string("free bytes"), .integer(statistics.freeBytes)],
            [.string("free pages"), .integer(statistics.freePages)],
            [.string("bytes per edge"), bytesPerEdge(statistics)],
        ]
        rows += statistics.edges.compactMap { edges in
            edges.bytesPerEdge.map { [.string("bytes per edge \(edges.type)"), .number($0)] }
        }
        rows += [
            [.string("readers"), .integer(statistics.readers.count)],
            [.string("commits behind the oldest reader"), oldest(statistics)],
        ]
        for distribution in (distributions ?? []).flatMap({ [$0.out, $0.in] }) where distribution.nodes > 0 {
            rows += distribution.summary.map { name, value in
                [.string("degree \(distribution.type) \(distribution.direction.rawValue) \(name)"), value]
            }
        }
        return rows
    }

    private static func list(_ features: FormatFeatures) -> JSON {
        features.isEmpty ? .string("none") : .string(features.numbers.map(String.init).joined(separator: " "))
    }

    private func bytesPerEdge(_ statistics: StoreStatistics) -> JSON {
        let edges = statistics.edges.reduce(0) { $0 + $1.count }
        return edges == 0 ? .null : .number(Double(statistics.bytes) / Double(edges))
    }

    private func oldest(_ statistics: StoreStatistics) -> JSON {
        statistics.oldestReaderCommitsBehind.map { .integer($0) } ?? .null
    }
}

extension DegreeDistribution {
    /// What `stats` tells of it.
    fileprivate var summary: [(String, JSON)] {
        [
            ("nodes", .integer(nodes)), ("max", .integer(degreeMax)), ("mean", .number(mean)),
            ("p50", .integer(percentile(0.5))), ("p90", .integer(percentile(0.9))),
            ("p99", .integer(percentile(0.99))),
        ]
    }

    fileprivate var json: JSON { .object(summary) }
}

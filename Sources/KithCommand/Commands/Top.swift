import ArgumentParser
import Kith

/// `kith top`
struct Top: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List who, or what, gets most attention.",
        discussion: """
            followers counts the edges that point at a node; recent does, too, an edge the less the older it is; \
            interactions adds up their weights; pagerank is PageRank from everywhere; composite is the mean of the four. \
            Hidden accounts are left out, unless --include-hidden is given.

            Examples:
              kith top people.kith
              kith top people.kith --by pagerank --via follows --limit 100
              kith top people.kith --by recent --via views
            """)

    @OptionGroup var store: StoreArgument
    @Option(help: ArgumentHelp("What counts as attention.", valueName: "name"))
    var by: Popularity.Measure = .followers
    @Option(
        help: ArgumentHelp(
            "The edges that are attention; friends when the store has any, else follows, unless given.",
            valueName: "type"))
    var via: EdgeType.Name?
    @Option(help: "The half-life of 'recent', and of its part of 'composite', in days; 30 unless given.")
    var halfLifeDays: Double?
    @Option(help: "How many at most.") var limit = 10
    @Flag(help: "List hidden accounts, too.") var includeHidden = false
    @OptionGroup var limits: WorkLimit
    @OptionGroup var output: OutputOptions

    func validate() throws { try checkHalfLife(days: halfLifeDays) }

    func run() throws {
        if halfLifeDays != nil, by != .recent, by != .composite {
            throw UsageError.notRead("--half-life-days", by: by.rawValue, readers: ["recent", "composite"])
        }
        let attention = Popularity(
            by, halfLifeSeconds: halfLifeDays.map { $0 * 86_400 } ?? Popularity.usualHalfLifeSeconds)
        let (top, kind) = try limits.read(store.openToRead()) { snapshot in
            let top = try snapshot.top(by: attention, via: via, limit: limit, includesHidden: includeHidden)
            // Interactions may be of a type of their own.
            let type = try via ?? (by == .interactions ? nil : snapshot.relation)
            return (top, type.flatMap { snapshot.kind(at: $0, .out) })
        }
        let json = JSON.object([
            ("by", .string(by.rawValue)),
            (
                "results",
                .array(
                    top.enumerated().map { index, node in
                        .object([
                            ("rank", .integer(index + 1)), ("key", .string(node.key.description)),
                            ("score", .number(node.score)),
                        ])
                    })
            ),
        ])
        let rows: [[JSON]] = top.enumerated().map { index, node in
            [.integer(index + 1), .string(node.key.description), .number(node.score)]
        }
        try Report(json: json, headings: ["rank", "key", "score"], rows: rows, kind: kind).print(as: output.format)
    }
}

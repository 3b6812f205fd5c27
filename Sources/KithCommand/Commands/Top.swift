import ArgumentParser
import Kith

/// `kith top`
struct Top: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List who, or what, gets most attention.",
        discussion: """
            followers counts the edges that point at a node; recent does, too, an edge the less the older it is; \
            interactions adds up their weights; pagerank is PageRank from everywhere; composite is the mean of the four.

            Examples:
              kith top people.kith
              kith top people.kith --by pagerank --via follows --limit 100
              kith top people.kith --by recent --via views
            """)

    @OptionGroup var store: StoreArgument
    @Option(help: ArgumentHelp("What counts as attention.", valueName: "name"))
    var by: Attention.Measure = .followers
    @Option(
        help: ArgumentHelp(
            "The edges that are attention; friends when the store has any, else follows, unless given.",
            valueName: "type"))
    var via: EdgeType.Name?
    @Option(help: "The half-life of 'recent', in days.") var halfLifeDays = 30.0
    @Option(help: "How many at most.") var limit = 10
    @OptionGroup var output: OutputOptions

    func run() throws {
        let attention = Attention(by, halfLifeSeconds: halfLifeDays * 86_400)
        let top = try store.openToRead().read { snapshot in
            try snapshot.top(by: attention, via: via, limit: limit)
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
        try Report(json: json, headings: ["rank", "key", "score"], rows: rows).print(as: output.format)
    }
}

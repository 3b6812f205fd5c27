import ArgumentParser
import Kith

/// `kith similar`
struct Similar: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List the nodes most like one.",
        discussion: """
            Like means: with the same neighbours, by the cosine of both lists. With --in those that the same nodes point \
            at: accounts with the same audience. Friends are not left out. Hidden accounts are, unless --include-hidden is \
            given; so are those the node blocks, is blocked by or has dismissed.

            Examples:
              kith similar people.kith alice --via interests --score tfidf-cosine
              kith similar people.kith video42 --via views --in
            """)

    @OptionGroup var store: StoreArgument
    @Argument(help: "The node's key.", completion: .nodeKey) var node: String
    @Option(
        help: ArgumentHelp(
            "The edges that are compared; friends when the store has any, else follows, unless given.",
            valueName: "type"))
    var via: EdgeType.Name?
    @Flag(name: .customLong("in"), help: "Compare the edges that point at the nodes.") var isIn = false
    @Option(help: ArgumentHelp("The formula.", valueName: "formula"))
    var score: TwoHopScore = .cosine
    @Option(help: "How many at most.") var limit = 10
    @Flag(help: "List hidden accounts, too.") var includeHidden = false
    @OptionGroup var output: OutputOptions

    func run() throws {
        let key = try parseKey(node)
        let (list, kind) = try store.openToRead().read { snapshot in
            let type = try via ?? snapshot.relation
            let list = try snapshot.similar(
                to: key, via: type, direction: isIn ? .in : .out, score: score, limit: limit,
                includesHidden: includeHidden)
            return (list, snapshot.kind(at: type, isIn ? .out : .in))
        }
        let json = JSON.object([
            ("node", .string(key.description)),
            (
                "results",
                .array(
                    list.map { result in
                        .object([
                            ("rank", .integer(result.rank)), ("key", .string(result.user.description)),
                            ("score", .number(result.score)), ("shared", .integer(result.evidence[0].paths)),
                        ])
                    })
            ),
        ])
        let rows: [[JSON]] = list.map { result in
            [
                .integer(result.rank), .string(result.user.description), .number(result.score),
                .integer(result.evidence[0].paths),
                .array(result.evidence[0].through.map { .string($0.description) }),
            ]
        }
        try Report(json: json, headings: ["rank", "key", "score", "shared", "through"], rows: rows, kind: kind)
            .print(as: output.format)
    }
}

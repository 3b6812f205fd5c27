import ArgumentParser
import Kith

/// `kith why`
struct Why: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Say why someone is suggested to a user, or why not.",
        discussion: """
            Takes the flags of 'recommend', and answers from the same request: whoever is in its list has the rank and the \
            score of the list. Someone who is not is joined already, blocked, dismissed, hidden, excluded, of another kind, \
            without a path or with too few, or too far down the list: it says which.

            Examples:
              kith why people.kith alice dora
              kith why people.kith alice dora --by friends-of-friends --score paths
            """)

    @OptionGroup var store: StoreArgument
    @Argument(help: "The user's key.", completion: .nodeKey) var user: String
    @Argument(help: "The candidate's key.", completion: .nodeKey) var candidate: String
    @OptionGroup var request: RequestOptions
    @OptionGroup var limits: WorkLimit
    @OptionGroup var output: OutputOptions

    func run() throws {
        let request = try request.makeRequest()
        let (user, candidate) = (try parseKey(user), try parseKey(candidate))
        let why = try limits.read(store.openToRead()) { snapshot in
            try self.request.checkKeys(of: request, in: snapshot)
            return try snapshot.why(candidate, for: user, request)
        }
        var members: [(String, JSON)] = [
            ("user", .string(user.description)), ("candidate", .string(candidate.description)),
            ("suggested", .bool(why.isSuggested)), ("reason", .string(reason(why, limit: request.limit))),
            ("rank", why.rank.map { .integer($0) } ?? .null), ("candidates", .integer(why.candidateCount)),
            ("score", .number(why.score)), ("evidence", .array(why.evidence.map(\.json))),
        ]
        if let fallback = why.fallback { members.append(("fallback", .string(fallback.rawValue))) }
        let rows: [[JSON]] =
            [[.string(reason(why, limit: request.limit)), .null, .null, .null]]
            + why.evidence.map { evidence in
                [
                    .string(evidence.by.rawValue), .number(evidence.score), .integer(evidence.paths),
                    .array(evidence.through.map { .string($0.description) }),
                ]
            }
        try Report(json: .object(members), headings: ["why", "score", "paths", "through"], rows: rows).print(
            as: output.format)
    }

    private func reason(_ why: Explanation, limit: Int) -> String {
        let asked = why.fallback.map { ", by \($0.rawValue) because those asked for find nobody" } ?? ""
        if let exclusion = why.exclusion { return "not suggested: \(exclusion)\(asked)" }
        guard let rank = why.rank else {
            return "not suggested: no path leads there\(why.isComplete ? "" : " within the budget")\(asked)"
        }
        let place = "rank \(rank) of \(why.candidateCount)\(asked)"
        return why.isSuggested ? "suggested: \(place)" : "not suggested: \(place), and \(limit) are"
    }
}

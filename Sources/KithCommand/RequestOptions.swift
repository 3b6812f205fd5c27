import ArgumentParser
import Foundation
import Kith

/// The flags that make up a ``RecommendationRequest``.
///
/// Every flag is heeded or refused by name. A flag of one method goes to the methods that read it, and there has to be
/// one; a restriction goes to all that are named, and the library refuses it for those that do not read it.
struct RequestOptions: ParsableArguments {
    /// What `--by` takes: the library's methods, and the blend of several.
    struct Method: ExpressibleByArgument, Equatable {
        /// nil for the standard blend.
        let method: Recommender.Method?

        init?(argument: String) {
            if argument == "blend" {
                method = nil
            } else if let method = Recommender.Method.allCases.first(where: { $0.rawValue == argument }) {
                self.method = method
            } else {
                return nil
            }
        }

        init(method: Recommender.Method?) { self.method = method }

        static var allValueStrings: [String] { ["blend"] + Recommender.Method.allCases.map(\.rawValue) }
    }

    @Option(
        help: ArgumentHelp(
            "How candidates are found; see 'kith recommend --help'. Given again, several are blended.",
            valueName: "name"))
    var by: [Method] = []
    @Option(parsing: .upToNextOption, help: ArgumentHelp("The edge types to walk.", valueName: "type"))
    var via: [EdgeType.Name] = []
    @Option(help: ArgumentHelp("The formula of walks.", valueName: "formula"))
    var score: TwoHopScore?
    @Option(help: "How many suggestions at most; 10 unless given.") var limit: Int?
    @Option(help: "How many intermediates each suggestion names; 3 unless given.") var evidence: Int?
    @Flag(help: "Where those named by --by, --via or a filter find nobody, ask interests, then attention.")
    var fallback = false

    @Option(help: "PageRank: the probability of starting again; 0.5 unless given.") var restart: Double?
    @Option(help: "PageRank: the greatest L1 error; unless given only the top of the list is made good.") var tolerance:
        Double?
    @Option(
        help:
            "Walks: how many edges may be visited; \"complete\" says whether that was enough. PageRank: 256 times all unless given."
    ) var budget: Int?
    @Option(
        help: "PageRank: return to this node, one of several alike, in place of the user.", completion: .nodeKey)
    var seed: [String] = []
    @Flag(help: "PageRank: walk the edges of --via both ways.") var undirected = false
    @Option(help: "user-based: how many similar users are asked; 50 unless given.") var neighbors: Int?
    @Option(help: "attention: what counts as attention; followers unless given.") var measure: Popularity.Measure?

    @Option(help: "Candidates need as many paths.") var minimumPaths: Int?
    @Option(help: "Intermediates with more neighbours are skipped.") var maximumDegree: Int?
    @Option(help: ArgumentHelp("Only edges of this time or later.", valueName: "time"))
    var since: String?
    @Option(help: ArgumentHelp("Only edges of this time or earlier.", valueName: "time"))
    var until: String?
    @Option(help: "Weights are halved for every so many days of age: by formulas that use weights.")
    var halfLifeDays: Double?

    @Option(help: ArgumentHelp("Never suggest this key.", valueName: "key"), completion: .nodeKey)
    var exclude: [String] = []
    @Option(help: ArgumentHelp("Suggest only the keys in this file.", valueName: "file"), completion: .file())
    var only: String?
    @Option(help: "Candidates need as many followers.") var minimumFollowers: Int?
    @Option(help: ArgumentHelp("Candidates need to have done something since.", valueName: "time"))
    var activeSince: String?
    @Flag(help: "Refuse keys that the store does not have in place of a warning: of --exclude, --only, --users.")
    var strict = false

    @Option(help: "How several lists become one; weighted-sum unless given.") var blend: RecommendationRequest.Blend?
    @Option(help: "At most so many suggestions share the strongest intermediate.") var sameIntermediate: Int?
    @Option(
        help: ArgumentHelp("The request as JSON, in place of the flags above; - is standard input.", valueName: "file"),
        completion: .file())
    var request: String?

    func validate() throws {
        guard limit ?? 0 >= 0, evidence ?? 0 >= 0 else {
            throw ValidationError("--limit and --evidence need to be 0 or more")
        }
        try checkHalfLife(days: halfLifeDays)
    }
}

/// Refuses a half-life that is none, in the unit it was given in.
func checkHalfLife(days: Double?) throws {
    if let days, !(days > 0) { throw ValidationError("--half-life-days needs to be above 0, found \(days)") }
}

extension RequestOptions {
    /// The request the flags describe.
    func makeRequest() throws -> RecommendationRequest {
        if let request { return try read(request) }
        var filters = RecommendationFilters()
        filters.excluding = Set(try exclude.map(parseKey))
        if let only {
            var keys: Set<NodeKey> = []
            let lines = try KeyLines(path: only)
            while let key = try lines.next() { keys.insert(key) }
            filters.only = keys
        }
        filters.minimumFollowers = minimumFollowers
        filters.activeSince = try activeSince.map(parseTime)
        let recommenders = try recommenders()
        if recommenders.count == 1, blend != nil {
            throw UsageError(
                description: "--blend is for several lists, and --by names one; leave it out, or give --by again")
        }
        let request = RecommendationRequest(
            recommenders, limit: limit ?? 10, evidenceLimit: evidence ?? 3, blend: blend ?? .weightedSum,
            filters: filters, fallback: fallback ? RecommendationRequest.standardFallback : nil,
            sameIntermediateMax: sameIntermediate)
        do {
            try request.validate()
        } catch {
            throw RequestOptions.worded(error)
        }
        return request
    }

    /// Says of how many keys the store knows nothing, or refuses them.
    func checkKeys(of request: RecommendationRequest, in snapshot: borrowing Snapshot) throws {
        let filters = request.filters
        if filters.excluding.isEmpty, filters.only?.isEmpty ?? true { return }
        let unknown = try snapshot.unknownKeys(in: request)
        let kind = try snapshot.prepare(request).candidates
        let isFile = self.request != nil
        for (keys, flag, member, count) in [
            (unknown.excluding, "--exclude", "excluding", filters.excluding.count),
            (unknown.only, "--only", "only", filters.only?.count ?? 0),
        ] {
            guard let first = keys.first else { continue }
            try UnknownKeys(
                list: isFile ? "'filters.\(member)'" : flag, count: count, unknownCount: keys.count, first: first,
                kind: kind
            ).report(isStrict: strict)
        }
    }

    private func recommenders() throws -> [Recommender] {
        let options = WalkOptions(
            minimumPaths: minimumPaths, maximumDegree: maximumDegree, since: try since.map(parseTime),
            until: try until.map(parseTime), halfLifeSeconds: halfLifeDays.map { $0 * 86_400 }, budget: budget)
        var methods = by
        // Flags of walks without a method mean the walk everybody means.
        if methods.isEmpty, !via.isEmpty || score != nil || options != WalkOptions() {
            methods = [Method(method: .friendsOfFriends)]
        }
        let recommenders = methods.flatMap { method in
            method.method.map { [Recommender($0)] } ?? RecommendationRequest.standard
        }
        try checkReaders(among: recommenders.map(\.by))
        return try recommenders.map { try with($0, options) }
    }

    /// Sees to it that somebody reads the flags that are of some methods only.
    private func checkReaders(among methods: [Recommender.Method]) throws {
        let pageRankFlags: [(flag: String, isGiven: Bool)] = [
            ("--restart", restart != nil), ("--tolerance", tolerance != nil), ("--seed", !seed.isEmpty),
            ("--undirected", undirected),
        ]
        let named =
            methods.isEmpty
            ? "the standard blend unless --by names it" : methods.map(\.rawValue).joined(separator: ", ")
        for (flag, isGiven) in pageRankFlags where isGiven && !methods.contains(where: { $0.reads(.pageRank) }) {
            throw UsageError.notRead(flag, by: named, readers: ["pagerank", "blend"])
        }
        if undirected, via.isEmpty {
            throw UsageError(description: "--undirected is about the types of --via; name them")
        }
        for (flag, isGiven, member) in [
            ("--neighbors", neighbors != nil, Recommender.Member.neighborsMax),
            ("--measure", measure != nil, .attention),
        ] where isGiven && !methods.contains(where: { $0.reads(member) }) {
            let readers = Recommender.Method.allCases.filter { $0.reads(member) }
            throw UsageError.notRead(flag, by: named, readers: readers.map(\.rawValue))
        }
        let scored = Recommender.Method.allCases.filter(\.hasFormula)
        if score != nil, !methods.contains(where: scored.contains) {
            throw UsageError.notRead("--score", by: named, readers: scored.map(\.rawValue))
        }
    }

    /// A recommender with what the flags say.
    private func with(_ recommender: Recommender, _ options: WalkOptions) throws -> Recommender {
        var changed = recommender
        var options = options
        if let score, changed.by.hasFormula { changed.score = score }
        if changed.by.reads(.neighborsMax) { changed.neighborsMax = neighbors }
        if changed.by.reads(.pageRank) {
            changed.pageRank = PersonalizedPageRank(
                via: via.flatMap { type in
                    undirected ? [Hop.Step(type, .out), Hop.Step(type, .in)] : [Hop.Step(type, .out)]
                },
                restart: restart ?? 0.5, tolerance: tolerance, budget: options.budget,
                seeds: try seed.map { PersonalizedPageRank.Seed(try parseKey($0)) })
            options.budget = nil
        } else if !via.isEmpty {
            changed.via = via
        }
        if changed.by.reads(.attention), measure != nil || options.halfLifeSeconds != nil {
            let measure = measure ?? .followers
            if options.halfLifeSeconds != nil, measure != .recent, measure != .composite {
                throw UsageError.notRead(
                    "--half-life-days", by: "attention's measure \(measure.rawValue)", readers: ["recent", "composite"])
            }
            changed.attention = Popularity(
                measure, halfLifeSeconds: options.halfLifeSeconds ?? Popularity.usualHalfLifeSeconds)
            options.halfLifeSeconds = nil
        }
        if options != WalkOptions() { changed.options = options }
        return changed
    }

    /// A refusal of the library, by the flag's name in place of the member's.
    private static func worded(_ error: GraphStoreError) -> any Error {
        guard case .notRead(let member, let reader, let readers) = error else { return error }
        return UsageError.notRead(flag(of: member), by: reader, readers: readers)
    }

    /// The flag that gives a member of a recommender.
    private static func flag(of member: String) -> String {
        switch member {
        case "halfLifeSeconds": return "--half-life-days"
        case "neighborsMax": return "--neighbors"
        default:
            return "--" + member.map { $0.isUppercase ? "-\($0.lowercased())" : String($0) }.joined()
        }
    }
}

extension RequestOptions {
    /// The request in a file, which stands in place of all flags but `--strict`.
    private func read(_ path: String) throws -> RecommendationRequest {
        let flags: [(flag: String, isGiven: Bool)] = [
            ("--by", !by.isEmpty), ("--via", !via.isEmpty), ("--score", score != nil), ("--limit", limit != nil),
            ("--evidence", evidence != nil), ("--fallback", fallback), ("--restart", restart != nil),
            ("--tolerance", tolerance != nil), ("--budget", budget != nil), ("--seed", !seed.isEmpty),
            ("--undirected", undirected), ("--neighbors", neighbors != nil), ("--measure", measure != nil),
            ("--minimum-paths", minimumPaths != nil), ("--maximum-degree", maximumDegree != nil),
            ("--since", since != nil), ("--until", until != nil), ("--half-life-days", halfLifeDays != nil),
            ("--exclude", !exclude.isEmpty), ("--only", only != nil), ("--minimum-followers", minimumFollowers != nil),
            ("--active-since", activeSince != nil), ("--blend", blend != nil),
            ("--same-intermediate", sameIntermediate != nil),
        ]
        if let other = flags.first(where: \.isGiven)?.flag {
            throw UsageError(
                description:
                    "--request stands in place of \(other); leave out one of them, or write it into the request")
        }
        let json = try InputFile.text(of: path)
        do {
            return try RecommendationRequest(json: json, relativeTo: .ofSystemClock)
        } catch {
            throw RequestOptions.placed(error, in: path)
        }
    }

    /// A refusal of a request, with the file that it is in.
    private static func placed(_ error: GraphStoreError, in path: String) -> GraphStoreError {
        switch error {
        case .badRequest(let reason): .badRequest("'\(path)' is no request: \(reason)")
        case .badTime(let member, let error): .badTime(member: "'\(path)', \(member)", error)
        default: error
        }
    }
}

extension Popularity.Measure: ExpressibleByArgument {}
extension RecommendationRequest.Blend: ExpressibleByArgument {}

extension UsageError {
    /// A flag that nobody asked reads.
    static func notRead(_ flag: String, by reader: String, readers: [String]) -> UsageError {
        UsageError(
            description: "\(flag) is not read by \(reader); leave it out, or ask one that reads it: "
                + readers.joined(separator: ", "))
    }
}

import ArgumentParser
import Foundation
import Kith

/// The flags that make up a ``RecommendationRequest``.
struct RequestOptions: ParsableArguments {
    /// What `--by` takes: the library's methods, and the blend of several.
    struct Method: ExpressibleByArgument, Equatable {
        /// nil for the standard blend.
        let method: Recommender.Method?

        init?(argument: String) {
            if argument == "blend" {
                method = nil
            } else if let method = Recommender.Method(rawValue: argument) {
                self.method = method
            } else {
                return nil
            }
        }

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
    @Option(help: "How many suggestions at most.") var limit = 10
    @Option(help: "How many intermediates each suggestion names.") var evidence = 3

    @Option(help: "PageRank: the probability of starting again; 0.5 unless given.") var restart: Double?
    @Option(help: "PageRank: the greatest L1 error; unless given only the top of the list is made good.") var tolerance:
        Double?
    @Option(help: "Walks: how many edges may be visited; \"complete\" says whether that was enough.") var budget: Int?
    @Option(
        help: "PageRank: return to this node, one of several alike, in place of the user.", completion: .nodeKey)
    var seed: [String] = []
    @Flag(help: "PageRank: walk edges both ways.") var undirected = false
    @Option(help: "user-based: how many similar users are asked; 50 unless given.") var neighbors: Int?
    @Option(help: "attention: what counts as attention; followers unless given.") var measure: Attention.Measure?

    @Option(help: "Candidates need as many paths.") var minimumPaths: Int?
    @Option(help: "Intermediates with more neighbours are skipped.") var maximumDegree: Int?
    @Option(help: ArgumentHelp("Only edges of this time or later.", valueName: "time"))
    var since: String?
    @Option(help: ArgumentHelp("Only edges of this time or earlier.", valueName: "time"))
    var until: String?
    @Option(help: "Weights are halved for every so many days of age.") var halfLifeDays: Double?

    @Option(help: ArgumentHelp("Never suggest this key.", valueName: "key"), completion: .nodeKey)
    var exclude: [String] = []
    @Option(help: ArgumentHelp("Suggest only the keys in this file.", valueName: "file"), completion: .file())
    var only: String?
    @Option(help: "Candidates need as many followers.") var minimumFollowers: Int?
    @Option(help: ArgumentHelp("Candidates need to have done something since.", valueName: "time"))
    var activeSince: String?

    @Option(help: "How several lists become one.")
    var blend: RecommendationRequest.Blend = .weightedSum
    @Option(help: "At most so many suggestions share the strongest intermediate.") var sameIntermediate: Int?
    @Option(
        help: ArgumentHelp("The request as JSON, in place of the flags above; - is standard input.", valueName: "file"),
        completion: .file())
    var request: String?

    func validate() throws {
        guard limit >= 0, evidence >= 0 else { throw ValidationError("--limit and --evidence need to be 0 or more") }
    }

    /// The request the flags describe.
    func makeRequest() throws -> RecommendationRequest {
        if let request {
            do {
                return try JSONDecoder().decode(RecommendationRequest.self, from: try contents(of: request))
            } catch let error as DecodingError {
                throw GraphStoreError.badRequest("'\(request)' is no request: \(error.explanation)")
            }
        }
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
        return RecommendationRequest(
            try recommenders(), limit: limit, evidenceLimit: evidence, blend: blend, filters: filters,
            sameIntermediateMax: sameIntermediate)
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
        var recommenders: [Recommender] = []
        for method in methods {
            guard let by = method.method else {
                recommenders += try RecommendationRequest.standard.map { try with($0, options) }
                continue
            }
            recommenders.append(try with(Recommender(by, score: score), options))
        }
        return recommenders
    }

    private func with(_ recommender: Recommender, _ options: WalkOptions) throws -> Recommender {
        var changed = recommender
        if !via.isEmpty { changed.via = via }
        if options != WalkOptions() { changed.options = options }
        changed.neighborsMax = neighbors
        if changed.by == .pageRank {
            changed.pageRank = PersonalizedPageRank(
                via: via.flatMap { type in
                    undirected ? [Hop.Step(type, .out), Hop.Step(type, .in)] : [Hop.Step(type, .out)]
                },
                restart: restart ?? 0.5, tolerance: tolerance, budget: budget,
                seeds: try seed.map { PersonalizedPageRank.Seed(try parseKey($0)) })
        }
        if changed.by == .attention, let measure { changed.attention = Attention(measure) }
        return changed
    }

    private func contents(of path: String) throws -> Data {
        if path == "-" {
            try RunningVerb.checkStandardInput()
            return FileHandle.standardInput.readDataToEndOfFile()
        }
        do {
            return try Data(contentsOf: URL(fileURLWithPath: path))
        } catch {
            throw LoadError.cannotRead(path: path, reason: unsafe String(cString: strerror(errno)))
        }
    }
}

extension RequestOptions.Method {
    init(method: Recommender.Method?) { self.method = method }
}

extension Attention.Measure: ExpressibleByArgument {}
extension RecommendationRequest.Blend: ExpressibleByArgument {}

extension DecodingError {
    /// What is wrong, and where.
    fileprivate var explanation: String {
        let (context, what): (Context, String) =
            switch self {
            case .typeMismatch(_, let context): (context, context.debugDescription)
            case .valueNotFound(_, let context): (context, context.debugDescription)
            case .keyNotFound(let key, let context): (context, "'\(key.stringValue)' is missing")
            case .dataCorrupted(let context): (context, context.debugDescription)
            @unknown default: (Context(codingPath: [], debugDescription: ""), "\(self)")
            }
        let place = context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }.joined(separator: ".")
        return place.isEmpty ? what : "\(place): \(what)"
    }
}

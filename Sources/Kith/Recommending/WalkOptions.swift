/// What a walk leaves out, and how much it may do. Without any, a walk is exact and takes everything.
public struct WalkOptions: Hashable, Sendable, Codable {
    /// Candidates need as many paths; 1 unless given.
    public var minimumPaths: Int?
    /// An intermediate with a longer second-hop list is skipped.
    public var maximumDegree: Int?
    /// Only edges of this time or later. An edge whose time is not known is left out then. A hop whose types have no times
    /// is walked as it is beside one that has them; where no hop has, the walk is refused.
    public var since: Timestamp?
    /// Only edges of this time or earlier.
    public var until: Timestamp?
    /// An edge's weight is halved for every so many seconds of its age: for formulas that use weights, on types that have
    /// times; others refuse it. An edge whose time is not known keeps its weight.
    public var halfLifeSeconds: Double?
    /// How many edges may be visited; the result says when there were more. Intermediates come in ascending id.
    public var budget: Int?

    enum CodingKeys: String, CodingKey, CaseIterable {
        case minimumPaths, maximumDegree, since, until, halfLifeSeconds, budget
    }

    /// Options, none unless given.
    public init(
        minimumPaths: Int? = nil, maximumDegree: Int? = nil, since: Timestamp? = nil, until: Timestamp? = nil,
        halfLifeSeconds: Double? = nil, budget: Int? = nil
    ) {
        self.minimumPaths = minimumPaths
        self.maximumDegree = maximumDegree
        self.since = since
        self.until = until
        self.halfLifeSeconds = halfLifeSeconds
        self.budget = budget
    }

    /// Reads options; what is missing is none, and a member that is not known is refused.
    public init(from decoder: any Decoder) throws {
        let members = try decoder.members(CodingKeys.self)
        self.init(
            minimumPaths: try members.decodeIfPresent(Int.self, forKey: .minimumPaths),
            maximumDegree: try members.decodeIfPresent(Int.self, forKey: .maximumDegree),
            since: try members.decodeIfPresent(Timestamp.self, forKey: .since),
            until: try members.decodeIfPresent(Timestamp.self, forKey: .until),
            halfLifeSeconds: try members.decodeIfPresent(Double.self, forKey: .halfLifeSeconds),
            budget: try members.decodeIfPresent(Int.self, forKey: .budget))
    }

    /// Whether edges are left out by their time.
    var filtersTimes: Bool { since != nil || until != nil }

    func validate() throws(GraphStoreError) {
        func need(_ value: Int?, _ least: Int, _ name: String) throws(GraphStoreError) {
            if let value, value < least {
                throw .badRequest("'\(name)' needs to be \(least) or more, found \(value)")
            }
        }
        try need(minimumPaths, 1, "minimumPaths")
        try need(maximumDegree, 1, "maximumDegree")
        try need(budget, 0, "budget")
        if let halfLifeSeconds, !(halfLifeSeconds > 0) {
            throw .badRequest("'halfLifeSeconds' needs to be above 0, found \(halfLifeSeconds)")
        }
        if let since, let until, since > until {
            throw .badRequest("'since' needs to be no later than 'until', found \(since) and \(until)")
        }
    }
}

extension EdgeAging {
    /// What the options let through, and what of it fades, at a moment.
    init(_ options: WalkOptions, now: Timestamp) {
        self.init(
            now: now.rawValue, since: options.since?.rawValue ?? 0, until: options.until?.rawValue ?? .max,
            halfLifeSeconds: options.halfLifeSeconds)
    }
}

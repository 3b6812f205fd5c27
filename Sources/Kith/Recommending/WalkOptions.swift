/// What a walk leaves out, and how much it may do. Without any, a walk is exact and takes everything.
public struct WalkOptions: Hashable, Sendable, Codable {
    /// Candidates need as many paths; 1 unless given.
    public var minimumPaths: Int?
    /// An intermediate with a longer second-hop list is skipped.
    public var maximumDegree: Int?
    /// Only edges of this time or later. An edge whose time is not known is left out then; a type without times is not
    /// affected.
    public var since: Timestamp?
    /// Only edges of this time or earlier.
    public var until: Timestamp?
    /// An edge's weight is halved for every so many seconds of its age: matters to formulas that use weights, on types that
    /// have times. An edge whose time is not known keeps its weight.
    public var halfLifeSeconds: Double?
    /// How many edges may be visited; the result says when there were more. Intermediates come in ascending id.
    public var budget: Int?

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

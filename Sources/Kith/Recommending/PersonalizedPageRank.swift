/// Recommends those a random walk from the user visits most: personalised PageRank.
///
/// From a node the walk returns to its seeds with probability ``restart``, and always from a node without edges to walk;
/// otherwise it takes an edge with probability W / ΣW, W being the edge's weight times the multiplier of its type:
/// pi = α Σ (1 - α)^k s P^k (Page, Brin, Motwani and Winograd 1999; Jeh and Widom 2003).
public struct PersonalizedPageRank: Hashable, Sendable, Codable {
    /// The edge types walked and their directions; by default, where it is empty, as a recommender's is.
    public var via: [Hop.Step]
    /// What the weights of each of ``via`` are multiplied by; 1 where it is shorter.
    public var multipliers: [Double]
    /// The probability of returning, above 0 and at most 1. 0.15 is the textbook's; for recommending 0.5 is as good or
    /// better on all graphs measured, and costs a fraction.
    public var restart: Double
    /// Exact mode: the L1 error of the vector is at most this. Serving mode when nil: good for the top of the list, and the
    /// result says how much probability was left unassigned.
    public var tolerance: Double?
    /// How many edges may be walked; the result says when there were more to walk.
    public var budget: Int?

    /// A walk, of one or several edge types.
    public init(
        via: [Hop.Step] = [], multipliers: [Double] = [], restart: Double = 0.5, tolerance: Double? = nil,
        budget: Int? = nil
    ) {
        self.via = via
        self.multipliers = multipliers
        self.restart = restart
        self.tolerance = tolerance
        self.budget = budget
    }

    /// Reads a walk; what is missing is as in a new one.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            via: try container.decodeIfPresent([Hop.Step].self, forKey: .via) ?? [],
            multipliers: try container.decodeIfPresent([Double].self, forKey: .multipliers) ?? [],
            restart: try container.decodeIfPresent(Double.self, forKey: .restart) ?? 0.5,
            tolerance: try container.decodeIfPresent(Double.self, forKey: .tolerance),
            budget: try container.decodeIfPresent(Int.self, forKey: .budget))
    }

    func validate() throws(GraphStoreError) {
        guard restart > 0, restart <= 1 else {
            throw .badRequest("'restart' needs to be above 0 and at most 1, found \(restart)")
        }
        if let tolerance, !(tolerance > 0) {
            throw .badRequest("'tolerance' needs to be above 0, found \(tolerance)")
        }
        if let budget, budget < 0 { throw .badRequest("'budget' needs to be 0 or more, found \(budget)") }
        for multiplier in multipliers where !(multiplier > 0 && multiplier.isFinite) {
            throw .badRequest("a multiplier needs to be a finite number above 0, found \(multiplier)")
        }
    }
}

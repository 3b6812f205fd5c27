/// Recommends those a random walk from the user visits most: personalised PageRank.
///
/// From a node the walk returns to its seeds with probability ``restart``, and always from a node without edges to walk;
/// otherwise it takes an edge with probability W / ΣW, W being the edge's weight times the multiplier of its type:
/// pi = α Σ (1 - α)^k s P^k (Page, Brin, Motwani and Winograd 1999; Jeh and Widom 2003).
public struct PersonalizedPageRank: Hashable, Sendable, Codable {
    /// A node the walk returns to, and how often compared to the others.
    public struct Seed: Hashable, Sendable, Codable {
        /// Which node.
        public var key: NodeKey
        /// A share of the returns in proportion to this, above 0.
        public var weight: Double

        enum CodingKeys: String, CodingKey, CaseIterable {
            case key, weight
        }

        /// A node and its weight.
        public init(_ key: NodeKey, weight: Double = 1) {
            self.key = key
            self.weight = weight
        }

        /// Reads a seed; its weight is 1 unless given.
        public init(from decoder: any Decoder) throws {
            let container = try decoder.members(CodingKeys.self)
            self.init(
                try container.decode(NodeKey.self, forKey: .key),
                weight: try container.decodeIfPresent(Double.self, forKey: .weight) ?? 1)
        }
    }

    /// Where the walk begins and returns to; the user alone where it is empty.
    public var seeds: [Seed]
    /// The edge types walked and their directions; by default, where it is empty, as a recommender's is.
    public var via: [Hop.Step]
    /// What the weights of each of ``via`` are multiplied by; 1 where it is shorter, and never longer.
    public var multipliers: [Double]
    /// The probability of returning, above 0 and at most 1. 0.15 is the textbook's; for recommending 0.5 is as good or
    /// better on all graphs measured, and costs a fraction.
    public var restart: Double
    /// Exact mode: the L1 error of the vector is at most this. Serving mode when nil: good for the top of the list, and the
    /// result says how much probability was left unassigned.
    public var tolerance: Double?
    /// How many edges may be walked; 256 times all edges of the walk unless given. A result that met this bound says that it
    /// is not complete, and how much probability was left unassigned.
    public var budget: Int?

    enum CodingKeys: String, CodingKey, CaseIterable {
        case seeds, via, multipliers, restart, tolerance, budget
    }

    /// A walk, of one or several edge types.
    public init(
        via: [Hop.Step] = [], multipliers: [Double] = [], restart: Double = 0.5, tolerance: Double? = nil,
        budget: Int? = nil, seeds: [Seed] = []
    ) {
        self.seeds = seeds
        self.via = via
        self.multipliers = multipliers
        self.restart = restart
        self.tolerance = tolerance
        self.budget = budget
    }

    /// Reads a walk; what is missing is as in a new one.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.members(CodingKeys.self)
        self.init(
            via: try container.decodeIfPresent([Hop.Step].self, forKey: .via) ?? [],
            multipliers: try container.decodeIfPresent([Double].self, forKey: .multipliers) ?? [],
            restart: try container.decodeIfPresent(Double.self, forKey: .restart) ?? 0.5,
            tolerance: try container.decodeIfPresent(Double.self, forKey: .tolerance),
            budget: try container.decodeIfPresent(Int.self, forKey: .budget),
            seeds: try container.decodeIfPresent([Seed].self, forKey: .seeds) ?? [])
    }

    func validate() throws(GraphStoreError) {
        guard restart > 0, restart <= 1 else {
            throw .badRequest("'restart' needs to be above 0 and at most 1, found \(restart)")
        }
        if let tolerance, !(tolerance > 0) {
            throw .badRequest("'tolerance' needs to be above 0, found \(tolerance)")
        }
        if let budget, budget < 0 { throw .badRequest("'budget' needs to be 0 or more, found \(budget)") }
        for seed in seeds where !(seed.weight > 0 && seed.weight.isFinite) {
            throw .badRequest("a seed's weight needs to be a finite number above 0, found \(seed.weight)")
        }
        for multiplier in multipliers where !(multiplier > 0 && multiplier.isFinite) {
            throw .badRequest("a multiplier needs to be a finite number above 0, found \(multiplier)")
        }
    }
}

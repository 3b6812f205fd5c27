import Kith
import Measuring

/// The mode without a tolerance: time, residual and precision of the ten best new accounts.
///
/// Precision is the share of the list whose exact score is at least that of the exact tenth, so of equals any will do.
/// Exact is the power iteration in C to an L1 error of 1e-10; 1e-8 on R-MAT, where a user takes it seconds.
struct Serving {
    private let graph: MeasuredGraph
    private let restart: Double
    private let users: [Int]
    private let plain: PowerIteration

    init(_ graph: MeasuredGraph, restart: Double, userCount: Int) {
        self.graph = graph
        self.restart = restart
        users = graph.plain.sample(userCount, seed: 4)
        plain = PowerIteration(graph)
    }

    func measure(_ rounds: Int, _ table: MarkdownTable) throws {
        let walk = Recommender(.pageRank, pageRank: PersonalizedPageRank(via: [graph.type], restart: restart))
        let request = RecommendationRequest([walk], limit: 10, evidenceLimit: 0, fallback: [])
        var (own, other) = ([Samples](), [Samples]())
        var residuals = Samples()
        var found: [[Ranked]] = []
        for round in 0...rounds {
            var lists: [RecommendationList] = []
            let ownRound = try graph.store.read { snapshot in
                let prepared = try snapshot.prepare(request)
                var times = Samples()
                for user in users {
                    lists.append(try times.time { try snapshot.recommend(prepared, for: graph.key(user)) })
                }
                return times
            }
            if round == 0 {
                // Warms up; every round finds the same.
                found = lists.map { $0.map(graph.ranked) }
                residuals = Samples(lists.map { $0.residual ?? .nan })
                continue
            }
            own.append(ownRound)
            var times = Samples()
            for user in users { _ = times.time { plain.top(of: user, restart: restart, tolerance: 1e-4) } }
            other.append(times)
        }
        let exact = plain.exact(of: users, restart: restart, tolerance: graph.plain.nodeCount > 1 << 19 ? 1e-8 : 1e-10)
        let precision = Samples(zip(found, exact).compactMap(Serving.precision))
        let ratios = Samples(zip(own, other).map { $0.mean / $1.mean })
        let (kith, c) = (Serving.typical(own), Serving.typical(other))
        table.row([
            graph.name, "\(restart)", "\(users.count)", decimal(c.mean, 2), decimal(kith.mean, 2),
            decimal(kith.median, 2),
            decimal(kith.quantile(0.99), 2), decimal(ratios.median, 3), ratios.spread(3), decimal(residuals.mean, 5),
            decimal(residuals.values.max() ?? .nan, 5), decimal(precision.mean, 3), target,
        ])
    }

    /// Each user's median of the rounds, in milliseconds, so that what else the machine did does not count.
    private static func typical(_ rounds: [Samples]) -> Samples {
        Samples(rounds[0].values.indices.map { user in 1e3 * Samples(rounds.map { $0.values[user] }).median })
    }

    private static func precision(_ found: [Ranked], _ exact: (scores: [Double], top: [Ranked])) -> Double? {
        guard let tenth = exact.top.last?.score else { return nil }
        let right = found.count { exact.scores[$0.node] >= tenth * (1 - 1e-9) }
        return Double(right) / Double(exact.top.count)
    }

    private var target: String {
        let time = restart == 0.5 ? "0.20" : "0.12"
        return switch graph.name {
        case "Cornell5", "epinions": "\(time), 0.99"
        case "R-MAT 20": "\(time), 0.95"
        default: ""
        }
    }
}

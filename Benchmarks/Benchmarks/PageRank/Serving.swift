import Foundation
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
        var (own, textbook, watching) = ([Samples](), [Samples](), [Samples]())
        var (residuals, steps) = (Samples(), Samples())
        var found: [[Ranked]] = []
        for round in 0...rounds {
            var lists: [RecommendationList] = []
            let times = try graph.store.read { snapshot in
                let prepared = try snapshot.prepare(request)
                return try users.map { user in
                    try seconds { lists.append(try snapshot.recommend(prepared, for: graph.key(user))) }
                }
            }
            if round == 0 {
                // Warms up; every round finds the same.
                found = lists.map { $0.map(graph.ranked) }
                residuals = Samples(lists.map { $0.residual ?? .nan })
                continue
            }
            own.append(Samples(times))
            textbook.append(
                Samples(users.map { user in seconds { plain.findTop(of: user, restart: restart, steps: stepsMax) } }))
            watching.append(
                Samples(
                    users.map { user in
                        seconds {
                            let taken = plain.findTop(of: user, restart: restart, tolerance: Serving.tolerance)
                            steps.append(Double(taken))
                        }
                    }))
        }
        let exact = plain.exact(of: users, restart: restart, tolerance: graph.plain.nodeCount > 1 << 19 ? 1e-8 : 1e-10)
        let precision = Samples(zip(found, exact).compactMap(Serving.precision))
        let kith = Serving.typical(own)
        table.row(
            [graph.name, "\(restart)", "\(users.count)"]
                + [kith.mean, kith.median, kith.quantile(0.99)].map { decimal($0, 2) }
                + Serving.cells(own, textbook, steps: "\(stepsMax)") + [target]
                + Serving.cells(own, watching, steps: decimal(steps.mean, 1)) + [
                    decimal(residuals.mean, 5), decimal(residuals.values.max() ?? .nan, 5), decimal(precision.mean, 3),
                    precisionTarget,
                ])
    }

    /// A power iteration's time and steps, and the share of it that Kith takes.
    private static func cells(_ own: [Samples], _ other: [Samples], steps: String) -> [String] {
        let ratios = Samples(zip(own, other).map { $0.mean / $1.mean })
        return ["\(decimal(typical(other).mean, 2)) (\(steps))", "\(decimal(ratios.median, 3)) (\(ratios.spread(3)))"]
    }

    /// The L1 error of the power iteration that time is compared with.
    private static let tolerance = 1e-4

    /// The textbook's number of steps: (1 - restart)^steps bounds what is left to walk, whatever the graph.
    private var stepsMax: Int { Int((log(Serving.tolerance) / log(1 - restart)).rounded(.up)) }

    /// Each user's median of the rounds, in milliseconds, so that what else the machine did does not count.
    private static func typical(_ rounds: [Samples]) -> Samples {
        Samples(rounds[0].values.indices.map { user in 1e3 * Samples(rounds.map { $0.values[user] }).median })
    }

    private static func precision(_ found: [Ranked], _ exact: (scores: [Double], top: [Ranked])) -> Double? {
        guard let tenth = exact.top.last?.score else { return nil }
        let right = found.count { exact.scores[$0.node] >= tenth * (1 - 1e-9) }
        return Double(right) / Double(exact.top.count)
    }

    private var isTarget: Bool { ["Cornell5", "epinions", "R-MAT 20"].contains(graph.name) }
    private var target: String { isTarget ? restart == 0.5 ? "0.20" : "0.12" : "" }
    private var precisionTarget: String { isTarget ? graph.name == "R-MAT 20" ? "0.95" : "0.99" : "" }
}

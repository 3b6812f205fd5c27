import Kith
import Measuring

/// The mode with a tolerance, to an L1 error of 1e-8 at restart 0.2, as published PageRank solvers are measured.
///
/// The error is the sum over all nodes but the user's own, whom a list never has, against C to 1e-12.
struct ExactMode {
    private static let (restart, tolerance) = (0.2, 1e-8)

    private let graph: MeasuredGraph
    private let users: [Int]

    init(_ graph: MeasuredGraph) {
        self.graph = graph
        users = graph.plain.sample(20, seed: 5)
    }

    func measure(_ rounds: Int) throws {
        let plain = PowerIteration(graph)
        var (own, other, errors) = (Samples(), Samples(), Samples())
        for _ in 0..<rounds {
            for user in users {
                _ = other.time { plain.findTop(of: user, restart: ExactMode.restart, tolerance: ExactMode.tolerance) }
                _ = try own.time { try ask(user, limit: 10) }
            }
        }
        let exact = plain.exact(of: users, restart: ExactMode.restart, tolerance: 1e-12)
        for (user, exact) in zip(users, exact) {
            var left = exact.scores
            for result in try ask(user, limit: graph.plain.nodeCount) {
                let ranked = graph.ranked(result)
                left[ranked.node] -= ranked.score
            }
            left[user] = 0
            errors.append(left.reduce(0) { $0 + abs($1) })
        }
        let table = MarkdownTable(
            "\(graph.name): exact mode to L1 1e-8 at restart 0.2, \(users.count) users, one thread, ms",
            ["", "mean", "p50", "p99", "L1 error, greatest"])
        table.row(["Kith"] + cells(own) + [String(errors.values.max() ?? .nan)])
        table.row(["C, power iteration"] + cells(other) + [""])
    }

    private func cells(_ times: Samples) -> [String] {
        [times.mean, times.median, times.quantile(0.99)].map { decimal(1e3 * $0, 1) }
    }

    private func ask(_ user: Int, limit: Int) throws -> RecommendationList {
        let walk = PersonalizedPageRank(
            via: [graph.type], restart: ExactMode.restart, tolerance: ExactMode.tolerance)
        let request = RecommendationRequest(
            [Recommender(.pageRank, pageRank: walk)], limit: limit, evidenceLimit: 0,
            filters: RecommendationFilters(joinedBy: limit == 10 ? nil : []), fallback: [])
        return try graph.store.read { snapshot in try snapshot.recommend(request, for: graph.key(user)) }
    }
}

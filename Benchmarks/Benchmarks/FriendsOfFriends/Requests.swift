import Foundation
import Kith
import Measuring

/// The ten best of two hops, one user after the other on one thread, by both sides in turn: number of paths,
/// Adamic-Adar.
///
/// The users are 1,000 with edges, the same in every run. Every answer is checked: both sides find the same scores, and
/// the same nodes but for those that tie with the last.
struct Requests {
    private static let userCount = 1_000

    private let graph: MeasuredGraph
    private let users: [Int]
    private let weights: [Double]
    private let scratch: PlainScratch

    init(_ graph: MeasuredGraph) {
        self.graph = graph
        users = graph.plain.sample(Requests.userCount, seed: 1)
        scratch = PlainScratch(nodeCount: graph.plain.nodeCount)
        // deg(x) of a directed type is in-degree plus out-degree.
        var degrees = (0..<graph.plain.nodeCount).map { graph.plain.degree($0) }
        for place in 0..<graph.plain.arcCount { degrees[graph.plain.target(at: place)] += 1 }
        weights = degrees.map { $0 < 2 ? 0 : 1 / log(Double($0)) }
    }

    func measure(rounds: Int) throws {
        var rows = Array(repeating: [[Double]](), count: 4)
        var ratios = Array(repeating: Samples(), count: 3)
        for round in 0...rounds {
            var own = Array(repeating: Samples(), count: 4)
            var answers: [[[Ranked]]] = []
            answers.append(users.map { user in own[0].time { scratch.topPaths(graph.plain, of: user) }.ranked })
            answers.append(try asked(.paths, &own[1]))
            answers.append(
                users.map { user in own[2].time { scratch.topWeightedPaths(graph.plain, weights, of: user) }.ranked })
            answers.append(try asked(.adamicAdar, &own[3]))
            // The first round warms up, and is the one whose answers are checked.
            if round == 0 {
                check(answers[1], against: answers[0])
                check(answers[3], against: answers[2])
                continue
            }
            for side in own.indices { rows[side].append(own[side].values) }
            ratios[0].append(own[1].mean / own[0].mean)
            ratios[1].append(own[3].mean / own[2].mean)
            ratios[2].append(own[3].mean / own[1].mean)
        }
        // A user's time is the median of the rounds, so that what else the machine did does not count.
        let times = rows.map { rows in
            Samples(users.indices.map { user in 1e6 * Samples(rows.map { $0[user] }).median })
        }
        let table = MarkdownTable(
            "\(graph.name), \(graph.plain.arcCount) edges: top 10 of two hops, \(users.count) users, one thread, "
                + "\(rounds) rounds in turn, µs",
            ["", "C mean", "C p50", "C p99", "Kith mean", "Kith p50", "Kith p99", "Kith / C", "spread", "target"])
        for (place, name) in ["paths", "Adamic-Adar"].enumerated() {
            let (plain, kith) = (times[2 * place], times[2 * place + 1])
            table.row(
                [name]
                    + [plain, kith].flatMap {
                        [decimal($0.mean, 1), decimal($0.median, 1), decimal($0.quantile(0.99), 0)]
                    }
                    + [decimal(ratios[place].median, 2), ratios[place].spread(2), place == 0 ? target : ""])
        }
        table.row(
            ["Adamic-Adar / paths, both Kith"] + Array(repeating: "", count: 6)
                + [decimal(ratios[2].median, 2), ratios[2].spread(2), "at most 1.3"])
    }

    private var target: String {
        switch graph.name {
        case "R-MAT 20": "at most 0.55"
        case "R-MAT 22": "at most 0.40"
        default: ""
        }
    }

    private func asked(_ score: TwoHopScore, _ times: inout Samples) throws -> [[Ranked]] {
        let request = RecommendationRequest(
            [FriendsOfFriends.by(score, graph)], limit: 10, evidenceLimit: 0, fallback: [])
        return try graph.store.read { snapshot in
            let prepared = try snapshot.prepare(request)
            return try users.map { user in
                let list = try times.time { try snapshot.recommend(prepared, for: graph.key(user)) }
                return list.map(graph.ranked)
            }
        }
    }

    private func check(_ found: [[Ranked]], against expected: [[Ranked]]) {
        for (place, (found, expected)) in zip(found, expected).enumerated() {
            let user = users[place]
            precondition(found.count == expected.count, "user \(user): \(found.count) results, not \(expected.count)")
            for (one, other) in zip(found, expected) {
                precondition(
                    abs(one.score - other.score) <= 1e-9 * other.score,
                    "user \(user): \(one) where \(other) is expected")
            }
            guard let last = expected.last?.score else { continue }
            func better(_ list: [Ranked]) -> Set<Int> {
                Set(list.filter { $0.score > last * (1 + 1e-9) }.map(\.node))
            }
            precondition(better(found) == better(expected), "user \(user): other nodes of the same scores")
        }
    }
}

extension FriendsOfFriends {
    /// Two hops along the graph's edges.
    static func by(_ score: TwoHopScore, _ graph: MeasuredGraph) -> Recommender {
        Kith.FriendsOfFriends(via: graph.type, score: score).recommender
    }
}

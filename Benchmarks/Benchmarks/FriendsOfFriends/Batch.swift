import Foundation
import Kith
import Measuring
import Synchronization

/// One request for many users, as `kith recommend --all` makes it, on one thread and on all cores in turn.
///
/// The users are drawn from all that have edges, because in order of their ids the first have by far the most to walk;
/// KITH_ALL=1 asks for every node of the store in place of those. Where the machine has other work the rate says little
/// of how it scales; the processor's time a user, which more threads should leave as it is, does.
struct Batch {
    private static let userCount = 50_000

    private let graph: MeasuredGraph
    private let users: [NodeKey]
    private let isForAll = Surroundings.number("KITH_ALL", unless: 0) != 0

    init(_ graph: MeasuredGraph) {
        self.graph = graph
        users = graph.plain.sample(Batch.userCount, seed: 3).map { NodeKey(UInt64($0)) }
    }

    func measure(rounds: Int) throws {
        let cores = ProcessInfo.processInfo.activeProcessorCount
        let threadCounts = cores > 1 ? [1, 2] + (cores > 2 ? [cores] : []) : [1]
        var rates = Array(repeating: Samples(), count: threadCounts.count)
        var processor = Array(repeating: Samples(), count: threadCounts.count)
        var answered = 0
        for _ in 0..<rounds {
            var sums: [UInt64] = []
            for (place, threads) in threadCounts.enumerated() {
                var (count, sum): (Int, UInt64) = (0, 0)
                let before = processorSeconds
                let time = try seconds {
                    try run(threads: threads) { answer in
                        count += 1
                        for result in answer.list?.results ?? [] {
                            sum = sum &* 31 &+ (result.user.integer ?? 0) ^ result.score.bitPattern
                        }
                    }
                }
                processor[place].append(1e6 * (processorSeconds - before) / Double(count))
                answered = count
                sums.append(sum)
                rates[place].append(Double(count) / time)
            }
            precondition(Set(sums).count == 1, "other answers on more threads")
        }
        let table = MarkdownTable(
            "\(graph.name): one request for \(isForAll ? "all \(answered) nodes" : "\(answered) users"), "
                + "top 10 by paths, \(rounds) rounds",
            ["threads", "users/s", "spread", "times one thread", "target", "processor µs a user"])
        for (place, threads) in threadCounts.enumerated() {
            table.row([
                "\(threads)", decimal(rates[place].median, 0), rates[place].spread(0),
                decimal(rates[place].median / rates[0].median, 2), threads == 2 ? "at least 1.8" : "",
                decimal(processor[place].median, 1),
            ])
        }
    }

    private func run(threads: Int, _ onAnswer: (BatchAnswer) throws -> Void) throws {
        let request = RecommendationRequest(
            [FriendsOfFriends.by(.paths, graph)], limit: 10, evidenceLimit: 0, fallback: [])
        if isForAll {
            try graph.store.recommendationsForAll(request, threads: threads, onAnswer)
        } else {
            let users = users
            let next = Mutex(0)
            let source: @Sendable () -> NodeKey? = {
                next.withLock { next in
                    defer { next += 1 }
                    return next < users.count ? users[next] : nil
                }
            }
            try graph.store.recommendations(request, for: source, threads: threads, onAnswer)
        }
    }
}

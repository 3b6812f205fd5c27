import Foundation
import Kith
import Measuring

/// Friends of friends, neighbour lists and whole batches out of a store on disk, beside plain C arrays in memory.
///
///     KITH_SCALE=20,22 swift run -c release --package-path Benchmarks FriendsOfFriends
///
/// KITH_ROUNDS says how often both sides take turns (7), KITH_PARTS which tables are made (requests,lists,batch).
@main
enum FriendsOfFriends {
    static func main() throws {
        let rounds = Surroundings.number("KITH_ROUNDS", unless: 7)
        let parts = Surroundings.names("KITH_PARTS") ?? ["requests", "lists", "batch"]
        Surroundings.printMachine()
        try Surroundings.withFolder { folder in
            for scale in Surroundings.numbers("KITH_SCALE", unless: [20]) {
                let graph = try MeasuredGraph.rmat(scale: scale, in: folder)
                if parts.contains("requests") { try Requests(graph).measure(rounds: rounds) }
                if parts.contains("lists") { try Lists(graph, in: folder).measure(rounds: rounds) }
                if parts.contains("batch") { try Batch(graph).measure(rounds: min(rounds, 3)) }
            }
        }
    }
}

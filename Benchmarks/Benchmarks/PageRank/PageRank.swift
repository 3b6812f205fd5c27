import Kith
import Measuring

/// Personalised PageRank out of a store on disk: how good its serving mode is, and its time as a share of a plain power
/// iteration in C over arrays in memory.
///
///     swift run -c release --package-path Benchmarks PageRank
///
/// KITH_GRAPHS chooses (MIT8,Cornell5,epinions,livejournal50k,rmat), KITH_SCALE is the scale of R-MAT (20), KITH_ROUNDS
/// how often both sides take turns (3), KITH_DATA where the shared graphs are.
@main
enum PageRank {
    static func main() throws {
        let rounds = Surroundings.number("KITH_ROUNDS", unless: 3)
        let names = Surroundings.names("KITH_GRAPHS") ?? ["MIT8", "Cornell5", "epinions", "livejournal50k", "rmat"]
        Surroundings.printMachine()
        try Surroundings.withFolder { folder in
            var cornell: MeasuredGraph?
            let table = MarkdownTable(
                "Top 10 new accounts by PageRank, serving mode, one thread, ms; C: power iteration to L1 1e-4, once by "
                    + "the textbook's number of steps, once until the change says that it is there (steps)",
                [
                    "graph", "restart", "users", "Kith mean", "p50", "p99", "C", "Kith / C", "target", "C, watching",
                    "Kith / C", "residual mean", "max", "precision@10", "target",
                ])
            for name in names {
                guard let graph = try graph(name, in: folder) else { continue }
                for restart in [0.5, 0.15] {
                    try Serving(graph, restart: restart, userCount: name == "rmat" ? 8 : 100).measure(rounds, table)
                }
                if name == "Cornell5" { cornell = graph }
            }
            if let cornell { try ExactMode(cornell).measure(rounds) }
        }
    }

    private static func graph(_ name: String, in folder: String) throws -> MeasuredGraph? {
        switch name {
        case "MIT8", "Cornell5":
            try .shared(name, "facebook100/\(name).friends.tsv.gz", as: .friends, isSymmetric: true, in: folder)
        case "epinions": try .shared(name, "epinions/trust.tsv.gz", as: .follows, isSymmetric: false, in: folder)
        case "livejournal50k":
            try .shared(name, "livejournal50k/friends.tsv.gz", as: .friends, isSymmetric: true, in: folder)
        case "rmat": try .rmat(scale: Surroundings.number("KITH_SCALE", unless: 20), in: folder)
        default: fatalError("there is no graph '\(name)' to measure")
        }
    }
}

import Kith
import Measuring

/// LinkBench's mix of operations, as Facebook measured its social graph (Armstrong, Ponnekanti, Borthakur and
/// Callaghan, *SIGMOD* 2013), on Kith's store and on SQLite with the same work.
///
///     swift run -c release --package-path Benchmarks LinkBench
///
/// KITH_SCALE is the scale of the R-MAT graph both begin with (18), KITH_SECONDS how long each run takes (10),
/// KITH_THREADS how many there are (1,4,16), KITH_ROUNDS how often the sides take turns (1). Stores are where temporary
/// files are.
@main
enum LinkBench {
    static func main() throws {
        let seconds = Surroundings.number("KITH_SECONDS", unless: 10)
        let rounds = Surroundings.number("KITH_ROUNDS", unless: 1)
        let threadCounts = Surroundings.numbers("KITH_THREADS", unless: [1, 4, 16])
        Surroundings.printMachine()
        try Surroundings.withFolder { folder in
            let graph = try MeasuredGraph.rmat(scale: Surroundings.number("KITH_SCALE", unless: 18), in: folder)
            let workload = Workload(graph.plain)
            let sides: [any Side] = [
                try DurableKith(graph.plain, in: folder), try GroupedKith(graph.plain, in: folder),
                SQLiteSide(graph.plain, in: folder),
            ]
            let summary = Summary(graph, seconds: seconds)
            for threads in threadCounts {
                var runs = sides.map { _ in [Run]() }
                for round in 0..<rounds {
                    for (place, side) in sides.enumerated() {
                        runs[place].append(
                            try Run(side, workload, threads: threads, seconds: seconds, seed: UInt64(round + 1)))
                    }
                }
                summary.add(runs, of: sides, threads: threads)
            }
            summary.printOperations()
        }
    }
}

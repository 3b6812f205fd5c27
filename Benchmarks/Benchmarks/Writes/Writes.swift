import Kith
import Measuring

/// Edges written durably: one a commit, many a commit, and gathered from many tasks; beside bare LMDB and SQLite, with
/// what each gives to the disk.
///
///     swift run -c release --package-path Benchmarks Writes
///
/// Every side begins with the same R-MAT graph of scale KITH_SCALE (16), keeps both directions, and adds the same edges
/// between random nodes. KITH_ROUNDS says how often the sides take turns (3). The stores are where temporary files are:
/// TMPDIR needs to be on the disk meant.
@main
enum Writes {
    static func main() throws {
        let rounds = Surroundings.number("KITH_ROUNDS", unless: 3)
        Surroundings.printMachine()
        try Surroundings.withFolder { folder in
            let graph = try MeasuredGraph.rmat(scale: Surroundings.number("KITH_SCALE", unless: 16), in: folder)
            let sides: [any EdgeWriter] = [
                KithWriter(graph.store), LMDBWriter(graph.plain, in: folder), SQLiteWriter(graph.plain, in: folder),
            ]
            try SyncCost(in: folder).measure()
            try Commits(graph, sides, in: folder).measure(rounds)
            try Submissions(graph, in: folder).measure(rounds)
        }
    }
}

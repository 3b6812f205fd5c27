import Foundation
import Measuring

/// Rows loaded into a store while another process adds one edge at a time: how long an `add` stands, and what the load
/// takes; beside the same load alone, whose write transaction is the least that an `add` can have to wait for.
///
///     swift run -c release --package-path Benchmarks LiveLoad
///     swift run -c release --package-path Benchmarks LiveLoad --scale 14 --rows 30000
///
/// | argument | is | unless given |
/// |---|---|---|
/// | `--scale` | the scale of the R-MAT graph that every run begins with, of 16 edges a user | 20 |
/// | `--rows` | how many rows are loaded into it | 2000000 |
/// | `--rounds` | how often the runs take turns | 3 |
/// | `--pause` | milliseconds between two adds | 0 |
///
/// The store and the files are where temporary files are: TMPDIR needs to be on the disk meant, with 2 GB free at scale 20.
@main
enum LiveLoad {
    static func main() throws {
        let arguments = Arguments(
            CommandLine.arguments.dropFirst(), known: ["scale", "rows", "rounds", "pause"] + AddLoop.arguments)
        if let loop = AddLoop(arguments) { return try loop.run() }
        let scale = arguments.number("scale", unless: 20, in: 4...25)
        let rowCount = arguments.number("rows", unless: 2_000_000, in: 1...1 << 28)
        let rounds = arguments.number("rounds", unless: 3, in: 1...100)
        let pause = arguments.number("pause", unless: 0, in: 0...10_000)
        Surroundings.printMachine()
        try Surroundings.withFolder { folder in
            let inputs = try LoadInputs(scale: scale, rowCount: rowCount, in: folder)
            var runs = Runs(inputs, pauseMilliseconds: pause, in: folder)
            for round in 0..<rounds {
                try runs.measure(round)
                note("round \(round + 1) of \(rounds) is done")
            }
            runs.print(
                "\(rowCount) rows loaded into R-MAT \(scale) of \(inputs.counts.edges) edges while another process adds "
                    + "single edges, \(rounds) rounds in turn: median (least-greatest)")
        }
    }
}

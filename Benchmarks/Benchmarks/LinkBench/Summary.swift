import Measuring

/// Prints a row a run at once, and the operations of the last number of threads at the end.
final class Summary {
    private let graph: MeasuredGraph
    private let seconds: Int
    private var table: MarkdownTable
    private var last: (threads: Int, names: [String], runs: [[Run]]) = (0, [], [])

    init(_ graph: MeasuredGraph, seconds: Int) {
        self.graph = graph
        self.seconds = seconds
        table = MarkdownTable(
            "LinkBench's mix, \(graph.plain.nodeCount) nodes and \(graph.plain.arcCount) links, \(seconds) s each; ms",
            [
                "threads", "", "operations/s", "spread", "times SQLite", "reads p50", "p99", "writes p50", "p99",
                "neighbours a list", "target",
            ])
    }

    func add(_ runs: [[Run]], of sides: [any Side], threads: Int) {
        last = (threads, sides.map(\.name), runs)
        let rates = runs.map { Samples($0.map { Double($0.count) / $0.seconds }) }
        for (place, side) in sides.enumerated() {
            let reads = Samples(runs[place].flatMap { $0.times(\.isRead).values })
            let writes = Samples(runs[place].flatMap { $0.times { !$0.isRead }.values })
            let lists = runs[place].reduce(0) { $0 + $1.times { $0 == .getLinkList }.values.count }
            let listed = runs[place].reduce(0) { $0 + $1.listed }
            table.row([
                "\(threads)", side.name, decimal(rates[place].median, 0), rates[place].spread(0),
                decimal(rates[place].median / rates[sides.count - 1].median, 2), decimal(reads.median, 4),
                decimal(reads.quantile(0.99), 3), decimal(writes.median, 2), decimal(writes.quantile(0.99), 2),
                decimal(Double(listed) / Double(lists), 1),
                threads == 16 && place < sides.count - 1 ? "at least 1.5, read p99 no worse" : "",
            ])
        }
    }

    func printOperations() {
        let headings = last.names.flatMap { ["\($0): p50", "p99"] }
        let table = MarkdownTable("Each operation, \(last.threads) threads, ms", ["operation", "share"] + headings)
        for operation in Operation.allCases {
            let cells = last.runs.flatMap { runs in
                let times = Samples(runs.flatMap { $0.times { $0 == operation }.values })
                return times.values.isEmpty
                    ? ["", ""] : [decimal(times.median, 4), decimal(times.quantile(0.99), 3)]
            }
            table.row([operation.name, "\(decimal(Double(operation.share) / 100, 2))%"] + cells)
        }
    }
}

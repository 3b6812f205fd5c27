import Kith
import Measuring

/// Commits of 1, 100, 1,000 and 10,000 random edges, by every side in turn.
struct Commits {
    private let sides: [any EdgeWriter]
    private let folder: String
    private let nodes: [UInt32]

    init(_ graph: MeasuredGraph, _ sides: [any EdgeWriter], in folder: String) {
        self.sides = sides
        self.folder = folder
        nodes = graph.plain.sample(graph.plain.nodeCount, seed: 7).map(UInt32.init)
    }

    func measure(_ rounds: Int) throws {
        let table = MarkdownTable(
            "Durable commits of random edges, both directions, \(rounds) rounds in turn",
            [
                "edges a commit", "", "edges/s", "spread", "times SQLite", "µs a commit",
                "disk bytes an edge, whole machine",
                "pages given to write an edge", "target",
            ])
        var generator = SeededGenerator(seed: 8)
        for (size, commits) in [(1, 100), (100, 30), (1_000, 10), (10_000, 4)] {
            var rates = sides.map { _ in Samples() }
            var disk = sides.map { _ in DiskCounters() }
            for _ in 0..<rounds {
                let edges = random(size * commits, &generator)
                for (place, side) in sides.enumerated() {
                    let before = DiskCounters(ofDiskWith: folder)
                    let time = try seconds {
                        for commit in 0..<commits { try side.addAndCommit(edges[commit * size..<(commit + 1) * size]) }
                    }
                    disk[place] += DiskCounters(ofDiskWith: folder) - before
                    rates[place].append(Double(edges.count) / time)
                }
            }
            let count = Double(rounds * size * commits)
            for (place, side) in sides.enumerated() {
                let rate = rates[place].median
                table.row([
                    "\(size)", side.name, decimal(rate, 0), rates[place].spread(0),
                    decimal(rate / rates[sides.count - 1].median, 2), decimal(1e6 * Double(size) / rate, 0),
                    decimal(disk[place].written / count, 0), decimal(disk[place].given / count / 4096, 2),
                    side.name == "Kith" ? target(size) : "",
                ])
            }
        }
    }

    private func target(_ size: Int) -> String {
        size == 1 ? "at least half of SQLite" : size >= 1_000 ? "at least SQLite" : ""
    }

    /// Edges between random nodes of the graph, none to itself. Few of them are there already.
    private func random(_ count: Int, _ generator: inout SeededGenerator) -> [PlainEdge] {
        var edges: [PlainEdge] = []
        while edges.count < count {
            let edge = (nodes.randomElement(using: &generator)!, nodes.randomElement(using: &generator)!)
            if edge.0 != edge.1 { edges.append(edge) }
        }
        return edges
    }
}

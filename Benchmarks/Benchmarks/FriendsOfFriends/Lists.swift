import Kith
import Measuring

/// Neighbour lists found and decoded by one thread, of random nodes that have one, every neighbour added to a sum;
/// beside bare LMDB with a raw array of 4 bytes a neighbour under each node, and plain arrays in memory.
struct Lists {
    private static let listCount = 1_000_000

    private let graph: MeasuredGraph
    private let bare: BareLMDB
    private let nodes: [Int]
    private let ids: [NodeID]

    init(_ graph: MeasuredGraph, in folder: String) throws {
        self.graph = graph
        bare = BareLMDB(path: folder + "/lists-\(graph.name).lmdb")
        bare.putLists(of: graph.plain)
        let all = (0..<graph.plain.nodeCount).filter { graph.plain.degree($0) > 0 }
        var generator = SeededGenerator(seed: 2)
        let nodes = (0..<Lists.listCount).map { _ in all[Int.random(in: all.indices, using: &generator)] }
        self.nodes = nodes
        ids = try graph.store.read { snapshot in try nodes.map { try snapshot.id(of: NodeKey(UInt64($0)))! } }
        try check()
    }

    /// Every list of the first thousand is that of the arrays.
    private func check() throws {
        try graph.store.read { snapshot in
            for (node, id) in zip(nodes, ids).prefix(1_000) {
                var keys: [UInt32] = []
                var found: [UInt32] = []
                try snapshot.forEachNeighborGroup(of: id, via: graph.type) { group in
                    for index in group.indices { found.append(group[index]) }
                }
                for id in found { keys.append(UInt32(try snapshot.key(of: NodeID(rawValue: id))!.integer!)) }
                precondition(keys.sorted() == Array(graph.plain[node]), "node \(node) has another list in the store")
            }
        }
    }

    func measure(rounds: Int) throws {
        var rates = Array(repeating: Samples(), count: 3)
        var neighborRates = Array(repeating: Samples(), count: 3)
        let neighborCount = nodes.reduce(0) { $0 + graph.plain.degree($1) }
        for round in 0...rounds {
            var sums: [UInt64] = [0, 0, 0]
            let times = [
                try seconds { sums[0] = try sumLists() },
                seconds { sums[1] = bare.sumLists(of: nodes) },
                seconds { sums[2] = sumArrays() },
            ]
            precondition(sums[1] == sums[2] && sums[0] > 0, "bare LMDB has other lists than the arrays")
            if round == 0 { continue }
            for place in times.indices {
                rates[place].append(Double(nodes.count) / times[place] / 1e6)
                neighborRates[place].append(Double(neighborCount) / times[place] / 1e6)
            }
        }
        let table = MarkdownTable(
            "\(graph.name): neighbour lists of \(nodes.count) random nodes, "
                + "\(decimal(Double(neighborCount) / Double(nodes.count), 1)) neighbours each, one thread, "
                + "\(rounds) rounds",
            ["", "M lists/s", "spread", "M neighbours/s", "target"])
        for (place, name) in ["Kith", "bare LMDB, raw arrays", "arrays in memory"].enumerated() {
            table.row([
                name, decimal(rates[place].median, 2), rates[place].spread(2), decimal(neighborRates[place].median, 0),
                place == 0 && graph.name == "R-MAT 20" ? "at least 1.2 M lists/s" : "",
            ])
        }
    }

    private func sumLists() throws -> UInt64 {
        try graph.store.read { snapshot in
            var sum: UInt64 = 0
            for id in ids {
                try snapshot.forEachNeighborGroup(of: id, via: graph.type) { group in
                    for index in group.indices { sum &+= UInt64(group[index]) }
                }
            }
            return sum
        }
    }

    private func sumArrays() -> UInt64 {
        var sum: UInt64 = 0
        for node in nodes { for target in graph.plain[node] { sum &+= UInt64(target) } }
        return sum
    }
}

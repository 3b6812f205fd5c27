import Dispatch
import Kith
import Measuring

/// Single edges submitted by 1 to 64 tasks, each of which waits until its edge is on the disk.
struct Submissions {
    private static let edgesPerTask = 100

    private let graph: MeasuredGraph
    private let nodes: [NodeKey]
    private let folder: String

    init(_ graph: MeasuredGraph, in folder: String) {
        self.folder = folder
        self.graph = graph
        nodes = graph.plain.sample(graph.plain.nodeCount, seed: 9).map(graph.key)
    }

    func measure(_ rounds: Int) throws {
        let table = MarkdownTable(
            "Single edges submitted to Kith, committed in groups, \(rounds) rounds",
            [
                "tasks", "edges/s", "spread", "times one task", "pages given to write an edge",
                "disk bytes an edge, whole machine",
            ])
        let taskCounts = [1, 2, 4, 8, 16, 32, 64]
        var rates = taskCounts.map { _ in Samples() }
        var disk = taskCounts.map { _ in DiskCounters() }
        for round in 0..<rounds {
            for (place, tasks) in taskCounts.enumerated() {
                let before = DiskCounters(ofDiskWith: folder)
                let time = seconds { submit(from: tasks, seed: UInt64(1_000 * round + tasks)) }
                disk[place] += DiskCounters(ofDiskWith: folder) - before
                rates[place].append(Double(tasks * Submissions.edgesPerTask) / time)
            }
        }
        for (place, tasks) in taskCounts.enumerated() {
            let count = Double(rounds * tasks * Submissions.edgesPerTask)
            table.row([
                "\(tasks)", decimal(rates[place].median, 0), rates[place].spread(0),
                decimal(rates[place].median / rates[0].median, 1), decimal(disk[place].given / count / 4096, 2),
                decimal(disk[place].written / count, 0),
            ])
        }
    }

    private func submit(from taskCount: Int, seed: UInt64) {
        let (store, nodes) = (graph.store, nodes)
        let done = DispatchSemaphore(value: 0)
        Task.detached {
            await withTaskGroup(of: Void.self) { group in
                for task in 0..<taskCount {
                    group.addTask {
                        var generator = SeededGenerator(seed: seed << 8 | UInt64(task))
                        for _ in 0..<Submissions.edgesPerTask {
                            let source = Int.random(in: 0..<nodes.count, using: &generator)
                            let step = Int.random(in: 1..<nodes.count, using: &generator)
                            let target = nodes[(source + step) % nodes.count]
                            do {
                                try await store.submit { graph in _ = try graph.add(nodes[source], .follows, target) }
                            } catch {
                                fatalError("\(error)")
                            }
                        }
                    }
                }
            }
            done.signal()
        }
        done.wait()
    }
}

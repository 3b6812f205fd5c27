import OperatingSystem

/// Where threads find out whether they read the same state of the graph.
final class SnapshotBarrier: Sendable {
    private struct State {
        var commits: [UInt64] = []
        var round = 0
        var agreed = false
        var isOver = false
    }

    private let count: Int
    private let monitor = Monitor(State())

    init(count: Int) {
        self.count = count
    }

    /// Waits for all; answers whether all came with the same number.
    func agree(on commit: UInt64) -> Bool {
        let own = monitor.change { state in
            let own = state.round
            state.commits.append(commit)
            if state.commits.count == count {
                state.agreed = state.commits.allSatisfy { $0 == commit }
                state.commits.removeAll()
                state.round += 1
            }
            return own
        }
        return monitor.wait(until: { $0.round != own || $0.isOver }) { $0.agreed || $0.isOver }
    }

    /// Nobody waits any longer.
    func giveUp() {
        monitor.change { $0.isOver = true }
    }
}

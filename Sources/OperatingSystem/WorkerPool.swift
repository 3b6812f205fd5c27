/// Workers that run jobs in the order in which they came: so many at once, started when there is work, ended when there
/// has been none for a while.
package final class WorkerPool: Sendable {
    /// Runs on a worker, with nil; or at once and here, with the reason, where no worker is there and none can be started.
    package typealias Job = @Sendable (Worker.NotStarted?) -> Void

    private struct State {
        var jobs: ArraySlice<Job> = []
        /// Workers that run, and those of them that wait for a job.
        var workers = 0
        var idle = 0
        var isOver = false
    }

    private let workersMax: Int
    private let monitor = Monitor(State())

    /// For how long a worker waits for the next job. Starting one costs some ten microseconds.
    private static let idleSeconds = 5.0

    /// - Parameter workersMax: how many jobs run at once.
    package init(workersMax: Int) {
        self.workersMax = workersMax
    }

    deinit {
        monitor.change { $0.isOver = true }
    }

    /// Hands in a job, which is called exactly once. The jobs that came before it have begun when it begins.
    package func submit(_ job: @escaping Job) {
        let mustStart = monitor.change { state in
            state.jobs.append(job)
            guard state.idle < state.jobs.count, state.workers < workersMax else { return false }
            state.workers += 1
            return true
        }
        if mustStart { startWorker() }
    }

    private func startWorker() {
        do {
            _ = try Worker { [monitor] in WorkerPool.serve(monitor) }
        } catch {
            // Those that run already will come to what waits; where there are none nobody would.
            let refused = monitor.change { state in
                state.workers -= 1
                guard state.workers == 0 else { return [] as ArraySlice<Job> }
                defer { state.jobs = [] }
                return state.jobs
            }
            for job in refused { job(error) }
        }
    }

    /// What a worker does. It holds the state alone, so that a pool nobody has any more ends its workers.
    private static func serve(_ monitor: Monitor<State>) {
        while true {
            monitor.change { $0.idle += 1 }
            let job = monitor.wait(seconds: idleSeconds, until: { !$0.jobs.isEmpty || $0.isOver }) { state, _ -> Job? in
                state.idle -= 1
                guard let job = state.jobs.popFirst() else {
                    state.workers -= 1
                    return nil
                }
                return job
            }
            guard let job else { return }
            job(nil)
        }
    }
}

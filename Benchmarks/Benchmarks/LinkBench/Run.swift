import Foundation
import Measuring
import Synchronization

/// One side under the mix for some seconds, by so many threads that each ask, wait, and ask again.
struct Run {
    /// The time of every call, in milliseconds, by operation.
    private(set) var times: [Samples]
    /// How many neighbours or rows the lists had.
    private(set) var listed: Int
    /// From the first call to the end of the last.
    let seconds: Double

    /// How many calls there were.
    var count: Int { times.reduce(0) { $0 + $1.values.count } }
    /// The times of several operations.
    func times(_ which: (Operation) -> Bool) -> Samples {
        Samples(Operation.allCases.filter(which).flatMap { times[$0.rawValue].values })
    }

    /// Runs it. The calls are the same for every side as far as its speed lets it come.
    init(_ side: any Side, _ workload: Workload, threads: Int, seconds: Int, seed: UInt64) throws {
        let done = DispatchGroup()
        let start = ContinuousClock.now
        let end = start + .seconds(seconds)
        let shared = Gathered()
        for thread in 0..<threads {
            done.enter()
            let worker = Thread {
                defer { done.leave() }
                do {
                    var generator = SeededGenerator(seed: seed << 16 | UInt64(thread))
                    var own = Operation.allCases.map { _ in Samples() }
                    var listed = 0
                    let session = try side.session()
                    while ContinuousClock.now < end {
                        let call = workload.next(&generator)
                        let found = try own[call.operation.rawValue].time { try session.perform(call) }
                        if call.operation == .getLinkList { listed += found }
                    }
                    shared.add(own, listed)
                } catch {
                    fatalError("\(side.name): \(error)")
                }
            }
            worker.start()
        }
        done.wait()
        self.seconds = start.duration(to: .now) / .seconds(1)
        (times, listed) = shared.all
    }
}

/// What the threads of a run hand in.
private final class Gathered: Sendable {
    private let state = Mutex((times: Operation.allCases.map { _ in Samples() }, listed: 0))

    var all: ([Samples], Int) { state.withLock { ($0.times, $0.listed) } }

    func add(_ times: [Samples], _ listed: Int) {
        state.withLock { state in
            for place in times.indices {
                for value in times[place].values { state.times[place].append(1e3 * value) }
            }
            state.listed += listed
        }
    }
}

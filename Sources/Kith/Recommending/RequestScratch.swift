import Adjacency
import Synchronization

/// The reused memory of one request.
///
/// Handed from thread to thread by ``ScratchPool`` under its lock, and used by one at a time: hence `@unchecked`.
final class RequestScratch: @unchecked Sendable {
    /// First-hop neighbours of the user.
    var intermediates = NeighborList()
    /// What a path through each of them adds.
    var amounts: [Double] = []
    /// Some other list.
    var list = NeighborList()

    private var narrow: ScoreAccumulator<UInt16>?
    private var wide: ScoreAccumulator<UInt32>?
    private var sums: ScoreAccumulator<Double>?

    /// Counters for ids below `capacity`, exact up to 65,535.
    func narrowCounts(capacity: Int) -> ScoreAccumulator<UInt16> {
        RequestScratch.sized(&narrow, capacity)
    }

    /// Counters for ids below `capacity`, exact up to 2^32 - 1.
    func wideCounts(capacity: Int) -> ScoreAccumulator<UInt32> {
        RequestScratch.sized(&wide, capacity)
    }

    /// Sums for ids below `capacity`.
    func sums(capacity: Int) -> ScoreAccumulator<Double> {
        RequestScratch.sized(&sums, capacity)
    }

    /// A quarter more than asked for, so that a growing graph does not mean new memory at every request.
    private static func sized<Score>(
        _ accumulator: inout ScoreAccumulator<Score>?, _ capacity: Int
    ) -> ScoreAccumulator<Score> {
        if let accumulator, accumulator.capacity >= capacity { return accumulator }
        let fresh = ScoreAccumulator<Score>(capacity: capacity + capacity / 4)
        accumulator = fresh
        return fresh
    }
}

/// Scratch memory waiting for the next request.
///
/// Holds at most ``idleMax`` pieces: what a burst of requests needed beyond that is given back.
final class ScratchPool: Sendable {
    private let idle = Mutex<[RequestScratch]>([])
    private let idleMax: Int

    init(idleMax: Int) {
        self.idleMax = idleMax
    }

    /// Lends a piece for the time of `body`; nobody else has it meanwhile.
    func withScratch<Result>(_ body: (RequestScratch) throws -> Result) rethrows -> Result {
        let scratch = idle.withLock { $0.popLast() } ?? RequestScratch()
        defer {
            idle.withLock { idle in
                if idle.count < idleMax { idle.append(scratch) }
            }
        }
        return try body(scratch)
    }
}

import ArgumentParser
import Kith

/// What every verb takes that may work for long on an answer.
struct WorkLimit: ParsableArguments {
    @Option(
        name: .customLong("timeout"),
        help: ArgumentHelp(
            "How long the work may take; then the exit code is 70. Without end unless given.", valueName: "seconds"))
    var seconds: Double?

    func validate() throws {
        guard let seconds else { return }
        guard seconds >= 0, seconds <= WorkLimit.secondsMax else {
            throw ValidationError("--timeout is 0 to \(Int(WorkLimit.secondsMax)) seconds")
        }
    }

    /// Runs `body` with what it asks whether to give up.
    ///
    /// - Parameter isInterrupted: whether somebody asks it to, beside the clock.
    /// - Throws: ``TimedOut`` when it gave up because of the clock; what `body` throws.
    func bounding<Result>(
        _ isInterrupted: @escaping @Sendable () -> Bool = { false },
        _ body: (_ isCancelled: @escaping @Sendable () -> Bool) throws -> Result
    ) throws -> Result {
        guard let seconds else { return try body(isInterrupted) }
        let end = ContinuousClock.now + .seconds(seconds)
        let isOver: @Sendable () -> Bool = { ContinuousClock.now >= end }
        do {
            if isOver() { throw CancellationError() }
            return try body { isInterrupted() || isOver() }
        } catch let error as CancellationError {
            if isInterrupted() { throw error }
            throw TimedOut(seconds: seconds)
        }
    }

    /// ``GraphStore/read(at:isCancelled:_:)`` that gives up in time.
    func read<Result>(_ store: GraphStore, _ body: (borrowing Snapshot) throws -> Result) throws -> Result {
        try bounding { isCancelled in try store.read(isCancelled: isCancelled, body) }
    }

    /// Thirty years.
    private static let secondsMax = 1e9
}

/// A verb gave up because its time was over.
struct TimedOut: Error, CustomStringConvertible {
    let seconds: Double
    /// What is there nevertheless.
    var kept = ""

    var description: String {
        "not done within --timeout \(seconds) seconds\(kept); give it more, or ask for less"
    }
}

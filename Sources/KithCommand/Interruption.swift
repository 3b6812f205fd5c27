import Foundation
import Kith
import Synchronization

/// Ctrl-C and termination: a long verb is asked to give up and leaves the store as it was.
///
/// A verb that does not notice in time, because it waits for input for example, is ended: what it would have cleared
/// away is cleared away here. Inside a shell it is the shell that listens, and it is never ended.
struct Interruption {
    /// Whether somebody asked a verb to give up; it may be asked by any thread.
    final class Request: Sendable {
        private let flag = Atomic(false)

        /// Whether the verb is to give up.
        var isMade: Bool { flag.load(ordering: .relaxed) }

        /// Asks for it; answers whether it was asked for before.
        @discardableResult
        func make() -> Bool { flag.exchange(true, ordering: .relaxed) }
    }

    private let request: Request
    /// For how long a verb may take to give up by itself.
    static let patienceSeconds = 2.0
    private static let isEnded = Atomic(false)

    /// Listens from now on.
    ///
    /// - Parameters:
    ///   - patienceSeconds: for how long the verb may take to give up by itself; 0 for one that cannot.
    ///   - error: what is said then.
    ///   - cleanUp: what else is to be done, beside removing temporary files, before the process is ended, when the verb does
    ///     not end by itself.
    /// - Throws: `Worker.NotStarted` when there is no room for the thread that listens.
    init(
        patienceSeconds: Double = Interruption.patienceSeconds, saying error: Interrupted = Interrupted(),
        cleanUp: @escaping @Sendable () -> Void = {}
    ) throws {
        if let verb = RunningVerb.current {
            request = verb.request
            return
        }
        let request = Request()
        self.request = request
        try SignalListener.listen([SIGINT, SIGTERM]) { _ in
            request.make()
            Thread.sleep(forTimeInterval: patienceSeconds)
            Interruption.end {
                cleanUp()
                GraphStore.discardTemporaryFiles()
                return Failure.report(error)
            }
        }
    }

    /// Whether the verb is to give up; may be asked by any thread.
    var wasRequested: @Sendable () -> Bool {
        { [request] in request.isMade }
    }

    /// Ends the process with the exit code that `report` answers, unless another thread is at it: one failure is told
    /// of.
    static func end(_ report: () -> Int32) -> Never {
        // Not by exit(3): that writes what a thread of the verb still buffers, and waits for ever when nobody reads it.
        if !isEnded.exchange(true, ordering: .relaxed) { _exit(report()) }
        // The thread that reports ends the process.
        while true { pause() }
    }
}

/// A verb gave up because it was asked to.
struct Interrupted: Error, CustomStringConvertible {
    var description = "interrupted; the store is as it was"
}

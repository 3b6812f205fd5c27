import Foundation
import Kith
import OperatingSystem
import Synchronization

/// Runs verbs for a shell, one after the other, and survives Ctrl-C.
///
/// A verb works on a thread of its own. At Ctrl-C it is asked to give up. One that does not notice in time, because a
/// question takes long, is left to itself: it may go on to think, and will not print or change anything. A verb apart
/// is a process, which gets the signal, too.
struct ShellRunner {
    /// A verb in a process of its own, which may not have begun.
    private struct Apart {
        var child: ChildCommand?
        var isInterrupted = false
    }

    /// What the shell waits for while a verb runs here.
    private struct Waited {
        var hasEnded = false
        var isInterrupted = false
    }

    /// What runs now; the signals' handler asks.
    private final class Running: Sendable {
        let here = Mutex<(verb: RunningVerb, waited: Monitor<Waited>)?>(nil)
        let apart = Mutex<Apart?>(nil)
    }

    private let store: KeptStore
    private let running = Running()
    private let isInteractive = Terminal.isTerminal(STDIN_FILENO)

    /// - Throws: `Worker.NotStarted`.
    init(_ store: KeptStore) throws {
        self.store = store
        let running = running
        let isInteractive = isInteractive
        let mode = isInteractive ? TerminalMode.current : nil
        try SignalListener.listen([SIGINT, SIGTERM, SIGHUP]) { number in
            guard number == SIGINT else {
                mode?.restore()
                Interruption.end { Failure.Code.interrupted.rawValue }
            }
            if let here = running.here.withLock({ $0 }) {
                here.verb.request.make()
                here.waited.change { $0.isInterrupted = true }
                return
            }
            let isApart = running.apart.withLock { apart in
                apart?.isInterrupted = true
                apart?.child?.send(SIGINT)
                return apart != nil
            }
            if !isApart, !isInteractive { Interruption.end { Failure.report(Interrupted()) } }
        }
    }

    /// As much as the first thread of a process has.
    private static let stackBytes = 8 << 20

    /// Runs a verb here; answers its exit code.
    func run(_ arguments: [String]) -> Int32 {
        let verb = RunningVerb(store)
        let waited = Monitor(Waited())
        let outcome = Outcome()
        running.here.withLock { $0 = (verb, waited) }
        defer { running.here.withLock { $0 = nil } }
        let work = { @Sendable in
            RunningVerb.$current.withValue(verb) {
                do {
                    var command = try Kith.parse(arguments)
                    try command.run()
                } catch {
                    outcome.finish(error, arguments, after: verb.accomplishment.noted)
                }
            }
            waited.change { $0.hasEnded = true }
        }
        do {
            _ = try Worker(stackBytes: ShellRunner.stackBytes, work)
        } catch {
            return Failure.report(error, arguments: arguments)
        }
        waited.wait(until: { $0.hasEnded || $0.isInterrupted }) { _ in }
        let hasEnded = waited.wait(seconds: Interruption.patienceSeconds, until: \.hasEnded) { $1 }
        if !hasEnded {
            verb.abandon()
            outcome.finish(Interrupted(), arguments, after: verb.accomplishment.noted)
            // A script ends here, whatever its verb waits for.
            if !isInteractive { Interruption.end { outcome.exitCode } }
        }
        return outcome.exitCode
    }

    /// Runs a verb in a process of its own; answers its exit code.
    func runApart(_ arguments: [String]) -> Int32 {
        running.apart.withLock { $0 = Apart() }
        defer { running.apart.withLock { $0 = nil } }
        do {
            let child = try ChildCommand(arguments)
            running.apart.withLock { apart in
                apart?.child = child
                if apart?.isInterrupted == true { child.send(SIGINT) }
            }
            switch child.wait() {
            case .exit(let code): return code
            case .signal(let number) where number == SIGINT || number == SIGTERM:
                return Failure.report(Interrupted(), arguments: arguments)
            case .signal(let number):
                let error = OutputError(description: "'\(arguments[0])' was ended by signal \(number)")
                return Failure.report(error, arguments: arguments)
            }
        } catch {
            return Failure.report(error, arguments: arguments)
        }
    }
}

/// How a verb ended; it is told of once, also when the shell did not wait for it.
private final class Outcome: Sendable {
    private let code = Mutex<Int32?>(nil)

    var exitCode: Int32 { code.withLock { $0 } ?? 0 }

    func finish(_ error: any Error, _ arguments: [String], after done: String?) {
        code.withLock { code in
            if code == nil { code = Failure.report(error, arguments: arguments, after: done) }
        }
    }
}

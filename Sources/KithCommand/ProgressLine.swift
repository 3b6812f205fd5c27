import ArgumentParser
import Foundation
import Kith
import Synchronization

/// How progress is shown on standard error.
enum ProgressFormat: String, ExpressibleByArgument, CaseIterable {
    case line, json, none

    /// What the user asked for, or a line where standard error is a terminal.
    static func chosen(_ asked: ProgressFormat?) -> ProgressFormat {
        asked ?? (Terminal.isTerminal(STDERR_FILENO) ? .line : .none)
    }
}

/// Progress as one line that is written over and over, or as lines of JSON.
final class ProgressLine: Sendable {
    private struct State {
        var phase: String?
        var phaseBegan = 0.0
        var lastShown = -1.0
        var isShown = false
    }

    private let format: ProgressFormat
    private let state = Mutex(State())
    private let start = ContinuousClock.now
    /// Whom the line is about inside a shell; threads that tell of progress do not know it.
    private let verb = RunningVerb.current
    /// How often a line changes at most, but for a new phase: no more than can be read.
    private static let intervalSeconds = 0.1

    init(_ format: ProgressFormat) {
        self.format = format
    }

    /// Shows how far a load is.
    func show(_ progress: LoadProgress) {
        show(progress.phase.rawValue, progress.fraction, at: progress.seconds, isDue: true) {
            let rate = progress.seconds > 0 ? Double(progress.rows) / progress.seconds : 0
            if format == .json {
                return .json([
                    ("bytes", .integer(progress.bytes)), ("rows", .integer(progress.rows)),
                    ("rejected", .integer(progress.rejected)), ("rowsPerSecond", .number(rate.rounded())),
                ])
            }
            var parts = ["\(progress.rows.formatted()) rows"]
            if progress.phase == .reading {
                parts.append("\((progress.bytes >> 20).formatted()) MiB")
                parts.append(String(format: "%.1f M rows/s", rate / 1e6))
            }
            if progress.rejected > 0 { parts.append("\(progress.rejected.formatted()) rejected") }
            return .line(parts)
        }
    }

    /// Shows how far a check, a backup or a compaction is.
    func show(_ progress: StoreProgress) {
        show(progress.phase.rawValue, progress.fraction, at: progress.seconds, isDue: true) {
            if format == .json { return .json([("bytes", .integer(progress.bytes))]) }
            return .line(progress.phase == .copying ? ["\(progress.bytes.formatted()) bytes"] : [])
        }
    }

    /// Shows that so many of `total`, or of nobody knows how many, are done.
    func show(_ phase: String, done: Int, of total: Int?, unit: String) {
        let fraction = total.map { $0 > 0 ? min(1, Double(done) / Double($0)) : 1 }
        show(phase, fraction, at: start.duration(to: .now) / .seconds(1)) {
            if format == .json {
                return .json([("done", .integer(done)), ("total", total.map { .integer($0) } ?? .null)])
            }
            return .line(["\(done.formatted()) \(unit)"])
        }
    }

    /// What is told beside the phase, its fraction and the times.
    private enum Details {
        case line([String])
        case json([(String, JSON)])
    }

    private func show(
        _ phase: String, _ fraction: Double?, at seconds: Double, isDue: Bool = false, _ details: () -> Details
    ) {
        if format == .none { return }
        state.withLock { state in
            if state.phase != phase {
                (state.phase, state.phaseBegan) = (phase, seconds)
            } else if !isDue, seconds - state.lastShown < ProgressLine.intervalSeconds {
                return
            }
            state.lastShown = seconds
            let passed = seconds - state.phaseBegan
            let left = fraction.flatMap { $0 > 0.01 ? passed * (1 - $0) / $0 : nil }
            switch details() {
            case .json(let members):
                let json = JSON.object(
                    [("phase", .string(phase)), ("fraction", fraction.map { .number($0) } ?? .null)] + members + [
                        ("seconds", .number(seconds)), ("secondsLeft", left.map { .number($0) } ?? .null),
                    ])
                say(json.text.printableJSON + "\n")
            case .line(let parts):
                let percent = fraction.map { ["\(Int(($0 * 100).rounded(.down)))%"] } ?? []
                let time = left.map { ProgressLine.clock($0) + " left" } ?? ProgressLine.clock(passed)
                let width = Terminal.columns(of: STDERR_FILENO) ?? 80
                state.isShown = true
                say(
                    "\r\u{1B}[K"
                        + ([phase.printable] + percent + parts + [time]).joined(separator: "  ").fitted(to: width - 1))
            }
        }
    }

    /// Takes the line away, so that what follows stands alone.
    func clear() {
        state.withLock { state in
            if state.isShown { say("\r\u{1B}[K") }
            state.isShown = false
        }
    }

    private func say(_ text: String) {
        if let verb { verb.say(text) } else { Terminal.write(text) }
    }

    private static func clock(_ seconds: Double) -> String {
        String(format: "%d:%02d", Int(seconds) / 60, Int(seconds) % 60)
    }
}

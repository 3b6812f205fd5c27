import ArgumentParser
import Foundation
import Kith
import Synchronization

/// How progress is shown on standard error.
enum ProgressFormat: String, ExpressibleByArgument, CaseIterable {
    case line, json, none

    /// What the user asked for, or a line where standard error is a terminal.
    static func chosen(_ asked: ProgressFormat?) -> ProgressFormat {
        asked ?? (isatty(STDERR_FILENO) == 1 ? .line : .none)
    }
}

/// Progress as one line that is written over and over, or as lines of JSON.
final class ProgressLine: Sendable {
    private struct State {
        var phase: LoadProgress.Phase?
        var phaseBegan = 0.0
        var isShown = false
    }

    private let format: ProgressFormat
    private let state = Mutex(State())

    init(_ format: ProgressFormat) {
        self.format = format
    }

    /// Shows how far a load is.
    func show(_ progress: LoadProgress) {
        if format == .none { return }
        state.withLock { state in
            if state.phase != progress.phase {
                state.phase = progress.phase
                state.phaseBegan = progress.seconds
            }
            let seconds = progress.seconds - state.phaseBegan
            let left = progress.fraction.flatMap { $0 > 0.01 ? seconds * (1 - $0) / $0 : nil }
            let rate = progress.seconds > 0 ? Double(progress.rows) / progress.seconds : 0
            if format == .json {
                let json = JSON.object([
                    ("phase", .string(progress.phase.rawValue)),
                    ("fraction", progress.fraction.map { .number($0) } ?? .null), ("bytes", .integer(progress.bytes)),
                    ("rows", .integer(progress.rows)), ("rejected", .integer(progress.rejected)),
                    ("rowsPerSecond", .number(rate.rounded())), ("seconds", .number(progress.seconds)),
                    ("secondsLeft", left.map { .number($0) } ?? .null),
                ])
                ProgressLine.write(json.text + "\n")
                return
            }
            var parts = [progress.phase.rawValue]
            if let fraction = progress.fraction { parts.append("\(Int((fraction * 100).rounded(.down)))%") }
            parts.append("\(progress.rows.formatted()) rows")
            if progress.phase == .reading {
                parts.append("\((progress.bytes >> 20).formatted()) MiB")
                parts.append(String(format: "%.1f M rows/s", rate / 1e6))
            }
            if progress.rejected > 0 { parts.append("\(progress.rejected.formatted()) rejected") }
            if let left { parts.append(String(format: "%d:%02d left", Int(left) / 60, Int(left) % 60)) }
            state.isShown = true
            ProgressLine.write("\r\u{1B}[K" + String(parts.joined(separator: "  ").prefix(ProgressLine.width)))
        }
    }

    /// Takes the line away, so that what follows stands alone.
    func clear() {
        state.withLock { state in
            if state.isShown { ProgressLine.write("\r\u{1B}[K") }
            state.isShown = false
        }
    }

    /// The columns of the terminal, less one.
    private static var width: Int {
        var size = winsize()
        guard unsafe ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 1 else { return 79 }
        return Int(size.ws_col) - 1
    }

    private static func write(_ text: String) {
        FileHandle.standardError.write(Data(text.utf8))
    }
}

import Foundation
import Kith
import Synchronization

/// What is known of the terminal behind a stream, if there is one.
enum Terminal {
    /// Whether the stream is a terminal.
    static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

    /// How many columns the terminal has; nil when the stream is none.
    static func columns(of descriptor: Int32) -> Int? {
        guard isTerminal(descriptor) else { return nil }
        var size = winsize()
        guard unsafe ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    /// Sees to it that the standard streams are open: where one is not, the next file opened would take its place, and what
    /// is said there would be written into a store.
    static func keepStreams() {
        for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] where fcntl(descriptor, F_GETFD) < 0 {
            // The wrong way round: to use it is the error it was. The lowest number free is this one.
            _ = unsafe open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY)
        }
    }

    private static let isSilent = Atomic(false)

    /// Writes nothing on standard error from now on, because it is a file that must not change.
    static func silence() { isSilent.store(true, ordering: .relaxed) }

    /// Writes on standard error; for a verb inside a shell as long as the shell has not given up on it.
    static func say(_ text: String) {
        if let verb = RunningVerb.current { verb.say(text) } else { write(text) }
    }

    /// Writes on standard error. Where that is closed or full nobody listens, and what is said there is no result.
    ///
    /// Nothing is ever written into a store, as behind `2>> people.kith`: the exit code tells.
    static func write(_ text: String) {
        if isSilent.load(ordering: .relaxed) || ProtectedFiles.isStore(STDERR_FILENO) { return }
        let bytes = Array(text.utf8)
        var written = 0
        while written < bytes.count {
            let count = unsafe bytes.withUnsafeBytes {
                unsafe Glibc.write(STDERR_FILENO, $0.baseAddress! + written, bytes.count - written)
            }
            if count < 0, errno == EINTR { continue }
            if count <= 0 { return }
            written += count
        }
    }

    /// Whether results may be set off by style: on a terminal that can, unless NO_COLOR (no-color.org) says no.
    static var isStyled: Bool {
        let environment = ProcessInfo.processInfo.environment
        return isTerminal(STDOUT_FILENO) && (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
    }
}

/// How texts stand in the columns of a terminal, where a letter takes none, one or two.
extension StringProtocol {
    /// How many columns it takes.
    var columns: Int {
        if utf8.allSatisfy({ $0 < 0x80 }) { return utf8.count }
        return unicodeScalars.reduce(0) { $0 + $1.columns }
    }

    /// The text, or as much of it as fits, with a mark that something is missing.
    func fitted(to width: Int) -> String {
        if columns <= width { return String(self) }
        if width < 1 { return "" }
        var taken = 0
        var text = ""
        for character in self {
            taken += String(character).columns
            if taken > width - 1 { break }
            text.append(character)
        }
        return text + "…"
    }

}

extension Unicode.Scalar {
    /// Letters of two columns, as in Markus Kuhn's wcwidth.
    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
        0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F900...0x1F9FF, 0x20000...0x3FFFD,
    ]

    fileprivate var columns: Int {
        switch properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format, .control: 0
        default: properties.isEmojiPresentation || Unicode.Scalar.wide.contains { $0.contains(value) } ? 2 : 1
        }
    }
}

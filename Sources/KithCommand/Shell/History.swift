import Foundation

/// The lines typed in shells, the latest last, kept in a file: $XDG_STATE_HOME/kith/history, or
/// ~/.local/state/kith/history.
///
/// Whatever is wrong with the file, the shell works: history is a comfort.
struct History {
    private(set) var lines: [String] = []
    private let path: String?
    private static let linesMax = 1_000

    init() {
        let environment = ProcessInfo.processInfo.environment
        let state = environment["XDG_STATE_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
        let folder = (state ?? environment["HOME"].map { $0 + "/.local/state" }).map { $0 + "/kith" }
        path = folder.map { $0 + "/history" }
        guard let folder, let path else { return }
        // Keys are nobody else's business.
        try? FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let text = FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? ""
        let kept = text.split(separator: "\n").map(String.init)
        lines = kept.suffix(History.linesMax)
        if kept.count > 2 * History.linesMax {
            try? Data((lines.joined(separator: "\n") + "\n").utf8).write(to: URL(fileURLWithPath: path))
        }
    }

    /// Keeps a line, unless it is empty or the one before again.
    mutating func append(_ line: String) {
        if line.allSatisfy(\.isWhitespace) || line == lines.last { return }
        lines.append(line)
        guard let path else { return }
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return }
        // One write, so that lines of several shells do not mix.
        let bytes = Array((line + "\n").utf8)
        _ = unsafe write(descriptor, bytes, bytes.count)
        close(descriptor)
    }
}

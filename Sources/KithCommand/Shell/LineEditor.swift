import Foundation

/// Reads lines at a terminal with editing, history and completion, on one row that scrolls sideways.
///
/// Between lines the terminal is as it was: a verb that runs meanwhile sees nothing of this. It is small enough to have
/// here: libedit or readline would have to be on every machine that runs `kith`.
final class LineEditor {
    /// How the typing of a line ended.
    enum Outcome: Equatable {
        case line(String)
        /// Ctrl-C: the line is given up.
        case abandoned
        /// Ctrl-D on an empty line, or the terminal is gone.
        case end
    }

    /// What may stand in place of what was typed from `start` on.
    struct Completion {
        let start: Int
        let candidates: [String]
    }

    private let prompt: String
    private let complete: (EditedLine) -> Completion
    private let keys = KeyStrokes(STDIN_FILENO)
    private static let candidatesShown = 100

    init(prompt: String, complete: @escaping (EditedLine) -> Completion) {
        self.prompt = prompt
        self.complete = complete
    }

    /// Reads one line.
    ///
    /// - Parameter history: earlier lines, the latest last.
    func read(history: [String]) -> Outcome {
        let mode = TerminalMode.passingKeysOn()
        defer { mode.restore() }
        // The lines to go through, what was changed of them too; the last is the new one.
        var lines = history.map { EditedLine($0) } + [EditedLine()]
        var place = lines.count - 1
        draw(lines[place])
        while let key = keys.next() {
            switch key {
            case .letter(let letter): lines[place].insert([letter])
            case .left: lines[place].move(by: -1)
            case .right: lines[place].move(by: 1)
            case .home: lines[place].moveToStart()
            case .end: lines[place].moveToEnd()
            case .wordLeft: lines[place].moveToWordStart()
            case .wordRight: lines[place].moveToWordEnd()
            case .backspace: lines[place].deleteBefore()
            case .delete: lines[place].deleteAfter()
            case .deleteWord: lines[place].deleteWord()
            case .deleteToStart: lines[place].deleteToStart()
            case .deleteToEnd: lines[place].deleteToEnd()
            case .up: place = max(0, place - 1)
            case .down: place = min(lines.count - 1, place + 1)
            case .clear: write("\u{1B}[H\u{1B}[2J")
            case .tab: complete(&lines[place])
            case .enter:
                write("\r\n")
                return .line(lines[place].text)
            case .interrupt:
                write("^C\r\n")
                return .abandoned
            case .endOfInput:
                if lines[place].letters.isEmpty {
                    write("\r\n")
                    return .end
                }
                lines[place].deleteAfter()
            case .other: break
            }
            draw(lines[place])
        }
        return .end
    }

    /// Puts in what all candidates have in common, or shows them when that is nothing new.
    private func complete(_ line: inout EditedLine) {
        let completion = complete(line)
        let candidates = completion.candidates
        guard let first = candidates.first else { return write("\u{7}") }
        let common = candidates.dropFirst().reduce(first) { $0.commonPrefix(with: $1) }
        let typed = String(line.letters[completion.start..<line.cursor])
        if candidates.count == 1 {
            let isOpen = first.hasSuffix("/") || first.hasSuffix("=")
            line.replace(from: completion.start, with: ShellWords.quoted(first) + (isOpen ? "" : " "))
        } else if ShellWords.quoted(common).count > typed.count {
            line.replace(from: completion.start, with: ShellWords.quoted(common))
        } else {
            list(candidates)
        }
    }

    /// Shows candidates below the line, in columns.
    private func list(_ candidates: [String]) {
        let shown = candidates.prefix(LineEditor.candidatesShown).map(\.printable)
        let widest = (shown.map(\.columns).max() ?? 0) + 2
        let perRow = max(1, width / widest)
        write("\r\n")
        for start in stride(from: 0, to: shown.count, by: perRow) {
            let row = shown[start..<min(start + perRow, shown.count)]
            let padded = row.map { $0 + String(repeating: " ", count: widest - $0.columns) }
            write(padded.joined().fitted(to: width - 1) + "\r\n")
        }
        if candidates.count > shown.count { write("... and more\r\n") }
    }

    private var width: Int { Terminal.columns(of: STDERR_FILENO) ?? 80 }

    private func draw(_ line: EditedLine) {
        let (text, column) = line.window(of: max(8, width - prompt.columns))
        let place = prompt.columns + column
        write("\r\(prompt)\(text)\u{1B}[K\r" + (place > 0 ? "\u{1B}[\(place)C" : ""))
    }

    private func write(_ text: String) {
        Terminal.say(text)
    }
}

/// How a terminal treats what is typed.
struct TerminalMode {
    private let saved: termios

    /// Lets every key through at once, and shows none; answers how it was.
    static func passingKeysOn() -> TerminalMode {
        var mode = termios()
        unsafe tcgetattr(STDIN_FILENO, &mode)
        let saved = TerminalMode(saved: mode)
        mode.c_lflag &= ~tcflag_t(ICANON | ECHO | ISIG | IEXTEN)
        mode.c_iflag &= ~tcflag_t(IXON | ICRNL)
        unsafe tcsetattr(STDIN_FILENO, TCSADRAIN, &mode)
        return saved
    }

    /// How it is now.
    static var current: TerminalMode {
        var mode = termios()
        unsafe tcgetattr(STDIN_FILENO, &mode)
        return TerminalMode(saved: mode)
    }

    /// Makes it as it was.
    func restore() {
        var mode = saved
        unsafe tcsetattr(STDIN_FILENO, TCSADRAIN, &mode)
    }
}

import Foundation
import GraphTesting
import ProcessTesting
import Synchronization
import Testing

/// A program, the built command unless another is named, at a terminal of its own: typed text reaches it as keys, Ctrl-C
/// as a signal, and everything it shows is kept.
final class CommandAtTerminal {
    private let terminal: FileHandle
    private let process: pid_t
    private let shown = Shown()
    private var status: Int32?
    /// The program's side of the terminal, while the terminal is stopped.
    private var stopped: Int32?

    private final class Shown: Sendable {
        let bytes = Mutex<[UInt8]>([])
        let isOver = DispatchSemaphore(value: 0)
    }

    /// Starts the command in a folder.
    ///
    /// - Parameters:
    ///   - program: its name on the PATH; the built command unless given.
    ///   - output: a file of the folder for standard output; the terminal unless given.
    ///   - isStopped: whether the terminal shows nothing until ``resume()``: the program waits at the first text it shows.
    init(
        in folder: TemporaryFolder, program: String? = nil, _ arguments: [String], columns: Int = 80,
        environment: [String: String] = [:], output: String? = nil, isStopped: Bool = false
    ) throws {
        var (master, other): (Int32, Int32) = (-1, -1)
        var size = winsize(ws_row: 24, ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
        try #require(openpty(&master, &other, nil, nil, &size) == 0)
        let descriptor = master
        for descriptor in [master, other] { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        terminal = FileHandle(fileDescriptor: master, closeOnDealloc: true)
        defer { if !isStopped { close(other) } }
        if isStopped {
            // Ctrl-C starts again what Ctrl-S stopped, and not what was stopped so.
            try #require(tcflow(other, TCOOFF) == 0)
            stopped = other
        }
        let name = try #require(ttyname(other).map { String(cString: $0) })

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        var blocked = sigset_t()
        sigemptyset(&blocked)
        posix_spawnattr_setsigmask(&attributes, &blocked)
        // A session of its own: the first terminal it opens is the one whose Ctrl-C it hears.
        let ofOwnSession: Int16 = 0x80
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK) | ofOwnSession)
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, name, O_RDWR, 0)
        posix_spawn_file_actions_adddup2(&actions, 0, 2)
        if let output {
            posix_spawn_file_actions_addopen(&actions, 1, folder.file(output), O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        } else {
            posix_spawn_file_actions_adddup2(&actions, 0, 1)
        }
        var variables = ProcessInfo.processInfo.environment
        variables["NO_COLOR"] = nil
        variables["TERM"] = "xterm"
        variables["XDG_STATE_HOME"] = folder.path
        variables.merge(environment) { $1 }
        let words = ["env", "--chdir=\(folder.path)", try program ?? builtCommand().path] + arguments
        var pointers = words.map { strdup($0) } + [nil]
        var settings = variables.map { strdup("\($0)=\($1)") } + [nil]
        defer { for pointer in pointers + settings { free(pointer) } }
        var process: pid_t = 0
        try #require(posix_spawn(&process, "/usr/bin/env", &actions, &attributes, &pointers, &settings) == 0)
        self.process = process

        Thread.detachNewThread { [shown] in
            var piece = [UInt8](repeating: 0, count: 4_096)
            while true {
                // The end of the last process at the terminal is an error here.
                let count = read(descriptor, &piece, piece.count)
                if count <= 0 { break }
                shown.bytes.withLock { $0 += piece[..<count] }
            }
            shown.isOver.signal()
        }
    }

    deinit {
        if status == nil {
            kill(process, SIGKILL)
            var status: Int32 = 0
            waitpid(process, &status, 0)
        }
        if let stopped { close(stopped) }
    }

    /// The program, and those it started.
    var tree: ProcessTree { ProcessTree(process) }

    /// Lets a terminal that was stopped show everything.
    func resume() throws {
        guard let descriptor = stopped.take() else { return }
        defer { close(descriptor) }
        try #require(tcflow(descriptor, TCOON) == 0)
    }

    /// Types Ctrl-C while the program sleeps, and waits until the program has heard of it and sleeps again.
    func interruptAsleep() throws {
        let sleep = try tree.waitUntilAsleep()
        try type("\u{3}")
        try tree.waitUntilSignalHeard(after: sleep)
    }

    /// Everything shown so far, with the terminal's own commands.
    var transcript: String { shown.bytes.withLock { String(decoding: $0, as: UTF8.self) } }

    /// What was shown, line by line, without the terminal's own commands.
    var lines: [String] {
        transcript.replacing(#/\u{1B}\[[0-9;]*[A-Za-z]/#, with: "").split(whereSeparator: \.isNewline).map(String.init)
    }

    /// Types text, or control characters.
    func type(_ text: String) throws {
        try terminal.write(contentsOf: Data(text.utf8))
    }

    /// Waits until a text has been shown, behind the `previous` transcript if that is given.
    func wait(for text: String, after previous: String = "") throws {
        let start = previous.unicodeScalars.count
        try waitUntil("'\(text)' is shown, but: \(transcript.debugDescription)") {
            String(String.UnicodeScalarView(transcript.unicodeScalars.dropFirst(start))).contains(text)
        }
    }

    /// Waits until a shell has shown its prompt, and nothing behind it.
    func waitForPrompt() throws {
        try waitUntil("the prompt is shown, but: \(transcript.debugDescription)") {
            transcript.hasSuffix("\rkith> \u{1B}[K\r\u{1B}[6C")
        }
    }

    /// Waits for the end; answers the exit code, 1,000 and the signal when one ended it.
    func end() throws -> Int32 {
        var status: Int32 = 0
        try waitUntil("the program ends: \(transcript.debugDescription)") { waitpid(process, &status, WNOHANG) != 0 }
        self.status = status
        // Its children may show something still.
        shown.isOver.wait()
        return status & 0x7F == 0 ? status >> 8 & 0xFF : 1_000 + (status & 0x7F)
    }
}

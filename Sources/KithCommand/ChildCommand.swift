import Foundation

/// This program once more, in a process of its own that shares the terminal: what crashes or is interrupted there
/// leaves this process as it is.
@safe struct ChildCommand {
    /// How it ended.
    enum End: Equatable {
        case exit(Int32)
        case signal(Int32)
    }

    private let process: pid_t

    /// Starts it.
    ///
    /// It stays in the process group, so that Ctrl-C reaches it and it may read from the terminal, and answers signals
    /// as a new process does, whatever this one does about them.
    init(_ arguments: [String]) throws {
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        for number in [SIGINT, SIGTERM, SIGHUP] { unsafe sigaddset(&signals, number) }
        unsafe posix_spawnattr_setsigdefault(&attributes, &signals)
        var blocked = sigset_t()
        unsafe sigemptyset(&blocked)
        unsafe posix_spawnattr_setsigmask(&attributes, &blocked)
        unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
        let environment = ProcessInfo.processInfo.environment.map { "\($0)=\($1)" }
        let code = unsafe ChildCommand.withCStrings([ChildCommand.executable] + arguments) { arguments in
            unsafe ChildCommand.withCStrings(environment) { environment in
                var process: pid_t = 0
                let code = unsafe posix_spawn(&process, arguments[0]!, nil, &attributes, arguments, environment)
                return (code, process)
            }
        }
        guard code.0 == 0 else { throw POSIXError(POSIXErrorCode(rawValue: code.0) ?? .EIO) }
        process = code.1
    }

    /// Sends it a signal.
    func send(_ signal: Int32) { kill(process, signal) }

    /// Waits for its end.
    func wait() -> End {
        var status: Int32 = 0
        while unsafe waitpid(process, &status, 0) < 0, errno == EINTR {}
        let signal = status & 0x7F
        return signal == 0 ? .exit(status >> 8 & 0xFF) : .signal(signal)
    }

    private static var executable: String {
        #if os(Linux)
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
        #else
            CommandLine.arguments[0]
        #endif
    }

    /// Lends texts as C has them: an array that ends with nil.
    private static func withCStrings<Result>(
        _ texts: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
    ) -> Result {
        var pointers = unsafe texts.map { unsafe strdup($0) } + [nil]
        defer { unsafe pointers.forEach { unsafe free($0) } }
        return unsafe pointers.withUnsafeMutableBufferPointer { unsafe body($0.baseAddress!) }
    }
}

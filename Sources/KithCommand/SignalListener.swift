import Glibc
import OperatingSystem

/// Signals as calls of a function, on a thread that waits for them.
enum SignalListener {
    /// Calls `handler` with the number of each of the signals that comes, in place of what they do by themselves, from now
    /// on until the process ends. While it runs the next waits.
    ///
    /// The thread that calls no longer gets them, nor does any that it starts; so it is to be called before others are
    /// there.
    /// - Throws: `Worker.NotStarted`; the signals do then what they did.
    static func listen(_ signals: [Int32], _ handler: @escaping @Sendable (Int32) -> Void) throws {
        var set = sigset_t()
        unsafe sigemptyset(&set)
        for number in signals { unsafe sigaddset(&set, number) }
        let listened = set
        var before = sigset_t()
        unsafe pthread_sigmask(SIG_BLOCK, &set, &before)
        do {
            _ = try Worker(name: "signals") {
                var set = listened
                var number: Int32 = 0
                while true {
                    if unsafe sigwait(&set, &number) == 0 { handler(number) }
                }
            }
        } catch {
            unsafe pthread_sigmask(SIG_SETMASK, &before, nil)
            throw error
        }
        // What is ignored, as for a command in the background of a script, would never be waited for.
        for number in signals { signal(number, SIG_DFL) }
    }
}

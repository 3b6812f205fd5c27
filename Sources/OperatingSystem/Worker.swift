import CLinux
import Glibc
import Synchronization

/// A thread that runs one body: the only kind of thread there is here.
///
/// A thread may not be there to be had, because the user, the container or the machine has as many as it may. Foundation's
/// threads then trap or never start, and Dispatch's queues try again for ever. This one throws.
package final class Worker: Sendable {
    /// The system would not start a thread.
    package struct NotStarted: Error, CustomStringConvertible {
        /// Why not.
        package let refusal: Refusal

        package init(refusal: Refusal) { self.refusal = refusal }

        package var description: String { "a thread could not be started: \(refusal)" }
    }

    /// What the thread is handed, and lets go of before it ends.
    private final class Start: Sendable {
        let body: @Sendable () -> Void

        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    /// The thread; nil once it was waited for.
    private let thread: Mutex<pthread_t?>

    /// Starts a thread that runs `body`, with the signal mask of the one that calls.
    ///
    /// - Parameters:
    ///   - name: what `top -H` and debuggers show of it, of at most 15 bytes; that of the process unless given.
    ///   - stackBytes: how large its stack is; the system's default unless given.
    package init(name: String? = nil, stackBytes: Int? = nil, _ body: @escaping @Sendable () -> Void) throws(NotStarted)
    {
        var attributes = pthread_attr_t()
        unsafe pthread_attr_init(&attributes)
        defer { unsafe pthread_attr_destroy(&attributes) }
        if let stackBytes { unsafe pthread_attr_setstacksize(&attributes, stackBytes) }
        let start = unsafe Unmanaged.passRetained(Start(body))
        var thread = pthread_t()
        let code = unsafe pthread_create(
            &thread, &attributes,
            { start in
                guard let start = unsafe start else { return nil }
                unsafe Unmanaged<Start>.fromOpaque(start).takeRetainedValue().body()
                return nil
            }, start.toOpaque())
        guard code == 0 else {
            unsafe start.release()
            throw NotStarted(refusal: Refusal(code))
        }
        if let name { unsafe pthread_setname_np(thread, name) }
        self.thread = Mutex(thread)
    }

    /// Waits until the body has ended and what it captured is let go of. By one thread; a second one does not wait.
    package func join() {
        guard let thread = thread.withLock({ $0.take() }) else { return }
        pthread_join(thread, nil)
    }

    deinit {
        if let thread = thread.withLock({ $0.take() }) { pthread_detach(thread) }
    }
}

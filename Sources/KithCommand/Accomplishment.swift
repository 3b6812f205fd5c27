import Synchronization

/// What a verb has done for good, so that whatever fails behind it is told with it.
///
/// A change is durable before it is printed, and a full disk behind standard output, a signal or a lost file cannot undo it.
/// A verb notes it as soon as it is so; ``Failure`` puts it in front of the error.
final class Accomplishment: Sendable {
    private let text = Mutex<String?>(nil)
    private static let ofProcess = Accomplishment()

    /// That of the verb that runs: the process's, or in a shell the verb's own.
    static var current: Accomplishment { RunningVerb.current?.accomplishment ?? ofProcess }

    /// Says, as a sentence without its full stop, what is done for good.
    func note(_ text: String) {
        self.text.withLock { $0 = text }
    }

    /// What is done for good; nil for nothing.
    var noted: String? { text.withLock { $0 } }
}

import Kith
import Synchronization

/// What a verb that runs inside a shell has in place of a process of its own: the store that is open already, and a way
/// to be told to give up.
final class RunningVerb: Sendable {
    /// The verb this thread runs for a shell; nil for a verb that is the process.
    @TaskLocal static var current: RunningVerb?

    let store: KeptStore
    let request = Interruption.Request()
    let accomplishment = Accomplishment()
    private let isHeard = Mutex(true)

    init(_ store: KeptStore) {
        self.store = store
    }

    /// Writes on standard error, unless the shell has given up on the verb: the terminal is the shell's again.
    func say(_ text: String) {
        isHeard.withLock { if $0 { Terminal.write(text) } }
    }

    /// Gives up on the verb, which may go on: nothing is heard of it any more.
    func abandon() {
        isHeard.withLock { $0 = false }
    }

    /// Ends a verb that the shell has given up on, before it prints or changes anything.
    ///
    /// - Throws: ``Interrupted``.
    static func checkCancelled() throws {
        if let current, current.request.isMade { throw Interrupted() }
    }

    /// Refuses to read what a shell reads its lines from.
    ///
    /// - Throws: ``UsageError``.
    static func checkStandardInput() throws {
        if current != nil { throw UsageError(description: "inside a shell standard input is the shell's; name a file") }
    }
}

/// A store that stays open from one verb to the next, with the memory that requests work in.
final class KeptStore: Sendable {
    let path: String
    let verification: GraphStore.Options.Verification

    private struct State {
        var store: GraphStore?
        /// Why it could be opened for reading alone.
        var refusal: (any Error)?
    }

    private let state = Mutex(State())

    init(_ path: String, _ verification: GraphStore.Options.Verification) {
        self.path = path
        self.verification = verification
    }

    /// The store to ask; opened if need be, for writing if that may be.
    func toRead() throws -> GraphStore {
        try state.withLock { state in
            if let store = state.store { return store }
            do {
                let options = GraphStore.Options(verification: verification, followsReplacement: true)
                state = State(store: try GraphStore(opening: path, options: options))
            } catch GraphStoreError.cannotOpen(let path, let reason) {
                let refusal = GraphStoreError.cannotOpen(path: path, reason: reason)
                let options = GraphStore.Options(
                    isReadOnly: true, verification: verification, followsReplacement: true)
                state = State(store: try GraphStore(opening: path, options: options), refusal: refusal)
            }
            return try state.store ?? GraphStore(opening: path, options: .init(verification: verification))
        }
    }

    /// The store to change.
    func toWrite() throws -> GraphStore {
        let store = try toRead()
        if let refusal = state.withLock({ $0.refusal }) { throw refusal }
        return store
    }

    /// Closes it until it is asked for again.
    func letGo() {
        state.withLock { $0 = State() }
    }
}

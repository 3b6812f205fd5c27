import ArgumentParser
import Glibc
import Kith

extension EdgeType.Name: ExpressibleByArgument {
    /// Any name; the store's schema decides.
    public init?(argument: String) {
        self.init(argument)
    }

    /// The types of the store on the command line.
    public static var defaultCompletionKind: CompletionKind { .edgeType }
}

extension NodeKind: ExpressibleByArgument {
    /// Any name; the store's schema decides.
    public init?(argument: String) {
        self.init(argument)
    }

    /// The kinds of the store on the command line.
    public static var defaultCompletionKind: CompletionKind { .nodeKind }
}

extension TwoHopScore: ExpressibleByArgument {}
extension EdgeFileFormat: ExpressibleByArgument {}

/// The store a verb works on.
struct StorePath: ParsableArguments {
    @Argument(help: "The store's file.", completion: .file())
    var store: String

    /// What goes before each use of the store: nothing may be said into it, as behind `>> people.kith`; and what a verb that
    /// was killed has left beside it goes.
    func begin() throws {
        try StorePath.checkStreams(ProtectedFiles(store: store))
        GraphStore.removeStaleFiles(beside: store)
    }

    /// Refuses to say anything into a file that is read or changed. Where that is standard error, the refusal is silent.
    static func checkStreams(_ protected: ProtectedFiles) throws {
        do {
            try protected.check(STDERR_FILENO, named: "standard error")
        } catch {
            Terminal.silence()
            throw error
        }
        try protected.check(STDOUT_FILENO, named: "standard output")
    }

    /// Runs `body` with options of one who reads; and where no place of a reader is left, of one who reads by the writer's
    /// turn.
    static func withPlaceOrTurn<Result>(_ body: (GraphStore.Options) throws -> Result) throws -> Result {
        do {
            return try body(GraphStore.Options(isReadOnly: true))
        } catch GraphStoreError.busy {
            return try body(GraphStore.Options(readsAsWriter: true))
        }
    }
}

/// The store that a verb opens, which stands first, and how far it is trusted.
struct StoreArgument: ParsableArguments {
    @OptionGroup private var path: StorePath
    @Flag(
        help: """
            Prove the structure of the whole file before it is used, so that a damaged one is an error and never a \
            crash; takes as long as reading the file once.
            """)
    var verify = false

    var store: String { path.store }
    /// How far it is trusted; inside a shell no further than the shell trusts it.
    var verification: GraphStore.Options.Verification {
        verify ? .structure : RunningVerb.current?.store.verification ?? .none
    }

    /// Opens it to ask; inside a shell it is open already.
    func openToRead() throws -> GraphStore {
        try begin()
        return try openInShell()?.toRead()
            ?? GraphStore(opening: store, options: .init(isReadOnly: true, verification: verification))
    }

    /// Opens it to look after it, also when all places of readers are taken: it is read by the writer's turn then.
    func openToLookAfter(clearingDeadReaders: Bool = true) throws -> GraphStore {
        try begin()
        if let kept = try openInShell() { return try kept.toRead() }
        return try StorePath.withPlaceOrTurn { options in
            var options = options
            options.clearsDeadReaders = clearingDeadReaders
            options.verification = verification
            return try GraphStore(opening: store, options: options)
        }
    }

    /// Opens it to change; inside a shell it is open already.
    func openToWrite(_ waiting: WaitOption) throws -> GraphStore {
        try begin()
        // Inside a shell that is the store that is open, with another patience.
        if waiting.timeout == nil, let kept = try openInShell() { return try kept.toWrite() }
        return try GraphStore(
            opening: store,
            options: .init(
                verification: verification, busyTimeout: waiting.timeout, onLongWait: WaitOption.teller(store)))
    }

    /// The store that a shell keeps open.
    private func openInShell() throws -> KeptStore? {
        guard let kept = RunningVerb.current?.store else { return nil }
        guard !verify || kept.verification == .structure else {
            throw UsageError(
                description: "inside a shell the store is open already; start it by 'kith shell STORE --verify'")
        }
        return kept
    }

    /// See ``StorePath/begin()``.
    func begin() throws { try path.begin() }
}

/// What every verb that writes takes.
struct WaitOption: ParsableArguments {
    @Option(
        name: .customLong("wait"),
        help: ArgumentHelp(
            """
            How long to wait while others write; then the exit code is 75. Without end unless given, and for a program \
            that writes by LMDB alone.
            """,
            valueName: "seconds"))
    var seconds: Double?

    /// For how long to wait; without end when nil.
    var timeout: Duration? { seconds.map { .seconds($0) } }

    /// Says at a terminal whom a verb waits for.
    static func teller(_ store: String) -> (@Sendable (String?) -> Void)? {
        guard Terminal.isTerminal(STDERR_FILENO) else { return nil }
        // The thread that tells does not know the verb.
        let verb = RunningVerb.current
        return { process in
            let writer = (process ?? "another writer").printable
            let line = "kith: waiting for \(writer), which writes to '\(store.printable)'\n"
            if let verb { verb.say(line) } else { Terminal.write(line) }
        }
    }

    func validate() throws {
        guard let seconds else { return }
        guard seconds >= 0, seconds <= WaitOption.secondsMax else {
            throw ValidationError("--wait is 0 to \(Int(WaitOption.secondsMax)) seconds")
        }
    }

    /// Thirty years.
    private static let secondsMax = 1e9
}

/// A key from the command line; a bad one is bad data, with the key's own explanation.
func parseKey(_ text: String) throws -> NodeKey {
    try NodeKey(text)
}

/// A time from the command line; words such as `30d` count from now.
func parseTime(_ text: String) throws -> Timestamp {
    let time = try Timestamp(parsing: text, relativeTo: .ofSystemClock)
    if Timestamp.isLikeDate(text) {
        Terminal.say(
            "kith: warning: '\(text)' looks like a date and was read as seconds since 1970; write dates as 2024-05-01\n"
        )
    }
    return time
}

/// An argument that is no text. Swift would put something else in place of what cannot be read, and a key that is
/// mended so is another key.
struct ArgumentNotUTF8: Error, CustomStringConvertible {
    /// Its place on the command line, from 1.
    let place: Int

    var description: String { "argument \(place) is not UTF-8; convert it first" }

    /// Refuses a command line with such an argument.
    static func check() throws {
        for place in 0..<Int(CommandLine.argc) {
            guard let argument = unsafe CommandLine.unsafeArgv[place] else { continue }
            if unsafe String(validatingCString: argument) == nil { throw ArgumentNotUTF8(place: place) }
        }
    }
}

extension Snapshot {
    /// The kind of the nodes that edges of a type lead to; nil where there is no such type.
    func kind(at type: EdgeType.Name, _ direction: EdgeDirection) -> NodeKind? {
        schema.edgeType(type).map { direction == .out ? $0.target : $0.source }
    }
}

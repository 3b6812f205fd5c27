import ArgumentParser
import Foundation
import Kith
import OperatingSystem
import Synchronization

/// `kith recommend`
struct Recommend: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Suggest people to a user, or to many.",
        discussion: """
            Without --via friends-of-friends, pagerank and attention look at 'friends' when the store has any, else at \
            'follows'. With flags of walks (--via, --score, ...) and without --by, friends of friends are meant.

            What is named means what it says: a flag that a method does not read is refused, and where --by, --via, a \
            filter or a --request is given, the answer may be nobody. Only where nothing is named, a user for whom the \
            standard blend finds nobody is answered by interests, then by attention, and the result says "fallback". \
            --fallback asks for that chain, and so does "fallback" in a request.

            No path leads through an account whose connections are private, or that blocks the user or is blocked.

            What --by finds:
            \(methods)

            With --users or --all the \
            results are JSON lines unless a table or CSV is asked for, one user a line, in the order of the input or of \
            ids, all of one state of the graph; a user the store does not have gets a line with an "error", and the \
            exit code is 66 when all are done; with --strict nobody is answered then. A table or CSV has no line for such \
            a user. --resume goes on where an interrupted --output ended.

            Examples:
              kith recommend people.kith alice
              kith recommend people.kith alice --via follows friends --score adamic-adar
              kith recommend people.kith alice --by pagerank --restart 0.5 --by interests
              kith recommend people.kith --all --by interests --output all.jsonl
            """)

    /// What `--by` takes, and what each finds, one a line.
    private static var methods: String {
        let own = Recommender.Method.allCases.map { (name: $0.rawValue, finds: $0.summary) }
        let all = own + [(name: "blend", finds: "friends-of-friends, and pagerank with half the weight")]
        let width = all.map(\.name.count).max() ?? 0
        return all.map { name, finds in
            "  " + name.padding(toLength: width + 2, withPad: " ", startingAt: 0) + finds
        }.joined(separator: "\n")
    }

    @OptionGroup var store: StoreArgument
    @Argument(help: "The user's key.", completion: .nodeKey) var user: String?
    @Option(
        help: ArgumentHelp("A file of users, one key a line; - is standard input.", valueName: "file"),
        completion: .file())
    var users: String?
    @Flag(help: "For every user.") var all = false
    @OptionGroup var request: RequestOptions
    @Option(
        help: ArgumentHelp(
            "How many threads work on many users; as many as there are cores unless given.", valueName: "n"))
    var threads: Int?
    @Option(
        help: ArgumentHelp("Write the results there instead of to standard output.", valueName: "file"),
        completion: .file())
    var output: String?
    @Flag(help: "Go on behind what --output has already.") var resume = false
    @OptionGroup var file: FileModeOption
    @OptionGroup var limits: WorkLimit
    @OptionGroup var printing: OutputOptions

    func validate() throws {
        guard file.mode == nil || output != nil else { throw ValidationError("--mode goes with --output") }
        guard [user != nil, users != nil, all].count(where: { $0 }) == 1 else {
            throw ValidationError("name one USER, or --users FILE, or --all")
        }
        if let threads, !(1...256).contains(threads) { throw ValidationError("--threads is 1 to 256") }
        guard threads == nil || user == nil else { throw ValidationError("--threads is for --users and --all") }
        guard !resume || (output != nil && user == nil && ![.csv, .safeCSV, .table].contains(printing.askedForMany))
        else {
            throw ValidationError("--resume needs --output and JSON lines")
        }
    }

    func run() throws {
        let graph = try store.openToRead()
        let request = try request.makeRequest()
        guard let user else { return try answerMany(from: graph, request) }
        let key = try parseKey(user)
        let start = ContinuousClock.now
        let (list, kind) = try limits.read(graph) { snapshot in
            try self.request.checkKeys(of: request, in: snapshot)
            return (try snapshot.recommend(request, for: key), try snapshot.prepare(request).candidates)
        }
        let answer = Answer(user: key, list: list, milliseconds: start.duration(to: .now) / .milliseconds(1))
        try Report(json: answer.json(name(request)), headings: Answer.headings, rows: answer.rows, kind: kind)
            .print(as: printing.asked == .jsonl ? .json : printing.format, to: makeWriter(unfinished: .discarded))
    }

    private func makeWriter(unfinished: OutputFile.Unfinished) throws -> LineWriter {
        let inputs = [users, request.only, request.request].compactMap { $0 }
        let protected = ProtectedFiles(store: store.store, inputs: inputs)
        try StorePath.checkStreams(protected)
        return try LineWriter(
            path: output, access: file.access(to: store.store), protected: protected, unfinished: unfinished)
    }

    /// What the results say they were found by.
    private func name(_ request: RecommendationRequest) -> String {
        request.recommenders.count == 1 ? request.recommenders[0].by.rawValue : "blend"
    }

    private func answerMany(from store: GraphStore, _ request: RecommendationRequest) throws {
        let kind = try store.read { snapshot in
            try self.request.checkKeys(of: request, in: snapshot)
            return try snapshot.prepare(request).candidates
        }
        let users = try users.map { try UserList(path: $0, isStrict: self.request.strict, store, request) }
        let format = printing.askedForMany
        // What was answered is of use when the rest is not there: lines can be gone on with, whatever ended them.
        let isResumable = format == .json || format == .jsonl
        let writer = try makeWriter(unfinished: isResumable ? .kept(appending: resume) : .discarded)
        let done = resume ? try completeLines(of: output ?? "") : 0
        var answers = try AnswerStream(writer, as: format, by: name(request), of: kind, isTerminal: output == nil)
        let interruption = try Interruption()
        let threads = threads ?? ProcessInfo.processInfo.activeProcessorCount
        let line = printing.progressLine
        defer { line.clear() }
        do {
            try limits.bounding(interruption.wasRequested) { isCancelled in
                if let users {
                    for _ in 0..<done { _ = try users.next() }
                    try store.recommendations(request, for: users.next, threads: threads, isCancelled: isCancelled) {
                        answer in
                        try answers.write(answer)
                        line.show("recommending", done: done + answers.count, of: nil, unit: "users")
                    }
                } else {
                    let total = try store.read { snapshot in try snapshot.nodeCount(of: .user) }
                    try store.recommendationsForAll(
                        request, skipping: done, threads: threads, isCancelled: isCancelled
                    ) { answer in
                        try answers.write(answer)
                        line.show("recommending", done: done + answers.count, of: total, unit: "users")
                    }
                }
            }
        } catch {
            line.clear()
            try answers.stop()
            let kept =
                output.map { path in
                    isResumable
                        ? "what was answered is complete, and --resume goes on behind it" : "'\(path)' is as it was"
                } ?? "what was answered is complete"
            switch error {
            case is CancellationError: throw Interrupted(description: "interrupted; \(kept)")
            case let error as TimedOut: throw TimedOut(seconds: error.seconds, kept: "; \(kept)")
            default: throw error
            }
        }
        line.clear()
        let (count, missing) = (answers.count, answers.missing)
        try answers.finish()
        if let missing {
            throw UnknownKeys(
                list: "--users", count: count, unknownCount: missing.count, first: missing.first, kind: .user)
        }
    }

    /// How many whole lines a file has; what stands behind the last of them is cut off.
    private func completeLines(of path: String) throws -> Int {
        let data = try InputFile.contents(of: path)
        let end = data.lastIndex(of: 10).map { $0 + 1 } ?? 0
        if end < data.count, unsafe truncate(path, end) != 0 {
            throw OutputError(description: "'\(path)' cannot be cut: \(Refusal(errno))")
        }
        return data.prefix(end).count { $0 == 10 }
    }
}

/// The users of a batch. With `--strict` all keys are read first, and each has to be in the store; else one after the other.
private final class UserList: Sendable {
    private let lines: KeyLines
    /// Nil where keys are read one after the other.
    private let checked: Mutex<ArraySlice<NodeKey>?>

    init(path: String, isStrict: Bool, _ store: GraphStore, _ request: RecommendationRequest) throws {
        lines = try KeyLines(path: path)
        guard isStrict else {
            checked = Mutex(nil)
            return
        }
        var keys: [NodeKey] = []
        while let key = try lines.next() { keys.append(key) }
        let (kind, unknown) = try store.read { snapshot in
            let kind = try snapshot.prepare(request).users
            return (kind, try keys.filter { try !snapshot.contains($0, kind: kind) })
        }
        if let first = unknown.first {
            throw UnknownKeys(
                list: "--users", count: keys.count, unknownCount: unknown.count, first: first, kind: kind)
        }
        checked = Mutex(keys[...])
    }

    /// The next user, or nil when there is none.
    @Sendable func next() throws -> NodeKey? {
        try checked.withLock { checked throws in
            guard checked != nil else { return try lines.next() }
            return checked?.popFirst()
        }
    }
}

extension Evidence {
    /// The contract's JSON.
    var json: JSON {
        .object([
            ("by", .string(by.rawValue)), ("via", .string(via.text)), ("paths", .integer(paths)),
            ("through", .array(through.map { .string($0.description) })), ("score", .number(score)),
        ])
    }
}

import ArgumentParser
import Foundation
import Kith

/// `kith recommend`
struct Recommend: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Suggest people to a user, or to many.",
        discussion: """
            Without --via walks follow 'friends' when the store has any, else 'follows'. With flags of walks (--via, \
            --score, ...) and without --by, friends of friends are meant.

            What --by finds:
              friends-of-friends  those two steps away
              co-follow           those who follow the same accounts
              same-audience       those whom the same accounts follow
              interests           those with the same interests
              behaviour           those who looked at, clicked or bought the same
              interactions        those with whom the people one interacts with interact
              content             items about one's interests
              follow-back         those who follow one and are not followed back
              pagerank            those whom a random walk from the user visits most
              attention           those who get most attention, by anyone
              linear-filter       items, by what everybody looked at or bought
              item-based          items like one's own
              user-based          items of the most similar users
              walk                any two hops, which only a --request can name
              blend               friends-of-friends, and pagerank with half the weight

            With --users or --all the \
            results are JSON lines unless a table or CSV is asked for, one user a line, in the order of the input or of \
            ids, all of one state of the graph; a user the store does not have gets a line with an "error", and the \
            exit code is 66 when all are done. A table or CSV has no line for such a user. --resume goes on where an \
            interrupted --output ended.

            Examples:
              kith recommend people.kith alice
              kith recommend people.kith alice --via follows friends --score adamic-adar
              kith recommend people.kith alice --by pagerank --restart 0.5 --by interests
              kith recommend people.kith --all --by interests --output all.jsonl
            """)

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
    @OptionGroup var printing: OutputOptions

    func validate() throws {
        guard [user != nil, users != nil, all].count(where: { $0 }) == 1 else {
            throw ValidationError("name one USER, or --users FILE, or --all")
        }
        if let threads, !(1...256).contains(threads) { throw ValidationError("--threads is 1 to 256") }
        guard !resume || (output != nil && user == nil && printing.asked != .csv && printing.asked != .table) else {
            throw ValidationError("--resume needs --output and JSON lines")
        }
    }

    func run() throws {
        let store = try store.openToRead()
        let request = try request.makeRequest()
        guard let user else { return try answerMany(from: store, request) }
        let key = try parseKey(user)
        let start = ContinuousClock.now
        let list = try store.read { snapshot in try snapshot.recommend(request, for: key) }
        let answer = Answer(user: key, list: list, milliseconds: start.duration(to: .now) / .milliseconds(1))
        try Report(json: answer.json(name(request)), headings: Answer.headings, rows: answer.rows)
            .print(as: printing.asked == .jsonl ? .json : printing.format, to: output)
    }

    /// What the results say they were found by.
    private func name(_ request: RecommendationRequest) -> String {
        request.recommenders.count == 1 ? request.recommenders[0].by.rawValue : "blend"
    }

    private func answerMany(from store: GraphStore, _ request: RecommendationRequest) throws {
        let done = resume ? try completeLines(of: output ?? "") : 0
        var answers = try AnswerStream(
            LineWriter(path: output, appending: resume), as: printing.asked ?? .jsonl, by: name(request),
            isTerminal: output == nil)
        let interruption = try Interruption {}
        let threads = threads ?? ProcessInfo.processInfo.activeProcessorCount
        let line = printing.progressLine
        defer { line.clear() }
        do {
            if let users {
                let lines = try KeyLines(path: users)
                for _ in 0..<done { _ = try lines.next() }
                try store.recommendations(
                    request, for: lines.next, threads: threads, isCancelled: interruption.wasRequested
                ) { answer in
                    try answers.write(answer)
                    line.show("recommending", done: done + answers.count, of: nil, unit: "users")
                }
            } else {
                let total = try store.read { snapshot in try snapshot.nodeCount(of: .user) }
                try store.recommendationsForAll(
                    request, skipping: done, threads: threads, isCancelled: interruption.wasRequested
                ) { answer in
                    try answers.write(answer)
                    line.show("recommending", done: done + answers.count, of: total, unit: "users")
                }
            }
        } catch {
            // What was answered is complete and can be resumed.
            line.clear()
            try answers.finish()
            guard error is CancellationError else { throw error }
            throw Interrupted(
                description: "interrupted; what was answered is complete"
                    + (output == nil ? "" : ", and --resume goes on behind it"))
        }
        line.clear()
        let missing = answers.missing
        try answers.finish()
        if let missing { throw GraphStoreError.noSuchNode(.user, missing) }
    }

    /// How many whole lines a file has; what stands behind the last of them is cut off.
    private func completeLines(of path: String) throws -> Int {
        guard let data = FileManager.default.contents(atPath: path) else { return 0 }
        let end = data.lastIndex(of: 10).map { $0 + 1 } ?? 0
        if end < data.count, unsafe truncate(path, end) != 0 {
            throw OutputError(description: "'\(path)' cannot be cut: \(unsafe String(cString: strerror(errno)))")
        }
        return data.prefix(end).count { $0 == 10 }
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

import ArgumentParser
import Foundation
import Kith

/// `kith recommend`
struct Recommend: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Suggest people to a user, or to many.",
        discussion: """
            Without --via the walk follows 'friends' when the store has any, else 'follows'. With --users or --all the \
            results are JSON lines unless another format is given, one user a line in the order of the input; a user the \
            store does not have gets a line with an "error", and the exit code is 66 when all are done.
            """)

    enum Method: String, ExpressibleByArgument, CaseIterable {
        case friendsOfFriends = "friends-of-friends"
    }

    @OptionGroup var store: StoreArgument
    @Argument(help: "The user's key.") var user: String?
    @Option(help: "A file of users, one key a line; - is standard input.") var users: String?
    @Option(help: "How candidates are found.") var by: Method = .friendsOfFriends
    @Option(help: "The edge type to walk.") var via: EdgeType.Name?
    @Option(help: "The formula: paths, adamic-adar or resource-allocation.") var score: TwoHopScore = .adamicAdar
    @Option(help: "How many suggestions at most.") var limit = 10
    @Option(help: "How many intermediates each suggestion names.") var evidence = 3
    @Option(help: "Write the results there instead of to standard output.") var output: String?
    @Option(help: "How results are printed: table, json, jsonl or csv.") var format: OutputFormat?

    func validate() throws {
        guard (user == nil) != (users == nil) else { throw ValidationError("name one USER, or --users FILE") }
        guard limit >= 0, evidence >= 0 else { throw ValidationError("--limit and --evidence need to be 0 or more") }
    }

    func run() throws {
        let store = try store.openToRead()
        let type = if let via { via } else { try store.read { try Recommend.defaultType(in: $0) } }
        let recommender = FriendsOfFriends(via: type, score: score, evidenceLimit: evidence)
        if let users {
            try answerAll(in: users, from: store, recommender)
        } else if let user {
            let answer = try Recommend.answer(try parseKey(user), from: store, recommender, limit: limit)
            try Report(json: answer.json(by), headings: Answer.headings, rows: answer.rows).print(as: format ?? .table)
        }
    }

    /// The relation people are joined by in this store.
    private static func defaultType(in snapshot: borrowing Snapshot) throws -> EdgeType.Name {
        let hasFriends = snapshot.schema.edgeType(.friends) != nil
        guard hasFriends, try snapshot.edgeCount(of: .friends) > 0 else { return .follows }
        return .friends
    }

    private static func answer(
        _ key: NodeKey, from store: GraphStore, _ recommender: FriendsOfFriends, limit: Int
    ) throws -> Answer {
        let start = ContinuousClock.now
        let list = try store.read { snapshot in try snapshot.recommend(for: key, by: recommender, limit: limit) }
        return Answer(user: key, list: list, milliseconds: start.duration(to: .now) / .milliseconds(1))
    }

    private func answerAll(in path: String, from store: GraphStore, _ recommender: FriendsOfFriends) throws {
        var writer = try LineWriter(path: output)
        var missing: (any Error)?
        let format = format ?? .jsonl
        if format == .csv || format == .table { try writer.write((["for"] + Answer.headings).joined(separator: ",")) }
        try forEachKey(in: path) { text in
            do {
                let answer = try Recommend.answer(try parseKey(text), from: store, recommender, limit: limit)
                switch format {
                case .json, .jsonl: try writer.write(answer.json(by).text)
                case .csv, .table:
                    for row in answer.rows {
                        try writer.write(([.string(text)] + row).map(\.cell).joined(separator: ","))
                    }
                }
            } catch let error as GraphStoreError {
                guard case .noSuchNode = error else { throw error }
                missing = missing ?? error
                try writer.write(JSON.object([("user", .string(text)), ("error", .string("\(error)"))]).text)
            }
        }
        try writer.finish()
        if let missing { throw missing }
    }
}

/// Calls `body` for every line of a file of keys.
private func forEachKey(in path: String, _ body: (String) throws -> Void) throws {
    guard let file = unsafe path == "-" ? fdopen(dup(STDIN_FILENO), "r") : fopen(path, "r") else {
        throw LoadError.cannotRead(path: path, reason: unsafe String(cString: strerror(errno)))
    }
    defer { unsafe fclose(file) }
    var line: UnsafeMutablePointer<CChar>?
    var capacity = 0
    defer { unsafe free(line) }
    while true {
        let count = unsafe getline(&line, &capacity, file)
        guard count >= 0, let line = unsafe line else { return }
        var bytes = unsafe UnsafeBufferPointer(start: UnsafePointer(line), count: count).map { UInt8(bitPattern: $0) }
        while let last = bytes.last, last == 10 || last == 13 { bytes.removeLast() }
        if bytes.isEmpty { continue }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw NodeKeyError.notUTF8 }
        try body(text)
    }
}

/// One user's suggestions as they are printed.
private struct Answer {
    let user: NodeKey
    let list: RecommendationList
    let milliseconds: Double

    static let headings = ["rank", "user", "score", "paths", "through"]

    func json(_ by: Recommend.Method) -> JSON {
        .object([
            ("user", .string(user.description)), ("by", .string(by.rawValue)),
            (
                "results",
                .array(
                    list.results.map { result in
                        .object([
                            ("rank", .integer(result.rank)), ("user", .string(result.user.description)),
                            ("score", .number(result.score)),
                            (
                                "evidence",
                                .array(
                                    result.evidence.map { evidence in
                                        .object([
                                            ("via", .string(evidence.via.text)), ("paths", .integer(evidence.paths)),
                                            ("through", .array(evidence.through.map { .string($0.description) })),
                                        ])
                                    })
                            ),
                        ])
                    })
            ),
            ("complete", .bool(list.isComplete)), ("milliseconds", .number(milliseconds)),
        ])
    }

    var rows: [[JSON]] {
        list.results.map { result in
            [
                .integer(result.rank), .string(result.user.description), .number(result.score),
                .integer(result.evidence.first?.paths ?? 0),
                .array((result.evidence.first?.through ?? []).map { .string($0.description) }),
            ]
        }
    }
}

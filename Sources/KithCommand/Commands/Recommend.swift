import ArgumentParser
import Foundation
import Kith

/// `kith recommend`
struct Recommend: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Suggest people to a user, or to many.",
        discussion: """
            Without --via walks follow 'friends' when the store has any, else 'follows'. With --users or --all the \
            results are JSON lines unless another format is given, one user a line, in the order of the input or of \
            ids, all of one state of the graph; a user the store does not have gets a line with an "error", and the \
            exit code is 66 when all are done. --resume goes on where an interrupted --output ended.

            Examples:
              kith recommend people.kith alice
              kith recommend people.kith alice --by friends-of-friends --via follows --score adamic-adar
              kith recommend people.kith alice --by pagerank --restart 0.5 --by interests
              kith recommend people.kith --all --by interests --limit 20 --output suggestions.jsonl
            """)

    @OptionGroup var store: StoreArgument
    @Argument(help: "The user's key.") var user: String?
    @Option(help: "A file of users, one key a line; - is standard input.") var users: String?
    @Flag(help: "For every user.") var all = false
    @OptionGroup var request: RequestOptions
    @Option(help: "How many threads work on many users; as many as there are cores unless given.") var threads: Int?
    @Option(help: "Write the results there instead of to standard output.") var output: String?
    @Flag(help: "Go on behind what --output has already.") var resume = false
    @Option(help: "How results are printed: table, json, jsonl or csv.") var format: OutputFormat?

    func validate() throws {
        guard [user != nil, users != nil, all].count(where: { $0 }) == 1 else {
            throw ValidationError("name one USER, or --users FILE, or --all")
        }
        guard threads ?? 1 >= 1 else { throw ValidationError("--threads needs to be 1 or more") }
        guard !resume || (output != nil && user == nil && format != .csv && format != .table) else {
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
            .print(as: format ?? .table)
    }

    /// What the results say they were found by.
    private func name(_ request: RecommendationRequest) -> String {
        request.recommenders.count == 1 ? request.recommenders[0].by.rawValue : "blend"
    }

    private func answerMany(from store: GraphStore, _ request: RecommendationRequest) throws {
        let done = resume ? try completeLines(of: output ?? "") : 0
        var writer = try LineWriter(path: output, appending: resume)
        let (format, name) = (format ?? .jsonl, name(request))
        if format == .csv || format == .table { try writer.write((["for"] + Answer.headings).joined(separator: ",")) }
        var missing: NodeKey?
        let interruption = Interruption {}
        let threads = threads ?? ProcessInfo.processInfo.activeProcessorCount
        do {
            if let users {
                let lines = try KeyLines(path: users)
                for _ in 0..<done { _ = try lines.next() }
                try store.recommendations(
                    request, for: lines.next, threads: threads, isCancelled: interruption.wasRequested
                ) { try Recommend.write($0, as: format, name, to: &writer, &missing) }
            } else {
                try store.recommendationsForAll(
                    request, skipping: done, threads: threads, isCancelled: interruption.wasRequested
                ) { try Recommend.write($0, as: format, name, to: &writer, &missing) }
            }
        } catch {
            // What was answered is complete and can be resumed.
            try writer.finish()
            throw error
        }
        try writer.finish()
        if let missing { throw GraphStoreError.noSuchNode(.user, missing) }
    }

    /// Writes one user's answer; notes the first user whom the store does not have.
    private static func write(
        _ answer: BatchAnswer, as format: OutputFormat, _ name: String, to writer: inout LineWriter,
        _ missing: inout NodeKey?
    ) throws {
        guard let list = answer.list else {
            missing = missing ?? answer.user
            let error = GraphStoreError.noSuchNode(.user, answer.user)
            let json = JSON.object([("user", .string(answer.user.description)), ("error", .string("\(error)"))])
            return try writer.write(json.text)
        }
        let answer = Answer(user: answer.user, list: list, milliseconds: answer.milliseconds)
        switch format {
        case .json, .jsonl:
            var line: [UInt8] = []
            answer.json(name).append(to: &line)
            line.append(10)
            try writer.write(line)
        case .csv, .table:
            for row in answer.rows {
                try writer.write(([.string(answer.user.description)] + row).map(\.csv).joined(separator: ","))
            }
        }
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

/// One user's suggestions as they are printed.
private struct Answer {
    let user: NodeKey
    let list: RecommendationList
    let milliseconds: Double

    static let headings = ["rank", "user", "score", "by", "paths", "through"]

    func json(_ by: String) -> JSON {
        var members: [(String, JSON)] = [
            ("user", .string(user.description)), ("by", .string(by)),
            (
                "results",
                .array(
                    list.map { result in
                        .object([
                            ("rank", .integer(result.rank)), ("user", .string(result.user.description)),
                            ("score", .number(result.score)), ("evidence", .array(result.evidence.map(\.json))),
                        ])
                    })
            ),
            ("complete", .bool(list.isComplete)), ("milliseconds", .number(milliseconds)),
        ]
        if let fallback = list.fallback { members.append(("fallback", .string(fallback.rawValue))) }
        if let residual = list.residual { members.append(("residual", .number(residual))) }
        return .object(members)
    }

    var rows: [[JSON]] {
        list.map { result in
            [
                .integer(result.rank), .string(result.user.description), .number(result.score),
                .array(result.evidence.map { .string($0.by.rawValue) }),
                .integer(result.evidence.first { $0.paths > 0 }?.paths ?? 0),
                .array((result.evidence.first { !$0.through.isEmpty }?.through ?? []).map { .string($0.description) }),
            ]
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

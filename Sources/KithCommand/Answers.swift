import Foundation
import Kith

/// One user's suggestions as they are printed.
struct Answer {
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

/// The answers for many users, printed one after the other: JSON lines, or the rows of all under one heading.
struct AnswerStream: ~Copyable {
    private var writer: LineWriter
    private let format: OutputFormat
    private let by: String
    private let rules: CSVRules
    private var table: Table
    /// How many there were.
    private(set) var count = 0
    /// The first user whom the store does not have, and how many there are.
    private(set) var missing: (first: NodeKey, count: Int)?

    private static let headings = ["for"] + Answer.headings
    /// So many rows decide how wide the columns of a table are.
    private static let rowsSampled = 256

    /// - Parameters:
    ///   - by: what the answers say they were found by.
    ///   - kind: of which kind those are who are suggested.
    ///   - isTerminal: whether the writer may be that of a terminal.
    init(
        _ writer: consuming LineWriter, as format: OutputFormat, by: String, of kind: NodeKind, isTerminal: Bool
    ) throws {
        let headings = Report.headings(AnswerStream.headings, of: kind)
        rules = CSVRules(isSafe: format == .safeCSV, isForTerminal: writer.isTerminal)
        self.writer = writer
        self.format = format
        self.by = by
        table =
            isTerminal
            ? Table(headings, sampleMax: AnswerStream.rowsSampled)
            : Table(headings, sampleMax: AnswerStream.rowsSampled, width: nil, isStyled: false)
        if format == .csv || format == .safeCSV {
            try self.writer.write(rules.line(of: AnswerStream.headings.map { .string($0) }))
        }
    }

    /// Prints one user's answer.
    mutating func write(_ answer: BatchAnswer) throws {
        count += 1
        guard let list = answer.list else {
            missing = (missing?.first ?? answer.user, (missing?.count ?? 0) + 1)
            guard format == .json || format == .jsonl else { return }
            let error = GraphStoreError.noSuchNode(.user, answer.user)
            let json = JSON.object([("user", .string(answer.user.description)), ("error", .string("\(error)"))])
            return try writer.write(json: json.text)
        }
        let answer = Answer(user: answer.user, list: list, milliseconds: answer.milliseconds)
        switch format {
        case .json where writer.isTerminal, .jsonl where writer.isTerminal:
            try writer.write(json: answer.json(by).text)
        case .json, .jsonl:
            var line: [UInt8] = []
            answer.json(by).append(to: &line)
            line.append(10)
            try writer.write(line)
        case .csv, .safeCSV:
            for row in rows(of: answer) { try writer.write(rules.line(of: row)) }
        case .table:
            for row in rows(of: answer) { for line in table.append(row) { try writer.write(line) } }
        }
    }

    private func rows(of answer: Answer) -> [[JSON]] {
        answer.rows.map { [.string(answer.user.description)] + $0 }
    }

    /// Prints what is left.
    consuming func finish() throws {
        try printTable()
        try writer.finish()
    }

    /// Prints what is left of answers that are not all, unless what was before them could not be written.
    consuming func stop() throws {
        if !writer.hasFailed { try printTable() }
        try writer.stop()
    }

    private mutating func printTable() throws {
        if format == .table { for line in table.finish() { try writer.write(line) } }
    }
}

import ArgumentParser
import Foundation
import Kith

/// `kith check`
struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Prove every invariant of the store from what is on disk; exit with 1 when one is broken.",
        discussion: """
            First every page of the file is proved to be as LMDB writes it, by a reader that trusts nothing; then, unless \
            something is wrong there, every key, list and counter. A damaged file is a finding, never a crash.
            """)

    @OptionGroup var store: StorePath
    @Option(help: "How many problems are listed; all are counted.") var problemsMax = 100
    @OptionGroup var limits: WorkLimit
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard problemsMax >= 0 else { throw ValidationError("--problems-max is 0 or more") }
    }

    func run() throws {
        try store.begin()
        let interruption = try Interruption()
        let line = output.progressLine
        defer { line.clear() }
        let report = try limits.bounding(interruption.wasRequested) { isCancelled in
            try StorePath.withPlaceOrTurn { options in
                try GraphStore.check(
                    store.store, options: options, problemsMax: problemsMax, onProgress: { line.show($0) },
                    isCancelled: isCancelled)
            }
        }
        line.clear()
        try printReport(report)
    }

    private func printReport(_ report: IntegrityReport) throws {
        let json = JSON.object([
            ("ok", .bool(report.isSound)),
            (
                "checked",
                .object([
                    ("edges", .integer(report.edges)), ("blocks", .integer(report.blocks)),
                    ("nodes", .integer(report.nodes)), ("pages", .integer(report.pages)),
                ])
            ),
            (
                "problems",
                .array(
                    report.problems.map { problem in
                        .object([
                            ("kind", .string(problem.kind.rawValue)), ("table", .string(problem.table)),
                            ("node", problem.node.map { .integer(Int($0)) } ?? .null),
                            ("message", .string(problem.message)),
                        ])
                    })
            ),
            ("problemCount", .integer(report.problemCount)),
        ])
        var rows: [[JSON]] = report.problems.map { problem in
            [
                .string(problem.kind.rawValue), .string(problem.table), problem.node.map { .integer(Int($0)) } ?? .null,
                .string(problem.message),
            ]
        }
        if report.isSound, output.format == .table {
            rows = [
                [
                    .string("sound"), .string(""), .null,
                    .string("\(report.edges) edges in \(report.blocks) blocks"),
                ]
            ]
        }
        try Report(json: json, headings: ["kind", "table", "node", "message"], rows: rows).print(as: output.format)
        if !report.isSound { throw ExitCode(Failure.Code.found.rawValue) }
    }
}

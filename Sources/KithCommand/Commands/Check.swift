import ArgumentParser
import Foundation
import Kith

/// `kith check`
struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Prove every invariant of the store from what is on disk; exit with 1 when one is broken.",
        discussion: """
            The walk runs in a process of its own: a file so damaged that reading it crashes is a finding, not a crash.
            """)

    @OptionGroup var store: StoreArgument
    @Option(help: "How many problems are listed; all are counted.") var problemsMax = 100
    @Flag(help: .hidden) var walk = false
    @OptionGroup var output: OutputOptions

    func run() throws {
        if walk {
            let line = output.progressLine
            defer { line.clear() }
            let report = try store.openToRead().check(problemsMax: problemsMax, onProgress: { line.show($0) })
            line.clear()
            return try printReport(report)
        }
        let progress = output.progress.map { ["--progress", $0.rawValue] } ?? []
        let child = try ChildCommand(
            ["check", "--walk", "--problems-max", String(problemsMax), "--format", output.format.rawValue] + progress
                + ["--", store.store])
        let interruption = try Interruption(patienceSeconds: 0) { child.send(SIGKILL) }
        let end = child.wait()
        if end != .exit(0) { output.progressLine.wipe() }
        if interruption.wasRequested() { throw Interrupted() }
        switch end {
        case .signal(let number) where [SIGINT, SIGTERM, SIGKILL].contains(number): throw Interrupted()
        case .signal(let number):
            var report = IntegrityReport()
            report.note(
                .unreadable,
                "the walk was ended by signal \(number): the file is damaged where reading it crashes")
            try printReport(report)
        case .exit(0): break
        case .exit(let code): throw ExitCode(code)
        }
    }

    private func printReport(_ report: IntegrityReport) throws {
        let json = JSON.object([
            ("ok", .bool(report.isSound)),
            (
                "checked",
                .object([
                    ("edges", .integer(report.edges)), ("blocks", .integer(report.blocks)),
                    ("nodes", .integer(report.nodes)),
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
                [.string("sound"), .string(""), .null, .string("\(report.edges) edges in \(report.blocks) blocks")]
            ]
        }
        try Report(json: json, headings: ["kind", "table", "node", "message"], rows: rows).print(as: output.format)
        if !report.isSound { throw ExitCode(Failure.Code.found.rawValue) }
    }
}

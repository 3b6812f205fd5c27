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
            try printReport(try store.openToRead().check(problemsMax: problemsMax))
            return
        }
        let child = Process()
        child.executableURL = try Check.executable()
        child.arguments = [
            "check", "--walk", "--problems-max", String(problemsMax), "--format", output.format.rawValue, "--",
            store.store,
        ]
        try child.run()
        child.waitUntilExit()
        if child.terminationReason == .uncaughtSignal {
            var report = IntegrityReport()
            report.note(
                .unreadable,
                "the walk was ended by signal \(child.terminationStatus): the file is damaged where reading it crashes")
            try printReport(report)
        }
        if child.terminationStatus != 0 { throw ExitCode(child.terminationStatus) }
    }

    private static func executable() throws -> URL {
        #if os(Linux)
            return URL(fileURLWithPath: try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
        #else
            return URL(fileURLWithPath: CommandLine.arguments[0])
        #endif
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

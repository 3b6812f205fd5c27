import ArgumentParser
import Kith

/// `kith apply`
struct Apply: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Add and remove edges and nodes as the lines of a file say, in one commit.",
        discussion: """
            FILE has a JSON object a line; it may be compressed, and - is standard input. The order of lines is the order of \
            changes, and each means what 'kith add' and 'kith remove' mean:

              {"add": "follows", "from": "a", "to": "b", "weight": 2, "time": 1700000000}
              {"remove": "follows", "from": "a", "to": "b"}
              {"add": {"kind": "topic", "key": "tea"}}
              {"remove": {"kind": "user", "key": "a"}}

            Weight and time may be left out: they are 1 and now then. What is to be removed and is not there is counted as \
            missing, and no error. Nothing is changed when a line is bad, unless --on-error skip is given.

            --every N commits after each N lines: others write in between, and what is committed stays when a later line is \
            bad; the error says up to which line that is. Other writers wait while lines are read, so --every is for a \
            stream that is slow to come.

            Examples:
              kith apply people.kith changes.jsonl
              kith apply people.kith changes.jsonl.gz --every 100000 --format json
              printf '{"remove": "follows", "from": "a", "to": "b"}\\n' | kith apply people.kith -
            """)

    @OptionGroup var store: StoreArgument
    @Argument(help: "The file of changes; - is standard input.", completion: .file()) var file: String
    @Option(help: ArgumentHelp("Commit after each so many lines; once, at the end, unless given.", valueName: "n"))
    var every: Int?
    @OptionGroup var badRows: BadRowOptions
    @OptionGroup var wait: WaitOption
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if let every, every < 1 { throw ValidationError("--every is at least 1") }
    }

    func run() throws {
        let start = ContinuousClock.now
        let report = try badRows.apply(
            ChangeFile(path: file, rowsPerCommit: every), to: store, wait, output, word: "applying", done: Apply.done)
        try Apply.answer(report, seconds: start.duration(to: .now) / .seconds(1)).print(as: output.format)
    }

    private static func done(_ report: ChangeFile.Report) -> String {
        (report.lines == 1 ? "1 line is applied" : "\(report.lines) lines are applied")
            + " (edges: \(report.added) added, \(report.updated) changed, \(report.removed) removed)"
    }

    private static func answer(_ report: ChangeFile.Report, seconds: Double) -> Report {
        let reasons = report.rejected.sorted { $0.key < $1.key }
        let counts: [(member: String, what: String, count: Int)] = [
            ("added", "edges added", report.added), ("updated", "edges changed", report.updated),
            ("removed", "edges removed", report.removed), ("missing", "edges not there", report.missing),
            ("nodesAdded", "nodes added", report.nodesAdded), ("nodesKnown", "nodes there already", report.nodesKnown),
            ("nodesRemoved", "nodes removed", report.nodesRemoved),
            ("nodesMissing", "nodes not there", report.nodesMissing),
        ]
        let members: [(String, JSON)] = [
            ("lines", .integer(report.lines)), ("rejected", .integer(reasons.reduce(0) { $0 + $1.value })),
            ("reasons", .object(reasons.map { ($0.key, .integer($0.value)) })),
            ("commits", .integer(report.commits)), ("seconds", .number(seconds)),
        ]
        return Report(
            json: .object(counts.map { ($0.member, .integer($0.count)) } + members), headings: ["what", "count"],
            rows: counts.map { [.string($0.what), .integer($0.count)] } + [[.string("lines"), .integer(report.lines)]]
                + reasons.map { [.string("rejected \($0.key)"), .integer($0.value)] }
                + [[.string("commits"), .integer(report.commits)], [.string("seconds"), .number(seconds)]])
    }
}

import ArgumentParser
import Kith

/// `kith remove`
struct Remove: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Remove one edge, a node with all its edges, or all that a file lists.",
        usage: """
            kith remove STORE TYPE FROM TO
            kith remove STORE --node KIND KEY
            kith remove STORE [TYPE] --from FILE
            kith remove STORE --node KIND --from FILE
            """,
        discussion: """
            "removed" says whether there was such an edge, or such a node. The bytes of what is removed stay on free pages of \
            the file until these are used again; 'kith forget' overwrites them.

            --from FILE removes the edges, or the nodes, that a file lists, in one commit; - is standard input. It is any file \
            that 'kith load' reads, and weights and times in it do not count, but have to be some. Without TYPE each row's \
            type is that of its column :TYPE. "removed" is how many there were then, and "missing" how many were not there, which is no error; a \
            bad row is one, and nothing is removed, unless --on-error skip is given.

            Examples:
              kith remove people.kith follows alice bob
              kith remove people.kith --node user alice
              kith remove people.kith follows --from unfollows.csv
              kith remove people.kith --node user --from leavers.txt
            """)

    @OptionGroup var store: StoreArgument
    @Flag(help: "Remove a node: the arguments are its kind and its key.") var node = false
    @Argument(help: "TYPE FROM TO, or with --node KIND KEY.", completion: .edgeOrNode) var what: [String] = []
    @Option(
        help: ArgumentHelp(
            "A file of edges, or with --node of keys, to be removed; - is standard input.", valueName: "file"),
        completion: .file())
    var from: String?
    @Option(help: "How rows of --from are written; as its name ends unless given.") var inputFormat: EdgeFileFormat?
    @OptionGroup var dialect: DialectOptions
    @OptionGroup var badRows: BadRowOptions
    @OptionGroup var wait: WaitOption
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard from == nil else {
            guard node ? what.count == 1 : what.count < 2 else {
                throw ValidationError(
                    node ? "--node takes KIND with --from FILE" : "--from FILE takes the TYPE of its edges, or nothing")
            }
            return
        }
        guard inputFormat == nil, dialect.said.isEmpty, !badRows.isGiven else {
            throw ValidationError(
                "--input-format, --columns and the like, --on-error and --rejects go with --from FILE")
        }
        guard what.count == (node ? 2 : 3) else {
            throw ValidationError(node ? "--node takes KIND KEY" : "an edge is TYPE FROM TO; a node is --node KIND KEY")
        }
    }

    func run() throws {
        if let from { return try removeAll(listedIn: from) }
        let removed = try store.openToWrite(wait).write { graph in
            try RunningVerb.checkCancelled()
            return node
                ? try graph.removeNode(try parseKey(what[1]), kind: NodeKind(what[0]))
                : try graph.remove(try parseKey(what[1]), EdgeType.Name(what[0]), try parseKey(what[2]))
        }
        if removed { Accomplishment.current.note(node ? "the node is removed" : "the edge is removed") }
        try Report(json: .object([("removed", .bool(removed))]), headings: ["removed"], rows: [[.bool(removed)]])
            .print(as: output.format)
    }

    private func removeAll(listedIn path: String) throws {
        let contents: ChangeFile.Contents =
            node ? .removedNodes(of: NodeKind(what[0])) : .removedEdges(of: what.first.map { EdgeType.Name($0) })
        var file = ChangeFile(path: path, contents: contents, format: inputFormat)
        file.dialect = try dialect.dialect()
        let report = try badRows.apply(file, to: store, wait, output, word: "removing") { [node] report in
            node ? "\(report.nodesRemoved) nodes are removed" : "\(report.removed) edges are removed"
        }
        let files = report.file.map { [$0] } ?? []
        LoadedFiles.tell(files, output)
        let reasons = report.rejected.sorted { $0.key < $1.key }
        let counts = [
            ("removed", node ? report.nodesRemoved : report.removed),
            ("missing", node ? report.nodesMissing : report.missing),
            ("rejected", reasons.reduce(0) { $0 + $1.value }),
        ].map { ($0.0, JSON.integer($0.1)) }
        try Report(
            json: .object(
                counts + [
                    ("reasons", .object(reasons.map { ($0.key, .integer($0.value)) })),
                    ("files", LoadedFiles.json(files)),
                ]),
            headings: counts.map(\.0), rows: [counts.map(\.1)]
        ).print(as: output.format)
    }
}

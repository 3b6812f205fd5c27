import ArgumentParser
import Kith

/// `kith forget`
struct Forget: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Remove a node with all its edges, and overwrite what its removal leaves in the file.",
        usage: """
            kith forget STORE KIND KEY
            kith forget STORE KIND --from FILE
            """,
        discussion: """
            What 'kith remove' takes away stays on pages of the file that are free, until they are used again. This \
            overwrites every byte that is not in use and searches the whole file for the key. Writers wait meanwhile; it \
            takes about as long as reading the file five times, for a thousand keys as for one.

            "missing" are keys that no node had. To forget them is no mistake: what was interrupted, or found a reader that \
            would not end (exit 75), is finished by doing it again. "occurrences" are bytes like the key's in what is in \
            use, by table, such as "ann" in another node's "anna".

            Backups, exports, replicas, logs, the history of 'kith shell' and old blocks of the disk are not reached. \
            "files beside" are files named after the store that still have the key's bytes.

            Examples:
              kith forget people.kith user alice
              kith forget people.kith user --from leavers.txt --format json
            """)

    @OptionGroup var store: StoreArgument
    @Argument(help: "The kind of the nodes.") var kind: NodeKind
    @Argument(help: "The key of the node.", completion: .nodeKey) var key: String?
    @Option(help: "A file of keys, one a line; - is standard input.", completion: .file()) var from: String?
    @Option(
        help: ArgumentHelp(
            "How long to wait for snapshots of older states to end.", valueName: "seconds"))
    var readersWait = 10.0
    @OptionGroup var wait: WaitOption
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (key == nil) != (from == nil) else {
            throw ValidationError("name a key, or a file of keys with --from FILE, and not both")
        }
        guard readersWait >= 0 else {
            throw ValidationError("--readers-wait takes a number of seconds that is not negative")
        }
    }

    func run() throws {
        let keys = try keys()
        let open = try store.openToWrite(wait)
        try RunningVerb.checkCancelled()
        let interruption = try Interruption(saying: Forget.interrupted) {}
        let line = output.progressLine
        defer { line.clear() }
        do {
            let erasure = try open.forget(
                keys, kind: kind, readerWaitSeconds: readersWait, onProgress: { line.show($0) },
                isCancelled: interruption.wasRequested)
            line.clear()
            Accomplishment.current.note(Forget.done(erasure.nodes))
            try report(erasure).print(as: output.format)
        } catch is CancellationError {
            throw Forget.interrupted
        }
    }

    private static func done(_ nodes: Int) -> String {
        switch nodes {
        case 0: "what is not in use is overwritten"
        case 1: "the node is forgotten"
        default: "\(nodes) nodes are forgotten"
        }
    }

    private static let interrupted = Interrupted(
        description:
            "interrupted; the nodes may be removed, and bytes of them left in the file; forget them again to finish")

    private func keys() throws -> [NodeKey] {
        guard let from else { return try key.map { [try parseKey($0)] } ?? [] }
        let lines = try KeyLines(path: from)
        var keys: [NodeKey] = []
        while let key = try lines.next() { keys.append(key) }
        return keys
    }

    private func report(_ erasure: Erasure) -> Report {
        let missing = JSON.array(erasure.missing.map { .string($0.description) })
        let filesBeside = JSON.array(erasure.filesBeside.map { .string($0) })
        let json = JSON.object([
            ("removed", .integer(erasure.nodes)), ("missing", missing), ("edges", .integer(erasure.edges)),
            ("bytesOverwritten", .integer(erasure.bytesOverwritten)),
            ("pagesOverwritten", .integer(erasure.pagesOverwritten)), ("bytesScanned", .integer(erasure.bytesScanned)),
            (
                "occurrences",
                .object(erasure.occurrences.sorted { $0.key < $1.key }.map { ($0.key, .integer($0.value)) })
            ),
            ("filesBeside", filesBeside),
        ])
        return Report(
            json: json,
            headings: [
                "removed", "missing", "edges", "bytes overwritten", "bytes scanned", "occurrences", "files beside",
            ],
            rows: [
                [
                    .integer(erasure.nodes), missing, .integer(erasure.edges), .integer(erasure.bytesOverwritten),
                    .integer(erasure.bytesScanned), .integer(erasure.occurrences.values.reduce(0, +)), filesBeside,
                ]
            ])
    }
}

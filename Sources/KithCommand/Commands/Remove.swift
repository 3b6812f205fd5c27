import ArgumentParser
import Kith

/// `kith remove`
struct Remove: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Remove one edge, or a node with all its edges.",
        usage: """
            kith remove STORE TYPE FROM TO
            kith remove STORE --node KIND KEY
            """,
        discussion: """
            "removed" says whether there was such an edge, or such a node. The bytes of what is removed stay on free pages of \
            the file until these are used again; 'kith forget' overwrites them.

            Examples:
              kith remove people.kith follows alice bob
              kith remove people.kith --node user alice
            """)

    @OptionGroup var store: StoreArgument
    @Flag(help: "Remove a node: the arguments are its kind and its key.") var node = false
    @Argument(help: "TYPE FROM TO, or with --node KIND KEY.", completion: .edgeOrNode) var what: [String]
    @OptionGroup var wait: WaitOption
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard what.count == (node ? 2 : 3) else {
            throw ValidationError(node ? "--node takes KIND KEY" : "an edge is TYPE FROM TO; a node is --node KIND KEY")
        }
    }

    func run() throws {
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
}

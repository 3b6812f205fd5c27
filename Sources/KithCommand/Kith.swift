import ArgumentParser
import Foundation

/// The command `kith`.
@main
struct Kith: ParsableCommand {
    private static let groups = [
        CommandGroup(
            name: "Making and filling a store", subcommands: [Create.self, Load.self, Export.self, Generate.self]),
        CommandGroup(name: "Changing nodes and edges", subcommands: [Add.self, Remove.self, Apply.self, Forget.self]),
        CommandGroup(
            name: "Asking",
            subcommands: [
                Recommend.self, Why.self, Similar.self, Top.self, Neighbors.self, Common.self, Path.self, Degree.self,
                EdgeCommand.self, Shell.self,
            ]),
        CommandGroup(
            name: "Keeping a store",
            subcommands: [
                Stats.self, Check.self, Backup.self, Swap.self, Compact.self, Upgrade.self, SchemaCommand.self,
                Readers.self,
            ]),
    ]

    static let configuration = CommandConfiguration(
        commandName: "kith",
        abstract: "A social graph in one file, and who to suggest to whom.",
        usage: "kith <verb> <store> [<arguments>] [<options>]",
        discussion: """
            A store is one file. Its edges have types (follows, friends, interests, ...) that its schema declares; its \
            nodes have keys, which are numbers or any text.

            Every verb prints its results on standard output, as a table or as --format json, jsonl or csv says, and all \
            else on standard error. What fails leaves the store as it was, says so in one line, and tells by its exit \
            code what kind of failure it was; where something fails behind a change that is made, the line says that too; with --format json there is a JSON object of it too.

            A time is seconds since 1970 or ISO 8601, as 2024-05-01 08:00 or 2024-05-01T08:00:00+02:00, UTC where no zone \
            is given; or counts back from now: 90s, 15m, 12h, 30d, 4w; 'yesterday' and 'today' are 00:00 UTC of their day.

            'kith VERB --help' says all about a verb.
            """,
        version: "0.1.0", subcommands: [Manual.self], groupedSubcommands: groups)

    /// The verbs, in the order of the help.
    static var verbs: [any ParsableCommand.Type] { groups.flatMap(\.subcommands) }
    static var verbNames: [String] { verbs.map { $0._commandName } }

    static func main() {
        Terminal.keepStreams()
        // A write beyond the greatest size of a file is an error then, which says so; the signal would end it without a word.
        signal(SIGXFSZ, SIG_IGN)
        do {
            try AddressSpace.check()
            try ArgumentNotUTF8.check()
            var command = try parse(Array(CommandLine.arguments.dropFirst()))
            try command.run()
        } catch {
            Interruption.end { Failure.report(error) }
        }
    }

    /// The verb that the arguments, from the verb's name on, call for.
    static func parse(_ arguments: [String]) throws -> any ParsableCommand {
        let name = arguments.first == "help" ? arguments.dropFirst().first : arguments.first
        if let name, !name.hasPrefix("-"), !(verbNames + ["help", Manual._commandName]).contains(name) {
            throw UnknownVerb(name: name)
        }
        let verb = verbs.first { $0._commandName == arguments.first }
        return try StoreFromEnvironment.parse(arguments, verb: verb) { try parseAsRoot($0) }
    }
}

/// The help of the command itself, which reads like a manual.
extension Kith {
    /// What the manual says beyond the verbs, part by part: what stands at the left, and what is said of it.
    static let manualParts: [(title: String, entries: [(term: String, text: String)])] = [
        (
            "Examples",
            [
                ("kith load people.kith --edges follows=follows.tsv.gz", "Make a store and fill it."),
                ("kith recommend people.kith 42 --via follows --limit 5", "Five people to suggest, with reasons."),
                ("kith why people.kith 42 77", "Why 77 is suggested to 42, or why not."),
                ("kith recommend people.kith --all --output all.jsonl", "Suggestions for everybody, a user a line."),
                ("kith add people.kith follows alice bob", "One edge, durable when the command ends."),
                ("kith neighbors people.kith alice --via follows --recent", "Whom alice follows, the newest first."),
                ("kith shell people.kith", "Ask on and on, with history and completion."),
                ("kith backup people.kith copy.kith", "A copy proved sound, while others write."),
                ("kith swap people.kith new.kith", "Another store in its place, while others ask."),
                ("kith upgrade people.kith", "A store of an older version becomes one of this."),
            ]
        ),
        (
            "Exit codes",
            [
                ("0", "done"), ("1", "check found problems; the edge, or a path, does not exist"), ("64", "usage"),
                ("65", "bad input data or a corrupt store"), ("66", "no such store, file or node"),
                ("70", "not done within --timeout"), ("73", "cannot create: it exists already"),
                ("74", "input/output error, such as a full disk"),
                ("75", "the store is locked, busy or replaced"), ("130", "interrupted"),
            ]
        ),
        (
            "Files",
            [
                ("STORE", "the graph; any name, by custom NAME.kith"),
                ("STORE-lock", "who reads and writes now; of no use when nobody does"),
                ("~/.local/state/kith/history", "the lines typed in 'kith shell'"),
            ]
        ),
        (
            "Environment",
            [
                ("KITH_STORE", "the store where none is named: a first argument that is no file is the next one"),
                ("NO_COLOR", "set to anything: no bold headings on a terminal"),
                ("XDG_STATE_HOME", "where the shell keeps kith/history, not in ~/.local/state"),
            ]
        ),
    ]

    /// What `kith --help` prints.
    static var manual: String {
        let parts = manualParts.map { title, entries in
            let isLong = entries.contains { $0.term.count > 30 }
            let indent = isLong ? 6 : 2 + (entries.map(\.term.count).max() ?? 0) + 2
            return "\(title.uppercased()):\n"
                + entries.map { term, text in
                    isLong
                        ? "  \(term)\n\(String(repeating: " ", count: indent))\(text)"
                        : "  \(term)".padding(toLength: indent, withPad: " ", startingAt: 0) + text
                }.joined(separator: "\n")
        }
        let verbs = helpMessage().trimmingCharacters(in: .newlines).replacing(" SUBCOMMANDS:", with: ":")
        return ([verbs] + parts).joined(separator: "\n\n")
    }

    /// Whether help is asked for that is not that of a verb.
    static func isAboutRoot(_ arguments: [String]) -> Bool {
        arguments.isEmpty || [["--help"], ["-h"], ["help"]].contains(arguments)
    }
}

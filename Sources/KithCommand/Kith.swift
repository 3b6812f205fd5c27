import ArgumentParser

/// The command `kith`.
@main
struct Kith: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kith",
        abstract: "A social graph in one file, and who to suggest to whom.",
        discussion: """
            A store is one file. Its edges have types (follows, friends, interests, ...) that its schema declares; its \
            nodes have keys, which are numbers or any text.

            Examples:
              kith load people.kith --edges follows=follows.tsv
              kith recommend people.kith 42 --via follows --limit 5
              kith add people.kith follows alice bob
              kith neighbors people.kith alice --via follows --format json
              kith check people.kith

            Exit codes: 0 done; 1 check found problems, or the edge does not exist; 64 usage; 65 bad data or a corrupt \
            store; 66 no such store, file or node; 73 the file exists already; 74 input/output error; 75 the store is \
            busy; 130 interrupted.
            """,
        version: "0.1.0",
        groupedSubcommands: [
            CommandGroup(
                name: "Making and filling a store", subcommands: [Create.self, Load.self, Export.self, Generate.self]),
            CommandGroup(name: "Changing edges", subcommands: [Add.self, Remove.self]),
            CommandGroup(
                name: "Asking",
                subcommands: [
                    Recommend.self, Why.self, Similar.self, Top.self, Neighbors.self, Common.self, Path.self,
                    Degree.self,
                    EdgeCommand.self,
                ]),
            CommandGroup(
                name: "Keeping a store",
                subcommands: [
                    Stats.self, Check.self, Backup.self, Compact.self, SchemaCommand.self, Readers.self,
                ]),
        ])

    static func main() {
        do {
            try ArgumentNotUTF8.check()
            var command = try parseAsRoot()
            try command.run()
        } catch let error as ExitCode {
            exit(withError: error)
        } catch let error as CleanExit {
            exit(withError: error)
        } catch {
            Failure.exit(for: error)
        }
    }
}

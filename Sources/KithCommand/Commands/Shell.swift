import ArgumentParser
import Foundation
import Kith

/// `kith shell`
struct Shell: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run verb after verb on one store, which stays open.",
        discussion: """
            The verbs are those of the command, without the store's name. The store is opened once, so that what requests \
            work in stays warm. At a terminal there are history, editing and completion by Tab of verbs, options, edge \
            types, keys and files; Ctrl-C ends the verb that runs, not the shell; Ctrl-D or 'exit' ends the shell.

            From a file or a pipe it is a script: a verb a line, words quoted as in a shell, # for comments. It stops at \
            the first verb that fails, with its exit code.

            'load', 'export', 'check', 'backup', 'swap', 'compact' and 'generate' run in a process of their own, as \
            outside, and after --verify prove the store first as well; 'compact' closes the store for as long. 'create' is \
            for outside. When another store is put in the place of this one, the shell goes on with that.

            Examples:
              kith shell people.kith
              echo 'recommend alice --limit 3' | kith shell people.kith
              kith shell people.kith --format json < questions
            """)

    @OptionGroup var store: StoreArgument
    @OptionGroup var output: OutputOptions

    /// Verbs that walk whole files or make new ones: they gain nothing from an open store, and end like a process.
    private static let apart = [
        Load._commandName, Export._commandName, Check._commandName, Backup._commandName, Swap._commandName,
        Compact._commandName, Generate._commandName,
    ]
    /// Those of them that a proof of the store can go before.
    private static let verifying = [
        Load._commandName, Export._commandName, Backup._commandName, Compact._commandName,
    ]
    /// Verbs that make no sense inside.
    private static let outside = [Create._commandName, Shell._commandName]
    private static let ends = ["exit", "quit"]

    func run() throws {
        let kept = KeptStore(store.store, store.verification)
        _ = try kept.toRead()
        let runner = try ShellRunner(kept)
        if Terminal.isTerminal(STDIN_FILENO), Terminal.isTerminal(STDERR_FILENO) {
            try converse(runner, kept)
        } else {
            var isFirst = true
            while let line = readLine() {
                // A script may begin with a byte order mark.
                let words = isFirst ? String(decoding: line.utf8.withoutByteOrderMark, as: UTF8.self) : line
                isFirst = false
                guard let code = run(words, runner, kept) else { return }
                if code != 0 { throw ExitCode(code) }
            }
        }
    }

    private func converse(_ runner: ShellRunner, _ kept: KeptStore) throws {
        let verbs = try CommandDescription.ofKith().subcommands?.filter { verb in
            Kith.verbNames.contains(verb.commandName) && !Shell.outside.contains(verb.commandName)
        }
        let completion = ShellCompletion(verbs ?? [], ownWords: ["help"] + Shell.ends, store: kept)
        let editor = LineEditor(prompt: "kith> ", complete: completion.callAsFunction)
        var history = History()
        while true {
            switch editor.read(history: history.lines) {
            case .end: return
            case .abandoned: continue
            case .line(let line):
                history.append(line)
                if run(line, runner, kept) == nil { return }
            }
        }
    }

    /// Runs a line; answers its exit code, and nil when it ends the shell.
    private func run(_ line: String, _ runner: ShellRunner, _ kept: KeptStore) -> Int32? {
        let typed = ShellWords(line)
        if let missing = typed.missing {
            return Failure.report(UsageError(description: "the line ends before its \(missing)"), arguments: [])
        }
        guard let verb = typed.words.first else { return 0 }
        if Shell.ends.contains(verb) { return nil }
        if Shell.outside.contains(verb) {
            let error = UsageError(description: "'\(verb)' does not work inside a shell; run 'kith \(verb)' outside")
            return Failure.report(error, arguments: [])
        }
        var arguments = typed.words
        if verb != "help", Kith.verbNames.contains(verb) {
            var common = verb == Generate._commandName ? [] : [kept.path]
            common += output.formatArguments
            if store.verify, Shell.verifying.contains(verb) { common.append("--verify") }
            if let progress = output.progress { common += ["--progress", progress.rawValue] }
            arguments.insert(contentsOf: common, at: 1)
        }
        if verb == Load._commandName, arguments.contains(where: { $0.hasSuffix("=-") }) {
            let error = UsageError(description: "inside a shell standard input is the shell's; name a file")
            return Failure.report(error, arguments: [])
        }
        guard Shell.apart.contains(verb), !arguments.contains("--help") else { return runner.run(arguments) }
        if verb == Compact._commandName { kept.letGo() }
        return runner.runApart(arguments)
    }
}

import ArgumentParser
import Kith

/// Values and keys that begin with `-` look like options to the argument parser; this says how to write them.
enum LeadingMinus {
    /// What to add to the parser's message about a command line; nil when no such word is on it.
    static func hint(_ arguments: [String]) -> String? {
        guard let name = arguments.first,
            let verb = try? CommandDescription.ofKith().subcommands?.first(where: { $0.commandName == name })
        else { return nil }
        // Behind "--" everything is a key.
        let words = arguments.dropFirst().prefix { $0 != "--" }
        guard let place = words.firstIndex(where: { looksLikeValue($0, of: verb) }) else { return nil }
        let word = words[place]
        let before = arguments[place - 1]
        if let option = verb.option(named: before), option.kind == .option {
            return "a value that begins with '-' is written behind '=': \(before)=\(word)"
        }
        return "put '--' before keys that begin with '-', and options before it: kith \(name) STORE ... -- \(word)"
    }

    /// Whether a word begins with `-` and is no option of the verb.
    private static func looksLikeValue(_ word: String, of verb: CommandDescription) -> Bool {
        guard word.hasPrefix("-"), word.count > 1 else { return false }
        let option = String(word.prefix { $0 != "=" })
        if ["-h", "--help", "--version"].contains(option) || verb.option(named: option) != nil { return false }
        // A slip in the name of an option is told of as such.
        let names = verb.options.flatMap { $0.names ?? [] }.map(\.text)
        return !word.hasPrefix("--") || nearestName(to: option, among: names) == nil
    }
}

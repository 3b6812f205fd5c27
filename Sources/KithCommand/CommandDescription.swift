import Foundation

/// What the argument parser knows of a verb, as its `--experimental-dump-help` tells: manual pages and completion are
/// made from the definitions of the arguments.
struct CommandDescription: Decodable {
    let commandName: String
    let abstract: String?
    let discussion: String?
    let subcommands: [CommandDescription]?
    let arguments: [Argument]?

    struct Argument: Decodable {
        enum Kind: String, Decodable {
            case positional, option, flag
        }

        struct Name: Decodable {
            let kind: String
            let name: String

            var text: String { (kind == "long" ? "--" : "-") + name }
        }

        let kind: Kind
        let shouldDisplay: Bool
        let isOptional: Bool
        let isRepeating: Bool
        let parsingStrategy: String
        let names: [Name]?
        let valueName: String?
        let defaultValue: String?
        let allValues: [String]?
        let abstract: String?

        var isNamed: Bool { names?.isEmpty == false }
        /// Whether it takes words until the next option.
        var takesMany: Bool { parsingStrategy == "upToNextOption" }
    }

    private struct Tool: Decodable {
        let command: CommandDescription
    }

    /// The command with all its verbs.
    static func ofKith() throws -> CommandDescription {
        try JSONDecoder().decode(Tool.self, from: Data(Kith._dumpHelp().utf8)).command
    }

    /// The arguments that help shows.
    var shown: [Argument] { (arguments ?? []).filter(\.shouldDisplay) }
    var options: [Argument] { shown.filter(\.isNamed) }
    var positional: [Argument] { shown.filter { !$0.isNamed } }

    /// The option or flag of a name such as `--via`.
    func option(named name: String) -> Argument? {
        options.first { $0.names?.contains { $0.text == name } == true }
    }
}

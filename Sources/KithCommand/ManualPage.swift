import Foundation

/// A page for man(1), in the macros of man(7), from what the argument parser knows.
struct ManualPage {
    /// The page's source.
    private(set) var text = ""

    /// The page of the command as a whole.
    init(of command: CommandDescription, verbs: [CommandDescription]) {
        begin("kith", command.abstract)
        section("Synopsis")
        line("kith VERB STORE [OPTIONS]")
        section("Description")
        describe(command.discussion)
        section("Verbs")
        for verb in verbs { entry("kith-\(verb.commandName)(1)", verb.abstract ?? "") }
        for (title, entries) in Kith.manualParts {
            section(title == "Exit codes" ? "Exit status" : title)
            for (term, text) in entries { entry(term, text) }
        }
    }

    /// The page of a verb.
    init(of verb: CommandDescription) {
        begin("kith-\(verb.commandName)", verb.abstract)
        section("Synopsis")
        let arguments = verb.positional.map { argument in
            let name = ManualPage.value(of: argument) + (argument.isRepeating ? " ..." : "")
            return argument.isOptional ? "[\(name)]" : name
        }
        line((["kith", verb.commandName] + arguments + ["[OPTIONS]"]).joined(separator: " "))
        section("Description")
        describe(verb.discussion ?? verb.abstract)
        if !verb.positional.isEmpty {
            section("Arguments")
            for argument in verb.positional { entry(ManualPage.value(of: argument), ManualPage.meaning(of: argument)) }
        }
        section("Options")
        for option in verb.options {
            let names = (option.names ?? []).map(\.text).joined(separator: ", ")
            let value =
                option.kind == .flag ? "" : " " + ManualPage.value(of: option) + (option.takesMany ? " ..." : "")
            entry(names + value, ManualPage.meaning(of: option))
        }
        section("See also")
        line("kith(1), which lists the exit codes")
    }

    private static func value(of argument: CommandDescription.Argument) -> String {
        (argument.valueName ?? "value").uppercased()
    }

    private static func meaning(of argument: CommandDescription.Argument) -> String {
        var meaning = argument.abstract ?? ""
        if let values = argument.allValues { meaning += " One of \(values.joined(separator: ", "))." }
        if let value = argument.defaultValue, argument.kind == .option { meaning += " \(value) unless given." }
        return meaning
    }

    private mutating func begin(_ name: String, _ abstract: String?) {
        text += ".TH \(name.uppercased()) 1 \"\" \"kith \(Kith.configuration.version)\" \"Kith\"\n"
        section("Name")
        text += "\(ManualPage.escaped(name)) \\- \(ManualPage.escaped(abstract ?? ""))\n"
    }

    private mutating func section(_ title: String) { text += ".SH \(title.uppercased())\n" }

    private mutating func line(_ line: String) { text += ManualPage.escaped(line) + "\n" }

    private mutating func entry(_ term: String, _ meaning: String) {
        text += ".TP\n.B \(ManualPage.escaped(term))\n\(ManualPage.escaped(meaning))\n"
    }

    /// Paragraphs as they are; lines that stand in from the margin as examples.
    private mutating func describe(_ discussion: String?) {
        var wasExample = false
        for line in (discussion ?? "").split(separator: "\n", omittingEmptySubsequences: false) {
            let isExample = line.hasPrefix("  ")
            if isExample != wasExample { text += isExample ? ".PP\n.nf\n.RS 4\n" : ".RE\n.fi\n" }
            wasExample = isExample
            if line == "Examples:" {
                section("Examples")
            } else {
                text += line.isEmpty ? ".PP\n" : ManualPage.escaped(isExample ? line.dropFirst(2) : line) + "\n"
            }
        }
        if wasExample { text += ".RE\n.fi\n" }
    }

    /// A line that means only itself.
    private static func escaped(_ line: some StringProtocol) -> String {
        let escaped = line.replacingOccurrences(of: "\\", with: "\\e").replacingOccurrences(of: "-", with: "\\-")
        return escaped.hasPrefix(".") || escaped.hasPrefix("'") ? "\\&" + escaped : escaped
    }
}

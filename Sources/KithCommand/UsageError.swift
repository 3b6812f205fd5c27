import ArgumentParser
import Kith

/// Arguments that make no sense.
struct UsageError: Error, CustomStringConvertible {
    let description: String

    /// What the argument parser says of arguments, on one line, with what was meant and where help is.
    static func message(_ parsers: String, _ arguments: [String]) -> String {
        // Long lists of values come one a line.
        let lines = parsers.split(whereSeparator: \.isNewline).map { $0.trimmingPrefix(while: \.isWhitespace) }
        let listed = lines.filter { $0.hasPrefix("- ") }.map { String($0.dropFirst(2)) }
        var message = lines.filter { !$0.hasPrefix("- ") }.joined(separator: " ")
        if !listed.isEmpty { message += " \(listed.joined(separator: ", "))." }
        if message.dropFirst().first?.isLowercase == true {
            message = message.prefix(1).lowercased() + message.dropFirst()
        }
        let quoted = message.split(separator: "'", omittingEmptySubsequences: false).enumerated()
            .filter { $0.offset % 2 == 1 }.map { String($0.element) }
        // "The value 'jsn' is invalid for '--format <format>'. Please provide one of 'table', 'json' or 'csv'."
        if message.hasPrefix("the value '"), let wrong = quoted.first,
            let meant = nearestName(to: wrong, among: quoted.dropFirst(2) + listed)
        {
            message += " Did you mean '\(meant)'?"
        }
        if let hint = LeadingMinus.hint(arguments) { message += "; \(hint)" }
        let isSentence = message.last.map { ".?!".contains($0) } ?? false
        let verb = arguments.first.flatMap { Kith.verbNames.contains($0) ? " " + $0 : nil } ?? ""
        return message + (isSentence ? " See" : "; see") + " 'kith\(verb) --help'"
    }
}

/// The first argument is no verb.
struct UnknownVerb: Error, CustomStringConvertible {
    let name: String

    var description: String {
        let meant = nearestName(to: name, among: Kith.verbNames).map { "; did you mean '\($0)'?" } ?? ";"
        return "there is no verb '\(name)'\(meant) See 'kith --help'".replacingOccurrences(of: "; See", with: "; see")
    }
}

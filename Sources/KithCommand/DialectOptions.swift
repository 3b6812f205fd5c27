import ArgumentParser
import Kith

/// What is said of how files are laid out, for all files of a command; `TYPE=FILE,columns=...` says it of one.
struct DialectOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "What each column is, from the first on: from, to, key, weight, time, type, or _ for one that is left out.",
            valueName: "from,to,..."))
    var columns: String?
    @Option(help: ArgumentHelp("Whether the first row names the columns: yes, no or auto.", valueName: "yes|no|auto"))
    var header: String?
    @Option(
        help: ArgumentHelp(
            "What stands between columns: one of , ; | : ^ ~ ! / & * + = or two of the same, or tab, or blanks.",
            valueName: "character"))
    var delimiter: String?
    @Option(help: ArgumentHelp("What fields may be in: \", ' or none.", valueName: "character"))
    var quote: String?
    @Option(
        help: ArgumentHelp(
            "What a line begins with that is a comment: one or two of # % ; / ! * or none.", valueName: "characters"))
    var comment: String?
    @Option(help: ArgumentHelp("How many lines at the start of a file are passed over.", valueName: "lines"))
    var skip: String?
    @Option(
        help: ArgumentHelp(
            "How times are written: seconds, milliseconds, microseconds, nanoseconds, or as strptime(3) has it, such as %d.%m.%Y.",
            valueName: "format"))
    var timeFormat: String?

    func validate() throws { _ = try dialect() }

    /// What was said.
    func dialect() throws -> FileDialect { try FileDialect(said) }

    /// What was said, by the names of the options.
    var said: [String: String] {
        let values = [
            "columns": columns, "header": header, "delimiter": delimiter, "quote": quote, "comment": comment,
            "skip": skip,
            "time-format": timeFormat,
        ]
        return values.compactMapValues { $0 }
    }
}

extension FileDialect {
    /// A dialect from the values of options.
    ///
    /// - Throws: `ValidationError`.
    init(_ said: [String: String]) throws {
        func value<Value>(_ name: String, _ expected: String, _ read: (String) -> Value?) throws -> Value? {
            guard let text = said[name] else { return nil }
            guard let value = read(text) else { throw ValidationError("--\(name) is \(expected); found '\(text)'") }
            return value
        }
        let roles = FileColumn.Role.allCases.map(\.rawValue).joined(separator: ", ")
        self.init(
            columns: try value("columns", "some of \(roles), with commas or colons between them") { text in
                let names = text.split(omittingEmptySubsequences: false) { $0 == "," || $0 == ":" }
                let columns = names.compactMap { FileColumn.Role(rawValue: String($0)) }
                return columns.count == names.count ? columns : nil
            },
            header: try value("header", "yes, no or auto", Header.init(rawValue:)) ?? .automatic,
            delimiter: try value(
                "delimiter", "one of , ; | : ^ ~ ! / & * + =, two of the same, tab, or blanks", Delimiter.init),
            quote: try value("quote", "\", ' or none", Quote.init(rawValue:)),
            comment: try value("comment", "one or two of # % ; / ! *, or none", Comment.init),
            skippedLines: try value("skip", "a number of lines") { Int($0).flatMap { $0 < 0 ? nil : $0 } } ?? 0,
            timeFormat: try value(
                "time-format", "seconds, milliseconds, microseconds, nanoseconds or a pattern such as %d.%m.%Y",
                TimeFormat.init),
            headerFile: said["header-file"])
    }
}

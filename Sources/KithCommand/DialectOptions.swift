import ArgumentParser
import Foundation
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

/// `TYPE=FILE` or `KIND=FILE`, with what is said of this file alone behind it: `TYPE=FILE,columns=from:_:to,header=no`.
struct FileArgument {
    /// The type or the kind.
    let name: String
    let path: String
    /// What is said of the file, by the names of the options.
    let said: [String: String]

    /// What may be said of one file.
    private static let names = [
        "columns", "header", "delimiter", "quote", "comment", "skip", "time-format", "format", "header-file",
    ]

    /// - Throws: `ValidationError` for another form.
    init(_ argument: String, option: String) throws {
        guard let equals = argument.dropFirst().firstIndex(of: "=") else {
            throw ValidationError("\(option)=FILE is expected, found '\(argument)'")
        }
        name = String(argument[..<equals])
        var parts = argument[argument.index(after: equals)...].split(separator: ",", omittingEmptySubsequences: false)
        var said: [String: String] = [:]
        // From the end: a path may have commas in it, and so may a delimiter be one.
        while parts.count > 1, let last = parts.last {
            let isDelimiter = last.isEmpty && parts.count > 2 && parts[parts.count - 2] == "delimiter="
            let pair =
                isDelimiter
                ? ["delimiter", ","] : last.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard pair.count == 2, FileArgument.names.contains(String(pair[0])) else { break }
            guard said[String(pair[0])] == nil else {
                throw ValidationError("'\(pair[0])' is said twice in '\(argument)'")
            }
            said[String(pair[0])] = String(pair[1])
            parts.removeLast(isDelimiter ? 2 : 1)
        }
        if let part = parts.dropFirst().first(where: { part in FileArgument.names.contains { part.hasPrefix("\($0)=") }
        }) {
            throw ValidationError(
                "'\(part)' is not understood in '\(argument)'; columns of one file have colons between them: columns=from:_:to"
            )
        }
        path = parts.joined(separator: ",")
        if let part = parts.dropFirst().last, let equals = part.firstIndex(of: "="),
            !FileManager.default.fileExists(atPath: path), FileManager.default.fileExists(atPath: String(parts[0]))
        {
            throw ValidationError(
                "nothing is called '\(part[..<equals])' in '\(argument)'; of one file may be said "
                    + FileArgument.names.joined(separator: ", "))
        }
        self.said = said
    }

    /// How the file is laid out: as said of it, else as said of all.
    func dialect(_ options: DialectOptions) throws -> FileDialect {
        try FileDialect(options.said.merging(said) { _, ofThisFile in ofThisFile })
    }

    /// Its format, where that is said; else that of all.
    func format(_ ofAll: EdgeFileFormat?) throws -> EdgeFileFormat? {
        guard let name = said["format"] else { return ofAll }
        guard let format = EdgeFileFormat(rawValue: name) else {
            let known = EdgeFileFormat.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("a format is one of \(known); found '\(name)'")
        }
        return format
    }
}

extension FileDialect {
    /// A dialect from the values of options.
    ///
    /// - Throws: `ValidationError`.
    fileprivate init(_ said: [String: String]) throws {
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

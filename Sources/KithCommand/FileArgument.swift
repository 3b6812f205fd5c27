import ArgumentParser
import Foundation
import Kith

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

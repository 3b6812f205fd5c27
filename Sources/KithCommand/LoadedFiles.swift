import Foundation
import Kith

/// What a load understood of its files, as people and as programs read it.
enum LoadedFiles {
    /// Warns of what may be meant otherwise, and tells somebody at a terminal how the files were read.
    static func tell(_ files: [FileReport], _ output: OutputOptions) {
        warn(of: files)
        guard output.format == .table, Terminal.isTerminal(STDERR_FILENO) else { return }
        for line in lines(files, rowsShown: 1) { Terminal.say(line.printable + "\n") }
    }

    /// Warns of what may be meant otherwise.
    static func warn(of files: [FileReport]) {
        for warning in warnings(files) { Terminal.say("kith: warning: \(warning.printable)\n") }
    }

    /// For each file one line of how it was read, and one of what it has. The second ends with the first rows, as edges.
    static func lines(_ files: [FileReport], rowsShown: Int) -> [String] {
        files.flatMap { file in
            var lines = ["\(file.path): \(layout(of: file))", "  \(content(of: file))"]
            if !file.remarks.isEmpty { lines[1] += "; " + file.remarks.joined(separator: "; ") }
            if rowsShown == 1, let row = file.firstRows.first { lines[1] += "; the first: \(text(of: row))" }
            if rowsShown > 1 { lines += file.firstRows.prefix(rowsShown).map { "  \(text(of: $0))" } }
            return lines
        }
    }

    private static func layout(of file: FileReport) -> String {
        guard let format = file.format else { return "nothing in it" }
        let layout = file.layout
        var parts = [(["\(format)"] + file.unwrapped.reversed()).joined(separator: " in ")]
        if let delimiter = layout.delimiter { parts.append("delimiter \(delimiter.text)") }
        if let quote = layout.quote, quote != .none { parts.append("quote \(quote.rawValue)") }
        if let comment = layout.comment, comment != .none { parts.append("comments \(comment.text)") }
        if layout.delimiter != nil { parts.append(words(for: layout.header)) }
        if layout.hasRowNames { parts.append("names of rows") }
        let taken = layout.columns.filter { $0.role != .skipped }
        if !taken.isEmpty {
            parts.append(taken.map { "\($0.role.rawValue) = \(name(of: $0))" }.joined(separator: ", "))
        }
        let left = file.columnsLeftOut
        if !left.isEmpty { parts.append("left out: \(left.map { name(of: $0) }.joined(separator: ", "))") }
        return parts.joined(separator: "; ")
    }

    private static func words(for header: FileLayout.Header) -> String {
        switch header {
        case .none: "no header"
        case .row: "header in the first row"
        case .comment: "header in a comment"
        case .file: "header in a file"
        }
    }

    private static func name(of column: FileColumn) -> String { column.name ?? "column \(column.number)" }

    private static func content(of file: FileReport) -> String {
        var parts = [count(file.rows, "row")]
        if file.rejected > 0 { parts.append("\(file.rejected) of them left out") }
        if file.comments > 0 { parts.append(count(file.comments, "comment line")) }
        if file.blankLines > 0 { parts.append(count(file.blankLines, "blank line")) }
        if file.repeatedHeaders > 0 { parts.append(count(file.repeatedHeaders, "row") + " that repeat the header") }
        return parts.joined(separator: ", ")
    }

    private static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }

    private static func text(of row: FileReport.Row) -> String {
        switch row {
        case .node(let key): return "\(key)"
        case .edge(let type, let source, let target, let weight, let time):
            var text = "\(source) \(type) \(target)"
            // Most weights are Floats, and what their digits as Doubles say is not in the file.
            if let weight { text += ", weight \(Double(Float(weight)) == weight ? "\(Float(weight))" : "\(weight)")" }
            if let time, time.rawValue > 0 { text += ", time \(time)" }
            return text
        }
    }

    /// What is to be warned of: what was read may be other than what was meant.
    private static func warnings(_ files: [FileReport]) -> [String] {
        files.compactMap { file in
            if file.rows == 0, file.comments > 0, let comment = file.layout.comment {
                return "'\(file.path)' has no row: all of its \(count(file.comments, "line")) begin as comments do "
                    + "(\(comment.text)); if they are none, say --comment none"
            }
            if file.rows == 0 { return "'\(file.path)' has no row, and nothing was taken from it" }
            let byPlace = file.layout.header == .none && file.layout.columns.contains { $0.role == .time }
            if byPlace, let time = earliest(file.firstRows), time.rawValue > 0, time.rawValue < 100_000_000 {
                return
                    "'\(file.path)' has no header, so its column \(timeColumn(file)) was taken for times, the first being "
                    + "\(time); if these are other numbers, say --columns from,to,_"
            }
            return nil
        }
    }

    private static func timeColumn(_ file: FileReport) -> Int {
        file.layout.columns.first { $0.role == .time }?.number ?? 0
    }

    private static func earliest(_ rows: [FileReport.Row]) -> Timestamp? {
        rows.compactMap { row in
            if case .edge(_, _, _, _, let time?) = row { return time }
            return nil
        }.max()
    }

    /// All of it.
    static func json(_ files: [FileReport]) -> JSON {
        .array(
            files.map { file in
                let subject: [(String, JSON)] =
                    switch file.subject {
                    case .edges(let type): [("edges", .string(type?.text ?? ":TYPE"))]
                    case .nodes(let kind): [("nodes", .string(kind.name))]
                    }
                return .object(
                    [("file", .string(file.path))] + subject + [
                        ("format", file.format.map { .string($0.rawValue) } ?? .null),
                        ("unwrapped", .array(file.unwrapped.map { .string($0) })),
                        ("delimiter", file.layout.delimiter.map { .string($0.text) } ?? .null),
                        ("quote", file.layout.quote.map { .string($0.rawValue) } ?? .null),
                        ("comment", file.layout.comment.map { .string($0.text) } ?? .null),
                        ("header", .string(file.layout.header.rawValue)),
                        ("rowNames", .bool(file.layout.hasRowNames)),
                        ("columns", .array(file.layout.columns.filter { $0.role != .skipped }.map(json))),
                        ("leftOut", .array(file.columnsLeftOut.map(json))), ("rows", .integer(file.rows)),
                        ("rejected", .integer(file.rejected)), ("comments", .integer(file.comments)),
                        ("blankLines", .integer(file.blankLines)), ("repeatedHeaders", .integer(file.repeatedHeaders)),
                        ("remarks", .array(file.remarks.map { .string($0) })),
                        ("firstRows", .array(file.firstRows.map(json))),
                    ])
            })
    }

    private static func json(_ column: FileColumn) -> JSON {
        .object([
            ("column", .integer(column.number)), ("name", column.name.map { .string($0) } ?? .null),
            ("as", column.role == .skipped ? .null : .string(column.role.rawValue)),
        ])
    }

    private static func json(_ row: FileReport.Row) -> JSON {
        switch row {
        case .node(let key): return .object([("key", .string("\(key)"))])
        case .edge(let type, let source, let target, let weight, let time):
            var members: [(String, JSON)] = [
                ("type", .string(type.text)), ("from", .string("\(source)")), ("to", .string("\(target)")),
            ]
            if let weight { members.append(("weight", .number(weight))) }
            if let time { members.append(("time", .integer(Int(time.rawValue)))) }
            return .object(members)
        }
    }
}

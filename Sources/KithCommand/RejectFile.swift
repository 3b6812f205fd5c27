import Kith

/// The file of rows that were left out, a JSON object a line. Used by one thread at a time.
final class RejectFile: @unchecked Sendable {
    private var writer: LineWriter?

    init(path: String, access: OutputFile.Access, protected: ProtectedFiles) throws {
        writer = try LineWriter(path: path, access: access, protected: protected)
    }

    func write(_ row: RejectedRow) throws {
        let line = JSON.object([
            ("file", .string(row.path)), ("line", .integer(row.line)),
            ("column", row.error.column.map { .integer($0) } ?? .null), ("code", .string(row.error.code)),
            ("reason", .string("\(row.error)")), ("text", .string(row.text)),
        ])
        try writer?.write(line.text)
    }

    func close() throws {
        try writer.take()?.finish()
    }
}

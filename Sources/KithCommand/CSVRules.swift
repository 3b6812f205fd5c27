import Kith

/// How cells become a line of CSV (RFC 4180).
struct CSVRules {
    /// Whether a spreadsheet may open it: see ``SpreadsheetText``.
    let isSafe: Bool
    /// Whether a terminal reads it, where a key could move the cursor.
    let isForTerminal: Bool

    /// The cells of a row, without a line end.
    func line(of row: [JSON]) -> String {
        row.map(field).joined(separator: ",")
    }

    private func field(_ cell: JSON) -> String {
        let text = isForTerminal ? cell.cell.printable : cell.cell
        switch cell {
        case .string, .array:
            if isSafe { return CSVText.quoted(SpreadsheetText.defused(text)) }
        default: break
        }
        return text.unicodeScalars.contains { ",\"\n\r".unicodeScalars.contains($0) } ? CSVText.quoted(text) : text
    }
}

/// Text that a spreadsheet takes for text.
///
/// A cell of CSV that begins with one of a few characters is taken for a formula, which may read other cells and send them
/// away ("CSV injection", owasp.org/www-community/attacks/CSV_Injection). An apostrophe before it makes it text. That is a loss:
/// whoever reads the file by other means reads the apostrophe too, and a key that is loaded again is another key.
package enum SpreadsheetText {
    /// `= + - @`, a tab and line ends.
    private static let beginnings: Set<UInt8> = [0x3D, 0x2B, 0x2D, 0x40, 0x09, 0x0D, 0x0A]
    /// The first four in the width of ideographs, which some spreadsheets take for the same.
    private static let wideBeginnings: Set<[UInt8]> = [
        [0xEF, 0xBC, 0x9D], [0xEF, 0xBC, 0x8B], [0xEF, 0xBC, 0x8D], [0xEF, 0xBC, 0xA0],
    ]

    /// Whether a cell that begins so, in UTF-8, may be taken for a formula.
    static func isFormula(_ bytes: some Collection<UInt8>) -> Bool {
        guard let first = bytes.first else { return false }
        return beginnings.contains(first) || wideBeginnings.contains(Array(bytes.prefix(3)))
    }

    /// The text of a cell, with an apostrophe before it if need be.
    package static func defused(_ text: String) -> String { isFormula(text.utf8) ? "'" + text : text }

    /// Appends a key, as CSV has it, between quotes and with an apostrophe before it if need be. Digits alone are a number.
    static func append(_ field: ArraySlice<UInt8>, to bytes: inout [UInt8]) {
        let quote = UInt8(ascii: "\"")
        if field.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) {
            bytes.append(contentsOf: field)
            return
        }
        let isQuoted = field.first == quote
        let text = isQuoted ? field.dropFirst() : field
        bytes.append(quote)
        if isFormula(text) { bytes.append(UInt8(ascii: "'")) }
        bytes.append(contentsOf: text)
        if !isQuoted { bytes.append(quote) }
    }
}

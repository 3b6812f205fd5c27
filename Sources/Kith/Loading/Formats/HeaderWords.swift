/// Tells words of a header from keys by what stands below them.
enum HeaderWords {
    /// Whether a field is a word, and all rows below it, of which there is one at least, have numbers there.
    static func standAboveNumbers(_ header: [String], _ column: Int, _ rows: [[String]]) -> Bool {
        func isNumber(_ text: String) -> Bool { Double(text) != nil }
        return !rows.isEmpty && column < header.count && !header[column].isEmpty && !isNumber(header[column])
            && rows.allSatisfy { column < $0.count && isNumber($0[column]) }
    }

    /// Whether all rows below a field, of which there are some, have what it has not: a digit, or a mark within addresses and
    /// paths. So `who` stands above `u17` and above `ann@example.org`.
    static func standAboveOthers(_ header: [String], _ column: Int, _ rows: [[String]]) -> Bool {
        guard rows.count >= rowsMin, column < header.count else { return false }
        let features: [(Character) -> Bool] = [\.isNumber, { $0 == "@" }, { $0 == ":" || $0 == "/" }]
        return features.contains { feature in
            !header[column].contains(where: feature)
                && rows.allSatisfy { column < $0.count && $0[column].contains(where: feature) }
        }
    }

    private static let rowsMin = 5
}

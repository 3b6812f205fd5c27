extension EdgeFileFormat {
    /// Fields between runs of spaces and tabs, `#` and `%` comments.
    public static let edges = EdgeFileFormat(EdgeListFormat())
}

/// What SNAP, KONECT and most programs for graphs write: fields between blanks, comments above them. No field is empty. The data
/// that NetworkX writes behind the ends of an edge are read too: see ``NetworkXEdgeReader``.
struct EdgeListFormat: EdgeFormat {
    let name = "edges"
    let plural = "edge lists"
    let fileNameExtensions = ["edgelist", "edges"]
    let contents: EdgeFormatContents = [.values, .columns]

    func isUnmistakable(in head: FileHead) -> Bool { NetworkXEdgeReader.isUnmistakable(in: head) }

    func makeReader(of head: FileHead, for shape: RowShape) throws -> any RecordReader {
        if NetworkXEdgeReader.isUnmistakable(in: head) {
            return NetworkXEdgeReader(of: head, columns: try columnsOfOneType(shape, head.path))
        }
        let blanks = DelimitedSniffer(of: head, delimiters: [.blanks], quotes: false, comments: .usual)
        // Names in a comment tell what stands between columns.
        let isNamed = blanks.comments.contains { comment in
            ColumnNames(comment.words, kinds: head.kinds).hasNeeded(for: shape)
                && !comment.words.contains { $0.hasSuffix(",") || $0.hasSuffix(";") || $0.hasSuffix("|") }
        }
        // Commas at the ends of words are no part of keys.
        if head.dialect.delimiter == nil, !isNamed {
            let (separation, delimiter) = CommaSeparatedFormat.separation(in: head)
            switch separation {
            case .delimiter: return try CommaSeparatedFormat().makeReader(of: head, for: shape)
            case .blanks: break
            case .unknown:
                throw LoadError.badHeader(
                    path: head.path,
                    reason:
                        "columns may be between \(delimiter.text) or between blanks; say which it is by `--delimiter`; the first "
                        + "row is \(head.shown)")
            }
        }
        return try DelimitedReader(blanks, for: shape)
    }

    func makeWriter(of columns: RowColumns, isSafe: Bool) -> any RecordWriter {
        DelimitedWriter(columns: columns, headerStart: "# ", canHaveEmptyFields: false)
    }

    func flaw(ofKey key: String, in places: KeyTexts.Places) -> String? {
        if let flaw = KeyTexts.tabOrLineEnd(in: key) ?? KeyTexts.outerQuotes(in: key) { return flaw }
        if key.utf8.contains(UInt8(ascii: " ")) { return "a blank" }
        return places.contains(.first) ? KeyTexts.commentStart(in: key) : nil
    }
}

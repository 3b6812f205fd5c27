extension EdgeFileFormat {
    /// Fields between commas, semicolons, bars or tabs, whichever the first row has most of, quoted as RFC 4180 says.
    public static let csv = EdgeFileFormat(CommaSeparatedFormat())
}

/// Fields between commas, or what spreadsheets of many countries and exporters write in their place, quoted where need be.
struct CommaSeparatedFormat: EdgeFormat {
    let name = "csv"
    let plural = "CSV files"
    let fileNameExtensions = ["csv"]
    let contents: EdgeFormatContents = [.values, .types, .headerRow, .columns]

    private static let delimiters: [FileDialect.Delimiter] = [.comma, .semicolon, .bar, .tab]
    /// What MovieLens and its followers have between columns.
    private static let doubledColon = FileDialect.Delimiter(byte: UInt8(ascii: ":"), isDoubled: true)

    func isRecognized(by head: FileHead) -> Bool { CommaSeparatedFormat.separation(in: head).0 == .delimiter }

    /// Whether columns are between one of these delimiters or between blanks, and which delimiter it is.
    static func separation(in head: FileHead) -> (DelimitedSniffer.Separation, FileDialect.Delimiter) {
        let sniffer = DelimitedSniffer(
            of: head, delimiters: delimiters + [doubledColon], quotes: true, comments: .usual)
        let delimiter = FileDialect.Delimiter(byte: sniffer.tokenizer.delimiter, isDoubled: sniffer.isDoubled)
        return (sniffer.tokenizer.delimiter == FieldTokenizer.tab ? .blanks : sniffer.separation, delimiter)
    }

    func makeReader(of head: FileHead, for shape: RowShape) throws -> any RecordReader {
        var delimiters = CommaSeparatedFormat.delimiters + [CommaSeparatedFormat.doubledColon]
        guard case .edges = shape else {
            let sniffer = DelimitedSniffer(of: head, delimiters: delimiters, quotes: true, comments: .none)
            return try DelimitedReader(sniffer, for: shape)
        }
        // A key may have blanks in it, where a row is nothing else.
        delimiters.append(.blanks)
        let sniffer = DelimitedSniffer(of: head, delimiters: delimiters, quotes: true, comments: .none)
        if let rival = sniffer.rival(among: CommaSeparatedFormat.delimiters) {
            let taken = FileDialect.Delimiter(byte: sniffer.tokenizer.delimiter, isDoubled: false)
            throw LoadError.badHeader(
                path: head.path,
                reason:
                    "every row has as many columns between \(taken.text) as between \(rival.text); say which it is by "
                    + "`--delimiter`; the first row is \(head.shown)")
        }
        return try DelimitedReader(sniffer, for: shape)
    }

    func makeWriter(of columns: RowColumns, isSafe: Bool) -> any RecordWriter {
        DelimitedWriter(columns: columns, separator: UInt8(ascii: ","), isSafe: isSafe)
    }

    /// In quotes where it has a quote, a line end, anything that may be a delimiter, or a blank at its start or end, and
    /// where it is the name of a column, or begins as a comment: the header has no quotes.
    func text(ofKey key: String) -> String {
        let isPlain = key.utf8.allSatisfy { byte in
            byte != FieldTokenizer.doubleQuote && !LineEnds.isLineEnd(byte)
                && !CommaSeparatedFormat.delimiters.contains { $0.byte == byte }
        }
        return isPlain && KeyTexts.outerBlank(in: key) == nil && KeyTexts.columnName(in: key) == nil
            && KeyTexts.remarkStart(in: key) == nil
            ? key : CSVText.quoted(key)
    }
}

/// Text as CSV has it.
package enum CSVText {
    /// A text in quotes, its own written twice.
    package static func quoted(_ text: String) -> String {
        // By scalars: a quote and an accent behind it are one character, and a quote all the same.
        var quoted = "\""
        for scalar in text.unicodeScalars {
            if scalar == "\"" { quoted += "\"" }
            quoted.unicodeScalars.append(scalar)
        }
        return quoted + "\""
    }
}

extension EdgeFileFormat {
    /// Fields between commas, semicolons, bars or tabs, whichever the first row has most of, quoted as RFC 4180 says.
    public static let csv = EdgeFileFormat(CommaSeparatedFormat())
}

/// Fields between commas, or what spreadsheets of many countries and exporters write in their place, quoted where need be.
struct CommaSeparatedFormat: EdgeFormat {
    let name = "csv"
    let plural = "CSV files"
    let fileNameExtensions = ["csv"]
    let contents: EdgeFormatContents = [.values, .types, .headerRow]

    private static let delimiters = [UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "|"), FieldTokenizer.tab]

    func makeReader(of head: FileHead, for shape: RowShape) throws -> any RecordReader {
        let tokenizers = CommaSeparatedFormat.delimiters.map { FieldTokenizer(delimiter: $0, hasQuotes: true) }
        let counts = tokenizers.map { CommaSeparatedFormat.delimiterCount($0, head.text) }
        let most = counts.indices.reduce(0) { counts[$1] > counts[$0] ? $1 : $0 }
        return try DelimitedReader(tokenizers[most], of: head, for: shape)
    }

    /// How many delimiters the first row has.
    private static func delimiterCount(_ tokenizer: FieldTokenizer, _ head: TextChunk) -> Int {
        let text = unsafe head.text
        var start = 0
        while start < text.count {
            var fieldCount = 0
            let record = unsafe tokenizer.scan(text, start) { _ in fieldCount += 1 }
            // Behind each field but the last; where a quote is open, the last is not there.
            if record.kind != .nothing { return record.kind == .openQuote ? fieldCount : fieldCount - 1 }
            start = record.next
        }
        return 0
    }

    func makeWriter(of columns: RowColumns, isSafe: Bool) -> any RecordWriter {
        DelimitedWriter(columns: columns, separator: CommaSeparatedFormat.delimiters[0], isSafe: isSafe)
    }

    /// In quotes where it has a quote, a line end, or anything that may be a delimiter.
    func text(ofKey key: String) -> String {
        let isPlain = key.utf8.allSatisfy { byte in
            byte != FieldTokenizer.quote && !LineEnds.isLineEnd(byte)
                && !CommaSeparatedFormat.delimiters.contains(byte)
        }
        return isPlain ? key : CSVText.quoted(key)
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

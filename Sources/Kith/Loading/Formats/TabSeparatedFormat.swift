extension EdgeFileFormat {
    /// Fields between tabs.
    public static let tsv = EdgeFileFormat(TabSeparatedFormat())
}

/// Fields between tabs: a quote is a letter, unless the first rows show that it is none (``DelimitedSniffer``); a tab or a line
/// end can stand in no field that is not in quotes.
struct TabSeparatedFormat: EdgeFormat {
    let name = "tsv"
    let plural = "TSV files"
    /// The others are the atomic files of RecBole.
    let fileNameExtensions = ["tsv", "inter", "user", "item", "net", "kg", "link"]
    let contents: EdgeFormatContents = [.values, .types, .headerRow, .columns]
    private let sampleCount = 20

    func makeReader(of head: FileHead, for shape: RowShape) throws -> any RecordReader {
        // Programs name files so and write commas or blanks. A file of keys may have no tab in it.
        if case .edges = shape, head.dialect.delimiter == nil, head.headerText == nil,
            !head.firstLines(sampleCount).contains(where: { $0.text.contains("\t") })
        {
            return try CommaSeparatedFormat().makeReader(of: head, for: shape)
        }
        return try DelimitedReader(
            DelimitedSniffer(of: head, delimiters: [.tab], quotes: false, comments: .none), for: shape)
    }

    /// Where rows have the same number of columns between tabs, more than one, and blanks in them.
    func isRecognized(by head: FileHead) -> Bool {
        DelimitedSniffer(of: head, delimiters: [.tab], quotes: false, comments: .usual).separation == .delimiter
    }

    func makeWriter(of columns: RowColumns, isSafe: Bool) -> any RecordWriter { DelimitedWriter(columns: columns) }

    func flaw(ofKey key: String, in places: KeyTexts.Places) -> String? {
        KeyTexts.tabOrLineEnd(in: key) ?? KeyTexts.outerBlank(in: key) ?? KeyTexts.outerQuotes(in: key)
            ?? (places.contains(.first) ? KeyTexts.columnName(in: key) : nil)
    }
}

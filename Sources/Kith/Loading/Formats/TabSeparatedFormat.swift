extension EdgeFileFormat {
    /// Fields between tabs.
    public static let tsv = EdgeFileFormat(TabSeparatedFormat())
}

/// Fields between tabs, as they are: a quote is a letter, and a tab or a line end can stand in no field.
struct TabSeparatedFormat: EdgeFormat {
    let name = "tsv"
    let plural = "TSV files"
    /// The others are the atomic files of RecBole.
    let fileNameExtensions = ["tsv", "inter", "user", "item", "net", "kg", "link"]
    let contents: EdgeFormatContents = [.values, .types, .headerRow]

    func makeReader(of head: FileHead, for shape: RowShape) throws -> any RecordReader {
        try DelimitedReader(FieldTokenizer(delimiter: FieldTokenizer.tab), of: head, for: shape)
    }

    func makeWriter(of columns: RowColumns, isSafe: Bool) -> any RecordWriter { DelimitedWriter(columns: columns) }

    func flaw(ofKey key: String, in places: KeyTexts.Places) -> String? { KeyTexts.tabOrLineEnd(in: key) }
}

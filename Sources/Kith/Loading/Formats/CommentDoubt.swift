/// Lines that begin as comments do and may be rows: `#jazz ann`, where keys are hashtags.
///
/// A comment has a blank behind its mark, or another number of columns than rows, or stands above them; in an edge list so is
/// every line with a mark that begins such a comment above the rows. Any other line is neither read nor dropped: whether it is
/// a comment has to be said.
struct CommentDoubt: Sendable {
    /// Splits what begins as a comment as if it were a row.
    private let tokenizer: FieldTokenizer
    private let isDoubled: Bool
    /// Where in the file the first row starts.
    private let firstRow: Int
    private let columns: ClosedRange<Int>
    /// What begins comments for certain.
    private let certain: FieldTokenizer.Comments

    /// - Parameters:
    ///   - tokenizer: that of the rows.
    ///   - isDoubled: whether delimiters stand twice between two columns.
    ///   - columns: how many a row may have.
    ///   - certain: what begins comments for certain.
    init(
        of tokenizer: FieldTokenizer, isDoubled: Bool, firstRow: Int, columns: ClosedRange<Int>,
        certain: FieldTokenizer.Comments
    ) {
        var tokenizer = tokenizer
        self.certain = certain
        tokenizer.comments = .none
        self.tokenizer = tokenizer
        self.isDoubled = isDoubled
        self.firstRow = firstRow
        self.columns = columns
    }

    /// Whether the comment that starts at `start` may be a row.
    ///
    /// - Parameter offset: where in the file the text starts.
    func mayBeRow(_ text: UnsafeBufferPointer<UInt8>, _ start: Int, offset: Int) -> Bool {
        guard offset + start > firstRow, unsafe !certain.contains(text[start]),
            unsafe CommentDoubt.hasNoBlank(text, behind: start)
        else { return false }
        var count = 0
        let record = unsafe tokenizer.scan(text, start) { _ in count += 1 }
        return record.kind == .row && columns.contains(isDoubled ? (count + 1) / 2 : count)
    }

    /// Whether a word goes on behind the mark of a comment.
    static func hasNoBlank(_ text: UnsafeBufferPointer<UInt8>, behind start: Int) -> Bool {
        let behind = start + 1
        guard behind < text.count else { return false }
        return unsafe text[behind] != UInt8(ascii: " ") && text[behind] != FieldTokenizer.tab
            && !LineEnds.isLineEnd(text[behind])
    }
}

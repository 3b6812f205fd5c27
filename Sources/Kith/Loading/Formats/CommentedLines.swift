/// Lines of fields in which one character at the start of a line makes a comment of it, and no other does.
struct CommentedLines: Sendable {
    /// What a comment begins with.
    private let comment: UInt8
    private let tokenizer: FieldTokenizer
    /// Where in the file the comments end that its writer puts above the rows; nil where they may stand anywhere.
    private let headEnd: Int?

    /// - Parameters:
    ///   - delimiter: what stands between two fields; runs of blanks and tabs when nil.
    ///   - headEnd: from where on a line with a word right behind the mark is turned down, because it may be a row.
    init(comment: Unicode.Scalar, delimiter: UInt8? = nil, headEnd: Int? = nil) {
        self.comment = UInt8(ascii: comment)
        self.headEnd = headEnd
        tokenizer = FieldTokenizer(delimiter: delimiter)
    }

    func lastRecordEnd(_ text: UnsafeBufferPointer<UInt8>) -> Int { unsafe tokenizer.lastRecordEnd(text) }

    /// A line that is no comment.
    struct Line {
        /// Where in the file it starts.
        let offset: Int
        /// Its place among such lines of the block, from 0.
        let index: Int
    }

    /// Reads a block: `read` is given each line that is no comment, and its fields: none for a blank line, which it counts where the
    /// format makes nothing of it. What it throws turns
    /// the line down, which is counted in ``ParsedRows/tally``; so is a line that is too long to be read, as a record.
    @inline(__always)
    func forEachLine(
        of block: TextChunk, into rows: ParsedRows, _ read: (Line, [Field]) throws(RowError) -> Void
    ) {
        let text = unsafe block.text
        var fields: [Field] = []
        var (start, line, index) = (0, 0, 0)
        while start < text.count {
            fields.removeAll(keepingCapacity: true)
            let record = unsafe tokenizer.scan(text, start) { fields.append($0) }
            if unsafe text[start] != comment {
                do throws(RowError) {
                    if record.kind == .tooLong { rows.tally.records += 1 }
                    try record.check()
                    if record.end == start { fields.removeAll(keepingCapacity: true) }
                    try read(Line(offset: block.offset + start, index: index), fields)
                } catch {
                    rows.tally.rejected += 1
                    let end = min(record.end, start + ParsedRows.shownBytesMax)
                    unsafe rows.reject(error, line: line, text: text[start..<end])
                }
                index += 1
            } else if let headEnd, block.offset + start >= headEnd, unsafe CommentDoubt.hasNoBlank(text, behind: start)
            {
                rows.tally.rejected += 1
                let end = min(record.end, start + ParsedRows.shownBytesMax)
                unsafe rows.reject(.commentBetweenRows, line: line, text: text[start..<end])
            } else {
                rows.note(.comment)
            }
            line += record.lines
            start = record.next
        }
        rows.lineCount = line
    }

    /// How many lines of a text are no comments.
    func count(_ text: UnsafeBufferPointer<UInt8>) -> Int {
        var (start, count) = (0, 0)
        while start < text.count {
            if unsafe text[start] != comment { count += 1 }
            start = unsafe LineEnds.next(text, LineEnds.find(text, start))
        }
        return count
    }
}

extension FieldTokenizer {
    /// Reads a block: `read` is given the fields of each row, and what it throws turns the row down.
    ///
    /// - Parameters:
    ///   - places: where the rows are, among other records.
    ///   - integers: reads the rows it can before `read` is asked.
    @inline(__always)
    func forEachRow(
        of block: TextChunk, at places: RowPlaces = RowPlaces(), integers: IntegerRows? = nil, into rows: ParsedRows,
        _ read: ([Field]) throws(RowError) -> Void
    ) {
        let text = unsafe block.text
        let headerStart = places.header.map { $0.offset - block.offset } ?? -1
        let headerBytes = places.header?.bytes ?? []
        var fields: [Field] = []
        var (start, line) = (0, 0)
        while start < text.count, block.offset + start < places.first {
            start = unsafe LineEnds.next(text, LineEnds.find(text, start))
            line += 1
        }
        while start < text.count {
            if let integers {
                let done = unsafe integers.read(text, start)
                line += done.rows
                start = done.end
                if start == text.count { break }
            }
            fields.removeAll(keepingCapacity: true)
            let record = unsafe scan(text, start) { fields.append($0) }
            if !record.isRow {
                unsafe passOver(record.kind, text, start, line, (places.doubt, block.offset), into: rows)
            } else if headerBytes.count == record.end - start, unsafe isHeader(headerBytes, text, start) {
                if start != headerStart { rows.repeatedHeaderCount += 1 }
            } else {
                // As the file has it: fields are freed of doubled quotes in place.
                let original = unsafe record.hasDoubledQuotes ? Array(shown(text, start)) : nil
                do throws(RowError) {
                    try record.check()
                    if record.hasDoubledQuotes { fields = fields.map { $0.droppingDoubledQuotes() } }
                    try read(fields)
                } catch {
                    unsafe rows.reject(error, line: line, text: original ?? Array(shown(text, start)))
                }
            }
            line += record.lines
            start = record.next
        }
        rows.lineCount = line
    }

    /// Counts a record that is no row, or turns a comment down that may be one.
    @inline(never)
    private func passOver(
        _ kind: Record.Kind, _ text: UnsafeBufferPointer<UInt8>, _ start: Int, _ line: Int,
        _ doubt: (of: CommentDoubt?, offset: Int), into rows: ParsedRows
    ) {
        if kind == .comment, let comments = doubt.of, unsafe comments.mayBeRow(text, start, offset: doubt.offset) {
            unsafe rows.reject(.rowOrComment, line: line, text: shown(text, start))
        } else {
            rows.note(kind)
        }
    }

    private func isHeader(_ header: [UInt8], _ text: UnsafeBufferPointer<UInt8>, _ start: Int) -> Bool {
        unsafe text[start..<start + header.count].elementsEqual(header)
    }

    /// What is shown of a record that is turned down: of its first line, the start.
    private func shown(_ text: UnsafeBufferPointer<UInt8>, _ start: Int) -> Slice<UnsafeBufferPointer<UInt8>> {
        unsafe text[start..<min(LineEnds.find(text, start), start + ParsedRows.shownBytesMax)]
    }
}

extension FieldTokenizer.Record {
    /// Sees to it that it is a row.
    func check() throws(RowError) {
        switch kind {
        case .row, .blankLine, .comment: return
        case .openQuote: throw .openQuote
        case .textAfterQuote: throw .textAfterQuote
        case .tooLong: throw .recordTooLong
        }
    }
}

/// Where the rows of a file are, among records that are none.
struct RowPlaces: Sendable {
    /// Where in the file the first row may be.
    var first = 0
    /// The record that is no row, where it is and wherever it stands again; nil when all are rows.
    var header: HeaderRecord?
    /// Which comments may be rows; nil when none may.
    var doubt: CommentDoubt?
}

/// The record of a file that names its columns, or says something else that is no row.
struct HeaderRecord: Sendable {
    /// Where in the file it starts.
    let offset: Int
    /// What it consists of, without its line end.
    let bytes: [UInt8]
}

extension FieldTokenizer {
    /// Reads a block: `read` is given the fields of each row, and what it throws turns the row down.
    ///
    /// - Parameters:
    ///   - header: where in the file the record is that is no row; nil when all are rows.
    ///   - integers: reads the rows it can before `read` is asked.
    @inline(__always)
    func forEachRow(
        of block: TextChunk, headerAt header: Int?, integers: IntegerRows?, into rows: ParsedRows,
        _ read: ([Field]) throws(RowError) -> Void
    ) {
        let text = unsafe block.text
        let header = header.map { $0 - block.offset } ?? -1
        var fields: [Field] = []
        var (start, line) = (0, 0)
        while start < text.count {
            if let integers {
                let done = unsafe integers.read(text, start)
                line += done.rows
                start = done.end
                if start == text.count { break }
            }
            fields.removeAll(keepingCapacity: true)
            let record = unsafe scan(text, start) { fields.append($0) }
            if record.kind != .nothing, start != header {
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

    /// What is shown of a record that is turned down: of its first line, the start.
    private func shown(_ text: UnsafeBufferPointer<UInt8>, _ start: Int) -> Slice<UnsafeBufferPointer<UInt8>> {
        unsafe text[start..<min(LineEnds.find(text, start), start + ParsedRows.shownBytesMax)]
    }
}

extension FieldTokenizer.Record {
    /// Sees to it that it is a row.
    func check() throws(RowError) {
        switch kind {
        case .row, .nothing: return
        case .openQuote: throw .openQuote
        case .textAfterQuote: throw .textAfterQuote
        case .tooLong: throw .recordTooLong
        }
    }
}

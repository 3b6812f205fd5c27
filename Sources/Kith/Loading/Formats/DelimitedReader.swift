/// How a file of columns is read, whatever stands between them.
struct DelimitedReader: RecordReader {
    private let tokenizer: FieldTokenizer
    private let columns: ColumnRoles
    /// Where the header is, when the file has one that is no comment.
    private let header: Int?
    /// How many rows below a header in words of its own must show that it is none of them.
    private static let sniffedRowsMax = 20

    /// Finds out which column is what.
    ///
    /// - Throws: ``LoadError/badHeader(path:reason:)``.
    init(_ tokenizer: FieldTokenizer, of head: FileHead, for shape: RowShape) throws(LoadError) {
        self.tokenizer = tokenizer
        var columns = ColumnRoles(for: shape)
        var header: Int?
        if let words = DelimitedReader.firstComment(tokenizer, head.text), ColumnRoles.areNames(words, for: shape) {
            _ = try columns.take(from: [words], for: shape, path: head.path)
        } else {
            let rows = DelimitedReader.firstRows(tokenizer, head)
            if try columns.take(from: rows.map(\.fields), for: shape, path: head.path) { header = rows.first?.start }
        }
        self.columns = columns
        self.header = header
    }

    /// The words of the comment that the file starts with.
    private static func firstComment(_ tokenizer: FieldTokenizer, _ text: TextChunk) -> [String]? {
        guard tokenizer.hasComments, text.count > 0, text.memory[0] == UInt8(ascii: "#") else { return nil }
        var words: [String] = []
        _ = unsafe FieldTokenizer().scan(text.text, 1) { words.append($0.text) }
        return words
    }

    /// The first rows, and where each starts.
    private static func firstRows(_ tokenizer: FieldTokenizer, _ head: FileHead) -> [(start: Int, fields: [String])] {
        let text = unsafe head.text.text
        var rows: [(start: Int, fields: [String])] = []
        var start = 0
        while start < text.count, rows.count < sniffedRowsMax {
            var fields: [String] = []
            let record = unsafe tokenizer.scan(text, start) { fields.append($0.text) }
            // Of a row that is cut off, columns seem to be missing.
            if record.end == text.count, !head.isWhole, !rows.isEmpty { break }
            if record.kind == .row { rows.append((start, fields)) }
            start = record.next
        }
        return rows
    }

    func lastRecordEnd(_ text: UnsafeBufferPointer<UInt8>) -> Int { unsafe tokenizer.lastRecordEnd(text) }

    func read(_ block: TextChunk, as subject: RowSubject, into rows: ParsedRows) {
        switch subject {
        case .nodes(let kind):
            tokenizer.forEachRow(of: block, headerAt: header, integers: nil, into: rows) {
                fields throws(RowError) in
                guard fields.count > columns.source else {
                    throw .tooFewColumns(found: fields.count, expected: columns.source + 1)
                }
                rows.addNode(try RowKey(fields[columns.source], column: columns.source + 1), kind)
            }
        case .edges(let type?):
            tokenizer.forEachRow(of: block, headerAt: header, integers: integerRows(type, in: rows), into: rows) {
                fields throws(RowError) in try readEdge(fields, type, into: rows)
            }
        case .edges(nil):
            tokenizer.forEachRow(of: block, headerAt: header, integers: nil, into: rows) {
                fields throws(RowError) in try readEdge(fields, try namedType(fields, rows), into: rows)
            }
        }
    }

    /// The quick reader, where rows can be such that it reads them.
    private func integerRows(_ type: Int, in rows: ParsedRows) -> IntegerRows? {
        guard columns.source == 0, columns.target == 1 else { return nil }
        return IntegerRows(
            delimiter: tokenizer.delimiter, refusesLoops: rows.types[type].refusesLoops, edges: rows.edges[type])
    }

    private func namedType(_ fields: [Field], _ rows: ParsedRows) throws(RowError) -> Int {
        guard let column = columns.type, column < fields.count else {
            throw .tooFewColumns(found: fields.count, expected: (columns.type ?? 0) + 1)
        }
        return try rows.type(named: fields[column].text, column: column + 1)
    }

    private func readEdge(_ fields: [Field], _ type: Int, into rows: ParsedRows) throws(RowError) {
        let count = fields.count
        let needed = max(columns.source, columns.target) + 1
        guard count >= needed else { throw .tooFewColumns(found: count, expected: needed) }
        if let countMax = columns.countMax, count > countMax {
            throw .tooManyColumns(found: count, expectedMax: countMax)
        }
        let source = try RowKey(fields[columns.source], column: columns.source + 1)
        let target = try RowKey(fields[columns.target], column: columns.target + 1)
        let typeColumns = rows.types[type].columns
        var value = rows.defaultValue(type)
        var readings: Readings = []
        if typeColumns.contains(.weight), let column = columns.weight, column < count, fields[column].count > 0 {
            value.weight = try RowValues.weight(fields[column], column: column + 1)
        }
        if typeColumns.contains(.time), let column = columns.time, column < count, fields[column].count > 0 {
            (value.time, readings) = try RowValues.time(fields[column], column: column + 1)
        }
        try rows.check(source, target, type)
        rows.append(source, target, value, type)
        rows.note(readings)
    }
}

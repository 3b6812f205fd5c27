/// Edge lists of NetworkX: two nodes, and the data of their edge as a dictionary of Python.
///
/// ```
/// 1 2 {}
/// ann bob {'weight': 3.0, 'time': 1714550400, 'label': "ann's"}
/// ```
/// So `nx.write_edgelist` writes them; with `data=False` or names of data it writes plain columns. Between the columns are
/// blanks, or the tab, comma, semicolon or bar that it was asked for.
struct NetworkXEdgeReader: RecordReader {
    private let delimiter: UInt8?
    private let columns: RowColumns
    private let lines: CommentedLines

    private static let sampleCount = 20
    private static let delimiters: [UInt8] = Array("\t,;| ".utf8)

    /// Whether a file has such lines and no others: each ends with a dictionary, and two keys are before it. Of keys with
    /// blanks there seem to be more: such lines are turned down one by one.
    static func isUnmistakable(in head: FileHead) -> Bool {
        let lines = head.firstLines(sampleCount, butFor: "#")
        return !lines.isEmpty && lines.allSatisfy { delimiter(of: $0.text) != nil || hasKeysWithBlanks($0) }
    }

    /// Whether more than two words stand before a dictionary, and there is no other brace.
    private static func hasKeysWithBlanks(_ line: FileHead.Line) -> Bool {
        guard let brace = line.text.firstIndex(of: "{"), line.text.last == "}" else { return false }
        let behind = line.text[brace...].dropFirst().first
        return line.text[..<brace].last == " " && (behind == "'" || behind == "}")
            && line.text[..<brace].split(separator: " ").count > 2
    }

    /// What stands between the columns of a line that ends with a dictionary; nil when it does not.
    private static func delimiter(of line: Substring) -> UInt8? {
        let bytes = Array(line.utf8)
        guard bytes.last(where: { $0 != UInt8(ascii: " ") }) == UInt8(ascii: "}") else { return nil }
        return delimiters.first { delimiter in
            let parts = bytes.split(separator: delimiter, maxSplits: 2)
            return parts.count == 3 && parts[2].first == UInt8(ascii: "{")
                // A brace that nothing closes is a dictionary's, of which this is the inside.
                && !parts[..<2].contains { $0.contains(UInt8(ascii: "{")) && !$0.contains(UInt8(ascii: "}")) }
        }
    }

    init(of head: FileHead, columns: RowColumns) {
        let row = head.firstLines(1, butFor: "#").first
        let found = row.flatMap { NetworkXEdgeReader.delimiter(of: $0.text) }
        delimiter = found == UInt8(ascii: " ") ? nil : found
        // NetworkX writes no comments. Whoever has put some above the rows may have commented rows out.
        let isCommented = head.firstLines(1).first?.text.hasPrefix("# ") ?? false
        lines = CommentedLines(
            comment: "#", delimiter: LineEnds.lineFeed, headEnd: isCommented ? nil : row?.offset)
        self.columns = columns
    }

    func lastRecordEnd(_ text: UnsafeBufferPointer<UInt8>) -> Int { unsafe lines.lastRecordEnd(text) }

    func read(_ block: TextChunk, as subject: RowSubject, into rows: ParsedRows) {
        guard case .edges(let type?) = subject else { return }
        lines.forEachLine(of: block, into: rows) { _, fields throws(RowError) in
            if fields.isEmpty || fields[0].isBlank { return rows.note(.blankLine) }
            let (first, second, data) = try split(fields[0])
            let source = try RowKey(first, column: 1)
            let target = try RowKey(second, column: 2)
            var value = rows.defaultValue(type)
            var readings: Readings = []
            if let data { try readData(data, rows.types[type].precision, into: &value, &readings, rows) }
            try rows.check(source, target, type)
            rows.append(source, target, value, type)
            rows.note(readings)
        }
    }

    /// The two nodes and the dictionary of a line.
    private func split(_ line: Field) throws(RowError) -> (Field, Field, data: Field?) {
        var rest = line.withoutOuterBlanks
        let first = rest.cutField(before: delimiter)
        guard let first, rest.count > 0 else { throw .tooFewColumns(found: 1, expected: 2) }
        guard let second = rest.cutField(before: delimiter) else { return (first, rest, nil) }
        return (first, second, rest.withoutOuterBlanks)
    }

    private func readData(
        _ data: Field, _ precision: EdgeType.Precision, into value: inout EdgeValue, _ readings: inout Readings,
        _ rows: ParsedRows
    ) throws(RowError) {
        var dictionary = try PythonDictionary(data)
        var (hasWeight, hasTime) = (false, false)
        while let (name, member) = try dictionary.nextMember() {
            let isNone = member.kind == .word && member.field.isEqual(to: "None")
            if name.kind == .text, name.field.isEqual(to: "weight") {
                if hasWeight { throw .badDictionary("'weight' is there twice") }
                hasWeight = true
                if isNone { continue }
                guard member.kind == .word else { throw .badWeight(column: 3, member.field.text) }
                let weighted = try RowValues.weighted(value, by: member.field, column: 3, precision)
                if columns.hasWeight { value = weighted } else { rows.noteLeftOut("weight") }
            } else if name.kind == .text, name.field.isEqual(to: "time") {
                if hasTime { throw .badDictionary("'time' is there twice") }
                hasTime = true
                if isNone { continue }
                guard member.kind != .other else {
                    throw .badTime(column: 3, TimestampError(member.field.text, .unknownForm))
                }
                let time = try RowValues.time(member.field, column: 3)
                if columns.hasTime { (value.time, readings) = time } else { rows.noteLeftOut("time") }
            } else {
                rows.noteLeftOut(name.field)
            }
        }
    }
}

extension Field {
    /// The field without the blanks and tabs around it.
    fileprivate var withoutOuterBlanks: Field {
        let bytes = unsafe bytes
        func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == FieldTokenizer.tab }
        let first = unsafe bytes.firstIndex { !isBlank($0) } ?? bytes.count
        let end = unsafe bytes.lastIndex { !isBlank($0) }.map { $0 + 1 } ?? first
        return unsafe Field(bytes.baseAddress.unsafelyUnwrapped + first, count: end - first)
    }

    /// Takes off what stands before the first delimiter, and the delimiter, or the run of blanks and tabs where it is nil;
    /// answers nil and stays as it is when there is none.
    fileprivate mutating func cutField(before delimiter: UInt8?) -> Field? {
        let bytes = unsafe bytes
        func isDelimiter(_ byte: UInt8) -> Bool {
            delimiter.map { byte == $0 } ?? (byte == UInt8(ascii: " ") || byte == FieldTokenizer.tab)
        }
        guard let end = unsafe bytes.firstIndex(where: isDelimiter) else { return nil }
        var next = end + 1
        while delimiter == nil, next < bytes.count, unsafe isDelimiter(bytes[next]) { next += 1 }
        let start = unsafe bytes.baseAddress.unsafelyUnwrapped
        let field = unsafe Field(start, count: end)
        self = unsafe Field(start + next, count: bytes.count - next)
        return field
    }
}

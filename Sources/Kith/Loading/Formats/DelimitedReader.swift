/// How a file of columns is read, whatever stands between them.
struct DelimitedReader: RecordReader {
    private let tokenizer: FieldTokenizer
    private let columns: ColumnRoles
    /// Whether the delimiter stands twice between two columns, so that an empty field is between them.
    private let isDoubled: Bool
    private let places: RowPlaces
    /// How few columns a row may have.
    private let countMin: Int
    private let timeFormat: TimeFormat?
    /// Whether a line that begins as a comment and is no row is one, though none stands above the rows.
    private let passesComments: Bool
    /// Whether quotes are letters because nothing says otherwise.
    private let doubtsQuotes: Bool
    /// Whether that is so, and there are columns that are not read.
    private let doubtsLeftOut: Bool
    let layout: FileLayout
    let remarks: [String]

    /// Finds out which column is what.
    ///
    /// - Throws: ``LoadError/badHeader(path:reason:)``.
    init(_ sniffer: DelimitedSniffer, for shape: RowShape) throws(LoadError) {
        let head = sniffer.head
        let dialect = head.dialect
        tokenizer = sniffer.tokenizer
        isDoubled = sniffer.isDoubled
        timeFormat = dialect.timeFormat
        passesComments = sniffer.passesComments
        let isPlain = tokenizer.delimiter == FieldTokenizer.tab || tokenizer.delimiter == nil
        doubtsQuotes = tokenizer.quote == nil && isPlain && dialect.quote == nil
        var columns = ColumnRoles(for: shape, path: head.path, kinds: head.kinds)
        var layout = FileLayout()
        layout.delimiter = FileDialect.Delimiter(byte: tokenizer.delimiter, isDoubled: isDoubled)
        layout.quote =
            tokenizer.quote.map { $0 == FieldTokenizer.doubleQuote ? .double : .single } ?? FileDialect.Quote.none
        layout.comment = FileDialect.Comment(bytes: tokenizer.comments.bytes)
        let rows = sniffer.firstRows()
        let first = rows.first?.fields ?? []
        // A header that stands again tells nothing of rows.
        let below = rows.dropFirst().filter { $0.header.bytes != rows[0].header.bytes }.map(\.fields)
        var header: HeaderRecord?
        var remark: String?
        if let names = sniffer.namesInHeaderFile() {
            guard dialect.columns == nil else {
                throw .badHeader(
                    path: head.path, reason: "columns are said by hand and by a header in a file; say one of them")
            }
            _ = try columns.take(header: names, above: rows.map(\.fields), isHeader: true)
            layout.header = .file
        } else if dialect.header == .automatic, dialect.columns == nil,
            let words = sniffer.comments.lazy.map(\.words).first(where: {
                ColumnRoles.areNames($0, for: shape, kinds: head.kinds, columnCount: first.count)
            })
        {
            _ = try columns.take(header: words, above: rows.map(\.fields), isHeader: true)
            layout.header = .comment
        } else if let row = rows.first, dialect.header != .none,
            try columns.take(
                header: first, above: below, isHeader: dialect.header == .row,
                areQuoted: rows.allSatisfy(\.isInQuotes),
                said: dialect.columns)
        {
            header = row.header
            layout.header = .row
        } else if let said = dialect.columns {
            try columns.take(said)
        } else if !rows.isEmpty {
            remark = try columns.takePlaces(rows.map(\.fields), areNamed: rows.allSatisfy(\.hasFirstAloneInQuotes))
        }
        layout.hasRowNames = columns.hasRowNames
        layout.columns = columns.columns(firstRow: header == nil ? first : below.first ?? first)
        if dialect.columns == nil, let time = columns.time {
            try sniffer.refuseSplitTimes(header == nil ? rows.map(\.fields) : below, in: time, layout.columns)
        }
        countMin = columns.countMin(canBeEmpty: tokenizer.delimiter != nil)
        let counts = countMin...max(countMin, columns.countMax)
        if dialect.comment == nil, layout.header != .comment {
            try sniffer.refuseDoubtfulComments(above: rows, columns: counts)
        }
        let certain = tokenizer.delimiter == nil ? sniffer.provenComments : FieldTokenizer.Comments.none
        places = RowPlaces(
            first: sniffer.start, header: header,
            doubt: dialect.comment != nil
                ? nil
                : rows.first.map {
                    CommentDoubt(
                        of: sniffer.tokenizer, isDoubled: sniffer.isDoubled, firstRow: $0.header.offset,
                        columns: counts, certain: certain)
                })
        self.columns = columns
        self.layout = layout
        doubtsLeftOut = doubtsQuotes && layout.columns.contains { $0.role == .skipped }
        remarks = remark.map { [$0] } ?? []
    }

    func lastRecordEnd(_ text: UnsafeBufferPointer<UInt8>) -> Int { unsafe tokenizer.lastRecordEnd(text) }

    func read(_ block: TextChunk, as subject: RowSubject, into rows: ParsedRows) {
        switch subject {
        case .nodes(let kind):
            tokenizer.forEachRow(of: block, at: places, into: rows) {
                fields throws(RowError) in
                let fields = try columnsOf(fields)
                guard fields.count >= countMin else {
                    throw quotesOr(.tooFewColumns(found: fields.count, expected: countMin), fields)
                }
                if doubtsLeftOut { try checkLeftOut(fields) }
                rows.addNode(try key(fields, columns.source), kind)
            }
        case .edges(let type?):
            tokenizer.forEachRow(
                of: block, at: places, integers: integerRows(type, in: rows), into: rows
            ) {
                fields throws(RowError) in
                if try isComment(fields) { return rows.note(.comment) }
                try readEdge(try columnsOf(fields), type, into: rows)
            }
        case .edges(nil):
            tokenizer.forEachRow(of: block, at: places, into: rows) {
                fields throws(RowError) in
                if try isComment(fields) { return rows.note(.comment) }
                let fields = try columnsOf(fields)
                try readEdge(fields, try namedType(fields, rows), into: rows)
            }
        }
    }

    /// The quick reader, where rows can be such that it reads them.
    private func integerRows(_ type: Int, in rows: ParsedRows) -> IntegerRows? {
        guard columns.source == 0, columns.target == 1, !isDoubled else { return nil }
        return IntegerRows(
            delimiter: tokenizer.delimiter, refusesLoops: rows.types[type].refusesLoops, edges: rows.edges[type])
    }

    /// Whether these begin as a comment does and are no row: of a key `#tag` there are as many as of others.
    ///
    /// - Throws: ``RowError/rowOrComment`` where a blank is behind the mark, there are as many as of rows, and no tab is between.
    @inline(__always)
    private func isComment(_ fields: [Field]) throws(RowError) -> Bool {
        passesComments && fields[0].beginsAsComment && !fields[0].isQuoted ? try isNoRow(fields) : false
    }

    private func isNoRow(_ fields: [Field]) throws(RowError) -> Bool {
        let count = isDoubled ? (fields.count + 1) / 2 : fields.count
        if count < countMin { return true }
        guard fields[0].beginsAsRemark else { return false }
        if count > columns.countMax || tokenizer.delimiter == nil { return true }
        // Comments have no tabs.
        guard tokenizer.delimiter == FieldTokenizer.tab else { throw .rowOrComment }
        return false
    }

    /// The fields of a row, as many as it may have; without those between doubled delimiters.
    @inline(__always)
    private func columnsOf(_ fields: [Field]) throws(RowError) -> [Field] {
        let fields = isDoubled ? try DelimitedReader.everySecond(of: fields) : fields
        guard fields.count <= columns.countMax else {
            throw quotesOr(.tooManyColumns(found: fields.count, expectedMax: columns.countMax), fields)
        }
        return fields
    }

    /// Why there are too many fields or too few: quotes that are letters, if there are some, or else `error`.
    private func quotesOr(_ error: RowError, _ fields: [Field]) -> RowError {
        guard doubtsQuotes, let index = fields.firstIndex(where: \.mayBeQuoted) else {
            return error
        }
        return .quotedField(column: index + 1, fields[index].text)
    }

    /// Sees to it that no field that is left out begins or ends in quotes that the next row closes or this one opens.
    private func checkLeftOut(_ fields: [Field]) throws(RowError) {
        for index in fields.indices where index != columns.source && index != columns.target {
            let field = fields[index]
            if field.hasLoneOuterQuote { throw .quotedField(column: index + 1, field.text) }
        }
    }

    private static func everySecond(of fields: [Field]) throws(RowError) -> [Field] {
        for index in stride(from: 1, to: fields.count, by: 2) where fields[index].count > 0 {
            throw .loneDelimiter(column: index / 2 + 1)
        }
        return stride(from: 0, to: fields.count, by: 2).map { fields[$0] }
    }

    @inline(__always)
    private func key(_ fields: [Field], _ column: Int) throws(RowError) -> RowKey {
        let field = fields[column]
        if doubtsQuotes, field.mayBeQuoted { throw .quotedField(column: column + 1, field.text) }
        return try RowKey(field, column: column + 1)
    }

    private func namedType(_ fields: [Field], _ rows: ParsedRows) throws(RowError) -> Int {
        guard let column = columns.type, column < fields.count else {
            throw .tooFewColumns(found: fields.count, expected: (columns.type ?? 0) + 1)
        }
        return try rows.type(named: fields[column].text, column: column + 1)
    }

    private func readEdge(_ fields: [Field], _ type: Int, into rows: ParsedRows) throws(RowError) {
        let count = fields.count
        guard count >= countMin else { throw quotesOr(.tooFewColumns(found: count, expected: countMin), fields) }
        if doubtsLeftOut { try checkLeftOut(fields) }
        let source = try key(fields, columns.source)
        let target = try key(fields, columns.target)
        let typeColumns = rows.types[type].columns
        var value = rows.defaultValue(type)
        var readings: Readings = []
        if typeColumns.contains(.weight), let column = columns.weight, column < count, fields[column].count > 0 {
            value = try RowValues.weighted(value, by: fields[column], column: column + 1, rows.types[type].precision)
        }
        if typeColumns.contains(.time), let column = columns.time, column < count, fields[column].count > 0 {
            (value.time, readings) = try RowValues.time(fields[column], as: timeFormat, column: column + 1)
        }
        try rows.check(source, target, type)
        rows.append(source, target, value, type)
        rows.note(readings)
    }
}

/// Finds out how a file of columns is laid out: what its fields are between and in, and what its comments begin with.
///
/// | what | how it is found out, unless it is said by hand |
/// |---|---|
/// | delimiter | the format's; that of CSV is the one the first row has most of, or what Excel's line `sep=;` says |
/// | quotes | `"` in CSV; in other formats where all words of the first row, numbers aside, are in quotes, as R writes them, or those of the rows below it, or a field of the first rows has its own written twice |
/// | comments | `#` and `%`, in edge lists; in others where the first line begins with one of them and a blank, or has other columns than the rows, or the names of theirs; else only lines that begin so and are no rows |
struct DelimitedSniffer {
    let head: FileHead
    private(set) var tokenizer: FieldTokenizer
    private(set) var isDoubled = false
    /// The comments above the first row.
    private(set) var comments: [Comment] = []
    /// Where the first row may be: behind a line that says the delimiter.
    private(set) var start = 0

    /// How many rows below a header show that it is none of them.
    private static let rowsMax = 20

    /// - Parameter delimiters: those that the format may have; nil for blanks. More than one, when the file tells.
    init(of head: FileHead, delimiters: [FileDialect.Delimiter], quotes: Bool, comments: FieldTokenizer.Comments) {
        self.head = head
        tokenizer = FieldTokenizer(delimiter: delimiters[0].byte, comments: comments)
        let dialect = head.dialect
        let quote: UInt8? = dialect.quote.map { $0.byte } ?? (quotes ? FieldTokenizer.doubleQuote : nil)
        tokenizer.quote = quote
        if let said = dialect.comment { tokenizer.comments = FieldTokenizer.Comments(said.bytes) }
        // Excel writes it above CSV alone.
        let hint = delimiters.count > 1 ? spreadsheetDelimiter() : nil
        use(dialect.delimiter ?? hint ?? frequentDelimiter(of: delimiters))
        if dialect.comment == nil, comments == .none, beginsWithComment() { tokenizer.comments = .usual }
        self.comments = leadingComments()
        if dialect.quote == nil, !quotes,
            self.comments.isEmpty && isFirstRowInQuotes() || hasDoubledQuotes() || areRowsInQuotes()
        {
            tokenizer.quote = FieldTokenizer.doubleQuote
        }
    }

    private mutating func use(_ delimiter: FileDialect.Delimiter) {
        tokenizer.delimiter = delimiter.byte
        isDoubled = delimiter.isDoubled
    }

    /// A line that begins as comments do.
    struct Comment {
        let mark: UInt8
        /// What stands behind it, between the delimiters of the file.
        let words: [String]
        /// Whether a word begins right behind the mark.
        let isGlued: Bool
    }

    /// A row from the start of a file.
    struct Row {
        let header: HeaderRecord
        var fields: [String]
        /// Whether its first field is in quotes.
        var isInQuotes: Bool { header.bytes.first == FieldTokenizer.doubleQuote }
        /// Whether something is in quotes, all words are, and numbers may be.
        var hasWordsInQuotes: Bool {
            let words = fields.count { Double($0) == nil }
            let quotes = header.bytes.count { $0 == FieldTokenizer.doubleQuote }
            return quotes >= max(2, 2 * words) && quotes <= 2 * fields.count
                && (isInQuotes || Double(fields[0]) != nil)
        }
        /// Whether all of it are numbers, none in quotes.
        var hasNumbersAlone: Bool {
            fields.allSatisfy { Double($0) != nil } && !header.bytes.contains(FieldTokenizer.doubleQuote)
        }
        /// Whether some `delimiter` stands outside of quotes, or it is not clear where those are.
        func hasUnquoted(_ delimiter: UInt8) -> Bool {
            var isBetween = false
            for byte in header.bytes {
                if byte == FieldTokenizer.doubleQuote { isBetween.toggle() }
                if byte == delimiter, !isBetween { return true }
            }
            return isBetween
        }
        /// Whether the first field is in quotes and no other is.
        var hasFirstAloneInQuotes: Bool {
            isInQuotes && fields.count > 1 && header.bytes.count { $0 == FieldTokenizer.doubleQuote } == 2
        }
    }

    /// The first rows that are whole.
    func firstRows() -> [Row] { rows(by: tokenizer, isDoubled) }

    /// Whether lines that begin as comments and are no rows are comments, though none stands above the rows.
    var passesComments: Bool { head.dialect.comment == nil && tokenizer.comments == .none }

    private func rows(by tokenizer: FieldTokenizer, _ isDoubled: Bool, max: Int = rowsMax) -> [Row] {
        let text = unsafe head.text.text
        var rows: [Row] = []
        var start = start
        while start < text.count, rows.count < max {
            var fields: [String] = []
            let record = unsafe tokenizer.scan(text, start) { fields.append($0.text) }
            // Of a row that is cut off, columns seem to be missing.
            if record.end == text.count, !head.isWhole, !rows.isEmpty { break }
            if record.kind == .row {
                if isDoubled { fields = stride(from: 0, to: fields.count, by: 2).map { fields[$0] } }
                let bytes = unsafe Array(text[start..<record.end])
                let isComment =
                    passesComments && fields.count == 1
                    && bytes.first.map { FieldTokenizer.Comments.usual.contains($0) } == true
                // Files of one column have keys in it.
                if !isComment || rows.allSatisfy({ $0.fields.count == 1 }) {
                    rows.append(Row(header: HeaderRecord(offset: start, bytes: bytes), fields: fields))
                }
            }
            start = record.next
        }
        return rows
    }
}

/// Delimiters.
extension DelimitedSniffer {
    /// What Excel's first line says, `sep=;`; the line is passed over then.
    private mutating func spreadsheetDelimiter() -> FileDialect.Delimiter? {
        let text = unsafe head.text.text
        let end = unsafe LineEnds.find(text, 0)
        let line = unsafe Array(text[..<end])
        guard line.count == 5, line.starts(with: "sep=".utf8),
            let delimiter = FileDialect.Delimiter(String(decoding: line[4...], as: UTF8.self))
        else { return nil }
        start = unsafe LineEnds.next(text, end)
        return delimiter
    }

    /// The delimiter that the first row has most of. Where it has none of one character, it may be a doubled one, or blanks.
    private func frequentDelimiter(of delimiters: [FileDialect.Delimiter]) -> FileDialect.Delimiter {
        guard delimiters.count > 1 else { return delimiters[0] }
        var best = (delimiter: delimiters[0], count: 0)
        for delimiter in delimiters where best.count == 0 || delimiter.byte != nil && !delimiter.isDoubled {
            let count = delimiterCount(delimiter)
            if count > best.count { best = (delimiter, count) }
        }
        return best.delimiter
    }

    /// What stands between the columns of a file that does not say it.
    enum Separation {
        case delimiter
        case blanks
        /// Either would make rows of edges.
        case unknown
    }

    /// What the first rows show: the delimiter, where they have the same number of columns between it, more than one, and are
    /// no words between blanks.
    var separation: Separation {
        let rows = firstRows()
        guard let first = rows.first, first.fields.count > 1 else { return .blanks }
        let below = rows.dropFirst()
        // A header of R has no word for the names of rows.
        let areNamed =
            !below.isEmpty && below.allSatisfy { $0.fields.count == first.fields.count + 1 }
            && (below.allSatisfy(\.isInQuotes) || ColumnRoles.areCounted(below.map(\.fields)))
        guard areNamed || below.allSatisfy({ $0.fields.count == first.fields.count }) else { return .blanks }
        let names = ColumnNames(first.fields, kinds: head.kinds)
        if names.hasNeeded(for: .edges(RowColumns(hasWeight: false, hasTime: false, hasType: false))) {
            return .delimiter
        }
        // The blank before the hour of a time is between no words.
        if rows.contains(where: { $0.fields.contains(where: isTimeWithBlank) }) { return .delimiter }
        let words = rows.map { $0.header.bytes.split { $0 == UInt8(ascii: " ") || $0 == FieldTokenizer.tab } }
        guard let delimiter = tokenizer.delimiter, delimiter != FieldTokenizer.tab else {
            return zip(words, rows).allSatisfy { $0.count == $1.fields.count } ? .blanks : .delimiter
        }
        // What stands in quotes is between no columns.
        if rows.allSatisfy({ !$0.hasUnquoted(delimiter) }) { return .blanks }
        // Nor are blanks within quotes between words.
        if tokenizer.quote != nil, rows.contains(where: \.isInQuotes) { return .delimiter }
        let isSplit = words.contains { row in
            row.count == 1 || row.count != words[0].count
                || row.contains { $0.first == delimiter || $0.last == delimiter }
        }
        if isSplit { return .delimiter }
        let areWhole = words.allSatisfy { row in Set(row.map { word in word.count { $0 == delimiter } }).count == 1 }
        if areWhole { return .blanks }
        // The delimiter may be the point of a number: `ann bob 1,5`.
        let texts = words.map { row in
            row.enumerated().map { column, word in
                String(decoding: column < 2 ? Array(word) : word.map { $0 == delimiter ? 46 : $0 }, as: UTF8.self)
            }
        }
        if !texts.allSatisfy(DelimitedSniffer.mayBeEdge) { return .delimiter }
        return rows.allSatisfy { DelimitedSniffer.mayBeEdge($0.fields) } ? .unknown : .blanks
    }

    /// Whether these may be two keys and what edges have besides.
    private static func mayBeEdge(_ fields: [String]) -> Bool {
        fields.count < 5
            && fields.dropFirst(2).allSatisfy { Double($0) != nil || (try? Timestamp.parse($0.utf8.span)) != nil }
    }

    /// Another delimiter that the first row has as often as the one that was taken, and every row as often as the first.
    func rival(among delimiters: [FileDialect.Delimiter]) -> FileDialect.Delimiter? {
        guard head.dialect.delimiter == nil, start == 0, !isDoubled, let taken = tokenizer.delimiter else { return nil }
        func counts(_ byte: UInt8) -> Set<Int> {
            var other = tokenizer
            other.delimiter = byte
            return Set(rows(by: other, false).map { $0.fields.count })
        }
        let columns = counts(taken)
        guard columns.count == 1, columns != [1] else { return nil }
        return delimiters.first { delimiter in
            delimiter.byte != taken && delimiter.byte.map { counts($0) == columns } == true && !delimiter.isDoubled
        }
    }

    private func isTimeWithBlank(_ text: String) -> Bool {
        text.contains(" ") && (try? Timestamp.parse(text.utf8.span)) != nil
    }

    /// How many delimiters the first row has.
    private func delimiterCount(_ delimiter: FileDialect.Delimiter) -> Int {
        var tokenizer = tokenizer
        tokenizer.delimiter = delimiter.byte
        let text = unsafe head.text.text
        // What may be a comment tells nothing, unless there is nothing else.
        if tokenizer.comments == .none {
            tokenizer.comments = .usual
            if rows(by: tokenizer, false, max: 1).isEmpty { tokenizer.comments = .none }
        }
        var start = start
        while start < text.count {
            var fields: [Int] = []
            let record = unsafe tokenizer.scan(text, start) { fields.append($0.count) }
            start = record.next
            if !record.isRow { continue }
            // What stands behind a quote is no text but the delimiter.
            if record.kind == .textAfterQuote { return 0 }
            // Behind each field but the last; where a quote is open, the last is not there.
            let count = record.kind == .openQuote ? fields.count : fields.count - 1
            guard delimiter.isDoubled else { return count }
            let areEmpty = stride(from: 1, to: fields.count, by: 2).allSatisfy { fields[$0] == 0 }
            return areEmpty && fields.count % 2 == 1 ? count : 0
        }
        return 0
    }
}

/// Comments and quotes.
extension DelimitedSniffer {
    /// Whether the file begins with a line that is a comment although its format has none.
    private func beginsWithComment() -> Bool {
        let text = unsafe head.text.text
        guard start < text.count, unsafe FieldTokenizer.Comments.usual.contains(text[start]) else { return false }
        let behind = start + 1
        guard behind < text.count else { return true }
        if unsafe text[behind] == UInt8(ascii: " ") || LineEnds.isLineEnd(text[behind]) { return true }
        let words = unsafe words(text, behind)
        // The kinds of edges of several types are not known.
        let isOfNodes = head.kinds.map { $0.target == nil } ?? false
        let shape = isOfNodes ? RowShape.nodes : .edges(RowColumns(hasWeight: false, hasTime: false, hasType: false))
        if ColumnNames(words, kinds: head.kinds).hasNeeded(for: shape) { return true }
        var commented = tokenizer
        commented.comments = .usual
        let below = rows(by: commented, isDoubled, max: 1)
        return below.first.map { $0.fields.count != words.count } ?? false
    }

    /// The comments above the first row.
    private func leadingComments() -> [Comment] {
        let text = unsafe head.text.text
        var comments: [Comment] = []
        var start = start
        while start < text.count {
            let record = unsafe tokenizer.scan(text, start) { _ in }
            if record.isRow { break }
            if record.kind == .comment {
                let isGlued = unsafe CommentDoubt.hasNoBlank(text, behind: start)
                comments.append(
                    unsafe Comment(mark: text[start], words: words(text, start + 1), isGlued: isGlued))
            }
            start = record.next
        }
        return comments
    }

    /// Stops where the hour of a time stands in a column of its own, which is left out: `ann bob 2024-05-01 08:00:00`.
    ///
    /// - Throws: ``LoadError/badHeader(path:reason:)``.
    func refuseSplitTimes(_ rows: [[String]], in time: Int, _ columns: [FileColumn]) throws(LoadError) {
        guard columns.indices.contains(time + 1), columns[time + 1].role == .skipped, !rows.isEmpty,
            rows.allSatisfy({ $0.count > time + 1 && DelimitedSniffer.isHour($0[time + 1]) })
        else { return }
        throw .badHeader(
            path: head.path,
            reason:
                "a time seems to be in two columns, '\(rows[0][time])' and '\(rows[0][time + 1])'; write a T between the two, as in "
                + "\(rows[0][time])T\(rows[0][time + 1]), or say by `--columns` what the columns are")
    }

    /// Whether a text is an hour with its minutes: `8:05`, `08:05:00.25`, `08:05:00Z`.
    private static func isHour(_ text: String) -> Bool {
        text.wholeMatch(of: /[0-9]{1,2}:[0-9]{2}(:[0-9]{2}([.,][0-9]+)?)?(Z|[+-][0-9]{2}:?[0-9]{2})?/) != nil
    }

    /// What begins a line above the rows that is a comment for certain: a blank is behind it.
    var provenComments: FieldTokenizer.Comments {
        FieldTokenizer.Comments(Array(Set(comments.filter { !$0.isGlued }.map(\.mark))))
    }

    /// Stops where a line above the rows begins as comments do and may be a row: it has a key that rows have, or a number where
    /// they have one, or there is no other row.
    ///
    /// - Throws: ``LoadError/badHeader(path:reason:)``.
    func refuseDoubtfulComments(above rows: [Row], columns: ClosedRange<Int>) throws(LoadError) {
        let keys = Set(rows.flatMap(\.fields))
        let doubtful = comments.first { comment in
            let words = comment.words
            guard comment.isGlued else { return false }
            if rows.isEmpty { return words.count > 1 }
            let areNumbers = words.allSatisfy { Double($0) != nil } && keys.allSatisfy { Double($0) != nil }
            return columns.contains(words.count) && DelimitedSniffer.mayBeEdge(words)
                && (words.count == 1 || words.count > 2 || areNumbers || keys.contains(words[1]))
        }
        guard let doubtful else { return }
        throw .badHeader(
            path: head.path,
            reason:
                "a line with '\(doubtful.words.joined(separator: "', '"))' behind what begins a comment may be a row; say "
                + "`--comment none` if it is one, or `--comment '#'`, '%' or '#%' if it is a comment")
    }

    /// The words of a line, whatever it begins with.
    private func words(_ text: UnsafeBufferPointer<UInt8>, _ start: Int) -> [String] {
        let line = FieldTokenizer(delimiter: tokenizer.delimiter, quote: tokenizer.quote)
        var words: [String] = []
        _ = unsafe line.scan(text, start) { words.append($0.text) }
        return words
    }

    /// The names in the file of the header, if there is one.
    func namesInHeaderFile() -> [String]? {
        unsafe head.headerText?.withUnsafeBufferPointer { text in unsafe text.count > 0 ? words(text, 0) : [] }
    }

    /// Whether rows below the first have words, all of them in quotes.
    private func areRowsInQuotes() -> Bool {
        let below = rowsWithQuotes(max: DelimitedSniffer.rowsMax).dropFirst()
        return below.contains(where: \.hasWordsInQuotes)
            && below.allSatisfy { $0.hasWordsInQuotes || $0.hasNumbersAlone }
    }

    private func rowsWithQuotes(max: Int) -> [Row] {
        var quoted = tokenizer
        quoted.quote = FieldTokenizer.doubleQuote
        return rows(by: quoted, isDoubled, max: max)
    }

    /// Whether fields between tabs or blanks are written as CSV has them, in quotes with their own written twice.
    private func hasDoubledQuotes() -> Bool {
        guard tokenizer.delimiter == FieldTokenizer.tab || tokenizer.delimiter == nil else { return false }
        return firstRows().contains { $0.fields.contains(where: Field.hasDoubledQuotes) }
    }

    /// Whether the first row has something in quotes, and all of its words.
    private func isFirstRowInQuotes() -> Bool { rowsWithQuotes(max: 1).first?.hasWordsInQuotes ?? false }
}

/// Which column of a row is what, found out from the first rows of a file, or said by hand.
///
/// | first row | then |
/// |---|---|
/// | names a source and a target: see ``ColumnNames`` | it is a header, and weight, time and type are found by name too |
/// | is below a comment of such names, one for each column or nothing else | the comment is the header |
/// | has words where the next rows have numbers | it looks like a header that is not understood: an error that asks |
/// | names one end by a word of its own (`from`, `:END_ID`), or two for one role | an error that asks |
/// | anything else | it is a row: source, target, then the columns of the edge type, weight before time |
struct ColumnRoles: Sendable {
    private(set) var source = 0
    private(set) var target = 1
    private(set) var weight: Int?
    private(set) var time: Int?
    private(set) var type: Int?
    /// How many columns a row may have.
    private(set) var countMax = 0
    /// Whether rows begin with a name that the header has no column for.
    private(set) var hasRowNames = false
    /// What the columns are called, where a header says so.
    private(set) var names: [String]?
    private let shape: RowShape
    private let path: String
    private let kinds: RowKinds?

    /// No column is known yet.
    init(for shape: RowShape, path: String, kinds: RowKinds?) {
        self.shape = shape
        self.path = path
        self.kinds = kinds
    }

    /// What is said in errors: with the path.
    private func error(_ reason: String) -> LoadError { .badHeader(path: path, reason: reason) }
}

/// Columns by place, or as they were said.
extension ColumnRoles {
    /// Takes source, target, then what the edge type has, as far as the first row goes.
    ///
    /// - Parameter areNamed: whether the first fields are in quotes and no other is.
    /// - Returns: what is to be said of it.
    mutating func takePlaces(_ rows: [[String]], areNamed: Bool) throws(LoadError) -> String? {
        let firstRow = rows[0]
        guard case .edges(let columns) = shape else {
            countMax = max(1, firstRow.count)
            if firstRow.count > 1 {
                throw error(
                    "the rows have \(firstRow.count) columns, and nothing says which has the keys; found "
                        + "\(ColumnRoles.quoted(firstRow)); name one (\(ColumnNames.examples(of: .key))) in a header, or say "
                        + "which it is by `--columns`, such as columns=key:_")
            }
            return nil
        }
        guard !columns.hasType else { throw error("edges of several types need a header with a :TYPE column") }
        var count = 2
        if columns.hasWeight {
            weight = count
            count += 1
        }
        if columns.hasTime {
            time = count
            count += 1
        }
        countMax = min(count, max(2, firstRow.count))
        try refuseTimesAsWeights(rows)
        return try remarkOfNamedRows(rows, areNamed)
    }

    /// From how many rows on no graph is expected to have sources that count them.
    private static let countedMax = 10
    /// Edges have no times before 1973, which a third column of keys often seems to hold.
    private static let timeMin = 100_000_000.0

    /// What is to be said where no header is above rows whose first column counts them: pandas and R write such names of rows,
    /// and a path has such sources.
    ///
    /// - Throws: ``LoadError/badHeader(path:reason:)`` where that is not likely to be a graph.
    private func remarkOfNamedRows(_ rows: [[String]], _ areNamed: Bool) throws(LoadError) -> String? {
        guard rows.count > 2 || areNamed, rows[0].count > 2, rows.allSatisfy({ $0.count == rows[0].count }),
            ColumnRoles.areCounted(rows), areNamed || !endWithValues(rows)
        else { return nil }
        let found = "the first column counts the rows, from \(rows[0][0]) on"
        guard !areNamed, rows.count < ColumnRoles.countedMax, rows.allSatisfy(hasValues) else {
            throw error(
                "there is no header and \(found); if those are names of rows, say so by `--columns _,from,to`; if they are keys, by "
                    + "`--columns from,to` and a name or `_` for each column that follows")
        }
        return "\(found); they are taken for keys; if they are names of rows, say so by `--columns _,from,to`"
    }

    /// Whether the third column, the last, has what no key is: times as an edge has them, or numbers with a point.
    private func endWithValues(_ rows: [[String]]) -> Bool {
        rows.allSatisfy { row in
            guard row.count == 3 else { return false }
            if time == 2 { return hasValues(row) }
            return weight == 2 && row[2].contains(".") && Double(row[2]) != nil
        }
    }

    /// Stops where weights by their place are seconds since 1970 of this century, and the edges have times too.
    private func refuseTimesAsWeights(_ rows: [[String]]) throws(LoadError) {
        guard let weight, time != nil, rows.allSatisfy({ $0.count == weight + 1 }),
            rows.allSatisfy({ row in Int(row[weight]).map { $0 >= 946_684_800 && $0 < 4_294_967_296 } == true })
        else { return }
        throw error(
            "there is no header, and column \(weight + 1) has numbers such as \(rows[0][weight]), which are weights by their place "
                + "and look like times; say `--columns from,to,time`, or `--columns from,to,weight`")
    }

    /// Whether what stands behind the first two columns may be what those columns are by their places.
    private func hasValues(_ row: [String]) -> Bool {
        row.enumerated().dropFirst(2).allSatisfy { column, text in
            let number = Double(text)
            guard time == column else { return number != nil || text.isEmpty }
            return number.map { $0 >= ColumnRoles.timeMin }
                ?? (text.isEmpty || (try? Timestamp.parse(text.utf8.span)) != nil)
        }
    }

    /// Whether the first column counts the rows, from 0 or 1 on, as names of rows do.
    static func areCounted(_ rows: [[String]]) -> Bool {
        guard let first = rows.first?.first.flatMap({ Int($0) }), first == 0 || first == 1 else { return false }
        return rows.enumerated().allSatisfy { $1.first == String(first + $0) }
    }

    /// Takes columns as they were said by hand.
    mutating func take(_ said: [FileColumn.Role]) throws(LoadError) {
        func column(_ role: FileColumn.Role) throws(LoadError) -> Int? {
            let found = said.indices.filter { said[$0] == role }
            guard found.count < 2 else { throw error("two columns are said to be '\(role.rawValue)'; there is one") }
            return found.first
        }
        let spelled = said.map(\.rawValue).joined(separator: ",")
        weight = try column(.weight)
        time = try column(.time)
        type = try column(.type)
        countMax = said.count
        switch shape {
        case .nodes:
            guard let key = try column(.key) else { throw error("columns of nodes have a 'key'; found \(spelled)") }
            source = key
            if let other = said.first(where: { $0 != .key && $0 != .skipped }) {
                throw error("nodes have no '\(other.rawValue)'; found \(spelled); `_` leaves a column out")
            }
        case .edges(let columns):
            guard let source = try column(.source), let target = try column(.target) else {
                throw error("columns of edges have a 'from' and a 'to'; found \(spelled)")
            }
            self.source = source
            self.target = target
            if said.contains(.key) { throw error("edges have no 'key', but 'from' and 'to'; found \(spelled)") }
            if weight != nil, !columns.hasWeight { throw error("edges of this type have no weight; found \(spelled)") }
            if time != nil, !columns.hasTime { throw error("edges of this type have no time; found \(spelled)") }
            if type != nil, !columns.hasType {
                throw error("the type of these edges is said already; found \(spelled)")
            }
            if type == nil, columns.hasType {
                throw error("edges of several types need a column 'type'; found \(spelled)")
            }
        }
    }
}

/// Columns by name.
extension ColumnRoles {
    /// Takes the columns that a row names, if that row is a header.
    ///
    /// - Parameters:
    ///   - rows: the first rows below it.
    ///   - isHeader: whether it was said to be one.
    ///   - areQuoted: whether all of these rows begin with a quote, as rows with names do that R writes in quotes.
    ///   - said: the columns, where they were said by hand.
    /// - Returns: whether it is.
    /// - Throws: ``LoadError/badHeader(path:reason:)`` when it seems to be one and is not understood.
    mutating func take(
        header: [String], above rows: [[String]], isHeader: Bool, areQuoted: Bool = false,
        said: [FileColumn.Role]? = nil
    ) throws(LoadError) -> Bool {
        let names = ColumnNames(header, kinds: kinds)
        if let said {
            try take(said)
            if !isHeader, !names.hasNeeded(for: shape) {
                try refuseUnknown(header, above: rows, isHeader: false)
                return false
            }
            self.names = header
            return true
        }
        switch shape {
        case .nodes:
            guard let key = try column(.key, of: names, header) else {
                try refuseUnknown(header, above: rows, isHeader: isHeader)
                return false
            }
            source = key
        case .edges(let columns):
            guard let ends = try ends(of: names, header, rows, isHeader) else {
                try refuseUnknown(header, above: rows, isHeader: isHeader)
                return false
            }
            source = ends.source
            target = ends.target
            weight = columns.hasWeight ? try column(.weight, of: names, header) : nil
            time = columns.hasTime ? try column(.time, of: names, header) : nil
            if columns.hasType {
                guard let type = try column(.type, of: names, header) else {
                    throw error(
                        "edges of several types need a :TYPE column; the header is \(ColumnRoles.quoted(header))")
                }
                self.type = type
            }
        }
        try checkKinds(names)
        self.names = header
        countMax = header.count
        takeRowNames(rows, areQuoted: areQuoted)
        return true
    }

    /// How few columns a row may have.
    ///
    /// - Parameter canBeEmpty: whether a field may be empty. Where it may not, a row that is shorter than others lacks its last
    ///   columns only if those are all that may be missing: weight and time, behind source and target.
    func countMin(canBeEmpty: Bool) -> Int {
        guard case .edges = shape else { return source + 1 }
        let needed = max(source, target) + 1
        let valueCount = [weight, time].count { $0 != nil }
        let areLast = source == (hasRowNames ? 1 : 0) && target == source + 1 && countMax == needed + valueCount
        return canBeEmpty || areLast ? needed : countMax
    }

    /// Whether a comment's words are names of columns: the needed ones, and either nothing else or one for each column.
    static func areNames(_ words: [String], for shape: RowShape, kinds: RowKinds?, columnCount: Int) -> Bool {
        let names = ColumnNames(words, kinds: kinds)
        return names.hasNeeded(for: shape) && (words.count == columnCount || names.areAllKnown(for: shape))
    }

    private func column(
        _ role: FileColumn.Role, of names: ColumnNames, _ header: [String]
    ) throws(LoadError) -> Int? {
        do throws(ColumnNames.Ambiguity) {
            return try names.column(of: role)
        } catch {
            let found = error.columns.map { "'\(header[$0])'" }.joined(separator: " and ")
            throw self.error(
                "\(found) may both be '\(role.rawValue)'; say which column is what by `--columns`, such as "
                    + "columns=\(ColumnRoles.example(shape)); the header is \(ColumnRoles.quoted(header))")
        }
    }

    /// The columns of the two ends; nil when the row does not name both.
    private func ends(
        of names: ColumnNames, _ header: [String], _ rows: [[String]], _ isHeader: Bool
    ) throws(LoadError) -> (source: Int, target: Int)? {
        if names.areTwins { return (0, 1) }
        let source = try column(.source, of: names, header)
        let target = try column(.target, of: names, header)
        if let source, let target {
            // Words with a number behind them may be keys that go on below.
            let areNumbered = [source, target].contains { names.names[$0].word.last?.isNumber == true }
            guard isHeader || !areNumbered || !looksLikeRow(header, (source, target), rows) else { return nil }
            if !isHeader { try refuseNumbers(in: header) }
            return (source, target)
        }
        if let pair = names.pair(), isHeader || !looksLikeRow(header, pair, rows) {
            guard isHeader || !rows.isEmpty else {
                throw error(
                    "the only row is \(ColumnRoles.quoted(header)), which may be a header; say `--header yes` or `--header no`"
                )
            }
            return pair
        }
        let certain = ["from", "source", "src", ":start_id", "to", "target", "dst", ":end_id"]
        let isCertain = names.names.contains { certain.contains($0.word) } || names.hasWordOfKey
        guard source != nil || target != nil, isHeader || isCertain
        else {
            return nil
        }
        let missing: FileColumn.Role = source == nil ? .source : .target
        throw error(
            "the header \(ColumnRoles.quoted(header)) has no column '\(missing.rawValue)' (\(ColumnNames.examples(of: missing))); "
                + "name it, or say which column is what by `--columns`, such as columns=\(ColumnRoles.example(shape))")
    }

    /// Stops where what seems to be a header has a number where rows have weights or times: keys may be called `from` and `to`.
    private func refuseNumbers(in header: [String]) throws(LoadError) {
        guard case .edges(let columns) = shape, columns.hasWeight || columns.hasTime, header.count > 2,
            header.dropFirst(2).prefix(2).contains(where: { Double($0) != nil })
        else { return }
        throw error(
            "the first row is \(ColumnRoles.quoted(header)), which has names of columns and a number; say `--header yes` or "
                + "`--header no`")
    }

    /// Whether a row below has a key of the form that the row above has: a word with a number behind it.
    private func looksLikeRow(_ header: [String], _ ends: (source: Int, target: Int), _ rows: [[String]]) -> Bool {
        func stem(_ text: String) -> String { String(text.lowercased().reversed().drop { $0.isNumber }.reversed()) }
        return rows.contains { row in
            [ends.source, ends.target].contains { column in
                column < row.count && row[column].last?.isNumber == true && !stem(row[column]).isEmpty
                    && stem(row[column]) == stem(header[column])
            }
        }
    }

    /// Stops where a row looks like a header in words that are not known.
    private func refuseUnknown(_ header: [String], above rows: [[String]], isHeader: Bool) throws(LoadError) {
        let found = ColumnRoles.quoted(header)
        let way = "say which column is what by `--columns`, such as columns=\(ColumnRoles.example(shape))"
        if isHeader { throw error("the header \(found) names no \(ColumnRoles.needed(shape)); \(way)") }
        guard looksLikeWords(header, above: rows) else { return }
        throw error(
            "the first row is \(found), words unlike those below, and names no \(ColumnRoles.needed(shape)); if it is a row, say "
                + "`--header no`; if it is a header, \(way)")
    }

    /// Whether a row has words where all rows below it, of which there is one at least, have something else.
    private func looksLikeWords(_ header: [String], above rows: [[String]]) -> Bool {
        guard case .edges(let columns) = shape else {
            return header.indices.contains { HeaderWords.standAboveNumbers(header, $0, rows) }
        }
        let valueCount = (columns.hasWeight ? 1 : 0) + (columns.hasTime ? 1 : 0)
        return HeaderWords.standAboveNumbers(header, 0, rows) && HeaderWords.standAboveNumbers(header, 1, rows)
            || HeaderWords.standAboveOthers(header, 0, rows) && HeaderWords.standAboveOthers(header, 1, rows)
            || (2..<max(2, min(header.count, 2 + valueCount))).contains {
                HeaderWords.standAboveNumbers(header, $0, rows)
            }
    }

    /// Sees to it that a header of neo4j-admin names the kinds that the rows are said to join.
    private func checkKinds(_ names: ColumnNames) throws(LoadError) {
        guard let kinds else { return }
        let ends: [(column: Int, kind: NodeKind)] =
            kinds.target.map { [(source, kinds.source), (target, $0)] } ?? [(source, kinds.source)]
        for (column, kind) in ends {
            // Groups that name no kind of the schema are words of another program.
            guard let group = names.names[column].group, group != kind.name.lowercased(),
                kinds.all.contains(where: { $0.name.lowercased() == group })
            else { continue }
            throw error(
                "column \(column + 1) of the header has keys of '\(group)', and '\(kind)' is expected there; is it a file of "
                    + "another type?")
        }
    }

    /// Takes it that rows begin with names where the header is one column short, as R's `write.table` has it.
    private mutating func takeRowNames(_ rows: [[String]], areQuoted: Bool) {
        guard !rows.isEmpty, rows.allSatisfy({ $0.count == countMax + 1 }), areQuoted || ColumnRoles.areCounted(rows)
        else { return }
        hasRowNames = true
        countMax += 1
        source += 1
        target += 1
        weight = weight.map { $0 + 1 }
        time = time.map { $0 + 1 }
        type = type.map { $0 + 1 }
    }
}

/// Columns in words.
extension ColumnRoles {
    /// What each column was taken for.
    func columns(firstRow: [String]) -> [FileColumn] {
        let shift = hasRowNames ? 1 : 0
        return (0..<max(firstRow.count, names.map { $0.count + shift } ?? 0)).map { index in
            let name = names.flatMap { $0.indices.contains(index - shift) ? $0[index - shift] : nil }
            return FileColumn(number: index + 1, name: name, role: role(of: index))
        }
    }

    private func role(of index: Int) -> FileColumn.Role {
        if case .nodes = shape { return index == source ? .key : .skipped }
        return switch index {
        case source: .source
        case target: .target
        case weight: .weight
        case time: .time
        case type: .type
        default: .skipped
        }
    }

    /// A row as errors show it.
    static func quoted(_ row: [String]) -> String {
        let shown = row.prefix(20).map { $0.count > 40 ? $0.prefix(40) + "..." : $0 }
        return "'" + shown.joined(separator: ", ") + (row.count > 20 ? ", ..." : "") + "'"
    }

    private static func needed(_ shape: RowShape) -> String {
        if case .nodes = shape { return "column of keys (\(ColumnNames.examples(of: .key)))" }
        return "source (\(ColumnNames.examples(of: .source))) and target (\(ColumnNames.examples(of: .target)))"
    }

    private static func example(_ shape: RowShape) -> String {
        if case .nodes = shape { return "_:key" }
        return "from:_:to"
    }
}

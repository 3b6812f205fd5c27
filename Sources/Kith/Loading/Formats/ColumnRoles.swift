/// Which column of a row is what, found out from the first rows of a file.
///
/// | first row | then |
/// |---|---|
/// | names a source and a target: `from`, `source`, `src`, `:START_ID`; `to`, `target`, `dst`, `:END_ID` | it is a header, and `weight`, `time` and `:TYPE` are found by name too |
/// | is a comment of an edge list, the first line, and has such names and nothing else | it is a header too, which other programs pass over |
/// | has words where the next rows have numbers | it is a header in words of its own, and columns go by place |
/// | anything else | it is a row: source, target, then the columns of the edge type, weight before time |
struct ColumnRoles: Sendable {
    private(set) var source = 0
    private(set) var target = 1
    private(set) var weight: Int?
    private(set) var time: Int?
    private(set) var type: Int?
    /// How many columns a row may have; nil when a header says which to read.
    private(set) var countMax: Int?

    private static let sourceNames: Set<String> = ["from", "source", "src", ":start_id"]
    private static let targetNames: Set<String> = ["to", "target", "dst", ":end_id"]
    private static let keyNames: Set<String> = ["key", "id", "node", ":id"]
    private static let otherNames: Set<String> = ["weight", "time", "type", ":type"]

    /// Columns by place.
    init(for shape: RowShape) {
        guard case .edges(let columns) = shape else { return }
        var count = 2
        if columns.hasWeight {
            weight = count
            count += 1
        }
        if columns.hasTime {
            time = count
            count += 1
        }
        countMax = count
    }

    /// Takes the columns from a file's first rows.
    ///
    /// - Returns: whether the first of them is a header.
    /// - Throws: ``LoadError/badHeader(path:reason:)``.
    mutating func take(from rows: [[String]], for shape: RowShape, path: String) throws(LoadError) -> Bool {
        guard let first = rows.first else { return false }
        let names = first.map { ColumnRoles.columnName($0) }
        switch shape {
        case .nodes:
            guard let key = names.firstIndex(where: { ColumnRoles.keyNames.contains($0) }) else { return false }
            source = key
            return true
        case .edges(let columns):
            if try takeEnds(names, path) {
                try takeRest(names, columns, path)
                return true
            }
            guard !columns.hasType else {
                throw .badHeader(path: path, reason: "edges of several types need a header with a :TYPE column")
            }
            return looksLikeWords(rows)
        }
    }

    /// Whether words are names of columns, the needed ones among them, and nothing else.
    static func areNames(_ words: [String], for shape: RowShape) -> Bool {
        let names = words.map { columnName($0) }
        let needed =
            switch shape {
            case .edges: [sourceNames, targetNames]
            case .nodes: [keyNames]
            }
        let known = needed.reduce(otherNames) { $0.union($1) }
        return known.isSuperset(of: names) && needed.allSatisfy { !$0.isDisjoint(with: names) }
    }

    /// A column's name without its case, without neo4j-admin's group in parentheses, and without its type.
    private static func columnName(_ field: String) -> String {
        let name = field.lowercased()
        for special in [":start_id", ":end_id", ":type", ":id"] where name.contains(special) { return special }
        return String(name.prefix { $0 != ":" })
    }

    /// Takes the columns of the two ends; false when neither is named.
    private mutating func takeEnds(_ names: [String], _ path: String) throws(LoadError) -> Bool {
        let source = names.firstIndex { ColumnRoles.sourceNames.contains($0) }
        let target = names.firstIndex { ColumnRoles.targetNames.contains($0) }
        if source == nil, target == nil { return false }
        guard let source, let target else {
            let missing = source == nil ? "source (from, source, src, :START_ID)" : "target (to, target, dst, :END_ID)"
            throw .badHeader(path: path, reason: "the header has no \(missing) column")
        }
        self.source = source
        self.target = target
        return true
    }

    private mutating func takeRest(_ names: [String], _ columns: RowColumns, _ path: String) throws(LoadError) {
        countMax = nil
        weight = columns.hasWeight ? names.firstIndex(of: "weight") : nil
        time = columns.hasTime ? names.firstIndex(of: "time") : nil
        guard columns.hasType else { return }
        guard let type = names.firstIndex(where: { $0 == ":type" || $0 == "type" }) else {
            throw .badHeader(path: path, reason: "edges of several types need a :TYPE column")
        }
        self.type = type
    }

    /// Whether the first row has words where all rows below it, of which there is one at least, have numbers.
    private func looksLikeWords(_ rows: [[String]]) -> Bool {
        guard rows.count > 1 else { return false }
        func isNumber(_ row: [String], _ column: Int) -> Bool { column < row.count && Double(row[column]) != nil }
        func isWord(_ row: [String], _ column: Int) -> Bool {
            column < row.count && !row[column].isEmpty && Double(row[column]) == nil
        }
        let below = rows.dropFirst()
        if isWord(rows[0], source), isWord(rows[0], target),
            below.allSatisfy({ isNumber($0, source) && isNumber($0, target) })
        {
            return true
        }
        guard let weight else { return false }
        return isWord(rows[0], weight) && below.allSatisfy { isNumber($0, weight) }
    }
}

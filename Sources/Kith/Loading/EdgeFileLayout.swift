import Glibc

/// How the columns of a file stand, found out from its first rows.
///
/// | first row | then |
/// |---|---|
/// | names a source and a target: `from`, `source`, `src`, `:START_ID`; `to`, `target`, `dst`, `:END_ID` | it is a header, and `weight`, `time` and `:TYPE` are found by name too |
/// | is a comment of an edge list, the first line, and has such names and nothing else | it is a header too, which other programs pass over |
/// | has words where the next rows have numbers | it is a header in words of its own, and columns go by place |
/// | anything else | it is a row: source, target, then the columns of the edge type, weight before time |
struct EdgeFileLayout: Sendable {
    /// What columns rows of edges may have besides their two ends.
    struct Columns: Sendable, Hashable {
        var hasWeight: Bool
        var hasTime: Bool
        /// Whether a column names each row's type.
        var hasType: Bool
    }

    /// What the rows of a file are.
    enum Rows: Sendable, Hashable {
        /// Edges.
        case edges(Columns)
        /// Keys of nodes.
        case nodes
    }

    let format: EdgeFileFormat
    /// What stands between two fields; nil for runs of spaces and tabs.
    private(set) var delimiter: UInt8?
    private(set) var source = 0
    private(set) var target = 1
    private(set) var weight: Int?
    private(set) var time: Int?
    private(set) var type: Int?
    /// How many columns a row may have; nil when a header says which to read.
    private(set) var countMax: Int?
    /// Whether the first row is no data.
    private(set) var hasHeader = false

    /// Whether quotes have a meaning.
    var quotes: Bool { format == .csv }
    /// Whether lines that start with `#` or `%` are comments.
    var hasComments: Bool { format == .edges || format == .adjacency }

    private static let sourceNames: Set<String> = ["from", "source", "src", ":start_id"]
    private static let targetNames: Set<String> = ["to", "target", "dst", ":end_id"]
    private static let keyNames: Set<String> = ["key", "id", "node", ":id"]
    private static let otherNames: Set<String> = ["weight", "time", "type", ":type"]
    private static let delimiters: [UInt8] = [UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "|"), 9]
    /// How many rows below a header in words of its own must show that it is none of them.
    private static let sniffedRowsMax = 20

    /// - Parameters:
    ///   - chunk: the start of the file.
    ///   - isWhole: whether that is all of the file, so that its last line is whole.
    init(sniffing chunk: TextChunk, isWhole: Bool, format: EdgeFileFormat, rows: Rows, path: String) throws {
        self.format = format
        switch format {
        case .tsv, .adjacency: delimiter = 9
        case .csv: delimiter = EdgeFileLayout.mostFrequentDelimiter(chunk)
        case .edges, .jsonl: delimiter = nil
        }
        switch rows {
        case .edges(let columns):
            countMax = 2
            if columns.hasWeight {
                weight = 2
                countMax = 3
            }
            if columns.hasTime {
                time = countMax
                countMax = countMax.map { $0 + 1 }
            }
        case .nodes:
            countMax = nil
        }
        guard format != .jsonl, format != .adjacency else { return }
        let first = firstRows(of: chunk, isWhole)
        let comment = namesInComment(chunk, rows)
        guard let names = comment ?? first.first?.map({ EdgeFileLayout.columnName($0) }) else { return }
        switch rows {
        case .edges(let columns): try readHeader(names, columns, path, below: first)
        case .nodes:
            if let key = names.firstIndex(where: { EdgeFileLayout.keyNames.contains($0) }) {
                source = key
                hasHeader = true
            }
        }
        // A comment is passed over as all comments are: there is no row to leave out.
        if comment != nil { hasHeader = false }
    }

    /// The columns that the first line of an edge list names, when it is a comment of names of columns and nothing else.
    private func namesInComment(_ chunk: TextChunk, _ rows: Rows) -> [String]? {
        let end = unsafe EdgeFileLayout.lineEnd(chunk.memory.start, 0, chunk.count)
        guard format == .edges, end > 0, chunk.memory[0] == UInt8(ascii: "#") else { return nil }
        let comment = unsafe String(
            decoding: UnsafeBufferPointer(start: chunk.memory.start + 1, count: end - 1), as: UTF8.self)
        let names = comment.split { $0.isWhitespace }.map { EdgeFileLayout.columnName(String($0)) }
        let needed =
            switch rows {
            case .edges: [EdgeFileLayout.sourceNames, EdgeFileLayout.targetNames]
            case .nodes: [EdgeFileLayout.keyNames]
            }
        let known = needed.reduce(EdgeFileLayout.otherNames) { $0.union($1) }
        let isHeader = known.isSuperset(of: names) && needed.allSatisfy { !$0.isDisjoint(with: names) }
        return isHeader ? names : nil
    }

    /// A column's name without its case, without neo4j-admin's group in parentheses, and without its type.
    private static func columnName(_ field: String) -> String {
        let name = field.lowercased()
        for special in [":start_id", ":end_id", ":type", ":id"] where name.contains(special) { return special }
        return String(name.prefix { $0 != ":" })
    }

    private mutating func readHeader(
        _ names: [String], _ columns: Columns, _ path: String, below rows: [[String]]
    ) throws {
        let source = names.firstIndex { EdgeFileLayout.sourceNames.contains($0) }
        let target = names.firstIndex { EdgeFileLayout.targetNames.contains($0) }
        if source == nil, target == nil {
            guard !columns.hasType else {
                throw LoadError.badHeader(
                    path: path, reason: "edges of several types need a header with a :TYPE column")
            }
            hasHeader = looksLikeWords(rows)
            return
        }
        guard let source, let target else {
            let missing = source == nil ? "source (from, source, src, :START_ID)" : "target (to, target, dst, :END_ID)"
            throw LoadError.badHeader(path: path, reason: "the header has no \(missing) column")
        }
        hasHeader = true
        self.source = source
        self.target = target
        countMax = nil
        weight = columns.hasWeight ? names.firstIndex(of: "weight") : nil
        time = columns.hasTime ? names.firstIndex(of: "time") : nil
        if columns.hasType {
            guard let type = names.firstIndex(where: { $0 == ":type" || $0 == "type" }) else {
                throw LoadError.badHeader(path: path, reason: "edges of several types need a :TYPE column")
            }
            self.type = type
        }
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

    /// The fields of the first rows, comments and empty lines left out.
    private func firstRows(of chunk: TextChunk, _ isWhole: Bool) -> [[String]] {
        var rows: [[String]] = []
        var start = 0
        while start < chunk.count, rows.count < EdgeFileLayout.sniffedRowsMax {
            let end = unsafe EdgeFileLayout.lineEnd(chunk.memory.start, start, chunk.count)
            // Of a row that is cut off, columns seem to be missing.
            if end == chunk.count, !isWhole, !rows.isEmpty { break }
            let line = unsafe String(
                decoding: UnsafeBufferPointer(start: chunk.memory.start + start, count: end - start), as: UTF8.self)
            start = end + 1
            let text = line.hasSuffix("\r") ? line.dropLast() : line[...]
            if text.isEmpty || hasComments && (text.first == "#" || text.first == "%") { continue }
            let fields: [Substring]
            if let delimiter {
                fields = text.split(
                    separator: Character(Unicode.Scalar(delimiter)), omittingEmptySubsequences: false)
            } else {
                fields = text.split { $0 == " " || $0 == "\t" }
            }
            rows.append(
                fields.map {
                    quotes && $0.hasPrefix("\"") && $0.hasSuffix("\"") ? String($0.dropFirst().dropLast()) : String($0)
                })
        }
        return rows
    }

    private static func mostFrequentDelimiter(_ chunk: TextChunk) -> UInt8 {
        let end = unsafe lineEnd(chunk.memory.start, 0, chunk.count)
        var counts = Array(repeating: 0, count: delimiters.count)
        var isQuoted = false
        for index in 0..<end {
            let byte = chunk.memory[index]
            if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
            if !isQuoted, let place = delimiters.firstIndex(of: byte) { counts[place] += 1 }
        }
        let most = counts.max() ?? 0
        return delimiters[counts.firstIndex(of: most) ?? 0]
    }

    /// Where the line that starts at `start` ends: its line end, or the end of the text.
    @unsafe
    static func lineEnd(_ text: UnsafePointer<UInt8>, _ start: Int, _ count: Int) -> Int {
        guard let newline = unsafe memchr(text + start, 10, count - start) else { return count }
        return unsafe UnsafePointer(newline.assumingMemoryBound(to: UInt8.self)) - text
    }
}

extension EdgeFileLayout {
    /// Where the last record of the text that is there whole ends; 0 when none is.
    @unsafe
    func lastRecordEnd(_ text: UnsafePointer<UInt8>, _ count: Int) -> Int {
        guard quotes, unsafe memchr(text, Int32(UInt8(ascii: "\"")), count) != nil else {
            var end = count
            while end > 0, unsafe text[end - 1] != 10 { end -= 1 }
            return end
        }
        var start = 0
        while true {
            let end = unsafe EdgeFileLayout.lineEnd(text, start, count)
            if end == count { return start }
            if unsafe memchr(text + start, Int32(UInt8(ascii: "\"")), end - start) == nil {
                start = end + 1
            } else if let recordEnd = unsafe quotedRecordEnd(text, start, count), recordEnd < count {
                start = recordEnd + 1
            } else if count - start > EdgeFileSource.recordBytesMax {
                start = end + 1
            } else {
                return start
            }
        }
    }

    /// Where the record that starts at `start` and has quotes ends: its line end, or the end of the text; nil when a quote
    /// is still open there, or for more than a record's length.
    @unsafe
    func quotedRecordEnd(_ text: UnsafePointer<UInt8>, _ start: Int, _ count: Int) -> Int? {
        let quote = UInt8(ascii: "\"")
        let limit = min(count, start + EdgeFileSource.recordBytesMax)
        var index = start
        while true {
            if index < limit, unsafe text[index] == quote {
                index += 1
                while true {
                    guard index < limit, let found = unsafe memchr(text + index, Int32(quote), limit - index) else {
                        return nil
                    }
                    index = unsafe UnsafePointer(found.assumingMemoryBound(to: UInt8.self)) - text + 1
                    guard index < limit, unsafe text[index] == quote else { break }
                    index += 1
                }
            }
            while index < limit, unsafe text[index] != 10, unsafe text[index] != delimiter { index += 1 }
            if index >= limit { return limit == count ? count : nil }
            if unsafe text[index] == 10 { return index }
            index += 1
        }
    }
}

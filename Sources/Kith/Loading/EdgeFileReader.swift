import FoundationEssentials

/// The edges of one file, row by row.
///
/// | format | rows |
/// |---|---|
/// | `tsv`, `csv` | fields between tabs or commas; CSV fields may be quoted as RFC 4180 says |
/// | `edges` | fields between runs of spaces and tabs; lines that start with `#` or `%` are comments (SNAP, Konect) |
///
/// When the first row names a source and a target column it is a header and the columns are found by name; else they are
/// source, target, then the columns of the edge type, weight before time, of which the last may be missing.
struct EdgeFileReader: ~Copyable {
    /// One row.
    struct Row {
        var source: NodeKey
        var target: NodeKey
        var weight: Float?
        var time: Timestamp?
    }

    /// Where in a row each thing is.
    private struct Layout {
        var source = 0
        var target = 1
        var weight: Int?
        var time: Int?
        /// How many columns a row may have; nil when a header says which to read.
        var countMax: Int?
    }

    let path: String
    private let type: EdgeType
    private let format: EdgeFileFormat
    private var records: RecordReader
    private var layout = Layout()
    private var isFirst = true

    init(opening path: String, format: EdgeFileFormat?, type: EdgeType) throws {
        records = try RecordReader(opening: path)
        self.path = path
        self.type = type
        self.format = format ?? EdgeFileFormat(ofFileNamed: path)
        layout.countMax = 2
        if type.columns.contains(.weight) {
            layout.weight = 2
            layout.countMax = 3
        }
        if type.columns.contains(.time) {
            layout.time = layout.countMax
            layout.countMax = layout.countMax.map { $0 + 1 }
        }
    }

    /// The next edge, or nil at the end.
    ///
    /// - Throws: ``RowError`` for a row that is no edge, after which the next can be read; ``LoadError``.
    mutating func next() throws -> Row? {
        while try records.readLine() {
            if records.bytes.isEmpty { continue }
            let isComment = records.bytes[0] == UInt8(ascii: "#") || records.bytes[0] == UInt8(ascii: "%")
            if isComment, format == .edges { continue }
            try records.split(by: format.separator)
            if isFirst {
                isFirst = false
                if try readHeader() { continue }
            }
            return try row()
        }
        return nil
    }

    /// The row that was read last, where it is and why it is no edge.
    func rejected(_ error: RowError) -> RejectedRow {
        RejectedRow(
            path: path, line: records.line, error: error,
            text: String(decoding: records.bytes.prefix(200), as: UTF8.self))
    }

    private static let sourceNames: Set<String> = ["from", "source", "src", ":start_id"]
    private static let targetNames: Set<String> = ["to", "target", "dst", ":end_id"]

    /// Takes the first row as a header if it names a source and a target.
    private mutating func readHeader() throws -> Bool {
        let names = records.fields.map { String(decoding: records.bytes[$0], as: UTF8.self).lowercased() }
        let source = names.firstIndex { EdgeFileReader.sourceNames.contains($0) }
        let target = names.firstIndex { EdgeFileReader.targetNames.contains($0) }
        if source == nil, target == nil {
            // Data, or a header in other words: numbers in a data file are numbers from the first row on.
            return false
        }
        guard let source, let target else {
            throw LoadError.badHeader(
                path: path,
                reason:
                    "the header has no \(source == nil ? "source (from, source, src)" : "target (to, target, dst)") column"
            )
        }
        layout = Layout(source: source, target: target, weight: nil, time: nil, countMax: nil)
        if type.columns.contains(.weight) { layout.weight = names.firstIndex(of: "weight") }
        if type.columns.contains(.time) { layout.time = names.firstIndex(of: "time") }
        return true
    }

    private func row() throws(RowError) -> Row {
        let count = records.fields.count
        let needed = max(layout.source, layout.target) + 1
        guard count >= needed else { throw .tooFewColumns(found: count, expected: needed) }
        if let countMax = layout.countMax, count > countMax {
            throw .tooManyColumns(found: count, expectedMax: countMax)
        }
        var row = Row(source: try key(layout.source), target: try key(layout.target))
        if let column = layout.weight, column < count, !records.fields[column].isEmpty {
            row.weight = try weight(column)
        }
        if let column = layout.time, column < count, !records.fields[column].isEmpty {
            row.time = try time(column)
        }
        if row.source == row.target, type.source == type.target, !type.allowsSelfLoops { throw .selfLoop }
        return row
    }

    private func key(_ column: Int) throws(RowError) -> NodeKey {
        let field = records.fields[column]
        let key = unsafe records.bytes.withUnsafeBytes { bytes in
            Result { () throws(NodeKeyError) in
                try unsafe NodeKey(utf8: UnsafeRawBufferPointer(rebasing: bytes[field]))
            }
        }
        switch key {
        case .success(let key): return key
        case .failure(let error): throw .badKey(column: column + 1, error)
        }
    }

    private func text(_ column: Int) -> String {
        String(decoding: records.bytes[records.fields[column]], as: UTF8.self)
    }

    private func weight(_ column: Int) throws(RowError) -> Float {
        let text = text(column)
        guard let weight = Float(text), weight.isFinite else { throw .badWeight(column: column + 1, text) }
        return weight
    }

    private func time(_ column: Int) throws(RowError) -> Timestamp {
        let text = text(column)
        guard let time = Timestamp(text) else { throw .badTime(column: column + 1, text) }
        return time
    }
}

/// How the rows of an edge file are written.
public enum EdgeFileFormat: String, Sendable, Hashable, CaseIterable {
    /// Fields between tabs.
    case tsv
    /// Fields between commas, quoted as RFC 4180 says.
    case csv
    /// Fields between runs of spaces and tabs, `#` and `%` comments.
    case edges

    var separator: RecordReader.Separator {
        switch self {
        case .tsv: .byte(UInt8(ascii: "\t"), quotes: false)
        case .csv: .byte(UInt8(ascii: ","), quotes: true)
        case .edges: .whitespace
        }
    }

    /// The format a file's name tells, `.gz` aside; anything but `.csv` and `.tsv` is an edge list.
    init(ofFileNamed path: String) {
        let name = path.hasSuffix(".gz") ? path.dropLast(3) : path[...]
        self = name.hasSuffix(".csv") ? .csv : name.hasSuffix(".tsv") ? .tsv : .edges
    }
}

extension Timestamp {
    /// A moment from text: seconds since 1970, milliseconds (13 digits), or ISO 8601, a date or a date with a time.
    ///
    /// Nil when the text is none of these, or the moment is before 1970 or after 2106.
    public init?(_ text: String) {
        if !text.isEmpty, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) {
            guard var value = UInt64(text) else { return nil }
            if text.utf8.count == 13 { value /= 1_000 }
            guard let seconds = UInt32(exactly: value) else { return nil }
            self.init(rawValue: seconds)
            return
        }
        let styles: [Date.ISO8601FormatStyle] = [
            .iso8601, Date.ISO8601FormatStyle(includingFractionalSeconds: true),
            Date.ISO8601FormatStyle().year().month().day(),
        ]
        for style in styles {
            if let date = try? style.parse(text) {
                guard let seconds = UInt32(exactly: date.timeIntervalSince1970.rounded(.down)) else { return nil }
                self.init(rawValue: seconds)
                return
            }
        }
        return nil
    }
}

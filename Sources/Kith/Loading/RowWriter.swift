/// Rows as a format writes them, gathered into pieces of some size.
@safe struct RowWriter {
    private let format: EdgeFileFormat
    private let columns: EdgeFileLayout.Columns
    /// Whether a spreadsheet may open it: see ``SpreadsheetText``.
    private let isSafe: Bool
    private let write: (UnsafeRawBufferPointer) throws -> Void
    private let onWritten: (Int) -> Void
    /// How many rows were appended: edges or nodes, whatever the number of lines.
    private(set) var count = 0
    private var bytes: [UInt8] = []
    /// The node whose targets are being listed, and how long its line is so far.
    private var line: (node: UInt32, bytes: Int)?
    private static let pieceBytes = 1 << 18

    /// - Parameters:
    ///   - write: is given the pieces.
    ///   - onWritten: is told after each piece how many rows there are so far.
    init(
        _ format: EdgeFileFormat, _ columns: EdgeFileLayout.Columns, isSafe: Bool,
        to write: @escaping (UnsafeRawBufferPointer) throws -> Void, onWritten: @escaping (Int) -> Void
    ) {
        self.format = format
        self.columns = columns
        self.isSafe = isSafe && format == .csv
        unsafe self.write = unsafe write
        self.onWritten = onWritten
        bytes.reserveCapacity(RowWriter.pieceBytes + 4_096)
    }

    /// What stands between two fields.
    private var separator: UInt8 { format == .csv ? UInt8(ascii: ",") : 9 }

    /// Appends the names of the columns: as a row, or as a comment where the format has some.
    mutating func appendHeader(_ names: [String]) {
        switch format {
        case .jsonl: return
        case .edges, .adjacency: append("# ")
        case .tsv, .csv: break
        }
        append(names.joined(separator: format == .csv ? "," : "\t") + "\n")
    }

    /// Appends the key of a node, with the label the header has a column for.
    mutating func appendNode(_ keys: KeyTexts, _ node: UInt32, label: String?) throws {
        if format == .jsonl { append("{\"key\": ") }
        append(keys, node)
        if let label {
            bytes.append(separator)
            append(label)
        }
        append(format == .jsonl ? "}\n" : "\n")
        try didAppendRow()
    }

    /// Appends an edge.
    mutating func appendEdge(
        _ type: EdgeType, _ sources: KeyTexts, _ node: UInt32, _ targets: KeyTexts, _ neighbor: UInt32,
        _ value: EdgeValue
    ) throws {
        let weight = type.columns.contains(.weight) ? "\(value.weight)" : nil
        let time = type.hasToSay(time: value.time) ? "\(value.time)" : nil
        switch format {
        case .jsonl:
            append("{\"from\": ")
            append(sources, node)
            append(", \"to\": ")
            append(targets, neighbor)
            if columns.hasType { append(", \"type\": \"\(type.name)\"") }
            if let weight { append(", \"weight\": \(weight)") }
            if let time { append(", \"time\": \(time)") }
            append("}\n")
        case .adjacency:
            appendTarget(sources, node, targets, neighbor)
        case .tsv, .csv, .edges:
            append(sources, node)
            bytes.append(separator)
            append(targets, neighbor)
            if columns.hasType { appendField(type.name.text) }
            if columns.hasWeight { appendField(weight ?? "") }
            // Between blanks no field is empty; there a time that is not known is missing, as the last may be.
            if columns.hasTime, time != nil || format != .edges { appendField(time ?? "") }
            bytes.append(10)
        }
        try didAppendRow()
    }

    private mutating func appendTarget(
        _ sources: KeyTexts, _ node: UInt32, _ targets: KeyTexts, _ neighbor: UInt32
    ) {
        let targetBytes = targets.range(neighbor).count + 1
        // A list that is longer than a record may be goes on in the next line.
        if let line, line.node == node, line.bytes + targetBytes <= EdgeFileSource.recordBytesMax {
            self.line = (node, line.bytes + targetBytes)
            bytes.append(UInt8(ascii: ","))
        } else {
            endLine()
            line = (node, sources.range(node).count + targetBytes)
            append(sources, node)
            bytes.append(9)
        }
        append(targets, neighbor)
    }

    private mutating func endLine() {
        if line != nil { bytes.append(10) }
        line = nil
    }

    private mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }
    private mutating func append(_ keys: KeyTexts, _ id: UInt32) {
        let field = keys.bytes[keys.range(id)]
        if isSafe { SpreadsheetText.append(field, to: &bytes) } else { bytes.append(contentsOf: field) }
    }
    private mutating func appendField(_ text: String) {
        bytes.append(separator)
        append(text)
    }

    private mutating func didAppendRow() throws {
        count += 1
        if bytes.count > RowWriter.pieceBytes { try flush() }
    }

    /// Hands on the rest.
    mutating func finish() throws {
        endLine()
        try flush()
    }

    private mutating func flush() throws {
        unsafe try bytes.withUnsafeBytes { unsafe try write($0) }
        bytes.removeAll(keepingCapacity: true)
        onWritten(count)
    }
}

extension EdgeType {
    /// Whether a row has to say this time to be read as the same edge: not where it is unknown, which is what a row
    /// without one means, unless edges accumulate; such a row means the present then.
    func hasToSay(time: UInt32) -> Bool {
        guard columns.contains(.time) else { return false }
        if case .accumulate = repetition { return true }
        return time != 0
    }
}

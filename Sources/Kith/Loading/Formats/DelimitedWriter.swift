/// How rows of columns are written, whatever stands between them.
struct DelimitedWriter: RecordWriter {
    let columns: RowColumns
    var separator = FieldTokenizer.tab
    /// What the names of the columns begin with, where they are a comment.
    var headerStart = ""
    /// Whether a field may be empty. Where it may not, a time that is not known is missing, as the last column may be.
    var canHaveEmptyFields = true
    /// Whether keys are written for spreadsheets: see ``SpreadsheetText``.
    var isSafe = false

    func appendHeader(_ names: [String], to bytes: inout [UInt8]) {
        let separator = String(UnicodeScalar(separator))
        bytes.append(contentsOf: (headerStart + names.joined(separator: separator) + "\n").utf8)
    }

    func append(_ batch: EdgeBatch, to bytes: inout [UInt8]) {
        let hasWeight = batch.type.columns.contains(.weight)
        for edge in batch.edges {
            append(batch.sources, edge.source, to: &bytes)
            bytes.append(separator)
            append(batch.targets, edge.target, to: &bytes)
            if columns.hasType { append(batch.type.name.text, to: &bytes) }
            if columns.hasWeight { append(hasWeight ? batch.type.weightText(of: edge.value) : "", to: &bytes) }
            if columns.hasTime {
                let isSaid = batch.type.hasToSay(time: edge.value.time)
                if isSaid || canHaveEmptyFields { append(isSaid ? "\(edge.value.time)" : "", to: &bytes) }
            }
            bytes.append(LineEnds.lineFeed)
        }
    }

    func append(_ batch: NodeBatch, to bytes: inout [UInt8]) {
        for id in batch.ids {
            append(batch.keys, id, to: &bytes)
            if let label = batch.label { append(label, to: &bytes) }
            bytes.append(LineEnds.lineFeed)
        }
    }

    private func append(_ keys: KeyTexts, _ id: UInt32, to bytes: inout [UInt8]) {
        let field = keys.bytes[keys.range(id)]
        if isSafe { SpreadsheetText.append(field, to: &bytes) } else { bytes.append(contentsOf: field) }
    }

    private func append(_ field: String, to bytes: inout [UInt8]) {
        bytes.append(separator)
        bytes.append(contentsOf: field.utf8)
    }
}

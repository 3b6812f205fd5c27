extension EdgeFileFormat {
    /// A JSON object a line.
    public static let jsonl = EdgeFileFormat(JSONLinesFormat())
}

/// A JSON object a line: an edge, `{"from": "a", "to": "b"}`, or a node, `{"key": "a"}`. See ``JSONRow``.
struct JSONLinesFormat: EdgeFormat {
    let name = "jsonl"
    let plural = "JSON lines"
    let fileNameExtensions = ["jsonl", "ndjson", "json"]
    let contents: EdgeFormatContents = [.values, .types]

    /// By a brace and the quote of a member's name.
    func isRecognized(by head: FileHead) -> Bool {
        let isBlank: (UInt8) -> Bool = { $0 == UInt8(ascii: " ") || LineEnds.isLineEnd($0) }
        let text = unsafe head.text.text.drop(while: isBlank)
        guard unsafe text.first == UInt8(ascii: "{") else { return false }
        return unsafe text.dropFirst().first { !isBlank($0) } == FieldTokenizer.doubleQuote
    }

    func makeReader(of head: FileHead, for shape: RowShape) throws -> any RecordReader {
        JSONLinesReader(aliases: try JSONAliases(in: head, for: shape))
    }

    func makeWriter(of columns: RowColumns, isSafe: Bool) -> any RecordWriter { JSONLinesWriter(columns: columns) }

    func text(ofKey key: String) -> String {
        var quoted = "\""
        for scalar in key.unicodeScalars {
            switch scalar {
            case "\"", "\\": quoted += "\\" + String(scalar)
            case _ where scalar.value < 0x20:
                let hex = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}

/// Reads an object a line. No line end stands in one: within a text JSON writes `\n`.
struct JSONLinesReader: RecordReader {
    let aliases: JSONAliases

    var remarks: [String] { aliases.remarks }

    func lastRecordEnd(_ text: UnsafeBufferPointer<UInt8>) -> Int {
        unsafe FieldTokenizer.wholeLines.lastRecordEnd(text)
    }

    func read(_ block: TextChunk, as subject: RowSubject, into rows: ParsedRows) {
        FieldTokenizer.wholeLines.forEachRow(of: block, into: rows) {
            fields throws(RowError) in
            if fields[0].isBlank { return }
            switch subject {
            case .nodes(let kind): try readNode(fields[0], kind, into: rows)
            case .edges(let type): try readEdge(fields[0], type, into: rows)
            }
        }
    }

    private func readNode(_ line: Field, _ kind: Int, into rows: ParsedRows) throws(RowError) {
        do throws(JSONFault) {
            let row = try JSONRow(line, reading: .ofNode, aliases: aliases) { rows.noteLeftOut($0.field) }
            guard let key = row.key else { throw .missing(.key) }
            if key.value.isPlain {
                rows.addNode(try key.key(), kind)
            } else {
                rows.addNode(try key.unescapedKey(), kind)
            }
        } catch {
            throw .badJSON("\(error); a node is an object such as {\"key\": \"a\"}")
        }
    }

    private func readEdge(_ line: Field, _ fixedType: Int?, into rows: ParsedRows) throws(RowError) {
        let row: JSONRow
        let (keys, weightText, typeName): (Keys, Field?, String?)
        do throws(JSONFault) {
            row = try JSONRow(line, reading: fixedType == nil ? .ofTypedEdge : .ofEdge, aliases: aliases) {
                rows.noteLeftOut($0.field)
            }
            guard let source = row.source else { throw .missing(.from) }
            guard let target = row.target else { throw .missing(.to) }
            if fixedType == nil, row.type == nil { throw .missing(.type) }
            typeName = try row.type?.text()
            weightText = try row.weight?.number()
            try row.time?.checkTime()
            keys =
                source.value.isPlain && target.value.isPlain
                ? .inBlock(try source.key(), try target.key())
                : .made(try source.unescapedKey(), try target.unescapedKey())
        } catch {
            throw .badJSON(
                "\(error); an edge is an object such as "
                    + "{\"from\": \"a\", \"to\": \"b\", \"weight\": 1, \"time\": 1700000000}")
        }
        let type = if let fixedType { fixedType } else { try rows.type(named: typeName ?? "", column: 1) }
        let columns = rows.types[type].columns
        var value = rows.defaultValue(type)
        if let weightText {
            let weighted = try RowValues.weighted(value, by: weightText, column: 1, rows.types[type].precision)
            if columns.contains(.weight) { value = weighted } else { rows.noteLeftOut("weight") }
        }
        var readings: Readings = []
        if let time = row.time {
            let read = try time.time()
            if columns.contains(.time) { (value.time, readings) = read } else { rows.noteLeftOut("time") }
        }
        switch keys {
        case .inBlock(let source, let target):
            try rows.check(source, target, type)
            rows.append(source, target, value, type)
        case .made(let source, let target):
            try rows.check(source, target, type)
            rows.append(source, target, value, type)
        }
        rows.note(readings)
    }

    /// The ends of an edge: where the block has them, or made of texts with escapes.
    private enum Keys {
        case inBlock(RowKey, RowKey)
        case made(NodeKey, NodeKey)
    }
}

/// Writes an object a line. Its members have names, so there is no header.
struct JSONLinesWriter: RecordWriter {
    let columns: RowColumns

    func appendHeader(_ names: [String], to bytes: inout [UInt8]) {}

    func append(_ batch: EdgeBatch, to bytes: inout [UInt8]) {
        let type = columns.hasType ? ", \"type\": \"\(batch.type.name)\"" : ""
        let hasWeight = batch.type.columns.contains(.weight)
        for edge in batch.edges {
            bytes.append(contentsOf: "{\"from\": ".utf8)
            bytes.append(contentsOf: batch.sources.bytes[batch.sources.range(edge.source)])
            bytes.append(contentsOf: ", \"to\": ".utf8)
            bytes.append(contentsOf: batch.targets.bytes[batch.targets.range(edge.target)])
            bytes.append(contentsOf: type.utf8)
            if hasWeight { bytes.append(contentsOf: ", \"weight\": \(batch.type.weightText(of: edge.value))".utf8) }
            if batch.type.hasToSay(time: edge.value.time) {
                bytes.append(contentsOf: ", \"time\": \(edge.value.time)".utf8)
            }
            bytes.append(contentsOf: "}\n".utf8)
        }
    }

    func append(_ batch: NodeBatch, to bytes: inout [UInt8]) {
        for id in batch.ids {
            bytes.append(contentsOf: "{\"key\": ".utf8)
            bytes.append(contentsOf: batch.keys.bytes[batch.keys.range(id)])
            bytes.append(contentsOf: "}\n".utf8)
        }
    }
}

import FoundationEssentials

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

    func makeReader(of head: FileHead, for shape: RowShape) throws -> any RecordReader { JSONLinesReader() }

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
    func lastRecordEnd(_ text: UnsafeBufferPointer<UInt8>) -> Int {
        unsafe FieldTokenizer.wholeLines.lastRecordEnd(text)
    }

    func read(_ block: TextChunk, as subject: RowSubject, into rows: ParsedRows) {
        FieldTokenizer.wholeLines.forEachRow(of: block, header: nil, integers: nil, into: rows) {
            fields throws(RowError) in
            let object = try decode(fields[0])
            switch subject {
            case .nodes(let kind):
                guard let key = object.key else { throw .badJSON("a node has a \"key\"") }
                rows.addNode(key, kind)
            case .edges(let type): try readEdge(object, type, into: rows)
            }
        }
    }

    private func decode(_ line: Field) throws(RowError) -> JSONRow {
        do {
            return try JSONDecoder().decode(JSONRow.self, from: unsafe Data(line.bytes))
        } catch let error as RowError {
            throw error
        } catch {
            throw .badJSON(JSONLinesReader.reason(error))
        }
    }

    private func readEdge(_ object: JSONRow, _ fixedType: Int?, into rows: ParsedRows) throws(RowError) {
        guard let source = object.source, let target = object.target else {
            throw .badJSON("\"\(object.source == nil ? "from" : "to")\" is missing")
        }
        let type: Int
        if let fixedType {
            type = fixedType
        } else {
            guard let name = object.type else { throw .badJSON("\"type\" is missing") }
            type = try rows.type(named: name, column: 1)
        }
        let columns = rows.types[type].columns
        var value = rows.defaultValue(type)
        if columns.contains(.weight), let weight = object.weight {
            guard weight.isFinite else { throw .badWeight(column: 1, "\(weight)") }
            value.weight = weight
        }
        var readings: Readings = []
        if columns.contains(.time), let time = object.time {
            value.time = time.time.rawValue
            readings = time.readings
        }
        try rows.check(source, target, type)
        rows.append(source, target, value, type)
        rows.note(readings)
    }

    private static func reason(_ error: any Error) -> String {
        switch error {
        case DecodingError.dataCorrupted(let context), DecodingError.typeMismatch(_, let context),
            DecodingError.valueNotFound(_, let context):
            context.debugDescription
        default: "it cannot be read"
        }
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
            if hasWeight { bytes.append(contentsOf: ", \"weight\": \(edge.value.weight)".utf8) }
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

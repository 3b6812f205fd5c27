import FoundationEssentials
import Glibc

/// From text to rows: what one thread makes of one chunk.
///
/// Rows of two integers, which most are, are read in one go by ``IntegerRows``; all others are split into fields, judged
/// field by field, and turned down with a reason when they are no edge.
///
/// Everything a thread needs is here and reused; threads share the tables of keys alone.
@safe final class RowParser {
    /// What the rows of a file become.
    enum Subject: Sendable {
        /// Edges of the type at this place in the schema; of the type each row names, when nil.
        case edges(Int?)
        /// Nodes of the kind at this place in the schema.
        case nodes(Int)
    }

    /// A row that was turned down: its line in the chunk, from 0, and why.
    struct Rejected {
        let line: Int
        let error: RowError
        let text: String
    }

    /// A type of edges, as far as rows depend on it.
    private struct TypeOfRows {
        let type: EdgeType
        let source: KeyInterner
        let target: KeyInterner
        let refusesLoops: Bool
    }

    @safe private struct Field {
        let start: UnsafePointer<UInt8>
        let count: Int
        var bytes: UnsafeRawBufferPointer { unsafe UnsafeRawBufferPointer(start: start, count: count) }
        var text: String { unsafe String(decoding: bytes, as: UTF8.self) }
    }

    private let types: [TypeOfRows]
    private let indices: [String: Int]
    private let kinds: [KeyInterner]
    /// The rows read from the chunk, by type.
    let rows: [EdgeRows]
    /// The rows that were turned down, in the order of lines.
    private(set) var rejected: [Rejected] = []
    /// How many lines the chunk has.
    private(set) var lineCount = 0
    /// How many rows of nodes the chunk has.
    private(set) var nodeRowCount = 0
    private var fields: [Field] = []
    private var unquoted: Column<UInt8> = Column(count: 0)
    private var unquotedCount = 0

    init(schema: Schema, interners: [KeyInterner], defaultTime: (EdgeType) -> Timestamp) {
        kinds = interners
        func interner(_ kind: NodeKind) -> KeyInterner { interners[schema.nodeKinds.firstIndex(of: kind) ?? 0] }
        types = schema.edgeTypes.map { type in
            TypeOfRows(
                type: type, source: interner(type.source), target: interner(type.target),
                refusesLoops: type.source == type.target && !type.allowsSelfLoops)
        }
        indices = Dictionary(
            uniqueKeysWithValues: schema.edgeTypes.enumerated().map { ($0.element.name.text, $0.offset) })
        rows = schema.edgeTypes.map { type in
            let time = type.columns.contains(.time) ? defaultTime(type).rawValue : 0
            return EdgeRows(defaultValue: RecordValue.pack(EdgeValue(weight: 1, time: time)))
        }
    }

    /// What columns the rows of a subject may have.
    func columns(of subject: Subject) -> EdgeFileLayout.Rows {
        switch subject {
        case .nodes: .nodes
        case .edges(let type?):
            .edges(
                .init(
                    hasWeight: types[type].type.columns.contains(.weight),
                    hasTime: types[type].type.columns.contains(.time), hasType: false))
        case .edges(nil): .edges(.init(hasWeight: true, hasTime: true, hasType: true))
        }
    }
}

extension RowParser {
    /// Forgets what was read.
    func removeAll() {
        for rows in rows { rows.removeAll() }
        rejected = []
        lineCount = 0
        nodeRowCount = 0
    }

    /// Reads all rows of a chunk, after forgetting those of the last.
    func parse(_ chunk: TextChunk, _ layout: EdgeFileLayout, _ subject: Subject, isFirst: Bool) {
        removeAll()
        let text = unsafe UnsafePointer(chunk.memory.start)
        var start = 0
        var mustSkipHeader = isFirst && layout.hasHeader
        let integers = integerRows(layout, subject)
        while start < chunk.count {
            if let (integers, rows) = integers, !mustSkipHeader {
                let (end, lines) = unsafe integers.read(text, start, chunk.count, into: rows)
                lineCount += lines
                start = end
                if start >= chunk.count { break }
            }
            let lineEnd = unsafe EdgeFileLayout.lineEnd(text, start, chunk.count)
            var recordEnd = lineEnd
            do throws(RowError) {
                unquotedCount = 0
                if layout.quotes, unsafe memchr(text + start, Int32(UInt8(ascii: "\"")), lineEnd - start) != nil {
                    guard let end = unsafe layout.quotedRecordEnd(text, start, chunk.count) else {
                        throw RowError.openQuote
                    }
                    recordEnd = end
                }
                guard recordEnd - start <= EdgeFileSource.recordBytesMax else { throw RowError.recordTooLong }
                let length =
                    unsafe recordEnd > start && text[recordEnd - 1] == 13 ? recordEnd - start - 1 : recordEnd - start
                let line = unsafe UnsafeBufferPointer(start: text + start, count: length)
                if unsafe length == 0
                    || layout.hasComments && (line[0] == UInt8(ascii: "#") || line[0] == UInt8(ascii: "%"))
                {
                    // An empty line, or a comment.
                } else if mustSkipHeader {
                    mustSkipHeader = false
                } else {
                    unsafe try read(line, layout, subject)
                }
            } catch {
                let shown = unsafe UnsafeBufferPointer(start: text + start, count: min(200, lineEnd - start))
                rejected.append(
                    Rejected(line: lineCount, error: error, text: unsafe String(decoding: shown, as: UTF8.self)))
            }
            lineCount += 1
            if recordEnd > lineEnd { lineCount += unsafe lineEnds(text + lineEnd + 1, recordEnd - lineEnd - 1) + 1 }
            start = recordEnd + 1
        }
    }

    /// The quick reader, where rows can be such that it reads them.
    private func integerRows(_ layout: EdgeFileLayout, _ subject: Subject) -> (IntegerRows, EdgeRows)? {
        guard case .edges(let type?) = subject, layout.source == 0, layout.target == 1,
            layout.format == .tsv || layout.format == .csv || layout.format == .edges
        else { return nil }
        return (IntegerRows(delimiter: layout.delimiter, refusesLoops: types[type].refusesLoops), rows[type])
    }

    private func lineEnds(_ text: UnsafePointer<UInt8>, _ count: Int) -> Int {
        var lines = 0
        for index in 0..<count where unsafe text[index] == 10 { lines += 1 }
        return lines
    }

    private func read(
        _ line: UnsafeBufferPointer<UInt8>, _ layout: EdgeFileLayout, _ subject: Subject
    ) throws(RowError) {
        if layout.format == .jsonl {
            unsafe try readJSON(line, subject)
            return
        }
        unsafe try split(line, layout)
        switch subject {
        case .nodes(let kind):
            guard fields.count > layout.source else {
                throw .tooFewColumns(found: fields.count, expected: layout.source + 1)
            }
            _ = try id(of: try end(layout.source), kinds[kind])
            nodeRowCount += 1
        case .edges(let type):
            if layout.format == .adjacency, let type {
                try readAdjacency(type)
            } else {
                let type = if let type { type } else { try namedType(layout) }
                try readEdge(layout, type)
            }
        }
    }
}

extension RowParser {
    /// One end of an edge as a file has it: an integer, or the bytes of a string.
    @safe private enum End {
        case integer(UInt64)
        case string(UnsafeRawBufferPointer)
    }

    private func end(_ column: Int) throws(RowError) -> End {
        let bytes = unsafe fields[column].bytes
        if let value = unsafe NodeKey.canonicalInteger(bytes) { return .integer(value) }
        guard bytes.count > 0 else { throw .badKey(column: column + 1, .empty) }
        guard bytes.count <= NodeKey.bytesMax else { throw .badKey(column: column + 1, .tooLong(bytes: bytes.count)) }
        guard unsafe isUTF8(bytes) else { throw .badKey(column: column + 1, .notUTF8) }
        return unsafe .string(bytes)
    }

    private func isUTF8(_ bytes: UnsafeRawBufferPointer) -> Bool {
        if unsafe bytes.allSatisfy({ $0 < 0x80 }) { return true }
        return unsafe String(validating: bytes, as: UTF8.self) != nil
    }

    private func id(of end: End, _ keys: KeyInterner) throws(RowError) -> UInt32 {
        switch end {
        case .integer(var value):
            var id: UInt32 = 0
            unsafe keys.intern(&value, count: 1, into: &id)
            return id
        case .string(let bytes):
            return unsafe keys.intern(bytes)
        }
    }

    private func namedType(_ layout: EdgeFileLayout) throws(RowError) -> Int {
        guard let column = layout.type, column < fields.count else {
            throw .tooFewColumns(found: fields.count, expected: (layout.type ?? 0) + 1)
        }
        let name = fields[column].text
        guard let type = indices[name] ?? indices[name.lowercased()] else {
            throw .unknownEdgeType(column: column + 1, name)
        }
        return type
    }

    private func readEdge(_ layout: EdgeFileLayout, _ type: Int) throws(RowError) {
        let count = fields.count
        let needed = max(layout.source, layout.target) + 1
        guard count >= needed else { throw .tooFewColumns(found: count, expected: needed) }
        if let countMax = layout.countMax, count > countMax {
            throw .tooManyColumns(found: count, expectedMax: countMax)
        }
        let source = try end(layout.source)
        let target = try end(layout.target)
        let rows = rows[type]
        var value = RecordValue.unpack(rows.defaultValue)
        let columns = types[type].type.columns
        if columns.contains(.weight), let column = layout.weight, column < count, fields[column].count > 0 {
            value.weight = try weight(column)
        }
        if columns.contains(.time), let column = layout.time, column < count, fields[column].count > 0 {
            value.time = try time(column)
        }
        try append(source, target, value, type)
    }

    /// Adds an edge whose fields are in order. Strings get their ids only now: a row that is turned down makes no node.
    private func append(_ source: End, _ target: End, _ value: EdgeValue, _ type: Int) throws(RowError) {
        let rows = rows[type]
        let value = RecordValue.pack(value)
        switch (source, target) {
        case (.integer(let source), .integer(let target)):
            if source == target, types[type].refusesLoops { throw .selfLoop }
            rows.append(source, target, flags: 0, value: value)
        case (.integer(let source), .string(let target)):
            let target = UInt64(unsafe types[type].target.intern(target))
            rows.append(source, target, flags: EdgeRows.Flag.targetIsID, value: value)
        case (.string(let source), .integer(let target)):
            let source = UInt64(unsafe types[type].source.intern(source))
            rows.append(source, target, flags: EdgeRows.Flag.sourceIsID, value: value)
        case (.string(let source), .string(let target)):
            if types[type].refusesLoops, unsafe source.elementsEqual(target) { throw .selfLoop }
            rows.append(
                UInt64(unsafe types[type].source.intern(source)), UInt64(unsafe types[type].target.intern(target)),
                flags: EdgeRows.Flag.sourceIsID | EdgeRows.Flag.targetIsID, value: value)
        }
    }

    /// A source, and its targets between commas. A line is all edges or none.
    private func readAdjacency(_ type: Int) throws(RowError) {
        guard fields.count == 2 else {
            throw unsafe fields.count < 2
                ? .tooFewColumns(found: fields.count, expected: 2)
                : .tooManyColumns(found: fields.count, expectedMax: 2)
        }
        let source = try end(0)
        let list = fields[1]
        fields.removeLast()
        var targets: [End] = []
        unsafe split(list.start, list.count, by: UInt8(ascii: ","))
        for column in 1..<fields.count {
            if fields.count == 2, fields[column].count == 0 { return }
            let target: End
            do {
                target = try end(column)
            } catch {
                guard case .badKey(_, let reason) = error else { throw error }
                throw .badKey(column: 2, reason)
            }
            if types[type].refusesLoops {
                switch (source, target) {
                case (.integer(let source), .integer(let target)) where source == target: throw .selfLoop
                case (.string(let source), .string(let target)) where unsafe source.elementsEqual(target):
                    throw .selfLoop
                default: break
                }
            }
            targets.append(target)
        }
        let value = RecordValue.unpack(rows[type].defaultValue)
        for index in targets.indices { try append(source, targets[index], value, type) }
    }

    /// A weight. Up to seven digits are read here: both they and the power of ten are exact as `Float`, so one division
    /// rounds once, as it should (Clinger, *PLDI* 1990); all else is the standard library's.
    private func weight(_ column: Int) throws(RowError) -> Float {
        let bytes = unsafe fields[column].bytes
        var digits: Float = 0
        var digitCount = 0
        var fractionDigits: Int?
        for index in 0..<bytes.count {
            let byte = unsafe bytes[index]
            if byte == UInt8(ascii: "."), fractionDigits == nil {
                fractionDigits = 0
            } else if byte &- UInt8(ascii: "0") <= 9 {
                digits = digits * 10 + Float(byte &- UInt8(ascii: "0"))
                digitCount += 1
                fractionDigits = fractionDigits.map { $0 + 1 }
            } else {
                digitCount = 0
                break
            }
        }
        if (1...7).contains(digitCount), fractionDigits != 0 {
            return digits / RowParser.powersOfTen[fractionDigits ?? 0]
        }
        let text = fields[column].text
        guard let weight = Float(text), weight.isFinite else { throw .badWeight(column: column + 1, text) }
        return weight
    }

    private static let powersOfTen: [Float] = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7]

    private func time(_ column: Int) throws(RowError) -> UInt32 {
        let bytes = unsafe fields[column].bytes
        if let value = unsafe NodeKey.canonicalInteger(bytes),
            let seconds = UInt32(exactly: bytes.count == 13 ? value / 1_000 : value)
        {
            return seconds
        }
        let text = fields[column].text
        guard let time = Timestamp(text) else { throw .badTime(column: column + 1, text) }
        return time.rawValue
    }
}

extension RowParser {
    private func split(_ line: UnsafeBufferPointer<UInt8>, _ layout: EdgeFileLayout) throws(RowError) {
        fields.removeAll(keepingCapacity: true)
        let start = unsafe line.baseAddress.unsafelyUnwrapped
        guard let delimiter = layout.delimiter else {
            unsafe splitByBlanks(start, line.count)
            return
        }
        if layout.quotes, unsafe memchr(start, Int32(UInt8(ascii: "\"")), line.count) != nil {
            unsafe try splitQuoted(start, line.count, by: delimiter)
        } else {
            unsafe split(start, line.count, by: delimiter)
        }
    }

    private func split(_ text: UnsafePointer<UInt8>, _ count: Int, by delimiter: UInt8) {
        var start = 0
        for index in 0..<count where unsafe text[index] == delimiter {
            unsafe fields.append(Field(start: text + start, count: index - start))
            start = index + 1
        }
        unsafe fields.append(Field(start: text + start, count: count - start))
    }

    private func splitByBlanks(_ text: UnsafePointer<UInt8>, _ count: Int) {
        var index = 0
        while index < count {
            while index < count, unsafe text[index] == 32 || text[index] == 9 { index += 1 }
            let start = index
            while index < count, unsafe text[index] != 32, unsafe text[index] != 9 { index += 1 }
            if index > start { unsafe fields.append(Field(start: text + start, count: index - start)) }
        }
    }

    /// RFC 4180: a field in quotes may hold delimiters, line ends, and quotes written twice.
    private func splitQuoted(_ text: UnsafePointer<UInt8>, _ count: Int, by delimiter: UInt8) throws(RowError) {
        let quote = UInt8(ascii: "\"")
        if unquoted.count < count { unquoted = Column(count: count) }
        var index = 0
        while true {
            if index < count, unsafe text[index] == quote {
                let start = unsafe UnsafePointer(unquoted.start + unquotedCount)
                index += 1
                while true {
                    guard index < count else { throw .openQuote }
                    if unsafe text[index] == quote {
                        index += 1
                        guard index < count, unsafe text[index] == quote else { break }
                    }
                    unquoted[unquotedCount] = unsafe text[index]
                    unquotedCount += 1
                    index += 1
                }
                if index < count, unsafe text[index] != delimiter { throw .textAfterQuote }
                unsafe fields.append(Field(start: start, count: UnsafePointer(unquoted.start + unquotedCount) - start))
            } else {
                let start = index
                while index < count, unsafe text[index] != delimiter { index += 1 }
                unsafe fields.append(Field(start: text + start, count: index - start))
            }
            if index >= count { return }
            index += 1
        }
    }
}

extension RowParser {
    /// A JSON object with an edge, or a node's key.
    private func readJSON(_ line: UnsafeBufferPointer<UInt8>, _ subject: Subject) throws(RowError) {
        let data = unsafe Data(bytes: line.baseAddress.unsafelyUnwrapped, count: line.count)
        let object: JSONRow
        do {
            object = try JSONDecoder().decode(JSONRow.self, from: data)
        } catch let error as RowError {
            throw error
        } catch {
            throw .badJSON(RowParser.reason(error))
        }
        switch subject {
        case .nodes(let kind):
            guard let key = object.key else { throw .badJSON("a node has a \"key\"") }
            _ = try withEnd(key) { end throws(RowError) in try id(of: end, kinds[kind]) }
            nodeRowCount += 1
        case .edges(let fixed):
            guard let source = object.source, let target = object.target else {
                throw .badJSON("\"\(object.source == nil ? "from" : "to")\" is missing")
            }
            let type: Int
            if let fixed {
                type = fixed
            } else {
                guard let name = object.type else { throw .badJSON("\"type\" is missing") }
                guard let named = indices[name] ?? indices[name.lowercased()] else {
                    throw .unknownEdgeType(column: 1, name)
                }
                type = named
            }
            var value = RecordValue.unpack(rows[type].defaultValue)
            if types[type].type.columns.contains(.weight), let weight = object.weight {
                guard weight.isFinite else { throw .badWeight(column: 1, "\(weight)") }
                value.weight = weight
            }
            if types[type].type.columns.contains(.time), let time = object.time { value.time = time.rawValue }
            try withEnd(source) { source throws(RowError) in
                try withEnd(target) { target throws(RowError) in try append(source, target, value, type) }
            }
        }
    }

    private func withEnd<Result>(_ key: NodeKey, _ body: (End) throws(RowError) -> Result) throws(RowError) -> Result {
        switch key.form {
        case .integer(let value): return try body(.integer(value))
        case .string(var text):
            let result: Swift.Result<Result, RowError> = text.withUTF8 { bytes in
                do throws(RowError) {
                    return .success(try unsafe body(.string(UnsafeRawBufferPointer(bytes))))
                } catch {
                    return .failure(error)
                }
            }
            return try result.get()
        }
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

/// A line of JSON: an edge, or a node.
private struct JSONRow: Decodable {
    var source: NodeKey?
    var target: NodeKey?
    var key: NodeKey?
    var type: String?
    var weight: Float?
    var time: Timestamp?

    private struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(_ name: String) { stringValue = name }
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    init(from decoder: any Decoder) throws {
        let object = try decoder.container(keyedBy: Name.self)
        func first<Value: Decodable>(_ names: String...) throws -> Value? {
            for name in names {
                if let value = try object.decodeIfPresent(Value.self, forKey: Name(name)) { return value }
            }
            return nil
        }
        source = try first("from", "source", "src")
        target = try first("to", "target", "dst")
        key = try first("key", "id")
        type = try first("type")
        weight = try first("weight")
        if let seconds = try? object.decodeIfPresent(UInt64.self, forKey: Name("time")) {
            guard let time = Timestamp(String(seconds)) else { throw RowError.badTime(column: 1, String(seconds)) }
            self.time = time
        } else if let text: String = try first("time") {
            guard let time = Timestamp(text) else { throw RowError.badTime(column: 1, text) }
            self.time = time
        }
    }
}

/// Reads rows of two integers and nothing else: ``RowParser`` reads what this cannot.
struct IntegerRows {
    /// What stands between the two; a single blank or tab when nil.
    let delimiter: UInt8?
    let refusesLoops: Bool

    /// Reads rows from `start` on, up to the first that is not two canonical integers and a line end.
    ///
    /// - Returns: where that row starts, and how many were read.
    @unsafe
    func read(_ text: UnsafePointer<UInt8>, _ start: Int, _ count: Int, into rows: EdgeRows) -> (end: Int, rows: Int) {
        rows.reserve((count - start) / 4 + 1)
        let sources = unsafe rows.sources.start + rows.count
        let targets = unsafe rows.targets.start + rows.count
        var done = 0
        var index = start
        while true {
            var place = index
            guard let source = unsafe IntegerRows.integer(text, &place, count), place < count else { break }
            let between = unsafe text[place]
            if let delimiter {
                guard between == delimiter else { break }
            } else {
                guard between == 9 || between == 32 else { break }
            }
            place &+= 1
            guard let target = unsafe IntegerRows.integer(text, &place, count), place < count else { break }
            if unsafe text[place] == 13 { place &+= 1 }
            guard place < count, unsafe text[place] == 10 else { break }
            if refusesLoops, source == target { break }
            unsafe sources[done] = source
            unsafe targets[done] = target
            done &+= 1
            index = place &+ 1
        }
        rows.appendIntegers(done)
        return (index, done)
    }

    /// The canonical integer of at most 18 digits that starts at `place`, which is moved behind it.
    @inline(__always)
    private static func integer(_ text: UnsafePointer<UInt8>, _ place: inout Int, _ count: Int) -> UInt64? {
        let first = place
        let limit = min(count, first &+ 19)
        var value: UInt64 = 0
        while place < limit {
            let digit = unsafe text[place] &- UInt8(ascii: "0")
            if digit > 9 { break }
            value = value &* 10 &+ UInt64(digit)
            place &+= 1
        }
        let digits = place &- first
        guard digits > 0, digits < 19, unsafe text[first] != UInt8(ascii: "0") || digits == 1 else { return nil }
        return value
    }
}

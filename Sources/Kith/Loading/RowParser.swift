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
        let columns: EdgeType.Columns
        let refusesLoops: Bool
        let isOfSettings: Bool
    }

    @safe private struct Field {
        let start: UnsafePointer<UInt8>
        let count: Int
        var bytes: UnsafeRawBufferPointer { unsafe UnsafeRawBufferPointer(start: start, count: count) }
        var text: String { unsafe String(decoding: bytes, as: UTF8.self) }
    }

    private let types: [TypeOfRows]
    /// The keys of the kinds each type joins.
    private let ends: [(source: KeyInterner, target: KeyInterner)]
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
    /// How many edges have times that were read so, by the bits of ``Readings``.
    private(set) var readingCounts = Readings.noCounts
    private var fields: [Field] = []
    /// The start of a line with quotes as it was: fields are freed of them in place.
    private var quotedLine: [UInt8] = []
    /// The text of the chunk that is read.
    private var text: UnsafePointer<UInt8>?

    init(schema: Schema, interners: [KeyInterner], defaultTime: (EdgeType) -> Timestamp) {
        kinds = interners
        types = schema.edgeTypes.map { type in
            TypeOfRows(
                columns: type.columns, refusesLoops: type.source == type.target && !type.allowsSelfLoops,
                isOfSettings: type.isOfSettings)
        }
        ends = schema.edgeTypes.map { type in
            func interner(_ kind: NodeKind) -> KeyInterner {
                interners[schema.nodeKinds.firstIndex(of: kind) ?? 0]
            }
            return (interner(type.source), interner(type.target))
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
                    hasWeight: types[type].columns.contains(.weight),
                    hasTime: types[type].columns.contains(.time), hasType: false))
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
        readingCounts = Readings.noCounts
    }

    /// Reads all rows of a chunk, after forgetting those of the last.
    func parse(_ chunk: TextChunk, _ layout: EdgeFileLayout, _ subject: Subject, isFirst: Bool) {
        removeAll()
        let text = unsafe UnsafePointer(chunk.memory.start)
        unsafe self.text = unsafe text
        for rows in rows { rows.text = chunk.memory }
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
            var linesOfRecord = 1
            quotedLine.removeAll(keepingCapacity: true)
            do throws(RowError) {
                if layout.quotes, unsafe memchr(text + start, Int32(UInt8(ascii: "\"")), lineEnd - start) != nil {
                    let shown = min(RowParser.shownBytesMax, lineEnd - start)
                    unsafe quotedLine.append(contentsOf: UnsafeBufferPointer(start: text + start, count: shown))
                    guard let end = unsafe layout.quotedRecordEnd(text, start, chunk.count) else { throw .openQuote }
                    recordEnd = end
                    linesOfRecord += unsafe lineEnds(text + lineEnd, recordEnd - lineEnd)
                }
                guard recordEnd - start <= EdgeFileSource.recordBytesMax else { throw .recordTooLong }
                let hasReturn = unsafe recordEnd > start && text[recordEnd - 1] == 13
                let line = unsafe UnsafeBufferPointer(
                    start: text + start, count: hasReturn ? recordEnd - start - 1 : recordEnd - start)
                if unsafe line.isEmpty || layout.hasComments && RowParser.isComment(line[0]) {
                    // Nothing to read.
                } else if mustSkipHeader {
                    mustSkipHeader = false
                } else {
                    unsafe try read(line, layout, subject)
                }
            } catch {
                let count = min(RowParser.shownBytesMax, lineEnd - start)
                let line = unsafe UnsafeBufferPointer(start: text + start, count: count)
                let shown = unsafe quotedLine.isEmpty ? Array(line) : quotedLine
                rejected.append(Rejected(line: lineCount, error: error, text: String(decoding: shown, as: UTF8.self)))
            }
            lineCount += linesOfRecord
            start = recordEnd + 1
        }
    }

    /// How much of a row that is turned down is shown.
    private static let shownBytesMax = 200

    private static func isComment(_ first: UInt8) -> Bool { first == UInt8(ascii: "#") || first == UInt8(ascii: "%") }

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
        let columns = types[type].columns
        var readings: Readings = []
        if columns.contains(.weight), let column = layout.weight, column < count, fields[column].count > 0 {
            value.weight = try weight(column)
        }
        if columns.contains(.time), let column = layout.time, column < count, fields[column].count > 0 {
            value.time = try time(column, &readings)
        }
        try append(source, target, value, type)
        note(readings)
    }

    /// Adds an edge whose fields are in order. Strings get their ids later, many at once: where they are in the chunk is
    /// kept until then.
    private func append(_ source: End, _ target: End, _ value: EdgeValue, _ type: Int) throws(RowError) {
        if types[type].isOfSettings { try RowParser.checkSetting(target) }
        let value = RecordValue.pack(value)
        switch (source, target) {
        case (.integer(let source), .integer(let target)):
            if source == target, types[type].refusesLoops { throw .selfLoop }
            rows[type].append(source, target, value: value)
        case (.integer(let source), .string(let target)):
            rows[type].append(source, unsafe place(of: target), flags: .targetIsText, value: value)
        case (.string(let source), .integer(let target)):
            rows[type].append(unsafe place(of: source), target, flags: .sourceIsText, value: value)
        case (.string(let source), .string(let target)):
            if types[type].refusesLoops, unsafe RowParser.areEqual(source, target) { throw .selfLoop }
            rows[type].append(
                unsafe place(of: source), unsafe place(of: target), flags: [.sourceIsText, .targetIsText], value: value)
        }
    }

    /// Sees to it that what accounts set is no slip of a setting.
    private static func checkSetting(_ target: End) throws(RowError) {
        guard case .string(let bytes) = target else { return }
        let text = unsafe String(decoding: bytes, as: UTF8.self)
        if Setting.isSlip(text) { throw .unknownSetting(text) }
    }

    /// Where a string is in the chunk, as ``EdgeRows`` keeps it.
    private func place(of string: UnsafeRawBufferPointer) -> UInt64 {
        guard let start = string.baseAddress, let text = unsafe text else { return 0 }
        return UInt64(unsafe start - UnsafeRawPointer(text)) << 16 | UInt64(string.count)
    }

    private static func areEqual(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
        unsafe left.count == right.count
            && memcmp(left.baseAddress.unsafelyUnwrapped, right.baseAddress.unsafelyUnwrapped, left.count) == 0
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
        unsafe RowParser.split(list.start, list.count, by: UInt8(ascii: ","), into: &fields)
        for column in 1..<fields.count {
            if fields.count == 2, fields[column].count == 0 {
                // A node without edges.
                _ = try id(of: source, ends[type].source)
                nodeRowCount += 1
                return
            }
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
                case (.string(let source), .string(let target)) where unsafe RowParser.areEqual(source, target):
                    throw .selfLoop
                default: break
                }
            }
            if types[type].isOfSettings { try RowParser.checkSetting(target) }
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
        guard let weight = Float(text), !weight.isNaN else { throw .badWeight(column: column + 1, text) }
        guard weight.isFinite else {
            // A number beyond Float is read as infinite, and so is the word.
            let isNumber = unsafe bytes.contains { $0 &- UInt8(ascii: "0") <= 9 }
            throw isNumber ? .weightOutOfRange(column: column + 1, text) : .badWeight(column: column + 1, text)
        }
        // A number too close to 0 for Float is read as 0.
        if weight == 0, let number = Double(text), number != 0 {
            throw .weightOutOfRange(column: column + 1, text)
        }
        return weight
    }

    private static let powersOfTen: [Float] = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7]

    /// A time. Plain seconds are read here; eight digits may be a date to warn of.
    private func time(_ column: Int, _ readings: inout Readings) throws(RowError) -> UInt32 {
        let bytes = unsafe fields[column].bytes
        if bytes.count != 8, let value = unsafe NodeKey.canonicalInteger(bytes), let seconds = UInt32(exactly: value) {
            return seconds
        }
        do throws(TimestampError.Reason) {
            let read = try Timestamp.parse(unsafe Span(_unsafeBytes: bytes))
            readings = read.readings
            return read.time.rawValue
        } catch {
            throw .badTime(column: column + 1, TimestampError(fields[column].text, error))
        }
    }

    /// Counts how the time of a row that is an edge was read.
    private func note(_ readings: Readings) {
        if readings != [] { readingCounts[Int(readings.rawValue)] += 1 }
    }
}

extension RowParser {
    private func split(_ line: UnsafeBufferPointer<UInt8>, _ layout: EdgeFileLayout) throws(RowError) {
        fields.removeAll(keepingCapacity: true)
        let start = unsafe line.baseAddress.unsafelyUnwrapped
        guard let delimiter = layout.delimiter else {
            unsafe RowParser.splitByBlanks(start, line.count, into: &fields)
            return
        }
        if layout.quotes, unsafe memchr(start, Int32(UInt8(ascii: "\"")), line.count) != nil {
            unsafe try RowParser.splitQuoted(start, line.count, by: delimiter, into: &fields)
        } else {
            unsafe RowParser.split(start, line.count, by: delimiter, into: &fields)
        }
    }

    // The fields are handed over once a line: each look at a property that changes is checked for exclusive use.

    private static func split(
        _ text: UnsafePointer<UInt8>, _ count: Int, by delimiter: UInt8, into fields: inout [Field]
    ) {
        var start = 0
        for index in 0..<count where unsafe text[index] == delimiter {
            unsafe fields.append(Field(start: text + start, count: index - start))
            start = index + 1
        }
        unsafe fields.append(Field(start: text + start, count: count - start))
    }

    private static func splitByBlanks(_ text: UnsafePointer<UInt8>, _ count: Int, into fields: inout [Field]) {
        var index = 0
        while index < count {
            while index < count, unsafe text[index] == 32 || text[index] == 9 { index += 1 }
            let start = index
            while index < count, unsafe text[index] != 32, unsafe text[index] != 9 { index += 1 }
            if index > start { unsafe fields.append(Field(start: text + start, count: index - start)) }
        }
    }

    /// RFC 4180: a field in quotes may hold delimiters, line ends, and quotes written twice; it is freed of them in place.
    private static func splitQuoted(
        _ text: UnsafePointer<UInt8>, _ count: Int, by delimiter: UInt8, into fields: inout [Field]
    ) throws(RowError) {
        let quote = UInt8(ascii: "\"")
        let unquoted = unsafe UnsafeMutablePointer(mutating: text)
        var index = 0
        while true {
            if index < count, unsafe text[index] == quote {
                index += 1
                let start = index
                var end = index
                while true {
                    guard index < count else { throw .openQuote }
                    if unsafe text[index] == quote {
                        index += 1
                        guard index < count, unsafe text[index] == quote else { break }
                    }
                    unsafe unquoted[end] = unsafe text[index]
                    end += 1
                    index += 1
                }
                if index < count, unsafe text[index] != delimiter { throw .textAfterQuote }
                unsafe fields.append(Field(start: text + start, count: end - start))
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
            _ = kinds[kind].intern(key)
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
            if types[type].columns.contains(.weight), let weight = object.weight {
                guard weight.isFinite else { throw .badWeight(column: 1, "\(weight)") }
                value.weight = weight
            }
            var readings: Readings = []
            if types[type].columns.contains(.time), let time = object.time {
                value.time = time.time.rawValue
                readings = time.readings
            }
            if source == target, types[type].refusesLoops { throw .selfLoop }
            if types[type].isOfSettings, Setting.isSlip(target.description) {
                throw .unknownSetting(target.description)
            }
            let (sourceWord, sourceFlags) = RowParser.word(of: source, .sourceIsID, in: ends[type].source)
            let (targetWord, targetFlags) = RowParser.word(of: target, .targetIsID, in: ends[type].target)
            rows[type].append(
                sourceWord, targetWord, flags: sourceFlags.union(targetFlags), value: RecordValue.pack(value))
            note(readings)
        }
    }

    /// A key that is not in the chunk, as rows keep it: an integer, or the id of a string.
    private static func word(
        of key: NodeKey, _ flag: EdgeRows.Flags, in keys: KeyInterner
    ) -> (word: UInt64, flags: EdgeRows.Flags) {
        switch key.form {
        case .integer(let value): (value, [])
        case .string: (UInt64(keys.intern(key)), flag)
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

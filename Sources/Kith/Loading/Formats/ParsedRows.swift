/// The rows that one thread has read from one block: edges by type, nodes, and what was turned down.
///
/// Readers of formats find the fields of a row; what becomes of them is decided here, the same for all formats.
///
/// Everything a thread needs is here and reused; threads share the tables of keys alone.
@safe final class ParsedRows {
    /// A row that was turned down: its line in the block, from 0, and why.
    struct Rejected {
        let line: Int
        let error: RowError
        let text: String
    }

    /// A type of edges, as far as rows depend on it.
    struct TypeOfRows {
        let columns: EdgeType.Columns
        let precision: EdgeType.Precision
        let refusesLoops: Bool
        let isSymmetric: Bool
        fileprivate let isOfSettings: Bool
        /// The keys of the kinds it joins.
        fileprivate let sources: KeyInterner
        fileprivate let targets: KeyInterner
    }

    let types: [TypeOfRows]
    private let schema: Schema
    private let indices: [String: Int]
    private let kinds: [KeyInterner]
    /// The edges read from the block, by type.
    let edges: [EdgeRows]
    /// The rows that were turned down, in the order of lines.
    private(set) var rejected: [Rejected] = []
    /// The first good rows of the block.
    private(set) var firstRows: [FileReport.Row] = []
    /// How many lines the block has.
    var lineCount = 0
    /// How many rows of nodes the block has.
    private(set) var nodeRowCount = 0
    /// How many lines of the block are comments, how many are blank, and how many say again what the header says.
    private(set) var commentCount = 0
    private(set) var blankLineCount = 0
    var repeatedHeaderCount = 0
    /// How many edges have times that were read so, by the bits of ``Readings``.
    private(set) var readingCounts = Readings.noCounts
    /// What the rows have that is not read, by name.
    private(set) var leftOut = LeftOutNames()
    /// What the reader counts of the block for ``RecordReader/finish(_:of:)``.
    var tally = RecordTally()
    /// The start of the block that is read.
    private var blockStart: UnsafeRawPointer?

    init(schema: Schema, interners: [KeyInterner], defaultTime: (EdgeType) -> Timestamp) {
        self.schema = schema
        kinds = interners
        func interner(_ kind: NodeKind) -> KeyInterner { interners[schema.nodeKinds.firstIndex(of: kind) ?? 0] }
        types = schema.edgeTypes.map { type in
            TypeOfRows(
                columns: type.columns, precision: type.precision,
                refusesLoops: type.source == type.target && !type.allowsSelfLoops,
                isSymmetric: type.isSymmetric, isOfSettings: type.isOfSettings, sources: interner(type.source),
                targets: interner(type.target))
        }
        indices = Dictionary(
            uniqueKeysWithValues: schema.edgeTypes.enumerated().map { ($0.element.name.text, $0.offset) })
        edges = schema.edgeTypes.map { type in
            let time = type.columns.contains(.time) ? defaultTime(type).rawValue : 0
            return EdgeRows(defaultValue: RecordValue.pack(EdgeValue(weight: 1, time: time)))
        }
    }

    /// What the rows of a subject may say.
    func shape(of subject: RowSubject) -> RowShape {
        switch subject {
        case .nodes: .nodes
        case .edges(let type?):
            .edges(
                .init(
                    hasWeight: types[type].columns.contains(.weight),
                    hasTime: types[type].columns.contains(.time), hasType: false,
                    joinsOneKind: types[type].sources === types[type].targets))
        case .edges(nil): .edges(.init(hasWeight: true, hasTime: true, hasType: true))
        }
    }

    /// The kinds of the nodes that the rows of a subject name; nil where each row names its type.
    func kinds(of subject: RowSubject) -> RowKinds? {
        switch subject {
        case .nodes(let kind): RowKinds(source: schema.nodeKinds[kind], target: nil, all: schema.nodeKinds)
        case .edges(let type?):
            RowKinds(
                source: schema.edgeTypes[type].source, target: schema.edgeTypes[type].target, all: schema.nodeKinds)
        case .edges(nil): nil
        }
    }

    /// Forgets what was read.
    func removeAll() {
        firstRows = []
        for rows in edges { rows.removeAll() }
        rejected = []
        lineCount = 0
        nodeRowCount = 0
        (commentCount, blankLineCount, repeatedHeaderCount) = (0, 0, 0)
        readingCounts = Readings.noCounts
        leftOut = LeftOutNames()
        tally = RecordTally()
    }

    /// Reads all rows of a block, after forgetting those of the last.
    func read(_ block: TextChunk, by reader: any RecordReader, as subject: RowSubject) {
        removeAll()
        unsafe blockStart = unsafe UnsafeRawPointer(block.memory.start)
        for rows in edges { rows.text = block.memory }
        reader.read(block, as: subject, into: self)
        // Before the keys in the block are gone.
        if firstRows.isEmpty { noteFirstEdges() }
    }
}

extension ParsedRows {
    /// The most of a row that is turned down that is shown.
    static let shownBytesMax = 200

    /// Turns a row down.
    func reject(_ error: RowError, line: Int, text: some Sequence<UInt8>) {
        let shown = Array(text.prefix(ParsedRows.shownBytesMax))
        rejected.append(Rejected(line: line, error: error, text: String(decoding: shown, as: UTF8.self)))
    }

    /// The type that a row names, as it is or in small letters.
    func type(named name: String, column: Int) throws(RowError) -> Int {
        guard let type = indices[name] ?? indices[name.lowercased()] else {
            throw .unknownEdgeType(column: column, name)
        }
        return type
    }

    /// What an edge has whose row says nothing else.
    func defaultValue(_ type: Int) -> EdgeValue { RecordValue.unpack(edges[type].defaultValue) }

    /// Counts a record that is no row.
    func note(_ kind: FieldTokenizer.Record.Kind) {
        switch kind {
        case .comment: commentCount += 1
        case .blankLine: blankLineCount += 1
        case .row, .openQuote, .textAfterQuote, .tooLong: break
        }
    }

    /// Counts how the time of a row that is an edge was read.
    func note(_ readings: Readings) {
        if readings != [] { readingCounts[Int(readings.rawValue)] += 1 }
    }

    /// Says that a row has something of this name that is not read.
    func noteLeftOut(_ name: Field) { leftOut.note(name) }

    /// The same for a name that is known.
    func noteLeftOut(_ name: StaticString) { unsafe leftOut.note(Field(name.utf8Start, count: name.utf8CodeUnitCount)) }

    /// Adds the key of a node.
    func addNode(_ key: RowKey, _ kind: Int) {
        addNode(key, in: kinds[kind])
        guard firstRows.count < FileReport.rowsShown else { return }
        switch key {
        case .integer(let value): firstRows.append(.node(NodeKey(value)))
        case .string(let bytes): if let key = unsafe try? NodeKey(utf8: bytes) { firstRows.append(.node(key)) }
        }
    }

    /// Adds the key of a node that a type's edges start at.
    func addSource(_ key: RowKey, _ type: Int) { addNode(key, in: types[type].sources) }

    private func addNode(_ key: RowKey, in keys: KeyInterner) {
        switch key {
        case .integer(var value):
            var id: UInt32 = 0
            unsafe keys.intern(&value, count: 1, into: &id)
        case .string(let bytes): _ = unsafe keys.intern(bytes)
        }
        nodeRowCount += 1
    }

    /// Sees to it that an edge of a type may join two keys.
    func check(_ source: RowKey, _ target: RowKey, _ type: Int) throws(RowError) {
        if types[type].isOfSettings, case .string(let bytes) = target {
            try ParsedRows.checkSetting(unsafe String(decoding: bytes, as: UTF8.self))
        }
        if types[type].refusesLoops, source.isEqual(to: target) { throw .selfLoop }
    }

    /// Sees to it that what accounts set is no slip of a setting.
    private static func checkSetting(_ text: String) throws(RowError) {
        if Setting.isSlip(text) { throw .unknownSetting(text) }
    }

    /// Adds an edge whose fields are in order. Strings get their ids later, many at once: where they are in the block is
    /// kept until then.
    func append(_ source: RowKey, _ target: RowKey, _ value: EdgeValue, _ type: Int) {
        let value = RecordValue.pack(value)
        let rows = edges[type]
        switch (source, target) {
        case (.integer(let source), .integer(let target)):
            rows.append(source, target, value: value)
        case (.integer(let source), .string(let target)):
            rows.append(source, unsafe place(of: target), flags: .targetIsText, value: value)
        case (.string(let source), .integer(let target)):
            rows.append(unsafe place(of: source), target, flags: .sourceIsText, value: value)
        case (.string(let source), .string(let target)):
            rows.append(
                unsafe place(of: source), unsafe place(of: target), flags: [.sourceIsText, .targetIsText], value: value)
        }
    }

    /// Where a string is in the block, as ``EdgeRows`` keeps it.
    private func place(of string: UnsafeRawBufferPointer) -> UInt64 {
        guard let start = string.baseAddress, let blockStart = unsafe blockStart else { return 0 }
        return UInt64(unsafe start - blockStart) << 16 | UInt64(string.count)
    }
}

/// Keys that do not stand in a block: code has them, or a decoder made them.
extension ParsedRows {
    /// Adds the key of a node.
    func addNode(_ key: NodeKey, _ kind: Int) {
        _ = kinds[kind].intern(key)
        if firstRows.count < FileReport.rowsShown { firstRows.append(.node(key)) }
        nodeRowCount += 1
    }

    /// Sees to it that an edge of a type may join two keys.
    func check(_ source: NodeKey, _ target: NodeKey, _ type: Int) throws(RowError) {
        if types[type].refusesLoops, source == target { throw .selfLoop }
        if types[type].isOfSettings { try ParsedRows.checkSetting(target.description) }
    }

    /// Adds an edge whose fields are in order.
    func append(_ source: NodeKey, _ target: NodeKey, _ value: EdgeValue, _ type: Int) {
        let (sourceWord, sourceFlags) = ParsedRows.word(of: source, .sourceIsID, in: types[type].sources)
        let (targetWord, targetFlags) = ParsedRows.word(of: target, .targetIsID, in: types[type].targets)
        edges[type].append(
            sourceWord, targetWord, flags: sourceFlags.union(targetFlags), value: RecordValue.pack(value))
    }

    /// A key as rows keep it: an integer, or the id of a string.
    private static func word(
        of key: NodeKey, _ flag: EdgeRows.Flags, in keys: KeyInterner
    ) -> (word: UInt64, flags: EdgeRows.Flags) {
        switch key.form {
        case .integer(let value): (value, [])
        case .string: (UInt64(keys.intern(key)), flag)
        }
    }
}

/// The first rows, for reports.
extension ParsedRows {
    private func noteFirstEdges() {
        for (type, rows) in edges.enumerated() {
            let edgeType = schema.edgeTypes[type]
            for index in 0..<min(rows.count, FileReport.rowsShown - firstRows.count) {
                let value = RecordValue.unpack(rows.values?[index] ?? rows.defaultValue)
                guard let source = try? rows.sourceKey(index, of: types[type].sources),
                    let target = try? rows.targetKey(index, of: types[type].targets)
                else { continue }
                firstRows.append(
                    .edge(
                        edgeType.name, from: source, to: target,
                        weight: edgeType.columns.contains(.weight) ? edgeType.weight(of: value) : nil,
                        time: edgeType.columns.contains(.time) ? Timestamp(rawValue: value.time) : nil))
            }
        }
    }
}

/// Takes edges and nodes from code, for ``BulkLoader/load(into:_:)``.
///
/// What is added is handed on in pieces, in the order in which it came.
public struct EdgeSink: ~Copyable {
    private let pipeline: LoadPipeline
    private let rows: [EdgeRows]
    private let types: [EdgeType.Name: Int]
    private var count = 0
    private var nodeCount = 0

    /// How many rows are handed on at once.
    private static let rowsPerPiece = 1 << 15

    init(_ pipeline: LoadPipeline) {
        self.pipeline = pipeline
        rows = pipeline.makeParser().rows
        types = Dictionary(
            uniqueKeysWithValues: pipeline.schema.edgeTypes.enumerated().map { ($0.element.name, $0.offset) })
    }

    /// Adds an edge; one that was added before is replaced or accumulated into, as its type says.
    ///
    /// - Parameters:
    ///   - weight: what the edge weighs, finite; 1 unless given.
    ///   - time: when; unless given, what ``BulkLoader/time`` says.
    /// - Throws: ``GraphStoreError/unknownEdgeType(_:known:)``, ``GraphStoreError/noSuchColumn(_:column:)``,
    ///   ``GraphStoreError/weightNotFinite(_:_:)``, ``GraphStoreError/selfLoop(_:_:)``,
    ///   ``GraphStoreError/unknownSetting(_:known:)``, and what ends the load.
    public mutating func add(
        _ source: NodeKey, _ type: EdgeType.Name, _ target: NodeKey, weight: Float? = nil, at time: Timestamp? = nil
    ) throws {
        guard let index = types[type] else {
            throw GraphStoreError.unknownEdgeType(type, known: pipeline.schema.edgeTypes.map(\.name))
        }
        let state = pipeline.types[index]
        let unstated = RecordValue.unpack(rows[index].defaultValue)
        let checked = try state.type.value(weight: weight, time: time, now: Timestamp(rawValue: unstated.time))
        if source == target, state.source == state.target, !state.type.allowsSelfLoops {
            throw GraphStoreError.selfLoop(type, source)
        }
        try Setting.check(target, in: state.type)
        let (sourceWord, sourceIsID) = EdgeSink.word(of: source, in: pipeline.interners[state.source])
        let (targetWord, targetIsID) = EdgeSink.word(of: target, in: pipeline.interners[state.target])
        rows[index].append(
            sourceWord, targetWord,
            flags: (sourceIsID ? EdgeRows.Flags.sourceIsID : []).union(targetIsID ? .targetIsID : []),
            value: RecordValue.pack(checked))
        count += 1
        if count == EdgeSink.rowsPerPiece { try handOn() }
    }

    /// Adds a node, which may have no edges.
    ///
    /// - Throws: ``GraphStoreError/unknownKind(_:known:)``.
    public mutating func addNode(_ key: NodeKey, kind: NodeKind = .user) throws {
        guard let index = pipeline.schema.nodeKinds.firstIndex(of: kind) else {
            throw GraphStoreError.unknownKind(kind, known: pipeline.schema.nodeKinds)
        }
        _ = pipeline.interners[index].intern(key)
        nodeCount += 1
    }

    private static func word(of key: NodeKey, in keys: KeyInterner) -> (word: UInt64, isID: Bool) {
        switch key.form {
        case .integer(let value): (value, false)
        case .string: (UInt64(keys.intern(key)), true)
        }
    }

    /// Hands on what was added.
    mutating func handOn() throws {
        try pipeline.checkCancelled()
        try pipeline.handIn(pipeline.makeRecords(of: rows), nodeRows: nodeCount)
        for rows in rows { rows.removeAll() }
        count = 0
        nodeCount = 0
    }
}

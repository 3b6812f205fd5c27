/// Takes edges and nodes from code, for ``BulkLoader/load(into:_:)``.
///
/// What is added is handed on in pieces, in the order in which it came.
public struct EdgeSink: ~Copyable {
    private let pipeline: LoadPipeline
    private let added: ParsedRows
    private let types: [EdgeType.Name: Int]
    private var count = 0

    /// How many rows are handed on at once.
    private static let rowsPerPiece = 1 << 15

    init(_ pipeline: LoadPipeline) {
        self.pipeline = pipeline
        added = pipeline.makeParsedRows()
        types = Dictionary(
            uniqueKeysWithValues: pipeline.schema.edgeTypes.enumerated().map { ($0.element.name, $0.offset) })
    }

    /// Adds an edge; one that was added before is replaced or accumulated into, as its type says.
    ///
    /// - Parameters:
    ///   - weight: what the edge weighs, finite; 1 unless given. Rounded as by ``GraphTransaction/add(_:_:_:weight:at:)``.
    ///   - time: when; unless given, what ``BulkLoader/time`` says.
    /// - Throws: ``GraphStoreError/unknownEdgeType(_:known:)``, ``GraphStoreError/noSuchColumn(_:column:)``,
    ///   ``GraphStoreError/badWeight(_:_:_:)``, ``GraphStoreError/selfLoop(_:_:)``,
    ///   ``GraphStoreError/unknownSetting(_:known:)``, and what ends the load.
    public mutating func add(
        _ source: NodeKey, _ type: EdgeType.Name, _ target: NodeKey, weight: Double? = nil, at time: Timestamp? = nil
    ) throws {
        guard let index = types[type] else {
            throw GraphStoreError.unknownEdgeType(type, known: pipeline.schema.edgeTypes.map(\.name))
        }
        let state = pipeline.types[index]
        let unstated = Timestamp(rawValue: added.defaultValue(index).time)
        let value = try state.type.value(weight: weight, time: time, now: unstated)
        if source == target, state.source == state.target, !state.type.allowsSelfLoops {
            throw GraphStoreError.selfLoop(type, source)
        }
        try Setting.check(target, in: state.type)
        added.append(source, target, value, index)
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
        added.addNode(key, index)
    }

    /// Hands on what was added.
    mutating func handOn() throws {
        try pipeline.checkCancelled()
        try pipeline.handIn(pipeline.makeRecords(of: added.edges), nodeRows: added.nodeRowCount)
        added.removeAll()
        count = 0
    }
}

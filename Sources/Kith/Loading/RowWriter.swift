/// Gathers rows into batches for a format to write, and what it writes into pieces of some size.
///
/// ```
/// append -> batch of 1,024 rows -> RecordWriter -> piece of 256 KiB -> write
/// ```
@safe struct RowWriter {
    private var writer: any RecordWriter
    private let write: (UnsafeRawBufferPointer) throws -> Void
    private let onWritten: (Int) -> Void
    /// How many rows were appended: edges or nodes, whatever the number of lines.
    private(set) var count = 0
    private var edges: EdgeBatch?
    private var nodes: NodeBatch?
    private var bytes: [UInt8] = []
    private static let batchRows = 1_024
    private static let pieceBytes = 1 << 18

    /// - Parameters:
    ///   - write: is given the pieces.
    ///   - onWritten: is told after each piece how many rows there are so far.
    init(
        _ writer: any RecordWriter, to write: @escaping (UnsafeRawBufferPointer) throws -> Void,
        onWritten: @escaping (Int) -> Void
    ) {
        self.writer = writer
        unsafe self.write = unsafe write
        self.onWritten = onWritten
    }

    /// Begins a file that is a whole graph.
    mutating func begin(_ graph: ExportedGraph) throws { try writer.begin(graph, to: &bytes) }

    /// Appends the nodes that edges will join, which are not counted.
    mutating func appendEnds(_ nodes: ExportedGraph.Nodes) throws {
        var batch = NodeBatch(keys: nodes.keys, label: nil)
        try nodes.forEach { id in
            batch.ids.append(id)
            guard batch.ids.count == RowWriter.batchRows else { return }
            writer.append(batch, to: &bytes)
            batch.ids.removeAll(keepingCapacity: true)
            if bytes.count > RowWriter.pieceBytes { try flush() }
        }
        writer.append(batch, to: &bytes)
    }

    /// Appends the names of the columns.
    mutating func appendHeader(_ names: [String]) { writer.appendHeader(names, to: &bytes) }

    /// Lets edges follow, of the type of an empty batch.
    mutating func begin(_ batch: EdgeBatch) throws {
        try endBatch()
        edges = batch
    }

    /// Lets nodes follow, of the kind of an empty batch.
    mutating func begin(_ batch: NodeBatch) throws {
        try endBatch()
        nodes = batch
    }

    /// Appends an edge.
    mutating func append(_ source: UInt32, _ target: UInt32, _ value: EdgeValue) throws {
        edges?.edges.append((source, target, value))
        count += 1
        if count % RowWriter.batchRows == 0 { try endBatch() }
    }

    /// Appends the key of a node.
    mutating func append(_ node: UInt32) throws {
        nodes?.ids.append(node)
        count += 1
        if count % RowWriter.batchRows == 0 { try endBatch() }
    }

    private mutating func endBatch() throws {
        if let edges { writer.append(edges, to: &bytes) }
        if let nodes { writer.append(nodes, to: &bytes) }
        edges?.edges.removeAll(keepingCapacity: true)
        nodes?.ids.removeAll(keepingCapacity: true)
        if bytes.count > RowWriter.pieceBytes { try flush() }
    }

    /// Hands on the rest.
    mutating func finish() throws {
        try endBatch()
        writer.finish(&bytes)
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

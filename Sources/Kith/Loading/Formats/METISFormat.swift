extension EdgeFileFormat {
    /// The neighbours of a node in each line, as METIS has them.
    public static let metis = EdgeFileFormat(METISFormat())
}

/// METIS: the line is the node, counted from 1, and what stands in it are its neighbours.
///
/// ```
/// 4 3 001        nodes, edges, and whether there are sizes of nodes, weights of nodes, weights of edges
/// 2 5 3 1        node 1 has the neighbours 2 and 3, with the weights 5 and 1
/// 1 5
/// 1 1
///                node 4 has none
/// ```
/// Karypis, *METIS 5.1.0 manual*, 2013, section 4.1; the files of the tenth DIMACS challenge. Each edge stands in the lines of
/// both its ends: it is one edge of a symmetric type, and two of any other.
struct METISFormat: EdgeFormat {
    let name = "metis"
    let plural = "METIS files"
    let fileNameExtensions = ["graph", "metis"]
    /// Nothing is written in it.
    let contents: EdgeFormatContents = []

    func makeReader(of head: FileHead, for shape: RowShape) throws -> any RecordReader {
        let columns = try columnsOfOneType(shape, head.path)
        guard columns.joinsOneKind else {
            throw LoadError.badHeader(
                path: head.path, reason: "the nodes of METIS files are of one kind, and edges of this type join two")
        }
        let line = head.firstLines(1, butFor: "%").first
        func refuse(_ reason: String) -> LoadError {
            .badFile(
                path: head.path, line: line?.number ?? 1,
                reason:
                    "\(reason); a METIS file begins with its numbers of nodes and edges, say '4 3'; if this is none, say what "
                    + "it is with `--input-format`")
        }
        guard let line else { throw refuse("the file has no line but comments") }
        let words = line.words
        guard (2...4).contains(words.count), let nodeCount = Int(words[0]), let edgeCount = Int(words[1]),
            min(nodeCount, edgeCount) >= 0, nodeCount <= Int(UInt32.max)
        else { throw refuse("'\(line.text.prefix(60))' is not the head of one") }
        var layout = METISReader.Layout()
        if words.count > 2 {
            guard words[2].count <= 3, words[2].allSatisfy({ $0 == "0" || $0 == "1" }) else {
                throw refuse(
                    "'\(words[2])' is not three digits of 0 and 1 for sizes, weights of nodes and weights of edges")
            }
            let flags = Int(words[2], radix: 2) ?? 0
            layout.hasEdgeWeights = flags & 1 != 0
            layout.nodeWeightCount = flags & 2 != 0 ? 1 : 0
            layout.hasSizes = flags & 4 != 0
        }
        if words.count > 3 {
            guard let count = Int(words[3]), layout.nodeWeightCount > 0 ? count > 0 : count >= 0 else {
                throw refuse("'\(words[3])' is not the number of weights that a node has")
            }
            if layout.nodeWeightCount > 0 { layout.nodeWeightCount = count }
        }
        return METISReader(
            nodeCount: nodeCount, edgeCount: edgeCount, layout: layout, headLine: line.number,
            hasWeight: columns.hasWeight)
    }
}

/// Reads the neighbours of nodes. A line is all edges or none.
struct METISReader: RecordReader {
    /// What stands in a line beside the neighbours.
    struct Layout {
        var hasSizes = false
        var nodeWeightCount = 0
        var hasEdgeWeights = false
    }

    private let nodeCount: Int
    private let edgeCount: Int
    private let layout: Layout
    private let headLine: Int
    private let hasWeight: Bool
    private let lines = CommentedLines(comment: "%")

    init(nodeCount: Int, edgeCount: Int, layout: Layout, headLine: Int, hasWeight: Bool) {
        self.nodeCount = nodeCount
        self.edgeCount = edgeCount
        self.layout = layout
        self.headLine = headLine
        self.hasWeight = hasWeight
    }

    var remarks: [String] {
        var remarks: [String] = []
        if layout.hasSizes || layout.nodeWeightCount > 0 { remarks.append("sizes and weights of nodes are left out") }
        if layout.hasEdgeWeights, !hasWeight { remarks.append("weights are left out: the edge type has none") }
        return remarks
    }

    func lastRecordEnd(_ text: UnsafeBufferPointer<UInt8>) -> Int { unsafe lines.lastRecordEnd(text) }

    func recordCount(_ text: UnsafeBufferPointer<UInt8>) -> Int? { unsafe lines.count(text) }

    func read(_ block: TextChunk, as subject: RowSubject, into rows: ParsedRows) {
        guard case .edges(let type?) = subject else { return }
        var neighbors: [(node: UInt64, value: EdgeValue)] = []
        lines.forEachLine(of: block, into: rows) { line, fields throws(RowError) in
            // The head is record 0, so that the others have the numbers of their nodes.
            let node = block.recordsBefore + line.index
            // Behind the last node there may be blank lines.
            if node == 0 { return }
            if node > nodeCount, fields.isEmpty { return rows.note(.blankLine) }
            rows.tally.records += 1
            if node > nodeCount { return }
            neighbors.removeAll(keepingCapacity: true)
            try readNeighbors(fields, of: UInt64(node), type, rows, into: &neighbors)
            add(neighbors, of: UInt64(node), type, to: rows)
        }
    }

    private func readNeighbors(
        _ fields: [Field], of node: UInt64, _ type: Int, _ rows: ParsedRows,
        into neighbors: inout [(node: UInt64, value: EdgeValue)]
    ) throws(RowError) {
        let first = layout.nodeWeightCount + (layout.hasSizes ? 1 : 0)
        let step = layout.hasEdgeWeights ? 2 : 1
        guard fields.count >= first else { throw .tooFewColumns(found: fields.count, expected: first) }
        guard (fields.count - first) % step == 0 else {
            throw .tooFewColumns(found: fields.count, expected: fields.count + 1)
        }
        for column in stride(from: first, to: fields.count, by: step) {
            let key = try RowKey(index: fields[column], column: column + 1, max: nodeCount)
            guard case .integer(let neighbor) = key, neighbor != node else { throw .selfLoop }
            var value = rows.defaultValue(type)
            if layout.hasEdgeWeights {
                let weighted = try RowValues.weighted(
                    value, by: fields[column + 1], column: column + 2, rows.types[type].precision)
                if hasWeight { value = weighted }
                rows.tally.imbalance &+= METISReader.balance(of: node, neighbor, weighted)
            } else {
                rows.tally.imbalance &+= METISReader.balance(of: node, neighbor, value)
            }
            neighbors.append((neighbor, value))
        }
        rows.tally.entries += neighbors.count
    }

    private func add(
        _ neighbors: [(node: UInt64, value: EdgeValue)], of node: UInt64, _ type: Int, to rows: ParsedRows
    ) {
        if neighbors.isEmpty { rows.addSource(.integer(node), type) }
        let isOnce = rows.types[type].isSymmetric
        for neighbor in neighbors where !isOnce || node < neighbor.node {
            rows.append(.integer(node), .integer(neighbor.node), neighbor.value, type)
        }
    }

    /// A number that an edge adds in one of its lines and takes off in the other, so that all together are 0.
    private static func balance(of node: UInt64, _ neighbor: UInt64, _ value: EdgeValue) -> UInt64 {
        var hash = min(node, neighbor) << 32 | max(node, neighbor)
        hash ^= RecordValue.pack(value) &* 0x9E37_79B9_7F4A_7C15
        // The finalizer of SplitMix64.
        hash = (hash ^ hash >> 30) &* 0xBF58_476D_1CE4_E5B9
        hash = (hash ^ hash >> 27) &* 0x94D0_49BB_1331_11EB
        hash ^= hash >> 31
        return node < neighbor ? hash : 0 &- hash
    }

    func finish(_ tally: RecordTally, of path: String) throws(LoadError) -> [String] {
        func refuse(_ reason: String) -> LoadError {
            .badFile(
                path: path, line: headLine,
                reason: reason + "; if this is no METIS file, say what it is with `--input-format`")
        }
        guard tally.records == nodeCount else {
            throw refuse(
                "it says that there are \(nodeCount) nodes, and the file has lines of "
                    + (tally.records < nodeCount ? "\(tally.records): it is cut off, or lines are missing" : "more"))
        }
        // Of a line that was turned down it is not known what would be in it.
        if tally.rejected > 0 { return [] }
        guard tally.entries % 2 == 0, tally.entries / 2 == edgeCount else {
            throw refuse(
                "it says that there are \(edgeCount) edges, which stand twice, and the lines have \(tally.entries) neighbours"
            )
        }
        guard tally.imbalance == 0 else {
            throw refuse("an edge stands in the lines of both its ends, with one weight, and here some does not")
        }
        return []
    }
}

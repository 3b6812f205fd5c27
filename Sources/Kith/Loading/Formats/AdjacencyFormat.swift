extension EdgeFileFormat {
    /// A source, a tab, and its targets between commas.
    public static let adjacency = EdgeFileFormat(AdjacencyFormat())
}

/// A line a source: a tab, and its targets between commas, none for a node without edges. The adjacency lists of NetworkX,
/// which have blanks in place of both, are read too: see ``AdjacencyDialect``.
struct AdjacencyFormat: EdgeFormat {
    let name = "adjacency"
    let plural = "adjacency lines"
    let fileNameExtensions = ["adj", "adjlist"]
    let contents: EdgeFormatContents = []

    func isUnmistakable(in head: FileHead) -> Bool { AdjacencyDialect.hasHeadOfNetworkX(head) }

    func makeReader(of head: FileHead, for shape: RowShape) throws -> any RecordReader {
        if case .edges(let columns) = shape, columns.hasType { _ = try columnsOfOneType(shape, head.path) }
        switch AdjacencyDialect(of: head, for: shape) {
        case .lists: return AdjacencyReader()
        case .networkX(let delimiter):
            _ = try columnsOfOneType(shape, head.path)
            return NetworkXAdjacencyReader(of: head, delimiter: delimiter)
        case .multiline:
            throw LoadError.badHeader(
                path: head.path,
                reason: "this is a multiline adjacency list of NetworkX, which is not read; write the graph with "
                    + "nx.write_edgelist(graph, 'graph.edgelist')")
        case .unknown:
            throw LoadError.badHeader(
                path: head.path,
                reason:
                    "a node, a tab and its neighbours between commas are expected, or all of them between blanks, found "
                    + "\(head.shown)")
        }
    }

    func makeWriter(of columns: RowColumns, isSafe: Bool) -> any RecordWriter { AdjacencyWriter() }

    func flaw(ofKey key: String, in places: KeyTexts.Places) -> String? {
        if let flaw = KeyTexts.tabOrLineEnd(in: key) ?? KeyTexts.outerBlank(in: key) { return flaw }
        if places.contains(.listed), key.utf8.contains(AdjacencyReader.comma) { return "a comma" }
        return places.contains(.first) ? KeyTexts.commentStart(in: key) : nil
    }
}

/// Reads a source and its targets. A line is all edges or none.
struct AdjacencyReader: RecordReader {
    static let comma = UInt8(ascii: ",")
    private let lines = FieldTokenizer(delimiter: FieldTokenizer.tab, comments: .usual)
    private let lists = FieldTokenizer(delimiter: comma)

    func lastRecordEnd(_ text: UnsafeBufferPointer<UInt8>) -> Int { unsafe lines.lastRecordEnd(text) }

    func read(_ block: TextChunk, as subject: RowSubject, into rows: ParsedRows) {
        switch subject {
        case .nodes(let kind):
            lines.forEachRow(of: block, into: rows) { fields throws(RowError) in
                rows.addNode(try RowKey(fields[0], column: 1), kind)
            }
        case .edges(let type):
            // No reader is made for edges of several types.
            guard let type else { return }
            var targets: [RowKey] = []
            lines.forEachRow(of: block, into: rows) { fields throws(RowError) in
                guard fields.count == 2 else {
                    throw fields.count < 2
                        ? .tooFewColumns(found: fields.count, expected: 2)
                        : .tooManyColumns(found: fields.count, expectedMax: 2)
                }
                let source = try RowKey(fields[0], column: 1)
                if fields[1].count == 0 {
                    rows.addSource(source, type)
                    return
                }
                targets.removeAll(keepingCapacity: true)
                try readTargets(fields[1], of: source, type, rows, into: &targets)
                let value = rows.defaultValue(type)
                for target in targets { rows.append(source, target, value, type) }
            }
        }
    }

    private func readTargets(
        _ list: Field, of source: RowKey, _ type: Int, _ rows: ParsedRows, into targets: inout [RowKey]
    ) throws(RowError) {
        var fault: RowError?
        _ = unsafe lists.scan(list.bytes, 0) { field in
            guard fault == nil else { return }
            do throws(RowError) {
                let target = try RowKey(field, column: 2)
                try rows.check(source, target, type)
                targets.append(target)
            } catch {
                fault = error
            }
        }
        if let fault { throw fault }
    }
}

/// Writes a line a source. A list that is longer than a record may be goes on in the next line.
struct AdjacencyWriter: RecordWriter {
    /// The node whose targets are being listed, and how long its line is so far.
    private var line: (node: UInt32, bytes: Int)?

    func appendHeader(_ names: [String], to bytes: inout [UInt8]) {
        bytes.append(contentsOf: ("# " + names.joined(separator: "\t") + "\n").utf8)
    }

    mutating func append(_ batch: EdgeBatch, to bytes: inout [UInt8]) {
        for edge in batch.edges {
            let target = batch.targets.range(edge.target)
            if let line, line.node == edge.source, line.bytes + target.count + 1 <= EdgeFileSource.recordBytesMax {
                self.line = (line.node, line.bytes + target.count + 1)
                bytes.append(AdjacencyReader.comma)
            } else {
                finish(&bytes)
                let source = batch.sources.range(edge.source)
                line = (edge.source, source.count + target.count + 1)
                bytes.append(contentsOf: batch.sources.bytes[source])
                bytes.append(FieldTokenizer.tab)
            }
            bytes.append(contentsOf: batch.targets.bytes[target])
        }
    }

    func append(_ batch: NodeBatch, to bytes: inout [UInt8]) {
        for id in batch.ids {
            bytes.append(contentsOf: batch.keys.bytes[batch.keys.range(id)])
            bytes.append(LineEnds.lineFeed)
        }
    }

    mutating func finish(_ bytes: inout [UInt8]) {
        if line != nil { bytes.append(LineEnds.lineFeed) }
        line = nil
    }
}

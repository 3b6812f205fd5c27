/// Reads the rows of a ``ChangeFile`` one after the other, holding those of one block.
///
/// One thread.
final class ChangeReader {
    /// A row of the file.
    struct Row {
        /// The line it starts at, from 1.
        let line: Int
        /// What it changes, or why it is no change.
        let change: Result<Change, RowError>
        /// The row as the file has it, where it may be turned down yet.
        let text: [UInt8]

        /// The row as one that is turned down.
        func rejected(_ error: RowError, in path: String) -> RejectedRow {
            let shown = text.prefix(ParsedRows.shownBytesMax)
            return RejectedRow(path: path, line: line, error: error, text: String(decoding: shown, as: UTF8.self))
        }
    }

    private let file: ChangeFile
    private let schema: Schema
    private let subject: RowSubject?
    private let source: EdgeFileSource
    private let chunk = TextChunk(capacity: ChangeReader.chunkBytes)
    /// The rows of the block, the next one last.
    private var rows: [Row] = []
    /// How many lines the blocks so far have.
    private(set) var lineCount = 0
    private(set) var isAtEnd = false
    /// What was understood of the rows so far; nil for changes.
    private(set) var understood: FileReport?
    private var leftOut = LeftOutNames()
    private var tally = RecordTally()

    private static let chunkBytes = 1 << 16

    /// Opens the file.
    ///
    /// - Throws: ``LoadError``, ``GraphStoreError/unknownEdgeType(_:known:)``, ``GraphStoreError/unknownKind(_:known:)``.
    init(_ file: ChangeFile, _ schema: Schema) throws {
        self.file = file
        self.schema = schema
        switch file.contents {
        case .changes: subject = nil
        case .removedEdges(let name):
            subject = .edges(
                try name.map { name in
                    guard let type = schema.edgeTypes.firstIndex(where: { $0.name == name }) else {
                        throw GraphStoreError.unknownEdgeType(name, known: schema.edgeTypes.map(\.name))
                    }
                    return type
                })
        case .removedNodes(let kind):
            guard let kind = schema.nodeKinds.firstIndex(of: kind) else {
                throw GraphStoreError.unknownKind(kind, known: schema.nodeKinds)
            }
            subject = .nodes(kind)
        }
        understood = subject.map { FileReport(path: file.path, subject: $0, of: schema) }
        let type: EdgeType?? = if case .edges(let type) = subject { type.map { schema.edgeTypes[$0] } } else { nil }
        source = try EdgeFileSource(
            opening: file.path, format: subject == nil ? .jsonl : file.format, dialect: file.dialect,
            codings: file.codings,
            holding: type.map { .edges(undirected: BulkLoader.undirectedEdges(of: $0)) } ?? .nodes,
            chunkBytes: ChangeReader.chunkBytes)
    }

    /// The next row; nil when there is none.
    ///
    /// - Throws: ``LoadError``.
    func next(after done: ChangeFile.Report) throws -> Row? {
        try hasNext(after: done) ? rows.removeLast() : nil
    }

    /// Whether there is another row; reads on when it takes that to know.
    ///
    /// - Parameter done: what is committed, for an error.
    /// - Throws: ``LoadError``.
    func hasNext(after done: ChangeFile.Report) throws -> Bool {
        while rows.isEmpty, !isAtEnd {
            do {
                try readBlock()
            } catch let error as RowError {
                let row = RejectedRow(path: file.path, line: lineCount + 1, error: error, text: "")
                throw LoadError.badChange(row, linesDone: done.lines)
            }
        }
        return !rows.isEmpty
    }

    private func readBlock() throws {
        // The keys of a block and no more: the file may name any number of them.
        let keys = schema.nodeKinds.map { _ in KeyInterner() }
        let parsed = ParsedRows(schema: schema, interners: keys, defaultTime: { _ in 0 })
        guard
            try source.next(
                into: chunk, shape: subject.map { parsed.shape(of: $0) } ?? .nodes,
                kinds: subject.flatMap { parsed.kinds(of: $0) }),
            let reader = source.recognition?.reader
        else {
            isAtEnd = true
            understood?.remarks += try source.recognition?.reader.finish(tally, of: file.path) ?? []
            if let names = leftOut.remark { understood?.remarks.append(names) }
            return
        }
        if understood?.format == nil, let recognition = source.recognition { understood?.note(recognition) }
        if let subject {
            parsed.read(chunk, by: reader, as: subject)
            tally += parsed.tally
            leftOut.formUnion(parsed.leftOut)
            understood?.add(parsed, goodRows: parsed.edges.reduce(parsed.nodeRowCount) { $0 + $1.count })
            try noteRows(of: parsed, keys)
        } else {
            noteChanges()
        }
        rows.reverse()
    }

    /// Takes the lines of the block for changes.
    private func noteChanges() {
        let text = unsafe chunk.text
        var start = 0
        while start < text.count {
            var line: [UInt8] = []
            let record = unsafe FieldTokenizer.wholeLines.scan(text, start) { line = unsafe Array($0.bytes) }
            lineCount += record.lines
            start = record.next
            if !record.isRow { continue }
            let change = Result { () throws(RowError) in
                try record.check()
                return try Change(json: line)
            }
            rows.append(Row(line: lineCount, change: change, text: line))
        }
    }

    /// Takes the rows of the block for what is to be removed, those that are none first.
    private func noteRows(of parsed: ParsedRows, _ keys: [KeyInterner]) throws {
        for row in parsed.rejected {
            rows.append(Row(line: lineCount + row.line + 1, change: .failure(row.error), text: Array(row.text.utf8)))
        }
        lineCount += parsed.lineCount
        func note(_ change: Change) { rows.append(Row(line: lineCount, change: .success(change), text: [])) }
        if case .nodes(let index) = subject {
            let (kind, keys) = (schema.nodeKinds[index], keys[index])
            for id in 0..<UInt32(keys.count) { note(.removeNode(kind, try keys.key(id))) }
            // A key that the block names again is not there any more by then, whichever it is.
            for _ in keys.count..<max(keys.count, parsed.nodeRowCount) { note(.removeNode(kind, try keys.key(0))) }
            return
        }
        for (type, edges) in zip(schema.edgeTypes, parsed.edges) {
            func keysOf(_ kind: NodeKind) -> KeyInterner { keys[schema.nodeKinds.firstIndex(of: kind) ?? 0] }
            try edges.forEachRow(keysOf(type.source), keysOf(type.target)) { source, target in
                note(.removeEdge(type.name, source, target))
            }
        }
    }
}

extension EdgeRows {
    /// Visits the rows in order, by the keys of their ends.
    fileprivate func forEachRow(
        _ sourceKeys: KeyInterner, _ targetKeys: KeyInterner, _ visit: (NodeKey, NodeKey) -> Void
    ) throws(NodeKeyError) {
        for row in 0..<count {
            visit(try sourceKey(row, of: sourceKeys), try targetKey(row, of: targetKeys))
        }
    }
}

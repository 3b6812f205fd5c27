/// Adjacency lists of NetworkX: a node and its neighbours between blanks, below three comments.
///
/// ```
/// # analysis.py
/// # GMT Mon Nov 30 19:39:02 2026
/// # karate club
/// ann bob cy
/// cy
/// ```
/// So `nx.write_adjlist` writes them, an edge of an undirected graph once. A line is all edges or none; a node that stands alone
/// has no edges of its own.
struct NetworkXAdjacencyReader: RecordReader {
    private let lines: CommentedLines

    /// - Parameter delimiter: what stands between two nodes; runs of blanks and tabs when nil.
    init(of head: FileHead, delimiter: UInt8?) {
        let rows = AdjacencyDialect.hasHeadOfNetworkX(head) ? head.firstLines(4).dropFirst(3) : []
        lines = CommentedLines(comment: "#", delimiter: delimiter, headEnd: rows.first?.offset)
    }

    func lastRecordEnd(_ text: UnsafeBufferPointer<UInt8>) -> Int { unsafe lines.lastRecordEnd(text) }

    func read(_ block: TextChunk, as subject: RowSubject, into rows: ParsedRows) {
        guard case .edges(let type?) = subject else { return }
        var targets: [RowKey] = []
        lines.forEachLine(of: block, into: rows) { _, fields throws(RowError) in
            if fields.isEmpty { return rows.note(.blankLine) }
            let source = try RowKey(fields[0], column: 1)
            targets.removeAll(keepingCapacity: true)
            for column in 1..<fields.count {
                let target = try RowKey(fields[column], column: column + 1)
                try rows.check(source, target, type)
                targets.append(target)
            }
            if targets.isEmpty { rows.addSource(source, type) }
            let value = rows.defaultValue(type)
            for target in targets { rows.append(source, target, value, type) }
        }
    }
}

/// Which program wrote lines of a node and its neighbours.
enum AdjacencyDialect {
    /// This one: a tab behind the node, commas between its neighbours.
    case lists
    /// NetworkX.
    case networkX(delimiter: UInt8?)
    /// NetworkX, a line a neighbour, with its data.
    case multiline
    /// That cannot be told.
    case unknown

    private static let sampleCount = 20

    /// Whether a file begins as NetworkX begins adjacency lists, of one line a node or of several.
    static func hasHeadOfNetworkX(_ head: FileHead) -> Bool {
        let lines = head.firstLines(3)
        return lines.count == 3 && lines.allSatisfy { $0.text.first == "#" } && lines[1].text.hasPrefix("# GMT ")
    }

    init(of head: FileHead, for shape: RowShape) {
        let lines = head.firstLines(AdjacencyDialect.sampleCount, butFor: "#").map(\.text)
        let hasHead = AdjacencyDialect.hasHeadOfNetworkX(head)
        let hasTabs = lines.contains { $0.contains("\t") }
        let hasBlanks = lines.contains { $0.contains(" ") }
        // Keys with blanks, a line each, are nodes of this program.
        if shape == .nodes, !hasHead {
            self = .lists
        } else if hasHead || !hasTabs, lines.contains(where: AdjacencyDialect.isNeighborWithData) {
            self = .multiline
        } else if hasHead {
            self = .networkX(delimiter: hasTabs ? FieldTokenizer.tab : nil)
        } else if hasTabs || !hasBlanks {
            self = .lists
        } else {
            let isOfOthers = lines.contains { $0.contains(",") || $0.prefix { $0 != " " }.last == ":" }
            self = isOfOthers ? .unknown : .networkX(delimiter: nil)
        }
    }

    /// Whether a line is a node and a dictionary of Python.
    private static func isNeighborWithData(_ line: Substring) -> Bool {
        guard let delimiter = line.firstIndex(where: { $0 == " " || $0 == "\t" }) else { return false }
        return line[delimiter...].dropFirst().first == "{" && line.last == "}"
    }
}

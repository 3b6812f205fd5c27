/// What was understood of one file of a load.
public struct FileReport: Sendable, Hashable {
    /// What rows are in the file.
    public enum Subject: Sendable, Hashable {
        /// Edges of a type; of the type each row names, when nil.
        case edges(EdgeType.Name?)
        /// Nodes of a kind.
        case nodes(NodeKind)
    }

    /// A row as it was understood.
    public enum Row: Sendable, Hashable {
        /// An edge; its weight and time are nil where its type has none.
        case edge(EdgeType.Name, from: NodeKey, to: NodeKey, weight: Double?, time: Timestamp?)
        /// A node.
        case node(NodeKey)
    }

    /// Where it is; `-` for standard input.
    public let path: String
    /// What rows are in it.
    public let subject: Subject
    /// How it was read; nil when nothing of it was read.
    public internal(set) var format: EdgeFileFormat?
    /// What it was unwrapped of before that, from the outside in: `gzip`, `zstd`, `GraphML`.
    public internal(set) var unwrapped: [String] = []
    /// How its rows are laid out.
    public internal(set) var layout = FileLayout()
    /// How many rows it has, good and bad.
    public internal(set) var rows = 0
    /// How many of them were left out.
    public internal(set) var rejected = 0
    /// How many lines are comments.
    public internal(set) var comments = 0
    /// How many lines are blank.
    public internal(set) var blankLines = 0
    /// How many rows say again what the header says, and are no edges.
    public internal(set) var repeatedHeaders = 0
    /// Sentences about the reading of the file: members, weights or times that the edge type has no place for; rows that stand
    /// for two edges; numbers in the head of the file that its rows contradict.
    public internal(set) var remarks: [String] = []
    /// The first good rows, at most ``rowsShown``.
    public internal(set) var firstRows: [Row] = []

    /// Whether the lines that are counted are those of the file.
    private var hasOwnLines = true

    /// How many rows are shown.
    public static let rowsShown = 5

    init(path: String, subject: RowSubject, of schema: Schema) {
        self.path = path
        self.subject =
            switch subject {
            case .edges(let type): .edges(type.map { schema.edgeTypes[$0].name })
            case .nodes(let kind): .nodes(schema.nodeKinds[kind])
            }
    }
}

extension FileReport {
    /// The columns that nothing was read of.
    public var columnsLeftOut: [FileColumn] { layout.columns.filter { $0.role == .skipped } }

    /// Notes what the file was found to be.
    mutating func note(_ recognition: EdgeFileSource.Recognition) {
        format = recognition.format
        unwrapped = recognition.unwrapped
        layout = recognition.reader.layout
        hasOwnLines = !recognition.isDocument
        remarks += recognition.remarks
    }

    /// Adds what one block of the file has.
    mutating func add(_ parsed: ParsedRows, goodRows: Int) {
        rows += goodRows + parsed.rejected.count
        rejected += parsed.rejected.count
        comments += parsed.commentCount
        if hasOwnLines { blankLines += parsed.blankLineCount }
        repeatedHeaders += parsed.repeatedHeaderCount
        if firstRows.count < FileReport.rowsShown {
            firstRows += parsed.firstRows.prefix(FileReport.rowsShown - firstRows.count)
        }
    }
}

extension BulkLoader {
    /// What becomes of bad rows.
    struct RejectPolicy: Sendable {
        let onError: RowErrorPolicy
        /// How many are left out before the load stops after all.
        let maximum: Int?
        let onReject: @Sendable (RejectedRow) throws -> Void
    }
}

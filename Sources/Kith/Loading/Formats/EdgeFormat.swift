/// A way to write edges, or keys of nodes, into a file: how such files are recognised, read and written.
///
/// ```
/// head of a file -> makeReader -> RecordReader   cuts the file into blocks, reads the rows of each
/// columns        -> makeWriter -> RecordWriter   writes batches of edges and nodes
/// ```
/// A format is one file in this folder and one line in ``EdgeFileFormat/allCases``. Everything else asks these questions
/// only. They are asked once a file, a block or a batch: the loops over rows are inside the readers and writers.
protocol EdgeFormat: Sendable {
    /// What it is called in commands and in code.
    var name: String { get }
    /// What such files are called in a sentence.
    var plural: String { get }
    /// What the names of such files end with, behind a dot; those that an export makes with the first.
    var fileNameExtensions: [String] { get }
    /// What rows can say besides the two ends of an edge.
    var contents: EdgeFormatContents { get }

    /// Whether a file that begins so is of this format, whatever it is called.
    func isRecognized(by head: FileHead) -> Bool

    /// Whether a file that begins so is of this format and of no other, even where its name says that it is.
    func isUnmistakable(in head: FileHead) -> Bool

    /// Finds out how a file is laid out.
    ///
    /// - Throws: ``LoadError/badHeader(path:reason:)``, for every file where the format is only written;
    ///   ``LoadError/badFile(path:line:reason:)``.
    func makeReader(of head: FileHead, for shape: RowShape) throws -> any RecordReader

    /// Writes rows with these columns.
    ///
    /// - Parameter isSafe: whether a spreadsheet may open the file: see ``SpreadsheetText``.
    /// - Throws: ``LoadError/cannotExport(reason:)``, always where the format is only read.
    func makeWriter(of columns: RowColumns, isSafe: Bool) throws -> any RecordWriter

    /// A key as rows have it.
    func text(ofKey key: String) -> String

    /// What a key has that would be read as something else in one of these places; nil when it has nothing.
    func flaw(ofKey key: String, in places: KeyTexts.Places) -> String?
}

extension EdgeFormat {
    func isRecognized(by head: FileHead) -> Bool { false }
    func isUnmistakable(in head: FileHead) -> Bool { false }
    func makeWriter(of columns: RowColumns, isSafe: Bool) throws -> any RecordWriter {
        throw LoadError.cannotExport(
            reason: "\(plural) are read and not written; \(EdgeFileFormat.complete.advice)")
    }
    func text(ofKey key: String) -> String { key }
    func flaw(ofKey key: String, in places: KeyTexts.Places) -> String? { nil }
}

/// What the rows of a format can say besides the two ends of an edge.
struct EdgeFormatContents: OptionSet, Sendable {
    let rawValue: UInt8
    /// Weights.
    static let weights = EdgeFormatContents(rawValue: 1)
    /// Times.
    static let times = EdgeFormatContents(rawValue: 8)
    /// Weights and times.
    static let values: EdgeFormatContents = [.weights, .times]
    /// The type of each edge.
    static let types = EdgeFormatContents(rawValue: 2)
    /// The names of the columns, in a row above the others.
    static let headerRow = EdgeFormatContents(rawValue: 4)
    /// Columns, of which a ``FileDialect`` may say something.
    static let columns = EdgeFormatContents(rawValue: 128)
    /// A file is one graph, and begins with what it holds: see ``RecordWriter/begin(_:to:)``.
    static let wholeGraph = EdgeFormatContents(rawValue: 16)
    /// Of such a file: the nodes that edges join stand before the edges.
    static let nodesBeforeEdges = EdgeFormatContents(rawValue: 32)
    /// Of such a file: a node is known by its key alone, whatever its kind.
    static let oneNamespace = EdgeFormatContents(rawValue: 64)
}

/// The start of a file, from which its layout is found out.
struct FileHead {
    /// The text, without a byte order mark.
    let text: TextChunk
    /// Whether that is all of the file, so that its last line is whole.
    let isWhole: Bool
    let path: String
    /// What was said by hand of how rows are laid out.
    var dialect = FileDialect()
    /// What the rows name; nil where edges of several types are in one file.
    var kinds: RowKinds?
    /// The text of the file of the header, where there is one.
    var headerText: [UInt8]?
}

/// How one file is laid out: used for each of its blocks, by any thread.
protocol RecordReader: Sendable {
    /// What was understood of the layout.
    var layout: FileLayout { get }

    /// What is to be said of how the file is read, where that is not plain: what is left out of it, what a row stands for.
    var remarks: [String] { get }

    /// Where the last record of the text that is there whole ends; 0 when none is.
    func lastRecordEnd(_ text: UnsafeBufferPointer<UInt8>) -> Int

    /// How many records the text has, where the place of a record among all of the file has a meaning: ``read(_:as:into:)``
    /// finds their sum for the text before a block in ``TextChunk/recordsBefore``. Nil where it has none.
    func recordCount(_ text: UnsafeBufferPointer<UInt8>) -> Int?

    /// Reads all records of a block.
    func read(_ block: TextChunk, as subject: RowSubject, into rows: ParsedRows)

    /// Compares what was counted in all blocks with what the head of the file says.
    ///
    /// - Returns: what is to be said of it.
    /// - Throws: ``LoadError/badFile(path:line:reason:)``: the file is cut off, or no file of this format.
    func finish(_ tally: RecordTally, of path: String) throws(LoadError) -> [String]
}

extension RecordReader {
    var remarks: [String] { [] }
    func recordCount(_ text: UnsafeBufferPointer<UInt8>) -> Int? { nil }
    func finish(_ tally: RecordTally, of path: String) throws(LoadError) -> [String] { [] }
}

extension RecordReader {
    var layout: FileLayout { FileLayout() }
}

/// How rows of one file are written. What it gathers belongs to one file.
protocol RecordWriter {
    /// Begins a file of a format whose files are whole graphs.
    ///
    /// - Throws: ``LoadError/cannotExport(reason:)`` when there is no way to write it.
    mutating func begin(_ graph: ExportedGraph, to bytes: inout [UInt8]) throws
    /// Appends the names of the columns: as a row, or as a comment where the format has some.
    func appendHeader(_ names: [String], to bytes: inout [UInt8])
    mutating func append(_ edges: EdgeBatch, to bytes: inout [UInt8])
    func append(_ nodes: NodeBatch, to bytes: inout [UInt8])
    /// Appends what ends the last row.
    mutating func finish(_ bytes: inout [UInt8])
}

extension RecordWriter {
    func begin(_ graph: ExportedGraph, to bytes: inout [UInt8]) {}
    func finish(_ bytes: inout [UInt8]) {}
}

/// Some edges of one type that are to be written.
struct EdgeBatch {
    let type: EdgeType
    let sources: KeyTexts
    let targets: KeyTexts
    var edges: [(source: UInt32, target: UInt32, value: EdgeValue)] = []
}

/// Some nodes of one kind that are to be written.
struct NodeBatch {
    let keys: KeyTexts
    /// What the column of labels says of each, where the header has one.
    let label: String?
    var ids: [UInt32] = []
}

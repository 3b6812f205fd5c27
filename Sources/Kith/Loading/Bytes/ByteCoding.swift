/// What a file of rows may be wrapped in, told by how the file begins: a compression, or a document that holds the rows in
/// another shape.
///
/// ```
/// bytes of the file -> ByteDecoder -> ByteDecoder -> text of rows, as if it had been the file
/// ```
/// A load knows gzip; the command knows others beside it, so that whoever imports the library needs no more libraries of
/// the system than it does.
package protocol ByteCoding: Sendable {
    /// What it is called in a sentence.
    var name: String { get }

    /// How the rows of the text are written, where the coding says so itself; nil where the text is what was wrapped.
    ///
    /// Such a document is text itself, and is read as rows where another format than ``documentFormat`` was given by hand.
    var format: EdgeFileFormat? { get }

    /// What the format of such a document is called; nil where the text is what was wrapped.
    var documentFormat: EdgeFileFormat? { get }

    /// Whether a file that begins with these bytes is wrapped so. There are at least 64 KiB of them, or all of the file.
    func isRecognized(by head: UnsafeRawBufferPointer) -> Bool

    /// What unwraps one such file.
    func makeDecoder(ofFile path: String, holding rows: DecodedRows) throws -> any ByteDecoder
}

extension ByteCoding {
    package var documentFormat: EdgeFileFormat? { nil }
}

/// What the rows of a file are taken for.
package enum DecodedRows: Sendable {
    /// Edges; how those without a direction become rows.
    case edges(undirected: UndirectedEdges)
    case nodes
}

/// What is made of an edge that a document says has no direction.
package enum UndirectedEdges: Sendable {
    /// A row: the edge type has no direction either, or leads from one kind of node to another.
    case once
    /// Two rows, one each way: the edge type has a direction.
    case bothWays
    /// An error: what type it is, only its row says.
    case refused
}

/// Unwraps one file, piece by piece, in the order of its bytes. One thread at a time.
package protocol ByteDecoder: AnyObject {
    /// Takes bytes of the file and gives bytes of text.
    ///
    /// Neither buffer is empty, and at least a byte is taken or given.
    /// - Throws: ``RowError/unreadable(_:)`` where bytes are damaged, ``LoadError``.
    func decode(
        _ input: UnsafeRawBufferPointer, into text: UnsafeMutableRawBufferPointer
    ) throws -> (taken: Int, given: Int)

    /// Gives text that is left once all bytes of the file were taken: how many bytes; 0 when none is.
    ///
    /// - Throws: ``RowError/unreadable(_:)`` where a file cannot end here.
    func finish(into text: UnsafeMutableRawBufferPointer) throws -> Int
}

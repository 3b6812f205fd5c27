import Foundation
import Kith

/// Documents of GraphML, which become rows of CSV.
///
/// ```
/// <node id="ann"/>                            key
///                                             ann
/// <edge source="ann" target="bob">            source,target,weight
///   <data key="d0">2</data></edge>            ann,bob,2
/// ```
/// Such rows are read as any: with the same words for columns, the same errors, and in the lines of the document where each
/// element has one of its own.
struct GraphMLCoding: ByteCoding {
    let name = "GraphML"
    let format: EdgeFileFormat? = .csv
    let documentFormat: EdgeFileFormat? = .graphml

    /// By a document's first letter and the tag of its first element. Whether that is the first, the decoder sees.
    func isRecognized(by head: UnsafeRawBufferPointer) -> Bool {
        let text = unsafe Array(head).withoutByteOrderMark.drop { $0 <= UInt8(ascii: " ") }
        guard text.first == UInt8(ascii: "<") else { return false }
        return ["<graphml", ":graphml"].contains { tag in
            guard let found = text.firstRange(of: Array(tag.utf8)), found.upperBound < text.endIndex else {
                return false
            }
            let next = text[found.upperBound]
            return next <= UInt8(ascii: " ") || next == UInt8(ascii: ">")
        }
    }

    func makeDecoder(ofFile path: String, holding rows: DecodedRows) throws -> any ByteDecoder {
        try GraphMLDecoder(ofFile: path, holding: rows)
    }
}

/// Reads one document. Of the document no more is held than one element and what the keys say.
final class GraphMLDecoder: ByteDecoder {
    private let rows: GraphMLRows
    private let reader: XMLReader
    /// How many bytes of the rows were given.
    private var given = 0
    private var isAtEnd = false

    /// So many bytes of a document are read at once: what they hold is in memory until it is given.
    private static let pieceBytes = 1 << 14

    init(ofFile path: String, holding rows: DecodedRows) throws {
        self.rows = GraphMLRows(path: path, holding: rows)
        reader = try XMLReader(ofFile: path, into: self.rows)
    }

    func decode(
        _ input: UnsafeRawBufferPointer, into text: UnsafeMutableRawBufferPointer
    ) throws -> (taken: Int, given: Int) {
        let rest = unsafe give(into: text)
        if rest > 0 { return (0, rest) }
        let piece = unsafe UnsafeRawBufferPointer(rebasing: input.prefix(GraphMLDecoder.pieceBytes))
        unsafe try reader.read(piece)
        rows.keepUp(with: reader.line)
        return unsafe (piece.count, give(into: text))
    }

    func finish(into text: UnsafeMutableRawBufferPointer) throws -> Int {
        let rest = unsafe give(into: text)
        if rest > 0 || isAtEnd { return rest }
        isAtEnd = true
        unsafe try reader.read(UnsafeRawBufferPointer(start: nil, count: 0), isLast: true)
        try rows.finish()
        return unsafe give(into: text)
    }

    /// Gives what there is of the rows, as far as there is room.
    private func give(into text: UnsafeMutableRawBufferPointer) -> Int {
        let count = min(rows.text.count - given, text.count)
        unsafe text.copyBytes(from: rows.text[given..<given + count])
        given += count
        if given == rows.text.count {
            rows.text.removeAll(keepingCapacity: true)
            given = 0
        }
        return count
    }
}

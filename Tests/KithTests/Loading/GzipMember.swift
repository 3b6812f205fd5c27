@testable import Kith

/// A member of a gzip file as RFC 1952 lays it out, its text in blocks that are stored as they are.
enum GzipMember {
    /// - Parameter extra: a field of the header, as bgzip has one in each member.
    static func bytes(_ text: [UInt8], extra: [UInt8] = []) -> [UInt8] {
        var bytes: [UInt8] = [0x1F, 0x8B, 8, extra.isEmpty ? 0 : 4, 0, 0, 0, 0, 0, 255]
        if !extra.isEmpty { bytes += littleEndian(UInt32(extra.count), 2) + extra }
        var rest = text[...]
        repeat {
            let block = rest.prefix(65_535)
            rest = rest.dropFirst(block.count)
            let count = UInt32(block.count)
            bytes += [rest.isEmpty ? 1 : 0] + littleEndian(count, 2) + littleEndian(~count, 2) + block
        } while !rest.isEmpty
        return bytes + littleEndian(checksum(of: text), 4) + littleEndian(UInt32(text.count), 4)
    }

    private static func littleEndian(_ value: UInt32, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }

    /// CRC-32, bit by bit.
    private static func checksum(of text: [UInt8]) -> UInt32 {
        var sum = ~UInt32(0)
        for byte in text {
            sum ^= UInt32(byte)
            for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0xEDB8_8320 : sum >> 1 }
        }
        return ~sum
    }
}

extension EdgeFileSource {
    /// All of the text of a file of edges.
    static func text(of path: String, codings: [any ByteCoding] = [], chunkBytes: Int = 1 << 16) throws -> [UInt8] {
        let source = try EdgeFileSource(
            opening: path, format: .edges, dialect: FileDialect(), codings: codings, holding: .edges(undirected: .once),
            chunkBytes: chunkBytes)
        let chunk = TextChunk(capacity: chunkBytes)
        var text: [UInt8] = []
        let shape = RowShape.edges(RowColumns(hasWeight: false, hasTime: false, hasType: false))
        while try source.next(into: chunk, shape: shape, kinds: nil) { text += chunk.text }
        return text
    }
}

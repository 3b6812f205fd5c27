import Foundation
import Testing

@testable import Adjacency

/// Blocks worked out by hand from the format; check bytes by a separate program.
@Suite("Known lists have known bytes")
struct KnownBytesTests {
    struct Example: Sendable {
        let name: String
        let bytes: [UInt8]
        let isLast: Bool
        let degree: UInt32?
        let columns: EdgeColumns
        let rows: [(neighbor: UInt32, weight: Float, time: UInt32)]
    }

    static let examples = [
        Example(
            name: "one neighbour",
            bytes: [
                0x01,  // last block
                0x98,  // check
                0x01,  // count 1
                0x07,  // first 7
            ],
            isLast: true, degree: nil, columns: [], rows: [(7, 1, 0)]),
        Example(
            name: "gaps of 9 bits",
            bytes: [
                0x01, 0xEA,
                0x04,  // count 4
                0x03,  // first 3
                // Gaps less 1: 9 - 3 - 1 = 5, 10 - 9 - 1 = 0, 300 - 10 - 1 = 289, which takes 9 bits.
                0x09,
                // 5 | 0 << 9 | 289 << 18 = 0x0484_0005: 27 bits, padded to 32.
                0x05, 0x00, 0x84, 0x04,
            ],
            isLast: true, degree: nil, columns: [], rows: [(3, 1, 0), (9, 1, 0), (10, 1, 0), (300, 1, 0)]),
        Example(
            name: "a first block of several, with both columns",
            bytes: [
                0x0E, 0xE1,  // not the last, degree follows, weights, times
                0x02,  // count 2
                0xAC, 0x02,  // degree 300 = 2 << 7 | 44
                0xC8, 0x01,  // first 200 = 1 << 7 | 72
                0x00,  // 201 follows 200: gaps of 0 bits
                0x00, 0x00, 0x80, 0x3F,  // weight 1
                0x00, 0x00, 0x20, 0xC0,  // weight -2.5
                0xE8, 0x03, 0x00, 0x00,  // the earliest time, 1,000
                0x03,  // the latest is 5 later: 3 bits
                0x28,  // 0 | 5 << 3
            ],
            isLast: false, degree: 300, columns: [.weight, .time], rows: [(200, 1, 1_000), (201, -2.5, 1_005)]),
        Example(
            name: "34 in a row: a full group and one of a single neighbour, both of 0 bits",
            bytes: [0x01, 0x93, 0x22, 0x00, 0x00, 0x00],
            isLast: true, degree: nil, columns: [], rows: (0..<34).map { ($0, 1, 0) }),
        Example(
            name: "the widest gap: 2^32 - 2 in 32 bits",
            bytes: [0x01, 0xEA, 0x02, 0x00, 0x20, 0xFE, 0xFF, 0xFF, 0xFF],
            isLast: true, degree: nil, columns: [], rows: [(0, 1, 0), (.max, 1, 0)]),
    ]

    @Test("Encoding gives the bytes, and the bytes give the list", arguments: examples)
    func known(_ example: Example) throws {
        var list = NeighborList(columns: example.columns)
        for row in example.rows { list.append(row.neighbor, weight: row.weight, time: row.time) }
        var buffer = BlockBuffer()
        buffer.encode(0..<list.count, of: list, isLast: example.isLast, degree: example.degree)
        #expect(Array(buffer.span) == example.bytes)

        let block = try NeighborBlock(example.bytes.span.bytes)
        try block.validate(columns: example.columns)
        var decoded = NeighborList()
        try block.decode(into: &decoded)
        #expect(ReferenceList(decoded) == ReferenceList(list))
        #expect(block.isLast == example.isLast)
        #expect(block.degree == example.degree ?? UInt32(list.count))
    }

    @Test("The bytes that the page of the file format shows are those of the list it names")
    func documented() throws {
        var folder = URL(fileURLWithPath: #filePath)
        for _ in 0..<3 { folder.deleteLastPathComponent() }
        let page = try String(
            contentsOf: folder.appendingPathComponent("Sources/Kith/Kith.docc/FileFormat.md"), encoding: .utf8)
        let begin = try #require(page.range(of: "a whole list, neighbours 3, 9, 10 and 300"))
        let block = page[begin.upperBound...].components(separatedBy: "```")[1]
        let bytes = block.split(separator: "\n").flatMap { line in
            line.prefix(11).split(separator: " ").compactMap { UInt8($0, radix: 16) }
        }
        var list = NeighborList(columns: [.weight, .time])
        for (neighbor, weight, offset) in [(3, 1, 0), (9, 2.5, 5), (10, 1, 9), (300, 0.5, 100)]
            as [(UInt32, Float, UInt32)]
        {
            list.append(neighbor, weight: weight, time: 1_700_000_000 + offset)
        }
        var buffer = BlockBuffer()
        buffer.encode(0..<list.count, of: list, isLast: true, degree: nil)
        #expect(bytes == Array(buffer.span))
    }

    @Test("CRC-32C gives its published check value, and that of 32 zero bytes of RFC 3720")
    func checkValues() {
        var crc = CRC32C()
        let digits = Array("123456789".utf8)
        crc.add(digits.span.bytes)
        #expect(crc.value == 0xE306_9283)
        var zeros = CRC32C()
        zeros.add([UInt8](repeating: 0, count: 32).span.bytes)
        #expect(zeros.value == 0x8A91_36AA)
    }

    @Test("CRC-32C of any length, in any pieces, is that of one bit at a time")
    func checkPieces() {
        var random = SplitMix64(seed: 13_000)
        for length in 0..<70 {
            let bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
            let cut = Int.random(in: 0...length, using: &random)
            var crc = CRC32C()
            crc.add(bytes.span.bytes.extracting(..<cut))
            crc.add(bytes.span.bytes, from: cut)
            #expect(crc.value == ReferenceBlock.crc32c(bytes))
        }
    }
}

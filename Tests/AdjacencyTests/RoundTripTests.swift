import Testing

@testable import Adjacency

@Suite("Lists become blocks and come back")
struct RoundTripTests {
    static let sizes = [1, 2, 3, 31, 32, 33, 34, 63, 64, 65, 66, 97, 4_095, 4_096]

    /// Everything that reads a block agrees with the list it was made from.
    private func expectReading(_ bytes: [UInt8], gives block: ReferenceBlock, in memory: GuardedBytes) throws {
        let list = block.list
        try memory.atEnd(bytes) { span in
            let view = try NeighborBlock(span)
            #expect(view.count == list.neighbors.count)
            #expect(view.degree == block.degree ?? UInt32(list.neighbors.count))
            #expect(view.hasDegree == (block.degree != nil))
            #expect(view.isLast == block.isLast)
            #expect(view.first == list.neighbors[0])
            #expect(view.columns == list.columns)

            var decoded = NeighborList()
            try view.decode(into: &decoded)
            #expect(ReferenceList(decoded) == list)

            if let last = list.neighbors.last, last < .max {
                var visited: [UInt32] = []
                try view.forEachGroup(below: last + 1) { visited.append(contentsOf: $0) }
                #expect(visited == list.neighbors)
                #expect(throws: BlockError.outOfRange(neighbor: last, limit: last)) {
                    try view.forEachGroup(below: last) { _ in }
                }
            }
            let copied = try [UInt32](capacity: view.count) { output in
                try view.decodeNeighbors(into: &output)
            }
            #expect(copied == list.neighbors)
        }
    }

    @Test("A list of any size, gaps and columns is the same after encoding and decoding", arguments: allColumns)
    func roundTrip(columns: EdgeColumns) throws {
        var random = SplitMix64(seed: 20 + UInt64(columns.rawValue))
        let memory = try GuardedBytes(capacity: 65_536)
        var storage = [UInt8](repeating: 0, count: 65_536)
        var tooLong = 0
        for size in RoundTripTests.sizes {
            for gapBits in [0, 1, 2, 5, 7, 8, 9, 12, 16, 20, 24, 25, 31, 32] {
                let list = random.list(size, gapBits: gapBits, columns: columns, timeBits: gapBits)
                let isLast = Bool.random(using: &random)
                let degree = isLast ? nil : UInt32.random(in: UInt32(size) + 1...UInt32.max, using: &random)
                let block = ReferenceBlock(list, isLast: isLast, degree: degree)
                let expected = block.bytes
                let length = NeighborBlockEncoder.encodedSize(0..<size, of: list.list, degree: degree)
                #expect(length == expected.count)
                guard length <= NeighborBlock.blockBytesMax else {
                    tooLong += 1
                    try expectReading(expected, gives: block, in: memory)
                    continue
                }
                let written = list.list.withColumns { columns in
                    storage.withUnsafeMutableBytes { bytes in
                        NeighborBlockEncoder.encode(
                            0..<size, of: columns, isLast: isLast, degree: degree, into: bytes)
                    }
                }
                let bytes = Array(storage[..<written])
                #expect(bytes == expected)
                try memory.atEnd(bytes) { try NeighborBlock($0).validate(columns: columns) }
                try expectReading(bytes, gives: block, in: memory)
            }
        }
        #expect(tooLong > 0, "no block was longer than a block may be: the sizes test less than they say")
    }

    @Test("Gaps of every width from 0 to 32 bits survive in full, partial and single groups")
    func everyWidth() throws {
        let memory = try GuardedBytes()
        for width in 0...32 {
            for size in [2, 3, 5, 33, 34, 40] {
                // One gap of the full width; the rest as small as they come.
                for widePlace in Set([1, size / 2, size - 1]) {
                    var list = ReferenceList()
                    list.neighbors = [0]
                    for index in 1..<size {
                        let gap = index == widePlace && width > 0 ? UInt32.max >> UInt32(32 - width) : 0
                        let next = UInt64(list.neighbors[index - 1]) + 1 + UInt64(gap)
                        // The widest gap of all leaves no room above it.
                        list.neighbors.append(UInt32(min(next, UInt64(UInt32.max) - UInt64(size - 1 - index))))
                    }
                    let block = ReferenceBlock(list)
                    var buffer = BlockBuffer()
                    buffer.encode(0..<size, of: list.list, isLast: true, degree: nil)
                    let bytes = Array(buffer.span)
                    #expect(bytes == block.bytes)
                    try expectReading(bytes, gives: block, in: memory)
                }
            }
        }
    }

    @Test("The least and the greatest neighbour and time are held")
    func extremes() throws {
        var list = ReferenceList()
        list.columns = [.weight, .time]
        list.neighbors = [0, .max]
        list.weights = [Float.nan.bitPattern, (-Float.infinity).bitPattern]
        list.times = [.max, 0]
        var buffer = BlockBuffer()
        buffer.encode(0..<2, of: list.list, isLast: true, degree: nil)
        let bytes = Array(buffer.span)
        #expect(bytes == ReferenceBlock(list).bytes)
        try expectReading(bytes, gives: ReferenceBlock(list), in: GuardedBytes())
        let view = try NeighborBlock(buffer.span)
        try view.validate(columns: list.columns)
        #expect(throws: BlockError.outOfRange(neighbor: .max, limit: .max)) {
            try view.validate(columns: [.weight, .time], below: .max)
        }
    }

    @Test("A neighbour is found where it is, and not where it is not; its value is that of its place")
    func lookup() throws {
        var random = SplitMix64(seed: 77)
        for size in [1, 2, 32, 33, 34, 66, 150] {
            for columns in allColumns {
                let list = random.list(size, gapBits: 2, columns: columns, timeBits: 20)
                var buffer = BlockBuffer()
                buffer.encode(0..<size, of: list.list, isLast: true, degree: nil)
                let bytes = Array(buffer.span)
                let view = try NeighborBlock(bytes.span.bytes)
                let last = list.neighbors[size - 1]
                for wanted in list.neighbors[0].saturating(-2)...last.saturating(2) {
                    #expect(try view.firstIndex(of: wanted) == list.neighbors.firstIndex(of: wanted))
                }
                for index in 0..<size {
                    let weight = try view.weight(at: index)
                    let time = try view.time(at: index)
                    #expect(
                        weight.bitPattern == (columns.contains(.weight) ? list.weights[index] : Float(1).bitPattern))
                    #expect(time == (columns.contains(.time) ? list.times[index] : 0))
                    #expect(try view.value(at: index).time == time)
                    #expect(try view.value(at: index).weight.bitPattern == weight.bitPattern)
                }
            }
        }
    }
}

extension UInt32 {
    fileprivate func saturating(_ step: Int64) -> UInt32 { UInt32(clamping: Int64(self) + step) }
}

extension Array where Element == UInt8 {
    /// A copy of the bytes of a span.
    init(_ span: RawSpan) {
        self = span.withUnsafeBytes { Array($0) }
    }
}

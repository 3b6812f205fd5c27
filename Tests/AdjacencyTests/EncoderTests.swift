import ProcessTesting
import Testing

@testable import Adjacency

@Suite("Lists are cut into blocks that fit")
struct EncoderTests {
    private let max = NeighborBlock.blockBytesMax

    @Test("As many neighbours as fit are as many as fit", arguments: allColumns)
    func fitting(columns: EdgeColumns) {
        var random = SplitMix64(seed: 5_000 + UInt64(columns.rawValue))
        var bound = 0
        for round in 0..<Repetitions.of(300) {
            let size = [1, 2, 33, 160, 500, 1_500, 5_000][round % 7]
            let gapBits = Int.random(in: 0...32, using: &random)
            let list = random.list(size, gapBits: gapBits, columns: columns, timeBits: gapBits).list
            let start = Int.random(in: 0..<size, using: &random)
            let count = list.withColumns { NeighborBlockEncoder.fittingCount(start..<size, of: $0) }
            func fits(_ count: Int) -> Bool {
                let range = start..<start + count
                return count <= NeighborBlock.neighborsMax
                    && NeighborBlockEncoder.encodedSize(range, of: list, degree: .max) <= max
            }
            #expect(count >= 1 && fits(count))
            if start + count < size {
                bound += 1
                #expect(!fits(count + 1))
            }
            #expect(NeighborBlockEncoder.fits(start..<size, of: list) == (start + count == size))
        }
        #expect(bound > 25, "too few lists were too long for one block")
    }

    @Test(
        "A node's whole list becomes blocks in order: full, keyed by their first neighbour, the first with the degree")
    func wholeLists() throws {
        var random = SplitMix64(seed: 6_000)
        for columns in allColumns {
            for (size, gapBits) in [(1, 8), (100, 9), (1_200, 12), (4_096, 0), (4_097, 0), (9_000, 3), (20_000, 10)] {
                let list = random.list(size, gapBits: gapBits, columns: columns, timeBits: 25)
                var buffer = BlockBuffer()
                var joined = NeighborList(columns: columns)
                var blocks: [Range<Int>] = []
                var sawLast = false
                let taken = try buffer.encodePart(of: list.list, at: 0, of: size) { key, bytes in
                    let block = try NeighborBlock(bytes)
                    try block.validate(columns: columns)
                    let start = joined.count
                    #expect(key == (start == 0 ? 0 : list.neighbors[start]))
                    #expect(!sawLast)
                    sawLast = block.isLast
                    #expect(block.hasDegree == (start == 0 && block.count < size))
                    if start == 0 { #expect(block.degree == UInt32(size)) }
                    blocks.append(start..<start + block.count)
                    try joined.append(block)
                }
                #expect(taken == size)
                #expect(sawLast)
                #expect(ReferenceList(joined) == list)
                for block in blocks.dropLast() {
                    let withNext = block.lowerBound..<block.upperBound + 1
                    #expect(!NeighborBlockEncoder.fits(withNext, of: list.list), "a block had room for one more")
                }
            }
        }
    }

    @Test("Blocks that may only have so many bytes have no more, and together are the list", arguments: allColumns)
    func shorterBlocks(columns: EdgeColumns) throws {
        var random = SplitMix64(seed: 6_500)
        for _ in 0..<Repetitions.of(50) {
            let list = random.list(
                Int.random(in: 1...3_000, using: &random), gapBits: 9, columns: columns, timeBits: 20)
            var joined = NeighborList(columns: columns)
            var limit = 0
            var limits = random
            var buffer = BlockBuffer()
            let result: Result<Void, any Error> = list.list.withColumns { lists in
                Result {
                    _ = try buffer.encodePart(of: lists, count: list.list.count, at: 0, of: list.list.count) {
                        limit = Int.random(in: 40...NeighborBlock.blockBytesMax, using: &limits)
                        return limit
                    } _: { _, bytes in
                        #expect(bytes.byteCount <= limit)
                        try joined.append(NeighborBlock(bytes))
                    }
                }
            }
            try result.get()
            #expect(ReferenceList(joined) == list)
        }
    }

    @Test("A list that is handed over part by part becomes the blocks of the whole list", arguments: allColumns)
    func parts(columns: EdgeColumns) throws {
        var random = SplitMix64(seed: 6_700 + UInt64(columns.rawValue))
        for size in [1, 4_095, 4_096, 4_097, 9_000, 30_000] {
            let list = random.list(size, gapBits: size % 3 * 9, columns: columns, timeBits: 20).list
            func blocks(_ countMax: () -> Int) throws -> [[UInt8]] {
                var buffer = BlockBuffer()
                var blocks: [[UInt8]] = []
                return try list.withColumns { whole in
                    Result {
                        var offset = 0
                        while offset < size {
                            let count = min(countMax(), size - offset)
                            let part = ListColumns(
                                neighbors: whole.neighbors + offset, weights: whole.weights.map { $0 + offset },
                                times: whole.times.map { $0 + offset })
                            let taken = try buffer.encodePart(of: part, count: count, at: offset, of: size) {
                                key, bytes in
                                try NeighborBlock(bytes).validate(columns: columns)
                                blocks.append(bytes.withUnsafeBytes(Array.init) + [UInt8(truncatingIfNeeded: key)])
                            }
                            #expect(
                                offset + count == size ? taken == count : count - taken < NeighborBlock.neighborsMax)
                            offset += taken
                        }
                        return blocks
                    }
                }.get()
            }
            let whole = try blocks { size }
            for _ in 0..<Repetitions.of(5) {
                #expect(try blocks { Int.random(in: 4_096...10_000, using: &random) } == whole)
            }
        }
    }

    @Test("A node without neighbours has no block")
    func noNeighbors() {
        var buffer = BlockBuffer()
        var blocks = 0
        let taken = buffer.encodePart(of: NeighborList(columns: .time), at: 0, of: 0) { _, _ in blocks += 1 }
        #expect(taken == 0)
        #expect(blocks == 0)
        #expect(buffer.span.byteCount == 0)
    }

    @Test("A head written again is the head the list would have been given", arguments: allColumns)
    func rewrittenHeads(columns: EdgeColumns) throws {
        var random = SplitMix64(seed: 7_000 + UInt64(columns.rawValue))
        let heads: [(isLast: Bool, degree: UInt32?)] = [
            (true, nil), (false, nil), (false, 1_000), (false, 100_000), (false, .max),
        ]
        for size in [1, 2, 33, 150] {
            let list = random.list(size, gapBits: 10, columns: columns)
            for old in heads {
                for new in heads {
                    let block = ReferenceBlock(list, isLast: old.isLast, degree: old.degree)
                    var buffer = BlockBuffer()
                    let bytes = block.bytes
                    try buffer.encode(NeighborBlock(bytes.span.bytes), isLast: new.isLast, degree: new.degree)
                    let expected = ReferenceBlock(list, isLast: new.isLast, degree: new.degree).bytes
                    #expect(Array(buffer.span) == expected)
                }
            }
        }
    }

    @Test("A head is not written again over damage, with a degree there cannot be, or over the end of a block")
    func refusedHeads() throws {
        var list = ReferenceList()
        list.neighbors = [5, 6, 100]
        let bytes = ReferenceBlock(list).bytes
        var damaged = bytes
        damaged[bytes.count - 1] ^= 1
        var buffer = BlockBuffer()
        buffer.encode(0..<3, of: list.list, isLast: true, degree: nil)
        #expect(throws: BlockError.self) {
            try buffer.encode(NeighborBlock(damaged.span.bytes), isLast: false, degree: 9)
        }
        #expect(throws: BlockError.degreeMismatch(degree: 3, count: 3, isLast: false)) {
            try buffer.encode(NeighborBlock(bytes.span.bytes), isLast: false, degree: 3)
        }
        #expect(throws: BlockError.degreeMismatch(degree: 9, count: 3, isLast: true)) {
            try buffer.encode(NeighborBlock(bytes.span.bytes), isLast: true, degree: 9)
        }
        #expect(Array(buffer.span) == bytes, "a refused head changed the buffer")

        // A block that is as long as can be without a degree, which no list that fits becomes.
        list.columns = .weight
        list.neighbors = Array(0..<500)
        list.weights = Array(repeating: 0, count: 500)
        #expect(NeighborBlockEncoder.encodedSize(0..<500, of: list.list, degree: nil) == max - 1)
        #expect(!NeighborBlockEncoder.fits(0..<500, of: list.list))
        let full = ReferenceBlock(list).bytes
        #expect(throws: BlockError.tooLong(bytes: max + 1)) {
            try buffer.encode(NeighborBlock(full.span.bytes), isLast: false, degree: 501)
        }
    }

    @Test("A list that outgrew its block is halved; grown at its end, it keeps the full block")
    func splitting() {
        var random = SplitMix64(seed: 8_000)
        for columns in allColumns {
            for gapBits in [0, 4, 11, 32] {
                let long = random.list(5_000, gapBits: gapBits, columns: columns).list
                let count = long.withColumns { NeighborBlockEncoder.fittingCount(0..<5_000, of: $0) }
                var list = NeighborList(columns: columns)
                for index in 0..<count {
                    let value = long.value(at: index)
                    list.append(long.neighbors[index], weight: value.weight, time: value.time)
                }
                #expect(NeighborBlockEncoder.split(list, growsAtEnd: true) == [0..<count])
                let value = long.value(at: count)
                list.append(long.neighbors[count], weight: value.weight, time: value.time)
                #expect(
                    NeighborBlockEncoder.split(list, growsAtEnd: true) == [0..<count, count..<count + 1])
                let middle = (count + 1) / 2
                #expect(
                    NeighborBlockEncoder.split(list, growsAtEnd: false) == [0..<middle, middle..<count + 1])
                let pieces = NeighborBlockEncoder.split(long, growsAtEnd: true)
                #expect(pieces.flatMap { Array($0) } == Array(0..<5_000))
                #expect(pieces.allSatisfy { NeighborBlockEncoder.fits($0, of: long) })
            }
        }
    }

    @Test("Taking a neighbour out can make a block longer, so a removal may have to split too")
    func longerByRemoval() {
        // Two wide gaps share the second group of every two; one place to the left they part.
        var list = NeighborList()
        var next: UInt32 = 0
        for index in 0..<(1 + 32 * 4) {
            let group = (index - 1) / 32
            let place = (index - 1) % 32
            let isWide = index > 0 && group % 2 == 1 && (place == 0 || place == 16)
            next += isWide ? 1 << 20 : 1
            list.append(next)
        }
        let before = NeighborBlockEncoder.encodedSize(0..<list.count, of: list, degree: nil)
        list.remove(at: 1)
        let after = NeighborBlockEncoder.encodedSize(0..<list.count, of: list, degree: nil)
        #expect(after > before + 100)
    }

    @Test("Encoding writes nothing behind the storage it was given")
    func storage() {
        var random = SplitMix64(seed: 9_000)
        var memory = [UInt8](repeating: 0xA5, count: NeighborBlockEncoder.storageBytes + 64)
        for columns in allColumns {
            for gapBits in [0, 1, 7, 13, 32] {
                let list = random.list(4_096, gapBits: gapBits, columns: columns).list
                list.withColumns { lists in
                    let count = NeighborBlockEncoder.fittingCount(0..<4_096, of: lists)
                    memory.withUnsafeMutableBytes { bytes in
                        let storage = UnsafeMutableRawBufferPointer(
                            rebasing: bytes[..<NeighborBlockEncoder.storageBytes])
                        _ = NeighborBlockEncoder.encode(
                            0..<count, of: lists, isLast: false, degree: .max, into: storage)
                    }
                }
                #expect(memory.dropFirst(NeighborBlockEncoder.storageBytes).allSatisfy { $0 == 0xA5 })
            }
        }
    }

    @Test("Encoding a range that does not fit stops the process before it writes outside its storage")
    func unfit() async {
        await #expect(processExitsWith: .failure) {
            var random = SplitMix64(seed: 10_000)
            let list = random.list(4_096, gapBits: 32, columns: [.weight, .time]).list
            var buffer = BlockBuffer()
            buffer.encode(0..<4_096, of: list, isLast: true, degree: nil)
        }
    }
}

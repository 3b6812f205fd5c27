import ProcessTesting
import Testing

@testable import Adjacency

@Suite("Whatever the bytes are, they give a list or an error")
struct CorruptBytesTests {
    /// How reading went; a load outside the bytes would have ended the process.
    private struct Reading {
        var neighbors: [UInt32]?
        var list: ReferenceList?
        var isValid = false
    }

    /// Reads the bytes in every way there is and holds each way to its promises.
    private func readEverything(_ bytes: RawSpan, _ random: inout SplitMix64) -> Reading {
        var reading = Reading()
        guard let block = try? NeighborBlock(bytes) else { return reading }
        let limit = random.number(bits: 32)
        var previous: UInt32?
        var isOrdered = true
        var isBelow = true
        let visit: (UnsafeBufferPointer<UInt32>) -> Void = { group in
            isOrdered = isOrdered && (1...NeighborBlock.visitMax).contains(group.count)
            for neighbor in group {
                isBelow = isBelow && neighbor < limit
                isOrdered = isOrdered && previous.map { $0 < neighbor } ?? true
                previous = neighbor
            }
        }
        let isWhole = (try? block.forEachGroup(below: limit, visit)) != nil
        #expect(isBelow && isOrdered)

        reading.neighbors = try? [UInt32](capacity: block.count) { output in
            try block.decodeNeighbors(into: &output)
        }
        if let neighbors = reading.neighbors {
            #expect(neighbors.count == block.count)
            #expect(isWhole == (neighbors[block.count - 1] < limit))
        } else {
            #expect(!isWhole)
        }
        _ = try? block.firstIndex(of: random.number(bits: 32))
        _ = try? block.value(at: 0)
        _ = try? block.value(at: block.count - 1)
        _ = try? block.weight(at: block.count / 2)
        _ = try? block.time(at: block.count / 2)
        var list = NeighborList()
        if (try? block.decode(into: &list)) != nil {
            reading.list = ReferenceList(list)
            #expect(list.neighbors == reading.neighbors)
        } else {
            #expect(list.isEmpty && list.weights.isEmpty && list.times.isEmpty)
        }
        reading.isValid = (try? block.validate(columns: block.columns)) != nil
        // A block may leave a column out, and must not have one that its edges do not carry.
        #expect(reading.isValid == ((try? block.validate(columns: [.weight, .time])) != nil))
        if block.columns != [] {
            #expect(throws: BlockError.self) { try block.validate(columns: []) }
        }
        return reading
    }

    /// Reads the bytes at the end of memory, and at its start, and holds what was read against the reference.
    private func check(_ bytes: [UInt8], in memory: GuardedBytes, _ random: inout SplitMix64) -> Bool {
        let reading = memory.atEnd(bytes) { readEverything($0, &random) }
        if bytes.count < 16 { _ = memory.atStart(bytes) { readEverything($0, &random) } }
        let reference = ReferenceBlock(bytes)
        if let reference {
            #expect(reading.list == reference.list, "\(bytes)")
        } else {
            #expect(!reading.isValid, "\(bytes)")
        }
        let isCanonical = reference?.bytes == bytes && bytes.count <= NeighborBlock.blockBytesMax
        #expect(reading.isValid == isCanonical, "\(bytes)")
        return reading.isValid
    }

    @Test("Random bytes", arguments: 0..<Repetitions.of(4))
    func randomBytes(seed: Int) throws {
        var random = SplitMix64(seed: 1_000 + UInt64(seed))
        let memory = try GuardedBytes()
        var heads = 0
        for _ in 0..<4_000 {
            var bytes = (0..<Int(random.number(bits: 7))).map { _ in UInt8.random(in: 0...255, using: &random) }
            // Most get a head that leads on.
            if bytes.count >= 4, Int.random(in: 0..<8, using: &random) > 0 {
                bytes[0] &= 0x0D
                bytes[2] = UInt8(truncatingIfNeeded: random.number(bits: 7))
                if bytes.count > 5, Bool.random(using: &random) {
                    bytes[3] &= 0x7F
                    bytes[4] = UInt8(random.number(bits: 5))
                }
                bytes[1] = ReferenceBlock.checkByte(of: bytes)
            }
            heads += (try? NeighborBlock(bytes.span.bytes)) == nil ? 0 : 1
            _ = check(bytes, in: memory, &random)
        }
        #expect(heads > 1_000, "too few random bytes have a head worth reading")
    }

    @Test("Valid blocks with some bytes changed, cut off, put in or taken out", arguments: allColumns)
    func mutations(columns: EdgeColumns) throws {
        var random = SplitMix64(seed: 2_000 + UInt64(columns.rawValue))
        let memory = try GuardedBytes()
        var valid = 0
        var invalid = 0
        for _ in 0..<Repetitions.of(40) {
            let size = 1 + Int(random.number(bits: 7))
            let gapBits = Int.random(in: 0...32, using: &random)
            let list = random.list(size, gapBits: gapBits, columns: columns, timeBits: gapBits)
            let isLast = Bool.random(using: &random)
            let original = ReferenceBlock(list, isLast: isLast, degree: isLast ? nil : UInt32(size) + 1).bytes
            for _ in 0..<150 {
                var bytes = original
                for _ in 0...Int.random(in: 0..<3, using: &random) { mutate(&bytes, &random) }
                // With the check byte put right the structure has to show the damage.
                if bytes.count > 1, Int.random(in: 0..<4, using: &random) > 0 {
                    bytes[1] = ReferenceBlock.checkByte(of: bytes)
                }
                if check(bytes, in: memory, &random) { valid += 1 } else { invalid += 1 }
            }
        }
        #expect(valid > 50, "too few mutations make another block: \(valid)")
        #expect(invalid > 1_000, "too few mutations damage a block: \(invalid)")
    }

    private func mutate(_ bytes: inout [UInt8], _ random: inout SplitMix64) {
        guard !bytes.isEmpty else { return }
        // Half of all changes hit the head and the first widths, where they do most.
        let reach = Bool.random(using: &random) ? min(bytes.count, 12) : bytes.count
        let place = Int.random(in: 0..<reach, using: &random)
        switch Int.random(in: 0..<8, using: &random) {
        case 0: bytes.removeLast(Int.random(in: 1...bytes.count, using: &random))
        case 1: bytes.insert(UInt8(truncatingIfNeeded: random.number(bits: 8)), at: place)
        case 2: bytes.remove(at: place)
        case 3: bytes.append(contentsOf: [UInt8](repeating: 0, count: 1 + Int(random.number(bits: 4))))
        case 4: bytes[place] = UInt8.random(in: 0...255, using: &random)
        case 5: bytes[place] &+= Bool.random(using: &random) ? 1 : 255
        default: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        }
    }

    @Test("Every proper prefix of a block is an error, whatever its check byte", arguments: allColumns)
    func truncations(columns: EdgeColumns) throws {
        var random = SplitMix64(seed: 3_000 + UInt64(columns.rawValue))
        let memory = try GuardedBytes()
        for size in [1, 2, 33, 70] {
            let bytes = ReferenceBlock(random.list(size, gapBits: 9, columns: columns)).bytes
            for length in 0..<bytes.count {
                var prefix = Array(bytes[..<length])
                if length > 1 { prefix[1] = ReferenceBlock.checkByte(of: prefix) }
                memory.atEnd(prefix) { span in
                    #expect(throws: BlockError.self) {
                        try NeighborBlock(span).validate(columns: columns)
                    }
                    #expect(throws: BlockError.self) {
                        var list = NeighborList()
                        try NeighborBlock(span).decode(into: &list)
                    }
                }
            }
        }
    }

    @Test(
        "Of all single bits flipped, fewer than one in 200 goes unseen: those that spell another list and hit its check"
    )
    func bitFlips() throws {
        var random = SplitMix64(seed: 4_000)
        let memory = try GuardedBytes()
        var flips = 0
        var unseen = 0
        for size in [1, 2, 33, 70] {
            for columns in allColumns {
                for gapBits in [1, 6, 14] {
                    let original = ReferenceBlock(random.list(size, gapBits: gapBits, columns: columns)).bytes
                    for bit in 0..<original.count * 8 {
                        var bytes = original
                        bytes[bit / 8] ^= 1 << UInt8(bit % 8)
                        flips += 1
                        let isSeen = memory.atEnd(bytes) { span in
                            (try? NeighborBlock(span).validate(columns: columns)) == nil
                        }
                        if isSeen { continue }
                        unseen += 1
                        #expect(bit / 8 != 1, "a changed check byte went unseen")
                        #expect(ReferenceBlock(bytes)?.bytes == bytes, "an unseen flip left no block")
                    }
                }
            }
        }
        #expect(flips > 20_000)
        #expect(unseen * 200 < flips, "\(unseen) of \(flips)")
        #expect(unseen > 0, "one byte cannot see everything: the test does not reach what it should")
    }
}

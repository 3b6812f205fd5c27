import Synchronization

/// Records in parts: what one thread has sorted by part, for a range of parts.
///
/// A record is its two ends, target << 32 | source or the other way around, and a value: weight bits << 32 | time. Where
/// all values are the same, they are not stored.
final class RecordBlock: @unchecked Sendable {
    let ends: Column<UInt64>
    /// A value for each; nil when all are ``constant``.
    let values: Column<UInt64>?
    let constant: UInt64
    /// The part of the first records.
    let firstPart: Int
    /// Where each part starts, from ``firstPart`` on, and where the last ends.
    let offsets: [Int]

    init(ends: Column<UInt64>, values: Column<UInt64>?, constant: UInt64, firstPart: Int, offsets: [Int]) {
        self.ends = ends
        self.values = values
        self.constant = constant
        self.firstPart = firstPart
        self.offsets = offsets
    }

    /// How many records there are.
    var count: Int { offsets[offsets.count - 1] }
    var byteCount: Int { ends.byteCount + (values?.byteCount ?? 0) }

    /// Where the records of `part` are.
    func range(of part: Int) -> Range<Int> {
        let index = part - firstPart
        guard index >= 0, index < offsets.count - 1 else { return 0..<0 }
        return offsets[index]..<offsets[index + 1]
    }
}

/// Many records, kept by part in memory, and in a file when they are too many.
///
/// ```
/// blocks   [part 0 | part 1 | part 2] [part 0 | part 1 | part 2] ...   as threads hand them in
/// runs     part 0 of all blocks, part 1 of all blocks, part 2 ...      what was written to the file at once
/// ```
/// A part is read once, whole, its records in the order in which the blocks came.
///
/// **Unsafety:** `@unchecked`: blocks are handed in one at a time; parts are read when none is handed in any more.
final class PartitionedRecords: @unchecked Sendable {
    /// A part in memory.
    struct Part {
        let ends: Column<UInt64>
        let values: Column<UInt64>?
        let constant: UInt64
        var count: Int { ends.count }
    }

    /// What was written to the file at once, part by part: the ends, then the values.
    private struct Run {
        let firstPart: Int
        /// Where each part starts in the file, from ``firstPart`` on.
        let offsets: [Int]
        let counts: [Int]
        let hasValues: Bool
        let constant: UInt64

        func count(of part: Int) -> Int {
            let index = part - firstPart
            return counts.indices.contains(index) ? counts[index] : 0
        }
    }

    let partCount: Int
    private let path: String
    private let memory: LoadMemory
    private let bytesLeftMin: Int
    private var blocks: [RecordBlock] = []
    private var runs: [Run] = []
    private var file: SpillFile?
    private var heldBytes = 0
    private(set) var recordCount = 0

    /// - Parameters:
    ///   - partCount: how many parts.
    ///   - path: beside what file they are spilled to.
    ///   - memory: what may be held.
    ///   - bytesLeftMin: how much memory stays for others.
    init(partCount: Int, beside path: String, memory: LoadMemory, bytesLeftMin: Int = 0) {
        self.partCount = partCount
        self.path = path
        self.memory = memory
        self.bytesLeftMin = bytesLeftMin
    }

    deinit {
        memory.give(back: heldBytes)
    }

    /// How many bytes were written to files.
    var spilledBytes: Int { file?.byteCount ?? 0 }

    /// Takes a block in; writes all there are to a file when they have become too many. One thread at a time.
    func append(_ block: RecordBlock) throws {
        if block.count == 0 { return }
        blocks.append(block)
        recordCount += block.count
        heldBytes += block.byteCount
        if memory.take(block.byteCount) < bytesLeftMin { try spill() }
    }

    /// Ends the taking in.
    func finish() throws {
        try file?.flush()
    }

    /// The records of a part, in the order of the blocks they came in. Any thread; each part once.
    func part(_ part: Int) throws -> Part {
        var count = 0
        var constant: UInt64?
        var needsValues = false
        func add(_ size: Int, _ hasValues: Bool, _ value: UInt64) {
            if size == 0 { return }
            count += size
            if hasValues || (constant ?? value) != value { needsValues = true }
            constant = value
        }
        for run in runs { add(run.count(of: part), run.hasValues, run.constant) }
        for block in blocks { add(block.range(of: part).count, block.values != nil, block.constant) }

        let ends = Column<UInt64>(count: count)
        let values = needsValues ? Column<UInt64>(count: count) : nil
        var place = 0
        for run in runs {
            let size = run.count(of: part)
            guard size > 0, let file else { continue }
            let offset = run.offsets[part - run.firstPart]
            unsafe try file.read(
                UnsafeMutableRawBufferPointer(start: ends.start + place, count: 8 * size), at: offset)
            if let values, run.hasValues {
                unsafe try file.read(
                    UnsafeMutableRawBufferPointer(start: values.start + place, count: 8 * size), at: offset + 8 * size)
            } else if let values {
                unsafe (values.start + place).update(repeating: run.constant, count: size)
            }
            place += size
        }
        for block in blocks {
            let range = block.range(of: part)
            if range.isEmpty { continue }
            unsafe (ends.start + place).update(from: block.ends.start + range.lowerBound, count: range.count)
            if let values, let source = block.values {
                unsafe (values.start + place).update(from: source.start + range.lowerBound, count: range.count)
            } else if let values {
                unsafe (values.start + place).update(repeating: block.constant, count: range.count)
            }
            place += range.count
        }
        return Part(ends: ends, values: values, constant: constant ?? RecordValue.none)
    }

    /// Lets go of everything.
    func removeAll() {
        blocks = []
        runs = []
        file = nil
        memory.give(back: heldBytes)
        heldBytes = 0
    }

    /// Writes all blocks to the file, part by part.
    private func spill() throws {
        let file = try self.file ?? SpillFile(beside: path)
        self.file = file
        let hasValues = blocks.contains { $0.values != nil || $0.constant != blocks[0].constant }
        let firstPart = blocks.reduce(partCount) { min($0, $1.firstPart) }
        let endPart = blocks.reduce(0) { max($0, $1.firstPart + $1.offsets.count - 1) }
        var offsets: [Int] = []
        var counts: [Int] = []
        for part in firstPart..<endPart {
            offsets.append(file.byteCount)
            var count = 0
            for block in blocks {
                let range = block.range(of: part)
                count += range.count
                unsafe try file.append(
                    UnsafeRawBufferPointer(start: block.ends.start + range.lowerBound, count: 8 * range.count))
            }
            counts.append(count)
            for block in blocks where hasValues {
                let range = block.range(of: part)
                let values = block.values ?? Column(repeating: block.constant, count: range.upperBound)
                unsafe try file.append(
                    UnsafeRawBufferPointer(start: values.start + range.lowerBound, count: 8 * range.count))
            }
        }
        runs.append(
            Run(
                firstPart: firstPart, offsets: offsets, counts: counts, hasValues: hasValues,
                constant: blocks[0].constant))
        blocks = []
        memory.give(back: heldBytes)
        heldBytes = 0
    }
}

/// What an edge carries, as records hold it: weight bits << 32 | time.
enum RecordValue {
    /// Weight 1 and no time: what edges without columns carry.
    static let none = pack(EdgeValue(weight: 1, time: 0))

    @inline(__always)
    static func pack(_ value: EdgeValue) -> UInt64 {
        UInt64(value.weight.bitPattern) << 32 | UInt64(value.time)
    }

    @inline(__always)
    static func unpack(_ bits: UInt64) -> EdgeValue {
        EdgeValue(weight: Float(bitPattern: UInt32(bits >> 32)), time: UInt32(truncatingIfNeeded: bits))
    }
}

/// How much memory the records of a load may take.
final class LoadMemory: Sendable {
    private let left: Atomic<Int>

    init(bytes: Int) {
        left = Atomic(bytes)
    }

    /// Takes `bytes`; answers how many are left, fewer than none when that was too much: the taker is to give some back.
    func take(_ bytes: Int) -> Int {
        left.subtract(bytes, ordering: .relaxed).newValue
    }

    /// Gives back what was taken.
    func give(back bytes: Int) {
        left.add(bytes, ordering: .relaxed)
    }

    /// How much can be taken now.
    var available: Int { max(0, left.load(ordering: .relaxed)) }
}

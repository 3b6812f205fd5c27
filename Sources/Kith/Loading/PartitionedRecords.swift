/// Many records, kept by part in memory, and in a file when they are too many.
///
/// ```
/// blocks   [part 0 | part 1 | part 2] [part 0 | part 1 | part 2] ...   as threads hand them in
/// runs     part 0 of all blocks, part 1 of all blocks, part 2 ...      what was written to the file at once
/// ```
/// The records of a part are in the order in which the blocks came, and are read whole or a range at a time.
///
/// **Unsafety:** `@unchecked`: blocks are handed in one at a time; parts are read when none is handed in any more.
final class PartitionedRecords: @unchecked Sendable {
    /// What a part has, before it is read.
    struct Extent {
        fileprivate(set) var count = 0
        /// Whether its records carry different values; else all carry ``constant``.
        fileprivate(set) var hasValues = false
        fileprivate(set) var constant = RecordValue.none
    }

    /// A part, or a range of one, in memory.
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
    /// What all records take, in memory or in the file.
    private(set) var recordBytes = 0

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
        recordBytes += block.byteCount
        heldBytes += block.byteCount
        if memory.take(block.byteCount) < bytesLeftMin { try spill() }
    }

    /// Ends the taking in.
    func finish() throws {
        try file?.flush()
    }

    /// What a part has. O(runs + blocks). Any thread.
    func extent(of part: Int) -> Extent {
        var extent = Extent()
        func add(_ size: Int, _ hasValues: Bool, _ value: UInt64) {
            if size == 0 { return }
            if hasValues || extent.count > 0 && extent.constant != value { extent.hasValues = true }
            extent.count += size
            extent.constant = value
        }
        for run in runs { add(run.count(of: part), run.hasValues, run.constant) }
        for block in blocks { add(block.range(of: part).count, block.values != nil, block.constant) }
        return extent
    }

    /// Those records of a part that are in `range`, in the order of the blocks they came in. Any thread.
    func part(_ part: Int, _ range: Range<Int>) throws -> Part {
        let extent = extent(of: part)
        let ends = Column<UInt64>(count: range.count)
        let values = extent.hasValues ? Column<UInt64>(count: range.count) : nil
        // How many records of the part come before those of the run or the block.
        var passed = 0
        /// Where records of a run or a block go, and which they are, counted from its first.
        func overlap(_ size: Int) -> (place: Int, own: Range<Int>)? {
            let own = range.clamped(to: passed..<passed + size)
            defer { passed += size }
            return own.isEmpty
                ? nil : (own.lowerBound - range.lowerBound, own.lowerBound - passed..<own.upperBound - passed)
        }
        for run in runs {
            let size = run.count(of: part)
            guard let (place, own) = overlap(size), let file else { continue }
            let offset = run.offsets[part - run.firstPart]
            unsafe try file.read(
                UnsafeMutableRawBufferPointer(start: ends.start + place, count: 8 * own.count),
                at: offset + 8 * own.lowerBound)
            if let values, run.hasValues {
                unsafe try file.read(
                    UnsafeMutableRawBufferPointer(start: values.start + place, count: 8 * own.count),
                    at: offset + 8 * (size + own.lowerBound))
            } else if let values {
                unsafe (values.start + place).update(repeating: run.constant, count: own.count)
            }
        }
        for block in blocks {
            let first = block.range(of: part).lowerBound
            guard let (place, own) = overlap(block.range(of: part).count) else { continue }
            unsafe (ends.start + place).update(from: block.ends.start + first + own.lowerBound, count: own.count)
            if let values, let source = block.values {
                unsafe (values.start + place).update(from: source.start + first + own.lowerBound, count: own.count)
            } else if let values {
                unsafe (values.start + place).update(repeating: block.constant, count: own.count)
            }
        }
        return Part(ends: ends, values: values, constant: extent.constant)
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

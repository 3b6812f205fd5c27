/// From a part of a neighbour list to a block: how long it will be, how much fits, and its bytes.
///
/// Every function works on memory of the caller and allocates nothing; ``BlockBuffer`` owns such memory and lends spans.
///
/// A range **fits** when its block stays within ``NeighborBlock/blockBytesMax`` and ``NeighborBlock/neighborsMax`` even if
/// it is given a degree later: 5 bytes are kept free for that, so changing a head never overflows a block.
///
/// Length does not only grow: taking a neighbour out moves all behind it by one place in the groups of 32, and a wide gap
/// may then widen a group that was narrow. So ask whether a list fits after every edit, a removal too.
public enum NeighborBlockEncoder {
    /// How many bytes of storage always do for a block that fits: the block, and room for its last store.
    public static let storageBytes = NeighborBlock.blockBytesMax + BlockWriter.slack

    /// The bytes of a degree, at most.
    static let degreeBytesMax = 5

    /// How many bytes `range` of a list takes as a block. O(range), writes nothing.
    ///
    /// - Parameter degree: what its head will say, if anything.
    @unsafe
    public static func encodedSize(_ range: Range<Int>, of list: ListColumns, degree: UInt32?) -> Int {
        precondition(!range.isEmpty, "an empty range has no block")
        let neighbors = unsafe list.neighbors + range.lowerBound
        var size = unsafe 2 + range.count.varintSize + neighbors[0].varintSize + (degree?.varintSize ?? 0)
        var index = 1
        while index < range.count {
            let groupSize = min(NeighborBlock.groupSize, range.count - index)
            size += unsafe groupBytes(groupSize, gapUnion(neighbors + index, groupSize))
            index += groupSize
        }
        if unsafe list.weights != nil { size += 4 * range.count }
        if let times = unsafe list.times {
            var span = TimeSpan()
            unsafe span.add(times + range.lowerBound, range.count)
            size += span.columnBytes(range.count)
        }
        return size
    }

    /// ``encodedSize(_:of:degree:)`` of a list in arrays.
    public static func encodedSize(_ range: Range<Int>, of list: NeighborList, degree: UInt32?) -> Int {
        precondition(range.upperBound <= list.count, "\(range) is not within a list of \(list.count)")
        return unsafe list.withColumns { unsafe encodedSize(range, of: $0, degree: degree) }
    }

    /// How many neighbours from the start of `range` on can be one block: the longest part of it that fits.
    ///
    /// At least 1 of a range that is not empty. To cut a long list into blocks, ask again behind each answer.
    /// - Parameter bytesMax: how long the block may be, at most ``NeighborBlock/blockBytesMax``; a loader asks for less to
    ///   fill a page up. A single neighbour may be longer than that.
    /// - Complexity: O(answer), a group at a time.
    @unsafe
    public static func fittingCount(
        _ range: Range<Int>, of list: ListColumns, bytesMax: Int = NeighborBlock.blockBytesMax
    ) -> Int {
        let end = min(range.count, NeighborBlock.neighborsMax)
        guard end > 1 else { return end }
        let neighbors = unsafe list.neighbors + range.lowerBound
        let times = unsafe list.times.map { unsafe $0 + range.lowerBound }
        let weightBytes = unsafe list.weights == nil ? 0 : 4
        // Only a count of more than 127 can be too many, so it takes 2 bytes.
        let room = unsafe bytesMax - 2 - 2 - degreeBytesMax - neighbors[0].varintSize
        let widest = unsafe 4 + weightBytes + (times == nil ? 0 : 4)
        if end * widest + end / NeighborBlock.groupSize + 1 + 5 <= room { return end }

        /// The bytes of the groups so far, and the time span of what is in them.
        var closed = 0
        var span = TimeSpan()
        if let times = unsafe times { unsafe span.add(times, 1) }
        var count = 1
        while count < end {
            let size = min(NeighborBlock.groupSize, end - count)
            let bytes = unsafe closed + groupBytes(size, gapUnion(neighbors + count, size))
            var wider = span
            if let times = unsafe times { unsafe wider.add(times + count, size) }
            let columnBytes = unsafe weightBytes * (count + size) + (times == nil ? 0 : wider.columnBytes(count + size))
            if bytes + columnBytes > room { break }
            closed = bytes
            span = wider
            count += size
        }
        // What of the group that is too much still fits.
        let whole = count
        var union: UInt32 = 0
        while count < end {
            union |= unsafe neighbors[count] &- neighbors[count - 1] &- 1
            if let times = unsafe times { unsafe span.add(times + count, 1) }
            let columnBytes = unsafe weightBytes * (count + 1) + (times == nil ? 0 : span.columnBytes(count + 1))
            if closed + groupBytes(count + 1 - whole, union) + columnBytes > room { break }
            count += 1
        }
        return count
    }

    /// ``fittingCount(_:of:)`` of a list in memory.
    public static func fittingCount(_ range: Range<Int>, of list: NeighborList) -> Int {
        precondition(range.upperBound <= list.count, "\(range) is not within a list of \(list.count)")
        return unsafe list.withColumns { unsafe fittingCount(range, of: $0) }
    }

    /// Whether `range` of a list can be one block. O(range).
    public static func fits(_ range: Range<Int>, of list: NeighborList) -> Bool {
        fittingCount(range, of: list) == range.count
    }

    /// The ranges of an edited list that each can be one block: the whole of it, if that fits.
    ///
    /// What does not fit is halved until it does, so that both halves have room to grow. With `growsAtEnd` (the last
    /// neighbour is new, and the last of the node) it stands alone, if the others fit: a list that grows by ever greater
    /// neighbours keeps its blocks full.
    /// - Complexity: O(count x log pieces).
    public static func split(_ list: NeighborList, growsAtEnd: Bool) -> [Range<Int>] {
        let whole = 0..<list.count
        if fits(whole, of: list) { return [whole] }
        let others = whole.dropLast()
        if growsAtEnd, fits(others, of: list) { return [others, others.upperBound..<list.count] }
        return halves(whole, of: list)
    }

    private static func halves(_ range: Range<Int>, of list: NeighborList) -> [Range<Int>] {
        if fits(range, of: list) { return [range] }
        let middle = range.lowerBound + range.count / 2
        return halves(range.lowerBound..<middle, of: list) + halves(middle..<range.upperBound, of: list)
    }

    /// What a group of `size` >= 1 takes.
    private static func groupBytes(_ size: Int, _ union: UInt32) -> Int {
        1 + (size * union.significantBits + 7) >> 3
    }
}

extension NeighborBlockEncoder {
    /// Encodes a part of a list as a block.
    ///
    /// - Parameters:
    ///   - range: the part: not empty, and one that fits (``fittingCount(_:of:)``).
    ///   - isLast: whether no block of the node follows.
    ///   - degree: the node's degree, in the first block of a node that has several; else nil.
    ///   - storage: where to; ``storageBytes`` always do. A few bytes behind the block may be overwritten.
    /// - Returns: how many bytes the block has.
    /// - Complexity: O(range), no allocation.
    @unsafe
    public static func encode(
        _ range: Range<Int>, of list: ListColumns, isLast: Bool, degree: UInt32?,
        into storage: UnsafeMutableRawBufferPointer
    ) -> Int {
        precondition(
            range.count >= 1 && range.count <= NeighborBlock.neighborsMax, "\(range.count) neighbours in a block")
        let neighbors = unsafe list.neighbors + range.lowerBound
        var writer = unsafe BlockWriter(storage)
        writer.head(isLast: isLast, columns: unsafe list.columns, count: range.count, degree: degree)
        unsafe writer.varint(neighbors[0])
        unsafe writer.groups(neighbors, range.count)
        if let weights = unsafe list.weights { unsafe writer.weights(weights + range.lowerBound, range.count) }
        if let times = unsafe list.times { unsafe writer.times(times + range.lowerBound, range.count) }
        return unsafe seal(writer.offset, in: storage)
    }

    static func seal(_ byteCount: Int, in storage: UnsafeMutableRawBufferPointer) -> Int {
        precondition(byteCount <= NeighborBlock.blockBytesMax, "a range that does not fit a block: \(byteCount) bytes")
        let block = unsafe RawSpan(_unsafeBytes: UnsafeRawBufferPointer(rebasing: storage[..<byteCount]))
        unsafe storage[1] = CRC32C.checkByte(of: block)
        return byteCount
    }
}

extension NeighborBlock {
    /// Encodes the block again with another head; its neighbours and values stay as they are, undecoded.
    ///
    /// - Parameters:
    ///   - degree: the node's degree, if this is the first of several blocks; else nil.
    ///   - isLast: whether no block of the node follows.
    ///   - storage: where to, other memory than the block's; ``NeighborBlockEncoder/storageBytes`` always do.
    /// - Returns: how many bytes the new block has.
    /// - Complexity: O(bytes), no allocation.
    /// - Throws: ``BlockError`` when the check byte does not prove the block whole, because the new check byte would hide
    ///   that; when there can be no such degree; and when the block has no room for it, which none lacks that fitted.
    @unsafe
    public func withRewrittenDegree(
        _ degree: UInt32?, isLast: Bool, into storage: UnsafeMutableRawBufferPointer
    ) throws(BlockError) -> Int {
        try validateCheck()
        if let degree, isLast || degree <= UInt32(count) {
            throw .degreeMismatch(degree: degree, count: UInt32(count), isLast: isLast)
        }
        let headBytes = 2 + count.varintSize + (degree?.varintSize ?? 0) + first.varintSize
        let byteCount = headBytes + bytes.byteCount - groupsOffset
        guard byteCount <= NeighborBlock.blockBytesMax else { throw .tooLong(bytes: byteCount) }
        var writer = unsafe BlockWriter(storage)
        writer.head(isLast: isLast, columns: columns, count: count, degree: degree)
        writer.varint(first)
        writer.raw(bytes, from: groupsOffset)
        return unsafe NeighborBlockEncoder.seal(writer.offset, in: storage)
    }
}

extension BlockWriter {
    /// The head up to the first neighbour; the check byte is left 0.
    mutating func head(isLast: Bool, columns: EdgeColumns, count: Int, degree: UInt32?) {
        let last = isLast ? NeighborBlock.Flag.last : 0
        let degreeFollows = degree == nil ? 0 : NeighborBlock.Flag.degree
        byte(last | degreeFollows | columns.rawValue << NeighborBlock.Flag.columnsShift)
        byte(0)
        varint(UInt32(count))
        if let degree { varint(degree) }
    }
}

/// The earliest and the latest of some times.
private struct TimeSpan {
    private var earliest = UInt32.max
    private var latest: UInt32 = 0

    @inline(__always)
    mutating func add(_ times: UnsafePointer<UInt32>, _ count: Int) {
        for index in 0..<count {
            earliest = unsafe min(earliest, times[index])
            latest = unsafe max(latest, times[index])
        }
    }

    /// What a column of `count` such times takes.
    func columnBytes(_ count: Int) -> Int { 5 + (count * (latest &- earliest).significantBits + 7) >> 3 }
}

extension FixedWidthInteger {
    /// How many bytes the number takes with 7 bits in each.
    fileprivate var varintSize: Int { (Self.bitWidth - (self | 1).leadingZeroBitCount + 6) / 7 }
}

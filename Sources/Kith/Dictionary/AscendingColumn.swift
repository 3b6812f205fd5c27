/// Strictly ascending numbers, findable by value: gaps at one bit width, and an anchor before every 32.
///
/// ```
/// varint  first
/// u8      width     b, 0 ... 64: the least that holds every gap - 1; when it is 0, nothing follows
/// u8      width     a of the anchors                            only when there are more than 32 numbers
/// bits    anchors   numbers 32, 64, ... less the first, a bits each
/// bits    gaps      of all other numbers but the first: gap to the one before it, less 1, b bits each
/// ```
/// Numbers without a hole, as the ids of nodes are while none was removed, take no bits at all, and finding one is a
/// subtraction. Else a binary search among the anchors and a walk along at most 31 gaps.
struct AscendingColumn {
    /// How many numbers share an anchor.
    static let groupSize = 32

    let first: UInt64
    private let count: Int
    private let gapWidth: Int
    private let anchorWidth: Int
    /// Bit numbers of the first anchor and the first gap.
    private let anchors: Int
    private let gaps: Int

    /// Reads the head of a column of `count` >= 1 numbers and moves past the whole of it.
    @inline(__always)
    init(of count: Int, in bytes: RawSpan, at offset: inout Int) throws(DictionaryBlockError) {
        self.count = count
        first = try bytes.varint(at: &offset)
        let gapWidth = try bytes.byte(at: &offset)
        guard gapWidth <= 64 else { throw .widthTooLarge(gapWidth) }
        self.gapWidth = Int(gapWidth)
        let groups = AscendingColumn.groups(of: count)
        if gapWidth > 0, groups > 1 {
            let anchorWidth = try bytes.byte(at: &offset)
            guard anchorWidth <= 64 else { throw .widthTooLarge(anchorWidth) }
            self.anchorWidth = Int(anchorWidth)
        } else {
            anchorWidth = 0
        }
        anchors = offset &* 8
        offset &+= packedBytes(groups &- 1, anchorWidth)
        gaps = offset &* 8
        offset &+= packedBytes(count &- groups, self.gapWidth)
        guard offset <= bytes.byteCount else { throw .truncated(bytes: bytes.byteCount) }
    }

    @inline(__always)
    private static func groups(of count: Int) -> Int {
        (count &+ groupSize &- 1) / groupSize
    }

    /// How far the first number of a group is from the first of all.
    @inline(__always)
    private func anchor(_ group: Int, in bytes: RawSpan) -> UInt64 {
        group == 0 ? 0 : bytes.bits(at: anchors &+ (group &- 1) &* anchorWidth, width: anchorWidth)
    }

    /// The place of `number`, or nil when the column does not have it.
    @inline(__always)
    func index(of number: UInt64, in bytes: RawSpan) -> Int? {
        guard number >= first else { return nil }
        let distance = number &- first
        if gapWidth == 0 { return distance < UInt64(count) ? Int(distance) : nil }
        var group = 0
        var end = AscendingColumn.groups(of: count)
        while end &- group > 1 {
            let middle = (group &+ end) &>> 1
            if anchor(middle, in: bytes) <= distance { group = middle } else { end = middle }
        }
        var reached = anchor(group, in: bytes)
        var index = group &* AscendingColumn.groupSize
        let groupEnd = min(index &+ AscendingColumn.groupSize, count)
        var bit = gaps &+ group &* (AscendingColumn.groupSize &- 1) &* gapWidth
        // As many gaps at a time as 64 bits hold.
        let mask = UInt64.max &>> UInt64(truncatingIfNeeded: 64 &- gapWidth)
        let shift = UInt64(truncatingIfNeeded: gapWidth)
        while reached < distance {
            var some = bytes.bits(at: bit, width: 64)
            var left = 64
            while left >= gapWidth, reached < distance {
                index &+= 1
                guard index < groupEnd else { return nil }
                reached = reached &+ (some & mask) &+ 1
                some >>= shift
                left &-= gapWidth
            }
            bit &+= 64 &- left
        }
        return reached == distance ? index : nil
    }

    /// The greatest number. O(32).
    func last(in bytes: RawSpan) throws(DictionaryBlockError) -> UInt64 {
        let group = AscendingColumn.groups(of: count) - 1
        var (number, isOver) = first.addingReportingOverflow(anchor(group, in: bytes))
        let start = group * AscendingColumn.groupSize
        if gapWidth == 0 {
            (number, isOver) = first.addingReportingOverflow(UInt64(count - 1))
        } else {
            var bit = gaps + group * (AscendingColumn.groupSize - 1) * gapWidth
            for _ in start + 1..<max(count, start + 1) where !isOver {
                let (next, isOverBefore) = number.addingReportingOverflow(1)
                (number, isOver) = next.addingReportingOverflow(bytes.bits(at: bit, width: gapWidth))
                isOver = isOver || isOverBefore
                bit += gapWidth
            }
        }
        if isOver { throw .overflow }
        return number
    }

    /// Whether `number` is the one behind the last of a column without holes, which stays as it is when that comes in.
    func isNext(_ number: UInt64) -> Bool {
        gapWidth == 0 && number > first && number - first == UInt64(count)
    }

    /// Visits all numbers in ascending order.
    @inline(__always)
    func forEach(
        in bytes: RawSpan, _ visit: (UInt64) throws(DictionaryBlockError) -> Void
    ) throws(DictionaryBlockError) {
        var previous = first
        try visit(first)
        var bit = gaps
        for index in 1..<max(count, 1) {
            let number: UInt64
            let isOver: Bool
            if gapWidth > 0, index % AscendingColumn.groupSize == 0 {
                let distance = anchor(index / AscendingColumn.groupSize, in: bytes)
                (number, isOver) = first.addingReportingOverflow(distance)
            } else {
                let gap = bytes.bits(at: bit, width: gapWidth)
                bit &+= gapWidth
                guard previous < .max, gap <= .max - previous - 1 else { throw .overflow }
                (number, isOver) = (previous + 1 + gap, false)
            }
            guard !isOver else { throw .overflow }
            guard number > previous else { throw .notAscending(entry: index) }
            try visit(number)
            previous = number
        }
    }
}

extension AscendingColumn {
    /// What a column of some numbers takes, known while they are added in ascending order.
    struct Extent {
        private(set) var count = 0
        private(set) var first: UInt64 = 0
        private var last: UInt64 = 0
        private var lastAnchor: UInt64 = 0
        private var gapUnion: UInt64 = 0

        @inline(__always)
        mutating func add(_ number: UInt64) {
            if count == 0 {
                first = number
                lastAnchor = number
            } else {
                precondition(number > last, "\(number) does not ascend after \(last)")
                gapUnion |= number &- last &- 1
                if count % groupSize == 0 { lastAnchor = number }
            }
            last = number
            count &+= 1
        }

        var gapWidth: Int { gapUnion.significantBits }
        var anchorWidth: Int { (lastAnchor &- first).significantBits }
        var groups: Int { AscendingColumn.groups(of: count) }

        var byteCount: Int {
            let head = first.varintSize &+ 1
            guard gapWidth > 0 else { return head }
            let anchorBytes = groups > 1 ? 1 &+ packedBytes(groups &- 1, anchorWidth) : 0
            return head &+ anchorBytes &+ packedBytes(count &- groups, gapWidth)
        }
    }
}

extension DictionaryBlockWriter {
    /// The column of `extent`, whose numbers `number` gives.
    @inline(__always)
    mutating func column(_ extent: AscendingColumn.Extent, _ number: (Int) -> UInt64) {
        varint(extent.first)
        byte(extent.gapWidth)
        guard extent.gapWidth > 0 else { return }
        let groupSize = AscendingColumn.groupSize
        if extent.groups > 1 {
            byte(extent.anchorWidth)
            packed(extent.groups - 1, extent.anchorWidth) { number(($0 &+ 1) &* groupSize) &- extent.first }
        }
        packed(extent.count - extent.groups, extent.gapWidth) { slot in
            let index = slot &+ slot / (groupSize &- 1) &+ 1
            return number(index) &- number(index &- 1) &- 1
        }
    }
}

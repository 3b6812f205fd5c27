/// How many bytes a part of a list takes as a block, without encoding it.
///
/// Counts the head at its largest, whatever it will say, so that a block that fits still does when its head changes.
public enum BlockSize {
    /// Flags, check, and three integers of at most 2, 5 and 5 bytes.
    static let headBytesMax = 2 + 2 + 5 + 5

    /// Whether `range` of `list` can be one block. O(range).
    public static func fits(_ range: Range<Int>, of list: NeighborList) -> Bool {
        fittingEnd(range, of: list) == range.upperBound
    }

    /// The end of the longest part of `range`, from its start, that can be one block. O(part).
    public static func fittingEnd(_ range: Range<Int>, of list: NeighborList) -> Int {
        var end = range.lowerBound
        unsafe list.withColumns { columns in
            end = unsafe fittingEnd(range, of: columns)
        }
        return end
    }

    private static func fittingEnd(_ range: Range<Int>, of list: ListColumns) -> Int {
        let start = range.lowerBound
        let end = min(range.upperBound, start + NeighborBlock.neighborsMax)
        guard start < end else { return start }
        let weightBytes = unsafe list.weights == nil ? 0 : 4
        let times = unsafe list.times
        // Whole groups behind us, in bytes; and the group we are in.
        var closedBytes = headBytesMax
        var union: UInt32 = 0
        var grouped = 0
        var earliest = UInt32.max
        var latest: UInt32 = 0
        for index in start..<end {
            if index > start {
                if grouped == NeighborBlock.groupSize {
                    closedBytes += groupBytes(grouped, union)
                    union = 0
                    grouped = 0
                }
                union |= unsafe list.neighbors[index] &- list.neighbors[index - 1] &- 1
                grouped += 1
            }
            let count = index - start + 1
            var bytes = closedBytes + groupBytes(grouped, union) + weightBytes * count
            if let times = unsafe times {
                earliest = unsafe min(earliest, times[index])
                latest = unsafe max(latest, times[index])
                let width = UInt32.bitWidth - (latest - earliest).leadingZeroBitCount
                bytes += 5 + (count * width + 7) >> 3
            }
            if bytes > NeighborBlock.bytesMax { return index }
        }
        return end
    }

    private static func groupBytes(_ size: Int, _ union: UInt32) -> Int {
        size == 0 ? 0 : 1 + (size * (UInt32.bitWidth - union.leadingZeroBitCount) + 7) >> 3
    }
}

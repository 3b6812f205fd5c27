/// The names by which the store asks ``NeighborBlockEncoder`` what fits a block.
public enum BlockSize {
    /// Whether `range` of `list` can be one block. O(range).
    public static func fits(_ range: Range<Int>, of list: NeighborList) -> Bool {
        NeighborBlockEncoder.fits(range, of: list)
    }

    /// The end of the longest part of `range`, from its start, that can be one block. O(part).
    @unsafe
    public static func fittingEnd(_ range: Range<Int>, of list: ListColumns) -> Int {
        unsafe range.lowerBound + NeighborBlockEncoder.fittingCount(range, of: list)
    }
}

/// Memory in which one block after another is encoded: allocated once, lent as a span.
///
/// The safe floor over ``NeighborBlockEncoder``: owns ``NeighborBlockEncoder/storageBytes`` bytes.
@safe public struct BlockBuffer: ~Copyable {
    private let storage: UnsafeMutableRawBufferPointer
    private var count = 0

    /// Memory for one block.
    public init() {
        unsafe storage = .allocate(byteCount: NeighborBlockEncoder.storageBytes, alignment: 8)
    }

    deinit {
        unsafe storage.deallocate()
    }

    /// The block encoded last; empty at first.
    public var span: RawSpan {
        @_lifetime(borrow self)
        get {
            let bytes = unsafe UnsafeRawBufferPointer(rebasing: storage[..<count])
            return unsafe _overrideLifetime(RawSpan(_unsafeBytes: bytes), borrowing: self)
        }
    }
}

extension BlockBuffer {
    /// Encodes a part of a list as a block.
    ///
    /// - Parameters:
    ///   - range: the part: not empty, and one that ``NeighborBlockEncoder/fits(_:of:)``.
    ///   - isLast: whether no block of the node follows.
    ///   - degree: the node's degree, in the first block of a node that has several; else nil.
    /// - Complexity: O(range), no allocation.
    public mutating func encode(_ range: Range<Int>, of list: NeighborList, isLast: Bool, degree: UInt32?) {
        precondition(range.upperBound <= list.count, "\(range) is not within a list of \(list.count)")
        count = unsafe list.withColumns { columns in
            unsafe NeighborBlockEncoder.encode(range, of: columns, isLast: isLast, degree: degree, into: storage)
        }
    }

    /// ``encode(_:of:isLast:degree:)`` of a list that lies in memory of the caller.
    @unsafe
    public mutating func encode(_ range: Range<Int>, of list: ListColumns, isLast: Bool, degree: UInt32?) {
        count = unsafe NeighborBlockEncoder.encode(range, of: list, isLast: isLast, degree: degree, into: storage)
    }

    /// Encodes a block again with another head: ``NeighborBlock/withRewrittenDegree(_:isLast:into:)``.
    ///
    /// - Throws: ``BlockError``; the buffer then keeps what it had.
    public mutating func encode(
        _ block: borrowing NeighborBlock, isLast: Bool, degree: UInt32?
    ) throws(BlockError) {
        count = unsafe try block.withRewrittenDegree(degree, isLast: isLast, into: storage)
    }

    /// Encodes the list of a node, or a part of it, block by block in ascending order: as few blocks as there can be.
    ///
    /// Part by part, the blocks are those of the whole list, which need not lie in memory at once.
    /// - Parameters:
    ///   - list: the part, or the whole list.
    ///   - count: how many neighbours the part has.
    ///   - offset: how many neighbours of the list come before it.
    ///   - degree: how many neighbours the list has.
    ///   - bytesMax: how long the next block may be, asked before each; see
    ///     ``NeighborBlockEncoder/fittingCount(_:of:bytesMax:)``.
    ///   - body: is given what the block's key says, 0 for the first block and its first neighbour for the others, and
    ///     the block, which is good for that call only.
    /// - Returns: how many neighbours of the part are in blocks now: all of the last part; of another all but the last few,
    ///   fewer than ``NeighborBlock/neighborsMax``. Those come again, with what follows them.
    /// - Complexity: O(count), no allocation.
    /// - Throws: what `body` throws.
    @unsafe
    public mutating func encodePart<Failure>(
        of list: ListColumns, count: Int, at offset: Int, of degree: Int,
        bytesMax: () -> Int = { NeighborBlock.blockBytesMax },
        _ body: (_ key: UInt32, _ block: RawSpan) throws(Failure) -> Void
    ) throws(Failure) -> Int {
        var start = 0
        // What a block has depends on as many neighbours as it may have, and on whether there are more.
        while start < count, offset + count == degree || count - start >= NeighborBlock.neighborsMax {
            let end =
                unsafe start
                + NeighborBlockEncoder.fittingCount(start..<count, of: list, bytesMax: bytesMax())
            let isFirst = offset + start == 0
            let isLast = offset + end == degree
            unsafe encode(
                start..<end, of: list, isLast: isLast, degree: isFirst && !isLast ? UInt32(degree) : nil)
            try unsafe body(isFirst ? 0 : list.neighbors[start], span)
            start = end
        }
        return start
    }

    /// ``encodePart(of:count:at:of:bytesMax:_:)`` of a list in arrays.
    public mutating func encodePart<Failure>(
        of list: NeighborList, at offset: Int, of degree: Int,
        _ body: (_ key: UInt32, _ block: RawSpan) throws(Failure) -> Void
    ) throws(Failure) -> Int {
        if list.isEmpty { return 0 }
        let result: Result<Int, Failure> = unsafe list.withColumns { columns in
            do throws(Failure) {
                return .success(unsafe try encodePart(of: columns, count: list.count, at: offset, of: degree, body))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }
}

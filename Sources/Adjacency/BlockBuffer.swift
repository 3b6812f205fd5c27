/// Memory in which one block after another is encoded.
///
/// Owns ``NeighborBlock/bytesMax`` bytes and a little more, so that numbers can be written eight bytes at a time; lends
/// what was encoded last.
@safe public struct BlockBuffer: ~Copyable {
    private let storage: UnsafeMutableRawPointer
    private var count = 0

    /// Room behind a block for the last write of eight bytes.
    private static let slack = 16

    /// Memory for one block.
    public init() {
        unsafe storage = .allocate(byteCount: NeighborBlock.bytesMax + BlockBuffer.slack, alignment: 8)
    }

    deinit {
        unsafe storage.deallocate()
    }

    /// What was encoded last; empty at first.
    public var span: RawSpan {
        @_lifetime(borrow self)
        get {
            let bytes = unsafe UnsafeRawBufferPointer(start: storage, count: count)
            return unsafe _overrideLifetime(RawSpan(_unsafeBytes: bytes), borrowing: self)
        }
    }
}

extension BlockBuffer {
    /// Encodes a part of a list as a block.
    ///
    /// - Parameters:
    ///   - range: the part; not empty, and one that ``BlockSize/fits(_:of:)``.
    ///   - isLast: whether no block of the node follows.
    ///   - degree: the node's degree, in the first block of a node that has several.
    public mutating func encode(_ range: Range<Int>, of list: NeighborList, isLast: Bool, degree: UInt32?) {
        unsafe list.withColumns { columns in
            unsafe encode(range, of: columns, isLast: isLast, degree: degree)
        }
    }

    private mutating func encode(_ range: Range<Int>, of list: ListColumns, isLast: Bool, degree: UInt32?) {
        var columns: EdgeColumns = []
        if unsafe list.weights != nil { columns.insert(.weight) }
        if unsafe list.times != nil { columns.insert(.time) }
        let first = unsafe list.neighbors[range.lowerBound]
        var writer = startBlock(isLast: isLast, columns: columns, count: range.count, degree: degree)
        writer.varint(first)
        unsafe writer.gaps(list.neighbors, range)
        if let weights = unsafe list.weights {
            for index in range { unsafe writer.uint32(weights[index].bitPattern) }
        }
        if let times = unsafe list.times { unsafe writer.times(times, range) }
        finishBlock(writer)
    }

    /// Encodes a block again with another head: its neighbours and values stay what they are.
    ///
    /// - Parameter degree: as in ``encode(_:of:isLast:degree:)``.
    public mutating func encode(_ block: borrowing NeighborBlock, isLast: Bool, degree: UInt32?) throws(BlockError) {
        var writer = startBlock(isLast: isLast, columns: block.columns, count: block.count, degree: degree)
        writer.varint(block.first)
        let rest = unsafe block.bytes[block.groupsOffset...]
        guard unsafe writer.offset + rest.count <= NeighborBlock.bytesMax else {
            throw unsafe .trailingBytes(writer.offset + rest.count - NeighborBlock.bytesMax)
        }
        unsafe writer.raw(UnsafeRawBufferPointer(rebasing: rest))
        finishBlock(writer)
    }

    private func startBlock(isLast: Bool, columns: EdgeColumns, count: Int, degree: UInt32?) -> BitWriter {
        var writer = unsafe BitWriter(storage)
        let last = isLast ? NeighborBlock.Flag.last : 0
        let degreeFlag = degree == nil ? 0 : NeighborBlock.Flag.degree
        writer.byte(last | degreeFlag | columns.rawValue << NeighborBlock.Flag.columnsShift)
        writer.byte(0)
        writer.varint(UInt32(count))
        if let degree { writer.varint(degree) }
        return writer
    }

    private mutating func finishBlock(_ writer: BitWriter) {
        count = writer.offset
        precondition(count <= NeighborBlock.bytesMax, "a range that does not fit a block was encoded")
        let bytes = unsafe UnsafeRawBufferPointer(start: storage, count: count)
        unsafe storage.storeBytes(of: CRC32C.checkByte(ofBlock: bytes), toByteOffset: 1, as: UInt8.self)
    }
}

/// The arrays of a list, lent: neighbours ascending, weights and times beside them or nil.
@unsafe struct ListColumns {
    let neighbors: UnsafePointer<UInt32>
    let weights: UnsafePointer<Float>?
    let times: UnsafePointer<UInt32>?
}

extension NeighborList {
    /// Lends the arrays.
    func withColumns(_ body: (ListColumns) -> Void) {
        unsafe neighbors.withUnsafeBufferPointer { neighbors in
            unsafe weights.withUnsafeBufferPointer { weights in
                unsafe times.withUnsafeBufferPointer { times in
                    guard let start = neighbors.baseAddress else { return }
                    unsafe body(
                        ListColumns(
                            neighbors: start, weights: columns.contains(.weight) ? weights.baseAddress : nil,
                            times: columns.contains(.time) ? times.baseAddress : nil))
                }
            }
        }
    }
}

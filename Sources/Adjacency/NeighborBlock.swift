/// A view of one neighbour block: a part of a node's sorted neighbour list, with what its edges carry.
///
/// ```
/// u8      flags    bit 0: last block of the node   bit 1: degree follows   bit 2: weights   bit 3: times
///                  bit 4: reserved for times at which edges end            bits 5-7: 0
/// u8      check    low byte of the CRC-32C of the block without this byte
/// varint  count    1 ... 4,096
/// varint  degree   of the whole node; only in the first block of a node that has several
/// varint  first    the block's first neighbour
/// groups of up to 32 of the others: u8 width b, then (gap - 1) to the previous neighbour, b bits each
/// weights count x Float32
/// times   u32 earliest, u8 width b, then (time - earliest), b bits each
/// ```
/// Integers are little-endian, packed bits start at the least significant, zero bits fill a group's last byte, and a
/// varint holds 7 bits a byte, least significant first. Every width is the least possible, so a list has one encoding.
///
/// **Invariant:** whatever the bytes are, reading them gives strictly ascending neighbours or a ``BlockError``, and no
/// load crosses their end. **Cost:** making a view reads the head, O(1); neighbours cost a load, a shift, a mask and an
/// addition each; columns cost nothing until asked for.
///
/// **Unsafety:** loads are unchecked and unaligned, because values in the store start anywhere and this is the hot path of
/// everything; each is preceded by a check of its whole group. The view cannot outlive its bytes.
public struct NeighborBlock: ~Escapable {
    /// The most bytes a block has: two of them fill a leaf page of LMDB exactly.
    ///
    /// A 4,096-byte page has 4,080 after its header; half of that, less the 2-byte index entry, is 2,038 for a node, whose
    /// head takes 8 and whose key 8. A longer block would move to an overflow page of its own.
    public static let blockBytesMax = 2_022

    /// The most neighbours a block has: bounds what an edit decodes where gaps are so small that bytes do not.
    public static let neighborsMax = 4_096

    /// How many neighbours share a bit width.
    @inlinable static var groupSize: Int { 32 }

    enum Flag {
        static let last: UInt8 = 1
        static let degree: UInt8 = 2
        static let columnsShift: UInt8 = 2
        /// Reserved for the column ``EdgeColumns`` reserves; no block has it, and one that has is refused.
        static let expiry: UInt8 = 16
    }

    /// The bytes, as long as they were given.
    @usableFromInline let bytes: RawSpan
    @usableFromInline let flags: UInt8
    /// Where the groups start.
    @usableFromInline let groupsOffset: Int
    /// How many neighbours the block has: 1 to ``neighborsMax``.
    public let count: Int
    /// How many neighbours the node has, if this is its first block; else ``count``.
    public let degree: UInt32
    /// The block's first neighbour.
    public let first: UInt32

    /// Whether no block of the node follows.
    @inlinable public var isLast: Bool { flags & 1 != 0 }
    /// Whether the head carries the node's degree: in the first block of a node that has several.
    @inlinable public var hasDegree: Bool { flags & 2 != 0 }
    /// What the edges carry.
    @inlinable public var columns: EdgeColumns { EdgeColumns(rawValue: flags >> 2) }

    /// Reads the head of a block. O(1).
    ///
    /// - Throws: ``BlockError`` when the bytes cannot be one.
    @inlinable
    @_lifetime(copy bytes)
    public init(_ bytes: RawSpan) throws(BlockError) {
        guard bytes.byteCount >= 4 else { throw .truncated(bytes: bytes.byteCount) }
        let flags = unsafe bytes.unsafeLoad(fromUncheckedByteOffset: 0, as: UInt8.self)
        guard flags < 16 else { throw .unknownFlags(flags) }
        var offset = 2
        let count = try NeighborBlock.varint(in: bytes, at: &offset)
        guard count >= 1 else { throw .emptyBlock }
        guard count <= 4_096 else { throw .tooManyNeighbors(count) }
        var degree = count
        if flags & 2 != 0 {
            degree = try NeighborBlock.varint(in: bytes, at: &offset)
            guard degree > count, flags & 1 == 0 else {
                throw .degreeMismatch(degree: degree, count: count, isLast: flags & 1 != 0)
            }
        }
        first = try NeighborBlock.varint(in: bytes, at: &offset)
        self.bytes = bytes
        self.flags = flags
        self.count = Int(truncatingIfNeeded: count)
        self.degree = degree
        groupsOffset = offset
    }

    /// Reads an integer of up to 32 bits and moves past it.
    @inlinable
    @inline(__always)
    static func varint(in bytes: RawSpan, at offset: inout Int) throws(BlockError) -> UInt32 {
        guard offset < bytes.byteCount else { throw .truncated(bytes: bytes.byteCount) }
        let byte = unsafe bytes.unsafeLoad(fromUncheckedByteOffset: offset, as: UInt8.self)
        offset &+= 1
        if byte < 0x80 { return UInt32(byte) }
        return try varint(in: bytes, at: &offset, after: byte)
    }

    /// The bytes after the first of a longer integer.
    @usableFromInline
    static func varint(in bytes: RawSpan, at offset: inout Int, after head: UInt8) throws(BlockError) -> UInt32 {
        var value = UInt64(head & 0x7F)
        var shift: UInt64 = 7
        while offset < bytes.byteCount {
            let byte = unsafe bytes.unsafeLoad(fromUncheckedByteOffset: offset, as: UInt8.self)
            offset &+= 1
            value |= UInt64(byte & 0x7F) &<< shift
            if byte < 0x80 {
                guard byte != 0 else { throw .notCanonical(.integer) }
                guard let value = UInt32(exactly: value) else { throw .integerOverflow }
                return value
            }
            shift &+= 7
            guard shift < 35 else { throw .integerOverflow }
        }
        throw .truncated(bytes: bytes.byteCount)
    }
}

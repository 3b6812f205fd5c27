/// A view of one neighbour block: a part of a node's sorted neighbour list, with what its edges carry.
///
/// ```
/// u8 flags, u8 check, varint count, [varint degree], varint first,
/// groups of up to 32: u8 width b, then the gaps less 1, b bits each, packed
/// [count x Float32], [u32 earliest time, u8 width, packed offsets]
/// ```
/// Making a view reads the head only, O(1). Whatever the bytes are, reading them gives ascending neighbours or an error;
/// no load crosses their end. The bytes' form is fixed by the page FileFormat of the documentation.
///
/// **Unsafety:** bytes are reached by pointer, because values in the store are not aligned and the loads are the hot path
/// of everything; the view cannot outlive what it was made from.
@safe public struct NeighborBlock: ~Escapable {
    /// The most bytes a block has. A leaf page of LMDB, 4,096 bytes, takes two nodes of 2,038 bytes; 8 of those are the
    /// node's head and 8 the key. A byte more and a block would take a page of its own.
    public static let bytesMax = 2_022

    /// The most neighbours a block has: bounds what an edit decodes where gaps are so small that bytes do not.
    public static let neighborsMax = 4_096

    /// How many neighbours share a bit width.
    @inlinable static var groupSize: Int { 32 }

    enum Flag {
        static let last: UInt8 = 1
        static let degree: UInt8 = 2
        static let columnsShift: UInt8 = 2
        static let known: UInt8 = 0b1111
    }

    @usableFromInline let bytes: UnsafeRawBufferPointer
    /// How many bytes there are.
    @usableFromInline let byteCount: Int
    /// Where the groups start.
    @usableFromInline let groupsOffset: Int
    /// How many neighbours the block has, at least one.
    public let count: Int
    /// How many neighbours the node has, if this is its first block; else ``count``.
    public let degree: UInt32
    /// The block's first neighbour.
    public let first: UInt32
    /// The first byte.
    @usableFromInline let flags: UInt8

    /// Whether no block of the node follows.
    @inlinable public var isLast: Bool { flags & 1 != 0 }
    /// Whether the head carries the node's degree.
    public var hasDegree: Bool { flags & Flag.degree != 0 }
    /// What the edges carry.
    @inlinable public var columns: EdgeColumns { EdgeColumns(rawValue: flags >> 2) }

    /// Reads the head of a block.
    ///
    /// - Throws: ``BlockError`` when the bytes cannot be one.
    @inlinable
    @_lifetime(copy span)
    public init(_ span: RawSpan) throws(BlockError) {
        let bytes = unsafe span.withUnsafeBytes { unsafe $0 }
        byteCount = span.byteCount
        guard byteCount >= 4 else { throw .truncated(bytes: byteCount) }
        let flags = unsafe bytes[0]
        guard flags & 0b1111_0000 == 0 else { throw .unknownFlags(flags) }
        var offset = 2
        let count = try unsafe NeighborBlock.varint(in: bytes, at: &offset)
        guard count >= 1, count <= UInt32(NeighborBlock.neighborsMax) else { throw .countOutOfRange(count) }
        degree = flags & 2 == 0 ? count : try unsafe NeighborBlock.varint(in: bytes, at: &offset)
        first = try unsafe NeighborBlock.varint(in: bytes, at: &offset)
        self.count = Int(count)
        self.flags = flags
        groupsOffset = offset
        unsafe self.bytes = unsafe bytes
    }

    /// Reads an integer of up to 32 bits, 7 bits a byte, the least significant first.
    @inlinable
    @inline(__always)
    static func varint(in bytes: UnsafeRawBufferPointer, at offset: inout Int) throws(BlockError) -> UInt32 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while offset < bytes.count {
            let byte = unsafe bytes[offset]
            offset += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 {
                guard value <= UInt64(UInt32.max) else { throw .badInteger }
                return UInt32(truncatingIfNeeded: value)
            }
            shift += 7
            guard shift < 35 else { throw .badInteger }
        }
        throw .truncated(bytes: bytes.count)
    }
}

extension NeighborBlock {
    /// Visits all neighbours in ascending order, up to 33 at a time.
    ///
    /// Every neighbour visited is below `limit`, whatever the bytes are, so the visitor may use it as an index of an array
    /// of that size. What was visited before an error was thrown was visited.
    /// - Complexity: O(count): a load, a shift, a mask and an addition each.
    /// - Throws: ``BlockError``.
    @inlinable
    @inline(__always)
    public func forEachGroup(
        below limit: UInt32, _ visit: (UnsafeBufferPointer<UInt32>) -> Void
    ) throws(BlockError) {
        _ = try unsafe walkGroups(below: limit) { group in
            unsafe visit(group)
            return true
        }
    }

    /// Visits groups until `visit` answers false; answers where the groups end, if all were visited.
    @inlinable
    @inline(__always)
    func walkGroups(
        below limit: UInt32, _ visit: (UnsafeBufferPointer<UInt32>) -> Bool
    ) throws(BlockError) -> Int? {
        // Room for the first neighbour and a group; the first stands before the first group.
        var storage = (SIMD32<UInt32>(), UInt32(0))
        return try unsafe withUnsafeMutablePointer(to: &storage) { pointer throws(BlockError) -> Int? in
            let buffer = unsafe UnsafeMutableRawPointer(pointer).assumingMemoryBound(to: UInt32.self)
            unsafe buffer[0] = first
            var filled = 1
            var previous = UInt64(first)
            var remaining = count - 1
            var offset = groupsOffset
            while true {
                let size = min(remaining, NeighborBlock.groupSize)
                if size > 0 {
                    previous = try unsafe decodeGroup(
                        of: size, at: &offset, after: previous, into: buffer + filled)
                }
                guard previous < UInt64(limit) else { throw .neighborOutOfRange(previous, limit: limit) }
                guard unsafe visit(UnsafeBufferPointer(start: buffer, count: filled + size)) else { return nil }
                remaining -= size
                filled = 0
                if remaining == 0 { return offset }
            }
        }
    }

    /// Decodes the group at `offset`, moves past it, and answers its last neighbour, which may be above 32 bits.
    @inlinable
    @inline(__always)
    func decodeGroup(
        of size: Int, at offset: inout Int, after last: UInt64, into buffer: UnsafeMutablePointer<UInt32>
    ) throws(BlockError) -> UInt64 {
        guard offset < byteCount else { throw .truncated(bytes: byteCount) }
        let width = unsafe Int(bytes[offset])
        guard width <= 32 else { throw .widthTooLarge(UInt8(width)) }
        let start = offset + 1
        let end = start + (size * width + 7) >> 3
        guard end <= byteCount else { throw .truncated(bytes: byteCount) }
        offset = end
        var previous = last
        let mask = (UInt64(1) << UInt64(width)) &- 1
        // The last load of the group starts here; when it fits, so do all before it.
        if start + ((size - 1) * width) >> 3 + 8 <= byteCount {
            let base = unsafe bytes.baseAddress.unsafelyUnwrapped + start
            var bit = 0
            for index in 0..<size {
                let word = unsafe UInt64(littleEndian: base.loadUnaligned(fromByteOffset: bit &>> 3, as: UInt64.self))
                previous &+= ((word &>> UInt64(truncatingIfNeeded: bit & 7)) & mask) &+ 1
                unsafe buffer[index] = UInt32(truncatingIfNeeded: previous)
                bit &+= width
            }
        } else {
            for index in 0..<size {
                previous &+= (bitsNearEnd(at: start * 8 + index * width) & mask) &+ 1
                unsafe buffer[index] = UInt32(truncatingIfNeeded: previous)
            }
        }
        return previous
    }

    /// The bits from `bit` on, at least as many as the number there has: by a load that ends where the bytes do.
    @usableFromInline
    func bitsNearEnd(at bit: Int) -> UInt64 {
        if byteCount >= 8 {
            let offset = min(bit >> 3, byteCount - 8)
            let word = unsafe UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            return word >> UInt64(bit - offset * 8)
        }
        var word: UInt64 = 0
        for index in 0..<byteCount {
            word |= unsafe UInt64(bytes[index]) << UInt64(8 * index)
        }
        return word >> UInt64(bit)
    }
}

extension NeighborBlock {
    /// The place of `neighbor` among the block's, or nil when it is not there. O(count).
    ///
    /// - Throws: ``BlockError``.
    public func firstIndex(of neighbor: UInt32) throws(BlockError) -> Int? {
        guard neighbor >= first else { return nil }
        var start = 0
        var found: Int?
        _ = try unsafe walkGroups(below: .max) { group in
            if unsafe group[group.count - 1] < neighbor {
                start += group.count
                return true
            }
            found = unsafe group.firstIndex(of: neighbor).map { start + $0 }
            return false
        }
        return found
    }

    /// The value of the edge at `index`: 1 and 0 stand for columns the block does not have. O(count / 32).
    ///
    /// - Throws: ``BlockError``.
    public func value(at index: Int) throws(BlockError) -> (weight: Float, time: UInt32) {
        precondition(index >= 0 && index < count, "index \(index) is not below the count, \(count)")
        guard columns != [] else { return (1, 0) }
        let places = try columnPlaces()
        return (weight(at: index, places), time(at: index, places))
    }

    /// Where the columns are.
    struct ColumnPlaces {
        var weights: Int?
        /// Where the packed offsets are, their width, and the earliest time.
        var times: (offset: Int, width: Int, earliest: UInt32)?
        /// The end of the block.
        var end: Int
    }

    /// Finds the columns behind the groups.
    func columnPlaces() throws(BlockError) -> ColumnPlaces {
        var offset = groupsOffset
        var remaining = count - 1
        while remaining > 0 {
            guard offset < byteCount else { throw .truncated(bytes: byteCount) }
            let width = unsafe Int(bytes[offset])
            guard width <= 32 else { throw .widthTooLarge(UInt8(width)) }
            offset += 1 + (min(remaining, NeighborBlock.groupSize) * width + 7) >> 3
            remaining -= NeighborBlock.groupSize
        }
        var places = ColumnPlaces(end: offset)
        if columns.contains(.weight) {
            places.weights = offset
            offset += 4 * count
        }
        if columns.contains(.time) {
            guard offset + 5 <= byteCount else { throw .truncated(bytes: byteCount) }
            let earliest = unsafe UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
            let width = unsafe Int(bytes[offset + 4])
            guard width <= 32 else { throw .widthTooLarge(UInt8(width)) }
            places.times = (offset + 5, width, earliest)
            offset += 5 + (count * width + 7) >> 3
        }
        guard offset <= byteCount else { throw .truncated(bytes: byteCount) }
        places.end = offset
        return places
    }

    func weight(at index: Int, _ places: ColumnPlaces) -> Float {
        guard let start = places.weights else { return 1 }
        let bits = unsafe UInt32(
            littleEndian: bytes.loadUnaligned(fromByteOffset: start + 4 * index, as: UInt32.self))
        return Float(bitPattern: bits)
    }

    func time(at index: Int, _ places: ColumnPlaces) -> UInt32 {
        guard let times = places.times else { return 0 }
        let mask = (UInt64(1) << UInt64(times.width)) &- 1
        let offset = bitsNearEnd(at: times.offset * 8 + index * times.width) & mask
        return times.earliest &+ UInt32(truncatingIfNeeded: offset)
    }

    /// Whether the bytes are exactly what the block's list encodes to, and give its check byte.
    ///
    /// - Throws: ``BlockError`` that says what is wrong with them.
    public func validate(columns expected: EdgeColumns) throws(BlockError) {
        guard columns == expected else { throw .otherColumns(found: columns, expected: expected) }
        let computed = unsafe CRC32C.checkByte(ofBlock: bytes)
        let stored = unsafe bytes[1]
        guard stored == computed else { throw .checkMismatch(stored: stored, computed: computed) }
        var list = NeighborList(columns: columns)
        try list.append(self)
        let places = try columnPlaces()
        guard places.end == byteCount else { throw .trailingBytes(byteCount - places.end) }
        guard byteCount <= NeighborBlock.bytesMax else { throw .trailingBytes(byteCount - NeighborBlock.bytesMax) }
        var again = BlockBuffer()
        again.encode(0..<list.count, of: list, isLast: isLast, degree: hasDegree ? degree : nil)
        let isSame = unsafe again.span.withUnsafeBytes { unsafe $0.elementsEqual(bytes) }
        guard isSame else { throw .notCanonical }
    }
}

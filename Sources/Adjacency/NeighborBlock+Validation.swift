/// The proof that bytes are a block: every byte is accounted for, so a block that passes is its list's one encoding.
extension NeighborBlock {
    /// Proves that the check byte is that of the bytes. O(bytes).
    ///
    /// Whoever writes a block again after changing it should ask first: its new check byte would hide old damage.
    /// - Throws: ``BlockError/checkMismatch(found:expected:)``.
    public func validateCheck() throws(BlockError) {
        let expected = CRC32C.checkByte(of: bytes)
        let found = unsafe bytes.unsafeLoad(fromUncheckedByteOffset: 1, as: UInt8.self)
        guard found == expected else { throw .checkMismatch(found: found, expected: expected) }
    }

    /// Proves that the bytes are exactly what the block's list encodes to, with the check byte of those bytes.
    ///
    /// - Parameters:
    ///   - expected: the columns of the edge type; a block may leave out one whose values are all 1, or all 0.
    ///   - limit: what every neighbour must be below; 2^32 when nil.
    /// - Complexity: O(bytes), no allocation.
    /// - Throws: ``BlockError`` that says what is wrong with them.
    public func validate(columns expected: EdgeColumns, below limit: UInt32? = nil) throws(BlockError) {
        guard columns.isSubset(of: expected) else { throw .columnsMismatch(found: columns, expected: expected) }
        guard bytes.byteCount <= NeighborBlock.blockBytesMax else { throw .tooLong(bytes: bytes.byteCount) }
        try validateCheck()
        try validateGroups(below: limit.map(UInt64.init) ?? NeighborBlock.neighborsEnd)
        let places = try columnPlaces()
        if columns.contains(.time) { try validateTimes(places) }
        guard places.end == bytes.byteCount else { throw .trailingBytes(bytes.byteCount - places.end) }
    }

    private func validateGroups(below limit: UInt64) throws(BlockError) {
        var last = UInt64(first)
        var offset = groupsOffset
        var remaining = count - 1
        try unsafe withUnsafeTemporaryAllocation(of: UInt32.self, capacity: NeighborBlock.groupSize) {
            (memory) throws(BlockError) in
            let buffer = unsafe memory.baseAddress.unsafelyUnwrapped
            while remaining > 0 {
                let size = min(remaining, NeighborBlock.groupSize)
                let start = offset
                let previous = last
                last = try unsafe decodeGroup(of: size, at: &offset, after: previous, into: buffer)
                guard last < limit else { throw NeighborBlock.error(neighbor: last, limit: limit) }
                var union: UInt32 = 0
                var before = UInt32(truncatingIfNeeded: previous)
                for index in 0..<size {
                    let neighbor = unsafe buffer[index]
                    union |= neighbor &- before &- 1
                    before = neighbor
                }
                let width = unsafe Int(bytes.unsafeLoad(fromUncheckedByteOffset: start, as: UInt8.self))
                guard width == union.significantBits else { throw .notCanonical(.gapWidth) }
                guard isPadded(after: size * width, upTo: offset) else { throw .notCanonical(.gapPadding) }
                remaining -= size
            }
            guard last < limit else { throw NeighborBlock.error(neighbor: last, limit: limit) }
        }
    }

    private func validateTimes(_ places: ColumnPlaces) throws(BlockError) {
        var earliest = UInt64.max
        var latest: UInt64 = 0
        for index in 0..<count {
            let time = wideTime(at: index, places)
            earliest = min(earliest, time)
            latest = max(latest, time)
        }
        guard latest < NeighborBlock.neighborsEnd else { throw .timeOverflow }
        guard earliest == UInt64(places.earliest) else { throw .notCanonical(.timeBase) }
        guard places.timeWidth == UInt32(truncatingIfNeeded: latest &- earliest).significantBits else {
            throw .notCanonical(.timeWidth)
        }
        guard isPadded(after: count * places.timeWidth, upTo: places.end) else { throw .notCanonical(.timePadding) }
    }

    /// Whether the packed numbers of `bitCount` bits that end with the byte before `end` leave zero bits in it.
    private func isPadded(after bitCount: Int, upTo end: Int) -> Bool {
        guard bitCount & 7 != 0 else { return true }
        return unsafe bytes.unsafeLoad(fromUncheckedByteOffset: end - 1, as: UInt8.self) &>> UInt8(bitCount & 7) == 0
    }
}

extension UInt32 {
    /// How many bits the number takes without its leading zeros.
    @inline(__always)
    var significantBits: Int { UInt32.bitWidth &- leadingZeroBitCount }
}

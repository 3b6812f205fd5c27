/// What the edges carry stands behind the neighbours: found by walking the group widths, then O(1) an edge.
extension NeighborBlock {
    /// Where the columns are.
    struct ColumnPlaces {
        /// Where the weights start.
        var weights = 0
        /// Where the packed time offsets start, in bytes; their width in bits; what they are added to.
        var times = 0
        var timeWidth = 0
        var earliest: UInt32 = 0
        /// Where the block ends.
        var end = 0
    }

    /// Finds the columns behind the groups, all of them within the bytes. O(count / 32).
    func columnPlaces() throws(BlockError) -> ColumnPlaces {
        let byteCount = bytes.byteCount
        var offset = groupsOffset
        var remaining = count - 1
        while remaining > 0 {
            guard offset < byteCount else { throw .truncated(bytes: byteCount) }
            let width = unsafe bytes.unsafeLoad(fromUncheckedByteOffset: offset, as: UInt8.self)
            guard width <= 32 else { throw .widthTooLarge(width) }
            offset += 1 + (min(remaining, NeighborBlock.groupSize) * Int(width) + 7) >> 3
            remaining -= NeighborBlock.groupSize
        }
        var places = ColumnPlaces()
        if columns.contains(.weight) {
            places.weights = offset
            offset += 4 * count
        }
        if columns.contains(.time) {
            guard offset + 5 <= byteCount else { throw .truncated(bytes: byteCount) }
            places.earliest = unsafe UInt32(
                littleEndian: bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt32.self))
            let width = unsafe bytes.unsafeLoad(fromUncheckedByteOffset: offset + 4, as: UInt8.self)
            guard width <= 32 else { throw .widthTooLarge(width) }
            places.times = offset + 5
            places.timeWidth = Int(width)
            offset += 5 + (count * Int(width) + 7) >> 3
        }
        guard offset <= byteCount else { throw .truncated(bytes: byteCount) }
        places.end = offset
        return places
    }

    @inline(__always)
    func weight(at index: Int, _ places: ColumnPlaces) -> Float {
        Float(
            bitPattern: unsafe UInt32(
                littleEndian: bytes.unsafeLoadUnaligned(
                    fromUncheckedByteOffset: places.weights &+ 4 &* index, as: UInt32.self)))
    }

    /// The time at `index`, which may be more than 32 bits.
    @inline(__always)
    func wideTime(at index: Int, _ places: ColumnPlaces) -> UInt64 {
        let mask = (UInt64(1) &<< UInt64(truncatingIfNeeded: places.timeWidth)) &- 1
        let offset = bits(at: places.times &* 8 &+ index &* places.timeWidth) & mask
        return UInt64(places.earliest) &+ offset
    }

    /// Appends all times to `output`, which has room for them.
    func decodeTimes(into output: inout OutputSpan<UInt32>, _ places: ColumnPlaces) throws(BlockError) {
        var union: UInt64 = 0
        for index in 0..<count {
            let time = wideTime(at: index, places)
            union |= time
            output.append(UInt32(truncatingIfNeeded: time))
        }
        guard union < NeighborBlock.neighborsEnd else { throw .timeOverflow }
    }

    /// The weight of the edge at `index`; 1 when the block has no weights.
    ///
    /// - Complexity: O(count / 32) to find the column.
    /// - Throws: ``BlockError`` when the column is not there whole.
    public func weight(at index: Int) throws(BlockError) -> Float {
        precondition(index >= 0 && index < count, "index \(index) is not below the count, \(count)")
        guard columns.contains(.weight) else { return 1 }
        return weight(at: index, try columnPlaces())
    }

    /// The time of the edge at `index`, in seconds since 1970; 0 when the block has no times.
    ///
    /// - Complexity: O(count / 32) to find the column.
    /// - Throws: ``BlockError`` when the column is not there whole, or the time has more than 32 bits.
    public func time(at index: Int) throws(BlockError) -> UInt32 {
        try value(at: index).time
    }

    /// What the edge at `index` carries: 1 and 0 stand for columns the block does not have.
    ///
    /// - Complexity: O(count / 32) to find the columns.
    /// - Throws: ``BlockError`` when the columns are not there whole, or the time has more than 32 bits.
    public func value(at index: Int) throws(BlockError) -> (weight: Float, time: UInt32) {
        precondition(index >= 0 && index < count, "index \(index) is not below the count, \(count)")
        guard columns != [] else { return (1, 0) }
        let places = try columnPlaces()
        var value: (weight: Float, time: UInt32) = (1, 0)
        if columns.contains(.weight) { value.weight = weight(at: index, places) }
        if columns.contains(.time) {
            guard let time = UInt32(exactly: wideTime(at: index, places)) else { throw .timeOverflow }
            value.time = time
        }
        return value
    }
}

extension NeighborBlock {
    /// Makes `list` hold what the block holds: its neighbours, and the columns it has.
    ///
    /// - Complexity: O(count); allocates only when the list's memory is too small.
    /// - Throws: ``BlockError``, and leaves the list empty.
    public func decode(into list: inout NeighborList) throws(BlockError) {
        list.removeAll(columns: columns)
        try list.append(self)
    }
}

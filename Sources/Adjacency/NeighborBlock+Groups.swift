import CVectors

/// Decoding neighbours: a group at a time into a buffer on the stack, then a visit.
///
/// A number of b <= 32 bits that starts at bit k lies in the 64-bit word loaded at byte k / 8. In a whole group one load
/// serves as many as a word holds: eight numbers of up to 8 bits are b bytes, four of up to 16 bits are b half-bytes. Near
/// the end of the bytes the load moves back to the last 8 of them and the shift grows by as much. Neighbours are prefix
/// sums in 64 bits, each step at least 1: when the last of a group is below a limit, all are, and they ascend. So corrupt bytes cost one
/// comparison per group, none per neighbour.
extension NeighborBlock {
    /// The most neighbours a visit is given: the block's first and a group.
    @inlinable public static var visitMax: Int { 33 }

    /// Visits all neighbours in ascending order, up to 32 at a time, and 33 the first time.
    ///
    /// Every neighbour visited is below `limit` and above all before it, whatever the bytes are: the visitor may use it as
    /// an index into memory for `limit` elements without asking. What was visited before an error was thrown stays
    /// visited. The buffer is good for the visit only.
    /// - Complexity: O(count), no allocation.
    /// - Throws: ``BlockError``.
    @inlinable
    @inline(__always)
    public func forEachGroup(
        below limit: UInt32, _ visit: (UnsafeBufferPointer<UInt32>) -> Void
    ) throws(BlockError) {
        _ = try unsafe walkGroups(below: UInt64(limit)) { group in
            unsafe visit(group)
            return true
        }
    }

    /// Visits neighbours as ``forEachGroup(below:_:)`` until `visit` answers false.
    ///
    /// - Returns: whether all were visited.
    /// - Complexity: O(neighbours visited), no allocation.
    /// - Throws: ``BlockError``, if the groups up to the last one visited are damaged.
    @inlinable
    @inline(__always)
    public func visitGroups(
        below limit: UInt32, while visit: (UnsafeBufferPointer<UInt32>) -> Bool
    ) throws(BlockError) -> Bool {
        try unsafe walkGroups(below: UInt64(limit), visit) != nil
    }

    /// Visits groups until `visit` answers false; answers where the groups end, if all were visited.
    @inlinable
    @inline(__always)
    func walkGroups(
        below limit: UInt64, _ visit: (UnsafeBufferPointer<UInt32>) -> Bool
    ) throws(BlockError) -> Int? {
        try unsafe withUnsafeTemporaryAllocation(of: UInt32.self, capacity: NeighborBlock.visitMax) {
            (memory) throws(BlockError) -> Int? in
            let buffer = unsafe memory.baseAddress.unsafelyUnwrapped
            unsafe buffer.initialize(to: first)
            // The first neighbour stands before the first group.
            var filled = 1
            var last = UInt64(first)
            var remaining = count &- 1
            var offset = groupsOffset
            while true {
                let size = min(remaining, NeighborBlock.groupSize)
                if size > 0 {
                    last = try unsafe decodeGroup(of: size, at: &offset, after: last, into: buffer + filled)
                }
                guard last < limit else { throw NeighborBlock.error(neighbor: last, limit: limit) }
                guard unsafe visit(UnsafeBufferPointer(start: buffer, count: filled &+ size)) else { return nil }
                remaining &-= size
                if remaining == 0 { return offset }
                filled = 0
            }
        }
    }

    /// Decodes the group of `size` >= 1 at `offset` and moves past it.
    ///
    /// - Returns: its last neighbour, which may be more than 32 bits; then the neighbours written mean nothing.
    @inlinable
    @inline(__always)
    func decodeGroup(
        of size: Int, at offset: inout Int, after previous: UInt64, into buffer: UnsafeMutablePointer<UInt32>
    ) throws(BlockError) -> UInt64 {
        let byteCount = bytes.byteCount
        guard offset < byteCount else { throw .truncated(bytes: byteCount) }
        let width = unsafe Int(bytes.unsafeLoad(fromUncheckedByteOffset: offset, as: UInt8.self))
        guard width <= 32 else { throw .widthTooLarge(UInt8(truncatingIfNeeded: width)) }
        let start = offset &+ 1
        offset = start &+ (size &* width &+ 7) &>> 3
        guard offset <= byteCount else { throw .truncated(bytes: byteCount) }
        var last = previous
        if width == 0 {
            for index in 0..<size {
                unsafe buffer[index] = UInt32(truncatingIfNeeded: last &+ UInt64(truncatingIfNeeded: index &+ 1))
            }
            return last &+ UInt64(truncatingIfNeeded: size)
        }
        let mask = (UInt64(1) &<< UInt64(truncatingIfNeeded: width)) &- 1
        if size == NeighborBlock.groupSize {
            if let last = unsafe unpackGroup(width, at: start, after: previous, into: buffer) { return last }
            if width <= 16, offset &+ 8 <= byteCount {
                return unsafe decodeWholeGroup(width, mask, at: start, after: previous, into: buffer)
            }
        }
        var bit = start &* 8
        // Where the group's last load starts: when that one fits, all do.
        if (bit &+ (size &- 1) &* width) &>> 3 &+ 8 <= byteCount {
            for index in 0..<size {
                last &+= (word(at: bit &>> 3) &>> UInt64(truncatingIfNeeded: bit & 7)) & mask &+ 1
                unsafe buffer[index] = UInt32(truncatingIfNeeded: last)
                bit &+= width
            }
        } else if byteCount >= 8 {
            let lastPlace = byteCount &- 8
            for index in 0..<size {
                let place = min(bit &>> 3, lastPlace)
                last &+= (word(at: place) &>> UInt64(truncatingIfNeeded: bit &- place &* 8)) & mask &+ 1
                unsafe buffer[index] = UInt32(truncatingIfNeeded: last)
                bit &+= width
            }
        } else {
            let whole = wholeWord()
            for index in 0..<size {
                last &+= (whole &>> UInt64(truncatingIfNeeded: bit)) & mask &+ 1
                unsafe buffer[index] = UInt32(truncatingIfNeeded: last)
                bit &+= width
            }
        }
        return last
    }

    /// Decodes a group of 32 with vector instructions; nil where there are none, or not for this group.
    @usableFromInline
    func unpackGroup(
        _ width: Int, at start: Int, after previous: UInt64, into buffer: UnsafeMutablePointer<UInt32>
    ) -> UInt64? {
        guard width <= UNPACK_WIDTH_MAX, start &+ unpack_reach(width) <= bytes.byteCount else { return nil }
        let sum = unsafe bytes.withUnsafeBytes { bytes in
            unsafe unpack_group(
                bytes.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: UInt8.self) + start, width,
                UInt32(truncatingIfNeeded: previous), buffer)
        }
        return sum == 0 ? nil : previous &+ UInt64(sum)
    }

    /// Decodes the 32 numbers of `width` bits, 1 to 16, at `start`; 8 bytes or more are behind them.
    @inlinable
    @inline(__always)
    func decodeWholeGroup(
        _ width: Int, _ mask: UInt64, at start: Int, after previous: UInt64, into buffer: UnsafeMutablePointer<UInt32>
    ) -> UInt64 {
        let shift = UInt64(truncatingIfNeeded: width)
        var last = previous
        var place = start
        if width <= 8 {
            for index in stride(from: 0, to: NeighborBlock.groupSize, by: 8) {
                var numbers = word(at: place)
                place &+= width
                for lane in index..<index &+ 8 {
                    last &+= numbers & mask &+ 1
                    numbers &>>= shift
                    unsafe buffer[lane] = UInt32(truncatingIfNeeded: last)
                }
            }
            return last
        }
        var bit = start &* 8
        for index in stride(from: 0, to: NeighborBlock.groupSize, by: 4) {
            var numbers = word(at: bit &>> 3) &>> UInt64(truncatingIfNeeded: bit & 7)
            bit &+= 4 &* width
            for lane in index..<index &+ 4 {
                last &+= numbers & mask &+ 1
                numbers &>>= shift
                unsafe buffer[lane] = UInt32(truncatingIfNeeded: last)
            }
        }
        return last
    }

    /// The 8 bytes at `offset`, which the caller knows to be there.
    @inlinable
    @inline(__always)
    func word(at offset: Int) -> UInt64 {
        unsafe UInt64(littleEndian: bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt64.self))
    }

    /// All bytes of a block that has fewer than 8.
    @usableFromInline
    func wholeWord() -> UInt64 {
        var word: UInt64 = 0
        for index in 0..<min(bytes.byteCount, 8) {
            word |=
                unsafe UInt64(bytes.unsafeLoad(fromUncheckedByteOffset: index, as: UInt8.self)) &<< UInt64(8 &* index)
        }
        return word
    }

    /// The bits from bit number `bit` on, at least as many as there are of the number there, all within the bytes.
    func bits(at bit: Int) -> UInt64 {
        let byteCount = bytes.byteCount
        guard byteCount >= 8 else { return wholeWord() &>> UInt64(truncatingIfNeeded: bit) }
        let place = min(bit &>> 3, byteCount &- 8)
        return word(at: place) &>> UInt64(truncatingIfNeeded: bit &- place &* 8)
    }

    @usableFromInline
    static func error(neighbor: UInt64, limit: UInt64) -> BlockError {
        guard let neighbor = UInt32(exactly: neighbor), let limit = UInt32(exactly: limit) else {
            return .neighborOverflow
        }
        return .outOfRange(neighbor: neighbor, limit: limit)
    }

    /// One past the greatest neighbour there can be.
    static let neighborsEnd = UInt64(1) << 32
}

extension NeighborBlock {
    /// Appends the block's neighbours to `output`, which has room for ``count`` more.
    ///
    /// On an error nothing is appended.
    /// - Complexity: O(count), no allocation.
    /// - Throws: ``BlockError``, also when a neighbour is not below `limit`; no limit means 2^32.
    public func decodeNeighbors(
        into output: inout OutputSpan<UInt32>, below limit: UInt32? = nil
    ) throws(BlockError) {
        precondition(output.freeCapacity >= count, "room for \(output.freeCapacity) of a block's \(count) neighbours")
        let limit = limit.map(UInt64.init) ?? NeighborBlock.neighborsEnd
        try unsafe output.withUnsafeMutableBufferPointer { (memory, initialized) throws(BlockError) in
            let start = unsafe memory.baseAddress.unsafelyUnwrapped + initialized
            try unsafe decodeNeighbors(at: start, below: limit)
            initialized += count
        }
    }

    /// ``decodeNeighbors(into:below:)`` into memory for at least ``count`` neighbours.
    @unsafe
    public func decodeNeighbors(
        into memory: UnsafeMutablePointer<UInt32>, below limit: UInt32
    ) throws(BlockError) {
        try unsafe decodeNeighbors(at: memory, below: UInt64(limit))
    }

    private func decodeNeighbors(
        at memory: UnsafeMutablePointer<UInt32>, below limit: UInt64
    ) throws(BlockError) {
        unsafe memory.initialize(to: first)
        var last = UInt64(first)
        var offset = groupsOffset
        var index = 1
        while index < count {
            let size = min(count &- index, NeighborBlock.groupSize)
            last = try unsafe decodeGroup(of: size, at: &offset, after: last, into: memory + index)
            index &+= size
        }
        guard last < limit else { throw NeighborBlock.error(neighbor: last, limit: limit) }
    }

    /// The place of `neighbor` among the block's, or nil when it is not there. Stops at its group.
    ///
    /// - Complexity: O(count).
    /// - Throws: ``BlockError``, if the groups up to the neighbour's are damaged.
    public func firstIndex(of neighbor: UInt32) throws(BlockError) -> Int? {
        guard neighbor >= first else { return nil }
        var start = 0
        var found: Int?
        _ = try unsafe walkGroups(below: NeighborBlock.neighborsEnd) { group in
            if unsafe group[group.count - 1] < neighbor {
                start += group.count
                return true
            }
            found = unsafe group.firstIndex(of: neighbor).map { start + $0 }
            return false
        }
        return found
    }
}

/// Writes the parts of a block one behind the other.
///
/// **Unsafety:** writes up to 8 bytes past ``offset`` without asking; ``BlockBuffer`` has that room, and its ranges are
/// checked for size before they are encoded.
@safe struct BitWriter {
    private let start: UnsafeMutableRawPointer
    private(set) var offset = 0

    init(_ start: UnsafeMutableRawPointer) {
        unsafe self.start = unsafe start
    }

    mutating func byte(_ value: UInt8) {
        unsafe start.storeBytes(of: value, toByteOffset: offset, as: UInt8.self)
        offset += 1
    }

    mutating func uint32(_ value: UInt32) {
        unsafe start.storeBytes(of: value.littleEndian, toByteOffset: offset, as: UInt32.self)
        offset += 4
    }

    mutating func varint(_ value: UInt32) {
        var value = value
        while value >= 0x80 {
            byte(UInt8(truncatingIfNeeded: value) | 0x80)
            value >>= 7
        }
        byte(UInt8(value))
    }

    mutating func raw(_ bytes: UnsafeRawBufferPointer) {
        unsafe UnsafeMutableRawBufferPointer(start: start + offset, count: bytes.count).copyMemory(from: bytes)
        offset += bytes.count
    }

    /// The groups of gaps behind the first neighbour of `range`.
    mutating func gaps(_ neighbors: UnsafePointer<UInt32>, _ range: Range<Int>) {
        var index = range.lowerBound + 1
        while index < range.upperBound {
            let end = min(index + NeighborBlock.groupSize, range.upperBound)
            var union: UInt32 = 0
            for position in index..<end {
                union |= unsafe neighbors[position] &- neighbors[position - 1] &- 1
            }
            let width = UInt32.bitWidth - union.leadingZeroBitCount
            byte(UInt8(width))
            packed(end - index, width) { position in
                unsafe neighbors[index + position] &- neighbors[index + position - 1] &- 1
            }
            index = end
        }
    }

    /// The time column of `range`.
    mutating func times(_ times: UnsafePointer<UInt32>, _ range: Range<Int>) {
        var earliest = UInt32.max
        var latest: UInt32 = 0
        for index in range {
            earliest = unsafe min(earliest, times[index])
            latest = unsafe max(latest, times[index])
        }
        let width = UInt32.bitWidth - (latest - earliest).leadingZeroBitCount
        uint32(earliest)
        byte(UInt8(width))
        packed(range.count, width) { unsafe times[range.lowerBound + $0] &- earliest }
    }

    /// `count` numbers of `width` bits, and zero bits to the end of the last byte.
    @inline(__always)
    private mutating func packed(_ count: Int, _ width: Int, _ number: (Int) -> UInt32) {
        var pending: UInt64 = 0
        var pendingBits = 0
        for index in 0..<count {
            pending |= UInt64(number(index)) &<< UInt64(pendingBits)
            pendingBits &+= width
            if pendingBits >= 32 {
                unsafe start.storeBytes(
                    of: UInt32(truncatingIfNeeded: pending).littleEndian, toByteOffset: offset, as: UInt32.self)
                offset &+= 4
                pending &>>= 32
                pendingBits &-= 32
            }
        }
        unsafe start.storeBytes(
            of: UInt32(truncatingIfNeeded: pending).littleEndian, toByteOffset: offset, as: UInt32.self)
        offset += (pendingBits + 7) >> 3
    }
}

/// Writes the parts of a block one behind the other, numbers packed by way of a 64-bit word.
///
/// **Unsafety:** stores are unchecked; ``reserve(_:)`` asks for room before each part, and for ``slack`` bytes more, which
/// a packed part's last store may run into.
@safe struct BlockWriter {
    private let start: UnsafeMutableRawPointer
    private let capacity: Int
    private(set) var offset = 0

    /// How far behind a part its stores may reach.
    static let slack = 8

    init(_ storage: UnsafeMutableRawBufferPointer) {
        precondition(storage.count >= BlockWriter.slack, "no room for a block in \(storage.count) bytes")
        unsafe start = storage.baseAddress.unsafelyUnwrapped
        capacity = storage.count - BlockWriter.slack
    }

    @inline(__always)
    private func reserve(_ byteCount: Int) {
        precondition(byteCount <= capacity &- offset, "a block's storage is too small, or its range does not fit")
    }

    @inline(__always)
    mutating func byte(_ value: UInt8) {
        reserve(1)
        unsafe start.storeBytes(of: value, toByteOffset: offset, as: UInt8.self)
        offset &+= 1
    }

    mutating func varint(_ value: UInt32) {
        var value = value
        while value >= 0x80 {
            byte(UInt8(truncatingIfNeeded: value) | 0x80)
            value >>= 7
        }
        byte(UInt8(value))
    }

    /// Bytes as they are.
    mutating func raw(_ bytes: RawSpan, from first: Int) {
        unsafe bytes.withUnsafeBytes { source in
            let rest = unsafe UnsafeRawBufferPointer(rebasing: source[first...])
            reserve(rest.count)
            unsafe UnsafeMutableRawBufferPointer(start: start + offset, count: rest.count).copyMemory(from: rest)
            offset += rest.count
        }
    }

    /// The groups of the `count` neighbours behind the first.
    mutating func groups(_ neighbors: UnsafePointer<UInt32>, _ count: Int) {
        var index = 1
        while index < count {
            let size = min(NeighborBlock.groupSize, count &- index)
            let group = unsafe neighbors + index
            let width = unsafe gapUnion(group, size).significantBits
            byte(UInt8(truncatingIfNeeded: width))
            packed(size, width) { unsafe group[$0] &- group[$0 &- 1] &- 1 }
            index &+= size
        }
    }

    /// The weight column.
    mutating func weights(_ weights: UnsafePointer<Float>, _ count: Int) {
        reserve(4 * count)
        for index in 0..<count {
            let bits = unsafe weights[index].bitPattern.littleEndian
            unsafe start.storeBytes(of: bits, toByteOffset: offset &+ 4 &* index, as: UInt32.self)
        }
        offset += 4 * count
    }

    /// The time column.
    mutating func times(_ times: UnsafePointer<UInt32>, _ count: Int) {
        var earliest = UInt32.max
        var latest: UInt32 = 0
        for index in 0..<count {
            earliest = unsafe min(earliest, times[index])
            latest = unsafe max(latest, times[index])
        }
        let width = (latest &- earliest).significantBits
        reserve(4)
        unsafe start.storeBytes(of: earliest.littleEndian, toByteOffset: offset, as: UInt32.self)
        offset &+= 4
        byte(UInt8(truncatingIfNeeded: width))
        packed(count, width) { unsafe times[$0] &- earliest }
    }

    /// `count` numbers of `width` bits, and zero bits to the end of the last byte.
    @inline(__always)
    private mutating func packed(_ count: Int, _ width: Int, _ number: (Int) -> UInt32) {
        let byteCount = (count &* width &+ 7) &>> 3
        reserve(byteCount)
        guard width > 0 else { return }
        var place = offset
        var pending: UInt64 = 0
        var pendingBits = 0
        for index in 0..<count {
            pending |= UInt64(number(index)) &<< UInt64(truncatingIfNeeded: pendingBits)
            pendingBits &+= width
            if pendingBits >= 32 {
                let low = UInt32(truncatingIfNeeded: pending).littleEndian
                unsafe start.storeBytes(of: low, toByteOffset: place, as: UInt32.self)
                place &+= 4
                pending &>>= 32
                pendingBits &-= 32
            }
        }
        let low = UInt32(truncatingIfNeeded: pending).littleEndian
        unsafe start.storeBytes(of: low, toByteOffset: place, as: UInt32.self)
        offset &+= byteCount
    }
}

/// All bits of the gaps less 1 that lead to `size` neighbours from `group` on; the one before it is there too.
@inline(__always)
func gapUnion(_ group: UnsafePointer<UInt32>, _ size: Int) -> UInt32 {
    var union: UInt32 = 0
    for index in 0..<size {
        union |= unsafe group[index] &- group[index &- 1] &- 1
    }
    return union
}

/// Loads from the bytes of a block, which start anywhere and may hold anything: none reaches past their end.
extension RawSpan {
    /// Reads a byte and moves past it.
    @inline(__always)
    func byte(at offset: inout Int) throws(DictionaryBlockError) -> UInt8 {
        guard offset < byteCount else { throw .truncated(bytes: byteCount) }
        let byte = unsafe unsafeLoad(fromUncheckedByteOffset: offset, as: UInt8.self)
        offset &+= 1
        return byte
    }

    /// Reads an integer of 7 bits a byte, the least significant first, and moves past it.
    @inline(__always)
    func varint(at offset: inout Int) throws(DictionaryBlockError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let byte = try byte(at: &offset)
            guard shift < 63 || byte <= 1 else { throw .overflow }
            value |= UInt64(byte & 0x7F) &<< shift
            if byte < 0x80 { return value }
            shift &+= 7
        }
    }

    /// The number of `width` bits, 0 to 64, that starts at bit number `bit`; bits past the end are 0.
    @inline(__always)
    func bits(at bit: Int, width: Int) -> UInt64 {
        let place = bit &>> 3
        let shift = UInt64(truncatingIfNeeded: bit & 7)
        var value: UInt64
        if place &+ 9 <= byteCount {
            value =
                unsafe UInt64(
                    littleEndian: unsafeLoadUnaligned(fromUncheckedByteOffset: place, as: UInt64.self)) &>> shift
            if Int(truncatingIfNeeded: shift) &+ width > 64 {
                let last = unsafe unsafeLoad(fromUncheckedByteOffset: place &+ 8, as: UInt8.self)
                value |= UInt64(last) &<< (64 &- shift)
            }
        } else {
            value = bitsNearEnd(place, shift)
        }
        return width == 64 ? value : value & ((1 &<< UInt64(truncatingIfNeeded: width)) &- 1)
    }

    private func bitsNearEnd(_ place: Int, _ shift: UInt64) -> UInt64 {
        var value: UInt64 = 0
        var offset = place
        while offset < byteCount {
            let byte = unsafe UInt64(unsafeLoad(fromUncheckedByteOffset: offset, as: UInt8.self))
            let position = 8 * (offset - place) - Int(shift)
            value |= position < 0 ? byte >> UInt64(-position) : byte << UInt64(position)
            offset += 1
        }
        return value
    }
}

extension UInt64 {
    /// How many bits the number takes without its leading zeros.
    @inline(__always)
    var significantBits: Int { UInt64.bitWidth &- leadingZeroBitCount }

    /// How many bytes the number takes with 7 bits in each.
    @inline(__always)
    var varintSize: Int { (UInt64.bitWidth &- (self | 1).leadingZeroBitCount &+ 6) / 7 }
}

/// How many bytes `count` numbers of `width` bits take.
@inline(__always)
func packedBytes(_ count: Int, _ width: Int) -> Int {
    (count &* width &+ 7) &>> 3
}

import Adjacency

/// Writes the parts of a block one behind the other into memory that is used again for the next.
struct DictionaryBlockWriter {
    /// The block so far.
    private(set) var bytes: [UInt8] = []

    /// Forgets the last block and writes the head of one; ``seal()`` gives it its check byte.
    mutating func begin(form: UInt8, count: Int) {
        bytes.removeAll(keepingCapacity: true)
        bytes.append(form)
        bytes.append(0)
        varint(UInt64(count))
    }

    mutating func byte(_ value: Int) {
        bytes.append(UInt8(value))
    }

    mutating func varint(_ value: UInt64) {
        var value = value
        while value >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: value) | 0x80)
            value >>= 7
        }
        bytes.append(UInt8(value))
    }

    mutating func raw(_ slice: ArraySlice<UInt8>) {
        bytes.append(contentsOf: slice)
    }

    /// Bytes as they are.
    mutating func raw(_ span: RawSpan) {
        unsafe span.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
    }

    /// `count` numbers of `width` bits, and zero bits to the end of the last byte.
    @inline(__always)
    mutating func packed(_ count: Int, _ width: Int, _ number: (Int) -> UInt64) {
        guard width > 0 else { return }
        var pending: UInt64 = 0
        var pendingBits = 0
        for index in 0..<count {
            let number = number(index)
            pending |= number &<< UInt64(truncatingIfNeeded: pendingBits)
            pendingBits &+= width
            if pendingBits >= 64 {
                unsafe withUnsafeBytes(of: pending.littleEndian) { unsafe bytes.append(contentsOf: $0) }
                pendingBits &-= 64
                pending = number >> UInt64(truncatingIfNeeded: width &- pendingBits)
            }
        }
        while pendingBits > 0 {
            bytes.append(UInt8(truncatingIfNeeded: pending))
            pending &>>= 8
            pendingBits &-= 8
        }
    }

    /// One more number behind a packed part that has `bitCount` bits so far.
    mutating func append(_ number: UInt64, _ width: Int, after bitCount: Int) {
        var rest = number
        var restBits = width
        if width > 0, bitCount & 7 != 0 {
            bytes[bytes.count - 1] |= UInt8(truncatingIfNeeded: number << UInt64(bitCount & 7))
            rest >>= UInt64(8 - (bitCount & 7))
            restBits -= 8 - (bitCount & 7)
        }
        while restBits > 0 {
            bytes.append(UInt8(truncatingIfNeeded: rest))
            rest >>= 8
            restBits -= 8
        }
    }

    /// Gives the block its check byte.
    mutating func seal() {
        bytes[1] = unsafe CRC32C.checkByte(of: bytes.span.bytes)
    }
}

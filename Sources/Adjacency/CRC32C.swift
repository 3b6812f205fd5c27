/// CRC-32C (Castagnoli): polynomial 0x1EDC6F41 reflected, initial value and final exclusive-or 0xFFFFFFFF.
///
/// Eight bytes a step by eight tables (8 KiB): Kounavis and Berry, *A systematic approach to building high performance,
/// software-based, CRC generators*, ISCC 2005. The CRC of the ASCII text `123456789` is 0xE3069283.
package struct CRC32C {
    private static let tables: [UInt32] = {
        var tables = [UInt32](repeating: 0, count: 8 * 256)
        for byte in 0..<256 {
            var value = UInt32(byte)
            for _ in 0..<8 { value = value >> 1 ^ (value & 1 == 0 ? 0 : 0x82F6_3B78) }
            tables[byte] = value
        }
        for index in 256..<tables.count {
            let previous = tables[index - 256]
            tables[index] = previous >> 8 ^ tables[Int(previous & 0xFF)]
        }
        return tables
    }()

    private var state = UInt32.max

    /// The CRC of all bytes added so far.
    var value: UInt32 { ~state }

    /// Adds the bytes from `start` on.
    mutating func add(_ bytes: RawSpan, from start: Int = 0) {
        precondition(start >= 0 && start <= bytes.byteCount, "the bytes start past their end")
        unsafe CRC32C.tables.withUnsafeBufferPointer { tables in
            var state = state
            var offset = start
            while offset &+ 8 <= bytes.byteCount {
                let word = unsafe UInt64(
                    littleEndian: bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt64.self))
                let mixed = word ^ UInt64(state)
                state = 0
                for lane in 0..<8 {
                    let byte = Int(truncatingIfNeeded: mixed &>> UInt64(8 &* lane)) & 0xFF
                    state ^= unsafe tables[(7 &- lane) &* 256 &+ byte]
                }
                offset &+= 8
            }
            while offset < bytes.byteCount {
                let byte = unsafe bytes.unsafeLoad(fromUncheckedByteOffset: offset, as: UInt8.self)
                state = unsafe state &>> 8 ^ tables[Int((state ^ UInt32(byte)) & 0xFF)]
                offset &+= 1
            }
            self.state = state
        }
    }

    /// The check byte of a block: the low byte of the CRC of its flags byte and then of all that follows the check byte,
    /// that is, of the block with the check byte taken out.
    package static func checkByte(of block: RawSpan) -> UInt8 {
        var crc = CRC32C()
        crc.add(block.extracting(first: 1))
        crc.add(block, from: 2)
        return UInt8(truncatingIfNeeded: crc.value)
    }
}

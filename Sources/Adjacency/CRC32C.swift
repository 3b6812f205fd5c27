/// CRC-32C (Castagnoli): polynomial 0x1EDC6F41 reflected, initial value and final exclusive-or 0xFFFFFFFF.
///
/// Eight bytes a step by eight tables: Kounavis and Berry, *A systematic approach to building high performance,
/// software-based, CRC generators*, ISCC 2005.
struct CRC32C {
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

    /// The check value of what was added.
    var value: UInt32 { ~state }

    mutating func add(_ bytes: UnsafeRawBufferPointer) {
        unsafe CRC32C.tables.withUnsafeBufferPointer { tables in
            var state = state
            var offset = 0
            while offset + 8 <= bytes.count {
                let word = unsafe UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
                let mixed = word ^ UInt64(state)
                state = 0
                for lane in 0..<8 {
                    let byte = Int(truncatingIfNeeded: mixed >> UInt64(8 * lane)) & 0xFF
                    state ^= unsafe tables[(7 - lane) * 256 + byte]
                }
                offset += 8
            }
            while offset < bytes.count {
                state = unsafe state >> 8 ^ tables[Int((state ^ UInt32(bytes[offset])) & 0xFF)]
                offset += 1
            }
            self.state = state
        }
    }

    /// The check byte of a block: the low byte of the CRC of all its bytes but the second, which holds it.
    static func checkByte(ofBlock bytes: UnsafeRawBufferPointer) -> UInt8 {
        var crc = CRC32C()
        unsafe crc.add(UnsafeRawBufferPointer(rebasing: bytes[..<1]))
        unsafe crc.add(UnsafeRawBufferPointer(rebasing: bytes[2...]))
        return UInt8(truncatingIfNeeded: crc.value)
    }
}

import CZlib
import LMDB

/// The checksum behind each value of the table `meta` but `format`: nothing else in the file says the same as these values.
///
/// ```
/// value of the key, then u32: the CRC-32 of zlib of the key's bytes and the value's
/// ```
/// A value under another's key does not pass. Some hundred bytes in all; whoever reads a value verifies it.
enum MetaChecksum {
    static let byteCount = 4

    private static func crc(_ key: RawSpan, _ value: RawSpan) -> UInt32 {
        unsafe key.withUnsafeBytes { key in
            unsafe value.withUnsafeBytes { value in
                let crc = unsafe crc32(0, key.bindMemory(to: UInt8.self).baseAddress, uInt(key.count))
                // Without bytes there may be no address, by which zlib would begin anew.
                guard let start = unsafe value.bindMemory(to: UInt8.self).baseAddress else {
                    return UInt32(truncatingIfNeeded: crc)
                }
                return unsafe UInt32(truncatingIfNeeded: crc32(crc, start, uInt(value.count)))
            }
        }
    }

    /// A value as the table holds it.
    static func sealed(_ value: [UInt8], forKey key: Bytes) -> [UInt8] {
        let crc = unsafe crc(key.bytes.span.bytes, value.span.bytes)
        return unsafe value + withUnsafeBytes(of: crc.littleEndian) { unsafe Array($0) }
    }

    /// How many bytes of a value stand before its checksum, which is verified; nil when it is wrong.
    static func verifiedCount(of value: RawSpan, forKey key: RawSpan) -> Int? {
        let count = value.byteCount - byteCount
        guard count >= 0 else { return nil }
        let found = UInt32(littleEndian: unsafe value.unsafeLoadUnaligned(fromByteOffset: count, as: UInt32.self))
        return found == crc(key, value.extracting(first: count)) ? count : nil
    }
}

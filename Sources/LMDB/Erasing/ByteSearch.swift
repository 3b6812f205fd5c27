/// Many byte strings searched for in one pass.
///
/// A table of 65,536 bits says which pairs of bytes begin one of the strings; at almost every offset that is all that is
/// looked at. So a thousand strings cost about what one does: O(bytes searched + occurrences).
public struct ByteSearch: Sendable {
    /// One bit for each pair of bytes.
    private var begins = [UInt64](repeating: 0, count: 1 << 10)
    private var byBeginning: [UInt16: [[UInt8]]] = [:]
    /// The length of the longest.
    let bytesMax: Int

    /// The shortest string that is searched for: a single byte is everywhere.
    public static let bytesMin = 2

    /// A search for `strings`; those shorter than ``bytesMin`` are left out.
    public init(_ strings: some Sequence<[UInt8]>) {
        var bytesMax = 0
        for string in strings where string.count >= ByteSearch.bytesMin {
            let beginning = UInt16(string[0]) | UInt16(string[1]) << 8
            begins[Int(beginning >> 6)] |= 1 << UInt64(beginning & 63)
            byBeginning[beginning, default: []].append(string)
            bytesMax = max(bytesMax, string.count)
        }
        self.bytesMax = bytesMax
    }

    /// Calls `found` with the range of every occurrence, in the order of their beginnings.
    func forEachOccurrence(in bytes: UnsafeRawBufferPointer, _ found: (Range<Int>) -> Void) {
        guard bytesMax > 0, bytes.count >= ByteSearch.bytesMin else { return }
        unsafe begins.withUnsafeBufferPointer { begins in
            for offset in 0..<bytes.count - 1 {
                let beginning = unsafe UInt16(bytes[offset]) | UInt16(bytes[offset + 1]) << 8
                guard unsafe begins[Int(beginning >> 6)] >> UInt64(beginning & 63) & 1 != 0 else { continue }
                for string in byBeginning[beginning] ?? [] where string.count <= bytes.count - offset {
                    let candidate = unsafe UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + string.count])
                    if unsafe candidate.elementsEqual(string) { found(offset..<offset + string.count) }
                }
            }
        }
    }
}

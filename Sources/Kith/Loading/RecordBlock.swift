/// Records in parts: what one thread has sorted by part, for a range of parts.
///
/// A record is its two ends, target << 32 | source or the other way around, and a value: weight bits << 32 | time. Where
/// all values are the same, they are not stored.
final class RecordBlock: @unchecked Sendable {
    let ends: Column<UInt64>
    /// A value for each; nil when all are ``constant``.
    let values: Column<UInt64>?
    let constant: UInt64
    /// The part of the first records.
    let firstPart: Int
    /// Where each part starts, from ``firstPart`` on, and where the last ends.
    let offsets: [Int]

    init(ends: Column<UInt64>, values: Column<UInt64>?, constant: UInt64, firstPart: Int, offsets: [Int]) {
        self.ends = ends
        self.values = values
        self.constant = constant
        self.firstPart = firstPart
        self.offsets = offsets
    }

    /// How many records there are.
    var count: Int { offsets[offsets.count - 1] }
    var byteCount: Int { ends.byteCount + (values?.byteCount ?? 0) }

    /// Where the records of `part` are.
    func range(of part: Int) -> Range<Int> {
        let index = part - firstPart
        guard index >= 0, index < offsets.count - 1 else { return 0..<0 }
        return offsets[index]..<offsets[index + 1]
    }
}

/// What an edge carries, as records hold it: weight bits << 32 | time, of an ``EdgeValue``.
enum RecordValue {
    /// Weight 1 and no time: what edges without columns carry.
    static let none = pack(EdgeValue(weight: 1, time: 0))

    @inline(__always)
    static func pack(_ value: EdgeValue) -> UInt64 {
        UInt64(value.weight.bitPattern) << 32 | UInt64(value.time)
    }

    @inline(__always)
    static func unpack(_ bits: UInt64) -> EdgeValue {
        EdgeValue(weight: Float(bitPattern: UInt32(bits >> 32)), time: UInt32(truncatingIfNeeded: bits))
    }
}

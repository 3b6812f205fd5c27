/// Numbers in any order, each readable on its own: their distances from the least of them at one bit width.
///
/// ```
/// varint  base     the least number
/// u8      width    b, 0 ... 64: the least that holds the greatest number - base
/// bits    count x (number - base), b bits each, the least significant first; zero bits fill the last byte
/// ```
struct PackedColumn {
    let base: UInt64
    let width: Int
    /// Where the bits start.
    private let start: Int

    /// Reads the head of a column of `count` numbers and moves past the whole of it.
    @inline(__always)
    init(of count: Int, in bytes: RawSpan, at offset: inout Int) throws(DictionaryBlockError) {
        base = try bytes.varint(at: &offset)
        let width = try bytes.byte(at: &offset)
        guard width <= 64 else { throw .widthTooLarge(width) }
        self.width = Int(width)
        start = offset
        offset &+= packedBytes(count, self.width)
        guard offset <= bytes.byteCount else { throw .truncated(bytes: bytes.byteCount) }
    }

    /// The number at `index`, which is below the column's count.
    @inline(__always)
    func number(at index: Int, in bytes: RawSpan) throws(DictionaryBlockError) -> UInt64 {
        let distance = bytes.bits(at: start &* 8 &+ index &* width, width: width)
        let (number, isOver) = base.addingReportingOverflow(distance)
        guard !isOver else { throw .overflow }
        return number
    }

    /// The number at `index`, as an id.
    @inline(__always)
    func id(at index: Int, in bytes: RawSpan) throws(DictionaryBlockError) -> UInt32 {
        guard let id = UInt32(exactly: try number(at: index, in: bytes)) else { throw .overflow }
        return id
    }
}

extension PackedColumn {
    /// Whether the column keeps its base and its width when `number` comes in.
    func admits(_ number: UInt64) -> Bool {
        number >= base && (number - base).significantBits <= width
    }

    /// What a column of some numbers takes, known while they are added.
    struct Extent {
        private(set) var count = 0
        private(set) var least = UInt64.max
        private(set) var greatest: UInt64 = 0

        @inline(__always)
        mutating func add(_ number: UInt64) {
            count &+= 1
            least = min(least, number)
            greatest = max(greatest, number)
        }

        var width: Int { (greatest &- least).significantBits }
        var byteCount: Int { least.varintSize &+ 1 &+ packedBytes(count, width) }
    }
}

extension DictionaryBlockWriter {
    /// The column of `extent`, whose numbers `number` gives.
    @inline(__always)
    mutating func column(_ extent: PackedColumn.Extent, _ number: (Int) -> UInt64) {
        varint(extent.least)
        byte(extent.width)
        packed(extent.count, extent.width) { number($0) &- extent.least }
    }
}

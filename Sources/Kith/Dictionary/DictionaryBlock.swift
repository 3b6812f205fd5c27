import Adjacency

/// Many entries of a dictionary in one LMDB value: what ``KeyBlock`` and ``IDBlock`` have in common.
///
/// ```
/// u8      form     0: all keys are integers   1: strings too (KeyBlock), strings only (IDBlock)
/// u8      check    low byte of the CRC-32C of the block without this byte
/// varint  count    of entries, 1 ... 2,022
/// ...     columns, as each of the two says
/// ```
/// Every width is the least possible and every varint the shortest, so entries have one encoding.
///
/// **Invariant:** whatever the bytes are, reading them gives entries or a ``DictionaryBlockError``.
protocol DictionaryBlock {
    /// What a block of some entries takes, known while they are added.
    associatedtype Extent: DictionaryBlockExtent
    /// Appends the entries of a block, in its order.
    ///
    /// - Throws: ``DictionaryBlockError``; some entries may have been appended then.
    static func decode(_ bytes: RawSpan, into entries: inout DictionaryEntries) throws(DictionaryBlockError)
    /// Writes a block of the entries of `extent`, which fit one, from `start` on.
    static func encode(
        _ extent: Extent, from start: Int, of entries: DictionaryEntries, into writer: inout DictionaryBlockWriter)
}

/// See ``DictionaryBlock/Extent``.
protocol DictionaryBlockExtent {
    init()
    /// Takes the entry at `index` in, the one behind those taken in before.
    mutating func add(_ entries: DictionaryEntries, at index: Int)
    /// How many entries were taken in.
    var count: Int { get }
    /// How many bytes a block of them takes, with its LMDB key.
    var entryBytes: Int { get }
    /// Whether all of them can share a block.
    var fits: Bool { get }
}

extension DictionaryBlockExtent {
    /// What a block of the entries in `range` takes.
    init(_ range: Range<Int>, of entries: DictionaryEntries) {
        self.init()
        for index in range { add(entries, at: index) }
    }
}

extension DictionaryBlock {
    /// The most bytes a block has together with its LMDB key: two such pairs fill a leaf page of LMDB exactly, as two
    /// neighbour blocks do with their keys of 8 bytes.
    static var entryBytesMax: Int { NeighborBlock.blockBytesMax + 8 }

    /// The most entries a block has; never reached, because an entry takes more than a byte where there are so many.
    static var entriesMax: Int { NeighborBlock.blockBytesMax }

    /// Reads what stands before the columns.
    @inline(__always)
    static func head(
        of bytes: RawSpan, at offset: inout Int
    ) throws(DictionaryBlockError) -> (hasStrings: Bool, count: Int) {
        let form = try bytes.byte(at: &offset)
        guard form <= 1 else { throw .unknownForm(form) }
        _ = try bytes.byte(at: &offset)
        let count = try bytes.varint(at: &offset)
        guard count >= 1, count <= UInt64(entriesMax) else { throw .badCount(count) }
        return (form == 1, Int(count))
    }

    /// Proves that the check byte is that of the bytes. O(bytes).
    ///
    /// Whoever writes a block again after changing it asks first: its new check byte would hide old damage.
    static func validateCheck(_ bytes: RawSpan) throws(DictionaryBlockError) {
        guard bytes.byteCount >= 2 else { throw .truncated(bytes: bytes.byteCount) }
        var offset = 1
        let found = try bytes.byte(at: &offset)
        let expected = CRC32C.checkByte(of: bytes)
        guard found == expected else { throw .checkMismatch(found: found, expected: expected) }
    }

    /// Reads a block in place of what `entries` held, and proves that its bytes are what they encode to, with the check
    /// byte of those bytes. O(bytes).
    ///
    /// - Parameter keyBytes: how many bytes its LMDB key has.
    static func validate(
        _ bytes: RawSpan, keyBytes: Int, into entries: inout DictionaryEntries, writer: inout DictionaryBlockWriter
    ) throws(DictionaryBlockError) {
        entries.removeAll()
        guard bytes.byteCount + keyBytes <= entryBytesMax else { throw .tooLong(bytes: bytes.byteCount + keyBytes) }
        try validateCheck(bytes)
        try decode(bytes, into: &entries)
        encode(Extent(0..<entries.count, of: entries), from: 0, of: entries, into: &writer)
        guard unsafe bytes.withUnsafeBytes({ unsafe $0.elementsEqual(writer.bytes) }) else { throw .notCanonical }
    }

    /// Gives `visit` the blocks to store entries in, each by the place of its first entry: one block if they fit, else
    /// halves; but when the last entry is a new one at the end of its table, it starts a block of its own, so that blocks
    /// that grow at the end are full.
    static func split(
        _ entries: DictionaryEntries, growsAtEnd: Bool, _ visit: (_ start: Int, Extent) throws -> Void
    ) rethrows {
        let whole = Extent(0..<entries.count, of: entries)
        if whole.fits {
            try visit(0, whole)
        } else if growsAtEnd, entries.count > 1 {
            try halve(0..<entries.count - 1, of: entries, visit)
            try halve(entries.count - 1..<entries.count, of: entries, visit)
        } else {
            try halve(0..<entries.count, of: entries, visit)
        }
    }

    private static func halve(
        _ range: Range<Int>, of entries: DictionaryEntries, _ visit: (_ start: Int, Extent) throws -> Void
    ) rethrows {
        let extent = Extent(range, of: entries)
        if range.count == 1 || extent.fits { return try visit(range.lowerBound, extent) }
        let middle = range.lowerBound + range.count / 2
        try halve(range.lowerBound..<middle, of: entries, visit)
        try halve(middle..<range.upperBound, of: entries, visit)
    }
}

/// The block of `key>id.<kind>`: the ids of ascending keys, either all integers or all strings.
///
/// ```
/// head, then
/// form 0, integers:
///   keys   AscendingColumn
///   ids    PackedColumn
/// form 1, strings:
///   ids    PackedColumn
///   starts PackedColumn: where strings 16, 32, ... start in the bytes below; only when there are more than 16
///   bytes  string 0, 16, 32, ...: varint length, UTF-8
///          all others: varint how many bytes are those of the string before; varint how many more; these, UTF-8
/// ```
enum IDBlock: DictionaryBlock {
    /// How many strings are stored by what they do not share with the one before, from one whole string to the next.
    static let groupSize = 16

    /// The id of the integer `key`, or nil when the block does not have it.
    ///
    /// - Complexity: O(log count + 32), no allocation.
    static func id(of key: UInt64, in bytes: RawSpan) throws(DictionaryBlockError) -> UInt32? {
        var offset = 0
        let (hasStrings, count) = try head(of: bytes, at: &offset)
        if hasStrings { return nil }
        let keys = try AscendingColumn(of: count, in: bytes, at: &offset)
        guard let index = keys.index(of: key, in: bytes) else { return nil }
        return try PackedColumn(of: count, in: bytes, at: &offset).id(at: index, in: bytes)
    }

    /// The id of the string `key`, or nil when the block does not have it.
    ///
    /// - Complexity: O(log count + 16) comparisons, no allocation.
    static func id(of key: RawSpan, in bytes: RawSpan) throws(DictionaryBlockError) -> UInt32? {
        var offset = 0
        let (hasStrings, count) = try head(of: bytes, at: &offset)
        if !hasStrings { return nil }
        let ids = try PackedColumn(of: count, in: bytes, at: &offset)
        let strings = try FrontCodedStrings(of: count, in: bytes, at: &offset)
        guard let index = try strings.index(of: key, in: bytes) else { return nil }
        return try ids.id(at: index, in: bytes)
    }

    static func decode(_ bytes: RawSpan, into entries: inout DictionaryEntries) throws(DictionaryBlockError) {
        var offset = 0
        let (hasStrings, count) = try head(of: bytes, at: &offset)
        if hasStrings {
            let ids = try PackedColumn(of: count, in: bytes, at: &offset)
            let strings = try FrontCodedStrings(of: count, in: bytes, at: &offset)
            try strings.decode(ids, in: bytes, into: &entries)
        } else {
            let keys = try AscendingColumn(of: count, in: bytes, at: &offset)
            let ids = try PackedColumn(of: count, in: bytes, at: &offset)
            guard offset == bytes.byteCount else { throw .trailingBytes(bytes.byteCount - offset) }
            var index = 0
            try keys.forEach(in: bytes) { key throws(DictionaryBlockError) in
                entries.append(id: try ids.id(at: index, in: bytes), integer: key)
                index &+= 1
            }
        }
    }

    static func encode(
        _ extent: Extent, from start: Int, of entries: DictionaryEntries, into writer: inout DictionaryBlockWriter
    ) {
        writer.begin(form: extent.hasStrings ? 1 : 0, count: extent.count)
        if extent.hasStrings {
            writer.column(extent.ids) { UInt64(entries.ids[start &+ $0]) }
            writer.frontCodedStrings(extent.strings, from: start, of: entries)
        } else {
            writer.column(extent.integers) { entries.integers[start &+ $0] }
            writer.column(extent.ids) { UInt64(entries.ids[start &+ $0]) }
        }
        writer.seal()
    }

    struct Extent: DictionaryBlockExtent {
        private(set) var ids = PackedColumn.Extent()
        private(set) var integers = AscendingColumn.Extent()
        private(set) var strings = FrontCodedStrings.Extent()
        private var keyBytes = 0

        var count: Int { ids.count }
        var hasStrings: Bool { strings.count > 0 }

        @inline(__always)
        mutating func add(_ entries: DictionaryEntries, at index: Int) {
            if count == 0 { keyBytes = entries.encodedBytes(at: index) }
            ids.add(UInt64(entries.ids[index]))
            if entries.isString(at: index) {
                strings.add(entries, at: index)
            } else {
                integers.add(entries.integers[index])
            }
        }

        var entryBytes: Int {
            let head = 2 + UInt64(count).varintSize
            let keys = hasStrings ? strings.byteCount : integers.byteCount
            return head + ids.byteCount + keys + keyBytes
        }

        var fits: Bool { (integers.count == 0 || strings.count == 0) && entryBytes <= entryBytesMax }
    }
}

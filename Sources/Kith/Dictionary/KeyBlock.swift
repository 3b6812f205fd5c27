/// The block of `id>key.<kind>`: the keys of ascending ids.
///
/// ```
/// head, then
/// ids     AscendingColumn: no bits at all while no node was removed
/// form 0, all keys are integers:
///   keys  PackedColumn: a key is one load away
/// form 1:
///   ends  PackedColumn: where each key ends in the bytes below
///   bytes encoded NodeKeys, one behind the other
/// ```
enum KeyBlock: DictionaryBlock {
    /// The key of `id`, or nil when the block does not have it.
    ///
    /// - Complexity: O(1) while ids have no holes, else O(log count + 32); no allocation but of a long string.
    static func key(of id: UInt32, in bytes: RawSpan) throws(DictionaryBlockError) -> NodeKey? {
        var offset = 0
        let (hasStrings, count) = try head(of: bytes, at: &offset)
        let ids = try AscendingColumn(of: count, in: bytes, at: &offset)
        guard let index = ids.index(of: UInt64(id), in: bytes) else { return nil }
        let column = try PackedColumn(of: count, in: bytes, at: &offset)
        if !hasStrings { return NodeKey(try column.number(at: index, in: bytes)) }
        let range = try keyRange(at: index, column, from: offset, in: bytes)
        guard let key = try? NodeKey(encoded: bytes.extracting(range)) else { throw .badKey(entry: index) }
        return key
    }

    /// The greatest id of the block. O(32).
    static func lastID(in bytes: RawSpan) throws(DictionaryBlockError) -> UInt32 {
        var offset = 0
        let (_, count) = try head(of: bytes, at: &offset)
        let ids = try AscendingColumn(of: count, in: bytes, at: &offset)
        guard let id = UInt32(exactly: try ids.last(in: bytes)) else { throw .overflow }
        return id
    }

    static func decode(_ bytes: RawSpan, into entries: inout DictionaryEntries) throws(DictionaryBlockError) {
        var offset = 0
        let (hasStrings, count) = try head(of: bytes, at: &offset)
        let ids = try AscendingColumn(of: count, in: bytes, at: &offset)
        let column = try PackedColumn(of: count, in: bytes, at: &offset)
        var index = 0
        try ids.forEach(in: bytes) { number throws(DictionaryBlockError) in
            guard let id = UInt32(exactly: number) else { throw .overflow }
            if hasStrings {
                let range = try keyRange(at: index, column, from: offset, in: bytes)
                let isKey = unsafe bytes.extracting(range).withUnsafeBytes { encoded in
                    unsafe entries.append(id: id, encoded: encoded)
                }
                guard isKey else { throw .badKey(entry: index) }
            } else {
                entries.append(id: id, integer: try column.number(at: index, in: bytes))
            }
            index += 1
        }
        let end = hasStrings ? try keyRange(at: count - 1, column, from: offset, in: bytes).upperBound : offset
        guard end == bytes.byteCount else { throw .trailingBytes(bytes.byteCount - end) }
    }

    /// Writes the block with one more entry behind the others, if its columns keep their form and their widths: the id is
    /// the next after the last, and the width has room for the integer or for the end of the string. Most new nodes are
    /// such.
    ///
    /// - Returns: whether it was so; if not, nothing that counts was written.
    /// - Complexity: O(bytes) copied, nothing decoded.
    static func extend(
        _ bytes: RawSpan, by key: NodeKey, id: UInt32, into writer: inout DictionaryBlockWriter
    ) throws(DictionaryBlockError) -> Bool {
        var offset = 0
        let (hasStrings, count) = try head(of: bytes, at: &offset)
        let columns = offset
        let ids = try AscendingColumn(of: count, in: bytes, at: &offset)
        let column = try PackedColumn(of: count, in: bytes, at: &offset)
        let end = hasStrings ? try keyRange(at: count - 1, column, from: offset, in: bytes).upperBound : offset
        guard end == bytes.byteCount else { throw .trailingBytes(bytes.byteCount - end) }
        let number = unsafe hasStrings ? UInt64(end - offset + key.withEncodedBytes(unsafe \.count)) : key.integer
        guard let number, ids.isNext(UInt64(id)), column.admits(number), count < entriesMax else { return false }
        writer.begin(form: hasStrings ? 1 : 0, count: count + 1)
        writer.raw(bytes.extracting(columns..<offset))
        writer.append(number - column.base, column.width, after: count * column.width)
        if hasStrings {
            writer.raw(bytes.extracting(offset..<end))
            unsafe key.withEncodedBytes { unsafe writer.raw(RawSpan(_unsafeBytes: $0)) }
        }
        writer.seal()
        return writer.bytes.count + MemoryLayout<UInt32>.size <= entryBytesMax
    }

    /// Where the key at `index` lies in a block whose keys start at `start`.
    private static func keyRange(
        at index: Int, _ ends: PackedColumn, from start: Int, in bytes: RawSpan
    ) throws(DictionaryBlockError) -> Range<Int> {
        let first = index == 0 ? 0 : try ends.number(at: index - 1, in: bytes)
        let end = try ends.number(at: index, in: bytes)
        guard end <= UInt64(bytes.byteCount - start) else { throw .truncated(bytes: bytes.byteCount) }
        guard first < end else { throw .badKey(entry: index) }
        return start + Int(first)..<start + Int(end)
    }

    static func encode(
        _ extent: Extent, from start: Int, of entries: DictionaryEntries, into writer: inout DictionaryBlockWriter
    ) {
        writer.begin(form: extent.hasStrings ? 1 : 0, count: extent.count)
        writer.column(extent.ids) { UInt64(entries.ids[start &+ $0]) }
        if extent.hasStrings {
            var end: UInt64 = 0
            writer.column(extent.ends) {
                end += UInt64(entries.encodedBytes(at: start + $0))
                return end
            }
            for index in start..<start + extent.count { writer.encodedKey(at: index, of: entries) }
        } else {
            writer.column(extent.integers) { entries.integers[start &+ $0] }
        }
        writer.seal()
    }

    struct Extent: DictionaryBlockExtent {
        private(set) var ids = AscendingColumn.Extent()
        private(set) var integers = PackedColumn.Extent()
        /// Of the ends of keys; nothing while all are integers.
        private(set) var ends = PackedColumn.Extent()
        private(set) var hasStrings = false

        var count: Int { ids.count }

        @inline(__always)
        mutating func add(_ entries: DictionaryEntries, at index: Int) {
            if !hasStrings, entries.isString(at: index) {
                hasStrings = true
                for earlier in index - count..<index { addEnd(entries, at: earlier) }
            }
            if hasStrings { addEnd(entries, at: index) }
            ids.add(UInt64(entries.ids[index]))
            integers.add(entries.integers[index])
        }

        private mutating func addEnd(_ entries: DictionaryEntries, at index: Int) {
            ends.add((ends.count == 0 ? 0 : ends.greatest) &+ UInt64(entries.encodedBytes(at: index)))
        }

        var entryBytes: Int {
            let columns = hasStrings ? ends.byteCount + Int(ends.greatest) : integers.byteCount
            let head = 2 + UInt64(count).varintSize
            return head + ids.byteCount + columns + MemoryLayout<UInt32>.size
        }

        var fits: Bool { entryBytes <= entryBytesMax }
    }
}

extension DictionaryBlockWriter {
    /// The key of an entry, as ``NodeKey/withEncodedBytes(_:)`` gives it.
    fileprivate mutating func encodedKey(at index: Int, of entries: DictionaryEntries) {
        let text = entries.textRange(at: index)
        if text.isEmpty {
            let value = entries.integers[index]
            let significant = value.significantBytes
            byte(significant)
            for place in (0..<significant).reversed() { byte(Int(value >> UInt64(8 * place) & 0xFF)) }
        } else {
            byte(Int(NodeKey.stringTag))
            raw(entries.text[text])
        }
    }
}

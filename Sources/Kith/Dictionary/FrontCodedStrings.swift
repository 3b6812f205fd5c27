/// Strictly ascending strings, each stored by what it does not share with the one before it.
///
/// Every sixteenth is stored whole, and where it starts is known: a search halves the groups by their whole strings, then
/// walks one group. Front coding: Witten, Moffat and Bell, *Managing Gigabytes*, 1999, section 4.1.
///
/// The walk compares no byte twice. Say the key is above the string before and shares `matched` bytes with it: a string
/// that shares more with that one is below the key too, one that shares less is above it, and only one that shares as
/// much has to be looked at.
struct FrontCodedStrings {
    private static let groupSize = IDBlock.groupSize

    private let count: Int
    /// Where groups 1, 2, ... start, from ``start`` on.
    private let starts: PackedColumn?
    private let start: Int

    /// Reads where the groups of `count` >= 1 strings start, and moves to the strings.
    init(of count: Int, in bytes: RawSpan, at offset: inout Int) throws(DictionaryBlockError) {
        self.count = count
        let groups = FrontCodedStrings.groups(of: count)
        starts = groups > 1 ? try PackedColumn(of: groups - 1, in: bytes, at: &offset) : nil
        start = offset
    }

    private static func groups(of count: Int) -> Int {
        (count + groupSize - 1) / groupSize
    }

    private func groupStart(_ group: Int, in bytes: RawSpan) throws(DictionaryBlockError) -> Int {
        guard group > 0, let starts else { return start }
        let distance = try starts.number(at: group - 1, in: bytes)
        guard distance < UInt64(bytes.byteCount - start) else { throw .truncated(bytes: bytes.byteCount) }
        return start + Int(distance)
    }

    /// Where the next part of a string lies: the varint of its length stands before it.
    @inline(__always)
    private static func part(
        in bytes: RawSpan, at offset: inout Int
    ) throws(DictionaryBlockError) -> Range<Int> {
        let length = try bytes.varint(at: &offset)
        guard length <= UInt64(bytes.byteCount - offset) else { throw .truncated(bytes: bytes.byteCount) }
        let part = offset..<offset + Int(length)
        offset = part.upperBound
        return part
    }

    /// The place of `key`, or nil when it is not among the strings.
    func index(of key: RawSpan, in bytes: RawSpan) throws(DictionaryBlockError) -> Int? {
        var group = 0
        var end = FrontCodedStrings.groups(of: count)
        while end - group > 1 {
            let middle = (group + end) / 2
            var offset = try groupStart(middle, in: bytes)
            let whole = try FrontCodedStrings.part(in: bytes, at: &offset)
            var matched = 0
            if FrontCodedStrings.order(bytes.extracting(whole), key, &matched) <= 0 {
                group = middle
            } else {
                end = middle
            }
        }
        var offset = try groupStart(group, in: bytes)
        let whole = try FrontCodedStrings.part(in: bytes, at: &offset)
        var matched = 0
        let order = FrontCodedStrings.order(bytes.extracting(whole), key, &matched)
        if order >= 0 { return order == 0 ? group * FrontCodedStrings.groupSize : nil }
        let groupStart = group * FrontCodedStrings.groupSize
        for index in groupStart + 1..<max(groupStart + 1, min(groupStart + FrontCodedStrings.groupSize, count)) {
            let shared = try bytes.varint(at: &offset)
            let part = try FrontCodedStrings.part(in: bytes, at: &offset)
            if shared > UInt64(matched) { continue }
            if shared < UInt64(matched) { return nil }
            let order = FrontCodedStrings.order(bytes.extracting(part), key, &matched)
            if order >= 0 { return order == 0 ? index : nil }
        }
        return nil
    }

    /// Compares a string with `key`, both from byte `matched` on; moves `matched` past the bytes they share.
    ///
    /// - Returns: less than 0 when the string is below the key, 0 when it is the key.
    @inline(__always)
    private static func order(_ string: RawSpan, _ key: RawSpan, _ matched: inout Int) -> Int {
        let rest = key.byteCount &- matched
        let common = min(string.byteCount, rest)
        for offset in 0..<common {
            let left = unsafe Int(string.unsafeLoad(fromUncheckedByteOffset: offset, as: UInt8.self))
            let right = unsafe Int(key.unsafeLoad(fromUncheckedByteOffset: matched &+ offset, as: UInt8.self))
            if left != right {
                matched &+= offset
                return left &- right
            }
        }
        matched &+= common
        return string.byteCount &- rest
    }

    /// Appends all strings with their ids.
    func decode(
        _ ids: PackedColumn, in bytes: RawSpan, into entries: inout DictionaryEntries
    ) throws(DictionaryBlockError) {
        var offset = start
        for index in 0..<count {
            var shared = 0
            if index % FrontCodedStrings.groupSize == 0 {
                let expected = try groupStart(index / FrontCodedStrings.groupSize, in: bytes)
                guard offset == expected else { throw .notCanonical }
            } else {
                let stored = try bytes.varint(at: &offset)
                guard stored <= UInt64(entries.textRange(at: index - 1).count) else { throw .badKey(entry: index) }
                shared = Int(stored)
            }
            let part = try FrontCodedStrings.part(in: bytes, at: &offset)
            guard (1...NodeKey.bytesMax).contains(shared + part.count) else { throw .badKey(entry: index) }
            let id = try ids.id(at: index, in: bytes)
            unsafe bytes.extracting(part).withUnsafeBytes { suffix in
                if shared == 0 {
                    unsafe entries.append(id: id, utf8: suffix)
                } else {
                    unsafe entries.append(id: id, sharing: shared, utf8: suffix)
                }
            }
            guard index == 0 || entries.ascends(at: index, sharing: shared) || entries.ascends(at: index) else {
                throw .notAscending(entry: index)
            }
        }
        guard offset == bytes.byteCount else { throw .trailingBytes(bytes.byteCount - offset) }
    }
}

extension FrontCodedStrings {
    /// What some strings take, known while they are added in ascending order.
    struct Extent {
        private(set) var count = 0
        /// Where groups 1, 2, ... start.
        private(set) var starts = PackedColumn.Extent()
        private var stringBytes = 0

        mutating func add(_ entries: DictionaryEntries, at index: Int) {
            let length = entries.textRange(at: index).count
            if count % groupSize == 0 {
                precondition(count == 0 || entries.ascends(at: index), "strings do not ascend")
                if count > 0 { starts.add(UInt64(stringBytes)) }
                stringBytes += UInt64(length).varintSize + length
            } else {
                let shared = entries.sharedBytes(at: index)
                precondition(entries.ascends(at: index, sharing: shared), "strings do not ascend")
                stringBytes += UInt64(shared).varintSize + UInt64(length - shared).varintSize + length - shared
            }
            count += 1
        }

        var byteCount: Int { (starts.count == 0 ? 0 : starts.byteCount) + stringBytes }
    }
}

extension DictionaryBlockWriter {
    /// The strings of `extent`, which are those of the entries from `start` on.
    mutating func frontCodedStrings(
        _ extent: FrontCodedStrings.Extent, from start: Int, of entries: DictionaryEntries
    ) {
        if extent.starts.count > 0 {
            var walked = FrontCodedStrings.Extent()
            column(extent.starts) { group in
                while walked.starts.count <= group { walked.add(entries, at: start + walked.count) }
                return walked.starts.greatest
            }
        }
        for place in 0..<extent.count {
            let text = entries.textRange(at: start + place)
            var shared = 0
            if place % IDBlock.groupSize != 0 {
                shared = entries.sharedBytes(at: start + place)
                varint(UInt64(shared))
            }
            varint(UInt64(text.count - shared))
            raw(entries.text[text.dropFirst(shared)])
        }
    }
}

extension DictionaryEntries {
    /// How many bytes the text of an entry has in common with that of the one before it.
    fileprivate func sharedBytes(at index: Int) -> Int {
        let before = textRange(at: index - 1)
        let own = textRange(at: index)
        let common = min(before.count, own.count)
        for offset in 0..<common where text[before.lowerBound + offset] != text[own.lowerBound + offset] {
            return offset
        }
        return common
    }

    /// Whether the text of an entry is above that of the one before it by the byte behind the `shared` ones that both
    /// start with.
    fileprivate func ascends(at index: Int, sharing shared: Int) -> Bool {
        let before = textRange(at: index - 1).dropFirst(shared)
        let own = textRange(at: index).dropFirst(shared)
        guard let first = own.first else { return false }
        return before.isEmpty || text[before.lowerBound] < text[first]
    }

    fileprivate func ascends(at index: Int) -> Bool {
        ascends(at: index, sharing: sharedBytes(at: index))
    }
}

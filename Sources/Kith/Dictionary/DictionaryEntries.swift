/// Nodes with their keys and ids, in memory that is used again: what a block of a dictionary is decoded into, edited in
/// and encoded from.
///
/// All texts lie in one array, one behind the other. A string has at least one byte, so an entry without text is that of
/// an integer. Blocks of one table have ascending ids, those of the other ascending keys; who adds sees to that.
struct DictionaryEntries {
    private(set) var ids: [UInt32] = []
    /// The keys that are integers; 0 in the place of a string.
    private(set) var integers: [UInt64] = []
    /// The UTF-8 of all strings.
    private(set) var text: [UInt8] = []
    /// Where the text of each entry ends; nothing while there are no strings.
    private var textEnds: [Int] = []

    var count: Int { ids.count }

    /// Where the UTF-8 of an entry's key lies in ``text``; empty when the key is an integer.
    @inline(__always)
    func textRange(at index: Int) -> Range<Int> {
        if textEnds.isEmpty { return 0..<0 }
        return (index == 0 ? 0 : textEnds[index - 1])..<textEnds[index]
    }

    @inline(__always)
    func isString(at index: Int) -> Bool { !textRange(at: index).isEmpty }

    /// How many bytes an entry's key encodes to.
    func encodedBytes(at index: Int) -> Int {
        let text = textRange(at: index)
        return 1 + (text.isEmpty ? integers[index].significantBytes : text.count)
    }

    /// An entry's key.
    ///
    /// - Throws: ``DictionaryBlockError/badKey(entry:)`` when its text is none.
    func key(at index: Int) throws(DictionaryBlockError) -> NodeKey {
        let range = textRange(at: index)
        if range.isEmpty { return NodeKey(integers[index]) }
        let key = unsafe text.withUnsafeBytes { unsafe try? NodeKey(utf8: UnsafeRawBufferPointer(rebasing: $0[range])) }
        guard let key, key.integer == nil else { throw .badKey(entry: index) }
        return key
    }

    /// The place of the first entry whose id is not below `id`, when ids ascend.
    func insertionIndex(of id: UInt32) -> Int {
        firstIndex { ids[$0] >= id }
    }

    /// The place of the first entry whose key is not below `key`, when keys ascend.
    func insertionIndex(of key: NodeKey) -> Int {
        switch key.form {
        case .integer(let value):
            firstIndex { isString(at: $0) || integers[$0] >= value }
        case .string(let string):
            firstIndex { index in
                let range = textRange(at: index)
                return !range.isEmpty && !text[range].lexicographicallyPrecedes(string.utf8)
            }
        }
    }

    /// Whether the entry at `index` is there and has this key.
    func hasKey(_ key: NodeKey, at index: Int) -> Bool {
        guard index < count else { return false }
        return switch key.form {
        case .integer(let value): !isString(at: index) && integers[index] == value
        case .string(let string): text[textRange(at: index)].elementsEqual(string.utf8)
        }
    }

    private func firstIndex(where isAtOrAfter: (Int) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if isAtOrAfter(middle) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

extension DictionaryEntries {
    mutating func removeAll() {
        ids.removeAll(keepingCapacity: true)
        integers.removeAll(keepingCapacity: true)
        text.removeAll(keepingCapacity: true)
        textEnds.removeAll(keepingCapacity: true)
    }

    /// Forgets all entries but the last.
    mutating func keepLast() {
        guard count > 1 else { return }
        let last = textRange(at: count - 1)
        text.removeSubrange(last.upperBound...)
        text.removeFirst(last.lowerBound)
        ids.removeFirst(count - 1)
        integers.removeFirst(integers.count - 1)
        textEnds.removeAll(keepingCapacity: true)
        if !text.isEmpty { textEnds.append(text.count) }
    }

    @inline(__always)
    mutating func append(id: UInt32, integer: UInt64) {
        ids.append(id)
        integers.append(integer)
        if !textEnds.isEmpty { textEnds.append(text.count) }
    }

    /// Appends a string of at least one byte.
    mutating func append(id: UInt32, utf8: UnsafeRawBufferPointer) {
        beginText()
        unsafe text.append(contentsOf: utf8)
        ids.append(id)
        integers.append(0)
        textEnds.append(text.count)
    }

    /// Makes the entries so far, if all are of integers, ready for one with text.
    private mutating func beginText() {
        if textEnds.isEmpty { textEnds.append(contentsOf: repeatElement(0, count: count)) }
    }

    /// Appends a string that shares its first `shared` bytes with the entry before it.
    mutating func append(id: UInt32, sharing shared: Int, utf8 suffix: UnsafeRawBufferPointer) {
        let start = textRange(at: count - 1).lowerBound
        // Byte by byte: a slice of the array would have the array copied before it is appended to.
        for offset in 0..<shared { text.append(text[start + offset]) }
        unsafe append(id: id, utf8: suffix)
    }

    /// Appends a key as ``NodeKey/withEncodedBytes(_:)`` gives it; false when the bytes cannot be one.
    mutating func append(id: UInt32, encoded bytes: UnsafeRawBufferPointer) -> Bool {
        guard let tag = unsafe bytes.first else { return false }
        let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes.dropFirst())
        if tag == NodeKey.stringTag {
            guard (1...NodeKey.bytesMax).contains(rest.count) else { return false }
            unsafe append(id: id, utf8: rest)
        } else {
            guard tag <= 8, rest.count == Int(tag), unsafe rest.first != 0 else { return false }
            var value: UInt64 = 0
            for index in 0..<rest.count { value = unsafe value &<< 8 | UInt64(rest[index]) }
            append(id: id, integer: value)
        }
        return true
    }

    mutating func insert(_ key: NodeKey, id: UInt32, at index: Int) {
        if key.isString { beginText() }
        let start = index == 0 || textEnds.isEmpty ? 0 : textEnds[index - 1]
        if key.isString || !textEnds.isEmpty { textEnds.insert(start, at: index) }
        ids.insert(id, at: index)
        integers.insert(key.integer ?? 0, at: index)
        guard case .string(let string) = key.form else { return }
        text.insert(contentsOf: string.utf8, at: start)
        for place in index..<count { textEnds[place] += string.utf8.count }
    }

    mutating func remove(at index: Int) {
        let range = textRange(at: index)
        ids.remove(at: index)
        integers.remove(at: index)
        if !textEnds.isEmpty { textEnds.remove(at: index) }
        guard !range.isEmpty else { return }
        text.removeSubrange(range)
        for place in index..<count { textEnds[place] -= range.count }
    }
}

extension UInt64 {
    /// How many bytes the number takes without its leading zero bytes.
    var significantBytes: Int { (significantBits + 7) / 8 }
}

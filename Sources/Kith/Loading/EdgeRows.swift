/// The edges of one type that a thread has read and not yet handed in, column by column.
///
/// An end is an integer key; or where a string key is in ``text``, offset << 16 | length; or a provisional id: its flags
/// tell. Values are only there when some row has another than ``defaultValue``.
@safe final class EdgeRows {
    /// What the word of an end is, when it is no integer.
    struct Flags: OptionSet {
        let rawValue: UInt8
        static let sourceIsID = Flags(rawValue: 1)
        static let targetIsID = Flags(rawValue: 2)
        static let sourceIsText = Flags(rawValue: 4)
        static let targetIsText = Flags(rawValue: 8)
    }

    /// What the strings are in.
    var text: Column<UInt8>?

    private(set) var count = 0
    private var capacity = 0
    private(set) var sources: Column<UInt64> = Column(count: 0)
    private(set) var targets: Column<UInt64> = Column(count: 0)
    private(set) var flags: Column<UInt8> = Column(count: 0)
    private(set) var values: Column<UInt64>?
    /// Whether some end is no integer.
    private(set) var hasOthers = false
    /// What rows that say nothing about it carry.
    let defaultValue: UInt64

    init(defaultValue: UInt64) {
        self.defaultValue = defaultValue
    }

    func removeAll() {
        count = 0
        values = nil
        hasOthers = false
    }

    /// Makes room for `more` rows.
    func reserve(_ more: Int) {
        guard count + more > capacity else { return }
        capacity = max(2 * capacity, count + more, 1 << 10)
        sources = grown(sources)
        targets = grown(targets)
        flags = grown(flags)
        values = values.map { grown($0) }
    }

    private func grown<Element>(_ column: Column<Element>) -> Column<Element> {
        let larger = Column<Element>(count: capacity)
        unsafe larger.start.update(from: column.start, count: count)
        return larger
    }

    /// Adds a row.
    func append(_ source: UInt64, _ target: UInt64, flags: Flags = [], value: UInt64) {
        reserve(1)
        sources[count] = source
        targets[count] = target
        self.flags[count] = flags.rawValue
        if flags != [] { hasOthers = true }
        if value != defaultValue, values == nil {
            let column = Column<UInt64>(count: capacity)
            unsafe column.start.update(repeating: defaultValue, count: count)
            values = column
        }
        values?[count] = value
        count += 1
    }

    /// The key of a row's source. The text that strings are in must be there still.
    ///
    /// - Parameter keys: those of the kind, for provisional ids.
    func sourceKey(_ row: Int, of keys: KeyInterner) throws(NodeKeyError) -> NodeKey {
        try key(sources[row], flags[row], id: .sourceIsID, text: .sourceIsText, keys)
    }

    /// The key of a row's target, likewise.
    func targetKey(_ row: Int, of keys: KeyInterner) throws(NodeKeyError) -> NodeKey {
        try key(targets[row], flags[row], id: .targetIsID, text: .targetIsText, keys)
    }

    private func key(
        _ word: UInt64, _ flags: UInt8, id: Flags, text isText: Flags, _ keys: KeyInterner
    ) throws(NodeKeyError) -> NodeKey {
        let flags = Flags(rawValue: flags)
        if flags.contains(id) { return try keys.keyAmidAdditions(UInt32(word)) }
        guard flags.contains(isText), let text else { return NodeKey(word) }
        return unsafe try NodeKey(
            utf8: UnsafeRawBufferPointer(start: text.start + Int(word >> 16), count: Int(word & 0xFFFF)))
    }

    /// Says that `more` rows were written behind the others: integers, with the default value. See ``IntegerRows``.
    func appendIntegers(_ more: Int) {
        unsafe (flags.start + count).update(repeating: 0, count: more)
        if let values { unsafe (values.start + count).update(repeating: defaultValue, count: more) }
        count += more
    }
}

extension EdgeRows {
    /// The provisional ids of the sources, or of the targets.
    private func ids(of ends: Column<UInt64>, id: Flags, text isText: Flags, in keys: KeyInterner) -> Column<UInt32> {
        let ids = Column<UInt32>(count: count)
        guard hasOthers else {
            unsafe keys.intern(ends.start, count: count, into: ids.start)
            return ids
        }
        var start = 0
        while start < count {
            // Runs of one sort, so that many keys are looked up at once.
            let sort = flags[start] & (id.rawValue | isText.rawValue)
            var end = start + 1
            while end < count, flags[end] & (id.rawValue | isText.rawValue) == sort { end += 1 }
            let words = unsafe UnsafePointer(ends.start + start)
            if sort == id.rawValue {
                for index in start..<end { ids[index] = UInt32(ends[index]) }
            } else if sort == isText.rawValue, let text {
                unsafe keys.intern(words, count: end - start, in: text.start, into: ids.start + start)
            } else {
                unsafe keys.intern(words, count: end - start, into: ids.start + start)
            }
            start = end
        }
        return ids
    }

    /// The rows as records: target << 32 | source, sorted by part, which is the target's last bits; in the order of rows
    /// within a part. Rows of a symmetric type stand there both ways, but for loops.
    func records(
        sources sourceKeys: KeyInterner, targets targetKeys: KeyInterner, isSymmetric: Bool, partCount: Int
    ) -> RecordBlock {
        let sources = ids(of: sources, id: .sourceIsID, text: .sourceIsText, in: sourceKeys)
        let targets = ids(of: targets, id: .targetIsID, text: .targetIsText, in: targetKeys)
        let mask = UInt32(partCount - 1)
        var offsets = Array(repeating: 0, count: partCount + 1)
        unsafe offsets.withUnsafeMutableBufferPointer { offsets in
            for index in 0..<count {
                unsafe offsets[Int(targets[index] & mask)] &+= 1
                if isSymmetric, sources[index] != targets[index] {
                    unsafe offsets[Int(sources[index] & mask)] &+= 1
                }
            }
            var place = 0
            for part in 0...partCount {
                let size = unsafe offsets[part]
                unsafe offsets[part] = place
                place += size
            }
        }
        let total = offsets[partCount]
        let ends = Column<UInt64>(count: total)
        let sorted = values.map { _ in Column<UInt64>(count: total) }
        var next = offsets
        unsafe next.withUnsafeMutableBufferPointer { next in
            for index in 0..<count {
                let source = sources[index]
                let target = targets[index]
                let place = unsafe next[Int(target & mask)]
                unsafe next[Int(target & mask)] = place &+ 1
                ends[place] = UInt64(target) << 32 | UInt64(source)
                if let sorted, let values { sorted[place] = values[index] }
                if isSymmetric, source != target {
                    let place = unsafe next[Int(source & mask)]
                    unsafe next[Int(source & mask)] = place &+ 1
                    ends[place] = UInt64(source) << 32 | UInt64(target)
                    if let sorted, let values { sorted[place] = values[index] }
                }
            }
        }
        return RecordBlock(ends: ends, values: sorted, constant: defaultValue, firstPart: 0, offsets: offsets)
    }
}

import Glibc

/// Which id each node of a kind gets: the ones most pointed at first, equal ones by ascending key.
struct NodeOrder {
    /// Provisional ids in the order of their keys: integers by value, then strings by bytes.
    let byKey: Column<UInt32>
    /// Provisional ids in the order of final ids.
    let byID: Column<UInt32>

    /// - Parameter degrees: by provisional id.
    init(_ keys: KeyInterner, degrees: Column<UInt64>) {
        byKey = NodeOrder.sortedByKey(keys)
        let count = keys.count
        let inverse = Column<UInt64>(count: count)
        let order = Column<UInt64>(count: count)
        for index in 0..<count {
            inverse[index] = ~degrees[Int(byKey[index])]
            order[index] = UInt64(byKey[index])
        }
        // Stable: nodes of the same degree stay in the order of keys.
        RadixSort().sort(inverse, order, count: count)
        byID = NodeOrder.narrow(order, count)
    }

    static func sortedByKey(_ keys: KeyInterner) -> Column<UInt32> {
        let count = keys.count
        let integerKeys = Column<UInt64>(count: count)
        let integers = Column<UInt64>(count: count)
        let prefixes = Column<UInt64>(count: keys.hasStrings ? count : 0)
        let strings = Column<UInt64>(count: keys.hasStrings ? count : 0)
        var integerCount = 0
        var stringCount = 0
        for id in 0..<count {
            if keys.isString(id) {
                prefixes[stringCount] = unsafe prefix(keys.string(id))
                strings[stringCount] = UInt64(id)
                stringCount += 1
            } else {
                integerKeys[integerCount] = keys.words[id]
                integers[integerCount] = UInt64(id)
                integerCount += 1
            }
        }
        let radix = RadixSort()
        radix.sort(integerKeys, integers, count: integerCount)
        radix.sort(prefixes, strings, count: stringCount)
        sortEqualPrefixes(prefixes, strings, stringCount, keys)
        let sorted = Column<UInt32>(count: count)
        for index in 0..<integerCount { sorted[index] = UInt32(integers[index]) }
        for index in 0..<stringCount { sorted[integerCount + index] = UInt32(strings[index]) }
        return sorted
    }

    /// The first eight bytes as a number that compares as they do; a shorter string is filled up with zeros.
    private static func prefix(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        if bytes.count >= 8 { return UInt64(bigEndian: unsafe bytes.loadUnaligned(as: UInt64.self)) }
        var value: UInt64 = 0
        for index in 0..<8 { value = value << 8 | (index < bytes.count ? UInt64(unsafe bytes[index]) : 0) }
        return value
    }

    private static func sortEqualPrefixes(
        _ prefixes: Column<UInt64>, _ strings: Column<UInt64>, _ count: Int, _ keys: KeyInterner
    ) {
        var start = 0
        while start < count {
            var end = start + 1
            while end < count, prefixes[end] == prefixes[start] { end += 1 }
            if end - start > 1 {
                var run = unsafe UnsafeMutableBufferPointer(start: strings.start + start, count: end - start)
                unsafe run.sort { left, right in unsafe precedes(keys.string(Int(left)), keys.string(Int(right))) }
            }
            start = end
        }
    }

    private static func precedes(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
        let shared = unsafe memcmp(
            left.baseAddress.unsafelyUnwrapped, right.baseAddress.unsafelyUnwrapped, min(left.count, right.count))
        return shared == 0 ? left.count < right.count : shared < 0
    }

    private static func narrow(_ column: Column<UInt64>, _ count: Int) -> Column<UInt32> {
        let narrow = Column<UInt32>(count: count)
        for index in 0..<count { narrow[index] = UInt32(truncatingIfNeeded: column[index]) }
        return narrow
    }
}

/// Least-significant-digit radix sort of 64-bit numbers, with or without a 64-bit value beside each: stable, O(count).
///
/// ```
/// keys    0x0003_0001  0x0001_0007  0x0003_0000       digits of 8 bits, from the lowest; a digit that is the same
/// values  a            b            c                 in all keys costs nothing
/// ```
/// Knuth, *The Art of Computer Programming* 3, 5.2.5. Meant for parts that stay in a cache: each pass scatters. One thread at a time.
@safe final class RadixSort {
    private var keys: Column<UInt64> = Column(count: 0)
    private var values: Column<UInt64> = Column(count: 0)
    private let counts = Column<Int>(count: digits * buckets)

    private static let digitBits = 8
    private static let digits = 64 / digitBits
    private static let buckets = 1 << digitBits

    /// Sorts the first `count` of `keys`, and moves `values` along. Keeps as much memory again for the next time.
    func sort(_ keys: Column<UInt64>, _ values: Column<UInt64>?, count: Int) {
        if self.keys.count < count { self.keys = Column(count: count) }
        if values != nil, self.values.count < count { self.values = Column(count: count) }
        unsafe RadixSort.sort(
            keys.start, values?.start, count: count, spareKeys: self.keys.start,
            spareValues: values == nil ? nil : self.values.start, histogram: counts.start)
    }

    private static func sort(
        _ keys: UnsafeMutablePointer<UInt64>, _ values: UnsafeMutablePointer<UInt64>?, count: Int,
        spareKeys: UnsafeMutablePointer<UInt64>, spareValues: UnsafeMutablePointer<UInt64>?,
        histogram: UnsafeMutablePointer<Int>
    ) {
        guard count > 1 else { return }
        unsafe histogram.initialize(repeating: 0, count: digits * buckets)
        var union: UInt64 = 0
        let first = unsafe keys[0]
        for index in 0..<count { union |= unsafe keys[index] ^ first }
        for digit in 0..<digits where differs(digit, union) {
            let shift = UInt64(digit * digitBits)
            let row = unsafe histogram + digit * buckets
            for index in 0..<count {
                unsafe row[Int(truncatingIfNeeded: (keys[index] &>> shift) & 0xFF)] &+= 1
            }
        }
        var (fromKeys, toKeys) = unsafe (keys, spareKeys)
        var (fromValues, toValues) = unsafe (values, spareValues)
        for digit in 0..<digits where differs(digit, union) {
            let row = unsafe histogram + digit * buckets
            var place = 0
            for bucket in 0..<buckets {
                let size = unsafe row[bucket]
                unsafe row[bucket] = place
                place &+= size
            }
            let shift = UInt64(digit * digitBits)
            if let sourceValues = unsafe fromValues, let targetValues = unsafe toValues {
                for index in 0..<count {
                    let key = unsafe fromKeys[index]
                    let bucket = Int(truncatingIfNeeded: (key &>> shift) & 0xFF)
                    let target = unsafe row[bucket]
                    unsafe row[bucket] = target &+ 1
                    unsafe toKeys[target] = key
                    unsafe targetValues[target] = unsafe sourceValues[index]
                }
            } else {
                for index in 0..<count {
                    let key = unsafe fromKeys[index]
                    let bucket = Int(truncatingIfNeeded: (key &>> shift) & 0xFF)
                    let target = unsafe row[bucket]
                    unsafe row[bucket] = target &+ 1
                    unsafe toKeys[target] = key
                }
            }
            unsafe swap(&fromKeys, &toKeys)
            unsafe swap(&fromValues, &toValues)
        }
        if unsafe fromKeys != keys {
            unsafe keys.update(from: fromKeys, count: count)
            if let values = unsafe values, let fromValues = unsafe fromValues {
                unsafe values.update(from: fromValues, count: count)
            }
        }
    }

    /// Whether the keys differ in `digit`, when `union` has all bits in which any two differ.
    private static func differs(_ digit: Int, _ union: UInt64) -> Bool {
        (union >> UInt64(digit * digitBits)) & 0xFF != 0
    }
}

/// A set of ids below a limit, a bit each up to the greatest there is: the limit alone, which may be damaged, takes no memory.
struct IDSet {
    private var words: [UInt64] = []
    private let limit: UInt64

    init(limit: UInt64) {
        self.limit = limit
    }

    /// Adds `id`, which is below the limit.
    mutating func insert(_ id: UInt32) {
        let index = Int(id >> 6)
        if index >= words.count { words.append(contentsOf: repeatElement(0, count: index + 1 - words.count)) }
        words[index] |= 1 << UInt64(id & 63)
    }

    func contains(_ id: UInt32) -> Bool {
        let index = Int(id >> 6)
        return UInt64(id) < limit && index < words.count && words[index] >> UInt64(id & 63) & 1 == 1
    }
}

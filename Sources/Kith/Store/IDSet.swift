/// A set of ids below a limit, a bit each.
struct IDSet {
    private var words: [UInt64]
    private let limit: UInt64

    init(limit: UInt64) {
        self.limit = limit
        words = Array(repeating: 0, count: Int((limit + 63) / 64))
    }

    /// Adds `id`, which is below the limit.
    mutating func insert(_ id: UInt32) {
        words[Int(id >> 6)] |= 1 << UInt64(id & 63)
    }

    func contains(_ id: UInt32) -> Bool {
        UInt64(id) < limit && words[Int(id >> 6)] >> UInt64(id & 63) & 1 == 1
    }
}

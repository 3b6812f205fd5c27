/// Which pages of a file have been met: one bit a page.
struct PageSet {
    private var words: [UInt64]
    let limit: UInt64

    /// Room for the pages below `limit`.
    init(limit: UInt64) {
        self.limit = limit
        words = Array(repeating: 0, count: Int(limit / 64) + 1)
    }

    /// Notes a page below the limit; false when it was noted before.
    mutating func insert(_ page: UInt64) -> Bool {
        let bit = UInt64(1) << (page % 64)
        defer { words[Int(page / 64)] |= bit }
        return words[Int(page / 64)] & bit == 0
    }

    func contains(_ page: UInt64) -> Bool {
        words[Int(page / 64)] >> (page % 64) & 1 != 0
    }
}

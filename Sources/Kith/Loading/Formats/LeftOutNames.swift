/// The names of what rows have and nobody reads, the first sixteen in the order of rows.
///
/// Names are told apart by a hash of 64 bits, so that a row of a file costs no text.
struct LeftOutNames: Equatable {
    private(set) var names: [String] = []
    /// Whether there are more.
    private(set) var hasMore = false
    private var hashes: [UInt64] = []
    static let countMax = 16

    @inline(__always)
    mutating func note(_ name: Field) {
        // FNV-1a.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        let bytes = unsafe name.bytes
        for index in 0..<bytes.count { hash = unsafe (hash ^ UInt64(bytes[index])) &* 0x100_0000_01B3 }
        if hashes.contains(hash) { return }
        add(hash, name)
    }

    private mutating func add(_ hash: UInt64, _ name: Field) {
        guard names.count < LeftOutNames.countMax else {
            hasMore = true
            return
        }
        hashes.append(hash)
        names.append(String(name.text.prefix(40)))
    }

    /// Adds the names of the rows behind these.
    mutating func formUnion(_ other: LeftOutNames) {
        for (hash, name) in zip(other.hashes, other.names) where !hashes.contains(hash) {
            if names.count < LeftOutNames.countMax {
                hashes.append(hash)
                names.append(name)
            } else {
                hasMore = true
            }
        }
        hasMore = hasMore || other.hasMore
    }

    /// The names in a sentence; nil when there are none.
    var remark: String? {
        names.isEmpty ? nil : "left out: " + names.joined(separator: ", ") + (hasMore ? " and others" : "")
    }
}

import LMDB

/// What merging neighbours into a list has found out.
struct ListState {
    var node: UInt32 = 0
    /// How many neighbours are new.
    var addedCount = 0
    /// How many of them count as edges of their own: each edge is met from both ends.
    var countedCount = 0
    /// Whether the list is new.
    var isNew = false
    /// How many blocks are put or removed.
    var editCount = 0
    /// What the old list was.
    var proof = ListProof()
}

/// Blocks of a list as they were, known again by what a hash function with a secret key makes of their bytes: 64 bits, by
/// which a changed list is taken for the same once in 10^19 times.
struct ListProof {
    private var hasher = Hasher()
    /// The keys of the blocks; none when they are all blocks of the list.
    private(set) var keys: [UInt64] = []

    /// Notes which block is meant, when not all are.
    mutating func noteKey(_ key: UInt64) {
        keys.append(key)
    }

    /// Adds the next block.
    mutating func add(_ block: RawSpan) {
        hasher.combine(block.byteCount)
        unsafe block.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
    }

    /// The hash of the blocks.
    var value: UInt64 { UInt64(bitPattern: Int64(hasher.finalize())) }
}

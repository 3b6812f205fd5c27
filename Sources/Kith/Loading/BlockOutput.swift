import Adjacency

/// Where new blocks go, and what becomes of the old ones they replace.
///
/// **Unsafety:** points at old blocks, as ``ListMerge`` does.
@safe struct BlockOutput {
    /// A block of the store.
    @safe struct Old {
        let key: UInt64
        let bytes: UnsafeRawBufferPointer

        init(_ key: UInt64, _ bytes: RawSpan) {
            self.key = key
            unsafe self.bytes = unsafe bytes.withUnsafeBytes { unsafe $0 }
        }
    }

    let edits: BlockEdits
    /// Old blocks of which it is not decided yet what becomes, from `passed` on.
    private var old: [Old] = []
    private var passed = 0
    /// The new first block, as long as nobody knows the degree it is to tell.
    private(set) var held: [UInt8] = []
    /// The old block in whose place it comes, if there is one.
    private var heldOver: Old?

    init(_ edits: BlockEdits) {
        self.edits = edits
    }

    /// Begins with a list.
    mutating func begin() {
        forgetOld()
        held.removeAll(keepingCapacity: true)
        heldOver = nil
    }

    /// Old blocks read so far stay as they are.
    mutating func forgetOld() {
        old.removeAll(keepingCapacity: true)
        passed = 0
    }

    /// Takes in the next old block: it goes, unless a new one gets its key.
    mutating func take(_ block: Old) {
        old.append(block)
    }

    /// Keeps the new first block back.
    mutating func hold(_ block: RawSpan) {
        held.removeAll(keepingCapacity: true)
        unsafe block.withUnsafeBytes { unsafe held.append(contentsOf: $0) }
        if passed < old.count, UInt32(truncatingIfNeeded: old[passed].key) == 0 {
            heldOver = old[passed]
            passed += 1
        }
    }

    /// Encodes the block that is held again, with the degree of its list.
    func encodeHeld(by block: inout BlockBuffer, degree: UInt32) throws(BlockError) {
        try block.encode(NeighborBlock(unsafe held.span.bytes), isLast: false, degree: degree)
    }

    /// Notes a new block, unless the old one under its key has the same bytes.
    mutating func put(_ block: RawSpan, forKey key: UInt64) throws {
        if let heldOver, heldOver.key == key {
            if unsafe BlockOutput.isEqual(block, heldOver.bytes) { return }
        } else {
            try passOld(below: key)
            if passed < old.count, old[passed].key == key {
                passed += 1
                if unsafe BlockOutput.isEqual(block, old[passed - 1].bytes) { return }
            }
        }
        try edits.put(block, forKey: key)
    }

    /// Old blocks below a key go.
    mutating func passOld(below key: UInt64) throws {
        while passed < old.count, old[passed].key < key {
            try edits.remove(old[passed].key)
            passed += 1
        }
    }

    private static func isEqual(_ block: RawSpan, _ other: UnsafeRawBufferPointer) -> Bool {
        unsafe block.withUnsafeBytes { unsafe $0.elementsEqual(other) }
    }
}

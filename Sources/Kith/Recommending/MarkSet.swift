import Glibc

/// A set of nodes as a bit each, in memory that is kept from request to request.
///
/// **Unsafety:** raw memory, because it is asked in inner loops about ids that a decoder has kept below its limit.
@safe final class MarkSet: @unchecked Sendable {
    /// Ids below this may be in it.
    let capacity: Int
    private let words: UnsafeMutablePointer<UInt64>

    /// An empty set of ids below `capacity`.
    init(capacity: Int) {
        self.capacity = capacity
        let count = capacity / 64 + 1
        guard let memory = unsafe calloc(count, MemoryLayout<UInt64>.stride) else {
            preconditionFailure("out of memory for marks of \(capacity) nodes")
        }
        unsafe words = memory.bindMemory(to: UInt64.self, capacity: count)
    }

    deinit { unsafe free(words) }

    private static func bit(_ node: UInt32) -> UInt64 { 1 &<< UInt64(node & 63) }

    func insert(_ node: UInt32) {
        precondition(Int(node) < capacity)
        unsafe words[Int(node >> 6)] |= MarkSet.bit(node)
    }

    func remove(_ node: UInt32) {
        precondition(Int(node) < capacity)
        unsafe words[Int(node >> 6)] &= ~MarkSet.bit(node)
    }

    /// Whether `node`, which is below ``capacity``, is in it.
    @inline(__always)
    func contains(_ node: UInt32) -> Bool { unsafe words[Int(node >> 6)] & MarkSet.bit(node) != 0 }
}

import Synchronization

/// Degrees counted by several threads.
@safe final class Degrees: @unchecked Sendable {
    private let counts: UnsafeMutablePointer<Atomic<UInt32>>
    let count: Int

    init(count: Int) {
        unsafe counts = .allocate(capacity: max(count, 1))
        for index in 0..<count { unsafe (counts + index).initialize(to: Atomic(0)) }
        self.count = count
    }

    deinit {
        unsafe counts.deallocate()
    }

    @inline(__always)
    func increment(_ index: Int) {
        unsafe counts[index].add(1, ordering: .relaxed)
    }

    subscript(index: Int) -> UInt32 { unsafe counts[index].load(ordering: .relaxed) }
}

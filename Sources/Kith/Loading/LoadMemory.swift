import Synchronization

/// How much memory the records of a load may take.
final class LoadMemory: Sendable {
    private let left: Atomic<Int>

    init(bytes: Int) {
        left = Atomic(bytes)
    }

    /// Takes `bytes`; answers how many are left, fewer than none when that was too much: the taker is to give some back.
    func take(_ bytes: Int) -> Int {
        left.subtract(bytes, ordering: .relaxed).newValue
    }

    /// Gives back what was taken.
    func give(back bytes: Int) {
        left.add(bytes, ordering: .relaxed)
    }

    /// How much can be taken now.
    var available: Int { max(0, left.load(ordering: .relaxed)) }
}

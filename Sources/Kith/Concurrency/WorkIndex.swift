import Synchronization

/// Numbers to be taken by threads, each by one.
final class WorkIndex: Sendable {
    private let next = Atomic(0)
    private let isStopped = Atomic(false)

    func take(below end: Int) -> Int? {
        guard !isStopped.load(ordering: .relaxed) else { return nil }
        let number = next.add(1, ordering: .relaxed).oldValue
        return number < end ? number : nil
    }

    /// Nothing more is to be taken.
    func stop() {
        isStopped.store(true, ordering: .relaxed)
    }
}

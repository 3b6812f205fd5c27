import Synchronization

/// Where a long walk asks, now and then, whether to give up.
///
/// Whoever starts something long gives a closure, `isCancelled`; what is long passes one of these at every step and throws
/// `CancellationError` soon after the closure answers true. A step is some microseconds of work, a block or a list, so a
/// thousand of them are a few milliseconds.
struct CancellationPoint: Sendable {
    private let isCancelled: @Sendable () -> Bool
    private var passesLeft = 0
    private static let passesPerQuestion = 1_024

    init(_ isCancelled: @escaping @Sendable () -> Bool) {
        self.isCancelled = isCancelled
    }

    /// One step; the first one asks. Answers whether this one did.
    ///
    /// - Throws: `CancellationError`.
    @discardableResult
    @inline(__always)
    mutating func pass() throws -> Bool {
        guard passesLeft == 0 else {
            passesLeft -= 1
            return false
        }
        passesLeft = CancellationPoint.passesPerQuestion - 1
        try ask()
        return true
    }

    /// - Throws: `CancellationError`.
    func ask() throws {
        if isCancelled() { throw CancellationError() }
    }
}

/// Set by who no longer wants an answer, and asked by who makes it.
final class CancelFlag: Sendable {
    private let flag = Atomic(false)

    /// Whether it was set.
    var isSet: Bool { flag.load(ordering: .relaxed) }

    func set() {
        flag.store(true, ordering: .relaxed)
    }
}

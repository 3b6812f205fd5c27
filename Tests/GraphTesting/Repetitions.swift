import Foundation

/// How often a test that takes chances takes them: some times at each change, and many when somebody asks.
///
/// `KITH_REPEAT=10 Tools/test --filter Killed` makes ten times as many.
public enum Repetitions {
    private static let factor = ProcessInfo.processInfo.environment["KITH_REPEAT"].flatMap { Double($0) } ?? 1

    /// `count` times what `KITH_REPEAT` says; at least one.
    public static func of(_ count: Int) -> Int { max(1, Int(Double(count) * factor)) }
}

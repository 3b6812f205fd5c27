import Foundation

/// How often a test that draws at random does so: a few times at each change, many times when somebody asks.
///
/// `KITH_REPEAT` is the factor, the only one there is: `KITH_REPEAT=10 Tools/test --filter Killed` draws ten times as many.
public enum Repetitions {
    /// The value of `KITH_REPEAT`; 1 when it is not set.
    public static let factor: Double = {
        guard let text = ProcessInfo.processInfo.environment["KITH_REPEAT"] else { return 1 }
        guard let factor = Double(text), factor >= 1 else {
            fatalError("KITH_REPEAT is '\(text)'; a number of 1 or more was expected")
        }
        return factor
    }()

    /// `count` times the factor.
    public static func of(_ count: Int) -> Int { Int(Double(count) * factor) }

    /// As many seeds as `of(count)`, from 0 on: the arguments of a test whose cases are drawn.
    public static func seeds(_ count: Int) -> Range<UInt64> { 0..<UInt64(of(count)) }
}

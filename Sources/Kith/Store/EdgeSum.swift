/// The weights of one edge on their way to a sum: added in double precision, rounded to the stored `Float` once.
///
/// The sum is as of the latest time, to which earlier weights have faded; the order of additions does not matter but for
/// rounding. A sum of whole numbers that did not fade is a count, and a count is stored exactly or not at all: above 2^24
/// a `Float` holds only some whole numbers, and adding 1 to 2^24 would leave it as it was, for ever. All other sums are
/// rounded to the nearest.
struct EdgeSum {
    private var weight: Double
    private var time: UInt32
    /// Whether all weights so far are whole and of one moment, or do not fade.
    private var isCount: Bool
    /// Whether double precision has lost part of a count.
    private var isRounded = false

    init(_ first: EdgeValue) {
        weight = Double(first.weight)
        time = first.time
        isCount = weight.rounded(.towardZero) == weight
    }

    mutating func add(_ addition: EdgeValue, halfLifeSeconds: Double?) {
        let added = Double(addition.weight)
        if halfLifeSeconds == nil || addition.time == time {
            isCount = isCount && added.rounded(.towardZero) == added
            let sum = weight + added
            // The part of the smaller one that the sum has no digits for (Knuth's two-sum).
            let part = sum - weight
            isRounded = isRounded || (weight - (sum - part)) + (added - part) != 0
            weight = sum
            time = max(time, addition.time)
            return
        }
        isCount = false
        let latest = max(time, addition.time)
        weight =
            EdgeValue.faded(weight, of: time, to: latest, halfLifeSeconds)
            + EdgeValue.faded(added, of: addition.time, to: latest, halfLifeSeconds)
        time = latest
    }

    /// The sum as an edge stores it.
    func stored() throws(WeightSumError) -> EdgeValue {
        let rounded = Float(weight)
        guard rounded.isFinite else { throw .outOfRange }
        guard !isCount || !isRounded && Double(rounded) == weight else { throw .notExact(sum: weight) }
        return EdgeValue(weight: rounded, time: time)
    }
}

/// Why the weights of an edge have no sum that a 32-bit float can store.
public enum WeightSumError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The sum is greater than any weight.
    case outOfRange
    /// The weights are whole numbers, and their sum, about this, is none that a 32-bit float holds.
    case notExact(sum: Double)

    /// What the sum is, and what weights can be.
    public var description: String {
        switch self {
        case .outOfRange: "more than the greatest weight, \(Float.greatestFiniteMagnitude)"
        case .notExact(let sum):
            "\(sum), which a weight, a 32-bit float, cannot hold: above 16777216 it holds only some whole numbers"
        }
    }
}

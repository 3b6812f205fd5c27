/// The weights of one edge on their way to a sum: added in double precision, rounded to what is stored once.
///
/// The sum is as of the latest time, to which earlier weights have faded; the order of additions does not matter but for
/// rounding. A sum of whole numbers that did not fade is a count, and a count is stored exactly or not at all: above 2^24
/// a `Float` holds only some whole numbers, and adding 1 to 2^24 would leave it as it was, for ever; a `Double` does so
/// above 2^53. All other sums are rounded to the nearest.
struct EdgeSum {
    private var weight: Double
    private var time: UInt32
    /// Whether all weights so far are whole and of one moment, or do not fade.
    private var isCount: Bool
    /// Whether double precision has lost part of a count.
    private var isRounded = false
    private let precision: EdgeType.Precision
    private let halfLifeSeconds: Double?

    /// A sum of one weight.
    ///
    /// - Parameter type: whose values are added: one that accumulates.
    init(_ first: EdgeValue, of type: EdgeType) {
        precision = type.precision
        if case .accumulate(let seconds) = type.repetition { halfLifeSeconds = seconds } else { halfLifeSeconds = nil }
        weight = type.weight(of: first)
        time = type.time(of: first)
        isCount = weight.rounded(.towardZero) == weight
    }

    mutating func add(_ addition: EdgeValue) {
        let isPrecise = precision == .double
        let added = isPrecise ? addition.preciseWeight : Double(addition.weight)
        // What a precise weight has there is no time.
        let addedTime = isPrecise ? 0 : addition.time
        if halfLifeSeconds == nil || addedTime == time {
            isCount = isCount && added.rounded(.towardZero) == added
            let sum = weight + added
            // The part of the smaller one that the sum has no digits for (Knuth's two-sum).
            let part = sum - weight
            isRounded = isRounded || (weight - (sum - part)) + (added - part) != 0
            weight = sum
            time = max(time, addedTime)
            return
        }
        isCount = false
        let latest = max(time, addedTime)
        weight =
            EdgeValue.faded(weight, of: time, to: latest, halfLifeSeconds)
            + EdgeValue.faded(added, of: addedTime, to: latest, halfLifeSeconds)
        time = latest
    }

    /// The sum as an edge stores it.
    func stored() throws(WeightSumError) -> EdgeValue {
        let rounded = Float(weight)
        guard rounded.isFinite else { throw .outOfRange }
        let isExact = precision == .double || Double(rounded) == weight
        guard !isCount || !isRounded && isExact else { throw .notExact(sum: weight, precision) }
        return precision == .double ? EdgeValue(precise: weight) : EdgeValue(weight: rounded, time: time)
    }
}

/// Why the weights of an edge have no sum that can be stored.
public enum WeightSumError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The sum is greater than any weight.
    case outOfRange
    /// The weights are whole numbers, and their sum, about this, is none that a weight of this precision holds.
    case notExact(sum: Double, EdgeType.Precision)

    /// What the sum is, and what weights can be.
    public var description: String {
        switch self {
        case .outOfRange: "more than the greatest weight, \(Float.greatestFiniteMagnitude)"
        case .notExact(let sum, .single):
            "\(sum), which a weight, a 32-bit float, cannot hold: above 16777216 it holds only some whole numbers; a type "
                + "with \"precision\": \"double\" holds them up to 9007199254740992"
        case .notExact(let sum, .double):
            "about \(sum), as double precision rounds whole numbers beyond 9007199254740992, also on the way to a sum"
        }
    }
}

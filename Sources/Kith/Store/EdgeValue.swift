import Glibc

/// What an edge carries, as its block stores it: a weight as of a time. Absent columns read as 1 and 0.
struct EdgeValue: Equatable, Sendable {
    var weight: Float
    var time: UInt32

    init(weight: Float, time: UInt32) {
        self.weight = weight
        self.time = time
    }

    /// What a block or a list holds.
    init(_ stored: (weight: Float, time: UInt32)) {
        self.init(weight: stored.weight, time: stored.time)
    }

    /// Whether both are stored as the same bits.
    func isSame(as other: EdgeValue) -> Bool {
        weight.bitPattern == other.weight.bitPattern && time == other.time
    }

    /// The weight at `moment`: halved for every half-life since its time, unchanged before it.
    static func faded(_ value: EdgeValue, to moment: UInt32, _ halfLifeSeconds: Double?) -> Double {
        faded(Double(value.weight), of: value.time, to: moment, halfLifeSeconds)
    }

    /// A weight of `time` at `moment`.
    static func faded(_ weight: Double, of time: UInt32, to moment: UInt32, _ halfLifeSeconds: Double?) -> Double {
        guard let halfLifeSeconds, moment > time else { return weight }
        return weight * exp2(-Double(moment - time) / halfLifeSeconds)
    }
}

extension EdgeType.Repetition {
    /// What adding `new` to an edge that holds `old` leaves.
    func combining(_ old: EdgeValue, _ new: EdgeValue) throws(WeightSumError) -> EdgeValue {
        switch self {
        case .replace: return new
        case .accumulate(let halfLifeSeconds):
            var sum = EdgeSum(old)
            sum.add(new, halfLifeSeconds: halfLifeSeconds)
            return try sum.stored()
        }
    }

    /// The weight of `value` as read at `moment`.
    func weight(of value: EdgeValue, at moment: UInt32) -> Double {
        switch self {
        case .replace: Double(value.weight)
        case .accumulate(let halfLifeSeconds): EdgeValue.faded(value, to: moment, halfLifeSeconds)
        }
    }
}

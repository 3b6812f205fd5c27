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

    /// This value after a further `addition`: the sum of both weights as of the later time, the earlier one faded.
    ///
    /// In double precision, rounded once. The order of additions does not matter but for that rounding.
    func accumulating(_ addition: EdgeValue, halfLifeSeconds: Double?) -> EdgeValue {
        let latest = max(time, addition.time)
        let sum =
            EdgeValue.faded(self, to: latest, halfLifeSeconds) + EdgeValue.faded(addition, to: latest, halfLifeSeconds)
        return EdgeValue(weight: Float(sum), time: latest)
    }

    /// The weight at `moment`: halved for every half-life since its time, unchanged before it.
    static func faded(_ value: EdgeValue, to moment: UInt32, _ halfLifeSeconds: Double?) -> Double {
        guard let halfLifeSeconds, moment > value.time else { return Double(value.weight) }
        return Double(value.weight) * exp2(-Double(moment - value.time) / halfLifeSeconds)
    }
}

extension EdgeType.Repetition {
    /// What adding `new` to an edge that holds `old` leaves.
    func combining(_ old: EdgeValue, _ new: EdgeValue) -> EdgeValue {
        switch self {
        case .replace: new
        case .accumulate(let halfLifeSeconds): old.accumulating(new, halfLifeSeconds: halfLifeSeconds)
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

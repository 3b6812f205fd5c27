import Glibc

/// What an edge carries, in the 64 bits that blocks, records and lists have for it. Absent columns read as 1 and 0.
///
/// ```
/// precision   weight               time
/// single      the weight           seconds since 1970
/// double      the nearest Float    how far the weight is from that: see init(precise:)
/// ```
/// What such a value means is known to its ``EdgeType`` alone, which is to be asked for the weight.
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

    /// A weight of `time` at `moment`: halved for every half-life since its time, unchanged before it.
    static func faded(_ weight: Double, of time: UInt32, to moment: UInt32, _ halfLifeSeconds: Double?) -> Double {
        guard let halfLifeSeconds, moment > time else { return weight }
        return weight * exp2(-Double(moment - time) / halfLifeSeconds)
    }
}

extension EdgeValue {
    /// A weight of double precision: the nearest `Float`, and how many numbers of a `Double` lie between that and the
    /// weight, on which side being the lowest bit, so that what a `Float` holds has 0 there, as an edge without a time.
    ///
    /// Between two neighbouring `Float`s lie 2^29 `Double`s, so 30 bits do. Only below 1.2e-38, where `Float`s lie further
    /// apart, can there be more: such a weight is rounded to a `Float`. A weight beyond `Float` becomes infinite.
    init(precise weight: Double) {
        let nearest = Float(weight)
        let steps = Int64(weight.magnitude.bitPattern) - Int64(Double(nearest).magnitude.bitPattern)
        let zigzag = UInt64(bitPattern: steps << 1 ^ steps >> 63)
        self.init(weight: nearest, time: nearest.isFinite ? UInt32(exactly: zigzag) ?? 0 : 0)
    }

    /// The weight that ``init(precise:)`` was given.
    var preciseWeight: Double {
        let steps = Int64(time >> 1) ^ -Int64(time & 1)
        let magnitude = UInt64(bitPattern: Int64(Double(weight).magnitude.bitPattern) &+ steps)
        return Double(sign: weight.sign, exponent: 0, significand: Double(bitPattern: magnitude))
    }
}

extension EdgeType {
    /// The columns that blocks of the type have: with weights of double precision the second holds a part of them.
    var storedColumns: Columns { precision == .double ? [.weight, .time] : columns }

    /// A value of this type.
    @inline(__always)
    func value(storing weight: Double, time: UInt32) -> EdgeValue {
        precision == .double ? EdgeValue(precise: weight) : EdgeValue(weight: Float(weight), time: time)
    }

    /// The weight of a value of this type, as it is stored.
    @inline(__always)
    func weight(of value: EdgeValue) -> Double {
        precision == .double ? value.preciseWeight : Double(value.weight)
    }

    /// The time of a value of this type; 0 where edges have none.
    func time(of value: EdgeValue) -> UInt32 { columns.contains(.time) ? value.time : 0 }

    /// The weight of a value of this type as read at `moment`.
    @inline(__always)
    func weight(of value: EdgeValue, at moment: UInt32) -> Double {
        switch repetition {
        case .replace: weight(of: value)
        case .accumulate(let halfLifeSeconds):
            EdgeValue.faded(weight(of: value), of: value.time, to: moment, halfLifeSeconds)
        }
    }

    /// The weight of a value of this type as text, from which it can be read back: the shortest.
    func weightText(of value: EdgeValue) -> String {
        precision == .double ? "\(value.preciseWeight)" : "\(value.weight)"
    }

    /// What adding `new` to an edge that holds `old` leaves.
    func combining(_ old: EdgeValue, _ new: EdgeValue) throws(WeightSumError) -> EdgeValue {
        guard case .accumulate = repetition else { return new }
        var sum = EdgeSum(old, of: self)
        sum.add(new)
        return try sum.stored()
    }
}

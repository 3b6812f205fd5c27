/// What paths add, rounded to whole units, so that sums of them are as narrow as counts.
///
/// A path that adds an amount a adds a / unit, rounded, and at least 1. For a candidate with u units in all, the exact sum,
/// in units, is between
/// ```
/// max(u * ratioMin, u - excess)   and   min(u * ratioMax, u + shortfall)
/// ```
/// with the least and the greatest ratio of exact to rounded, what rounding adds to all amounts together, and what it takes
/// from them. The ratios bound well where amounts are alike, as in Adamic-Adar; the differences where they are not, as in
/// resource allocation.
struct PathUnits {
    private let unitsPerAmount: Double
    private var ratioMin = Double.infinity
    private var ratioMax = 0.0
    private var excess = 0.0
    private var shortfall = 0.0
    /// A little less than 1, for the rounding of these doubles and of the exact sums.
    private var slack = 1 - 0x1p-20

    /// Where every path adds 1: a unit, exactly.
    static let paths = {
        var units = PathUnits(of: [], sumMax: 1)
        (units.ratioMin, units.ratioMax, units.slack) = (1, 1, 1)
        return units
    }()

    /// Units such that no sum of some of `amounts`, each above zero, is above `sumMax`.
    ///
    /// An amount without limit is that of paths which lead back to the user alone: any number of units will do for it.
    /// - Precondition: there are fewer amounts than `sumMax`.
    init(of amounts: [Double], sumMax: Int) {
        precondition(amounts.count < sumMax, "\(amounts.count) paths do not fit into \(sumMax) units")
        var sum = 0.0
        for amount in amounts where amount.isFinite { sum += amount }
        // Rounding adds less than 1 to each.
        unitsPerAmount = sum > 0 ? Double(sumMax - amounts.count) / sum : 1
        for amount in amounts where amount.isFinite {
            let exact = amount * unitsPerAmount
            let rounded = Double(rounded(amount))
            ratioMin = min(ratioMin, exact / rounded)
            ratioMax = max(ratioMax, exact / rounded)
            excess += max(rounded - exact, 0)
            shortfall += max(exact - rounded, 0)
        }
    }

    /// The units of a path that adds `amount`.
    func rounded(_ amount: Double) -> Int {
        amount.isFinite ? max(Int((amount * unitsPerAmount).rounded()), 1) : 1
    }

    /// The least number of units, at least 1, whose exact sum may be as great as that of `units`.
    func leastRival(of units: Double) -> Int {
        let exact = max(units * ratioMin, units - excess)
        let rival = max(exact / ratioMax, exact - shortfall)
        return max(Int(rival * slack), 1)
    }

    /// No exact sum of so many units is greater.
    func exactMax(of units: Int) -> Double {
        let units = Double(units)
        return min(units * ratioMax, units + shortfall) / slack / unitsPerAmount
    }

    /// The least sum, up to `sumMax`, whose ``leastRival(of:)`` is `rival` or more; nil where there is none.
    func sum(withRivalsFrom rival: Int, to sumMax: Int) -> Int? {
        var (low, high) = (0, sumMax)
        guard leastRival(of: Double(high)) >= rival else { return nil }
        while low + 1 < high {
            let middle = (low + high) / 2
            if leastRival(of: Double(middle)) >= rival { high = middle } else { low = middle }
        }
        return high
    }
}

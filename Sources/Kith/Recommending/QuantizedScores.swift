/// What paths add, rounded to whole units, so that sums of them are as narrow as counts.
///
/// A path that adds an amount a adds a / unit, rounded, and at least 1. Where some of the lists have been read, a candidate's
/// exact sum, in units, is for u whole units between
/// ```
/// max(u * ratioMin, u - excess)   and   min(u * ratioMax, u + shortfall) + rest
/// ```
/// with the least and the greatest ratio of exact to rounded among the lists that were read, what rounding adds to all of them
/// together, what it takes from them, and what the lists that were not read add to who is in all of them. The ratios bound well
/// where amounts are alike, as in Adamic-Adar; the differences where they are not, as in resource allocation.
struct QuantizedScores {
    private let unitsPerAmount: Double
    private var ratioMin = Double.infinity
    private var ratioMax = 0.0
    private var excess = 0.0
    private var shortfall = 0.0
    private(set) var rest = 0.0
    /// What a path adds on average.
    let mean: Double
    /// A little less than 1, for the rounding of these doubles and of the exact sums.
    private let slack: Double

    /// Where every path adds 1: a unit, exactly. No list has been read.
    init(ofPaths count: Int) {
        unitsPerAmount = 1
        rest = Double(count)
        mean = 1
        slack = 1
    }

    /// Units such that no sum of some of `amounts`, each above zero, is above `sumMax`. No list has been read.
    ///
    /// An amount without limit is that of paths which lead back to the user alone: any number of units will do for it.
    /// - Precondition: there are fewer amounts than `sumMax`.
    init(of amounts: some Collection<Double>, sumMax: Int) {
        precondition(amounts.count < sumMax, "\(amounts.count) paths do not fit into \(sumMax) units")
        var sum = 0.0
        for amount in amounts where amount.isFinite { sum += amount }
        // Rounding adds less than 1 to each.
        unitsPerAmount = sum > 0 ? Double(sumMax - amounts.count) / sum : 1
        rest = sum * unitsPerAmount
        mean = rest / Double(max(amounts.count, 1))
        slack = 1 - 0x1p-20
    }

    /// Notes that a list has been read whose paths add `amount`.
    mutating func read(_ amount: Double) {
        guard amount.isFinite else { return }
        let exact = amount * unitsPerAmount
        let rounded = Double(rounded(amount))
        ratioMin = min(ratioMin, exact / rounded)
        ratioMax = max(ratioMax, exact / rounded)
        excess += max(rounded - exact, 0)
        shortfall += max(exact - rounded, 0)
        rest = max(rest - exact, 0)
    }

    /// The units of a path that adds `amount`.
    func rounded(_ amount: Double) -> Int {
        amount.isFinite ? max(Int((amount * unitsPerAmount).rounded()), 1) : 1
    }

    /// The least number of units whose exact sum may be as great as that of `units`; 0 or less where even no path at all in
    /// the lists that were read may be enough.
    func leastRival(of units: Double) -> Int {
        // No list was read that leads to anybody but the user.
        guard ratioMax > 0 else { return 0 }
        let exact = max(units * ratioMin, units - excess) * slack - rest
        return Int(max(exact / ratioMax, exact - shortfall) * slack)
    }

    /// No exact sum is greater of so many units, and of what the lists that were not read add, where that is known.
    func exactMax(of units: Int, rest: Double? = nil) -> Double {
        let units = Double(units)
        let rest = rest.map { $0 * unitsPerAmount } ?? self.rest
        return (min(units * ratioMax, units + shortfall) + rest) / slack / unitsPerAmount
    }

    /// The least number of units, up to `sumMax`, whose ``leastRival(of:)`` is `rival` or more; nil where there is none.
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

import Foundation

/// How long `body` takes, in seconds.
public func seconds(_ body: () throws -> Void) rethrows -> Double {
    try ContinuousClock().measure(body) / .seconds(1)
}

/// The processor time this process has taken, all threads together, in seconds.
public var processorSeconds: Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// Times of single requests, or of anything else that is repeated, in one unit.
public struct Samples: Sendable {
    /// In the order in which they came.
    public private(set) var values: [Double] = []

    /// None.
    public init() {}

    /// These.
    public init(_ values: [Double]) {
        self.values = values
    }

    /// Takes one more.
    public mutating func append(_ value: Double) {
        values.append(value)
    }

    /// Takes the time of `body`, in seconds, and answers what it answers.
    public mutating func time<Result>(_ body: () throws -> Result) rethrows -> Result {
        let start = ContinuousClock.now
        let result = try body()
        values.append(start.duration(to: .now) / .seconds(1))
        return result
    }

    /// The arithmetic mean.
    public var mean: Double { values.reduce(0, +) / Double(values.count) }

    /// The value below which this share of the others lies: the nearest rank.
    public func quantile(_ share: Double) -> Double {
        let sorted = values.sorted()
        return sorted[min(sorted.count - 1, Int((share * Double(sorted.count)).rounded(.up)) - (share > 0 ? 1 : 0))]
    }

    /// The middle one.
    public var median: Double { quantile(0.5) }
    /// The smallest and the greatest, as `.48-.53`.
    public func spread(_ digits: Int) -> String {
        "\(decimal(values.min() ?? 0, digits))-\(decimal(values.max() ?? 0, digits))"
    }
}

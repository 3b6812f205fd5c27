/// A moment in whole seconds since 1970-01-01T00:00:00Z, up to the year 2106: what the time column of an edge holds.
public struct Timestamp: RawRepresentable, Hashable, Comparable, Sendable, Codable, ExpressibleByIntegerLiteral {
    /// Seconds since 1970.
    public var rawValue: UInt32

    /// The moment `rawValue` seconds after 1970 began.
    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// A moment written in code as seconds since 1970.
    public init(integerLiteral value: UInt32) {
        rawValue = value
    }

    /// Whether `left` is before `right`.
    public static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.rawValue < right.rawValue
    }
}

/// What each edge of a list carries besides the neighbour.
public struct EdgeColumns: OptionSet, Hashable, Sendable {
    /// Bit 0: weight; bit 1: time.
    public let rawValue: UInt8

    /// The columns whose bits are set.
    @inlinable
    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// A `Float` per edge.
    @inlinable public static var weight: EdgeColumns { EdgeColumns(rawValue: 1) }
    /// Seconds since 1970, a `UInt32`, per edge.
    @inlinable public static var time: EdgeColumns { EdgeColumns(rawValue: 2) }
}

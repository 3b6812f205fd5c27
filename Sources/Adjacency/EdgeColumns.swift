/// What each edge of a list carries besides the neighbour.
public struct EdgeColumns: OptionSet, Hashable, Sendable {
    /// Bit 0: weight; bit 1: time; bit 2 is reserved for the time at which an edge ends, as bit 4 of a block's flags is.
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

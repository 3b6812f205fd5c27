/// What each edge of a list carries besides the neighbour.
public struct EdgeColumns: OptionSet, Hashable, Sendable {
    /// Bit 0: weight; bit 1: time.
    public let rawValue: UInt8

    /// The columns whose bits are set.
    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// A `Float32` per edge.
    public static let weight = EdgeColumns(rawValue: 1)
    /// Seconds since 1970, a `UInt32`, per edge.
    public static let time = EdgeColumns(rawValue: 2)
}

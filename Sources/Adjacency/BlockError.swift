/// Why bytes are no neighbour block: what was expected, what was found.
public enum BlockError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The bytes end before the block does.
    case truncated(bytes: Int)
    /// Bytes follow the end of the block.
    case trailingBytes(Int)
    /// A flag that no block has.
    case unknownFlags(UInt8)
    /// A count of no neighbours, or of more than ``NeighborBlock/neighborsMax``.
    case countOutOfRange(UInt32)
    /// A variable-length integer of more than 32 bits.
    case badInteger
    /// More bits per number than a number has.
    case widthTooLarge(UInt8)
    /// A neighbour that is not below the limit its reader gave.
    case neighborOutOfRange(UInt64, limit: UInt32)
    /// Other columns than the edge type has.
    case otherColumns(found: EdgeColumns, expected: EdgeColumns)
    /// The check byte is not that of the bytes.
    case checkMismatch(stored: UInt8, computed: UInt8)
    /// The bytes hold a list, but not in the one way it is encoded.
    case notCanonical

    /// What was expected, what was found.
    public var description: String {
        switch self {
        case .truncated(let bytes): "a block ends before its \(bytes) bytes say it does"
        case .trailingBytes(let count): "\(count) bytes follow the end of a block"
        case .unknownFlags(let flags): "a block has unknown flags, \(flags)"
        case .countOutOfRange(let count):
            "a block has 1 to \(NeighborBlock.neighborsMax) neighbours, and this one says \(count)"
        case .badInteger: "a block holds an integer of more than 32 bits"
        case .widthTooLarge(let width): "numbers in a block have at most 32 bits, and these say \(width)"
        case .neighborOutOfRange(let neighbor, let limit): "a block names id \(neighbor), and ids are below \(limit)"
        case .otherColumns(let found, let expected):
            "a block has columns \(found.rawValue), and its edge type has \(expected.rawValue)"
        case .checkMismatch(let stored, let computed):
            "a block's check byte is \(stored), and its bytes give \(computed)"
        case .notCanonical: "a block is not encoded in the one way its list is"
        }
    }
}

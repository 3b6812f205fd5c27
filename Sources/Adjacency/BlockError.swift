/// Why bytes are no neighbour block: what was expected and what was found.
///
/// All of them mean that the store's file is damaged, or was written by something else: `kith check` finds every place,
/// and a backup or a fresh load mends it.
public enum BlockError: Error, Hashable, Sendable {
    /// The bytes end before the block does.
    case truncated(bytes: Int)
    /// Bytes follow the end of the block.
    case trailingBytes(Int)
    /// More bytes than ``NeighborBlock/blockBytesMax``.
    case tooLong(bytes: Int)
    /// A flag is set that no block has.
    case unknownFlags(UInt8)
    /// The block has no neighbour; a node without neighbours has no block.
    case emptyBlock
    /// More neighbours than ``NeighborBlock/neighborsMax``.
    case tooManyNeighbors(UInt32)
    /// A degree that the first of several blocks of a node cannot have: it is above the block's own count.
    case degreeMismatch(degree: UInt32, count: UInt32, isLast: Bool)
    /// A variable-length integer of more than 32 bits.
    case integerOverflow
    /// More bits for each number than a number has.
    case widthTooLarge(UInt8)
    /// Gaps that lead past the greatest 32-bit neighbour.
    case neighborOverflow
    /// A block that does not start above the neighbours before it.
    case notAscending(neighbor: UInt32, previous: UInt32)
    /// A neighbour that is not below the limit its reader gave.
    case outOfRange(neighbor: UInt32, limit: UInt32)
    /// Times that lead past the greatest 32-bit time.
    case timeOverflow
    /// Other columns than the reader expects.
    case columnsMismatch(found: EdgeColumns, expected: EdgeColumns)
    /// The check byte is not that of the bytes.
    case checkMismatch(found: UInt8, expected: UInt8)
    /// The bytes hold a list, but not in the one way it is encoded.
    case notCanonical(Part)

    /// The parts of a block that could be written in more than one way.
    public enum Part: String, Hashable, Sendable {
        /// An integer of the head.
        case integer = "an integer has needless bytes"
        /// The bit width of a group.
        case gapWidth = "a group is wider than its greatest gap"
        /// The last byte of a group.
        case gapPadding = "the bits after a group are not zero"
        /// The base of the time column.
        case timeBase = "the base of the times is not the earliest"
        /// The bit width of the time column.
        case timeWidth = "the times are wider than the greatest offset"
        /// The last byte of the time column.
        case timePadding = "the bits after the times are not zero"
    }
}

extension BlockError: CustomStringConvertible {
    /// What was expected and what was found.
    public var description: String {
        switch self {
        case .truncated(let bytes):
            "expected a whole neighbour block, found \(bytes) bytes that end before it does"
        case .trailingBytes(let count):
            "expected the end of the neighbour block, found \(count) more bytes"
        case .tooLong(let bytes):
            "expected a neighbour block of at most \(NeighborBlock.blockBytesMax) bytes, found \(bytes)"
        case .unknownFlags(let flags):
            "expected flags 0 to 15, found \(flags)"
                + (flags & NeighborBlock.Flag.expiry == 0 ? "" : ", with times at which edges end")
                + ": written by a later version, or damaged"
        case .emptyBlock:
            "expected 1 to \(NeighborBlock.neighborsMax) neighbours in a block, found none"
        case .tooManyNeighbors(let count):
            "expected 1 to \(NeighborBlock.neighborsMax) neighbours in a block, found a count of \(count)"
        case .degreeMismatch(let degree, let count, let isLast):
            isLast
                ? "expected no degree in a block that is the last of its node, found \(degree)"
                : "expected a degree above the block's own \(count) neighbours, found \(degree)"
        case .integerOverflow:
            "expected integers of at most 32 bits in a block's head, found a longer one"
        case .widthTooLarge(let width):
            "expected numbers of at most 32 bits, found a width of \(width)"
        case .neighborOverflow:
            "expected neighbours of 32 bits, found gaps that lead past 2^32 - 1"
        case .notAscending(let neighbor, let previous):
            "expected a block that starts above neighbour \(previous), found one that starts with \(neighbor)"
        case .outOfRange(let neighbor, let limit):
            "expected neighbours below \(limit), found \(neighbor)"
        case .timeOverflow:
            "expected times of 32 bits, found offsets that lead past 2^32 - 1"
        case .columnsMismatch(let found, let expected):
            "expected \(expected.names), found \(found.names): the block is of another edge type, or damaged"
        case .checkMismatch(let found, let expected):
            "expected check byte \(expected) for these bytes, found \(found)"
        case .notCanonical(let part):
            "expected the one encoding of the list, found that \(part.rawValue)"
        }
    }
}

extension EdgeColumns {
    fileprivate var names: String {
        switch self {
        case []: "no columns"
        case .weight: "a weight column"
        case .time: "a time column"
        default: "weight and time columns"
        }
    }
}

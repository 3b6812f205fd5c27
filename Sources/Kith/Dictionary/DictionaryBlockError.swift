/// Why bytes are no block of a dictionary: what was expected and what was found.
enum DictionaryBlockError: Error, Hashable, Sendable {
    /// The bytes end before the block does.
    case truncated(bytes: Int)
    /// Bytes follow the end of the block.
    case trailingBytes(Int)
    /// With its key more bytes than ``DictionaryBlock/entryBytesMax``.
    case tooLong(bytes: Int)
    /// A form that no block of the table has.
    case unknownForm(UInt8)
    /// No entry, or more than fit.
    case badCount(UInt64)
    /// More bits for each number than a number has.
    case widthTooLarge(UInt8)
    /// Numbers that lead past the greatest there can be.
    case overflow
    /// Entries that do not ascend.
    case notAscending(entry: Int)
    /// Bytes that no key encodes to.
    case badKey(entry: Int)
    /// The check byte is not that of the bytes.
    case checkMismatch(found: UInt8, expected: UInt8)
    /// The bytes hold entries, but not in the one way they are encoded.
    case notCanonical
}

extension DictionaryBlockError: CustomStringConvertible {
    /// What was expected and what was found.
    var description: String {
        switch self {
        case .truncated(let bytes):
            "expected a whole dictionary block, found \(bytes) bytes that end before it does"
        case .trailingBytes(let count):
            "expected the end of the dictionary block, found \(count) more bytes"
        case .tooLong(let bytes):
            "expected a dictionary block of at most \(entryBytesMax) bytes with its key, found \(bytes)"
        case .unknownForm(let form):
            "expected form 0 or 1, found \(form): written by a later version, or damaged"
        case .badCount(let count):
            "expected 1 to \(entriesMax) entries in a dictionary block, found a count of \(count)"
        case .widthTooLarge(let width):
            "expected numbers of at most 64 bits, found a width of \(width)"
        case .overflow:
            "expected ids below 2^32 and integers below 2^64, found numbers that lead past them"
        case .notAscending(let entry):
            "expected ascending entries, found that entry \(entry) is not above the one before it"
        case .badKey(let entry):
            "expected a key, found that entry \(entry) is none"
        case .checkMismatch(let found, let expected):
            "expected check byte \(expected) for these bytes, found \(found)"
        case .notCanonical:
            "expected the one encoding of the entries, found another"
        }
    }

    private var entryBytesMax: Int { KeyBlock.entryBytesMax }
    private var entriesMax: Int { KeyBlock.entriesMax }
}

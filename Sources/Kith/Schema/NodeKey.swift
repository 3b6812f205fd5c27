/// The name of a node as the outside world knows it: an unsigned 64-bit integer or a string of 1 to 500 bytes of UTF-8.
///
/// A text that is the canonical decimal form of an integer below 2^64 (no sign, no leading zero) **is** that integer:
/// `NodeKey("42") == NodeKey(42)`. So a key typed in a shell, read from a file or written in code names the same node.
/// Two strings are the same key exactly when their UTF-8 bytes are equal; canonically equivalent spellings of an
/// accented letter are different keys.
///
/// Keys are ordered integers first, by value, then strings, by bytes. That order is also the order of their bytes on
/// disk, encoded, which is what lets a dictionary be scanned in key order.
public struct NodeKey: Sendable {
    enum Form: Sendable {
        case integer(UInt64)
        case string(String)
    }

    let form: Form

    /// The longest string a key may be, in bytes of UTF-8. LMDB takes keys of 511 bytes; one is our tag.
    public static let bytesMax = 500

    /// A key from an integer.
    public init(_ value: UInt64) {
        form = .integer(value)
    }

    /// A key from a text, which is an integer key when the text is a canonical decimal integer below 2^64.
    ///
    /// - Throws: ``NodeKeyError`` when the text is empty or longer than ``bytesMax`` bytes.
    public init(_ text: some StringProtocol) throws(NodeKeyError) {
        var text = String(text)
        let parsed = text.withUTF8 { bytes in
            unsafe NodeKey.canonicalInteger(UnsafeRawBufferPointer(bytes))
        }
        if let parsed {
            form = .integer(parsed)
            return
        }
        let count = text.utf8.count
        guard count > 0 else { throw .empty }
        guard count <= NodeKey.bytesMax else { throw .tooLong(bytes: count) }
        form = .string(text)
    }

    /// A key from the bytes of a text, as a file has them.
    ///
    /// - Throws: ``NodeKeyError`` when there are none or too many, or when they are not UTF-8.
    public init(utf8 bytes: UnsafeRawBufferPointer) throws(NodeKeyError) {
        if let value = unsafe NodeKey.canonicalInteger(bytes) {
            form = .integer(value)
            return
        }
        guard bytes.count > 0 else { throw .empty }
        guard bytes.count <= NodeKey.bytesMax else { throw .tooLong(bytes: bytes.count) }
        guard let text = unsafe String(validating: bytes, as: UTF8.self) else { throw .notUTF8 }
        form = .string(text)
    }

    /// The integer, when the key is one.
    public var integer: UInt64? {
        if case .integer(let value) = form { value } else { nil }
    }

    /// Whether the key is a string.
    var isString: Bool { integer == nil }

    /// The value of `bytes` read as a canonical decimal integer below 2^64, or nil when they are anything else.
    @inlinable
    static func canonicalInteger(_ bytes: UnsafeRawBufferPointer) -> UInt64? {
        guard bytes.count > 0, bytes.count <= 20 else { return nil }
        if unsafe bytes[0] == UInt8(ascii: "0") { return bytes.count == 1 ? 0 : nil }
        var value: UInt64 = 0
        for index in 0..<bytes.count {
            let digit = unsafe bytes[index] &- UInt8(ascii: "0")
            guard digit <= 9 else { return nil }
            let (tens, overflowTens) = value.multipliedReportingOverflow(by: 10)
            let (sum, overflowSum) = tens.addingReportingOverflow(UInt64(digit))
            if overflowTens || overflowSum { return nil }
            value = sum
        }
        return value
    }
}

/// Why a text cannot name a node.
public enum NodeKeyError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The text has no bytes.
    case empty
    /// The text has more than ``NodeKey/bytesMax`` bytes.
    case tooLong(bytes: Int)
    /// The bytes are not UTF-8.
    case notUTF8
    /// The bytes are not an encoded key: the store is damaged.
    case damaged

    /// What was expected, what was found.
    public var description: String {
        switch self {
        case .empty:
            "a key needs 1 to \(NodeKey.bytesMax) bytes, and this one is empty"
        case .tooLong(let bytes):
            "a key needs 1 to \(NodeKey.bytesMax) bytes, and this one has \(bytes)"
        case .notUTF8:
            "a key must be UTF-8, and these bytes are not; convert the text to UTF-8 first"
        case .damaged:
            "the stored bytes are not a key; run `kith check`"
        }
    }
}

extension NodeKey: Hashable, Comparable {
    /// Equal values, or equal bytes.
    public static func == (left: NodeKey, right: NodeKey) -> Bool {
        switch (left.form, right.form) {
        case (.integer(let left), .integer(let right)): left == right
        case (.string(let left), .string(let right)): left.utf8.elementsEqual(right.utf8)
        default: false
        }
    }

    /// Integers before strings; integers by value, strings by bytes.
    public static func < (left: NodeKey, right: NodeKey) -> Bool {
        switch (left.form, right.form) {
        case (.integer(let left), .integer(let right)): left < right
        case (.string(let left), .string(let right)): left.utf8.lexicographicallyPrecedes(right.utf8)
        case (.integer, .string): true
        case (.string, .integer): false
        }
    }

    /// Feeds the value or the bytes, never the characters: equality is by bytes.
    public func hash(into hasher: inout Hasher) {
        switch form {
        case .integer(let value):
            hasher.combine(value)
        case .string(var text):
            text.withUTF8 { unsafe hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        }
    }
}

extension NodeKey: ExpressibleByIntegerLiteral, ExpressibleByStringLiteral, CustomStringConvertible {
    /// A key written in code as an integer.
    public init(integerLiteral value: UInt64) {
        self.init(value)
    }

    /// A key written in code as a string; traps when it is empty or longer than ``bytesMax``, a mistake in the code.
    ///
    /// A text that is not written in code does not compile here: `try NodeKey(text)` throws what is wrong with it.
    public init(stringLiteral value: StaticString) {
        do {
            try self.init("\(value)")
        } catch {
            preconditionFailure("\(error)")
        }
    }

    /// The text that names the node: the digits of an integer, the string itself.
    public var description: String {
        switch form {
        case .integer(let value): String(value)
        case .string(let text): text
        }
    }
}

extension NodeKey: Codable {
    /// Reads a string, or an integer, which names what its digits as a string name: a negative one is a string key.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let value = try? container.decode(UInt64.self) {
            self.init(value)
            return
        }
        let text: String
        if let value = try? container.decode(Int64.self) {
            text = String(value)
        } else if let number = try? container.decode(Double.self) {
            throw DecodingError.dataCorruptedError(
                in: container,
                debugDescription: "a key that is a number is an integer from -2^63 to below 2^64, found \(number); "
                    + "write others as text, in quotes")
        } else {
            text = try container.decode(String.self)
        }
        do {
            try self.init(text)
        } catch {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "\(error)")
        }
    }

    /// Writes a string always, so that integers above 2^53 survive every reader of JSON.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// ## Bytes on disk
///
/// One tag byte, then the rest; bytewise order is key order:
/// ```
/// integer   n, then the n significant bytes of the value, big-endian     (n = 0...8; zero is the single byte 0)
/// string    9, then its UTF-8
/// ```
extension NodeKey {
    static let stringTag: UInt8 = 9

    /// The most bytes ``withEncodedBytes(_:)`` can give.
    static let encodedBytesMax = 1 + bytesMax

    /// Lends the key as bytes whose bytewise order is the order of keys. No allocation.
    func withEncodedBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        unsafe withUnsafeTemporaryAllocation(byteCount: NodeKey.encodedBytesMax, alignment: 1) { memory in
            let count: Int
            switch form {
            case .integer(let value):
                let significant = value.significantBytes
                unsafe memory[0] = UInt8(significant)
                for place in 0..<significant {
                    unsafe memory[significant - place] = UInt8(truncatingIfNeeded: value >> UInt64(8 * place))
                }
                count = 1 + significant
            case .string(var text):
                unsafe memory[0] = NodeKey.stringTag
                count = text.withUTF8 { text in
                    unsafe UnsafeMutableRawBufferPointer(rebasing: memory.dropFirst()).copyMemory(
                        from: UnsafeRawBufferPointer(text))
                    return 1 + text.count
                }
            }
            return unsafe body(UnsafeRawBufferPointer(rebasing: memory[..<count]))
        }
    }

    /// The key as bytes whose bytewise order is the order of keys.
    var encoded: [UInt8] {
        unsafe withEncodedBytes { unsafe Array($0) }
    }

    /// The key that was encoded as `bytes`; see ``withEncodedBytes(_:)``.
    ///
    /// - Throws: ``NodeKeyError/damaged`` when no key encodes to these bytes.
    init(encoded bytes: RawSpan) throws(NodeKeyError) {
        guard bytes.byteCount >= 1 else { throw .damaged }
        let tag = unsafe bytes.unsafeLoad(fromByteOffset: 0, as: UInt8.self)
        if tag == NodeKey.stringTag {
            let text = unsafe bytes.withUnsafeBytes { unsafe String(validating: $0.dropFirst(), as: UTF8.self) }
            guard let text, let key = try? NodeKey(text), key.integer == nil else { throw .damaged }
            self = key
        } else {
            guard tag <= 8, bytes.byteCount == 1 + Int(tag) else { throw .damaged }
            var value: UInt64 = 0
            for index in 1..<bytes.byteCount {
                value = value << 8 | UInt64(unsafe bytes.unsafeLoad(fromByteOffset: index, as: UInt8.self))
            }
            guard tag == 0 || value >> (8 * UInt64(tag - 1)) != 0 else { throw .damaged }
            self.init(value)
        }
    }
}

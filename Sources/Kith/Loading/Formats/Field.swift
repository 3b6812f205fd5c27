import Glibc

/// What stands between two delimiters of a record, without the quotes around it.
///
/// **Unsafety:** points into the text of a block, which outlives it.
@safe struct Field {
    private let start: UnsafePointer<UInt8>
    let count: Int
    /// The quote that is still written twice in it; nil when none is.
    let doubledQuote: UInt8?
    /// Whether it stands between quotes.
    let isQuoted: Bool

    @inline(__always)
    init(_ start: UnsafePointer<UInt8>, count: Int, isQuoted: Bool = false, doubledQuote: UInt8? = nil) {
        unsafe self.start = unsafe start
        self.count = count
        self.isQuoted = isQuoted
        self.doubledQuote = doubledQuote
    }

    var bytes: UnsafeBufferPointer<UInt8> { unsafe UnsafeBufferPointer(start: start, count: count) }
    var rawBytes: UnsafeRawBufferPointer { unsafe UnsafeRawBufferPointer(start: start, count: count) }

    /// Whether nothing but blanks and tabs stands there.
    var isBlank: Bool { unsafe bytes.allSatisfy { $0 == UInt8(ascii: " ") || $0 == FieldTokenizer.tab } }

    /// Whether it has the bytes of a word.
    @inline(__always)
    func isEqual(to word: StaticString) -> Bool {
        unsafe count == word.utf8CodeUnitCount && memcmp(start, word.utf8Start, count) == 0
    }

    /// Whether it begins with what comments usually begin with.
    @inline(__always)
    var beginsAsComment: Bool { unsafe count > 0 && FieldTokenizer.Comments.usual.contains(start[0]) }

    /// Whether that stands before a blank, or alone.
    var beginsAsRemark: Bool { unsafe beginsAsComment && (count == 1 || Field(start + 1, count: 1).isBlank) }

    /// Whether it is a field as CSV has it in quotes: between two, with its own written twice.
    @inline(__always)
    var looksQuoted: Bool { unsafe count > 1 && start[0] == FieldTokenizer.doubleQuote && quotesWithin != nil }

    /// Whether its quotes may be those of CSV: around it, or one of them in another field, because it is alone here.
    @inline(__always)
    var mayBeQuoted: Bool { hasOuterQuote && (looksQuoted || hasOddQuotes) }

    /// Whether a quote at an end of it may belong to another field: there is an odd number of them.
    @inline(__always)
    var hasLoneOuterQuote: Bool { hasOuterQuote && hasOddQuotes }

    /// What most fields have not is seen by two bytes.
    @inline(__always)
    private var hasOuterQuote: Bool {
        unsafe count > 0
            && (start[0] == FieldTokenizer.doubleQuote || start[count - 1] == FieldTokenizer.doubleQuote)
    }

    private var hasOddQuotes: Bool {
        unsafe rawBytes.count(where: { $0 == FieldTokenizer.doubleQuote }) % 2 == 1
    }

    /// ``mayBeQuoted`` of a text.
    static func mayBeQuoted(_ text: String) -> Bool {
        unsafe Array(text.utf8).withUnsafeBufferPointer { bytes in
            unsafe bytes.baseAddress.map { unsafe Field($0, count: bytes.count).mayBeQuoted } ?? false
        }
    }

    /// Whether a text is a field in quotes that has some of its own.
    static func hasDoubledQuotes(_ text: String) -> Bool {
        unsafe Array(text.utf8).withUnsafeBufferPointer { bytes in
            guard let start = bytes.baseAddress else { return false }
            let field = unsafe Field(start, count: bytes.count)
            return field.looksQuoted && field.quotesWithin != 0
        }
    }

    /// How many quotes are written twice between the first byte and the last, a quote; nil where another is alone there.
    private var quotesWithin: Int? {
        guard unsafe start[count - 1] == FieldTokenizer.doubleQuote else { return nil }
        var (index, pairs) = (1, 0)
        while index < count - 1 {
            if unsafe start[index] == FieldTokenizer.doubleQuote {
                guard index + 1 < count - 1, unsafe start[index + 1] == FieldTokenizer.doubleQuote else { return nil }
                pairs += 1
                index += 1
            }
            index += 1
        }
        return pairs
    }

    /// What it says.
    var text: String {
        guard let doubledQuote else { return unsafe String(decoding: bytes, as: UTF8.self) }
        var copy = unsafe Array(bytes)
        let count = unsafe copy.withUnsafeMutableBufferPointer { copy in
            unsafe Field.drop(second: doubledQuote, of: bytes, into: copy.baseAddress.unsafelyUnwrapped)
        }
        return String(decoding: copy[..<count], as: UTF8.self)
    }

    /// The field with each quote once. The text of the block is changed for it, and nowhere else: so a key stays where it is.
    func droppingDoubledQuotes() -> Field {
        guard let doubledQuote else { return self }
        let count = unsafe Field.drop(second: doubledQuote, of: bytes, into: UnsafeMutablePointer(mutating: start))
        return unsafe Field(start, count: count, isQuoted: isQuoted)
    }

    /// Copies `bytes` without the second of two quotes; `copy` may be where they are.
    ///
    /// - Returns: how many were copied.
    private static func drop(
        second quote: UInt8, of bytes: UnsafeBufferPointer<UInt8>, into copy: UnsafeMutablePointer<UInt8>
    ) -> Int {
        var (count, index) = (0, 0)
        while index < bytes.count {
            let byte = unsafe bytes[index]
            unsafe copy[count] = byte
            count += 1
            index += byte == quote ? 2 : 1
        }
        return count
    }
}

/// Cuts the text of a dictionary of Python into its members, as `repr` and `str` write it.
///
/// ```
/// dictionary = "{" [ member { "," member } [ "," ] ] "}"     nothing behind it but blanks
/// member     = value ":" value
/// value      = text | word | values between brackets, up to the comma, colon or bracket that is not its own
/// ```
/// A text is between single or double quotes, with backslashes before what it has itself. What is between brackets is passed
/// over, whatever it is, as long as brackets and quotes are paired. No function calls itself.
///
/// **Unsafety:** points into the text of a block, which outlives it.
@safe struct PythonDictionary {
    /// A name or a value.
    struct Token {
        enum Kind {
            case text
            /// A number, `None`, `True`, `nan` and the like.
            case word
            case other
        }

        let kind: Kind
        /// What stands there, without the quotes of a text.
        let field: Field
    }

    private let start: UnsafePointer<UInt8>
    private let count: Int
    private var index = 0
    private var isBehindMember = false

    /// How deep brackets may be nested.
    static let depthMax = 64

    init(_ text: Field) throws(RowError) {
        unsafe start = unsafe text.bytes.baseAddress.unsafelyUnwrapped
        count = text.count
        try take(UInt8(ascii: "{"))
    }

    /// The next member; nil behind the last, where nothing else stands.
    mutating func nextMember() throws(RowError) -> (name: Token, value: Token)? {
        skipBlanks()
        if isBehindMember, peek != UInt8(ascii: "}") {
            try take(UInt8(ascii: ","))
            skipBlanks()
        }
        if peek == UInt8(ascii: "}") {
            index += 1
            skipBlanks()
            guard index == count else { throw fault("the end of the line") }
            return nil
        }
        isBehindMember = true
        let name = try takeValue()
        try take(UInt8(ascii: ":"))
        skipBlanks()
        return (name, try takeValue())
    }

    private var peek: UInt8? { index < count ? unsafe start[index] : nil }

    private func fault(_ expected: String) -> RowError {
        let found = peek.map {
            $0 > 0x20 && $0 < 0x7F ? "'\(UnicodeScalar($0))'" : "the byte 0x\(String($0, radix: 16))"
        }
        return .badDictionary(
            "\(expected) is expected at its byte \(index + 1), found \(found ?? "the end of the line")")
    }

    private mutating func skipBlanks() {
        while let byte = peek, byte == UInt8(ascii: " ") || byte == FieldTokenizer.tab { index += 1 }
    }

    private mutating func take(_ byte: UInt8) throws(RowError) {
        guard peek == byte else { throw fault("'\(UnicodeScalar(byte))'") }
        index += 1
    }

    /// What stands up to the next comma, colon or closing bracket, blanks behind it left out.
    private mutating func takeValue() throws(RowError) -> Token {
        let first = index
        var end = index
        var kind: Token.Kind?
        var closings: [UInt8] = []
        scan: while let byte = peek {
            switch byte {
            case UInt8(ascii: " "), FieldTokenizer.tab:
                index += 1
                continue scan
            case UInt8(ascii: "'"), FieldTokenizer.doubleQuote:
                try skipText(byte)
                kind = kind == nil ? .text : .other
            case UInt8(ascii: "["), UInt8(ascii: "{"), UInt8(ascii: "("):
                guard closings.count < PythonDictionary.depthMax else {
                    throw fault("at most 64 brackets deep, another")
                }
                closings.append(byte == UInt8(ascii: "(") ? UInt8(ascii: ")") : byte + 2)
                index += 1
                kind = .other
            case UInt8(ascii: "]"), UInt8(ascii: "}"), UInt8(ascii: ")"):
                guard let closing = closings.last else { break scan }
                guard byte == closing else { throw fault("'\(UnicodeScalar(closing))'") }
                closings.removeLast()
                index += 1
            case UInt8(ascii: ","), UInt8(ascii: ":"):
                if closings.isEmpty { break scan }
                index += 1
            default:
                // A word goes on as long as no blank is in it.
                kind = kind == nil || kind == .word && end == index ? .word : .other
                index += 1
            }
            end = index
        }
        if let closing = closings.last { throw fault("'\(UnicodeScalar(closing))'") }
        guard let kind else { throw fault("a value") }
        if kind == .text { return unsafe Token(kind: .text, field: Field(start + first + 1, count: end - first - 2)) }
        return unsafe Token(kind: kind, field: Field(start + first, count: end - first))
    }

    /// Passes over a text.
    private mutating func skipText(_ quote: UInt8) throws(RowError) {
        index += 1
        while let byte = peek {
            index += byte == UInt8(ascii: "\\") ? 2 : 1
            if byte == quote { return }
        }
        index = min(index, count)
        throw fault("'\(UnicodeScalar(quote))'")
    }
}

/// Cuts the text of one JSON object into its members, as RFC 8259 has it and nothing beyond.
///
/// ```
/// object = "{" [ member { "," member } ] "}"      blanks around each; behind the last brace nothing else
/// member = text ":" value                         what is in a nested value is checked and passed over
/// ```
/// Nothing is allocated, and no function calls itself: a nested value costs a bit for each level that it is deep. A text is
/// handed over as it stands, with its escapes, which were checked.
///
/// **Unsafety:** points into the text of a block, which outlives it.
@safe struct JSONTokenizer {
    private let start: UnsafePointer<UInt8>
    private let count: Int
    private var index = 0
    private var isBehindMember = false
    /// The bytes of all texts, or-ed: where the first bit is set, some are not ASCII.
    private var bits: UInt8 = 0

    /// Behind the opening brace of an object.
    init(_ object: Field) throws(JSONFault) {
        unsafe start = unsafe object.bytes.baseAddress.unsafelyUnwrapped
        count = object.count
        skipBlanks()
        try take(UInt8(ascii: "{"), "'{' is expected")
    }

    /// The next member; nil behind the last, where the object has been checked to its end.
    mutating func nextMember() throws(JSONFault) -> (name: JSONToken, value: JSONToken)? {
        skipBlanks()
        if peek == UInt8(ascii: "}") {
            index += 1
            skipBlanks()
            guard index == count else { throw fault("the end of the line is expected") }
            guard bits < 0x80 || isUTF8 else { throw .notUTF8 }
            return nil
        }
        if isBehindMember {
            try take(UInt8(ascii: ","), "',' or '}' is expected")
            skipBlanks()
        }
        isBehindMember = true
        let name = try takeName()
        let first = index
        switch peek {
        case UInt8(ascii: "{")?:
            try skipNested()
            return (name, unsafe JSONToken(kind: .object, field: Field(start + first, count: index - first)))
        case UInt8(ascii: "[")?:
            try skipNested()
            return (name, unsafe JSONToken(kind: .array, field: Field(start + first, count: index - first)))
        default: return (name, try takeScalar())
        }
    }
}

extension JSONTokenizer {
    private var peek: UInt8? {
        @inline(__always) get { index < count ? unsafe start[index] : nil }
    }

    private var isUTF8: Bool {
        let bytes = unsafe UnsafeBufferPointer(start: start, count: count)
        return unsafe (try? UTF8Span(validating: bytes.span)) != nil
    }

    private func fault(_ expected: StaticString) -> JSONFault {
        .syntax(expected, byte: index + 1, found: peek)
    }

    @inline(__always)
    private mutating func skipBlanks() {
        while index < count {
            let byte = unsafe start[index]
            // What ends a line stands in none.
            guard byte == UInt8(ascii: " ") || byte == FieldTokenizer.tab else { return }
            index &+= 1
        }
    }

    @inline(__always)
    private mutating func take(_ byte: UInt8, _ expected: StaticString) throws(JSONFault) {
        guard peek == byte else { throw fault(expected) }
        index &+= 1
    }

    /// A member's name and the colon behind it.
    @inline(__always)
    private mutating func takeName() throws(JSONFault) -> JSONToken {
        try take(FieldTokenizer.doubleQuote, "the name of a member, in quotes, is expected")
        let name = try takeText()
        skipBlanks()
        try take(UInt8(ascii: ":"), "':' is expected")
        skipBlanks()
        return name
    }

    /// A text, a number, `true`, `false` or `null`.
    @inline(__always)
    private mutating func takeScalar() throws(JSONFault) -> JSONToken {
        guard let byte = peek else { throw fault("a value is expected") }
        switch byte {
        case FieldTokenizer.doubleQuote:
            index &+= 1
            return try takeText()
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try takeNumber()
        case UInt8(ascii: "t"): return try takeWord("true", .bool)
        case UInt8(ascii: "f"): return try takeWord("false", .bool)
        case UInt8(ascii: "n"): return try takeWord("null", .null)
        default: throw fault("a value is expected")
        }
    }

    /// The rest of a text, behind its first quote.
    @inline(__always)
    private mutating func takeText() throws(JSONFault) -> JSONToken {
        let first = index
        var isPlain = true
        while index < count {
            let byte = unsafe start[index]
            bits |= byte
            if byte == FieldTokenizer.doubleQuote {
                index &+= 1
                return unsafe JSONToken(
                    kind: .text, field: Field(start + first, count: index &- first &- 1), isPlain: isPlain)
            }
            if byte == UInt8(ascii: "\\") {
                isPlain = false
                try skipEscape()
            } else {
                guard byte >= 0x20 else { throw fault("control characters are written as escapes such as \\u0009") }
                index &+= 1
            }
        }
        throw fault("'\"' is expected")
    }

    private mutating func skipEscape() throws(JSONFault) {
        let first = index
        index += 1
        switch peek {
        case UInt8(ascii: "\"")?, UInt8(ascii: "\\")?, UInt8(ascii: "/")?, UInt8(ascii: "b")?, UInt8(ascii: "f")?,
            UInt8(ascii: "n")?, UInt8(ascii: "r")?, UInt8(ascii: "t")?:
            index += 1
        case UInt8(ascii: "u")?:
            let unit = try takeHexadecimal()
            guard unit & 0xF800 == 0xD800 else { return }
            // One half of a character that takes two.
            if unit < 0xDC00, peek == UInt8(ascii: "\\"), index + 1 < count,
                unsafe start[index + 1] == UInt8(ascii: "u")
            {
                index += 1
                if try takeHexadecimal() & 0xFC00 == 0xDC00 { return }
            }
            index = first
            throw fault("a surrogate stands in a pair of them, the first from \\uD800, the second from \\uDC00 on")
        default: throw fault("behind '\\' stands one of \" \\ / b f n r t u")
        }
    }

    /// The value of the four digits behind a `u`.
    private mutating func takeHexadecimal() throws(JSONFault) -> UInt32 {
        index += 1
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = peek.flatMap({ JSONToken.hexadecimalDigit($0) }) else {
                throw fault("behind '\\u' stand four hexadecimal digits")
            }
            value = value << 4 | digit
            index += 1
        }
        return value
    }

    @inline(__always)
    private mutating func takeNumber() throws(JSONFault) -> JSONToken {
        let first = index
        if peek == UInt8(ascii: "-") { index &+= 1 }
        if peek == UInt8(ascii: "0") { index &+= 1 } else { try takeDigits() }
        var isPlain = true
        if peek == UInt8(ascii: ".") {
            isPlain = false
            index &+= 1
            try takeDigits()
        }
        if peek == UInt8(ascii: "e") || peek == UInt8(ascii: "E") {
            isPlain = false
            index &+= 1
            if peek == UInt8(ascii: "+") || peek == UInt8(ascii: "-") { index &+= 1 }
            try takeDigits()
        }
        return unsafe JSONToken(kind: .number, field: Field(start + first, count: index &- first), isPlain: isPlain)
    }

    @inline(__always)
    private mutating func takeDigits() throws(JSONFault) {
        let first = index
        while index < count, unsafe start[index] &- UInt8(ascii: "0") <= 9 { index &+= 1 }
        guard index > first else { throw fault("a digit is expected") }
    }

    private mutating func takeWord(_ word: StaticString, _ kind: JSONToken.Kind) throws(JSONFault) -> JSONToken {
        let end = index + word.utf8CodeUnitCount
        let field = unsafe Field(start + index, count: min(end, count) - index)
        guard field.isEqual(to: word) else { throw fault("a value is expected") }
        index = end
        return JSONToken(kind: kind, field: field)
    }
}

/// Nested values, which no member of a row has: they are checked and passed over.
extension JSONTokenizer {
    /// How deep values may be nested.
    static let depthMax = 512

    /// What the brackets are that are open, a bit for each: set for a brace.
    private struct OpenBrackets {
        private var bits = InlineArray<8, UInt64>(repeating: 0)
        private(set) var count = 0

        var innermostIsBrace: Bool { bits[(count - 1) >> 6] >> UInt64((count - 1) & 63) & 1 == 1 }

        mutating func open(_ byte: UInt8) {
            let bit: UInt64 = 1 << UInt64(count & 63)
            if byte == UInt8(ascii: "{") { bits[count >> 6] |= bit } else { bits[count >> 6] &= ~bit }
            count += 1
        }

        mutating func close() { count -= 1 }
    }

    /// What stands before the place that is read.
    private enum Before {
        case bracket
        case comma
        case value
    }

    /// Passes over the object or array that starts here.
    private mutating func skipNested() throws(JSONFault) {
        var open = OpenBrackets()
        var before = Before.comma
        repeat {
            skipBlanks()
            let isInObject = open.count > 0 && open.innermostIsBrace
            if before != .comma, peek == (isInObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) {
                index += 1
                open.close()
                before = .value
                continue
            }
            if before == .value {
                try take(UInt8(ascii: ","), isInObject ? "',' or '}' is expected" : "',' or ']' is expected")
                before = .comma
                continue
            }
            if isInObject { _ = try takeName() }
            if let byte = peek, byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[") {
                guard open.count < JSONTokenizer.depthMax else { throw fault("values are at most 512 levels deep") }
                open.open(byte)
                index += 1
                before = .bracket
            } else {
                _ = try takeScalar()
                before = .value
            }
        } while open.count > 0
    }
}

/// A name or a value of a JSON object.
struct JSONToken {
    enum Kind {
        case text
        case number
        case bool
        case null
        case array
        case object
    }

    let kind: Kind
    /// What stands there, without the quotes of a text.
    let field: Field
    /// Whether a text has no escapes, and a number no fraction and no exponent.
    var isPlain = true

    /// How an error shows it.
    var shown: String {
        switch kind {
        case .text: "a text"
        case .number: field.text.count <= 40 ? field.text : "a number of \(field.count) characters"
        case .bool, .null: field.text
        case .array: "an array"
        case .object: "an object"
        }
    }

    /// What a text says.
    var text: String { isPlain || kind != .text ? field.text : unsafe JSONToken.unescaped(field.bytes) }

    /// The text that its bytes say, whose escapes are right.
    private static func unescaped(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
        var text: [UInt8] = []
        var index = 0
        func hexadecimal(_ first: Int) -> UInt32 {
            unsafe bytes[first..<first + 4].reduce(0) { $0 << 4 | (hexadecimalDigit($1) ?? 0) }
        }
        while index < bytes.count {
            let byte = unsafe bytes[index]
            guard byte == UInt8(ascii: "\\") else {
                text.append(byte)
                index += 1
                continue
            }
            let escape = unsafe bytes[index + 1]
            index += 2
            switch escape {
            case UInt8(ascii: "b"): text.append(0x08)
            case UInt8(ascii: "f"): text.append(0x0C)
            case UInt8(ascii: "n"): text.append(0x0A)
            case UInt8(ascii: "r"): text.append(0x0D)
            case UInt8(ascii: "t"): text.append(0x09)
            case UInt8(ascii: "u"):
                var value = hexadecimal(index)
                index += 4
                if value & 0xFC00 == 0xD800 {
                    value = 0x10000 + (value & 0x3FF) << 10 + (hexadecimal(index + 2) & 0x3FF)
                    index += 6
                }
                if let encoded = UnicodeScalar(value).flatMap({ UTF8.encode($0) }) { text.append(contentsOf: encoded) }
            default: text.append(escape)
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    static func hexadecimalDigit(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A") + 10)
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a") + 10)
        default: nil
        }
    }
}

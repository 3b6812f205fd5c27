import FoundationEssentials

/// JSON in which every member counts: none is written twice, and nothing stands where the grammar has nothing.
///
/// Foundation keeps the last of two members of one name and passes over a comma in front of a closing bracket. Whoever
/// writes `"limit": 5, …, "limit": 50` means one of them and is not told which was heeded. So what was decoded is read a
/// second time, by a scanner that knows names and brackets alone. O(bytes).
enum StrictJSON {
    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    /// Decodes `json`, in UTF-8, with or without a byte order mark.
    ///
    /// - Parameter present: what words such as `30d` count from; nil where they are not understood.
    /// - Throws: `DecodingError`; for a member that is written twice it is `dataCorrupted`, with the path of the member.
    static func decode<Value: Decodable>(
        _ type: Value.Type, from json: some Sequence<UInt8>, present: Timestamp? = nil
    ) throws -> Value {
        var bytes = Array(json)
        if bytes.starts(with: byteOrderMark) { bytes.removeFirst(byteOrderMark.count) }
        // Foundation takes zeros between letters for another encoding; in UTF-8 there are none.
        guard String(validating: bytes, as: UTF8.self) != nil, !bytes.contains(0) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: [], debugDescription: "it is not UTF-8; convert it first"))
        }
        let decoder = JSONDecoder()
        if let present { decoder.userInfo[.present] = present }
        let value = try decoded(type, from: Data(bytes), by: decoder)
        var scan = Scan(bytes: bytes)
        try scan.value(at: [])
        return value
    }

    /// Foundation names no place where the text is no JSON at all.
    private static func decoded<Value: Decodable>(
        _ type: Value.Type, from json: Data, by decoder: JSONDecoder
    ) throws -> Value {
        do {
            return try decoder.decode(type, from: json)
        } catch DecodingError.dataCorrupted(let context) where context.codingPath.isEmpty {
            throw error([], "it is not valid JSON")
        }
    }

    /// A member of an object, or an element of an array.
    private struct Step: CodingKey {
        let stringValue: String
        let intValue: Int?

        init(stringValue: String) {
            self.stringValue = stringValue
            intValue = nil
        }

        init(intValue: Int) {
            stringValue = "\(intValue)"
            self.intValue = intValue
        }
    }

    /// Goes through text that Foundation has decoded: brackets match, strings end, and no more than 512 are nested.
    private struct Scan {
        let bytes: [UInt8]
        private var offset = 0

        init(bytes: [UInt8]) {
            self.bytes = bytes
        }

        /// The byte behind blanks.
        private mutating func next() -> UInt8 {
            while offset < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[offset]) { offset += 1 }
            return offset < bytes.count ? bytes[offset] : 0
        }

        mutating func value(at path: [Step]) throws {
            switch next() {
            case UInt8(ascii: "{"): try object(at: path)
            case UInt8(ascii: "["): try array(at: path)
            case UInt8(ascii: "\""): _ = try string()
            default:
                while offset < bytes.count, !",]}".utf8.contains(bytes[offset]) { offset += 1 }
            }
        }

        private mutating func object(at path: [Step]) throws {
            offset += 1
            var names: Set<String> = []
            while next() == UInt8(ascii: "\"") {
                let name = try string()
                let member = path + [Step(stringValue: name)]
                guard names.insert(name).inserted else {
                    throw StrictJSON.error(member, "it is written twice; keep one of them")
                }
                _ = next()
                offset += 1
                try value(at: member)
                if try isLast(before: UInt8(ascii: "}"), at: path) { return }
            }
            offset += 1
        }

        private mutating func array(at path: [Step]) throws {
            offset += 1
            var count = 0
            while next() != UInt8(ascii: "]") {
                try value(at: path + [Step(intValue: count)])
                count += 1
                if try isLast(before: UInt8(ascii: "]"), at: path) { return }
            }
            offset += 1
        }

        /// Passes the comma or the bracket behind an element; answers whether it was the bracket.
        private mutating func isLast(before bracket: UInt8, at path: [Step]) throws -> Bool {
            let isLast = next() == bracket
            offset += 1
            if !isLast, next() == bracket {
                throw StrictJSON.error(path, "a comma stands before the closing bracket; take it out")
            }
            return isLast
        }

        /// The string that begins here.
        private mutating func string() throws -> String {
            let start = offset
            offset += 1
            var isEscaped = false
            while bytes[offset] != UInt8(ascii: "\"") {
                if bytes[offset] == UInt8(ascii: "\\") {
                    isEscaped = true
                    offset += 1
                }
                offset += 1
            }
            offset += 1
            let text = bytes[start..<offset]
            // An escape may write a name in another way.
            if isEscaped { return try JSONDecoder().decode(String.self, from: Data(text)) }
            return String(decoding: text.dropFirst().dropLast(), as: UTF8.self)
        }
    }

    private static func error(_ path: [Step], _ reason: String) -> DecodingError {
        .dataCorrupted(.init(codingPath: path, debugDescription: reason))
    }
}

extension DecodingError {
    /// What is wrong.
    var reason: String {
        switch self {
        case .typeMismatch(let type, let context):
            DecodingError.found(in: context.debugDescription).map {
                "\(DecodingError.word(for: type)) is expected, found \($0)"
            } ?? context.debugDescription
        case .valueNotFound(let type, _): "\(DecodingError.word(for: type)) is expected, found null"
        case .keyNotFound(let key, _): "'\(key.stringValue)' is missing"
        case .dataCorrupted(let context): context.debugDescription
        @unknown default: "\(self)"
        }
    }

    /// What JSON calls what was to be decoded.
    private static func word(for type: any Any.Type) -> String {
        switch type {
        case is String.Type: "text in quotes"
        case is Bool.Type: "true or false"
        case is any BinaryFloatingPoint.Type: "a number"
        case is any BinaryInteger.Type: "a whole number"
        default: "\(type)".hasPrefix("Array") || "\(type)".hasPrefix("Unkeyed") ? "an array" : "an object"
        }
    }

    /// What was found instead, in the words of JSON, from those of the decoder; nil where they are another's.
    private static func found(in description: String) -> String? {
        guard description.hasPrefix("Expected to decode "), let start = description.firstRange(of: " but found "),
            let end = description.firstRange(of: " instead")
        else { return nil }
        let found = String(description[start.upperBound..<end.lowerBound])
        let words = [
            "number": "a number", "a string": "text", "a dictionary": "an object", "bool": "true or false",
            "null value": "null",
        ]
        return words[found] ?? found
    }

    /// Where: members from the outermost on, and `[n]` for elements of arrays. Empty at the top.
    var place: String {
        let path: [any CodingKey] =
            switch self {
            case .typeMismatch(_, let context), .valueNotFound(_, let context), .keyNotFound(_, let context),
                .dataCorrupted(let context):
                context.codingPath
            @unknown default: []
            }
        return path.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }.joined(separator: ".")
    }
}

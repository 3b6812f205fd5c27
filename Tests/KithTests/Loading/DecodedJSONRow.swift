import Foundation

@testable import Kith

/// A line of JSON as Foundation's decoder reads it: the other side of ``JSONRow``.
struct DecodedJSONRow: Decodable, Equatable {
    var source: NodeKey?
    var target: NodeKey?
    var weight: Float?
    var time: Timestamp?

    private struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(_ name: String) { stringValue = name }
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    init(from decoder: any Decoder) throws {
        let object = try decoder.container(keyedBy: Name.self)
        func first<Value: Decodable>(_ names: String...) throws -> Value? {
            for name in names {
                if let value = try object.decodeIfPresent(Value.self, forKey: Name(name)) { return value }
            }
            return nil
        }
        source = try first("from", "source", "src")
        target = try first("to", "target", "dst")
        weight = try first("weight")
        time = try first("time")
    }

    init(_ line: some Sequence<UInt8>) throws {
        self = try JSONDecoder().decode(DecodedJSONRow.self, from: Data(line))
    }
}

extension DecodedJSONRow {
    /// The same by the reader of files; a weight or a time out of range is an error.
    init(strictly line: [UInt8]) throws {
        self = try line.withUnsafeBufferPointer { bytes in
            let line = Field(bytes.baseAddress.unsafelyUnwrapped, count: bytes.count)
            let row = try JSONRow(line, reading: .ofEdge, aliases: JSONAliases()) { _ in }
            var values = DecodedJSONRow()
            values.source = try row.source?.unescapedKey()
            values.target = try row.target?.unescapedKey()
            values.weight = try row.weight.map { try RowValues.weight($0.number(), column: 1) }
            try row.time?.checkTime()
            values.time = try row.time.map { Timestamp(rawValue: try $0.time().seconds) }
            return values
        }
    }

    private init() {}
}

/// A line of JSON: an edge, or a node.
struct JSONRow: Decodable {
    var source: NodeKey?
    var target: NodeKey?
    var key: NodeKey?
    var type: String?
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
        key = try first("key", "id")
        type = try first("type")
        weight = try first("weight")
        if let seconds = try? object.decodeIfPresent(UInt64.self, forKey: Name("time")) {
            guard let time = Timestamp(String(seconds)) else { throw RowError.badTime(column: 1, String(seconds)) }
            self.time = time
        } else if let text: String = try first("time") {
            guard let time = Timestamp(text) else { throw RowError.badTime(column: 1, text) }
            self.time = time
        }
    }
}

/// A line of JSON: an edge, or a node.
struct JSONRow: Decodable {
    var source: NodeKey?
    var target: NodeKey?
    var key: NodeKey?
    var type: String?
    var weight: Float?
    var time: (time: Timestamp, readings: Readings)?

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
        weight = try JSONRow.weight(in: object)
        guard object.contains(Name("time")), try !object.decodeNil(forKey: Name("time")) else { return }
        do {
            time = try Timestamp.read(from: try object.superDecoder(forKey: Name("time")))
        } catch let error as TimestampError {
            throw RowError.badTime(column: 1, error)
        }
    }

    private static func weight(in object: KeyedDecodingContainer<Name>) throws -> Float? {
        do {
            let weight = try object.decodeIfPresent(Float.self, forKey: Name("weight"))
            guard weight == 0 else { return weight }
            let number = try object.decode(Double.self, forKey: Name("weight"))
            guard number == 0 else { throw RowError.weightOutOfRange(column: 1, "\(number)") }
            return weight
        } catch let error as RowError {
            throw error
        } catch {
            guard let number = try? object.decode(Double.self, forKey: Name("weight")) else { throw error }
            throw RowError.weightOutOfRange(column: 1, "\(number)")
        }
    }
}

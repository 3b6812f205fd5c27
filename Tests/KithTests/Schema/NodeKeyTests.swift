import GraphTesting
import Testing

@testable import Kith

@Suite("A node key")
struct NodeKeyTests {
    @Test("A canonical decimal integer is an integer, however it is written")
    func canonicalIntegers() throws {
        #expect(NodeKey("42") == NodeKey(42))
        #expect(NodeKey("0").integer == 0)
        #expect(NodeKey("18446744073709551615").integer == UInt64.max)
    }

    @Test(
        "Anything else is a string",
        arguments: ["007", "+1", "-1", "1.0", " 1", "18446744073709551616", "1e3", "alice", "é", "00"])
    func strings(text: String) throws {
        let key = try NodeKey(text)
        #expect(key.integer == nil)
        #expect(key.description == text)
    }

    @Test("Keys are equal when their bytes are, not when their characters look alike")
    func equalityIsByBytes() throws {
        let composed = NodeKey("caf\u{E9}")
        let decomposed = NodeKey("cafe\u{301}")
        #expect(composed != decomposed)
        #expect(Set([composed, decomposed]).count == 2)
    }

    @Test("A key has 1 to 500 bytes of UTF-8")
    func bounds() throws {
        let empty = ""
        #expect(throws: NodeKeyError.empty) { try NodeKey(empty) }
        #expect(throws: NodeKeyError.tooLong(bytes: 501)) { try NodeKey(String(repeating: "a", count: 501)) }
        #expect(throws: NodeKeyError.tooLong(bytes: 502)) { try NodeKey(String(repeating: "é", count: 251)) }
        #expect(try NodeKey(String(repeating: "a", count: 500)).encoded.count == NodeKey.encodedBytesMax)
        let bytes: [UInt8] = [0x61, 0xFF]
        #expect(throws: NodeKeyError.notUTF8) {
            try bytes.withUnsafeBytes { (bytes) throws(NodeKeyError) in try NodeKey(utf8: bytes) }
        }
    }

    @Test("Encoded bytes sort as keys do, and decode to the key")
    func encodingKeepsOrder() throws {
        var random = SplitMix64(seed: 1)
        var keys: [NodeKey] = [0, 1, 255, 256, 65_535, 65_536, NodeKey(UInt64.max), "a", "b", "aa", "é", "~"]
        for _ in 0..<500 {
            keys.append(
                NodeKey(UInt64.random(in: 0...(.max), using: &random) >> UInt64.random(in: 0..<64, using: &random)))
            let letters = (0..<Int.random(in: 1...12, using: &random)).map { _ in
                Character(Unicode.Scalar(UInt8.random(in: 58...126, using: &random)))
            }
            keys.append(try NodeKey(String(letters)))
        }
        let byKey = keys.sorted()
        let byBytes = keys.sorted { $0.encoded.lexicographicallyPrecedes($1.encoded) }
        #expect(byKey == byBytes)
        for key in keys {
            #expect(try NodeKey(encoded: key.encoded.span.bytes) == key)
        }
    }

    @Test(
        "Bytes that no key encodes to are refused",
        arguments: [
            [], [1], [1, 0], [2, 0, 5], [9], [9, 0x34, 0x32], [9, 0xFF], [10, 1], [8, 1, 2, 3], [0, 0],
        ] as [[UInt8]])
    func damagedBytes(bytes: [UInt8]) {
        #expect(throws: NodeKeyError.damaged) { try NodeKey(encoded: bytes.span.bytes) }
    }
}

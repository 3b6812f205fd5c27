import GraphTesting
import Kith
import Testing

@Suite("Keys by their beginning")
struct KeyPrefixTests {
    @Test("are those that a scan of all keys finds: integers by the number of digits, then strings")
    func oracle() throws {
        let folder = try TemporaryFolder()
        let store = try GraphStore(creating: folder.file("s.kith"))
        var random = SplitMix64(seed: 5)
        var keys: Set<NodeKey> = [0, 1, 10, 12, "12a", "a", "ab", "abc", "ä", "01", NodeKey(UInt64.max)]
        for _ in 0..<1_000 {
            let value = UInt64.random(in: 0...UInt64.max, using: &random) >> UInt64.random(in: 0..<64, using: &random)
            keys.insert(NodeKey(value))
            keys.insert(try NodeKey("k" + String(value, radix: 36)))
        }
        try store.write { graph in
            for key in keys { try graph.add(key, .interests, "topic") }
        }
        func expected(_ prefix: String) -> [NodeKey] {
            keys.filter { $0.description.utf8.starts(with: prefix.utf8) }.sorted()
        }
        try store.read { snapshot in
            for prefix in [
                "", "0", "1", "12", "184467", "18446744073709551615", "99999999999999999999", "k", "k1", "kz0",
            ]
                + ["a", "ab", "ä", "x", "01", "12a"]
            {
                let found = try snapshot.keys(startingWith: prefix, limit: .max)
                #expect(found == expected(prefix), "\(prefix)")
                #expect(try snapshot.keys(startingWith: prefix, limit: 3) == Array(expected(prefix).prefix(3)))
            }
            #expect(try snapshot.keys(startingWith: "to", kind: .topic, limit: 9) == ["topic"])
            #expect(try snapshot.keys(startingWith: "", limit: 0) == [])
            #expect(throws: GraphStoreError.self) {
                try snapshot.keys(startingWith: "", kind: NodeKind("nothing"), limit: 1)
            }
        }
    }
}

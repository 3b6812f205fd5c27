import GraphTesting
import Kith

/// A store of a few dozen pages with every kind of them: branches and leaves, a hub of several blocks, keys that are
/// integers and strings, a value with overflow pages, free pages.
enum SmallStore {
    static func make(at path: String) throws {
        var random = SplitMix64(seed: 9)
        func chance(_ count: Int) -> Int { Int.random(in: 0..<count, using: &random) }
        func time() -> Timestamp { Timestamp(rawValue: 1_600_000_000 + UInt32(chance(190_000_000))) }
        _ = try BulkLoader(threads: 1, memoryBytes: 1 << 26).load(into: path) { sink in
            for _ in 0..<300 {
                try sink.add(
                    try NodeKey("user-\(chance(120))"), .follows, try NodeKey("person-\(chance(120))"), at: time())
            }
            for fan in 0..<900 { try sink.add(try NodeKey("fan\(fan)"), .follows, "hub", at: time()) }
            for _ in 0..<100 {
                try sink.add(try NodeKey("user-\(chance(120))"), .interests, try NodeKey("topic\(chance(20))"))
            }
        }
        let store = try GraphStore(opening: path, options: .init(durability: .none))
        try store.write { graph in
            for _ in 0..<300 {
                let (first, second) = (NodeKey(UInt64(chance(500))), NodeKey(UInt64(chance(500))))
                if first != second { try graph.add(first, .friends, second, at: time()) }
            }
            for _ in 0..<200 {
                try graph.add(
                    try NodeKey("user-\(chance(120))"), .interacts, try NodeKey("person-\(chance(120))"),
                    weight: Double(Float(chance(9_000)) / 1_000), at: time())
            }
        }
        for number in 1...8 as ClosedRange<UInt64> {
            try store.write { graph in
                try graph.add(try NodeKey("live\(number)"), .follows, "hub", at: time())
                try graph.add(NodeKey(number), .friends, 400, at: time())
            }
        }
        try store.write { graph in try graph.removeNode("fan13") }
    }
}

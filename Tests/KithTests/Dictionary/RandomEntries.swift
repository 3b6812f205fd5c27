import GraphTesting

@testable import Kith

/// What keys a random dictionary has.
enum KeyMix: CaseIterable {
    case smallIntegers
    case sparseIntegers
    case strings
    case longStrings
    case mixed
}

extension SplitMix64 {
    /// A random key; two of a small range are often the same.
    mutating func key(_ mix: KeyMix) -> NodeKey {
        let number = UInt64.random(in: 0..<(1 << 20), using: &self)
        switch mix {
        case .smallIntegers: return NodeKey(number)
        case .sparseIntegers: return NodeKey(next() >> UInt64.random(in: 0..<64, using: &self))
        case .strings: return NodeKey.known("user-\(number % 5_000)-é")
        case .longStrings:
            let head = String(repeating: "x", count: Int.random(in: 0...400, using: &self))
            let tail = String(repeating: "y\(number)", count: 40).prefix(NodeKey.bytesMax - head.utf8.count)
            return NodeKey.known(head + tail)
        case .mixed: return key([.smallIntegers, .sparseIntegers, .strings, .longStrings][Int(number % 4)])
        }
    }

    /// As many different keys as asked for, ascending.
    mutating func ascendingKeys(_ mix: KeyMix, _ count: Int) -> [NodeKey] {
        var keys: Set<NodeKey> = []
        while keys.count < count { keys.insert(key(mix)) }
        return keys.sorted()
    }

    /// As many different ids as asked for, ascending, with holes or without, up to the greatest there is.
    mutating func ascendingIDs(_ count: Int) -> [UInt32] {
        let holes = [0, 1, 40, 100_000].randomElement(using: &self)!
        var id = UInt32.random(in: 0...1_000_000, using: &self)
        let ids = (0..<count).map { _ in
            id += 1 + UInt32.random(in: 0...UInt32(holes), using: &self)
            return id
        }
        return Bool.random(using: &self) ? ids : ids.map { $0 + (.max - 1 - ids[count - 1]) }
    }
}

/// Entries as plain pairs: what tests compare.
struct PlainEntry: Hashable {
    let id: UInt32
    let key: NodeKey
}

extension DictionaryEntries {
    init(_ plain: [PlainEntry]) {
        self.init()
        for entry in plain { insert(entry.key, id: entry.id, at: count) }
    }

    var plain: [PlainEntry] {
        get throws { try ids.indices.map { PlainEntry(id: ids[$0], key: try key(at: $0)) } }
    }
}

extension DictionaryBlock {
    /// The block of all the entries.
    static func bytes(of entries: DictionaryEntries) -> [UInt8] {
        var writer = DictionaryBlockWriter()
        encode(Extent(0..<entries.count, of: entries), from: 0, of: entries, into: &writer)
        return writer.bytes
    }

    /// How many of the entries, from the first on, fit a block.
    static func fittingCount(_ entries: DictionaryEntries) -> Int {
        var extent = Extent()
        for index in 0..<entries.count {
            extent.add(entries, at: index)
            if !extent.fits { return index }
        }
        return entries.count
    }

    /// What the bytes hold, or an error.
    static func plain(_ bytes: [UInt8]) throws -> [PlainEntry] {
        var entries = DictionaryEntries()
        try decode(bytes.span.bytes, into: &entries)
        return try entries.plain
    }

    /// Whether the bytes are a block in the one way there is.
    static func isValid(_ bytes: [UInt8], keyBytes: Int) -> Bool {
        var entries = DictionaryEntries()
        var writer = DictionaryBlockWriter()
        return (try? validate(bytes.span.bytes, keyBytes: keyBytes, into: &entries, writer: &writer)) != nil
    }
}

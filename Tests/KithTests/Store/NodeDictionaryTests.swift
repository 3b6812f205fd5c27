import GraphTesting
import LMDB
import ProcessTesting
import Testing

@testable import Kith

@Suite("A node dictionary")
struct NodeDictionaryTests {
    /// The dictionary of users of a store, and what it should hold.
    private struct History {
        var random: SplitMix64
        let mix: KeyMix
        var ids: [NodeKey: UInt32] = [:]
        var keys: [UInt32: NodeKey] = [:]
        var nextID: UInt32 = 0

        mutating func insert(
            _ store: GraphStore, _ transaction: inout WriteTransaction, _ scratch: inout DictionaryScratch
        )
            throws
        {
            let key = random.key(mix)
            let known = try store.tables.dictionaries[0].id(of: key, in: transaction)
            #expect(known == ids[key])
            guard known == nil else { return }
            try store.tables.dictionaries[0].insert(key, id: nextID, in: &transaction, scratch: &scratch)
            ids[key] = nextID
            keys[nextID] = key
            nextID += 1
        }

        mutating func remove(
            _ id: UInt32, _ store: GraphStore, _ transaction: inout WriteTransaction,
            _ scratch: inout DictionaryScratch
        ) throws {
            guard let key = keys.removeValue(forKey: id) else { return }
            ids[key] = nil
            try store.tables.dictionaries[0].remove(key, id: id, in: &transaction, scratch: &scratch)
        }
    }

    /// Compares every id and key, and some that are not there.
    private func compare(_ store: GraphStore, _ history: inout History) throws {
        let dictionary = store.tables.dictionaries[0]
        let transaction = try store.environment.beginRead()
        for id in 0..<history.nextID + 2 {
            let key = try dictionary.key(of: id, in: transaction)
            #expect(key == history.keys[id])
        }
        for (key, id) in history.ids {
            let found = try dictionary.id(of: key, in: transaction)
            #expect(found == id)
        }
        for _ in 0..<200 {
            let key = history.random.key(history.mix)
            let found = try dictionary.id(of: key, in: transaction)
            #expect(found == history.ids[key])
        }
    }

    private func putCounters(
        _ store: GraphStore, _ history: History, _ transaction: inout WriteTransaction
    ) throws {
        var counters = StoreCounters(for: store.schema)
        counters.kinds[0].nextID = UInt64(history.nextID)
        counters.kinds[0].nodes = UInt64(history.ids.count)
        try StoreMeta.put(counters, of: store.tables, in: &transaction)
    }

    @Test(
        "holds what a Swift dictionary does after random inserts, removals and reopening", arguments: KeyMix.allCases,
        0..<Repetitions.of(1))
    func randomOperations(mix: KeyMix, seed: Int) throws {
        let folder = try TemporaryFolder()
        let path = folder.file("people.kith")
        var store: GraphStore? = try GraphStore(creating: path, options: .forTests)
        var history = History(random: SplitMix64(seed: UInt64(seed)), mix: mix)
        for round in 0..<5 {
            try edit(#require(store), &history, removesMost: round % 4 == 3)
            try compare(#require(store), &history)
            #expect(try store?.check().problems == [])
            if round % 3 == 1 {
                store = nil
                store = try GraphStore(opening: path, options: .forTests)
            }
        }
        try removeAll(#require(store), &history)
        #expect(try store?.check().problems == [])
        let transaction = try #require(store).environment.beginRead()
        let dictionary = try #require(store).tables.dictionaries[0]
        #expect(try transaction.entryCount(in: dictionary.keys) == 0)
        #expect(try transaction.entryCount(in: dictionary.ids) == 0)
    }

    /// One transaction of several hundred random edits.
    private func edit(_ store: GraphStore, _ history: inout History, removesMost: Bool) throws {
        var transaction = try store.environment.beginWrite()
        var scratch = DictionaryScratch()
        for _ in 0..<400 {
            if Int.random(in: 0..<10, using: &history.random) < (removesMost ? 8 : 2), history.nextID > 0 {
                let id = UInt32.random(in: 0..<history.nextID, using: &history.random)
                try history.remove(id, store, &transaction, &scratch)
            } else {
                try history.insert(store, &transaction, &scratch)
            }
        }
        if removesMost {
            // A hole of many ids, over the ends of blocks.
            let start = UInt32.random(in: 0..<history.nextID, using: &history.random)
            for id in start..<start + 300 { try history.remove(id, store, &transaction, &scratch) }
        }
        try putCounters(store, history, &transaction)
        try transaction.commit()
    }

    private func removeAll(_ store: GraphStore, _ history: inout History) throws {
        var transaction = try store.environment.beginWrite()
        var scratch = DictionaryScratch()
        for id in history.keys.keys.shuffled(using: &history.random) {
            try history.remove(id, store, &transaction, &scratch)
        }
        try putCounters(store, history, &transaction)
        try transaction.commit()
    }

    @Test("takes descending strings before others and after integers into full blocks")
    func descendingStrings() throws {
        let folder = try TemporaryFolder()
        let store = try GraphStore(creating: folder.file("people.kith"), options: .forTests)
        try store.write { graph in
            for number in 0..<100 as Range<UInt64> { try graph.addNode(NodeKey(number)) }
            for number in (10_000..<11_000).reversed() { try graph.addNode(NodeKey.known("user \(number)")) }
        }
        #expect(try store.check().problems == [])
        let transaction = try store.environment.beginRead()
        #expect(try transaction.entryCount(in: store.tables.dictionaries[0].ids) < 20)
    }

    @Test("built in order has full blocks, and holds the same as one grown by inserts", arguments: KeyMix.allCases)
    func built(mix: KeyMix) throws {
        let folder = try TemporaryFolder()
        let path = folder.file("people.kith")
        var random = SplitMix64(seed: 3)
        let keys = random.ascendingKeys(mix, 3_000)
        let ids = (0..<UInt32(keys.count)).shuffled(using: &random)
        let byID = zip(ids, keys).sorted { $0.0 < $1.0 }
        try GraphStore.build(at: path, schema: .social, options: .forTests) { builder in
            let dictionary = builder.tables.dictionaries[0]
            for (_, key) in byID {
                let encoded = key.encoded
                try builder.appendKey(encoded.span.bytes, to: dictionary)
            }
            for (id, key) in zip(ids, keys) {
                let encoded = key.encoded
                try builder.appendID(id, of: encoded.span.bytes, to: dictionary)
            }
        }
        let store = try GraphStore(opening: path)
        var history = History(
            random: random, mix: mix, ids: Dictionary(uniqueKeysWithValues: zip(keys, ids)),
            keys: Dictionary(uniqueKeysWithValues: byID), nextID: UInt32(keys.count))
        try compare(store, &history)
        #expect(try store.check().problems == [])
        let sizes = try blockSizes(store)
        // What the next entry would have needed is less than a key of 501 bytes and what comes with it.
        let slack = mix == .smallIntegers ? 20 : mix == .sparseIntegers ? 300 : 520
        let full = sizes.filter { $0 + slack >= KeyBlock.entryBytesMax }
        #expect(sizes.count - full.count <= 4, "\(sizes)")
    }

    /// Bytes of every block of both tables with its key.
    private func blockSizes(_ store: GraphStore) throws -> [Int] {
        let transaction = try store.environment.beginRead()
        var sizes: [Int] = []
        var keys = transaction.cursor(in: store.tables.dictionaries[0].keys)
        var keyEntry = try keys.first()
        while let current = keyEntry {
            sizes.append(current.keyBytes.byteCount + current.value.byteCount)
            keyEntry = try keys.next()
        }
        var ids = transaction.cursor(in: store.tables.dictionaries[0].ids)
        var idEntry = try ids.first()
        while let current = idEntry {
            sizes.append(current.keyBytes.byteCount + current.value.byteCount)
            idEntry = try ids.next()
        }
        return sizes
    }

    @Test("takes few bits a node beside those of its key and its id: 17 + 16 bits and less than 6 more")
    func size() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("people.kith")
        var random = SplitMix64(seed: 4)
        let numbers = (0..<UInt64(97_436)).shuffled(using: &random).prefix(60_000)
        try GraphStore.build(at: path, schema: .social, options: .forTests) { builder in
            let dictionary = builder.tables.dictionaries[0]
            for number in numbers {
                let encoded = NodeKey(number).encoded
                try builder.appendKey(encoded.span.bytes, to: dictionary)
            }
            for (id, number) in numbers.enumerated().sorted(by: { $0.element < $1.element }) {
                let encoded = NodeKey(number).encoded
                try builder.appendID(UInt32(id), of: encoded.span.bytes, to: dictionary)
            }
        }
        // LMDB adds 10 bytes to each.
        let bytes = try blockSizes(GraphStore(opening: path)).reduce(0) { $0 + $1 + 10 }
        #expect(Double(8 * bytes) < 39 * Double(numbers.count), "\(Double(8 * bytes) / Double(numbers.count)) bits")
    }
}

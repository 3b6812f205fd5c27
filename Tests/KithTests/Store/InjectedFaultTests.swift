import Foundation
import GraphTesting
import LMDB
import Testing

@testable import Adjacency
@testable import Kith

/// `check` finds what was broken on purpose: one test for each kind of fault.
@Suite("An injected fault")
struct InjectedFaultTests {
    typealias Fault = @Sendable (StoreTables, inout WriteTransaction) throws -> Void

    /// A sound store with a hub of 2,000 followers (several blocks) and some friends; made once, and copied.
    private static let sound: Result<TemporaryFolder, any Error> = Result {
        let folder = try TemporaryFolder()
        // What is static is never destroyed.
        atexit { if case .success(let folder) = InjectedFaultTests.sound { folder.remove() } }
        let store = try GraphStore(
            creating: folder.file("people.kith"), schema: .socialWithTotals, options: .forTests)
        try store.write { graph in
            for number in 1...2_000 as ClosedRange<UInt64> {
                try graph.add(NodeKey(number), .follows, 0, at: Timestamp(rawValue: UInt32(number * 977)))
            }
            try graph.add(1, .friends, 2)
            try graph.add(1, .interacts, 2, weight: 3)
            try graph.add(1, "totals", 2, weight: 0x1p24 + 1)
        }
        #expect(try store.check().problems == [])
        return folder
    }

    /// What `check` finds in a copy of the sound store that was broken by `fault`.
    private func problems(after fault: Fault) throws -> Set<IntegrityReport.Problem.Kind> {
        let folder = try TemporaryFolder()
        let path = folder.file("people.kith")
        try FileManager.default.copyItem(atPath: Self.sound.get().file("people.kith"), toPath: path)
        let store = try GraphStore(opening: path, options: .forTests)
        var transaction = try store.environment.beginWrite()
        try fault(store.tables, &transaction)
        try transaction.commit()
        let report = try store.check()
        #expect(report.problemCount >= report.problems.count)
        return Set(report.problems.map(\.kind))
    }

    private static func table(_ tables: StoreTables, _ name: EdgeType.Name) throws -> EdgeTables {
        try tables.edges(name)
    }

    /// All keys of a table, with their values.
    private static func entries(
        _ table: AdjacencyTable, _ transaction: borrowing WriteTransaction
    ) throws -> [(UInt64, [UInt8])] {
        var found: [(UInt64, [UInt8])] = []
        var cursor = table.blocks(in: transaction)
        var entry = try cursor.first()
        while let current = entry {
            found.append((current.key, current.value.withUnsafeBytes { Array($0) }))
            entry = try cursor.next()
        }
        return found
    }

    /// The block of a hub's list at `place`, decoded.
    private static func list(_ bytes: [UInt8], _ columns: EdgeColumns) throws -> NeighborList {
        var list = NeighborList(columns: columns)
        try list.append(NeighborBlock(bytes.span.bytes))
        return list
    }

    private static func put(
        _ list: NeighborList, _ table: AdjacencyTable, key: UInt64, isLast: Bool, degree: UInt32?,
        _ transaction: inout WriteTransaction
    ) throws {
        var buffer = BlockBuffer()
        buffer.encode(0..<list.count, of: list, isLast: isLast, degree: degree)
        try table.put(buffer.span, forKey: key, in: &transaction)
    }

    @Test("of one bit of a block is found by its check byte")
    func bit() throws {
        let found = try problems { tables, transaction in
            let table = try Self.table(tables, .follows).in
            var (key, bytes) = try Self.entries(table, transaction)[1]
            bytes[bytes.count / 2] ^= 4
            try table.put(bytes.span.bytes, forKey: key, in: &transaction)
        }
        #expect(found.contains(.checkByte))
    }

    @Test("of a block cut short is found")
    func cutBlock() throws {
        let found = try problems { tables, transaction in
            let table = try Self.table(tables, .follows).in
            let (key, bytes) = try Self.entries(table, transaction)[1]
            let cut = Array(bytes.dropLast(3))
            try table.put(cut.span.bytes, forKey: key, in: &transaction)
        }
        #expect(!found.isDisjoint(with: [.checkByte, .blockForm]))
    }

    @Test("of a wrong degree is found")
    func degree() throws {
        let found = try problems { tables, transaction in
            let table = try Self.table(tables, .follows).in
            let (key, bytes) = try Self.entries(table, transaction)[0]
            let list = try Self.list(bytes, table.columns)
            try Self.put(list, table, key: key, isLast: false, degree: 1_999, &transaction)
        }
        #expect(found.contains(.degree))
    }

    @Test("of a missing block is found: by the degree, and by the mirrors")
    func missingBlock() throws {
        let found = try problems { tables, transaction in
            let table = try Self.table(tables, .follows).in
            try table.removeBlock(try Self.entries(table, transaction)[1].0, in: &transaction)
        }
        #expect(found.isSuperset(of: [.degree, .missingMirror]))
    }

    @Test("of a missing last block is found by the last mark")
    func missingLast() throws {
        let found = try problems { tables, transaction in
            let table = try Self.table(tables, .follows).in
            let hub = try Self.entries(table, transaction).filter { $0.0 >> 32 == 1 }
            try table.removeBlock(hub[hub.count - 1].0, in: &transaction)
        }
        #expect(found.contains(.lastBlock))
    }

    @Test("of a block under a wrong key is found")
    func blockKey() throws {
        let found = try problems { tables, transaction in
            let table = try Self.table(tables, .follows).in
            let (key, bytes) = try Self.entries(table, transaction)[1]
            try table.removeBlock(key, in: &transaction)
            try table.put(bytes.span.bytes, forKey: key + 1, in: &transaction)
        }
        #expect(found.contains(.blockKey))
    }

    @Test("of blocks that overlap is found")
    func order() throws {
        let found = try problems { tables, transaction in
            let table = try Self.table(tables, .follows).in
            let entries = try Self.entries(table, transaction)
            var list = try Self.list(entries[1].1, table.columns)
            let first = try Self.list(entries[0].1, table.columns)
            list.insert(first.neighbors[first.count - 1], weight: 1, time: 0, at: 0)
            while list.count > 20 { list.remove(at: list.count - 1) }
            try Self.put(list, table, key: entries[1].0, isLast: false, degree: nil, &transaction)
        }
        #expect(found.contains(.neighborOrder))
    }

    @Test("of an edge in one direction only is found, whichever it is")
    func mirror() throws {
        for removesOut in [true, false] {
            let found = try problems { tables, transaction in
                let edges = try Self.table(tables, .interacts)
                let table = removesOut ? edges.out : edges.in
                try table.removeBlock(try Self.entries(table, transaction)[0].0, in: &transaction)
            }
            #expect(found.contains(.missingMirror))
        }
    }

    @Test("of a weight that is no number is found, and of one that is never written so")
    func weight() throws {
        let faults: [(type: EdgeType.Name, value: EdgeValue)] = [
            (.interacts, EdgeValue(weight: .nan, time: 7)), (.interacts, EdgeValue(weight: -.infinity, time: 7)),
            ("totals", EdgeValue(weight: .infinity, time: 0)),
            // 2^24 and 2^29 steps more, which is the next Float.
            ("totals", EdgeValue(weight: 0x1p24, time: 1 << 30)),
        ]
        for (type, value) in faults {
            let found = try problems { tables, transaction in
                let edges = try Self.table(tables, type)
                for table in [edges.out, edges.in] {
                    let (key, bytes) = try Self.entries(table, transaction)[0]
                    var list = try Self.list(bytes, table.columns)
                    list.replace(at: 0, weight: value.weight, time: value.time)
                    try Self.put(list, table, key: key, isLast: true, degree: nil, &transaction)
                }
            }
            #expect(found == [.weight], "\(value)")
        }
    }

    @Test("of features that leave out what the schema needs is found")
    func features() throws {
        let found = try problems { tables, transaction in
            var counters = try #require(try StoreMeta.countersToChange(of: tables, in: transaction))
            #expect(counters.features.toRead == .preciseWeights)
            counters.features.toRead = []
            try StoreMeta.put(counters, of: tables, in: &transaction)
        }
        #expect(found == [.counter])
    }

    @Test("of directions that carry different weights is found")
    func columns() throws {
        let found = try problems { tables, transaction in
            let table = try Self.table(tables, .interacts).in
            let (key, bytes) = try Self.entries(table, transaction)[0]
            var list = try Self.list(bytes, table.columns)
            list.replace(at: 0, weight: 4, time: list.times[0])
            try Self.put(list, table, key: key, isLast: true, degree: nil, &transaction)
        }
        #expect(found == [.columns])
    }

    @Test("of a list that names a node that does not exist is found")
    func missingNode() throws {
        let found = try problems { tables, transaction in
            let edges = try Self.table(tables, .friends)
            var list = NeighborList(columns: edges.out.columns)
            list.insert(99_999, weight: 1, time: 0, at: 0)
            try Self.put(list, edges.out, key: 5 << 32, isLast: true, degree: nil, &transaction)
        }
        #expect(found.isSuperset(of: [.missingNode, .missingMirror]))
    }

    @Test("of a node that is its own friend is found")
    func selfLoop() throws {
        let found = try problems { tables, transaction in
            let edges = try Self.table(tables, .friends)
            var list = NeighborList(columns: edges.out.columns)
            list.insert(7, weight: 1, time: 0, at: 0)
            try Self.put(list, edges.out, key: 7 << 32, isLast: true, degree: nil, &transaction)
        }
        #expect(found.contains(.selfLoop))
    }

    /// The blocks of `id>key` of users, decoded.
    private static func keyBlocks(
        _ tables: StoreTables, _ transaction: borrowing WriteTransaction
    ) throws -> [(key: UInt32, entries: DictionaryEntries)] {
        var found: [(UInt32, DictionaryEntries)] = []
        var cursor = transaction.cursor(in: tables.dictionaries[0].keys)
        var entry = try cursor.first()
        while let current = entry {
            var entries = DictionaryEntries()
            try KeyBlock.decode(current.value, into: &entries)
            found.append((current.key, entries))
            entry = try cursor.next()
        }
        return found
    }

    /// The blocks of `key>id` of users, decoded.
    private static func idBlocks(
        _ tables: StoreTables, _ transaction: borrowing WriteTransaction
    ) throws -> [(key: EncodedKey, entries: DictionaryEntries)] {
        var found: [(EncodedKey, DictionaryEntries)] = []
        var cursor = transaction.cursor(in: tables.dictionaries[0].ids)
        var entry = try cursor.first()
        while let current = entry {
            var entries = DictionaryEntries()
            try IDBlock.decode(current.value, into: &entries)
            found.append((EncodedKey(key: try NodeKey(encoded: current.keyBytes)), entries))
            entry = try cursor.next()
        }
        return found
    }

    /// Puts a block of `entries`, encoded by `Block`, changed by `change`.
    private static func put<Block: DictionaryBlock, Key>(
        _ entries: DictionaryEntries, as block: Block.Type, forKey key: Key, in table: Database<Key>,
        _ transaction: inout WriteTransaction, change: (inout [UInt8]) -> Void = { _ in }
    ) throws {
        var writer = DictionaryBlockWriter()
        Block.encode(Block.Extent(0..<entries.count, of: entries), from: 0, of: entries, into: &writer)
        var bytes = writer.bytes
        change(&bytes)
        try transaction.put(bytes.span.bytes, forKey: key, in: table)
    }

    /// The same bytes with the check byte that is theirs.
    private static func seal(_ bytes: inout [UInt8]) {
        bytes[1] = CRC32C.checkByte(of: bytes.span.bytes)
    }

    /// Entries with the key of one of them replaced.
    private static func replacing(_ entries: DictionaryEntries, _ place: Int, with key: NodeKey) -> DictionaryEntries {
        var changed = entries
        let id = changed.ids[place]
        changed.remove(at: place)
        changed.insert(key, id: id, at: place)
        return changed
    }

    @Test("of keys and ids that are not inverse is found, whichever is missing or changed")
    func dictionary() throws {
        let faults: [Fault] = [
            { tables, transaction in
                var (key, entries) = try Self.keyBlocks(tables, transaction)[0]
                entries.remove(at: 5)
                try Self.put(entries, as: KeyBlock.self, forKey: key, in: tables.dictionaries[0].keys, &transaction)
            },
            { tables, transaction in
                var (key, entries) = try Self.idBlocks(tables, transaction)[0]
                entries.remove(at: 5)
                try Self.put(entries, as: IDBlock.self, forKey: key, in: tables.dictionaries[0].ids, &transaction)
            },
            { tables, transaction in
                let (key, entries) = try Self.keyBlocks(tables, transaction)[0]
                try Self.put(
                    Self.replacing(entries, 5, with: 77_777), as: KeyBlock.self, forKey: key,
                    in: tables.dictionaries[0].keys, &transaction)
            },
            { tables, transaction in
                var (key, entries) = try Self.idBlocks(tables, transaction)[0]
                entries.remove(at: 9)
                entries.insert(9, id: 1, at: 9)
                try Self.put(entries, as: IDBlock.self, forKey: key, in: tables.dictionaries[0].ids, &transaction)
            },
            { tables, transaction in
                var (key, entries) = try #require(try Self.keyBlocks(tables, transaction).last)
                entries.insert(77_777, id: 1 << 20, at: entries.count)
                try Self.put(entries, as: KeyBlock.self, forKey: key, in: tables.dictionaries[0].keys, &transaction)
            },
            { try $1.remove(try Self.keyBlocks($0, $1)[1].key, in: $0.dictionaries[0].keys) },
            { try $1.remove(try Self.idBlocks($0, $1)[1].key, in: $0.dictionaries[0].ids) },
        ]
        for fault in faults {
            #expect(try problems(after: fault).contains(.dictionary))
        }
    }

    @Test("of a dictionary's blocks that overlap is found, in either table")
    func dictionaryOrder() throws {
        let faults: [Fault] = [
            { tables, transaction in
                let blocks = try Self.keyBlocks(tables, transaction)
                var entries = blocks[0].entries
                while entries.count > 300 { entries.remove(at: entries.count - 1) }
                entries.insert(77_777, id: blocks[1].key, at: entries.count)
                try Self.put(
                    entries, as: KeyBlock.self, forKey: blocks[0].key, in: tables.dictionaries[0].keys, &transaction)
            },
            { tables, transaction in
                let blocks = try Self.idBlocks(tables, transaction)
                var entries = blocks[0].entries
                while entries.count > 300 { entries.remove(at: entries.count - 1) }
                entries.insert(blocks[1].key.key, id: 1_999, at: entries.count)
                try Self.put(
                    entries, as: IDBlock.self, forKey: blocks[0].key, in: tables.dictionaries[0].ids, &transaction)
            },
        ]
        for fault in faults {
            let folder = try TemporaryFolder()
            let store = try GraphStore(creating: folder.file("people.kith"), options: .forTests)
            try store.write { graph in
                for number in 0..<2_000 as Range<UInt64> { try graph.addNode(NodeKey(number)) }
            }
            var transaction = try store.environment.beginWrite()
            try fault(store.tables, &transaction)
            try transaction.commit()
            let messages = try store.check().problems.filter { $0.kind == .dictionary }.map(\.message)
            #expect(messages.contains { $0.contains("after one that ends with") }, "\(messages)")
        }
    }

    @Test("of one bit of a dictionary's block is found by its check byte, in either table")
    func dictionaryBit() throws {
        let flip: @Sendable (inout [UInt8]) -> Void = { $0[$0.count / 2] ^= 4 }
        let faults: [Fault] = [
            { tables, transaction in
                let (key, entries) = try Self.keyBlocks(tables, transaction)[1]
                try Self.put(
                    entries, as: KeyBlock.self, forKey: key, in: tables.dictionaries[0].keys, &transaction, change: flip
                )
            },
            { tables, transaction in
                let (key, entries) = try Self.idBlocks(tables, transaction)[1]
                try Self.put(
                    entries, as: IDBlock.self, forKey: key, in: tables.dictionaries[0].ids, &transaction, change: flip)
            },
        ]
        for fault in faults {
            #expect(try problems(after: fault).contains(.checkByte))
        }
    }

    @Test("of a dictionary's block that is no block, or not the one its entries have, is found in either table")
    func dictionaryBlockForm() throws {
        let changes: [@Sendable (inout [UInt8]) -> Void] = [
            {
                $0[0] = 7
                Self.seal(&$0)
            },
            {
                $0.removeLast(3)
                Self.seal(&$0)
            },
            {
                $0.append(0)
                Self.seal(&$0)
            },
            { $0 = [] },
            { $0 = [0] },
            { $0 += [UInt8](repeating: 0, count: 2_031 - $0.count) },
        ]
        for change in changes {
            let faults: [Fault] = [
                { tables, transaction in
                    let (key, entries) = try Self.keyBlocks(tables, transaction)[0]
                    try Self.put(
                        entries, as: KeyBlock.self, forKey: key, in: tables.dictionaries[0].keys, &transaction,
                        change: change)
                },
                { tables, transaction in
                    let (key, entries) = try Self.idBlocks(tables, transaction)[0]
                    try Self.put(
                        entries, as: IDBlock.self, forKey: key, in: tables.dictionaries[0].ids, &transaction,
                        change: change)
                },
            ]
            for fault in faults {
                #expect(try problems(after: fault).contains(.blockForm))
            }
        }
    }

    @Test("of a dictionary's block under a wrong key is found, in either table")
    func dictionaryBlockKey() throws {
        let faults: [Fault] = [
            { tables, transaction in
                let (key, entries) = try Self.keyBlocks(tables, transaction)[1]
                try transaction.remove(key, in: tables.dictionaries[0].keys)
                try Self.put(entries, as: KeyBlock.self, forKey: key - 1, in: tables.dictionaries[0].keys, &transaction)
            },
            { tables, transaction in
                let (key, entries) = try Self.idBlocks(tables, transaction)[1]
                let wrong = EncodedKey(key: NodeKey(try #require(key.key.integer) - 1))
                try transaction.remove(key, in: tables.dictionaries[0].ids)
                try Self.put(entries, as: IDBlock.self, forKey: wrong, in: tables.dictionaries[0].ids, &transaction)
            },
        ]
        for fault in faults {
            #expect(try problems(after: fault).contains(.blockKey))
        }
    }

    @Test("of a dictionary's key that is none is found, in either table")
    func dictionaryKey() throws {
        for text in [[0x34, 0x32], [0x61, 0xFF]] as [[UInt8]] {
            var entries = DictionaryEntries()
            text.withUnsafeBytes { entries.append(id: 0, utf8: $0) }
            let faults: [Fault] = [
                { [entries] in
                    try Self.put(entries, as: KeyBlock.self, forKey: 0, in: $0.dictionaries[0].keys, &$1)
                },
                { [entries] in
                    try Self.put(
                        entries, as: IDBlock.self, forKey: EncodedKey(key: "a"), in: $0.dictionaries[0].ids, &$1)
                },
            ]
            for (fault, kind) in zip(faults, [IntegrityReport.Problem.Kind.dictionary, .blockForm]) {
                let found = try problems(after: fault)
                #expect(found.contains(kind))
            }
        }
    }

    @Test("of a counter that is not what is counted is found")
    func counter() throws {
        let faults: [@Sendable (inout StoreCounters, EdgeTables) -> Void] = [
            { counters, _ in counters.edges[0] += 1 }, { counters, _ in counters.kinds[0].nodes -= 1 },
            { counters, _ in counters.edges[1] = 0 }, { counters, edges in counters.addLists(-1, of: edges, .out) },
            { counters, edges in counters.addLists(1, of: edges, .in) },
        ]
        for fault in faults {
            let found = try problems { tables, transaction in
                var counters = try StoreMeta.counters(of: tables, in: transaction)!
                fault(&counters, tables.edges[0])
                try StoreMeta.put(counters, of: tables, in: &transaction)
            }
            #expect(found == [.counter])
        }
    }

    @Test("of a format version of the future is refused at opening")
    func version() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("people.kith")
        let store = try GraphStore(creating: path, options: .forTests)
        var transaction = try store.environment.beginWrite()
        let version: [UInt8] = [5, 0, 0, 0]
        try transaction.put(version.span.bytes, forKey: Bytes(Array("format".utf8)), in: store.tables.meta)
        try transaction.commit()
        #expect(throws: GraphStoreError.otherFormatVersion(path: path, found: 5, expected: 4)) {
            try GraphStore(opening: path)
        }
    }

    @Test("is not made away with: a store that has one is not written anew")
    func rewriting() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("people.kith")
        try FileManager.default.copyItem(atPath: Self.sound.get().file("people.kith"), toPath: path)
        do {
            let store = try GraphStore(opening: path, options: .forTests)
            var transaction = try store.environment.beginWrite()
            let table = try Self.table(store.tables, .follows).in
            var (key, bytes) = try Self.entries(table, transaction)[0]
            bytes[20] ^= 4
            try table.put(bytes.span.bytes, forKey: key, in: &transaction)
            try transaction.commit()
        }
        let damaged = try Data(contentsOf: URL(fileURLWithPath: path))
        for rewrite in [{ try GraphStore.compact($0) }, { try GraphStore.reorder($0) }] as [(String) throws -> Void] {
            let error = #expect(throws: GraphStoreError.self) { try rewrite(path) }
            guard case .damaged = error else {
                Issue.record("\(String(describing: error)) does not say that the store is damaged")
                continue
            }
            #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == damaged)
        }
    }
}

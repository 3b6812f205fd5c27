import Adjacency
import GraphTesting
import LMDB
import Testing

@testable import Kith

/// `check` finds what was broken on purpose: one test for each kind of fault.
@Suite("An injected fault")
struct InjectedFaultTests {
    typealias Fault = @Sendable (StoreTables, inout WriteTransaction) throws -> Void

    /// A store with a hub of 2,000 followers (several blocks) and some friends, broken by `fault`; what `check` finds.
    private func problems(after fault: Fault) throws -> Set<IntegrityReport.Problem.Kind> {
        let folder = try TemporaryFolder()
        let store = try GraphStore(creating: folder.file("people.kith"), options: .forTests)
        try store.write { graph in
            for number in 1...2_000 as ClosedRange<UInt64> {
                try graph.add(NodeKey(number), .follows, 0, at: Timestamp(rawValue: UInt32(number * 977)))
            }
            try graph.add(1, .friends, 2)
            try graph.add(1, .interacts, 2, weight: 3)
        }
        #expect(try store.check().problems == [])
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
        var cursor = try transaction.cursor(in: table.database)
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
        try transaction.put(buffer.span, forKey: key, in: table.database)
    }

    @Test("of one bit of a block is found by its check byte")
    func bit() throws {
        let found = try problems { tables, transaction in
            let table = try Self.table(tables, .follows).in
            var (key, bytes) = try Self.entries(table, transaction)[1]
            bytes[bytes.count / 2] ^= 4
            try transaction.put(bytes.span.bytes, forKey: key, in: table.database)
        }
        #expect(found.contains(.checkByte))
    }

    @Test("of a block cut short is found")
    func cutBlock() throws {
        let found = try problems { tables, transaction in
            let table = try Self.table(tables, .follows).in
            let (key, bytes) = try Self.entries(table, transaction)[1]
            let cut = Array(bytes.dropLast(3))
            try transaction.put(cut.span.bytes, forKey: key, in: table.database)
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
            try transaction.remove(try Self.entries(table, transaction)[1].0, in: table.database)
        }
        #expect(found.isSuperset(of: [.degree, .missingMirror]))
    }

    @Test("of a missing last block is found by the last mark")
    func missingLast() throws {
        let found = try problems { tables, transaction in
            let table = try Self.table(tables, .follows).in
            let hub = try Self.entries(table, transaction).filter { $0.0 >> 32 == 1 }
            try transaction.remove(hub[hub.count - 1].0, in: table.database)
        }
        #expect(found.contains(.lastBlock))
    }

    @Test("of a block under a wrong key is found")
    func blockKey() throws {
        let found = try problems { tables, transaction in
            let table = try Self.table(tables, .follows).in
            let (key, bytes) = try Self.entries(table, transaction)[1]
            try transaction.remove(key, in: table.database)
            try transaction.put(bytes.span.bytes, forKey: key + 1, in: table.database)
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
                try transaction.remove(try Self.entries(table, transaction)[0].0, in: table.database)
            }
            #expect(found.contains(.missingMirror))
        }
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

    @Test("of keys and ids that are not inverse is found, whichever is missing or changed")
    func dictionary() throws {
        let faults: [Fault] = [
            { try $1.remove(Bytes(NodeKey(5).encoded), in: $0.dictionaries[0].ids) },
            { try $1.remove(5 as UInt32, in: $0.dictionaries[0].keys) },
            { try $1.put(NodeKey(77_777).encoded.span.bytes, forKey: 5 as UInt32, in: $0.dictionaries[0].keys) },
            {
                try $1.put(
                    ([1, 0, 0, 0] as [UInt8]).span.bytes, forKey: Bytes(NodeKey(9).encoded), in: $0.dictionaries[0].ids)
            },
            {
                try $1.put(
                    ([1, 0] as [UInt8]).span.bytes, forKey: Bytes(NodeKey(9).encoded), in: $0.dictionaries[0].ids)
            },
            { try $1.put(([11, 1] as [UInt8]).span.bytes, forKey: 5 as UInt32, in: $0.dictionaries[0].keys) },
        ]
        for fault in faults {
            #expect(try problems(after: fault).contains(.dictionary))
        }
    }

    @Test("of a counter that is not what is counted is found")
    func counter() throws {
        let faults: [@Sendable (inout StoreCounters) -> Void] = [
            { $0.edges[0] += 1 }, { $0.kinds[0].nodes -= 1 }, { $0.edges[1] = 0 },
        ]
        for fault in faults {
            let found = try problems { tables, transaction in
                var counters = try StoreMeta.counters(of: tables, in: transaction)
                fault(&counters)
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
        let version: [UInt8] = [2, 0, 0, 0]
        try transaction.put(version.span.bytes, forKey: Bytes(Array("format".utf8)), in: store.tables.meta)
        try transaction.commit()
        #expect(throws: GraphStoreError.otherFormatVersion(path: path, found: 2, expected: 1)) {
            try GraphStore(opening: path)
        }
    }
}

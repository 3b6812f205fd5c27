import GraphTesting
import LMDB
import Testing

@testable import Adjacency
@testable import Kith

/// Values that no writer puts into a table, on pages that are sound: whoever reads them throws, and never traps.
@Suite("A damaged value")
struct DamagedValueTests {
    typealias Fault = (StoreTables, inout WriteTransaction) throws -> Void

    /// A store of a few follows and a hub of several blocks, damaged by `fault`, to be used by `use`.
    private func isRefused(_ use: (GraphStore) throws -> Void, after fault: Fault) throws -> Bool {
        let folder = try TemporaryFolder()
        let store = try GraphStore(creating: folder.file("people.kith"), options: .forTests)
        try store.write { graph in
            for number in 1...2_000 as ClosedRange<UInt64> {
                try graph.add(NodeKey(number), .follows, 0, at: Timestamp(rawValue: UInt32(number * 977)))
            }
            try graph.add(0, .follows, 1)
        }
        try use(store)
        var transaction = try store.environment.beginWrite()
        try fault(store.tables, &transaction)
        try transaction.commit()
        #expect(try !store.check().isSound)
        do {
            try use(store)
            return false
        } catch GraphStoreError.damaged {
            return true
        }
    }

    /// Puts other numbers in place of the counters.
    private static func counters(_ change: @escaping (inout [UInt64]) -> Void) -> Fault {
        { tables, transaction in
            guard let counters = try StoreMeta.counters(of: tables, in: transaction) else { return }
            let begin = RequiredFeatures.byteCount
            var numbers = stride(from: begin, to: counters.bytes.count, by: 8).map { start in
                counters.bytes[start..<start + 8].reversed().reduce(0) { $0 << 8 | UInt64($1) }
            }
            change(&numbers)
            let bytes = numbers.flatMap { number in (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) } }
            try putMeta(counters.bytes[..<begin] + bytes, "counters", in: tables, &transaction)
        }
    }

    /// Puts a block of one neighbour under a key.
    private static func block(_ key: UInt64, of neighbor: UInt32, degree: UInt32? = nil, in direction: EdgeDirection)
        -> Fault
    {
        { tables, transaction in
            let table = try tables.edges(.follows).table(direction)
            var list = NeighborList(columns: table.columns)
            list.append(neighbor)
            var buffer = BlockBuffer()
            buffer.encode(0..<1, of: list, isLast: degree == nil, degree: degree)
            try table.put(buffer.span, forKey: key, in: &transaction)
        }
    }

    @Test("of a counter beyond all numbers is an error of whoever counts", arguments: [0, 1, 8, 9, 10])
    func counter(index: Int) throws {
        #expect(try isRefused({ _ = try $0.statistics() }, after: Self.counters { $0[index] = .max - 3 }))
        #expect(
            try isRefused(
                { _ = try $0.write { _ = try $0.degree(of: 1, via: .follows) } },
                after: Self.counters { $0[index] = .max - 3 }))
    }

    @Test("of a next id that a node has already is an error of whoever reads")
    func nextID() throws {
        #expect(
            try isRefused(
                { _ = try $0.read { try $0.degree(of: 1, via: .follows) } },
                after: Self.counters {
                    ($0[0], $0[1]) = (1_500, 1_500)
                    ($0[9], $0[10]) = (0, 0)
                }))
    }

    @Test("of a next id far beyond all nodes is an error of whoever adds one, and gone after a reordering")
    func nextIDFarBeyond() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("people.kith")
        do {
            let store = try GraphStore(creating: path, options: .forTests)
            try store.write { graph in try graph.add(1, .follows, 2) }
            var transaction = try store.environment.beginWrite()
            try Self.counters { $0[0] = 1 << 27 }(store.tables, &transaction)
            try transaction.commit()
            // Nothing else in the file says which ids were given and taken back.
            #expect(try store.check().isSound)
            try store.write { graph in try graph.add(2, .follows, 1) }
            #expect {
                try store.write { graph in try graph.add(1, .follows, 3) }
            } throws: { error in
                if case GraphStoreError.damaged(StoreMeta.tableName, nil, _) = error { true } else { false }
            }
            #expect(try store.read { try $0.edgeCount(of: .follows) } == 2)
        }
        try GraphStore.reorder(path)
        let store = try GraphStore(opening: path, options: .forTests)
        try store.write { graph in try graph.add(1, .follows, 3) }
        #expect(try store.check().isSound)
    }

    @Test("of a counter that is too low is an error of whoever takes more away, and nothing is")
    func countedLess() throws {
        func remove(_ store: GraphStore) throws {
            try store.write { try $0.remove(2_000, .follows, 0) }
            try store.write { try $0.add(2_000, .follows, 0) }
        }
        #expect(try isRefused(remove, after: Self.counters { $0[8] = 0 }))
    }

    @Test("of the moment the store was made is an error of whoever shows it")
    func created() throws {
        #expect(
            try isRefused({ _ = try $0.statistics() }) { tables, transaction in
                try putMeta([UInt8](repeating: 0xFF, count: 8), "created", in: tables, &transaction)
                // The check does not know when that was.
                try Self.counters { $0[8] += 1 }(tables, &transaction)
            })
    }

    @Test("of a list that belongs to no node is an error of a PageRank over all", arguments: [0, 5])
    func listOfNobody(first: UInt64) throws {
        let top = { (store: GraphStore) in
            _ = try store.read { try $0.top(by: Popularity(.pageRank), via: .follows) }
        }
        #expect(try isRefused(top, after: Self.block(3_000_000_000 << 32 | first, of: 1, in: .out)))
    }

    @Test("of an edge to an id that is no node's is an error of whoever names it: an export, a reordering, a path")
    func edgeToNobody() throws {
        let fault = Self.block(5 << 32, of: 4_000_000_000, in: .out)
        #expect(
            try isRefused(
                { store in
                    _ = try store.read { try GraphExport(.tsv).edges(of: .follows, in: $0) { _ in } }
                }, after: fault))
        #expect(
            try isRefused(
                { store in
                    _ = try store.read { try $0.shortestPath(from: 5, to: 1, via: .out(.follows)) }
                }, after: fault))
    }

    @Test("of a degree beyond all lists is an error of whoever adds to the list")
    func degree() throws {
        let add = { (store: GraphStore) in
            _ = try store.write { try $0.add(1_234_567, .follows, 0) }
            _ = try store.write { try $0.removeNode(1_234_567) }
        }
        #expect(try isRefused(add, after: Self.block(1 << 32, of: 1, degree: .max, in: .in)))
    }

    @Test("of an edge to an id that is no node's is an error of a reordering, which leaves the store as it was")
    func reordering() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("people.kith")
        do {
            let store = try GraphStore(creating: path, options: .forTests)
            try store.write { try $0.add(1, .follows, 2) }
            var transaction = try store.environment.beginWrite()
            try Self.block(1 << 32, of: 4_000_000_000, in: .out)(store.tables, &transaction)
            try transaction.commit()
        }
        #expect(throws: GraphStoreError.self) { try GraphStore.reorder(path) }
        #expect(try GraphStore(opening: path).read { try $0.degree(of: 1, via: .follows) } == 1)
    }
}

/// Puts a value into the table `meta`, with its checksum.
func putMeta(
    _ value: some Sequence<UInt8>, _ name: String, in tables: StoreTables, _ transaction: inout WriteTransaction
) throws {
    let key = Bytes(Array(name.utf8))
    try transaction.put(MetaChecksum.sealed(Array(value), forKey: key).span.bytes, forKey: key, in: tables.meta)
}

import Adjacency
import LMDB

/// Fills a new store from nodes and lists that come in order: the fast way in, for loads.
///
/// Every table is appended to in the order of its keys, so each page is written once and full. Nothing is visible under
/// the store's name until ``GraphStore/build(at:schema:options:_:)`` is done; the file in the making is private, so it is
/// written in one transaction without syncs, of which LMDB keeps at most half a gigabyte in memory, and synced at the end.
struct StoreBuilder: ~Copyable {
    /// The tables of the store in the making.
    let tables: StoreTables
    private var transaction: WriteTransaction
    private var counters: StoreCounters
    private var block = BlockBuffer()
    init(_ environment: Environment, schema: Schema, created: Timestamp) throws {
        let tables = try StoreTables(for: schema, in: environment, creating: true)
        var transaction = try environment.beginWrite()
        try StoreMeta.initialize(tables, created: created, in: &transaction)
        self.tables = tables
        self.transaction = transaction
        counters = StoreCounters(for: schema)
    }
}

extension StoreBuilder {
    /// Appends the next node of a kind, which gets the next id.
    mutating func appendKey(_ encoded: [UInt8], to dictionary: NodeDictionary) throws {
        let id = UInt32(counters.kinds[dictionary.index].nextID)
        unsafe try transaction.put(encoded.span.bytes, forKey: id, in: dictionary.keys, mode: .append)
        counters.kinds[dictionary.index].nextID += 1
        counters.kinds[dictionary.index].nodes += 1
    }

    /// Appends the id of the next key of a kind, in ascending order of encoded keys.
    mutating func appendID(_ id: UInt32, of encoded: [UInt8], to dictionary: NodeDictionary) throws {
        var stored = id.littleEndian
        unsafe try withUnsafeBytes(of: &stored) { bytes in
            try transaction.put(
                unsafe RawSpan(_unsafeBytes: bytes), forKey: Bytes(encoded), in: dictionary.ids, mode: .append)
        }
    }

    /// Appends the whole list of a node, in ascending order of nodes.
    mutating func appendList(_ list: NeighborList, of node: UInt32, to table: AdjacencyTable) throws {
        var start = 0
        while start < list.count {
            let end = start + NeighborBlockEncoder.fittingCount(start..<list.count, of: list)
            let isLast = end == list.count
            let degree = start == 0 && !isLast ? UInt32(list.count) : nil
            block.encode(start..<end, of: list, isLast: isLast, degree: degree)
            let key = AdjacencyTable.key(node, start == 0 ? 0 : list.neighbors[start])
            try StoreBuilder.append(block, key, to: table, in: &transaction)
            start = end
        }
    }

    /// Apart from `self`, because the block is lent while the transaction is changed.
    private static func append(
        _ block: borrowing BlockBuffer, _ key: UInt64, to table: AdjacencyTable, in transaction: inout WriteTransaction
    ) throws {
        try transaction.put(block.span, forKey: key, in: table.database, mode: .append)
    }

    /// Says how many edges of a type were appended; one of a symmetric type counts once.
    mutating func setEdgeCount(_ count: UInt64, of edges: EdgeTables) {
        counters.edges[edges.index] = count
    }

    /// Commits what is pending and the counters.
    consuming func finish() throws {
        try StoreMeta.put(counters, of: tables, in: &transaction)
        try transaction.commit()
    }
}

extension GraphStore {
    /// Makes a new store by `fill`; it appears under `path` whole, or not at all.
    ///
    /// - Throws: ``GraphStoreError/storeExists(path:)``, and what `fill` throws.
    static func build(
        at path: String, schema: Schema, options: Options, _ fill: (inout StoreBuilder) throws -> Void
    ) throws {
        var unsynced = options
        unsynced.durability = .none
        try StoreFile.create(at: path, options: unsynced) { environment in
            var builder = try StoreBuilder(environment, schema: schema, created: options.clock())
            try fill(&builder)
            try builder.finish()
        }
    }
}

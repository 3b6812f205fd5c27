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
    /// The blocks in the making, for each kind.
    private var keys: [DictionaryFill<KeyBlock>]
    private var ids: [DictionaryFill<IDBlock>]
    private var dictionaryBlock = DictionaryBlockWriter()

    init(_ environment: Environment, schema: Schema, created: Timestamp) throws {
        let tables = try StoreTables(for: schema, in: environment, creating: true)
        var transaction = try environment.beginWrite()
        try StoreMeta.initialize(tables, created: created, in: &transaction)
        self.tables = tables
        self.transaction = transaction
        counters = StoreCounters(for: schema)
        keys = tables.dictionaries.map { _ in DictionaryFill() }
        ids = tables.dictionaries.map { _ in DictionaryFill() }
    }
}

extension StoreBuilder {
    /// Appends the next node of a kind, which gets the next id. Once a block was full, allocates nothing.
    ///
    /// - Throws: ``NodeKeyError/damaged`` when `encoded` is not what ``NodeKey/withEncodedBytes(_:)`` gives.
    mutating func appendKey(_ encoded: RawSpan, to dictionary: NodeDictionary) throws {
        let id = UInt32(counters.kinds[dictionary.index].nextID)
        try keys[dictionary.index].append(id, encoded) { extent, entries in
            try dictionary.appendKeys(extent, of: entries, in: &transaction, block: &dictionaryBlock)
        }
        counters.kinds[dictionary.index].nextID += 1
        counters.kinds[dictionary.index].nodes += 1
    }

    /// Appends the id of the next key of a kind, in ascending order of encoded keys. Once a block was full, allocates nothing
    /// but, for each block of long strings, one.
    ///
    /// - Throws: ``NodeKeyError/damaged`` when `encoded` is not what ``NodeKey/withEncodedBytes(_:)`` gives.
    mutating func appendID(_ id: UInt32, of encoded: RawSpan, to dictionary: NodeDictionary) throws {
        try ids[dictionary.index].append(id, encoded) { extent, entries in
            try dictionary.appendIDs(extent, of: entries, in: &transaction, block: &dictionaryBlock)
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
        for dictionary in tables.dictionaries {
            let (keys, ids) = (keys[dictionary.index], ids[dictionary.index])
            try dictionary.appendKeys(keys.extent, of: keys.entries, in: &transaction, block: &dictionaryBlock)
            try dictionary.appendIDs(ids.extent, of: ids.entries, in: &transaction, block: &dictionaryBlock)
        }
        try StoreMeta.put(counters, of: tables, in: &transaction)
        try transaction.commit()
    }
}

extension NodeDictionary {
    /// Appends a block of `id>key`, if there are entries for one.
    fileprivate func appendKeys(
        _ extent: KeyBlock.Extent, of entries: DictionaryEntries, in transaction: inout WriteTransaction,
        block: inout DictionaryBlockWriter
    ) throws {
        guard extent.count > 0 else { return }
        KeyBlock.encode(extent, from: 0, of: entries, into: &block)
        unsafe try transaction.put(block.bytes.span.bytes, forKey: entries.ids[0], in: keys, mode: .append)
    }

    /// Appends a block of `key>id`, if there are entries for one.
    fileprivate func appendIDs(
        _ extent: IDBlock.Extent, of entries: DictionaryEntries, in transaction: inout WriteTransaction,
        block: inout DictionaryBlockWriter
    ) throws {
        guard extent.count > 0 else { return }
        IDBlock.encode(extent, from: 0, of: entries, into: &block)
        let key = EncodedKey(key: try entries.key(at: 0))
        unsafe try transaction.put(block.bytes.span.bytes, forKey: key, in: ids, mode: .append)
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

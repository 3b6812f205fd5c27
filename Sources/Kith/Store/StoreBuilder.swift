import Adjacency
import LMDB

/// Fills a new store from nodes and lists that come in order: the fast way in, for loads.
///
/// Every table is appended to in the order of its keys, so each page is written once and full: a list that does not fit in
/// what is left of a page is cut there, and goes on in the next. Nothing is visible under the store's name until
/// ``GraphStore/build(at:schema:options:_:)`` is done; the file in the making is private, so it is written without syncs,
/// in transactions of ``bytesPerCommit``, and synced at the end. What is in the file depends on what is appended alone.
struct StoreBuilder: ~Copyable {
    /// The tables of the store in the making.
    let tables: StoreTables
    private let environment: Environment
    private var transaction: WriteTransaction?
    /// What has been appended so far.
    private(set) var counters: StoreCounters
    private var block = BlockBuffer()
    private var pendingBytes = 0
    /// The adjacency table appended to, and its pages.
    private var filled: (table: String, pages: PageFilling) = ("", PageFilling())

    /// How much is appended between two commits: what LMDB holds in memory.
    private static let bytesPerCommit = 32 << 20

    /// The blocks in the making, for each kind.
    private var keys: [DictionaryFill<KeyBlock>]
    private var ids: [DictionaryFill<IDBlock>]
    private var dictionaryBlock = DictionaryBlockWriter()

    init(_ environment: Environment, schema: Schema, identity: StoreMeta.Identity) throws {
        let tables = try StoreTables.make(schema, identity, in: environment)
        let transaction = try environment.beginWrite()
        self.tables = tables
        self.environment = environment
        self.transaction = consume transaction
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
            try dictionary.appendKeys(extent, of: entries, in: &transaction!, block: &dictionaryBlock)
        }
        try note(encoded.byteCount)
        counters.kinds[dictionary.index].nextID += 1
        counters.kinds[dictionary.index].nodes += 1
    }

    /// Appends the id of the next key of a kind, in ascending order of encoded keys. Once a block was full, allocates nothing
    /// but, for each block of long strings, one.
    ///
    /// - Throws: ``NodeKeyError/damaged`` when `encoded` is not what ``NodeKey/withEncodedBytes(_:)`` gives.
    mutating func appendID(_ id: UInt32, of encoded: RawSpan, to dictionary: NodeDictionary) throws {
        try ids[dictionary.index].append(id, encoded) { extent, entries in
            try dictionary.appendIDs(extent, of: entries, in: &transaction!, block: &dictionaryBlock)
        }
        try note(encoded.byteCount)
    }

    /// Appends a part of the list of a node, in ascending order of nodes, table by table.
    ///
    /// - Returns: how many neighbours of the part were taken; see ``BlockBuffer/encodePart(of:count:at:of:bytesMax:_:)``.
    @unsafe
    mutating func appendPart(
        _ list: ListColumns, count: Int, at offset: Int, of degree: Int, node: UInt32, to edges: EdgeTables,
        _ direction: EdgeDirection
    ) throws -> Int {
        let table = edges.table(direction)
        if offset == 0 { counters.addLists(1, of: edges, direction) }
        if filled.table != table.name { filled = (table.name, PageFilling()) }
        let (taken, appended) = unsafe try StoreBuilder.append(
            list, count, at: offset, of: degree, node, to: table, in: &transaction, by: &block, filling: &filled.pages)
        try note(appended)
        return taken
    }

    /// Apart from `self`, because blocks are lent while the transaction is changed; answers how many bytes were appended.
    private static func append(
        _ list: ListColumns, _ count: Int, at offset: Int, of degree: Int, _ node: UInt32, to table: AdjacencyTable,
        in transaction: inout WriteTransaction?, by block: inout BlockBuffer, filling pages: inout PageFilling
    ) throws -> (taken: Int, bytes: Int) {
        var appended = 0
        let taken = unsafe try block.encodePart(of: list, count: count, at: offset, of: degree) {
            pages.blockBytesMax
        } _: { first, block in
            let key = AdjacencyTable.key(node, first)
            appended += pages.add(keyBytes: MemoryLayout.size(ofValue: key), valueBytes: block.byteCount)
            try table.put(block, forKey: key, in: &transaction!, mode: .append)
        }
        return (taken, appended)
    }

    /// Commits when enough has been appended.
    private mutating func note(_ bytes: Int) throws {
        pendingBytes += bytes
        guard pendingBytes > StoreBuilder.bytesPerCommit else { return }
        pendingBytes = 0
        try transaction.take()?.commit()
        transaction = try environment.beginWrite()
    }

    /// Says how many edges of a type were appended; one of a symmetric type counts once.
    mutating func setEdgeCount(_ count: Int, of edges: EdgeTables) {
        counters.edges[edges.index] = UInt64(count)
    }

    /// Commits what is pending and the counters.
    consuming func finish() throws {
        for dictionary in tables.dictionaries {
            let (keys, ids) = (keys[dictionary.index], ids[dictionary.index])
            try dictionary.appendKeys(keys.extent, of: keys.entries, in: &transaction!, block: &dictionaryBlock)
            try dictionary.appendIDs(ids.extent, of: ids.entries, in: &transaction!, block: &dictionaryBlock)
        }
        guard var last = transaction.take() else { return }
        try StoreMeta.put(counters, of: tables, in: &last)
        try last.commit()
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
    /// - Parameter identity: a new one unless given.
    /// - Throws: ``GraphStoreError/storeExists(path:)``, and what `fill` throws.
    static func build(
        at path: String, schema: Schema, options: Options, identity: StoreMeta.Identity? = nil,
        _ fill: (inout StoreBuilder) throws -> Void
    ) throws {
        var unsynced = options
        unsynced.durability = .none
        try StoreFile.create(at: path, options: unsynced) { environment in
            var builder = try StoreBuilder(
                environment, schema: schema, identity: identity ?? StoreMeta.Identity(created: options.clock()))
            try fill(&builder)
            try builder.finish()
        }
    }
}

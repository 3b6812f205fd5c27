import Adjacency
import LMDB

/// The neighbour lists of one edge type in one direction: how they lie in the file.
///
/// Read by a ``NeighborReader``; written by `AdjacencyTable+Editing`, ``PreparedLists`` and ``StoreBuilder``.
///
/// A node's list is one block, or several in a row when it is long. A block's key is `node << 32 | first neighbour`, and
/// 0 in place of the first neighbour for a node's first block: so a node's degree and the start of its list are one
/// exact lookup, and the block that holds a neighbour is the last one whose key is not above `node << 32 | neighbour`.
/// ```
/// key   7<<32|0          7<<32|911        7<<32|2040       9<<32|0
/// block [3 ... 907] n=9  [911 ... 2031]   [2040 ... 2777]  [12, 40]
///       degree in head                    last             first and last
/// ```
/// **Invariants** (proved by ``IntegrityCheck``): neighbours ascend strictly in a block and from block to block; no block
/// is empty; the first block of several carries the node's degree; exactly the last says that it is the last.
///
/// A class, because readers and requests hand it around.
final class AdjacencyTable: Sendable {
    private let database: Database<UInt64>
    /// The table's name in the file, for messages.
    let name: String
    /// What blocks hold: ``EdgeType/storedColumns``.
    let columns: EdgeColumns

    /// The table of a name, opened or made by `opener`.
    init(named name: String, columns: EdgeColumns, by opener: inout some TableOpening & ~Copyable) throws {
        database = try opener.database(named: name)
        self.name = name
        self.columns = columns
    }

    /// The key of a node's block that starts with `firstNeighbor`; 0 for the node's first block, whatever it starts with.
    @inline(__always)
    static func key(_ node: UInt32, _ firstNeighbor: UInt32 = 0) -> UInt64 {
        UInt64(node) << 32 | UInt64(firstNeighbor)
    }
}

// Blocks as bytes under keys: for those who prove them, edit them or write them in bulk.
extension AdjacencyTable {
    /// The blocks of the table as the transaction sees them.
    @_lifetime(borrow transaction)
    func blocks(in transaction: borrowing some Transaction & ~Copyable) -> Cursor<UInt64> {
        transaction.cursor(in: database)
    }

    /// The block under a key, or nil when there is none.
    @_lifetime(borrow transaction)
    func block(forKey key: UInt64, in transaction: borrowing some Transaction & ~Copyable) throws -> RawSpan? {
        try transaction.value(forKey: key, in: database)
    }

    /// How many blocks there are. O(1).
    func blockCount(in transaction: borrowing some Transaction & ~Copyable) throws -> Int {
        try transaction.entryCount(in: database)
    }

    /// What the table takes of the file. O(1).
    func byteCount(in transaction: borrowing some Transaction & ~Copyable) throws -> Int {
        try transaction.size(of: database).bytes
    }

    /// Puts a block under its key.
    func put(
        _ block: RawSpan, forKey key: UInt64, in transaction: inout WriteTransaction,
        mode: WriteTransaction.PutMode = .upsert
    ) throws {
        try transaction.put(block, forKey: key, in: database, mode: mode)
    }

    /// Takes every block out. O(pages of the table).
    func removeAll(in transaction: inout WriteTransaction) throws {
        try transaction.removeAll(in: database)
    }

    /// Changes many blocks, best in ascending order of keys.
    func edit<Result>(
        in transaction: inout WriteTransaction, _ body: (inout TableEditor<UInt64>) throws -> Result
    ) throws -> Result {
        try transaction.edit(database, body)
    }

    /// Takes a block out.
    func removeBlock(_ key: UInt64, in transaction: inout WriteTransaction) throws {
        try transaction.remove(key, in: database)
    }

    /// The key of the node's block that holds `neighbor`, or would: the last key not above `node << 32 | neighbor`.
    func blockKey(for neighbor: UInt32, of node: UInt32, by blocks: inout Cursor<UInt64>) throws -> UInt64 {
        let found = try blocks.seek(atOrBefore: AdjacencyTable.key(node, neighbor))?.key
        guard let found, found >> 32 == UInt64(node) else {
            throw GraphStoreError.damaged(table: name, node: node, reason: "its first block is missing")
        }
        return found
    }
}

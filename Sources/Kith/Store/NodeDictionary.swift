import LMDB

/// The keys of one kind of node and their dense ids, both ways, many to a block.
///
/// A block's LMDB key is that of its first entry, so the block that has an id or a key, if any has, is the last one whose
/// LMDB key is not above it: one descent of the tree, then a search inside the block. See ``KeyBlock`` and ``IDBlock``.
///
/// **Invariants** (proved by ``IntegrityCheck``): entries ascend in a block and from block to block; no block is empty; the
/// two tables are inverse to each other; every id is below the kind's next id.
struct NodeDictionary: Sendable {
    let kind: NodeKind
    /// The kind's place in the schema, and so in ``StoreCounters/kinds``.
    let index: Int
    /// Blocks of ascending keys with their ids.
    let ids: Database<EncodedKey>
    /// Blocks of ascending ids with their keys.
    let keys: Database<UInt32>

    /// The names of the two tables.
    static func idsName(_ kind: NodeKind) -> String { "key>id.\(kind)" }
    static func keysName(_ kind: NodeKind) -> String { "id>key.\(kind)" }
}

/// A ``NodeKey`` as LMDB compares it: by its encoded bytes.
struct EncodedKey: DatabaseKey {
    let key: NodeKey

    static var isInteger: Bool { false }

    func withKeyBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        unsafe key.withEncodedBytes(body)
    }
}

extension NodeDictionary {
    /// The id of `key`, or nil when the kind has no such node. One descent of the tree.
    func id(of key: NodeKey, in transaction: borrowing some Transaction & ~Copyable) throws -> UInt32? {
        var cursor = transaction.cursor(in: ids)
        return try id(of: key, by: &cursor)
    }

    /// ``id(of:in:)`` by a cursor of ``ids``.
    func id(of key: NodeKey, by cursor: inout Cursor<EncodedKey>) throws -> UInt32? {
        guard let block = try cursor.seek(atOrBefore: EncodedKey(key: key))?.value else { return nil }
        do {
            switch key.form {
            case .integer(let value):
                return try IDBlock.id(of: value, in: block)
            case .string(let text):
                let utf8 = text.utf8.span
                return unsafe try IDBlock.id(of: utf8.bytes, in: block)
            }
        } catch {
            throw damagedIDs(error)
        }
    }

    /// The id of `key`.
    ///
    /// - Throws: ``GraphStoreError/noSuchNode(_:_:)`` when there is none.
    func existingID(of key: NodeKey, in transaction: borrowing some Transaction & ~Copyable) throws -> UInt32 {
        guard let id = try id(of: key, in: transaction) else { throw GraphStoreError.noSuchNode(kind, key) }
        return id
    }

    /// The key of `id`, or nil when the kind has no such node. One descent of the tree.
    func key(of id: UInt32, in transaction: borrowing some Transaction & ~Copyable) throws -> NodeKey? {
        var cursor = transaction.cursor(in: keys)
        return try key(of: id, by: &cursor)
    }

    /// ``key(of:in:)`` by a cursor of ``keys``.
    func key(of id: UInt32, by cursor: inout Cursor<UInt32>) throws -> NodeKey? {
        guard let block = try cursor.seek(atOrBefore: id)?.value else { return nil }
        do {
            return try KeyBlock.key(of: id, in: block)
        } catch {
            throw damagedKeys(id, error)
        }
    }

    /// The key of an id that a neighbour list holds: it must be there.
    func existingKey(of id: UInt32, in transaction: borrowing some Transaction & ~Copyable) throws -> NodeKey {
        var cursor = transaction.cursor(in: keys)
        return try existingKey(of: id, by: &cursor)
    }

    /// ``existingKey(of:in:)`` by a cursor of ``keys``.
    func existingKey(of id: UInt32, by cursor: inout Cursor<UInt32>) throws -> NodeKey {
        guard let key = try key(of: id, by: &cursor) else {
            throw damagedKeys(id, "a neighbour list holds an id without a key")
        }
        return key
    }

    /// The id behind the greatest that a node has: what memory for all nodes of the kind is sized by. One lookup.
    ///
    /// The next id alone would do, but a damaged one would ask for memory that no node needs.
    /// - Throws: ``GraphStoreError/damaged(table:node:reason:)`` when it is above `nextID`, which is then given twice.
    func idEnd(below nextID: UInt64, in transaction: borrowing some Transaction & ~Copyable) throws -> UInt64 {
        var cursor = transaction.cursor(in: keys)
        guard let block = try cursor.last() else { return 0 }
        let last: UInt32
        do {
            last = try KeyBlock.lastID(in: block.value)
        } catch {
            throw damagedKeys(block.key, error)
        }
        guard UInt64(last) < nextID else { throw damagedKeys(last, "the id is not below the next id, \(nextID)") }
        return UInt64(last) + 1
    }

    /// What is wrong with `key>id`.
    func damagedIDs(_ reason: some CustomStringConvertible) -> GraphStoreError {
        .damaged(table: NodeDictionary.idsName(kind), node: nil, reason: reason.description)
    }

    /// What is wrong with `id>key`.
    func damagedKeys(_ id: UInt32, _ reason: some CustomStringConvertible) -> GraphStoreError {
        .damaged(table: NodeDictionary.keysName(kind), node: id, reason: reason.description)
    }
}

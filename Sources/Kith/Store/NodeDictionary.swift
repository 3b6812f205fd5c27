import LMDB

/// The keys of one kind of node and their dense ids, both ways.
///
/// **Invariant** (proved by ``IntegrityCheck``): the two tables are inverse to each other, and every id is below the
/// kind's next id.
struct NodeDictionary: Sendable {
    let kind: NodeKind
    /// The kind's place in the schema, and so in ``StoreCounters/kinds``.
    let index: Int
    /// Encoded key to id, in key order.
    let ids: Database<Bytes>
    /// Id to encoded key.
    let keys: Database<UInt32>

    /// The id of `key`, or nil when the kind has no such node.
    func id(of key: NodeKey, in transaction: borrowing some Transaction & ~Copyable) throws -> UInt32? {
        guard let bytes = try transaction.value(forKey: Bytes(key.encoded), in: ids) else { return nil }
        guard bytes.byteCount == 4 else {
            throw GraphStoreError.damaged(
                table: "key>id.\(kind)", node: nil, reason: "the id of '\(key)' has \(bytes.byteCount) bytes, not 4")
        }
        return UInt32(littleEndian: unsafe bytes.unsafeLoadUnaligned(fromByteOffset: 0, as: UInt32.self))
    }

    /// The id of `key`.
    ///
    /// - Throws: ``GraphStoreError/noSuchNode(_:_:)`` when there is none.
    func existingID(of key: NodeKey, in transaction: borrowing some Transaction & ~Copyable) throws -> UInt32 {
        guard let id = try id(of: key, in: transaction) else { throw GraphStoreError.noSuchNode(kind, key) }
        return id
    }

    /// The key of `id`, or nil when the kind has no such node.
    func key(of id: UInt32, in transaction: borrowing some Transaction & ~Copyable) throws -> NodeKey? {
        guard let bytes = try transaction.value(forKey: id, in: keys) else { return nil }
        do {
            return try NodeKey(encoded: bytes)
        } catch {
            throw GraphStoreError.damaged(table: "id>key.\(kind)", node: id, reason: "\(error)")
        }
    }

    /// The key of an id that a neighbour list holds: it must be there.
    func existingKey(of id: UInt32, in transaction: borrowing some Transaction & ~Copyable) throws -> NodeKey {
        guard let key = try key(of: id, in: transaction) else {
            throw GraphStoreError.damaged(
                table: "id>key.\(kind)", node: id, reason: "a neighbour list holds an id without a key")
        }
        return key
    }

    /// Gives a new node its id.
    func insert(_ key: NodeKey, id: UInt32, in transaction: inout WriteTransaction) throws {
        let encoded = key.encoded
        var stored = id.littleEndian
        unsafe try withUnsafeBytes(of: &stored) { bytes in
            try unsafe transaction.put(RawSpan(_unsafeBytes: bytes), forKey: Bytes(encoded), in: ids)
        }
        unsafe try transaction.put(encoded.span.bytes, forKey: id, in: keys)
    }

    /// Forgets a node whose edges are gone.
    func remove(_ key: NodeKey, id: UInt32, in transaction: inout WriteTransaction) throws {
        try transaction.remove(Bytes(key.encoded), in: ids)
        try transaction.remove(id, in: keys)
    }
}

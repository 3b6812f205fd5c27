import LMDB

// How the rooms above read the tables: by the snapshot, without knowing what lies beneath.

extension Snapshot {
    /// The number of the commit that is read: the same number, the same graph.
    var commit: UInt64 { transaction.id }

    /// A table, to be read from place to place.
    @_lifetime(borrow self)
    func cursor<Key>(in database: Database<Key>) -> Cursor<Key> {
        transaction.cursor(in: database)
    }
}

extension AdjacencyTable {
    /// Lends the lists as a snapshot sees them.
    @inline(__always)
    @_lifetime(borrow snapshot)
    func neighbors(
        _ lookup: NeighborReader.Lookup = .scattered, in snapshot: borrowing Snapshot
    ) -> NeighborReader {
        neighbors(lookup, in: snapshot.transaction)
    }

    /// ``NeighborReader/degree(of:)`` of one node.
    @inline(__always)
    func degree(
        of node: UInt32, _ lookup: NeighborReader.Lookup = .scattered, in snapshot: borrowing Snapshot
    ) throws -> Int {
        try degree(of: node, lookup, in: snapshot.transaction)
    }

    /// ``NeighborReader/edge(from:to:)`` of one edge.
    func edge(from node: UInt32, to neighbor: UInt32, in snapshot: borrowing Snapshot) throws -> EdgeValue? {
        try edge(from: node, to: neighbor, in: snapshot.transaction)
    }
}

extension NodeDictionary {
    /// The id of the node named `key`, or nil when there is none. One lookup.
    func id(of key: NodeKey, in snapshot: borrowing Snapshot) throws -> UInt32? {
        try id(of: key, in: snapshot.transaction)
    }

    /// The id of a node that must be there.
    ///
    /// - Throws: ``GraphStoreError/noSuchNode(_:_:)``.
    func existingID(of key: NodeKey, in snapshot: borrowing Snapshot) throws -> UInt32 {
        try existingID(of: key, in: snapshot.transaction)
    }

    /// The key of a node, or nil when there is none of that id. One lookup.
    func key(of id: UInt32, in snapshot: borrowing Snapshot) throws -> NodeKey? {
        try key(of: id, in: snapshot.transaction)
    }

    /// The key of a node that must be there.
    ///
    /// - Throws: ``GraphStoreError/damaged(table:node:reason:)`` when it is not.
    func existingKey(of id: UInt32, in snapshot: borrowing Snapshot) throws -> NodeKey {
        try existingKey(of: id, in: snapshot.transaction)
    }
}

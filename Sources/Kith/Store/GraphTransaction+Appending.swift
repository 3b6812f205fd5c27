import LMDB

/// What a load adds to a graph that is there, besides lists.
extension GraphTransaction {
    /// Adds `count` nodes that are not there, which get the next ids; by their keys they are found after
    /// ``noteIDs(_:in:node:)``.
    ///
    /// - Parameter withKey: lends the encoded key of a number below `count`.
    /// - Throws: ``GraphStoreError/kindIsFull(_:)``.
    mutating func appendNodes(
        _ count: Int, to dictionary: NodeDictionary, withKey: (Int, (RawSpan) throws -> Void) throws -> Void
    ) throws {
        let next = try dictionary.nextID(counters)
        // The greatest id is never given.
        guard next + count <= Int(UInt32.max) else { throw GraphStoreError.kindIsFull(dictionary.kind) }
        try dictionary.appendKeys(
            count, from: UInt32(next), in: &transaction, scratch: &scratch.dictionary, withKey: withKey)
        counters.kinds[dictionary.index].nextID += UInt64(count)
        counters.kinds[dictionary.index].nodes += UInt64(count)
    }

    /// Makes nodes that were appended, `count` in ascending order of keys, found by their keys.
    mutating func noteIDs(
        _ count: Int, in dictionary: NodeDictionary, node: (Int) throws -> (key: NodeKey, id: UInt32)
    ) throws {
        try dictionary.insertIDs(count, in: &transaction, scratch: &scratch.dictionary, node: node)
    }

    /// Says that a type has so many more edges.
    mutating func addEdgeCount(_ count: Int, of edges: EdgeTables) {
        counters.edges[edges.index] &+= UInt64(count)
    }
}

extension NodeDictionary {
    /// The id the next new node gets, by which loads and requests size their memory.
    ///
    /// - Throws: ``GraphStoreError/damaged(table:node:reason:)`` when hardly any of very many ids is that of a node: a
    ///   reordering makes them few again, and none that many comes of adding and removing.
    func nextID(_ counters: StoreCounters) throws(GraphStoreError) -> Int {
        let kind = counters.kinds[index]
        guard kind.nextID < NodeDictionary.idsWithoutNodesMax || kind.nextID / 64 <= kind.nodes else {
            throw .damaged(
                table: StoreMeta.tableName, node: nil,
                reason: "of \(kind.nextID) ids of kind '\(self.kind)' only \(kind.nodes) are those of nodes; "
                    + "`kith compact --reorder` gives them anew")
        }
        return Int(kind.nextID)
    }

    /// So many ids are some hundred megabytes of memory.
    private static let idsWithoutNodesMax: UInt64 = 1 << 26
}

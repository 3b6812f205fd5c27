import LMDB

// Reading by id, for who walks the graph by groups of ids and asks for keys at the end.

extension Snapshot {
    /// How many neighbours node `id` has; 0 for a node that is not there. One lookup.
    ///
    /// - Throws: ``GraphStoreError/unknownEdgeType(_:known:)``.
    public func degree(
        of id: NodeID, via type: EdgeType.Name, direction: EdgeDirection = .out
    ) throws -> Int {
        try tables.edges(type).table(direction).degree(of: id.rawValue, in: transaction)
    }

    /// What the edge of `type` from `source` to `target` carries, or nil when there is none: its weight at ``now``, which is 1
    /// where the type has none, and its time, nil where it has none or it is not known. One or two lookups.
    ///
    /// - Throws: ``GraphStoreError/unknownEdgeType(_:known:)``.
    public func edge(
        from source: NodeID, _ type: EdgeType.Name, to target: NodeID
    ) throws -> (weight: Double, time: Timestamp?)? {
        let edges = try tables.edges(type)
        guard let value = try edges.out.edge(from: source.rawValue, to: target.rawValue, in: transaction) else {
            return nil
        }
        let read = edges.type.read(value, at: now)
        return (read.weight ?? 1, read.time)
    }
}

import Adjacency
import LMDB

/// One state of the graph to ask, whatever is written meanwhile.
///
/// Comes from ``GraphStore/read(at:isCancelled:_:)`` and lives as long as its braces. Every answer out of one snapshot agrees with
/// every other: candidates, filters, degrees and evidence are of one moment.
///
/// A snapshot keeps the pages it can see from being reused: a long one makes the file grow while others write. Ask, then
/// leave the braces.
public struct Snapshot: ~Copyable {
    let transaction: ReadTransaction
    let file: OpenFile
    let tables: StoreTables
    let counters: StoreCounters
    let metrics: StoreMetrics
    /// Where what is long asks whether to give up.
    let cancellation: CancellationPoint
    /// The moment that weights which fade are read at.
    public let now: Timestamp

    /// The kinds and types the store has.
    public var schema: Schema { tables.schema }
}

/// An edge as it is read.
public struct Edge: Hashable, Sendable {
    /// The node it comes from.
    public let source: NodeKey
    /// Its type.
    public let type: EdgeType.Name
    /// The node it points to.
    public let target: NodeKey
    /// Its weight at the snapshot's ``Snapshot/now``, or nil when the type has none.
    public let weight: Double?
    /// Its time, or nil when the type has none or it is not known.
    public let time: Timestamp?
}

extension Snapshot {
    /// How many nodes of `kind` there are. O(1).
    public func nodeCount(of kind: NodeKind) throws(GraphStoreError) -> Int {
        Int(counters.kinds[try tables.dictionary(kind).index].nodes)
    }

    /// How many edges of `type` there are; one of a symmetric type counts once. O(1).
    public func edgeCount(of type: EdgeType.Name) throws(GraphStoreError) -> Int {
        Int(counters.edges[try tables.edges(type).index])
    }

    /// Whether the store has a `kind` named `key`. One lookup.
    public func contains(_ key: NodeKey, kind: NodeKind = .user) throws -> Bool {
        try id(of: key, kind: kind) != nil
    }

    /// The dense id of the `kind` named `key`, or nil when there is none. One lookup.
    public func id(of key: NodeKey, kind: NodeKind = .user) throws -> NodeID? {
        try tables.dictionary(kind).id(of: key, in: transaction).map(NodeID.init(rawValue:))
    }

    /// The key of node `id` of `kind`, or nil when there is none. One lookup.
    public func key(of id: NodeID, kind: NodeKind = .user) throws -> NodeKey? {
        try tables.dictionary(kind).key(of: id.rawValue, in: transaction)
    }

    /// How many neighbours a node has: with direction `out` the edges that start there, with `in` those that end there.
    /// Two lookups, whatever the degree.
    ///
    /// - Throws: ``GraphStoreError/noSuchNode(_:_:)``, ``GraphStoreError/unknownEdgeType(_:known:)``.
    public func degree(
        of key: NodeKey, via type: EdgeType.Name, direction: EdgeDirection = .out
    ) throws -> Int {
        let edges = try tables.edges(type)
        let node = try edges.origin(direction).existingID(of: key, in: transaction)
        return try edges.table(direction).degree(of: node, in: transaction)
    }

    /// The edge of `type` from `source` to `target`, or nil when there is none. A few lookups.
    ///
    /// - Throws: ``GraphStoreError/noSuchNode(_:_:)``, ``GraphStoreError/unknownEdgeType(_:known:)``.
    public func edge(from source: NodeKey, _ type: EdgeType.Name, to target: NodeKey) throws -> Edge? {
        let edges = try tables.edges(type)
        let sourceID = try edges.source.existingID(of: source, in: transaction)
        let targetID = try edges.target.existingID(of: target, in: transaction)
        guard let value = try edges.out.edge(from: sourceID, to: targetID, in: transaction) else { return nil }
        let read = edges.type.read(value, at: now)
        return Edge(source: source, type: type, target: target, weight: read.weight, time: read.time)
    }

    /// Visits every neighbour of a node in ascending id, without allocating per edge.
    ///
    /// - Parameter visit: gets the neighbour's id, its weight at ``now`` (1 where the type has none) and its time (0
    ///   where it has none).
    /// - Complexity: O(degree).
    /// - Throws: ``GraphStoreError/noSuchNode(_:_:)``, ``GraphStoreError/unknownEdgeType(_:known:)``, and what `visit`
    ///   throws.
    public func forEachNeighbor(
        of key: NodeKey, via type: EdgeType.Name, direction: EdgeDirection = .out,
        _ visit: (_ neighbor: NodeID, _ weight: Double, _ time: Timestamp) throws -> Void
    ) throws {
        let edges = try tables.edges(type)
        let node = try edges.origin(direction).existingID(of: key, in: transaction)
        var reader = edges.table(direction).neighbors(in: transaction)
        try reader.forEachNeighbor(of: node) { neighbor, value in
            let weight = edges.type.weight(of: value, at: now.rawValue)
            try visit(NodeID(rawValue: neighbor), weight, Timestamp(rawValue: edges.type.time(of: value)))
            return true
        }
    }
}

extension Snapshot {
    /// Visits the neighbours of node `id` in ascending order, up to 33 ids at a time: the fastest way through a list.
    ///
    /// - Parameter visit: gets ids, good for the visit only; no weights, no times.
    /// - Complexity: one lookup for each 2 KB of the list, and about a nanosecond a neighbour; allocates nothing per
    ///   neighbour.
    /// - Throws: ``GraphStoreError/unknownEdgeType(_:known:)``.
    public func forEachNeighborGroup(
        of id: NodeID, via type: EdgeType.Name, direction: EdgeDirection = .out, _ visit: (Span<UInt32>) -> Void
    ) throws {
        let table = try tables.edges(type).table(direction)
        var reader = table.neighbors(in: transaction)
        try unsafe reader.forEachGroup(of: id.rawValue, below: .max) { group in
            visit(unsafe Span(_unsafeElements: group))
        }
    }
}

extension EdgeType {
    /// What a reader sees of a stored value at `moment`.
    func read(_ value: EdgeValue, at moment: Timestamp) -> (weight: Double?, time: Timestamp?) {
        (
            columns.contains(.weight) ? weight(of: value, at: moment.rawValue) : nil,
            columns.contains(.time) && value.time != 0 ? Timestamp(rawValue: value.time) : nil
        )
    }
}

import Adjacency
import LMDB

/// Changes to the graph that become visible together, or not at all.
///
/// Comes from ``GraphStore/write(_:)`` or ``GraphStore/submit(_:)``; what its braces throw takes every change back.
/// Reads inside see what was changed so far.
public struct GraphTransaction: ~Copyable {
    var transaction: WriteTransaction
    let tables: StoreTables
    var counters: StoreCounters
    private let savedCounters: StoreCounters
    var scratch = EditingScratch()
    /// The time of edges that are added without one.
    public let now: Timestamp

    init(
        _ transaction: consuming WriteTransaction, tables: StoreTables, counters: StoreCounters, now: Timestamp
    ) {
        self.tables = tables
        self.now = now
        self.counters = counters
        savedCounters = counters
        self.transaction = transaction
    }
}

extension GraphTransaction {
    /// Adds the edge of `type` from `source` to `target`, and the nodes when they are new.
    ///
    /// An edge that is there already is replaced, or accumulated into, as its type says. A symmetric edge is one edge
    /// whichever end comes first.
    /// - Parameters:
    ///   - weight: what the edge weighs, finite; 1 unless given. It is rounded to what its type stores
    ///     (``EdgeType/precision-swift.property``), but whole numbers up to 2^53 are stored exactly or refused.
    ///   - time: when; ``now`` unless given.
    /// - Returns: whether the edge is new.
    /// - Complexity: rewrites one block in each direction: O(log edges) page reads, at most 2 KB each of encoding.
    /// - Throws: ``GraphStoreError/unknownEdgeType(_:known:)``, ``GraphStoreError/badWeight(_:_:_:)``,
    ///   ``GraphStoreError/badWeightSum(_:_:_:_:)``, ``GraphStoreError/noSuchColumn(_:column:)``,
    ///   ``GraphStoreError/selfLoop(_:_:)``, ``GraphStoreError/unknownSetting(_:known:)``,
    ///   ``GraphStoreError/kindIsFull(_:)``.
    @discardableResult
    public mutating func add(
        _ source: NodeKey, _ type: EdgeType.Name, _ target: NodeKey, weight: Double? = nil, at time: Timestamp? = nil
    ) throws -> Bool {
        let edges = try tables.edges(type)
        let value = try edges.type.value(weight: weight, time: time, now: now)
        if source == target, edges.type.source == edges.type.target, !edges.type.allowsSelfLoops {
            throw GraphStoreError.selfLoop(type, source)
        }
        try Setting.check(target, in: edges.type)
        let sourceID = try idAdding(source, to: edges.source)
        let targetID = try idAdding(target, to: edges.target)
        let stored: EdgeValue
        let (isNew, degree): (Bool, Int)
        do {
            (stored, isNew, degree) = try edges.out.put(
                targetID, of: sourceID, value: value, combinedBy: edges.type, in: &transaction,
                scratch: &scratch)
        } catch let error as WeightSumError {
            throw GraphStoreError.badWeightSum(type, source, target, error)
        }
        if isNew, degree == 1 { counters.addLists(1, of: edges, .out) }
        if !(edges.type.isSymmetric && sourceID == targetID) {
            let mirror = try edges.in.put(
                sourceID, of: targetID, value: stored, combinedBy: nil, in: &transaction, scratch: &scratch)
            if mirror.isNew, mirror.degree == 1 { counters.addLists(1, of: edges, .in) }
        }
        if isNew { counters.edges[edges.index] &+= 1 }
        return isNew
    }

    /// Removes the edge of `type` from `source` to `target`; its nodes stay.
    ///
    /// - Returns: whether there was one.
    /// - Throws: ``GraphStoreError/unknownEdgeType(_:known:)``.
    @discardableResult
    public mutating func remove(_ source: NodeKey, _ type: EdgeType.Name, _ target: NodeKey) throws -> Bool {
        let edges = try tables.edges(type)
        guard let sourceID = try edges.source.id(of: source, in: transaction),
            let targetID = try edges.target.id(of: target, in: transaction),
            let degree = try edges.out.remove(targetID, of: sourceID, in: &transaction, scratch: &scratch)
        else { return false }
        if degree == 0 { counters.addLists(-1, of: edges, .out) }
        if !(edges.type.isSymmetric && sourceID == targetID) {
            try removeMirror(sourceID, of: targetID, in: edges, .in)
        }
        counters.edges[edges.index] &-= 1
        return true
    }

    /// Adds a node without edges.
    ///
    /// - Returns: whether it is new.
    /// - Throws: ``GraphStoreError/unknownKind(_:known:)``, ``GraphStoreError/kindIsFull(_:)``.
    @discardableResult
    public mutating func addNode(_ key: NodeKey, kind: NodeKind = .user) throws -> Bool {
        let dictionary = try tables.dictionary(kind)
        let before = counters.kinds[dictionary.index].nodes
        _ = try idAdding(key, to: dictionary)
        return counters.kinds[dictionary.index].nodes > before
    }

    /// Removes a node with all its edges, of every type and in both directions.
    ///
    /// - Returns: whether there was such a node.
    /// - Complexity: as removing each of its edges.
    /// - Throws: ``GraphStoreError/unknownKind(_:known:)``.
    @discardableResult
    public mutating func removeNode(_ key: NodeKey, kind: NodeKind = .user) throws -> Bool {
        let dictionary = try tables.dictionary(kind)
        guard let id = try dictionary.id(of: key, in: transaction) else { return false }
        for edges in tables.edges {
            if edges.source.index == dictionary.index {
                try removeAll(of: id, in: edges, .out)
            }
            if edges.target.index == dictionary.index, !edges.type.isSymmetric {
                try removeAll(of: id, in: edges, .in)
            }
        }
        try dictionary.remove(key, id: id, in: &transaction, scratch: &scratch.dictionary)
        counters.kinds[dictionary.index].nodes &-= 1
        return true
    }

    /// Whether there is an edge of `type` from `source` to `target`.
    ///
    /// - Throws: ``GraphStoreError/unknownEdgeType(_:known:)``.
    public func contains(_ source: NodeKey, _ type: EdgeType.Name, _ target: NodeKey) throws -> Bool {
        let edges = try tables.edges(type)
        guard let sourceID = try edges.source.id(of: source, in: transaction),
            let targetID = try edges.target.id(of: target, in: transaction)
        else { return false }
        return try edges.out.edge(from: sourceID, to: targetID, in: transaction) != nil
    }

    /// How many neighbours a node has; 0 when there is no such node.
    ///
    /// - Throws: ``GraphStoreError/unknownEdgeType(_:known:)``.
    public func degree(
        of key: NodeKey, via type: EdgeType.Name, direction: EdgeDirection = .out
    ) throws -> Int {
        let edges = try tables.edges(type)
        guard let id = try edges.origin(direction).id(of: key, in: transaction) else { return 0 }
        return try edges.table(direction).degree(of: id, in: transaction)
    }
}

extension GraphTransaction {
    mutating func idAdding(_ key: NodeKey, to dictionary: NodeDictionary) throws -> UInt32 {
        if let id = try dictionary.id(of: key, in: transaction) { return id }
        let id = try takeID(in: dictionary)
        try dictionary.insert(key, id: id, in: &transaction, scratch: &scratch.dictionary)
        return id
    }

    /// The id of a new node of a kind, which is counted.
    mutating func takeID(in dictionary: NodeDictionary) throws -> UInt32 {
        let next = try dictionary.nextID(counters)
        // The greatest id is never given: limits of half-open ranges of ids are ids too.
        guard next < UInt32.max else { throw GraphStoreError.kindIsFull(dictionary.kind) }
        counters.kinds[dictionary.index].nextID += 1
        counters.kinds[dictionary.index].nodes &+= 1
        return UInt32(next)
    }

    private mutating func removeMirror(
        _ neighbor: UInt32, of node: UInt32, in edges: EdgeTables, _ direction: EdgeDirection
    ) throws {
        let table = edges.table(direction)
        guard let degree = try table.remove(neighbor, of: node, in: &transaction, scratch: &scratch) else {
            throw GraphStoreError.damaged(
                table: table.name, node: node, reason: "the edge to node id \(neighbor) is stored in one direction only"
            )
        }
        if degree == 0 { counters.addLists(-1, of: edges, direction) }
    }

    private mutating func removeAll(of node: UInt32, in edges: EdgeTables, _ direction: EdgeDirection) throws {
        let table = edges.table(direction)
        var list = NeighborList(columns: table.columns)
        var reader = table.neighbors(in: transaction)
        try reader.read(node, into: &list)
        for neighbor in list.neighbors where !(edges.type.isSymmetric && neighbor == node) {
            try removeMirror(node, of: neighbor, in: edges, direction.reversed)
        }
        try table.removeList(of: node, in: &transaction)
        if !list.isEmpty { counters.addLists(-1, of: edges, direction) }
        counters.edges[edges.index] &-= UInt64(list.count)
    }
}

extension GraphTransaction {
    /// Runs `body` so that what it throws takes back its own changes only.
    mutating func nested(_ body: (inout GraphTransaction) throws -> Void) throws {
        var inside = counters
        try transaction.nested { child in
            var graph = GraphTransaction(child, tables: tables, counters: counters, now: now)
            do {
                try body(&graph)
            } catch {
                child = graph.leave()
                throw error
            }
            inside = graph.counters
            child = graph.leave()
        }
        counters = inside
    }

    /// Gives the transaction back.
    private consuming func leave() -> WriteTransaction {
        transaction
    }

    /// Makes every change visible and durable.
    ///
    /// - Throws: ``GraphStoreError/damaged(table:node:reason:)`` when what was removed was never counted.
    consuming func commit() throws {
        if counters != savedCounters {
            // What goes below zero wraps, to be found here.
            guard counters.arePossible(in: tables) else { throw StoreMeta.impossibleCounters }
            try StoreMeta.put(counters, of: tables, in: &transaction)
        }
        try transaction.commit()
    }
}

extension EdgeType {
    /// The value of a new edge, checked.
    func value(weight: Double?, time: Timestamp?, now: Timestamp) throws(GraphStoreError) -> EdgeValue {
        if weight != nil, !columns.contains(.weight) { throw .noSuchColumn(name, column: "weight") }
        if time != nil, !columns.contains(.time) { throw .noSuchColumn(name, column: "time") }
        let moment = columns.contains(.time) ? (time ?? now).rawValue : 0
        guard let weight else { return EdgeValue(weight: 1, time: moment) }
        let value = value(storing: weight, time: moment)
        // A number beyond a Float becomes infinite, and one too close to 0 becomes 0.
        guard value.weight.isFinite, value.weight != 0 || weight == 0,
            precision == .single || value.preciseWeight == weight
        else { throw .badWeight(name, weight, precision) }
        // A whole number is a count, and a count is stored exactly or not at all: see EdgeSum. From 2^53 on all are whole.
        guard weight.rounded() != weight || abs(weight) > 0x1p53 || self.weight(of: value) == weight else {
            throw .badWeight(name, weight, precision)
        }
        return value
    }
}

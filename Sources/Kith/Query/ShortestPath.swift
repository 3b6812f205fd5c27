import Adjacency

/// A way through the graph: nodes, and the edges that join each to the next.
public struct NodePath: Hashable, Sendable {
    /// The nodes, from the first end to the last; one node when both ends are the same.
    public let nodes: [NodeKey]
    /// The type of each edge, one less than there are nodes.
    public let types: [EdgeType.Name]
    /// How many edges long it is.
    public var hops: Int { types.count }
}

extension Snapshot {
    /// A shortest path from one node to another.
    ///
    /// Each edge is walked the way `via` says: `.out(.follows)` along the edges, `.both(.follows)` either way. Of all shortest paths it is the one whose sequence of ids is the
    /// smallest, so the same store gives the same path; after a bulk load that is the one through who is followed most.
    /// Where edges of several types join two nodes, the first type of `via` is named.
    ///
    /// Every account is walked like any other, also those that are private or hidden (see ``Setting``), which
    /// recommendations leave out: a path tells who is connected to whom, so show it to who may know.
    /// - Parameters:
    ///   - via: one hop of the path; it leads from a kind to the same kind.
    ///   - maximumHops: how many edges long the path may be; nil for any length.
    /// - Returns: nil when there is no path, or none so short.
    /// - Complexity: breadth first from both ends, a level at a time at the end where fewer edges lead on (Pohl,
    ///   *Bi-directional search*, 1971): O(edges of the levels read), in a social graph some 2 · degree^(hops / 2) of
    ///   them, and all that can be reached where there is no path. Memory: two bits for each node of the kind, 8 bytes for
    ///   each node reached.
    /// - Throws: ``GraphStoreError/noSuchNode(_:_:)``, ``GraphStoreError/unknownEdgeType(_:known:)``,
    ///   ``GraphStoreError/edgeTypesDoNotFit(_:)``, ``GraphStoreError/badRequest(_:)`` when `maximumHops` is below zero,
    ///   `CancellationError` when the snapshot's reader gives up.
    public func shortestPath(
        from source: NodeKey, to target: NodeKey, via: Hop, maximumHops: Int? = nil
    ) throws -> NodePath? {
        if let maximumHops, maximumHops < 0 {
            throw GraphStoreError.badRequest("a path has 0 hops or more, and the limit is \(maximumHops)")
        }
        let hop = try HopTables(via, in: tables)
        guard hop.origin.index == hop.destination.index else {
            throw GraphStoreError.edgeTypesDoNotFit(
                "a path needs edge types that join a kind to itself, and '\(hop.steps[0].edges.type.name)' leads from "
                    + "\(hop.origin.kind) to \(hop.destination.kind); choose other types")
        }
        let (first, last) = (
            try hop.origin.existingID(of: source, in: self),
            try hop.origin.existingID(of: target, in: self)
        )
        var search = PathSearch(
            hop, from: first, to: last, idEnd: counters.kinds[hop.origin.index].nextID,
            maximumHops: maximumHops ?? .max,
            cancellation)
        guard let ids = try search.run(in: self) else { return nil }
        var types: [EdgeType.Name] = []
        for (from, to) in zip(ids, ids.dropFirst()) {
            for step in hop.steps where try step.table.edge(from: from, to: to, in: self) != nil {
                types.append(step.edges.type.name)
                break
            }
        }
        return NodePath(nodes: try ids.map { try hop.origin.existingKey(of: $0, in: self) }, types: types)
    }
}

/// Breadth-first search from both ends, by whole levels, until they meet.
///
/// ```
/// first ──> level 1 ──> level 2 = level 1 <── last
///           in order    meeting   any order
/// ```
/// From the first end a level is read in the order it was found, neighbours ascending, and who is found first keeps the
/// node that found it as its parent. By induction the nodes of a level stand in the order of the smallest paths that lead
/// to them, and the parents are these paths. So the first node of the last level that the other end knows too is on the
/// smallest shortest path; from there on, each next node is the smallest that is one level nearer to the last end.
private struct PathSearch {
    private let forward: HopTables
    private let backward: HopTables
    private let maximumHops: Int
    private let idEnd: UInt64
    private var cancellation: CancellationPoint

    private var levels: [[UInt32]]
    /// For each node of each level the place of its parent in the level before.
    private var parents: [[UInt32]] = [[]]
    private var reached: IDSet
    /// Levels from the last end, each ascending.
    private var lastLevels: [[UInt32]]
    private var lastReached: IDSet

    init(
        _ hop: HopTables, from first: UInt32, to last: UInt32, idEnd: UInt64, maximumHops: Int,
        _ cancellation: CancellationPoint
    ) {
        self.cancellation = cancellation
        forward = hop
        backward = hop.reversed
        self.maximumHops = maximumHops
        self.idEnd = idEnd
        levels = [[first]]
        lastLevels = [[last]]
        reached = IDSet(limit: idEnd)
        lastReached = IDSet(limit: idEnd)
    }

    /// The ids of the path, or nil when there is none.
    mutating func run(in snapshot: borrowing Snapshot) throws -> [UInt32]? {
        for (level, isLast) in [(levels[0], false), (lastLevels[0], true)] {
            try checkRange(level[0])
            if isLast { lastReached.insert(level[0]) } else { reached.insert(level[0]) }
        }
        if levels[0] == lastLevels[0] { return levels[0] }
        var cost = try forward.edgeCount(of: levels[0], in: snapshot)
        var lastCost = try backward.edgeCount(of: lastLevels[0], in: snapshot)
        for _ in 0..<maximumHops {
            // Nothing leads on from one of the ends.
            if cost == 0 || lastCost == 0 { return nil }
            if cost <= lastCost {
                if let place = try advance(in: snapshot) { return try path(through: place, in: snapshot) }
                cost = try forward.edgeCount(of: levels[levels.count - 1], in: snapshot)
            } else {
                if try advanceLast(in: snapshot) {
                    let place = levels[levels.count - 1].firstIndex { lastReached.contains($0) }
                    if let place { return try path(through: place, in: snapshot) }
                }
                lastCost = try backward.edgeCount(of: lastLevels[lastLevels.count - 1], in: snapshot)
            }
        }
        return nil
    }

    /// Reads one more level from the first end; the place in it of the first node that the other end knows, which ends it.
    private mutating func advance(in snapshot: borrowing Snapshot) throws -> Int? {
        var level: [UInt32] = []
        var parents: [UInt32] = []
        var neighbors: [UInt32] = []
        var isMet = false
        for (place, node) in levels[levels.count - 1].enumerated() where !isMet {
            try cancellation.pass()
            try forward.readIDs(of: node, in: snapshot, into: &neighbors)
            for id in neighbors where !reached.contains(id) {
                try checkRange(id)
                reached.insert(id)
                level.append(id)
                parents.append(UInt32(place))
                isMet = lastReached.contains(id)
                if isMet { break }
            }
        }
        levels.append(level)
        self.parents.append(parents)
        return isMet ? level.count - 1 : nil
    }

    /// Reads one more level from the last end; whether it has nodes that the other end knows.
    private mutating func advanceLast(in snapshot: borrowing Snapshot) throws -> Bool {
        var level: [UInt32] = []
        var neighbors: [UInt32] = []
        var isMet = false
        for node in lastLevels[lastLevels.count - 1] {
            try cancellation.pass()
            try backward.readIDs(of: node, in: snapshot, into: &neighbors)
            for id in neighbors where !lastReached.contains(id) {
                try checkRange(id)
                lastReached.insert(id)
                level.append(id)
                if reached.contains(id) { isMet = true }
            }
        }
        // Ascending, so that the lists of the next level are read in the order of the file.
        level.sort()
        lastLevels.append(level)
        return isMet
    }

    /// The path through the node at `place` of the last level from the first end.
    private func path(through place: Int, in snapshot: borrowing Snapshot) throws -> [UInt32] {
        var ids: [UInt32] = []
        var place = place
        for (level, parents) in zip(levels, parents).reversed() {
            ids.append(level[place])
            if !parents.isEmpty { place = Int(parents[place]) }
        }
        ids.reverse()
        for level in lastLevels.dropLast().reversed() {
            let node = ids[ids.count - 1]
            var next: UInt32?
            for step in forward.steps {
                var reader = step.table.neighbors(in: snapshot)
                try reader.forEachNeighbor(of: node) { id, _ in
                    guard id < next ?? .max else { return false }
                    let index = level.partitioningIndex { $0 >= id }
                    guard index < level.count, level[index] == id else { return true }
                    next = id
                    return false
                }
            }
            guard let next else {
                throw GraphStoreError.damaged(
                    table: forward.steps[0].table.name, node: node, reason: "an edge is stored in one direction only")
            }
            ids.append(next)
        }
        return ids
    }

    private func checkRange(_ id: UInt32) throws {
        guard UInt64(id) < idEnd else {
            throw forward.origin.damagedKeys(id, "a neighbour list holds an id that was never given")
        }
    }
}

extension HopTables {
    /// How many edges lead on from `nodes`. O(nodes).
    fileprivate func edgeCount(of nodes: [UInt32], in snapshot: borrowing Snapshot) throws -> Int {
        var count = 0
        for step in steps {
            var reader = step.table.neighbors(.ascending, in: snapshot)
            for node in nodes { count += try reader.degree(of: node) }
        }
        return count
    }

    /// Reads where the hop leads from `node`, ascending; over several types the same node may stand there again.
    fileprivate func readIDs(
        of node: UInt32, in snapshot: borrowing Snapshot, into ids: inout [UInt32]
    ) throws {
        ids.removeAll(keepingCapacity: true)
        for step in steps {
            var reader = step.table.neighbors(.ascending, in: snapshot)
            try unsafe reader.forEachGroup(of: node, below: .max) { unsafe ids.append(contentsOf: $0) }
        }
        if steps.count > 1 { ids.sort() }
    }
}

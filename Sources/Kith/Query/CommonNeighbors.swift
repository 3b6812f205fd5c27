import Adjacency

/// A neighbour list, named: the nodes that one node reaches by a hop, each once.
public struct NeighborSet: Hashable, Sendable {
    /// Whose neighbours.
    public var node: NodeKey
    /// Over which edges, and which way.
    public var via: Hop

    /// The neighbours that `node` reaches by `via`.
    public init(of node: NodeKey, via: Hop) {
        self.node = node
        self.via = via
    }
}

/// Which nodes of two neighbour lists are asked for.
public enum NeighborSelection: String, Sendable, Hashable, CaseIterable, Codable {
    /// Those in both: whom two people have in common.
    case inBoth = "in-both"
    /// Those in either, each once.
    case inEither = "in-either"
    /// Those in the first that are not in the second.
    case onlyInFirst = "only-in-first"
}

/// A part of the nodes that two lists were asked for, and where the next part starts.
public struct NodePage: Hashable, Sendable {
    /// How many nodes there are in all.
    public let count: Int
    /// Those of this page, by ascending id.
    public let nodes: [NodeKey]
    /// Where the next page starts, or nil when this one is the last.
    public let next: NeighborCursor?
}

extension Snapshot {
    /// A page of the nodes that two neighbour lists share, or of those that one or the other has.
    ///
    /// The lists need not be of one sort: whom I follow and who follow you are `.out(.follows)` of mine and
    /// `.in(.follows)` of yours. They must end at nodes of one kind.
    /// - Parameters:
    ///   - selection: which nodes.
    ///   - limit: how many nodes at most, above zero.
    ///   - cursor: ``NodePage/next`` of the page before; nil for the first page. What is written meanwhile neither repeats
    ///     nor hides a node behind it.
    /// - Complexity: the lists are merged, O(degrees), some nanoseconds a neighbour; where one is much longer and only
    ///   asked about, as in an intersection, it is not read but looked into: O(the shorter degree · log the longer).
    ///   Every page counts the whole answer.
    /// - Throws: ``GraphStoreError/noSuchNode(_:_:)``, ``GraphStoreError/unknownEdgeType(_:known:)``,
    ///   ``GraphStoreError/edgeTypesDoNotFit(_:)``, ``GraphStoreError/badRequest(_:)`` when the limit is not above zero or
    ///   the cursor is of another order.
    public func commonNeighbors(
        _ first: NeighborSet, _ second: NeighborSet, _ selection: NeighborSelection = .inBoth, limit: Int = 100,
        after cursor: NeighborCursor? = nil
    ) throws -> NodePage {
        guard limit > 0 else {
            throw GraphStoreError.badRequest("a page needs a limit above 0, and this one is \(limit)")
        }
        if let cursor, cursor.order != .ascending {
            throw GraphStoreError.badRequest(
                "the cursor '\(cursor)' is of a page in order \(cursor.order.rawValue), and these pages are "
                    + "\(NeighborOrder.ascending.rawValue); start without a cursor")
        }
        let lists = (try NeighborLists(first, in: self), try NeighborLists(second, in: self))
        let dictionary = lists.0.destination
        guard dictionary.index == lists.1.destination.index else {
            throw GraphStoreError.edgeTypesDoNotFit(
                "two lists are compared that end at one kind of node, and one ends at '\(dictionary.kind)', the other "
                    + "at '\(lists.1.destination.kind)'; choose other edge types or another direction")
        }
        let ids = try selection.ids(lists.0, lists.1, in: self)
        let start = cursor.map { cursor in ids.partitioningIndex { $0 > cursor.id } } ?? 0
        let page = ids[start...].prefix(limit)
        return NodePage(
            count: ids.count, nodes: try page.map { try dictionary.existingKey(of: $0, in: self) },
            next: page.endIndex < ids.count ? page.last.map { .init(order: .ascending, time: 0, id: $0) } : nil)
    }
}

/// Where a ``NeighborSet`` lies in a store.
private struct NeighborLists {
    /// A table for each step of the hop.
    let tables: [AdjacencyTable]
    let node: UInt32
    /// Where the neighbours live.
    let destination: NodeDictionary
    /// How many neighbours there are at most: exactly so many when there is one table.
    let degreeMax: Int
    /// No list has more.
    private let nodeLimit: Int

    init(_ set: NeighborSet, in snapshot: borrowing Snapshot) throws {
        let hop = try HopTables(set.via, in: snapshot.tables)
        tables = hop.steps.map(\.table)
        destination = hop.destination
        node = try hop.origin.existingID(of: set.node, in: snapshot)
        var degreeMax = 0
        for table in tables { degreeMax += try table.degree(of: node, in: snapshot) }
        self.degreeMax = degreeMax
        nodeLimit = Int(snapshot.counters.kinds[destination.index].nextID)
    }

    /// The ids of all neighbours, ascending, each once.
    func ids(in snapshot: borrowing Snapshot) throws -> [UInt32] {
        var ids: [UInt32] = []
        ids.reserveCapacity(min(degreeMax, nodeLimit))
        for table in tables {
            var reader = table.neighbors(in: snapshot)
            try unsafe reader.forEachGroup(of: node, below: .max) { unsafe ids.append(contentsOf: $0) }
        }
        guard tables.count > 1 else { return ids }
        ids.sort()
        var distinct: [UInt32] = []
        for id in ids where id != distinct.last { distinct.append(id) }
        return distinct
    }

    /// Those of `ids`, which ascend, that are neighbours, or those that are not. Does not read the lists.
    func filter(_ ids: [UInt32], areNeighbors: Bool, in snapshot: borrowing Snapshot) throws -> [UInt32] {
        var isNeighbor = Array(repeating: false, count: ids.count)
        for table in tables {
            var reader = table.neighbors(in: snapshot)
            for (index, id) in ids.enumerated() where !isNeighbor[index] {
                isNeighbor[index] = try reader.edge(from: node, to: id) != nil
            }
        }
        return ids.indices.filter { isNeighbor[$0] == areNeighbors }.map { ids[$0] }
    }
}

extension NeighborSelection {
    /// A lookup in a long list costs as much as decoding so many of its neighbours.
    private static let lookupShare = 256

    /// The ids of the nodes asked for, ascending.
    fileprivate func ids(
        _ first: NeighborLists, _ second: NeighborLists, in snapshot: borrowing Snapshot
    ) throws -> [UInt32] {
        switch self {
        case .inBoth:
            let (short, long) = first.degreeMax <= second.degreeMax ? (first, second) : (second, first)
            let ids = try short.ids(in: snapshot)
            if ids.count < long.degreeMax / NeighborSelection.lookupShare {
                return try long.filter(ids, areNeighbors: true, in: snapshot)
            }
            return merge(ids, try long.ids(in: snapshot))
        case .onlyInFirst:
            let ids = try first.ids(in: snapshot)
            if ids.count < second.degreeMax / NeighborSelection.lookupShare {
                return try second.filter(ids, areNeighbors: false, in: snapshot)
            }
            return merge(ids, try second.ids(in: snapshot))
        case .inEither:
            return merge(try first.ids(in: snapshot), try second.ids(in: snapshot))
        }
    }

    /// The selection from two ascending lists. O(both).
    private func merge(_ left: [UInt32], _ right: [UInt32]) -> [UInt32] {
        var selected: [UInt32] = []
        var place = 0
        for id in left {
            while place < right.count, right[place] < id {
                if self == .inEither { selected.append(right[place]) }
                place += 1
            }
            let isInBoth = place < right.count && right[place] == id
            if isInBoth { place += 1 }
            if self == .inEither || isInBoth == (self == .inBoth) { selected.append(id) }
        }
        if self == .inEither { selected += right[place...] }
        return selected
    }
}

extension Array {
    /// The first place whose element, and all behind it, `belongs` to the second part. O(log count).
    func partitioningIndex(_ belongs: (Element) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if belongs(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

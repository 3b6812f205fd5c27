/// Which accounts no path leads through, and no evidence names: the closed ones.
///
/// An account is closed to the asker when its connections are private (``Setting/isPrivate``), or when one of the two
/// blocks the other. The asker is never closed to themselves. A closed account still counts in the degrees of others,
/// and may be suggested where only its connections are private.
///
/// Every method asks here: a walk of two hops for its intermediates, collaborative filtering for its items and its
/// neighbours, PageRank for the nodes whose edges it does not walk.
///
/// **Cost:** nothing where the store has no private account and no block. Else the asker's lists of blocks, and a lookup
/// for each intermediate or the list of private accounts, whichever is shorter.
struct IntermediateFilter {
    private let privates: MarkedNodes?
    /// Lists of the asker that name closed accounts.
    private let blocks: [AdjacencyTable]
    private let isAskersKind: Bool

    /// The filter for intermediates of `kind` on the way from an asker of `askers`, who is nobody where that is nil.
    ///
    /// - Returns: nil where nobody can be closed.
    init?(of kind: NodeDictionary, askedBy askers: NodeDictionary?, in snapshot: borrowing Snapshot) throws {
        privates = try MarkedNodes(Setting.isPrivate, of: kind, in: snapshot)
        isAskersKind = kind.index == askers?.index
        var blocks: [AdjacencyTable] = []
        if let askers, let edges = snapshot.tables.edges.first(where: { $0.type.name == .blocks }),
            snapshot.counters.edges[edges.index] > 0
        {
            if edges.source.index == askers.index, edges.target.index == kind.index { blocks.append(edges.out) }
            if edges.target.index == askers.index, edges.source.index == kind.index, !edges.type.isSymmetric {
                blocks.append(edges.in)
            }
        }
        self.blocks = blocks
        if privates == nil, blocks.isEmpty { return nil }
    }

    /// Leaves in `closed`, ascending, all nodes that are closed to `asker`.
    ///
    /// - Complexity: O(private accounts + blocks of the asker).
    func readAll(for asker: UInt32?, in snapshot: borrowing Snapshot, into closed: inout [UInt32]) throws {
        try readBlocks(of: asker, in: snapshot, into: &closed)
        try privates?.forEach(in: snapshot) { closed.append($0) }
        finish(for: asker, &closed)
    }

    /// Leaves in `closed`, ascending, at least those of `count` ascending nodes that are closed to `asker`.
    ///
    /// - Parameter node: the node at an index.
    func read(
        for asker: UInt32, among count: Int, in snapshot: borrowing Snapshot, into closed: inout [UInt32],
        _ node: (Int) -> UInt32
    ) throws {
        try readBlocks(of: asker, in: snapshot, into: &closed)
        if let privates {
            if privates.count / IntermediateFilter.neighborsPerLookup <= count {
                try privates.forEach(in: snapshot) { closed.append($0) }
            } else {
                for index in 0..<count where try privates.contains(node(index), in: snapshot) {
                    closed.append(node(index))
                }
            }
        }
        finish(for: asker, &closed)
    }

    /// How many neighbours of a list are decoded in the time of one edge lookup, about.
    private static let neighborsPerLookup = 256

    private func readBlocks(
        of asker: UInt32?, in snapshot: borrowing Snapshot, into closed: inout [UInt32]
    ) throws {
        closed.removeAll(keepingCapacity: true)
        guard let asker else { return }
        for table in blocks {
            var reader = table.neighbors(in: snapshot)
            try unsafe reader.forEachGroup(of: asker, below: .max) { group in
                for index in 0..<group.count { closed.append(unsafe group[index]) }
            }
        }
    }

    private func finish(for asker: UInt32?, _ closed: inout [UInt32]) {
        if closed.isEmpty { return }
        if isAskersKind { closed.removeAll { $0 == asker } }
        closed.sort()
        var kept = 0
        for node in closed where kept == 0 || closed[kept - 1] != node {
            closed[kept] = node
            kept += 1
        }
        closed.removeSubrange(kept...)
    }
}

extension IntermediateFilter {
    /// What keeps closed accounts out of a list of similar users, who are the intermediates of the hop that follows.
    var asCandidateFilter: CandidateFilter { CandidateFilter(leavingOut: blocks, marked: privates) }
}

extension WeightedNeighbors {
    /// Leaves out the nodes that `filter` closes to `asker`; answers whether there was one.
    mutating func removeClosed(
        to asker: UInt32, by filter: IntermediateFilter, in snapshot: borrowing Snapshot,
        _ scratch: RequestScratch
    ) throws -> Bool {
        try filter.read(for: asker, among: ids.count, in: snapshot, into: &scratch.closed) { ids[$0] }
        if scratch.closed.isEmpty { return false }
        let before = ids.count
        var members = AscendingMembership(scratch.closed)
        self.filter { !members.contains($0) }
        return ids.count < before
    }
}

/// Answers which of ascending nodes are in an ascending list, by one pass over both.
struct AscendingMembership {
    private let members: [UInt32]
    private var index = 0

    init(_ members: [UInt32]) {
        self.members = members
    }

    /// Whether `node`, which is not below the one asked about last, is in the list.
    mutating func contains(_ node: UInt32) -> Bool {
        while index < members.count, members[index] < node { index += 1 }
        return index < members.count && members[index] == node
    }
}

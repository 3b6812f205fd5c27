import Adjacency
import LMDB

/// The neighbour lists of one table as one state of the graph has them: the only way to a degree, an edge or a list.
///
/// Lent by a snapshot or a transaction, and used for as many nodes as are asked for in a row. How it looks a node up is
/// chosen when it is made; what it finds does not depend on it:
/// ```
/// .scattered   a descent of the tree for each node          a few nodes
/// .ascending   from where the last node was found            nodes in order
/// .popular     where lists lie is remembered, also for the   nodes that request after request asks for
///              next reader of the same commit
/// ```
@safe struct NeighborReader: ~Copyable, ~Escapable {
    /// How the first block of a node is found.
    enum Lookup {
        case scattered, ascending, popular
    }

    /// Not retained, which would cost as much as reading a short list: the snapshot or transaction that lends a reader holds
    /// the tables, and outlives it.
    private unowned(unsafe) let unretainedTable: AdjacencyTable
    private let lookup: Lookup
    private var blocks: Cursor<UInt64>

    var table: AdjacencyTable { unsafe unretainedTable }

    @inline(__always)
    @_lifetime(borrow transaction)
    init(_ table: AdjacencyTable, by lookup: Lookup, in transaction: borrowing some Transaction & ~Copyable) {
        unsafe unretainedTable = table
        self.lookup = lookup
        blocks = table.blocks(in: transaction)
    }
}

extension AdjacencyTable {
    /// Lends the lists as a transaction sees them.
    @inline(__always)
    @_lifetime(borrow transaction)
    func neighbors(
        _ lookup: NeighborReader.Lookup = .scattered, in transaction: borrowing some Transaction & ~Copyable
    ) -> NeighborReader {
        NeighborReader(self, by: lookup, in: transaction)
    }
}

extension AdjacencyTable {
    /// ``NeighborReader/degree(of:)`` of one node.
    @inline(__always)
    func degree(
        of node: UInt32, _ lookup: NeighborReader.Lookup = .scattered,
        in transaction: borrowing some Transaction & ~Copyable
    ) throws -> Int {
        var reader = neighbors(lookup, in: transaction)
        return try reader.degree(of: node)
    }

    /// ``NeighborReader/edge(from:to:)`` of one edge.
    func edge(
        from node: UInt32, to neighbor: UInt32, in transaction: borrowing some Transaction & ~Copyable
    ) throws -> EdgeValue? {
        var reader = neighbors(in: transaction)
        return try reader.edge(from: node, to: neighbor)
    }
}

// MARK: - One node

extension NeighborReader {
    /// The bytes of the node's first block.
    @inline(__always)
    @_lifetime(copy self)
    private mutating func firstBlock(of node: UInt32) throws -> RawSpan? {
        let key = AdjacencyTable.key(node)
        switch lookup {
        case .scattered: return try blocks.lookUp(key)
        case .ascending: return try blocks.value(at: key)
        case .popular: return try blocks.lookUpAgain(key)
        }
    }

    /// How many neighbours the node has. One lookup.
    @inline(__always)
    mutating func degree(of node: UInt32) throws -> Int {
        guard let bytes = try firstBlock(of: node) else { return 0 }
        return try degree(of: node, first: bytes)
    }

    @inline(__always)
    private func degree(of node: UInt32, first bytes: RawSpan) throws -> Int {
        do {
            return Int(try NeighborBlock(bytes).degree)
        } catch {
            throw GraphStoreError.damaged(table, node, error)
        }
    }

    /// What the edge from `node` to `neighbor` carries, or nil when there is none. One or two lookups.
    mutating func edge(from node: UInt32, to neighbor: UInt32) throws -> EdgeValue? {
        guard let first = try blocks.value(at: AdjacencyTable.key(node)) else { return nil }
        do {
            let block = try NeighborBlock(first)
            if block.isLast || neighbor < block.first { return try block.value(of: neighbor) }
            let key = try table.blockKey(for: neighbor, of: node, by: &blocks)
            guard let bytes = try blocks.value(at: key) else { return nil }
            return try NeighborBlock(bytes).value(of: neighbor)
        } catch let error as BlockError {
            throw GraphStoreError.damaged(table, node, error)
        }
    }

    /// Visits the node's blocks in ascending order until `visit` answers false.
    @inline(__always)
    mutating func forEachBlock(
        of node: UInt32, _ visit: (borrowing NeighborBlock) throws -> Bool
    ) throws {
        guard let first = try firstBlock(of: node), try !self.visit(first, of: node, visit) else { return }
        try forEachNextBlock(of: node, isThere: lookup == .ascending, visit)
    }

    /// Visits the node's blocks behind the first, which is not the last.
    ///
    /// - Parameter isThere: whether the cursor is at the first.
    @inline(__always)
    private mutating func forEachNextBlock(
        of node: UInt32, isThere: Bool, _ visit: (borrowing NeighborBlock) throws -> Bool
    ) throws {
        if !isThere, try blocks.value(at: AdjacencyTable.key(node)) == nil { return }
        while true {
            guard let next = try blocks.next(), next.key >> 32 == UInt64(node) else {
                throw GraphStoreError.damaged(table: table.name, node: node, reason: "its last block is missing")
            }
            if try self.visit(next.value, of: node, visit) { return }
        }
    }

    /// Visits a block; answers whether that was all, because it is the last or by the visitor's wish.
    @inline(__always)
    private func visit(
        _ bytes: RawSpan, of node: UInt32, _ visit: (borrowing NeighborBlock) throws -> Bool
    ) throws -> Bool {
        do {
            let block = try NeighborBlock(bytes)
            return try !visit(block) || block.isLast
        } catch let error as BlockError {
            throw GraphStoreError.damaged(table, node, error)
        }
    }

    /// Visits the node's neighbours in ascending order, up to 32 at a time, each below `limit`.
    @inline(__always)
    mutating func forEachGroup(
        of node: UInt32, below limit: UInt32, _ visit: (UnsafeBufferPointer<UInt32>) -> Void
    ) throws {
        try forEachBlock(of: node) { block in
            try unsafe block.forEachGroup(below: limit, visit)
            return true
        }
    }

    /// Appends the node's whole list, with its columns, to `list`.
    mutating func read(_ node: UInt32, into list: inout NeighborList) throws {
        try forEachBlock(of: node) { block in
            try list.append(block)
            return true
        }
    }

    /// Visits the node's neighbours that are not below `start`, in ascending order, until `visit` answers false.
    mutating func forEachNeighbor(
        of node: UInt32, startingAt start: UInt32 = 0, _ visit: (UInt32, EdgeValue) throws -> Bool
    ) throws {
        var list = NeighborList(columns: table.columns)
        let columns = table.columns
        func visitBlock(_ block: borrowing NeighborBlock) throws -> Bool {
            list.removeAll(columns: columns)
            try list.append(block)
            for index in list.insertionIndex(of: start)..<list.count {
                guard try visit(list.neighbors[index], EdgeValue(list.value(at: index))) else { return false }
            }
            return true
        }
        guard try blocks.value(at: AdjacencyTable.key(node)) != nil else { return }
        let key = start == 0 ? AdjacencyTable.key(node) : try table.blockKey(for: start, of: node, by: &blocks)
        guard let first = try blocks.value(at: key) else { return }
        if try !self.visit(first, of: node, visitBlock) {
            try forEachNextBlock(of: node, isThere: true, visitBlock)
        }
    }
}

extension NeighborBlock {
    fileprivate func value(of neighbor: UInt32) throws(BlockError) -> EdgeValue? {
        guard let index = try firstIndex(of: neighbor) else { return nil }
        return EdgeValue(try value(at: index))
    }
}

// MARK: - Many nodes, found first and read later

/// A list that was found, for as long as the state of the graph it was found in is read.
struct ListPlace: BitwiseCopyable {
    fileprivate let first: ValuePlace
}

extension NeighborReader {
    /// Visits the nodes that have neighbours, in the order given, until `visit` answers false. Lists of popular nodes are
    /// remembered, as by ``Lookup/popular``.
    ///
    /// - Parameter visit: gets the node's index in `nodes`, how many neighbours it has, and where they are.
    func forEachPlace(
        of nodes: [UInt32], _ visit: (_ index: Int, _ degree: Int, _ place: ListPlace) throws -> Bool
    ) throws {
        try blocks.forEachPlace(nodes.count) {
            AdjacencyTable.key(nodes[$0])
        } _: { index, first in
            let degree = try degree(of: nodes[index], first: unsafe blocks.value(at: first))
            return try visit(index, degree, ListPlace(first: first))
        }
    }

    /// Asks for the bytes of a list that is read soon.
    func prefetch(_ place: ListPlace) {
        blocks.prefetch(place.first)
    }

    /// ``forEachBlock(of:_:)`` of a node whose list was found.
    @inline(__always)
    mutating func forEachBlock(
        of node: UInt32, at place: ListPlace, _ visit: (borrowing NeighborBlock) throws -> Bool
    ) throws {
        if try self.visit(unsafe blocks.value(at: place.first), of: node, visit) { return }
        try forEachNextBlock(of: node, isThere: false, visit)
    }
}

// MARK: - All nodes

extension NeighborReader {
    /// Visits every block of the table in the order of its keys.
    mutating func forEachBlock(
        _ visit: (_ node: UInt32, _ isFirst: Bool, _ block: borrowing NeighborBlock) throws -> Void
    ) throws {
        var entry = try blocks.first()
        while let current = entry {
            let key = current.key
            do {
                try visit(UInt32(key >> 32), UInt32(truncatingIfNeeded: key) == 0, try NeighborBlock(current.value))
            } catch let error as BlockError {
                throw GraphStoreError.damaged(table, UInt32(key >> 32), error)
            }
            entry = try blocks.next()
        }
    }

    /// Visits every node that has neighbours, ascending, with its whole list.
    mutating func forEachList(_ visit: (_ node: UInt32, _ list: NeighborList) throws -> Void) throws {
        let columns = table.columns
        var list = NeighborList(columns: columns)
        try forEachBlock { node, _, block in
            try list.append(block)
            guard block.isLast else { return }
            try visit(node, list)
            list.removeAll(columns: columns)
        }
    }

    /// Visits every edge of the table: nodes ascending, then neighbours ascending.
    mutating func forEachEdge(_ visit: (_ node: UInt32, _ neighbor: UInt32, EdgeValue) throws -> Void) throws {
        let columns = table.columns
        var list = NeighborList(columns: columns)
        try forEachBlock { node, _, block in
            list.removeAll(columns: columns)
            try list.append(block)
            for index in 0..<list.count { try visit(node, list.neighbors[index], EdgeValue(list.value(at: index))) }
        }
    }

    /// Visits every node that has neighbours, ascending, with how many; decodes none of them.
    mutating func forEachDegree(_ visit: (_ node: UInt32, _ degree: Int) throws -> Void) throws {
        try forEachBlock { node, isFirst, block in
            if isFirst { try visit(node, Int(block.degree)) }
        }
    }
}

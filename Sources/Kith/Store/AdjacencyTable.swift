import Adjacency
import LMDB

/// The neighbour lists of one edge type in one direction; the one place where lists and degrees are read and written.
///
/// A node's list is one block, or several in a row when it is long. A block's key is `node << 32 | first neighbour`, and
/// 0 in place of the first neighbour for a node's first block: so a node's degree and the start of its list are one
/// exact lookup, and the block that holds a neighbour is the last one whose key is not above `node << 32 | neighbour`.
/// ```
/// key   7<<32|0          7<<32|911        7<<32|2040       9<<32|0
/// block [3 ... 907] n=9  [911 ... 2031]   [2040 ... 2777]  [12, 40]
///       degree in head                    last             first and last
/// ```
/// **Invariants** (proved by ``IntegrityCheck``): neighbours ascend strictly in a block and from block to block; no block
/// is empty; the first block of several carries the node's degree; exactly the last says that it is the last.
struct AdjacencyTable: Sendable {
    let database: Database<UInt64>
    /// The table's name in the file, for messages.
    let name: String
    let columns: EdgeColumns

    /// The key of a node's block that starts with `firstNeighbor`; 0 for the node's first block, whatever it starts with.
    @inline(__always)
    static func key(_ node: UInt32, _ firstNeighbor: UInt32 = 0) -> UInt64 {
        UInt64(node) << 32 | UInt64(firstNeighbor)
    }
}

extension AdjacencyTable {
    /// How many neighbours the node has. One lookup.
    func degree(of node: UInt32, in transaction: borrowing some Transaction & ~Copyable) throws -> Int {
        guard let bytes = try transaction.value(forKey: AdjacencyTable.key(node), in: database) else { return 0 }
        do {
            return Int(try NeighborBlock(bytes).degree)
        } catch {
            throw GraphStoreError.damaged(self, node, error)
        }
    }

    /// ``degree(of:in:)`` of nodes that are asked for again and again, request by request.
    func degree(ofPopular node: UInt32, in transaction: borrowing ReadTransaction) throws -> Int {
        guard let bytes = try transaction.recentValue(forKey: AdjacencyTable.key(node), in: database) else { return 0 }
        do {
            return Int(try NeighborBlock(bytes).degree)
        } catch {
            throw GraphStoreError.damaged(self, node, error)
        }
    }

    /// How many neighbours the node has whose first block lies there.
    func degree(of node: UInt32, from first: ValuePlace, in transaction: borrowing ReadTransaction) throws -> Int {
        do {
            return Int(try NeighborBlock(unsafe transaction.value(at: first)).degree)
        } catch {
            throw GraphStoreError.damaged(self, node, error)
        }
    }

    /// ``degree(of:in:)`` by a cursor, which is faster for ascending nodes.
    @inline(__always)
    func degree(of node: UInt32, by cursor: inout Cursor<UInt64>) throws -> Int {
        guard let bytes = try cursor.value(at: AdjacencyTable.key(node)) else { return 0 }
        do {
            return Int(try NeighborBlock(bytes).degree)
        } catch {
            throw GraphStoreError.damaged(self, node, error)
        }
    }

    /// Visits the node's blocks in ascending order until `visit` answers false.
    @inline(__always)
    func forEachBlock(
        of node: UInt32, by cursor: inout Cursor<UInt64>, _ visit: (borrowing NeighborBlock) throws -> Bool
    ) throws {
        try forEachBlock(from: AdjacencyTable.key(node), by: &cursor, visit)
    }

    /// ``forEachBlock(of:by:_:)`` of one node: most have a single block, for which there need not be a cursor.
    @inline(__always)
    func forEachBlock(
        of node: UInt32, in transaction: borrowing some Transaction & ~Copyable,
        _ visit: (borrowing NeighborBlock) throws -> Bool
    ) throws {
        let key = AdjacencyTable.key(node)
        guard let first = try transaction.value(forKey: key, in: database) else { return }
        if try self.visit(first, of: node, visit) { return }
        var cursor = try transaction.cursor(in: database)
        guard try cursor.value(at: key) != nil else { return }
        try forEachNextBlock(of: node, by: &cursor, visit)
    }

    /// ``forEachBlock(of:by:_:)`` of nodes that are asked for again and again, request by request.
    @inline(__always)
    func forEachBlock(
        ofPopular node: UInt32, in transaction: borrowing ReadTransaction, by cursor: inout Cursor<UInt64>,
        _ visit: (borrowing NeighborBlock) throws -> Bool
    ) throws {
        let key = AdjacencyTable.key(node)
        guard let first = try transaction.recentValue(forKey: key, in: database) else { return }
        guard try !self.visit(first, of: node, visit), try cursor.value(at: key) != nil else { return }
        try forEachNextBlock(of: node, by: &cursor, visit)
    }

    /// ``forEachBlock(of:by:_:)`` where the place of the first block is known.
    ///
    /// - Parameter cursor: made when there is a list of several blocks.
    @inline(__always)
    func forEachBlock(
        of node: UInt32, from first: ValuePlace, in transaction: borrowing ReadTransaction,
        by cursor: inout Cursor<UInt64>?, _ visit: (borrowing NeighborBlock) throws -> Bool
    ) throws {
        if try self.visit(unsafe transaction.value(at: first), of: node, visit) { return }
        var known: Cursor<UInt64>
        if let taken = cursor.take() { known = taken } else { known = try transaction.cursor(in: database) }
        guard try known.value(at: AdjacencyTable.key(node)) != nil else { return }
        try forEachNextBlock(of: node, by: &known, visit)
        cursor = consume known
    }

    /// Visits a node's blocks from the one with `key` on.
    @inline(__always)
    private func forEachBlock(
        from key: UInt64, by cursor: inout Cursor<UInt64>, _ visit: (borrowing NeighborBlock) throws -> Bool
    ) throws {
        guard let first = try cursor.value(at: key) else { return }
        let node = UInt32(key >> 32)
        if try !self.visit(first, of: node, visit) { try forEachNextBlock(of: node, by: &cursor, visit) }
    }

    /// Visits the node's blocks behind the one the cursor is at, which is not the last.
    @inline(__always)
    private func forEachNextBlock(
        of node: UInt32, by cursor: inout Cursor<UInt64>, _ visit: (borrowing NeighborBlock) throws -> Bool
    ) throws {
        while true {
            guard let next = try cursor.next(), next.key >> 32 == UInt64(node) else {
                throw GraphStoreError.damaged(table: name, node: node, reason: "its last block is missing")
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
            throw GraphStoreError.damaged(self, node, error)
        }
    }

    /// Visits the node's neighbours in ascending order, up to 32 at a time, each below `limit`.
    @inline(__always)
    func forEachGroup(
        of node: UInt32, by cursor: inout Cursor<UInt64>, below limit: UInt32,
        _ visit: (UnsafeBufferPointer<UInt32>) -> Void
    ) throws {
        try forEachBlock(of: node, by: &cursor) { block in
            try unsafe block.forEachGroup(below: limit, visit)
            return true
        }
    }

    /// ``forEachGroup(of:by:below:_:)`` of one node.
    @inline(__always)
    func forEachGroup(
        of node: UInt32, in transaction: borrowing some Transaction & ~Copyable, below limit: UInt32,
        _ visit: (UnsafeBufferPointer<UInt32>) -> Void
    ) throws {
        try forEachBlock(of: node, in: transaction) { block in
            try unsafe block.forEachGroup(below: limit, visit)
            return true
        }
    }

    /// Appends the node's whole list, with its columns, to `list`.
    func read(
        _ node: UInt32, in transaction: borrowing some Transaction & ~Copyable, into list: inout NeighborList
    ) throws {
        try forEachBlock(of: node, in: transaction) { block in
            try list.append(block)
            return true
        }
    }

    /// Visits the node's neighbours that are not below `start`, in ascending order, until `visit` answers false.
    func forEachNeighbor(
        of node: UInt32, startingAt start: UInt32 = 0, in transaction: borrowing some Transaction & ~Copyable,
        _ visit: (UInt32, EdgeValue) throws -> Bool
    ) throws {
        var cursor = try transaction.cursor(in: database)
        guard try cursor.value(at: AdjacencyTable.key(node)) != nil else { return }
        let startKey = start == 0 ? AdjacencyTable.key(node) : try blockKey(for: start, of: node, by: &cursor)
        var list = NeighborList(columns: columns)
        try forEachBlock(from: startKey, by: &cursor) { block in
            list.removeAll(columns: columns)
            try list.append(block)
            for index in list.insertionIndex(of: start)..<list.count {
                guard try visit(list.neighbors[index], EdgeValue(list.value(at: index))) else { return false }
            }
            return true
        }
    }

    /// Visits every block of the table in the order of its keys.
    func forEachBlock(
        in transaction: borrowing ReadTransaction,
        _ visit: (_ node: UInt32, _ isFirst: Bool, _ block: borrowing NeighborBlock) throws -> Void
    ) throws {
        var cursor = try transaction.cursor(in: database)
        var entry = try cursor.first()
        while let current = entry {
            let key = current.key
            do {
                try visit(UInt32(key >> 32), UInt32(truncatingIfNeeded: key) == 0, try NeighborBlock(current.value))
            } catch let error as BlockError {
                throw GraphStoreError.damaged(self, UInt32(key >> 32), error)
            }
            entry = try cursor.next()
        }
    }

    /// Visits every node that has neighbours, ascending, with its whole list.
    func forEachList(
        in transaction: borrowing some Transaction & ~Copyable,
        _ visit: (_ node: UInt32, _ list: NeighborList) throws -> Void
    ) throws {
        var cursor = try transaction.cursor(in: database)
        var list = NeighborList(columns: columns)
        var entry = try cursor.first()
        while let current = entry {
            let node = UInt32(current.key >> 32)
            let isLast: Bool
            do {
                let block = try NeighborBlock(current.value)
                try list.append(block)
                isLast = block.isLast
            } catch {
                throw GraphStoreError.damaged(self, node, error)
            }
            if isLast {
                try visit(node, list)
                list.removeAll(columns: columns)
            }
            entry = try cursor.next()
        }
    }

    /// Visits every edge of the table: nodes ascending, then neighbours ascending.
    func forEachEdge(
        in transaction: borrowing some Transaction & ~Copyable,
        _ visit: (_ node: UInt32, _ neighbor: UInt32, EdgeValue) throws -> Void
    ) throws {
        var cursor = try transaction.cursor(in: database)
        var list = NeighborList(columns: columns)
        var entry = try cursor.first()
        while let current = entry {
            let node = UInt32(current.key >> 32)
            do {
                list.removeAll(columns: columns)
                try list.append(try NeighborBlock(current.value))
            } catch {
                throw GraphStoreError.damaged(self, node, error)
            }
            for index in 0..<list.count { try visit(node, list.neighbors[index], EdgeValue(list.value(at: index))) }
            entry = try cursor.next()
        }
    }

    /// Visits every node that has neighbours, ascending, with how many; decodes none of them.
    func forEachDegree(
        in transaction: borrowing some Transaction & ~Copyable, _ visit: (_ node: UInt32, _ degree: Int) throws -> Void
    ) throws {
        var cursor = try transaction.cursor(in: database)
        var entry = try cursor.first()
        while let current = entry {
            // The blocks of a node that are not its first have their first neighbour in the key, which is above 0.
            if UInt32(truncatingIfNeeded: current.key) == 0 {
                let node = UInt32(current.key >> 32)
                do {
                    try visit(node, Int(try NeighborBlock(current.value).degree))
                } catch let error as BlockError {
                    throw GraphStoreError.damaged(self, node, error)
                }
            }
            entry = try cursor.next()
        }
    }

    /// What the edge from `node` to `neighbor` carries, or nil when there is none. One or two lookups.
    func edge(
        from node: UInt32, to neighbor: UInt32, in transaction: borrowing some Transaction & ~Copyable
    ) throws -> EdgeValue? {
        var cursor = try transaction.cursor(in: database)
        return try edge(from: node, to: neighbor, by: &cursor)
    }

    /// ``edge(from:to:in:)`` by a cursor.
    func edge(from node: UInt32, to neighbor: UInt32, by cursor: inout Cursor<UInt64>) throws -> EdgeValue? {
        guard let first = try cursor.value(at: AdjacencyTable.key(node)) else { return nil }
        do {
            let block = try NeighborBlock(first)
            if block.isLast || neighbor < block.first { return try value(of: neighbor, in: block) }
            let key = try blockKey(for: neighbor, of: node, by: &cursor)
            guard let bytes = try cursor.value(at: key) else { return nil }
            return try value(of: neighbor, in: NeighborBlock(bytes))
        } catch let error as BlockError {
            throw GraphStoreError.damaged(self, node, error)
        }
    }

    /// The key of the node's block that holds `neighbor`, or would: the last key not above `node << 32 | neighbor`.
    func blockKey(for neighbor: UInt32, of node: UInt32, by cursor: inout Cursor<UInt64>) throws -> UInt64 {
        let found = try cursor.seek(atOrBefore: AdjacencyTable.key(node, neighbor))?.key
        guard let found, found >> 32 == UInt64(node) else {
            throw GraphStoreError.damaged(table: name, node: node, reason: "its first block is missing")
        }
        return found
    }

    private func value(of neighbor: UInt32, in block: borrowing NeighborBlock) throws(BlockError) -> EdgeValue? {
        guard let index = try block.firstIndex(of: neighbor) else { return nil }
        return EdgeValue(try block.value(at: index))
    }
}

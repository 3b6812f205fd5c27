import Adjacency
import LMDB

/// Reused memory of a writer: the block being edited, as a list, and the bytes it becomes; and the same for dictionaries.
struct EditingScratch: ~Copyable {
    var list = NeighborList()
    var block = BlockBuffer()
    var dictionary = DictionaryScratch()
}

/// Editing a list in place: find the block, decode it, change it, put it back.
///
/// An edit rewrites one block, and the head of the node's first block too when the degree changed and the list has
/// several. A block that no longer fits is split: in halves; or, when what was added is the last of the whole list, just
/// before that, so that a list that grows by ever newer nodes keeps its blocks full.
extension AdjacencyTable {
    /// Puts the edge from `node` to `neighbor`: new, or combined with the one there.
    ///
    /// - Parameter type: by whose rule it is combined; in the place of the one there when nil.
    /// - Returns: the value the edge has now, whether it is new, and how many neighbours the node has now.
    /// - Throws: ``WeightSumError``, before anything was changed.
    func put(
        _ neighbor: UInt32, of node: UInt32, value: EdgeValue, combinedBy type: EdgeType?,
        in transaction: inout WriteTransaction, scratch: inout EditingScratch
    ) throws -> (value: EdgeValue, isNew: Bool, degree: Int) {
        scratch.list.removeAll(columns: columns)
        let found = try load(blockFor: neighbor, of: node, in: transaction, into: &scratch.list)
        let place = found ?? Place(key: AdjacencyTable.key(node), isLast: true, degree: 0)
        let index = scratch.list.insertionIndex(of: neighbor)
        if index < scratch.list.count, scratch.list.neighbors[index] == neighbor {
            let combined = try type?.combining(EdgeValue(scratch.list.value(at: index)), value) ?? value
            scratch.list.replace(at: index, weight: combined.weight, time: combined.time)
            try store(place, of: node, degree: place.degree, addedAt: nil, in: &transaction, scratch: &scratch)
            return (combined, false, place.degree)
        }
        scratch.list.insert(neighbor, weight: value.weight, time: value.time, at: index)
        try store(place, of: node, degree: place.degree + 1, addedAt: index, in: &transaction, scratch: &scratch)
        return (value, true, place.degree + 1)
    }

    /// Removes the edge from `node` to `neighbor`.
    ///
    /// - Returns: how many neighbours the node has left, or nil when there was no such edge.
    func remove(
        _ neighbor: UInt32, of node: UInt32, in transaction: inout WriteTransaction, scratch: inout EditingScratch
    ) throws -> Int? {
        scratch.list.removeAll(columns: columns)
        guard let place = try load(blockFor: neighbor, of: node, in: transaction, into: &scratch.list) else {
            return nil
        }
        let index = scratch.list.insertionIndex(of: neighbor)
        guard index < scratch.list.count, scratch.list.neighbors[index] == neighbor else { return nil }
        scratch.list.remove(at: index)
        if scratch.list.count > 0 {
            try store(place, of: node, degree: place.degree - 1, addedAt: nil, in: &transaction, scratch: &scratch)
        } else {
            try removeEmptied(place, of: node, in: &transaction, block: &scratch.block)
        }
        return place.degree - 1
    }

    /// Removes the node's whole list.
    func removeList(of node: UInt32, in transaction: inout WriteTransaction) throws {
        while let key = try firstBlockKey(of: node, in: transaction) {
            try removeBlock(key, in: &transaction)
        }
    }
}

/// A block found for editing.
private struct Place {
    let key: UInt64
    /// Whether it is the node's last block.
    let isLast: Bool
    /// The degree of the whole list before the edit.
    let degree: Int

    /// The neighbour in the key; 0 in the key of a first block.
    var keyedNeighbor: UInt32 { UInt32(truncatingIfNeeded: key) }
    var isFirst: Bool { keyedNeighbor == 0 }
}

extension AdjacencyTable {
    /// Decodes the block that holds `neighbor`, or would, into `list`; nil when the node has no list.
    private func load(
        blockFor neighbor: UInt32, of node: UInt32, in transaction: borrowing WriteTransaction,
        into list: inout NeighborList
    ) throws -> Place? {
        var blocks = blocks(in: transaction)
        guard let first = try blocks.value(at: AdjacencyTable.key(node)) else { return nil }
        do {
            let head = try NeighborBlock(first)
            // No list has more; one more still fits 32 bits.
            guard head.degree < UInt32.max else {
                throw GraphStoreError.damaged(table: name, node: node, reason: "its degree is \(head.degree)")
            }
            let degree = Int(head.degree)
            if head.isLast {
                // An edited block gets a new check byte, which must not hide old damage.
                try head.validateCheck()
                try list.append(head)
                return Place(key: AdjacencyTable.key(node), isLast: true, degree: degree)
            }
            let key = try blockKey(for: neighbor, of: node, by: &blocks)
            guard let bytes = try blocks.value(at: key) else { return nil }
            let block = try NeighborBlock(bytes)
            try block.validateCheck()
            try list.append(block)
            return Place(key: key, isLast: block.isLast, degree: degree)
        } catch let error as BlockError {
            throw GraphStoreError.damaged(self, node, error)
        }
    }

    /// Puts the edited list back as the block it came from, or as several when it no longer fits in one.
    private func store(
        _ place: Place, of node: UInt32, degree: Int, addedAt index: Int?, in transaction: inout WriteTransaction,
        scratch: inout EditingScratch
    ) throws {
        let growsAtEnd = place.isLast && index == scratch.list.count - 1
        let pieces = NeighborBlockEncoder.split(scratch.list, growsAtEnd: growsAtEnd)
        if !place.isFirst, scratch.list.neighbors[0] != place.keyedNeighbor {
            try removeBlock(place.key, in: &transaction)
        }
        for (number, piece) in pieces.enumerated() {
            let isFirst = place.isFirst && number == 0
            let isLast = place.isLast && number == pieces.count - 1
            scratch.block.encode(
                piece, of: scratch.list, isLast: isLast, degree: isFirst && !isLast ? UInt32(degree) : nil)
            let key = AdjacencyTable.key(node, isFirst ? 0 : scratch.list.neighbors[piece.lowerBound])
            try put(scratch.block.span, forKey: key, in: &transaction)
        }
        if !place.isFirst, degree != place.degree {
            try rewriteHead(
                AdjacencyTable.key(node), degree: degree, isLast: false, in: &transaction, block: &scratch.block)
        }
    }

    /// Takes an emptied block out: the blocks around it take over what it said about the list.
    private func removeEmptied(
        _ place: Place, of node: UInt32, in transaction: inout WriteTransaction, block buffer: inout BlockBuffer
    ) throws {
        let head = AdjacencyTable.key(node)
        let degree = place.degree - 1
        try removeBlock(place.key, in: &transaction)
        if degree == 0 { return }
        if place.isFirst {
            guard let second = try firstBlockKey(of: node, in: transaction) else {
                throw GraphStoreError.damaged(table: name, node: node, reason: "its blocks after the first are missing")
            }
            try rewriteHead(second, as: head, degree: degree, isLast: nil, in: &transaction, block: &buffer)
            try removeBlock(second, in: &transaction)
            return
        }
        var isHeadLast = false
        if place.isLast {
            let previous = try lastBlockKey(of: node, before: place.keyedNeighbor, in: transaction)
            isHeadLast = previous == head
            if !isHeadLast {
                try rewriteHead(previous, degree: nil, isLast: true, in: &transaction, block: &buffer)
            }
        }
        try rewriteHead(head, degree: degree, isLast: isHeadLast, in: &transaction, block: &buffer)
    }

    /// Changes what the head of a block says and leaves its neighbours alone.
    ///
    /// - Parameters:
    ///   - newKey: where the block goes; where it was unless given.
    ///   - degree: the degree of the list; stored unless the block is the last, and so the only one.
    ///   - isLast: whether it is the node's last block; what it said before when nil.
    func rewriteHead(
        _ key: UInt64, as newKey: UInt64? = nil, degree: Int?, isLast: Bool?, in transaction: inout WriteTransaction,
        block buffer: inout BlockBuffer
    ) throws {
        let node = UInt32(key >> 32)
        do {
            guard let old = try block(forKey: key, in: transaction) else {
                throw GraphStoreError.damaged(table: name, node: node, reason: "its first block is missing")
            }
            let block = try NeighborBlock(old)
            let isLast = isLast ?? block.isLast
            try buffer.encode(block, isLast: isLast, degree: isLast ? nil : degree.map(UInt32.init))
        } catch let error as BlockError {
            throw GraphStoreError.damaged(self, node, error)
        }
        try put(buffer.span, forKey: newKey ?? key, in: &transaction)
    }

    private func firstBlockKey(of node: UInt32, in transaction: borrowing WriteTransaction) throws -> UInt64? {
        var blocks = blocks(in: transaction)
        guard let key = try blocks.seek(atOrAfter: AdjacencyTable.key(node))?.key, key >> 32 == UInt64(node) else {
            return nil
        }
        return key
    }

    private func lastBlockKey(
        of node: UInt32, before neighbor: UInt32, in transaction: borrowing WriteTransaction
    ) throws -> UInt64 {
        var blocks = blocks(in: transaction)
        return try blockKey(for: neighbor, of: node, by: &blocks)
    }
}

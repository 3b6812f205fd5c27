import Adjacency
import LMDB

/// One list of a store while ascending neighbours are merged into it: how a load adds to a list that is there.
///
/// Where few are added to many they are put one by one. Else the list is written anew: its blocks are taken out of the table
/// one after the other, and the merged list goes in behind them, so that a list of any length takes the memory of some
/// blocks.
/// ```
/// old blocks, still in the table       [905 ... 1211] [1220 ... 1750]
/// old: the block taken out last        [311 ... 902]
/// merged, not written yet              [207 ... 340]
/// new blocks, in the table   [1 ... 203]
/// ```
/// **Invariant:** what is merged is below all that is left of the old list, so no new block gets the key of an old one.
struct ListMerge {
    let node: UInt32
    let edges: EdgeTables
    let direction: EdgeDirection
    private let table: AdjacencyTable
    private let isRewritten: Bool

    /// The old block taken out last, and how much of it is merged.
    private var old: NeighborList
    private var place = 0
    /// Where the next old block may begin; nil when there is none.
    private var nextOldKey: UInt64?
    /// What is merged and not yet in new blocks, and how many neighbours are.
    private var merged: NeighborList
    private var writtenCount = 0

    /// New blocks are written when so many neighbours wait.
    private static let mergedMax = 16 * NeighborBlock.neighborsMax

    /// - Parameters:
    ///   - degree: how many neighbours the list has.
    ///   - isRewritten: whether the list is written anew.
    init(into node: UInt32, of edges: EdgeTables, _ direction: EdgeDirection, degree: Int, isRewritten: Bool) {
        self.node = node
        self.edges = edges
        self.direction = direction
        self.isRewritten = isRewritten
        table = edges.table(direction)
        old = NeighborList(columns: table.columns)
        merged = NeighborList(columns: table.columns)
        nextOldKey = degree > 0 ? AdjacencyTable.key(node) : nil
    }
}

extension ListMerge {
    /// Merges the next neighbour, which is above those before it; answers whether it is new.
    ///
    /// - Throws: ``WeightSumError``.
    mutating func add(
        _ neighbor: UInt32, _ value: EdgeValue, in transaction: inout WriteTransaction, scratch: inout EditingScratch
    ) throws -> Bool {
        guard isRewritten else {
            return try table.put(
                neighbor, of: node, value: value, repetition: edges.type.repetition, in: &transaction, scratch: &scratch
            ).isNew
        }
        while try hasOld(in: &transaction), old.neighbors[place] < neighbor {
            try keepOld(in: &transaction, scratch: &scratch)
        }
        if place < old.count, old.neighbors[place] == neighbor {
            let combined = try edges.type.repetition.combining(EdgeValue(old.value(at: place)), value)
            place += 1
            try append(neighbor, combined, in: &transaction, scratch: &scratch)
            return false
        }
        try append(neighbor, value, in: &transaction, scratch: &scratch)
        return true
    }

    /// Merges what is left of the old list.
    mutating func finish(in transaction: inout WriteTransaction, scratch: inout EditingScratch) throws {
        guard isRewritten else { return }
        while try hasOld(in: &transaction) { try keepOld(in: &transaction, scratch: &scratch) }
        let degree = writtenCount + merged.count
        let hasHead = writtenCount > 0
        try write(degree: degree, in: &transaction, scratch: &scratch)
        if hasHead {
            try table.rewriteHead(
                AdjacencyTable.key(node), degree: degree, isLast: false, in: &transaction, block: &scratch.block)
        }
    }

    private mutating func keepOld(in transaction: inout WriteTransaction, scratch: inout EditingScratch) throws {
        let (neighbor, value) = (old.neighbors[place], EdgeValue(old.value(at: place)))
        place += 1
        try append(neighbor, value, in: &transaction, scratch: &scratch)
    }

    private mutating func append(
        _ neighbor: UInt32, _ value: EdgeValue, in transaction: inout WriteTransaction, scratch: inout EditingScratch
    ) throws {
        merged.append(neighbor, weight: value.weight, time: value.time)
        guard merged.count == ListMerge.mergedMax else { return }
        // How many there will be is not known yet: the first block, which says it, is written again at the end. The last is
        // what stays here.
        try write(degree: Int(UInt32.max), in: &transaction, scratch: &scratch)
    }

    /// Puts what is merged into blocks: all of it when it is the rest of a list of `degree` neighbours.
    private mutating func write(
        degree: Int, in transaction: inout WriteTransaction, scratch: inout EditingScratch
    ) throws {
        let taken = try scratch.block.encodePart(of: merged, at: writtenCount, of: degree) { first, block in
            try table.put(block, forKey: AdjacencyTable.key(node, first), in: &transaction)
        }
        merged.removeFirst(taken)
        writtenCount += taken
    }

    /// Whether anything is left of the old list; takes its next block out of the table where the last one is merged.
    private mutating func hasOld(in transaction: inout WriteTransaction) throws -> Bool {
        if place < old.count { return true }
        guard let start = nextOldKey else { return false }
        let last = old.neighbors.last
        old.removeAll()
        place = 0
        let key = try takeOld(from: start, in: transaction)
        if let last, old.neighbors[0] <= last {
            throw GraphStoreError.damaged(table, node, .notAscending(neighbor: old.neighbors[0], previous: last))
        }
        try table.removeBlock(key, in: &transaction)
        return true
    }

    /// Decodes the next old block; answers its key.
    private mutating func takeOld(from start: UInt64, in transaction: borrowing WriteTransaction) throws -> UInt64 {
        var blocks = table.blocks(in: transaction)
        guard let entry = try blocks.seek(atOrAfter: start), entry.key >> 32 == UInt64(node) else {
            throw GraphStoreError.damaged(table: table.name, node: node, reason: "its last block is missing")
        }
        do {
            let block = try NeighborBlock(entry.value)
            // A list written anew gets new check bytes, which must not hide old damage.
            try block.validateCheck()
            try old.append(block)
            nextOldKey = block.isLast ? nil : entry.key + 1
        } catch {
            throw GraphStoreError.damaged(table, node, error)
        }
        return entry.key
    }
}

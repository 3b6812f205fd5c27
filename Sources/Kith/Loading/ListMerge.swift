import Adjacency
import LMDB

/// Lists of a store while ascending neighbours are merged into them, one list after the other: what becomes of the blocks,
/// found out by reading alone.
///
/// Where few are added to many, the blocks they go into are made anew, one by one. Else the list is made anew from the first
/// block on that changes, in full blocks. A list that stays as it is has no edits, whatever its blocks are cut like.
/// ```
/// old blocks         [1 ... 203] [311 ... 902] [905 ... 1211] [1220 ... 1750]
/// kept               [1 ... 203]                                                  nothing changes there
/// old: being merged              [311 ... 902]
/// merged, not cut                [207 ... 340]
/// ```
/// **Invariant:** what is merged is below all that is left of the old list, so a new block has the key of an old one only
/// where it takes its place.
///
/// **Unsafety:** points at the blocks of the list that is being merged; the transaction, which this cannot outlive, is not
/// changed meanwhile.
@safe struct ListMerge: ~Copyable, ~Escapable {
    private let edges: EdgeTables
    private let table: AdjacencyTable
    private let direction: EdgeDirection
    private var blocks: Cursor<UInt64>
    private var output: BlockOutput

    // The list.
    private var node: UInt32 = 0
    private var degree = 0
    private var isRewritten = true
    private var state = ListState()

    /// The old block being merged, and how much of it is.
    private var old: NeighborList
    private var place = 0
    private var oldKey: UInt64 = 0
    private var isOldLast = true
    /// The first key that cannot be in the old block; of a list that is not rewritten.
    private var oldEnd: UInt64 = 0
    /// How many neighbours are in old blocks that stay, in front of those that are made anew.
    private var keptCount = 0

    /// Whether anything is to be made anew: of the whole list, or of the block.
    private var isChanged = false
    /// What is merged and not in new blocks yet, and how many are in new blocks or stay in front of them.
    private var merged: NeighborList
    private var writtenCount = 0
    private var block = BlockBuffer()
    /// The first block as the store has it, where the list is longer.
    private var oldHead: BlockOutput.Old?

    /// New blocks are cut when so many neighbours wait.
    private static let mergedMax = 16 * NeighborBlock.neighborsMax
    /// A list is rewritten when more than one in so many of its neighbours changes; else block by block.
    private static let rewriteShare = 32

    /// - Parameter edits: where it is noted what becomes of the blocks.
    @_lifetime(borrow transaction)
    init(
        into edges: EdgeTables, _ direction: EdgeDirection, in transaction: borrowing some Transaction & ~Copyable,
        edits: BlockEdits
    ) {
        self.edges = edges
        self.direction = direction
        output = BlockOutput(edits)
        table = edges.table(direction)
        blocks = table.blocks(in: transaction)
        old = NeighborList(columns: table.columns)
        merged = NeighborList(columns: table.columns)
    }
}

/// One list.
extension ListMerge {
    /// Begins with the list of a node into which `count` neighbours are to be merged.
    mutating func begin(_ node: UInt32, count: Int) throws {
        self.node = node
        state = ListState(node: node)
        state.editCount = -output.edits.count
        (degree, isRewritten, isOldLast, isChanged) = (0, true, true, false)
        (place, oldEnd, keptCount, writtenCount) = (0, 0, 0, 0)
        old.removeAll()
        merged.removeAll()
        output.begin()
        oldHead = nil
        let key = AdjacencyTable.key(node)
        guard let bytes = try blocks.value(at: key) else { return }
        do {
            let head = try NeighborBlock(bytes)
            degree = Int(head.degree)
            if !head.isLast { oldHead = BlockOutput.Old(key, bytes) }
        } catch {
            throw GraphStoreError.damaged(table, node, error)
        }
        isRewritten = count * ListMerge.rewriteShare >= degree
        state.proof.add(bytes)
        if isRewritten { try load(key, bytes) } else { state.proof.noteKey(key) }
    }

    /// Merges the next neighbour, which is above those before it.
    ///
    /// - Throws: ``WeightSumError``, ``GraphStoreError/damaged(table:node:reason:)``.
    mutating func add(_ neighbor: UInt32, _ value: EdgeValue) throws {
        let key = AdjacencyTable.key(node, neighbor)
        if !isRewritten, key >= oldEnd {
            try leaveBlock()
            try enterBlock(for: neighbor)
        }
        while true {
            try keep(old.insertionIndex(of: neighbor, from: place))
            guard place == old.count, isRewritten, try loadNext() else { break }
        }
        if place < old.count, old.neighbors[place] == neighbor {
            let before = EdgeValue(old.value(at: place))
            let combined = try edges.type.combining(before, value)
            if !combined.isSame(as: before) { beginChange() }
            place += 1
            if isChanged { try append(neighbor, combined) }
            return
        }
        beginChange()
        state.addedCount += 1
        if edges.type.isSymmetric ? neighbor >= node : direction == .out { state.countedCount += 1 }
        try append(neighbor, value)
    }

    /// Ends with the list; answers what is to become of it.
    mutating func finish() throws -> ListState {
        if isRewritten {
            while true {
                try keep(old.count)
                guard try loadNext() else { break }
            }
            if isChanged {
                let newDegree = writtenCount + merged.count
                try cut(degree: newDegree)
                try output.passOld(below: .max)
                try finishHead(newDegree)
            }
        } else {
            try leaveBlock()
            try finishHead(degree + state.addedCount)
        }
        state.isNew = degree == 0 && state.addedCount > 0
        state.editCount += output.edits.count
        return state
    }
}

/// The old list.
extension ListMerge {
    /// Decodes an old block, to be merged next.
    private mutating func load(_ key: UInt64, _ bytes: RawSpan) throws {
        let last = old.neighbors.last
        old.removeAll()
        place = 0
        do {
            let block = try NeighborBlock(bytes)
            // A list written anew gets new check bytes, which must not hide old damage.
            try block.validateCheck()
            try old.append(block)
            isOldLast = block.isLast
        } catch {
            throw GraphStoreError.damaged(table, node, error)
        }
        if isRewritten, let last, old.neighbors[0] <= last {
            throw GraphStoreError.damaged(table, node, .notAscending(neighbor: old.neighbors[0], previous: last))
        }
        oldKey = key
        output.take(BlockOutput.Old(key, bytes))
    }

    /// Goes on to the next old block of a list that is rewritten; false when there is none.
    private mutating func loadNext() throws -> Bool {
        if isOldLast { return false }
        guard let entry = try blocks.next(), entry.key >> 32 == UInt64(node) else {
            throw GraphStoreError.damaged(table: table.name, node: node, reason: "its last block is missing")
        }
        state.proof.add(entry.value)
        if !isChanged {
            keptCount += old.count
            output.forgetOld()
        }
        try load(entry.key, entry.value)
        return true
    }

    /// Goes on to the old block in which a neighbour of a list that is not rewritten is, or would be.
    private mutating func enterBlock(for neighbor: UInt32) throws {
        let key = try table.blockKey(for: neighbor, of: node, by: &blocks)
        guard let bytes = try blocks.value(at: key) else { return }
        if key != AdjacencyTable.key(node) {
            state.proof.noteKey(key)
            state.proof.add(bytes)
        }
        output.forgetOld()
        try load(key, bytes)
        let next = isOldLast ? nil : try blocks.next()?.key
        oldEnd = next ?? AdjacencyTable.key(node, .max) + 1
        guard oldEnd > key, isOldLast || oldEnd >> 32 == UInt64(node) else {
            throw GraphStoreError.damaged(table: table.name, node: node, reason: "its last block is missing")
        }
    }

    /// Merges what is left of the old block up to a place in it.
    private mutating func keep(_ end: Int) throws {
        if isChanged, end > place {
            merged.append(place..<end, of: old)
            if isRewritten { try cutMany() }
        }
        place = end
    }

    /// Says that the list, or the block, is made anew: with what was passed of the old block.
    private mutating func beginChange() {
        if isChanged { return }
        isChanged = true
        writtenCount = keptCount
        merged.append(0..<place, of: old)
    }

    private mutating func append(_ neighbor: UInt32, _ value: EdgeValue) throws {
        merged.append(neighbor, weight: value.weight, time: value.time)
        if isRewritten { try cutMany() }
    }
}

/// New blocks.
extension ListMerge {
    /// Cuts blocks when there is much to cut; the last few neighbours stay.
    private mutating func cutMany() throws {
        // How many there will be is not known yet: the first block, which says it, is noted at the end.
        if merged.count >= ListMerge.mergedMax { try cut(degree: Int(UInt32.max)) }
    }

    /// Cuts full blocks of a list that is rewritten: of all that is merged when that is the rest of `degree` neighbours.
    private mutating func cut(degree: Int) throws {
        let taken = try ListMerge.cut(merged, at: writtenCount, of: degree, node, by: &block, into: &output)
        merged.removeFirst(taken)
        writtenCount += taken
    }

    /// Apart from `self`, because blocks are lent while they are handed on.
    private static func cut(
        _ merged: NeighborList, at offset: Int, of degree: Int, _ node: UInt32, by block: inout BlockBuffer,
        into output: inout BlockOutput
    ) throws -> Int {
        try block.encodePart(of: merged, at: offset, of: degree) { first, block in
            if first == 0, degree == UInt32.max {
                output.hold(block)
            } else {
                try output.put(block, forKey: AdjacencyTable.key(node, first))
            }
        }
    }

    /// Ends with an old block of a list that is not rewritten: as one new block, or as several when it no longer fits.
    private mutating func leaveBlock() throws {
        guard isChanged else { return }
        try keep(old.count)
        isChanged = false
        let isHead = oldKey == AdjacencyTable.key(node)
        let pieces = pieces()
        for (number, piece) in pieces.enumerated() {
            let isFirst = isHead && number == 0
            let isLast = isOldLast && number == pieces.count - 1
            block.encode(piece, of: merged, isLast: isLast, degree: isFirst && !isLast ? UInt32.max : nil)
            let key = AdjacencyTable.key(node, isFirst ? 0 : merged.neighbors[piece.lowerBound])
            try ListMerge.handOn(block, forKey: key, isHeld: isFirst && !isLast, to: &output)
        }
        merged.removeAll()
    }

    /// How the merged block is cut: in halves that have room to grow, but in full blocks where all that is new comes behind
    /// the old end of the list, as ever newer nodes do.
    private func pieces() -> [Range<Int>] {
        let growsAtEnd =
            isOldLast && merged.count > old.count && merged.neighbors[old.count - 1] == old.neighbors.last
        guard growsAtEnd else { return NeighborBlockEncoder.split(merged, growsAtEnd: false) }
        var pieces: [Range<Int>] = []
        var start = 0
        while start < merged.count {
            let end = start + NeighborBlockEncoder.fittingCount(start..<merged.count, of: merged)
            pieces.append(start..<end)
            start = end
        }
        return pieces
    }

    /// Notes the first block of a list of several, when it is to tell another degree, or was held until that was known.
    private mutating func finishHead(_ newDegree: Int) throws {
        do {
            if !output.held.isEmpty {
                try output.encodeHeld(by: &block, degree: UInt32(newDegree))
            } else if let oldHead, keptCount > 0 || !isRewritten, newDegree != degree {
                try unsafe block.encode(
                    NeighborBlock(RawSpan(_unsafeBytes: oldHead.bytes)), isLast: false, degree: UInt32(newDegree))
            } else {
                return
            }
        } catch {
            throw GraphStoreError.damaged(table, node, error)
        }
        try ListMerge.handOn(block, forKey: AdjacencyTable.key(node), isHeld: false, to: &output)
    }

    /// Apart from `self`, as ``cut(_:at:of:_:by:into:)`` is.
    private static func handOn(
        _ block: borrowing BlockBuffer, forKey key: UInt64, isHeld: Bool, to output: inout BlockOutput
    ) throws {
        if isHeld { output.hold(block.span) } else { try output.put(block.span, forKey: key) }
    }
}

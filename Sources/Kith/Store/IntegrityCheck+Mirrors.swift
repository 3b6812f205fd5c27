import Adjacency
import LMDB

extension IntegrityCheck {
    /// Proves that the two directions of a type hold the same edges with the same values.
    mutating func checkMirrors(_ edges: EdgeTables, in transaction: borrowing ReadTransaction) throws {
        let walked = try edges.out.blockCount(in: transaction)
        var next: MirrorRange? = try nextRange(of: edges.in, from: 0, in: transaction)
        while let range = next {
            var mirror = try MirrorLists(of: range, table: edges.in, in: transaction)
            // All of one direction is walked for each range of the other: together as many steps as the range has blocks.
            let steps = walked > 0 ? Double(range.blocks) / Double(walked) : 0
            try gather(from: edges.out, into: &mirror, stepping: steps, in: transaction)
            try compare(mirror, with: edges.in, opposite: edges.out, in: transaction)
            let end = range.targets.upperBound
            next = end == .max ? nil : try nextRange(of: edges.in, from: end, in: transaction)
        }
    }

    /// Nodes whose lists are gathered at once.
    fileprivate struct MirrorRange {
        let targets: Range<UInt32>
        /// The first of them that has a list.
        let first: UInt32
        /// How many blocks their lists are.
        let blocks: Int
    }

    /// The ids from `start` on whose lists fit the memory; the last range ends at the greatest id.
    ///
    /// By what blocks hold, and not by what they say of their list: memory is then bounded by the file.
    private mutating func nextRange(
        of table: AdjacencyTable, from start: UInt32, in transaction: borrowing ReadTransaction
    ) throws -> MirrorRange {
        var bytes = 0
        var blocks = 0
        var first: UInt32?
        var last = start
        var cursor = table.blocks(in: transaction)
        var entry = try cursor.seek(atOrAfter: AdjacencyTable.key(start))
        while let current = entry {
            try step(0)
            let node = UInt32(current.key >> 32)
            if let count = try? NeighborBlock(current.value).count {
                bytes += count * MirrorLists.bytesPerEdgeMax
                // Ids without a list between two that have one take memory, too.
                if first != nil { bytes += (Int(node) - Int(last)) * MirrorLists.bytesPerNode }
                if let first, node != last, bytes > mirrorBytesMax {
                    return MirrorRange(targets: start..<last + 1, first: first, blocks: blocks)
                }
                first = first ?? node
                last = node
            }
            blocks += 1
            entry = try cursor.next()
        }
        return MirrorRange(targets: start..<UInt32.max, first: first ?? start, blocks: blocks)
    }

    private mutating func gather(
        from table: AdjacencyTable, into mirror: inout MirrorLists, stepping steps: Double,
        in transaction: borrowing ReadTransaction
    ) throws {
        var list = NeighborList(columns: table.columns)
        var cursor = table.blocks(in: transaction)
        var entry = try cursor.first()
        while let current = entry {
            try step(steps)
            let node = UInt32(current.key >> 32)
            list.removeAll(columns: table.columns)
            if let block = try? NeighborBlock(current.value), (try? list.append(block)) != nil {
                for index in 0..<list.count where mirror.targets.contains(list.neighbors[index]) {
                    if !mirror.append(node, value: EdgeValue(list.value(at: index)), to: list.neighbors[index]) {
                        note(
                            .missingMirror, table.name, node,
                            "the edge to node id \(list.neighbors[index]) is one more than that node has in the other direction"
                        )
                    }
                }
            }
            entry = try cursor.next()
        }
    }

    private mutating func compare(
        _ mirror: MirrorLists, with table: AdjacencyTable, opposite: AdjacencyTable,
        in transaction: borrowing ReadTransaction
    ) throws {
        var list = NeighborList(columns: table.columns)
        var cursor = table.blocks(in: transaction)
        var entry = try cursor.seek(atOrAfter: AdjacencyTable.key(mirror.targets.lowerBound))
        var position = 0
        var node: UInt32?
        while let current = entry, mirror.targets.contains(UInt32(current.key >> 32)) {
            try step()
            let owner = UInt32(current.key >> 32)
            if owner != node {
                if let node { noteRest(of: mirror, at: node, from: position, in: table, opposite) }
                node = owner
                position = 0
            }
            list.removeAll(columns: table.columns)
            if let block = try? NeighborBlock(current.value), (try? list.append(block)) != nil {
                for index in 0..<list.count {
                    match(list, index, of: owner, mirror, &position, in: table, opposite)
                }
            }
            entry = try cursor.next()
        }
        if let node { noteRest(of: mirror, at: node, from: position, in: table, opposite) }
    }

    /// Compares one stored edge with the next gathered one.
    private mutating func match(
        _ list: NeighborList, _ index: Int, of owner: UInt32, _ mirror: MirrorLists, _ position: inout Int,
        in table: AdjacencyTable, _ opposite: AdjacencyTable
    ) {
        let neighbor = list.neighbors[index]
        while let expected = mirror.edge(position, of: owner), expected.neighbor < neighbor {
            noteMissing(expected.neighbor, of: owner, in: table, presentIn: opposite)
            position += 1
        }
        guard let expected = mirror.edge(position, of: owner), expected.neighbor == neighbor else {
            noteMissing(owner, of: neighbor, in: opposite, presentIn: table)
            return
        }
        position += 1
        let value = EdgeValue(list.value(at: index))
        if value.weight.bitPattern != expected.value.weight.bitPattern || value.time != expected.value.time {
            note(
                .columns, table.name, owner,
                "the edge to node id \(neighbor) carries weight \(value.weight), time \(value.time) here, and weight "
                    + "\(expected.value.weight), time \(expected.value.time) in '\(opposite.name)'")
        }
    }

    private mutating func noteRest(
        of mirror: MirrorLists, at node: UInt32, from position: Int, in table: AdjacencyTable,
        _ opposite: AdjacencyTable
    ) {
        var position = position
        while let expected = mirror.edge(position, of: node) {
            noteMissing(expected.neighbor, of: node, in: table, presentIn: opposite)
            position += 1
        }
    }

    private mutating func noteMissing(
        _ neighbor: UInt32, of node: UInt32, in table: AdjacencyTable, presentIn opposite: AdjacencyTable
    ) {
        note(
            .missingMirror, table.name, node,
            "the edge to node id \(neighbor) is missing here and present in '\(opposite.name)'")
    }
}

/// The lists of a range of nodes, gathered from the other direction: sources scanned in ascending order append
/// themselves, so each list comes out ascending.
private struct MirrorLists {
    static let bytesPerEdgeMax = 12
    static let bytesPerNode = 2 * MemoryLayout<Int>.stride

    let targets: Range<UInt32>
    /// The node that list 0 is of.
    private let first: UInt32
    /// Where each list starts; one more at the end.
    private var starts: [Int]
    /// How much of each list is gathered.
    private var counts: [Int]
    private var neighbors: [UInt32]
    private var weights: [Float]
    private var times: [UInt32]

    /// Room for as many edges as the blocks of each list hold.
    init(
        of range: IntegrityCheck.MirrorRange, table: AdjacencyTable, in transaction: borrowing ReadTransaction
    ) throws {
        targets = range.targets
        first = range.first
        var degrees: [Int] = []
        var cursor = table.blocks(in: transaction)
        var entry = try cursor.seek(atOrAfter: AdjacencyTable.key(first))
        while let current = entry, targets.contains(UInt32(current.key >> 32)) {
            let index = Int(UInt32(current.key >> 32) - first)
            if let count = try? NeighborBlock(current.value).count {
                while degrees.count <= index { degrees.append(0) }
                degrees[index] += count
            }
            entry = try cursor.next()
        }
        var starts = [0]
        for degree in degrees { starts.append(starts[starts.count - 1] + degree) }
        self.starts = starts
        counts = Array(repeating: 0, count: degrees.count)
        let total = starts[starts.count - 1]
        neighbors = Array(repeating: 0, count: total)
        weights = table.columns.contains(.weight) ? Array(repeating: 0, count: total) : []
        times = table.columns.contains(.time) ? Array(repeating: 0, count: total) : []
    }

    /// Appends an edge; false when the list has as many as its blocks hold.
    mutating func append(_ neighbor: UInt32, value: EdgeValue, to target: UInt32) -> Bool {
        let place = Int(target) - Int(first)
        guard place >= 0, place < counts.count else { return false }
        let position = starts[place] + counts[place]
        guard position < starts[place + 1] else { return false }
        counts[place] += 1
        neighbors[position] = neighbor
        if !weights.isEmpty { weights[position] = value.weight }
        if !times.isEmpty { times[position] = value.time }
        return true
    }

    /// The gathered edge at `index` of the list of `target`, or nil past its end.
    func edge(_ index: Int, of target: UInt32) -> (neighbor: UInt32, value: EdgeValue)? {
        let place = Int(target) - Int(first)
        guard place >= 0, place < counts.count, index < counts[place] else { return nil }
        let position = starts[place] + index
        let value = EdgeValue(
            weight: weights.isEmpty ? 1 : weights[position], time: times.isEmpty ? 0 : times[position])
        return (neighbors[position], value)
    }
}

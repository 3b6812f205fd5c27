import Adjacency
import LMDB

/// Whole lists merged into those of a store: how a load adds to a graph that is there.
extension GraphTransaction {
    /// The id of a node: the one it has, or nil when it is new.
    func existingID(of key: NodeKey, in dictionary: NodeDictionary) throws -> UInt32? {
        guard let id = try dictionary.id(of: key, in: transaction) else { return nil }
        guard UInt64(id) < counters.kinds[dictionary.index].nextID else {
            throw dictionary.damagedIDs("the key '\(key)' has id \(id), which was never given")
        }
        return id
    }

    /// Adds a node that is not there, which gets the next id; by its key it is found after ``noteIDs(_:in:node:)``.
    mutating func appendNode(_ key: NodeKey, to dictionary: NodeDictionary) throws -> UInt32 {
        let id = try takeID(in: dictionary)
        try dictionary.append(key, id: id, in: &transaction, scratch: &scratch.dictionary)
        return id
    }

    /// Makes nodes that were appended, `count` in ascending order of keys, found by their keys.
    mutating func noteIDs(
        _ count: Int, in dictionary: NodeDictionary, node: (Int) throws -> (key: NodeKey, id: UInt32)
    ) throws {
        try dictionary.insertIDs(count, in: &transaction, scratch: &scratch.dictionary, node: node)
    }

    /// The id the next new node of a kind gets, by which a load sizes its memory.
    ///
    /// - Throws: ``GraphStoreError/damaged(table:node:reason:)`` when hardly any of very many ids is that of a node: a
    ///   reordering makes them few again, and none that many comes of adding and removing.
    func nextID(of dictionary: NodeDictionary) throws(GraphStoreError) -> Int {
        let kind = counters.kinds[dictionary.index]
        guard kind.nextID < GraphTransaction.idsWithoutNodesMax || kind.nextID / 64 <= kind.nodes else {
            throw .damaged(
                table: StoreMeta.tableName, node: nil,
                reason: "of \(kind.nextID) ids of kind '\(dictionary.kind)' only \(kind.nodes) are those of nodes; "
                    + "`kith compact --reorder` gives them anew")
        }
        return Int(kind.nextID)
    }

    /// So many ids are some hundred megabytes of memory.
    private static let idsWithoutNodesMax: UInt64 = 1 << 26

    /// Says that a type has so many more edges.
    mutating func addEdgeCount(_ count: Int, of edges: EdgeTables) {
        counters.edges[edges.index] &+= UInt64(count)
    }

    /// Merges ascending neighbours into a node's list, those that are there already by the rule of the type.
    ///
    /// - Parameter isCounted: which new neighbours count.
    /// - Returns: how many of those counted are new.
    /// - Throws: ``GraphStoreError/badWeightSum(_:_:_:_:)``.
    @unsafe
    mutating func merge(
        _ new: ListColumns, count: Int, into node: UInt32, of edges: EdgeTables, _ direction: EdgeDirection,
        counting isCounted: (UInt32) -> Bool
    ) throws -> Int {
        func value(_ index: Int) -> EdgeValue {
            unsafe EdgeValue(weight: new.weights?[index] ?? 1, time: new.times?[index] ?? 0)
        }
        let (table, repetition) = (edges.table(direction), edges.type.repetition)
        let degree = try table.degree(of: node, in: transaction)
        if degree == 0, count > 0 { counters.addLists(1, of: edges, direction) }
        var added = 0
        if count * GraphTransaction.rewriteShare < degree {
            for index in 0..<count {
                let neighbor = unsafe new.neighbors[index]
                let put: (value: EdgeValue, isNew: Bool, degree: Int)
                do {
                    put = try table.put(
                        neighbor, of: node, value: value(index), repetition: repetition, in: &transaction,
                        scratch: &scratch)
                } catch let error as WeightSumError {
                    throw try badSum(error, node, neighbor, of: edges, direction)
                }
                if put.isNew, isCounted(neighbor) { added += 1 }
            }
            return added
        }
        var old = NeighborList(columns: table.columns)
        try table.read(node, in: transaction, into: &old)
        var merged = NeighborList(columns: table.columns)
        var place = 0
        for index in 0..<count {
            let neighbor = unsafe new.neighbors[index]
            while place < old.count, old.neighbors[place] < neighbor {
                let kept = old.value(at: place)
                merged.append(old.neighbors[place], weight: kept.weight, time: kept.time)
                place += 1
            }
            var merging = value(index)
            if place < old.count, old.neighbors[place] == neighbor {
                do {
                    merging = try repetition.combining(EdgeValue(old.value(at: place)), merging)
                } catch {
                    throw try badSum(error, node, neighbor, of: edges, direction)
                }
                place += 1
            } else if isCounted(neighbor) {
                added += 1
            }
            merged.append(neighbor, weight: merging.weight, time: merging.time)
        }
        while place < old.count {
            let kept = old.value(at: place)
            merged.append(old.neighbors[place], weight: kept.weight, time: kept.time)
            place += 1
        }
        try table.replaceList(of: node, by: merged, in: &transaction, scratch: &scratch)
        return added
    }

    /// The error of a sum, with the keys of the edge.
    private func badSum(
        _ error: WeightSumError, _ node: UInt32, _ neighbor: UInt32, of edges: EdgeTables, _ direction: EdgeDirection
    ) throws -> GraphStoreError {
        let (sourceID, targetID) = direction == .out ? (node, neighbor) : (neighbor, node)
        guard let source = try edges.source.key(of: sourceID, in: transaction),
            let target = try edges.target.key(of: targetID, in: transaction)
        else {
            return .damaged(
                table: edges.table(direction).name, node: node, reason: "it has an edge of a node without a key")
        }
        return .badWeightSum(edges.type.name, source, target, error)
    }

    /// A list is written anew when more than one in so many of its neighbours changes; else neighbour by neighbour.
    private static let rewriteShare = 32
}

extension AdjacencyTable {
    /// Puts `list` in place of the node's whole list.
    func replaceList(
        of node: UInt32, by list: NeighborList, in transaction: inout WriteTransaction, scratch: inout EditingScratch
    ) throws {
        try removeList(of: node, in: &transaction)
        try scratch.block.encodeAll(of: list) { first, block in
            try transaction.put(block, forKey: AdjacencyTable.key(node, first), in: database)
        }
    }
}

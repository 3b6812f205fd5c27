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

    /// The id the next new node of a kind gets, by which loads and requests size their memory.
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

    /// Takes all edges of some types away; their nodes stay.
    ///
    /// The pages they were on are used again by later transactions, not by this one: so the file grows by what is put in
    /// their place.
    /// - Returns: how many edges each type had.
    /// - Complexity: O(pages of the types' tables), of which those above the lists are read; 8 bytes of memory a page.
    mutating func removeEdges(of types: Set<EdgeType.Name>) throws -> [EdgeType.Name: Int] {
        var removed: [EdgeType.Name: Int] = [:]
        for name in types {
            let edges = try tables.edges(name)
            removed[name] = Int(counters.edges[edges.index])
            try edges.out.removeAll(in: &transaction)
            // The tables of a symmetric type are one.
            if !edges.type.isSymmetric { try edges.in.removeAll(in: &transaction) }
            counters.removeEdges(of: edges)
        }
        return removed
    }

    /// Says that a type has so many more edges.
    mutating func addEdgeCount(_ count: Int, of edges: EdgeTables) {
        counters.edges[edges.index] &+= UInt64(count)
    }

    /// Begins to merge `count` ascending neighbours into a node's list, those that are there already by the rule of the type.
    mutating func beginMerge(
        of count: Int, into node: UInt32, of edges: EdgeTables, _ direction: EdgeDirection
    ) throws -> ListMerge {
        let degree = try edges.table(direction).degree(of: node, in: transaction)
        if degree == 0, count > 0 { counters.addLists(1, of: edges, direction) }
        return ListMerge(
            into: node, of: edges, direction, degree: degree,
            isRewritten: count * GraphTransaction.rewriteShare >= degree)
    }

    /// Merges the next part of what is merged into a list.
    ///
    /// - Parameter isCounted: which new neighbours count.
    /// - Returns: how many of those counted are new.
    /// - Throws: ``GraphStoreError/badWeightSum(_:_:_:_:)``. The list may be half merged then: the transaction must end without
    ///   a commit.
    @unsafe
    mutating func merge(
        _ part: ListColumns, count: Int, by merge: inout ListMerge, counting isCounted: (UInt32) -> Bool
    ) throws -> Int {
        var added = 0
        for index in 0..<count {
            let neighbor = unsafe part.neighbors[index]
            let value = unsafe EdgeValue(weight: part.weights?[index] ?? 1, time: part.times?[index] ?? 0)
            do {
                let isNew = try merge.add(neighbor, value, in: &transaction, scratch: &scratch)
                if isNew, isCounted(neighbor) { added += 1 }
            } catch let error as WeightSumError {
                throw try badSum(error, merge.node, neighbor, of: merge.edges, merge.direction)
            }
        }
        return added
    }

    /// Ends the merging of a list.
    mutating func end(_ merge: consuming ListMerge) throws {
        try merge.finish(in: &transaction, scratch: &scratch)
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

import LMDB

/// What a load into a store that is there does before it writes: all that can be found out by reading.
extension LoadPipeline {
    /// Finds out what becomes of the nodes and lists of a store.
    ///
    /// - Throws: ``GraphStoreError/badWeightSum(_:_:_:_:)``, ``GraphStoreError/kindIsFull(_:)``.
    func prepare(_ order: [NodeOrder], on snapshot: borrowing Snapshot) throws -> PreparedLoad {
        // A snapshot's own counters have other next ids, by which readers size their memory.
        guard let counters = try StoreMeta.counters(of: snapshot.tables, in: snapshot.transaction) else {
            throw StoreMeta.damagedCounters
        }
        let nodes = try lookUp(order, of: snapshot.tables, counters, in: snapshot.transaction)
        let tables = try number(numbering(order, nodes), keepingMerged: true)
        let jobs = jobs(tables)
        let lists = PreparedLists(beside: storePath, memory: memory)
        try forEachLists(of: jobs) { sorted, _ in
            try merge(
                sorted, into: snapshot.tables, in: snapshot.transaction, nodes, onto: lists)
        }
        try lists.finish()
        noteSpilled(lists.spilledBytes)
        return PreparedLoad(
            order: order, tables: snapshot.tables, counters: counters, commit: snapshot.transaction.id, nodes: nodes,
            jobs: jobs, lists: lists)
    }

    /// Looks all keys up, and foresees the ids of new nodes.
    func lookUp(
        _ order: [NodeOrder], of tables: StoreTables, _ counters: StoreCounters,
        in transaction: borrowing some Transaction & ~Copyable
    ) throws -> [PreparedLoad.Nodes] {
        var nodes: [PreparedLoad.Nodes] = []
        for (kind, order) in order.enumerated() {
            nodes.append(try lookUp(order, in: tables.dictionaries[kind], counters, transaction))
        }
        return nodes
    }

    private func lookUp(
        _ order: NodeOrder, in dictionary: NodeDictionary, _ counters: StoreCounters,
        _ transaction: borrowing some Transaction & ~Copyable
    ) throws -> PreparedLoad.Nodes {
        let count = order.byKey.count
        let encoder = KeyEncoder(interners[dictionary.index])
        let ids = Column<UInt32>(count: count)
        let isNew = Column<Bool>(repeating: false, count: count)
        let newByKey = Column<UInt32>(count: count)
        let firstNew = try dictionary.nextID(counters)
        var cancellation = CancellationPoint(isCancelled)
        var newCount = 0
        // In the order of keys, so that neighbouring lookups are on the same pages.
        var cursor = transaction.cursor(in: dictionary.ids)
        for place in 0..<count {
            try cancellation.pass()
            let provisional = order.byKey[place]
            let key = try encoder.key(provisional)
            if let id = try dictionary.id(of: key, by: &cursor) {
                guard id < firstNew else {
                    throw dictionary.damagedIDs("the key '\(key)' has id \(id), which was never given")
                }
                ids[Int(provisional)] = id
            } else {
                isNew[Int(provisional)] = true
                newByKey[newCount] = provisional
                newCount += 1
            }
        }
        // The greatest id is never given.
        guard firstNew + newCount <= Int(UInt32.max) else { throw GraphStoreError.kindIsFull(dictionary.kind) }
        let newByID = Column<UInt32>(count: newCount)
        var next = 0
        for place in 0..<count where isNew[Int(order.byID[place])] {
            let provisional = order.byID[place]
            newByID[next] = provisional
            ids[Int(provisional)] = UInt32(firstNew + next)
            next += 1
        }
        return PreparedLoad.Nodes(
            ids: ids, newByID: newByID, newByKey: newByKey, firstNew: UInt64(firstNew))
    }

    /// The ids of nodes in a store that is there.
    func numbering(_ order: [NodeOrder], _ nodes: [PreparedLoad.Nodes]) -> [Numbering] {
        zip(order, nodes).map { order, nodes in
            Numbering(
                byKey: order.byKey, byID: order.byID, ids: nodes.ids, idEnd: Int(nodes.firstNew) + nodes.newByID.count)
        }
    }

    /// Finds out what becomes of the lists of a part, as a transaction sees them.
    ///
    /// - Parameters:
    ///   - nodes: by kind, for which ids are those of new nodes.
    ///   - shifts: by kind, how ids have changed since the records got theirs; not at all when nil.
    ///   - chosen: which lists; all when nil.
    ///   - prepared: where it is noted.
    func merge(
        _ lists: SortedLists, into tables: StoreTables, in transaction: borrowing some Transaction & ~Copyable,
        _ nodes: [PreparedLoad.Nodes], shifts: [IDShift]? = nil, chosen: Set<Int>? = nil,
        onto prepared: PreparedLists
    ) throws {
        let edges = tables.edges[lists.table]
        let (origin, end) = lists.direction == .out ? (edges.source, edges.target) : (edges.target, edges.source)
        let (originShift, endShift) = (shifts?[origin.index] ?? .none, shifts?[end.index] ?? .none)
        let (firstNewOrigin, firstNewEnd) = (nodes[origin.index].firstNew, nodes[end.index].firstNew)
        var cancellation = CancellationPoint(isCancelled)
        var merge = ListMerge(into: edges, lists.direction, in: transaction, edits: prepared.edits)
        prepared.beginPart()
        for index in lists.nodes.indices where chosen?.contains(index) ?? true {
            try cancellation.pass()
            let node = lists.nodes[index]
            var last: UInt32 = 0
            try merge.begin(originShift(node), count: lists.degree(index))
            unsafe try lists.forEachPart(of: index) { list, count, _ in
                for place in 0..<count {
                    last = unsafe list.neighbors[place]
                    let value = unsafe EdgeValue(weight: list.weights?[place] ?? 1, time: list.times?[place] ?? 0)
                    do {
                        try merge.add(endShift(last), value)
                    } catch let error as WeightSumError {
                        throw try edges.badSum(
                            error, originShift(node), endShift(last), lists.direction, in: transaction)
                    }
                }
                return count
            }
            // Neighbours ascend, and new nodes have the greatest ids.
            try prepared.note(
                merge.finish(), hasNewNodes: UInt64(node) >= firstNewOrigin || UInt64(last) >= firstNewEnd)
        }
    }
}

extension EdgeTables {
    /// The error of a sum, with the keys of the edge.
    fileprivate func badSum(
        _ error: WeightSumError, _ node: UInt32, _ neighbor: UInt32, _ direction: EdgeDirection,
        in transaction: borrowing some Transaction & ~Copyable
    ) throws -> GraphStoreError {
        let (sourceID, targetID) = direction == .out ? (node, neighbor) : (neighbor, node)
        guard let source = try source.key(of: sourceID, in: transaction),
            let target = try target.key(of: targetID, in: transaction)
        else {
            return .damaged(
                table: table(direction).name, node: node, reason: "it has an edge of a node without a key")
        }
        return .badWeightSum(type.name, source, target, error)
    }
}

import Adjacency
import LMDB

/// What a load into a store that is there does while it writes, and nobody else can: it sees to it that what was prepared
/// still holds, does again what does not, and puts it.
///
/// ```
/// the store is as it was                      everything is put as it was prepared
/// others added nodes                          new nodes get later ids; lists with them are merged again
/// others changed lists                        those lists are merged again
/// others added or removed a node of the load  the ids are others: numbered, sorted and merged again
/// ```
extension LoadPipeline {
    /// Adds what was prepared.
    ///
    /// - Parameter replaced: the types whose lists this transaction has taken away; they were prepared for, so they are merged
    ///   again, into nothing.
    func add(
        _ prepared: PreparedLoad, to graph: inout GraphTransaction, replacing replaced: Set<EdgeType.Name> = []
    ) throws -> BulkLoader.Report {
        var tally = Tally(typeCount: types.count)
        if let shifts = try shifts(since: prepared, in: graph) {
            let isUnchanged = graph.transaction.id == prepared.commit + 1 && replaced.isEmpty
            let changed = isUnchanged ? [:] : try changedLists(since: prepared, shifts, in: graph)
            try addNodes(prepared.nodes, shifts, to: &graph)
            try put(prepared.lists, of: prepared.jobs, but: changed, to: &graph, &tally)
            let numbers = changed.keys.sorted()
            try forEachLists(of: numbers.map { prepared.jobs[$0] }) { sorted, place in
                let number = numbers[place]
                try mergeAndPut(
                    sorted, of: prepared.jobs[number], prepared.nodes, shifts, chosen: changed[number], to: &graph,
                    &tally)
            }
            self.report.redoneLists = changed.reduce(0) { sum, lists in
                let type = types[prepared.jobs[lists.key].table.type].type.name
                return replaced.contains(type) ? sum : sum + lists.value.count
            }
        } else {
            let nodes = try lookUp(prepared.order, of: graph.tables, graph.counters, in: graph.transaction)
            let shifts = nodes.map { _ in IDShift.none }
            let jobs = jobs(try number(numbering(prepared.order, nodes), keepingMerged: false))
            try addNodes(nodes, shifts, to: &graph)
            try forEachLists(of: jobs) { sorted, number in
                try mergeAndPut(sorted, of: jobs[number], nodes, shifts, chosen: nil, to: &graph, &tally)
                self.report.redoneLists += sorted.nodes.count
            }
        }
        var report = finishedReport
        for index in types.indices {
            graph.addEdgeCount(tally.edges[index], of: graph.tables.edges[index])
            report.duplicates += types[index].edgeCount - tally.edges[index]
        }
        return report
    }

    /// New edges, by type.
    private struct Tally {
        var edges: [Int]

        init(typeCount: Int) {
            edges = Array(repeating: 0, count: typeCount)
        }
    }

    /// How the ids of new nodes differ from those foreseen, by kind; nil when a node of the load has come or gone, or the
    /// store is another.
    private func shifts(since prepared: PreparedLoad, in graph: borrowing GraphTransaction) throws -> [IDShift]? {
        guard let edges = prepared.tables.edges.first, edges === graph.tables.edges.first else {
            // The store goes on with another file, or with more tables.
            let (now, known) = (graph.tables.schema, schema)
            guard now.nodeKinds.starts(with: known.nodeKinds), now.edgeTypes.starts(with: known.edgeTypes) else {
                throw GraphStoreError.replaced(path: storePath)
            }
            return nil
        }
        var shifts: [IDShift] = []
        for (dictionary, nodes) in zip(graph.tables.dictionaries, prepared.nodes) {
            let before = prepared.counters.kinds[dictionary.index]
            let now = graph.counters.kinds[dictionary.index]
            guard now.nextID >= before.nextID else { return nil }
            let added = now.nextID - before.nextID
            shifts.append(IDShift(firstNew: nodes.firstNew, distance: UInt32(added)))
            if now == before { continue }
            // Ids are never given again: as many nodes more as ids means that none was removed.
            let wereRemoved = now.nodes &- before.nodes != added
            let isSame = try hasSameNodes(nodes, in: dictionary, all: wereRemoved, graph.transaction)
            if !isSame { return nil }
        }
        return shifts
    }

    /// Whether new nodes are still new and, where all are asked for, the others have the ids they had.
    private func hasSameNodes(
        _ nodes: PreparedLoad.Nodes, in dictionary: NodeDictionary, all: Bool,
        _ transaction: borrowing some Transaction & ~Copyable
    ) throws -> Bool {
        let encoder = KeyEncoder(interners[dictionary.index])
        var cursor = transaction.cursor(in: dictionary.ids)
        for place in 0..<nodes.newByID.count {
            if try dictionary.id(of: encoder.key(nodes.newByKey[place]), by: &cursor) != nil { return false }
        }
        guard all else { return true }
        for provisional in 0..<nodes.ids.count where UInt64(nodes.ids[provisional]) < nodes.firstNew {
            let id = try dictionary.id(of: encoder.key(UInt32(provisional)), by: &cursor)
            if id != nodes.ids[provisional] { return false }
        }
        return true
    }

    /// Which lists, by job, are others than those that were prepared for, or get other ids.
    private func changedLists(
        since prepared: PreparedLoad, _ shifts: [IDShift], in graph: borrowing GraphTransaction
    ) throws -> [Int: Set<Int>] {
        var changed: [Int: Set<Int>] = [:]
        var lists = PreparedLists.Reader(prepared.lists)
        var cancellation = CancellationPoint(isCancelled)
        for (number, job) in prepared.jobs.enumerated() {
            let edges = graph.tables.edges[job.table.type]
            let table = edges.table(job.table.direction)
            let isShifted = shifts[edges.source.index].distance > 0 || shifts[edges.target.index].distance > 0
            var blocks = table.blocks(in: graph.transaction)
            for index in 0..<prepared.lists.listCounts[number] {
                try cancellation.pass()
                let list = try lists.next()
                let isSame = try !(isShifted && list.hasNewNodes) && table.proof(of: list, by: &blocks) == list.proof
                if !isSame { changed[number, default: []].insert(index) }
            }
        }
        return changed
    }

    private func addNodes(
        _ nodes: [PreparedLoad.Nodes], _ shifts: [IDShift], to graph: inout GraphTransaction
    ) throws {
        var cancellation = CancellationPoint(isCancelled)
        for (dictionary, nodes) in zip(graph.tables.dictionaries, nodes) {
            let encoder = KeyEncoder(interners[dictionary.index])
            let shift = shifts[dictionary.index]
            try graph.appendNodes(nodes.newByID.count, to: dictionary) { place, lend in
                try cancellation.pass()
                try encoder.withEncoded(nodes.newByID[place], lend)
            }
            try graph.noteIDs(nodes.newByID.count, in: dictionary) { place in
                let provisional = nodes.newByKey[place]
                return (try encoder.key(provisional), shift(nodes.ids[Int(provisional)]))
            }
        }
    }

    /// Puts the lists of jobs, but for some.
    private func put(
        _ prepared: PreparedLists, of jobs: [ListJob], but left: [Int: Set<Int>], to graph: inout GraphTransaction,
        _ tally: inout Tally
    ) throws {
        var lists = PreparedLists.Reader(prepared)
        var edits = BlockEdits.Reader(prepared.edits)
        var cancellation = CancellationPoint(isCancelled)
        for (number, job) in jobs.enumerated() {
            let edges = graph.tables.edges[job.table.type]
            let left = left[number]
            var newCount = 0
            try edges.table(job.table.direction).edit(in: &graph.transaction) { editor in
                for index in 0..<prepared.listCounts[number] {
                    try cancellation.pass()
                    let list = try lists.next()
                    if let left, left.contains(index) {
                        try edits.skip(list.editCount)
                        continue
                    }
                    try edits.make(list.editCount, by: &editor)
                    tally.edges[job.table.type] += list.countedCount
                    if list.isNew { newCount += 1 }
                }
            }
            if newCount > 0 { graph.counters.addLists(newCount, of: edges, job.table.direction) }
        }
    }

    /// Merges lists into those of the transaction.
    private func mergeAndPut(
        _ sorted: SortedLists, of job: ListJob, _ nodes: [PreparedLoad.Nodes], _ shifts: [IDShift], chosen: Set<Int>?,
        to graph: inout GraphTransaction, _ tally: inout Tally
    ) throws {
        let prepared = PreparedLists(beside: storePath, memory: memory)
        try merge(
            sorted, into: graph.tables, in: graph.transaction, nodes, shifts: shifts, chosen: chosen, onto: prepared)
        try prepared.finish()
        noteSpilled(prepared.spilledBytes)
        try put(prepared, of: [job], but: [:], to: &graph, &tally)
    }
}

extension AdjacencyTable {
    /// What a list gives now for what it was when it was prepared for.
    fileprivate func proof(of list: PreparedLists.Entry, by blocks: inout Cursor<UInt64>) throws -> UInt64 {
        var proof = ListProof()
        for key in list.proofKeys {
            if let bytes = try blocks.value(at: key) { proof.add(bytes) }
        }
        guard list.proofKeys.isEmpty, let first = try blocks.value(at: AdjacencyTable.key(list.node)) else {
            return proof.value
        }
        proof.add(first)
        do {
            var isLast = try NeighborBlock(first).isLast
            while !isLast, let next = try blocks.next(), next.key >> 32 == UInt64(list.node) {
                proof.add(next.value)
                isLast = try NeighborBlock(next.value).isLast
            }
        } catch let error as BlockError {
            throw GraphStoreError.damaged(self, list.node, error)
        }
        return proof.value
    }
}

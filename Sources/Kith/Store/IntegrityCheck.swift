import Adjacency
import LMDB

/// Proves from disk that a store is what it says, in one snapshot whose pages were proved before: see ``StoreStructure``.
///
/// The values of `meta`, which nothing else in the file says, give their checksums. Then three walks, each in the order of the
/// file:
/// 1. **dictionaries**: every block is what its entries encode to, with its check byte and its key; keys and ids are
///    inverse, ids are below the next id, counts agree;
/// 2. **lists**: every block decodes to what encodes to it and gives its check byte; keys, order, degrees and last marks
///    are right; every id named exists; totals agree with the counters;
/// 3. **mirrors**: every edge is stored in both directions with equal values. Scanning sources in ascending order appends
///    each to the lists of its targets, which builds the other direction's lists in their own order, to be compared one
///    to one: exact, sequential, O(edges). Targets are taken in ranges whose lists fit the memory given.
///
/// Memory: a bit per id, and what the third walk is given.
struct IntegrityCheck {
    /// How much memory the third walk gathers lists in: fewer bytes mean more scans.
    static let mirrorBytesDefault = 1 << 30

    let tables: StoreTables
    private let problemsMax: Int
    let mirrorBytesMax: Int
    private var cancellation: CancellationPoint
    private let teller: StoreProgressTeller
    /// Steps taken, and steps that all walks are made of; see ``step(_:)``.
    private var steps = (done: 0.0, total: 0.0)
    var report: IntegrityReport
    /// Which ids exist, per kind.
    var existing: [IDSet] = []

    init(
        _ tables: StoreTables, problemsMax: Int, mirrorBytesMax: Int = IntegrityCheck.mirrorBytesDefault,
        after report: IntegrityReport = IntegrityReport(), telling teller: StoreProgressTeller,
        isCancelled: @escaping @Sendable () -> Bool
    ) {
        self.teller = teller
        cancellation = CancellationPoint(isCancelled)
        self.report = report
        self.tables = tables
        self.problemsMax = problemsMax
        self.mirrorBytesMax = mirrorBytesMax
    }

    /// Walks everything.
    mutating func run(in transaction: borrowing ReadTransaction) throws -> IntegrityReport {
        teller.begin(.checking)
        do {
            try walk(in: transaction)
        } catch GraphStoreError.damaged(let table, let node, let reason) {
            note(.unreadable, table, node, reason)
        }
        teller.end()
        return report
    }

    private mutating func walk(in transaction: borrowing ReadTransaction) throws {
        for key in try StoreMeta.wrongValues(in: tables.meta, tables.version, transaction) {
            note(.checksum, StoreMeta.tableName, nil, StoreMeta.wrongChecksumMessage(key))
        }
        guard let counters = try StoreMeta.counters(of: tables, in: transaction) else {
            note(.counter, StoreMeta.tableName, nil, "\(StoreMeta.damagedCounters)")
            return
        }
        if !counters.features.isSuperset(of: RequiredFeatures(for: tables.schema)) {
            note(.counter, StoreMeta.tableName, nil, "the features do not name all that the schema needs")
        }
        steps.total = try countSteps(counters, in: transaction)
        _ = try StoreMeta.identity(of: tables, in: transaction)
        for dictionary in tables.dictionaries {
            try checkDictionary(dictionary, counters.kinds[dictionary.index], in: transaction)
        }
        for edges in tables.edges {
            let total = try checkLists(edges.out, from: edges.source, to: edges.target, edges.type, in: transaction)
            checkListCount(total.lists, of: edges, .out, counters)
            if !edges.type.isSymmetric {
                let mirrored = try checkLists(
                    edges.in, from: edges.target, to: edges.source, edges.type, in: transaction)
                checkListCount(mirrored.lists, of: edges, .in, counters)
            }
            let counted = edges.type.isSymmetric ? (total.neighbors + total.selfLoops) / 2 : total.neighbors
            let expected = counters.edges[edges.index]
            if UInt64(counted) != expected {
                note(
                    .counter, StoreMeta.tableName, nil,
                    "the counter of '\(edges.type.name)' says \(expected) edges, and \(counted) are stored")
            }
            try checkMirrors(edges, in: transaction)
        }
    }

    /// How many steps all walks are made of; garbage in a damaged file may say anything.
    private func countSteps(_ counters: StoreCounters, in transaction: borrowing ReadTransaction) throws -> Double {
        var total = 0.0
        for dictionary in tables.dictionaries { total += 2 * Double(counters.kinds[dictionary.index].nodes) }
        for edges in tables.edges {
            let blocks = Double(try edges.in.blockCount(in: transaction))
            let walked = edges.type.isSymmetric ? 0 : Double(try edges.out.blockCount(in: transaction))
            // Its lists, and twice the mirrors of them: once to gather and once to compare.
            total += walked + 3 * blocks
        }
        return total
    }

    /// Asks whether to give up and tells how far it is, now and then; to be called for every block.
    ///
    /// - Parameter count: how many steps it is: a block of a list is one, and so is each key of a block of keys, which takes
    ///   about as long.
    mutating func step(_ count: Double = 1) throws {
        steps.done += count
        if try cancellation.pass() { teller.pass(steps.done, of: steps.total) }
    }

    mutating func note(
        _ kind: IntegrityReport.Problem.Kind, _ table: String, _ node: UInt32?, _ message: String
    ) {
        report.problemCount += 1
        if report.problems.count < problemsMax {
            report.problems.append(.init(kind: kind, table: table, node: node, message: message))
        }
    }
}

// MARK: - Lists

extension IntegrityCheck {
    private struct ListTotals {
        var neighbors = 0
        var selfLoops = 0
        var lists = 0
    }

    private mutating func checkListCount(
        _ count: Int, of edges: EdgeTables, _ direction: EdgeDirection, _ counters: StoreCounters
    ) {
        let expected = counters.listCount(of: edges, direction)
        guard count != expected else { return }
        note(
            .counter, StoreMeta.tableName, nil,
            "the counter of '\(edges.table(direction).name)' says \(expected) nodes with edges, and \(count) have some")
    }

    /// What the blocks of a node seen so far say.
    private struct OpenList {
        let node: UInt32
        let degree: Int
        var count = 0
        var lastNeighbor: UInt32?
        var isEnded = false
    }

    private mutating func checkLists(
        _ table: AdjacencyTable, from origin: NodeDictionary, to destination: NodeDictionary, _ type: EdgeType,
        in transaction: borrowing ReadTransaction
    ) throws -> ListTotals {
        var totals = ListTotals()
        var open: OpenList?
        var list = NeighborList(columns: table.columns)
        var previousKey: UInt64?
        var blocks = table.blocks(in: transaction)
        var entry = try blocks.first()
        while let current = entry {
            try step()
            let key = current.key
            let node = UInt32(key >> 32)
            if let previousKey, key <= previousKey {
                note(.tableOrder, table.name, node, "block key \(key) stands after \(previousKey)")
                break
            }
            previousKey = key
            report.blocks += 1
            do {
                let block = try NeighborBlock(current.value)
                try block.validate(columns: table.columns)
                list.removeAll(columns: table.columns)
                try list.append(block)
                if open?.node != node {
                    close(open, table)
                    open = OpenList(node: node, degree: Int(block.degree))
                    totals.lists += 1
                    if !existing[origin.index].contains(node) {
                        note(.missingNode, table.name, node, "a list belongs to id \(node), which does not exist")
                    }
                }
                checkPlace(of: list, key: key, isLast: block.isLast, in: &open, table)
            } catch {
                let kind: IntegrityReport.Problem.Kind =
                    if case .checkMismatch = error { .checkByte } else { .blockForm }
                note(kind, table.name, node, "\(error)")
                list.removeAll(columns: table.columns)
            }
            for neighbor in list.neighbors {
                if !existing[destination.index].contains(neighbor) {
                    note(.missingNode, table.name, node, "the list names id \(neighbor), which does not exist")
                }
                if neighbor == node, type.source == type.target {
                    totals.selfLoops += 1
                    if !type.allowsSelfLoops { note(.selfLoop, table.name, node, "the node is its own neighbour") }
                }
            }
            checkWeights(of: list, type, of: node, table)
            totals.neighbors += list.count
            entry = try blocks.next()
        }
        close(open, table)
        report.edges += totals.neighbors
        return totals
    }

    /// Whether the weights of a block are numbers, stored as they are stored when they are written.
    private mutating func checkWeights(
        of list: NeighborList, _ type: EdgeType, of node: UInt32, _ table: AdjacencyTable
    ) {
        guard type.columns.contains(.weight) else { return }
        for index in 0..<list.count {
            let value = EdgeValue(list.value(at: index))
            let weight = type.weight(of: value)
            let isItsForm = type.precision == .single || EdgeValue(precise: weight).isSame(as: value)
            if value.weight.isFinite, isItsForm { continue }
            note(
                .weight, table.name, node,
                "the weight of the edge to node id \(list.neighbors[index]), \(weight), is no number that is ever stored so"
            )
        }
    }

    /// Whether a block stands where its neighbours say, after the blocks of its node before it.
    private mutating func checkPlace(
        of list: NeighborList, key: UInt64, isLast: Bool, in open: inout OpenList?, _ table: AdjacencyTable
    ) {
        guard var state = open, let first = list.neighbors.first else { return }
        let keyed = UInt32(truncatingIfNeeded: key)
        if let last = state.lastNeighbor {
            if keyed != first {
                note(.blockKey, table.name, state.node, "a block that starts with \(first) has the key of \(keyed)")
            }
            if first <= last {
                note(
                    .neighborOrder, table.name, state.node,
                    "a block starts with \(first) after one that ends with \(last)")
            }
        } else if keyed != 0 {
            note(.blockKey, table.name, state.node, "the node's first block has the key of \(keyed), not 0")
        }
        if state.isEnded {
            note(.lastBlock, table.name, state.node, "a block follows the one marked as the last")
        }
        state.isEnded = isLast
        state.count += list.count
        state.lastNeighbor = list.neighbors.last
        open = state
    }

    private mutating func close(_ open: OpenList?, _ table: AdjacencyTable) {
        guard let open else { return }
        if !open.isEnded {
            note(.lastBlock, table.name, open.node, "no block of the node is marked as the last")
        }
        if open.degree != open.count {
            note(
                .degree, table.name, open.node,
                "the degree says \(open.degree), and \(open.count) neighbours are stored")
        }
    }
}

import Adjacency
import LMDB

/// Solves for a PageRank by passing residuals on: locally while few nodes have some, then in sweeps over all of them.
///
/// Every node v has an estimate p(v) and a residual r(v), and pi = p + Σ r(v) pi_v holds at all times, where pi_v is the
/// vector seeded at v. So Σ|r| bounds the L1 error. Relaxing v moves ω r(v) out of its residual: a share α of it into p(v),
/// the rest to where v's edges lead.
/// ```
/// relax v:  d = ω r(v);  r(v) -= d;  p(v) += α d;  for w in out(v): r(w) += (1 - α) d W(v, w) / W(v)
/// ```
/// In place and in ascending id, which is Gauss-Seidel: what a popular node gets is passed on in the same sweep. With ω
/// above 1 it is successive over-relaxation (Young 1950); ω = 2 / (1 + sqrt(1 - (1 - α)^2)) is the best for a symmetric
/// matrix whose spectral radius is 1 - α. That it converges is proved for those alone, so the residual is watched, and ω
/// falls back to 1 when it does not shrink. See Bai et al., *Faster local solvers for graph diffusion equations*, 2024.
struct PageRankWalk {
    let hop: HopTables
    /// One for each step of ``hop``.
    private let multipliers: [Double]
    private let restart: Double
    private let residualMax: Double
    private let budget: Int
    private let privates: MarkedNodes?
    /// Where the walk begins, with weights whose sum is 1; the user where there is none.
    private let seeds: [(id: UInt32, weight: Double)]
    /// Ids are below this.
    let nodeLimit: UInt32
    private let aging: EdgeAging
    /// How many neighbours all lists have together.
    private let arcCount: Int
    private let cancellation: CancellationPoint

    /// - Throws: ``GraphStoreError/edgeTypesDoNotFit(_:)`` when the steps lead from one kind to another,
    ///   ``GraphStoreError/badRequest(_:)``.
    init(_ request: PersonalizedPageRank, steps: [Hop.Step], snapshot: borrowing Snapshot) throws {
        try request.validate()
        hop = try HopTables(Hop(steps), in: snapshot.tables)
        guard hop.origin.index == hop.destination.index else {
            throw GraphStoreError.edgeTypesDoNotFit(
                "a PageRank walks edges that join a kind to itself; '\(hop.steps[0].edges.type.name)' leads from "
                    + "\(hop.origin.kind) to \(hop.destination.kind)")
        }
        var multipliers = Array(repeating: 1.0, count: hop.steps.count)
        for (index, step) in steps.enumerated() where index < request.multipliers.count {
            let place = hop.steps.firstIndex {
                $0.edges.type.name == step.type && ($0.direction == step.direction || $0.edges.type.isSymmetric)
            }
            if let place { multipliers[place] = request.multipliers[index] }
        }
        self.multipliers = multipliers
        restart = request.restart
        residualMax = request.tolerance ?? PageRankWalk.servingResidual(restart: request.restart)
        budget = request.budget ?? .max
        let weightSum = request.seeds.reduce(0) { $0 + $1.weight }
        var seeds: [(id: UInt32, weight: Double)] = []
        for seed in request.seeds {
            seeds.append((try hop.origin.existingID(of: seed.key, in: snapshot.transaction), seed.weight / weightSum))
        }
        self.seeds = seeds
        privates = try MarkedNodes(Setting.isPrivate, of: hop.origin, in: snapshot)
        nodeLimit = UInt32(snapshot.counters.kinds[hop.origin.index].nextID)
        aging = EdgeAging(WalkOptions(), now: snapshot.now)
        cancellation = snapshot.cancellation
        arcCount = hop.steps.reduce(0) { sum, step in
            sum + Int(snapshot.counters.edges[step.edges.index]) * (step.edges.type.isSymmetric ? 2 : 1)
        }
    }

    /// The residual at which the ten best new accounts are those of the exact vector on nearly all graphs measured: see the
    /// benchmark `PageRank`.
    static func servingResidual(restart: Double) -> Double { 0.02 * (1 - restart) }

    /// A walk becomes one over all nodes when it has come to more than one in so many.
    private static let localShare = 16
    /// Sweeps keep the decoded lists when they have no more neighbours together: 256 MiB.
    private static let decodedMax = 1 << 26
}

/// What a PageRank leaves: how good it is.
struct PageRankOutcome {
    /// Σ|r|: the L1 error is at most this.
    var residual: Double
    /// Whether the residual was brought as low as was asked.
    var isComplete: Bool
    /// The edges walked.
    var visited: Int
    /// Whether nodes beyond those in ``PageRankScratch/touched`` may have changed.
    var isGlobal: Bool
}

extension PageRankWalk {
    /// Solves for ``PageRankScratch/seeds``; the answer is in ``PageRankScratch/estimate``, to be cleared by the caller
    /// also when this throws: `CancellationError` between two sweeps, for one.
    func solve(
        in transaction: borrowing ReadTransaction, _ scratch: PageRankScratch, _ hopScratch: inout HopScratch
    ) throws -> PageRankOutcome {
        scratch.reserve(Int(nodeLimit))
        var state = Sweep(
            walk: self, relaxation: 2 / (1 + (1 - (1 - restart) * (1 - restart)).squareRoot()))
        for seed in scratch.seeds where seed.id < nodeLimit {
            scratch.touch(seed.id)
            unsafe scratch.residual[Int(seed.id)] += seed.weight
        }
        var outcome = PageRankOutcome(residual: 1, isComplete: false, visited: 0, isGlobal: false)
        while outcome.residual > residualMax {
            if outcome.visited >= budget { break }
            try cancellation.ask()
            let before = outcome.residual
            let isLocal = scratch.touched.count <= Int(nodeLimit) / PageRankWalk.localShare
            if isLocal, !outcome.isGlobal {
                try state.relaxTouched(in: transaction, scratch, &hopScratch)
            } else {
                outcome.isGlobal = true
                try state.sweep(in: transaction, scratch, &hopScratch)
            }
            state.deliverReturned(scratch)
            outcome.residual = state.residual(scratch, isGlobal: outcome.isGlobal)
            outcome.visited = state.visited
            if outcome.residual > before * PageRankWalk.progressShare, outcome.isGlobal { state.relaxation = 1 }
            // Rounding is all that is left.
            if outcome.residual < 1e-15 { break }
        }
        outcome.isComplete = outcome.residual <= residualMax
        // What certainly stays where it is.
        state.settle(scratch, isGlobal: outcome.isGlobal)
        outcome.residual *= 1 - restart
        return outcome
    }

    /// A sweep that leaves a greater share of the residual is taken for a sign that over-relaxation does not suit.
    private static let progressShare = 0.98

    /// One solution in the making.
    fileprivate struct Sweep {
        let walk: PageRankWalk
        var relaxation: Double
        var visited = 0
        /// What walks that could not go on bring back to the seeds when the round is over.
        private var returned = 0.0
        /// Residuals below this are left for later.
        private var leastResidual = 0.0
        private var isDecoded = false

        init(walk: PageRankWalk, relaxation: Double) {
            self.walk = walk
            self.relaxation = relaxation
            leastResidual = walk.residualMax / (4 * Double(max(walk.nodeLimit, 1)))
        }
    }
}

extension PageRankWalk {
    /// Whether all edges of a node are equally likely.
    fileprivate var isEven: Bool {
        hop.steps.count == 1 && !hop.steps[0].edges.type.columns.contains(.weight) && privates == nil
    }
}

// MARK: - Locally

extension PageRankWalk.Sweep {
    /// Relaxes every node that has some residual, in ascending id.
    mutating func relaxTouched(
        in transaction: borrowing ReadTransaction, _ scratch: PageRankScratch, _ hopScratch: inout HopScratch
    ) throws {
        let order = scratch.order
        unsafe scratch.touched.withUnsafeBufferPointer { touched in
            if let start = touched.baseAddress { unsafe order.order(start, count: touched.count) }
        }
        if walk.isEven {
            let table = walk.hop.steps[0].table
            var cursor = try transaction.cursor(in: table.database)
            for place in 0..<order.count { try relaxEvenly(order[place], table, by: &cursor, scratch) }
        } else {
            for place in 0..<order.count {
                try relax(order[place], in: transaction, scratch, &hopScratch, touching: true)
            }
        }
    }

    /// Takes the residual of a node that is to be passed on, or nil when it is too little to matter.
    @inline(__always)
    private mutating func take(_ node: UInt32, _ scratch: PageRankScratch) -> Double? {
        let residual = unsafe scratch.residual[Int(node)]
        if residual.magnitude <= leastResidual { return nil }
        return residual
    }

    private mutating func relaxEvenly(
        _ node: UInt32, _ table: AdjacencyTable, by cursor: inout Cursor<UInt64>, _ scratch: PageRankScratch
    ) throws {
        guard let residual = take(node, scratch) else { return }
        let limit = walk.nodeLimit
        var share = 0.0
        var isFirstBlock = true
        try table.forEachBlock(of: node, by: &cursor) { block in
            if isFirstBlock {
                isFirstBlock = false
                share = relax(node, residual, scratch) / Double(block.degree)
                visited += Int(block.degree)
            }
            try unsafe block.forEachGroup(below: limit) { group in
                for index in 0..<group.count {
                    let neighbor = unsafe group[index]
                    scratch.touch(neighbor)
                    unsafe scratch.residual[Int(neighbor)] += share
                }
            }
            return true
        }
        if isFirstBlock { returnToSeeds(node, residual, scratch) }
    }

    /// Moves ω of the residual; answers what is to be passed on.
    @inline(__always)
    private func relax(_ node: UInt32, _ residual: Double, _ scratch: PageRankScratch) -> Double {
        let moved = relaxation * residual
        unsafe scratch.residual[Int(node)] -= moved
        unsafe scratch.estimate[Int(node)] += walk.restart * moved
        return (1 - walk.restart) * moved
    }

    /// A node without edges: the walk goes back to where it began.
    private mutating func returnToSeeds(_ node: UInt32, _ residual: Double, _ scratch: PageRankScratch) {
        unsafe scratch.residual[Int(node)] -= residual
        unsafe scratch.estimate[Int(node)] += walk.restart * residual
        returned += (1 - walk.restart) * residual
    }

    /// Ends a round.
    mutating func deliverReturned(_ scratch: PageRankScratch) {
        if returned == 0 { return }
        for seed in scratch.seeds where seed.id < walk.nodeLimit {
            unsafe scratch.residual[Int(seed.id)] += returned * seed.weight
        }
        returned = 0
    }

    /// Relaxes a node whose edges differ.
    private mutating func relax(
        _ node: UInt32, in transaction: borrowing ReadTransaction, _ scratch: PageRankScratch,
        _ hopScratch: inout HopScratch, touching: Bool
    ) throws {
        guard let residual = take(node, scratch) else { return }
        if let privates = walk.privates, try privates.contains(node, in: transaction) {
            returnToSeeds(node, residual, scratch)
            return
        }
        // Two passes over the lists: the sum of the weights, then the shares.
        var total = 0.0
        try forEachEdge(of: node, in: transaction, &hopScratch) { _, weight in total += weight }
        guard total > 0 else {
            returnToSeeds(node, residual, scratch)
            return
        }
        let passed = relax(node, residual, scratch) / total
        var count = 0
        let limit = walk.nodeLimit
        try forEachEdge(of: node, in: transaction, &hopScratch) { neighbor, weight in
            guard neighbor < limit else {
                throw GraphStoreError.damaged(
                    table: walk.hop.steps[0].table.name, node: node,
                    reason: "it names node id \(neighbor), which does not exist")
            }
            if touching { scratch.touch(neighbor) }
            unsafe scratch.residual[Int(neighbor)] += passed * weight
            count += 1
        }
        visited += count
    }

    /// Visits the edges of a node that weigh more than nothing.
    private func forEachEdge(
        of node: UInt32, in transaction: borrowing ReadTransaction, _ hopScratch: inout HopScratch,
        _ visit: (UInt32, Double) throws -> Void
    ) throws {
        for (index, step) in walk.hop.steps.enumerated() {
            hopScratch.list.removeAll(columns: step.table.columns)
            try step.table.read(node, in: transaction, into: &hopScratch.list)
            for place in 0..<hopScratch.list.count {
                let value = EdgeValue(hopScratch.list.value(at: place))
                let weight = walk.multipliers[index] * walk.aging.weight(of: value, step.edges.type)
                if weight > 0 { try visit(hopScratch.list.neighbors[place], weight) }
            }
        }
    }
}

// MARK: - Over all nodes

extension PageRankWalk.Sweep {
    /// Relaxes every node once, in ascending id.
    mutating func sweep(
        in transaction: borrowing ReadTransaction, _ scratch: PageRankScratch, _ hopScratch: inout HopScratch
    ) throws {
        if !walk.isEven {
            for node in 0..<walk.nodeLimit { try relax(node, in: transaction, scratch, &hopScratch, touching: false) }
        } else if isDecoded {
            sweepDecoded(scratch)
        } else if walk.arcCount <= PageRankWalk.decodedMax {
            try decodeAndSweep(in: transaction, scratch)
            isDecoded = true
        } else {
            try sweepStored(in: transaction, scratch)
        }
    }

    /// Goes through the stored lists and keeps nothing.
    private mutating func sweepStored(
        in transaction: borrowing ReadTransaction, _ scratch: PageRankScratch
    ) throws {
        let table = walk.hop.steps[0].table
        let limit = walk.nodeLimit
        var share = 0.0
        var next: UInt32 = 0
        try table.forEachBlock(in: transaction) { node, isFirst, block in
            if isFirst {
                returnGap(next..<min(node, limit), scratch)
                next = node + 1
                share = 0
                if node < limit, let residual = take(node, scratch) {
                    share = relax(node, residual, scratch) / Double(block.degree)
                    visited += Int(block.degree)
                }
            }
            if share == 0 { return }
            let residuals = unsafe scratch.residual
            try unsafe block.forEachGroup(below: limit) { group in
                for index in 0..<group.count { unsafe residuals[Int(group[index])] += share }
            }
        }
        returnGap(next..<limit, scratch)
    }

    /// Goes through the stored lists and keeps them decoded for the sweeps to come.
    private mutating func decodeAndSweep(
        in transaction: borrowing ReadTransaction, _ scratch: PageRankScratch
    ) throws {
        let table = walk.hop.steps[0].table
        let limit = walk.nodeLimit
        scratch.starts.removeAll(keepingCapacity: true)
        scratch.starts.reserveCapacity(Int(limit) + 1)
        scratch.neighbors.removeAll(keepingCapacity: true)
        scratch.neighbors.reserveCapacity(walk.arcCount)
        try table.forEachBlock(in: transaction) { node, isFirst, block in
            if isFirst {
                while scratch.starts.count <= Int(node) { scratch.starts.append(scratch.neighbors.count) }
            }
            try scratch.neighbors.append(addingCapacity: block.count) { (output) throws(BlockError) in
                try block.decodeNeighbors(into: &output, below: limit)
            }
        }
        while scratch.starts.count <= Int(limit) { scratch.starts.append(scratch.neighbors.count) }
        sweepDecoded(scratch)
    }

    /// Goes through the decoded lists.
    private mutating func sweepDecoded(_ scratch: PageRankScratch) {
        let residuals = unsafe scratch.residual
        let limit = Int(walk.nodeLimit)
        unsafe scratch.neighbors.withUnsafeBufferPointer { neighbors in
            unsafe scratch.starts.withUnsafeBufferPointer { starts in
                for node in 0..<limit {
                    let residual = unsafe residuals[node]
                    if residual.magnitude <= leastResidual { continue }
                    let (start, end) = unsafe (starts[node], starts[node + 1])
                    guard end > start else {
                        returnToSeeds(UInt32(truncatingIfNeeded: node), residual, scratch)
                        continue
                    }
                    let passed = relax(UInt32(truncatingIfNeeded: node), residual, scratch)
                    let share = passed / Double(end &- start)
                    visited &+= end &- start
                    for place in start..<end { unsafe residuals[Int(neighbors[place])] += share }
                }
            }
        }
    }

    /// Nodes without edges.
    private mutating func returnGap(_ nodes: Range<UInt32>, _ scratch: PageRankScratch) {
        for node in nodes {
            let residual = unsafe scratch.residual[Int(node)]
            if residual != 0 { returnToSeeds(node, residual, scratch) }
        }
    }

    /// Σ|r|.
    func residual(_ scratch: PageRankScratch, isGlobal: Bool) -> Double {
        var sum = 0.0
        if isGlobal {
            var lanes = SIMD8<Double>(repeating: 0)
            let count = Int(walk.nodeLimit)
            var node = 0
            while node + 8 <= count {
                let values = unsafe UnsafeRawPointer(scratch.residual + node).loadUnaligned(as: SIMD8<Double>.self)
                lanes += values.replacing(with: -values, where: values .< 0)
                node += 8
            }
            while node < count {
                sum += unsafe scratch.residual[node].magnitude
                node += 1
            }
            return sum + lanes.sum()
        }
        for node in scratch.touched { sum += unsafe scratch.residual[Int(node)].magnitude }
        return sum
    }

    /// Gives every node the share of its residual that stays with it.
    func settle(_ scratch: PageRankScratch, isGlobal: Bool) {
        if isGlobal {
            for node in 0..<Int(walk.nodeLimit) {
                unsafe scratch.estimate[node] += walk.restart * scratch.residual[node]
            }
        } else {
            for node in scratch.touched {
                unsafe scratch.estimate[Int(node)] += walk.restart * scratch.residual[Int(node)]
            }
        }
    }
}

extension AdjacencyTable {
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
}

extension PageRankWalk {
    /// Appends the best for a user to `ranked`, best first.
    func rank(
        for user: UInt32, limit: Int, by filter: CandidateFilter, in transaction: borrowing ReadTransaction,
        _ scratch: RequestScratch, into ranked: inout [RankedNode]
    ) throws -> PageRankOutcome {
        let vectors = scratch.pageRank
        defer { vectors.clear(Int(nodeLimit)) }
        let outcome = try solve(for: user, in: transaction, scratch)
        scratch.work.edges += outcome.visited
        try filter.forEachExcluded(for: user, in: transaction) { node in
            if node < nodeLimit { unsafe vectors.estimate[Int(node)] = 0 }
        }
        try scratch.selecting(limit, into: &ranked) { best in
            func offer(_ node: UInt32) throws {
                let score = unsafe vectors.estimate[Int(node)]
                guard score > 0, score >= best.scoreMin, try filter.accepts(node, in: transaction) else { return }
                best.offer(RankedNode(score: score, id: node))
            }
            if outcome.isGlobal {
                for node in 0..<nodeLimit { try offer(node) }
            } else {
                for node in vectors.touched { try offer(node) }
            }
        }
        return outcome
    }

    /// ``solve(in:_:_:)`` from the request's seeds, or from the user.
    func solve(
        for user: UInt32, in transaction: borrowing ReadTransaction, _ scratch: RequestScratch
    ) throws -> PageRankOutcome {
        scratch.pageRank.seeds.removeAll(keepingCapacity: true)
        scratch.pageRank.seeds.append(contentsOf: seeds)
        if seeds.isEmpty { scratch.pageRank.seeds.append((user, 1)) }
        return try solve(in: transaction, scratch.pageRank, &scratch.hop)
    }
}

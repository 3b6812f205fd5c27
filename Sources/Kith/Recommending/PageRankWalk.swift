/// Solves for a PageRank by passing residuals on: locally while few nodes have some, then in sweeps over all of them.
///
/// Every node v has an estimate p(v) and a residual r(v), and pi = p + Σ r(v) pi_v holds at all times, where pi_v is the
/// vector seeded at v. So Σ|r| bounds the L1 error. Relaxing v moves ω r(v) out of its residual: a share α of it into p(v),
/// the rest to where v's edges lead.
/// ```
/// relax v:  d = ω r(v);  r(v) -= d;  p(v) += α d;  for w in out(v): r(w) += (1 - α) d W(v, w) / W(v)
/// ```
/// A node without edges passes its share on to nobody, and neither does one that is closed to the user (see
/// ``IntermediateFilter``): the walk may end there, and goes no further. What is lost so, ρ of all that began, would begin again at the
/// seeds and run the same course: pi = p / (1 - ρ), and no round is spent on it.
///
/// In place and in ascending id, which is Gauss-Seidel: what a popular node gets is passed on in the same sweep. With ω
/// above 1 it is successive over-relaxation (Young 1950); ω = 2 / (1 + sqrt(1 - (1 - α)^2)) is the best for a symmetric
/// matrix whose spectral radius is 1 - α. That it converges is proved for those alone, so the residual is watched, and ω
/// falls back to 1 when it does not shrink. See Bai et al., *Faster local solvers for graph diffusion equations*, 2024.
struct PageRankWalk {
    let hop: HopTables
    /// One for each step of ``hop``.
    let multipliers: [Double]
    let restart: Double
    /// Whether the walk may stop where lists are good enough, for want of a tolerance.
    private let isServing: Bool
    let residualMax: Double
    /// How many edges may be walked.
    private let edgesMax: Int
    /// How many nodes may be looked at, whether or not they have something to pass on: that ends every walk.
    private let nodesMax: Int
    /// Whose edges are not walked; nil where there is nobody.
    private let closed: IntermediateFilter?
    /// Where the walk begins, with weights whose sum is 1; the user where there is none.
    private let seeds: [(id: UInt32, weight: Double)]
    /// Ids are below this.
    let nodeLimit: UInt32
    let aging: EdgeAging
    /// How many neighbours all lists have together.
    let arcCount: Int
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
        isServing = request.tolerance == nil
        residualMax = request.tolerance ?? PageRankWalk.servingResidual(restart: request.restart)
        let weightSum = request.seeds.reduce(0) { $0 + $1.weight }
        var seeds: [(id: UInt32, weight: Double)] = []
        for seed in request.seeds {
            seeds.append((try hop.origin.existingID(of: seed.key, in: snapshot), seed.weight / weightSum))
        }
        self.seeds = seeds
        closed = try IntermediateFilter(of: hop.origin, askedBy: hop.origin, in: snapshot)
        nodeLimit = UInt32(snapshot.counters.kinds[hop.origin.index].nextID)
        aging = EdgeAging(WalkOptions(), now: snapshot.now)
        cancellation = snapshot.cancellation
        arcCount = hop.steps.reduce(0) { sum, step in
            sum + Int(snapshot.counters.edges[step.edges.index]) * (step.edges.type.isSymmetric ? 2 : 1)
        }
        let passes = max(PageRankWalk.passesMax, min(1 << 24, (request.budget ?? 0) / max(1, arcCount)))
        edgesMax = request.budget ?? passes * max(1, arcCount)
        nodesMax = passes * Int(nodeLimit)
    }

    /// A walk without a budget of its own goes over all edges as often, at most. The textbook's restart, 0.15, reaches the
    /// limits of rounding in fewer; a walk that hardly ever restarts would go on for hours.
    private static let passesMax = 256

    /// The residual at which the ten best new accounts are those of the exact vector on nearly all graphs measured: see the
    /// benchmark `PageRank`.
    static func servingResidual(restart: Double) -> Double { 0.025 * (1 - restart) }

    /// A walk becomes one over all nodes when it has come to more than one in so many.
    private static let localShare = 16

    /// Whether the lists walked are those stored, and all edges of a node equally likely.
    var walksPlainLists: Bool {
        hop.steps.count == 1 && !hop.steps[0].edges.type.columns.contains(.weight)
    }
}

/// What a PageRank leaves: how good it is.
struct PageRankOutcome {
    /// Σ|r|: the L1 error is at most this.
    var residual: Double
    /// Whether the residual was brought as low as was asked.
    var isComplete: Bool
    /// The edges walked.
    var visited: Int
}

extension PageRankWalk {
    /// Solves for ``PageRankScratch/seeds``; the answer is in ``PageRankScratch/estimate``, to be cleared by the caller
    /// also when this throws: `CancellationError` between two sweeps, for one.
    ///
    /// - Parameter asker: who wants to know, and to whom some nodes are closed; nil for nobody in particular.
    func solve(
        askedBy asker: UInt32?, in snapshot: borrowing Snapshot, _ scratch: PageRankScratch,
        _ hopScratch: inout HopScratch
    ) throws -> PageRankOutcome {
        scratch.reserve(Int(nodeLimit))
        scratch.closed.removeAll(keepingCapacity: true)
        try closed?.readAll(for: asker, in: snapshot, into: &scratch.closed)
        var rounds = PageRankRounds(self, relaxation: relaxation, scratch, snapshot.commit)
        for seed in scratch.seeds where seed.id < nodeLimit {
            scratch.touch(seed.id)
            unsafe scratch.residual[Int(seed.id)] += seed.weight
        }
        var outcome = PageRankOutcome(residual: .infinity, isComplete: false, visited: 0)
        var passing = 1.0
        var stalledSweeps = 0
        var roundsWithoutProgress = 0
        var nodesSeen = 0
        while outcome.residual > residualMax {
            if outcome.visited >= edgesMax || nodesSeen >= nodesMax { break }
            try cancellation.ask()
            let before = passing
            if scratch.touchedCount > Int(nodeLimit) / PageRankWalk.localShare { scratch.isGlobal = true }
            nodesSeen += scratch.isGlobal ? Int(nodeLimit) : scratch.touchedCount
            if scratch.isGlobal {
                try rounds.sweep(in: snapshot, &hopScratch)
            } else {
                try rounds.relaxTouched(in: snapshot, &hopScratch)
            }
            passing = rounds.residual
            // Weights that no writer lets in would keep it from ever getting less.
            guard passing.isFinite, passing <= PageRankWalk.residualLimit else {
                throw GraphStoreError.damaged(
                    table: hop.steps[0].table.name, node: nil,
                    reason: "the weights of its edges are not those of a walk")
            }
            roundsWithoutProgress = passing < before ? 0 : roundsWithoutProgress + 1
            if roundsWithoutProgress > PageRankWalk.roundsWithoutProgressMax { break }
            // Of all that begins at least the restart probability stays.
            outcome.residual = passing / max(restart, 1 - rounds.step.returned - passing)
            outcome.visited = rounds.step.visited
            if scratch.isGlobal {
                stalledSweeps = passing > before * PageRankWalk.progressShare ? stalledSweeps + 1 : 0
                if stalledSweeps == PageRankWalk.stalledSweepsMax { rounds.step.relaxation = 1 }
            }
            // Rounding is all that is left.
            if passing < 1e-15 { break }
        }
        outcome.isComplete = outcome.residual <= residualMax
        // What certainly stays where it is.
        scratch.settle(restart, scale: 1 / (1 - rounds.step.returned), Int(nodeLimit))
        outcome.residual = min(1, outcome.residual) * (1 - restart)
        return outcome
    }

    /// A sweep that leaves a greater share of the residual has stalled. While a walk spreads one may, and over-relaxation
    /// still be the fastest way; so many in a row are taken for a sign that it does not suit.
    private static let progressShare = 0.98
    private static let stalledSweepsMax = 2
    /// After so many rounds in a row that bring the residual no lower, there is nothing to wait for.
    private static let roundsWithoutProgressMax = 10_000
    /// More than over-relaxation makes of what begins as 1.
    private static let residualLimit = 1e6

    /// The ω to begin with.
    ///
    /// Where edges lead one way, eigenvalues are complex, and the best ω is smaller: in the few sweeps of the serving mode
    /// two thirds of the way to it took a sixth fewer of them at restart 0.15, and hardly fewer at 0.5, on epinions and
    /// R-MAT.
    private var relaxation: Double {
        let best = 2 / (1 + (1 - (1 - restart) * (1 - restart)).squareRoot())
        return isServing && !isReversible ? 1 + (best - 1) * 2 / 3 : best
    }

    /// Whether every edge leads back with the same weight.
    private var isReversible: Bool {
        zip(hop.steps, multipliers).allSatisfy { step, multiplier in
            step.edges.type.isSymmetric
                || zip(hop.steps, multipliers).contains { other, otherMultiplier in
                    other.edges.index == step.edges.index && other.direction != step.direction
                        && otherMultiplier == multiplier
                }
        }
    }
}

extension PageRankWalk {
    /// Appends the best for a user to `ranked`, best first.
    func rank(
        _ run: RequestRun, limit: Int, in snapshot: borrowing Snapshot, into ranked: inout [RankedNode]
    ) throws -> PageRankOutcome {
        let vectors = run.scratch.pageRank
        defer { vectors.clear(Int(nodeLimit)) }
        let outcome = try solve(for: run.user, in: snapshot, run.scratch)
        run.scratch.work.edges += outcome.visited
        try run.filter.forEachExcluded(for: run.user, in: snapshot) { node in
            if node < nodeLimit { unsafe vectors.estimate[Int(node)] = 0 }
        }
        try run.scratch.selecting(limit, into: &ranked) { best in
            func offer(_ node: UInt32) throws {
                let score = unsafe vectors.estimate[Int(node)]
                guard score > 0, score >= best.scoreMin, try run.filter.accepts(node, in: snapshot) else { return }
                best.offer(RankedNode(score: score, id: node))
            }
            if vectors.isGlobal {
                for node in 0..<nodeLimit { try offer(node) }
            } else {
                for place in 0..<vectors.touchedCount { try offer(unsafe vectors.touched[place]) }
            }
        }
        return outcome
    }

    /// ``solve(in:_:_:)`` from the request's seeds, or from the user.
    func solve(
        for user: UInt32, in snapshot: borrowing Snapshot, _ scratch: RequestScratch
    ) throws -> PageRankOutcome {
        scratch.pageRank.seeds.removeAll(keepingCapacity: true)
        scratch.pageRank.seeds.append(contentsOf: seeds)
        if seeds.isEmpty { scratch.pageRank.seeds.append((user, 1)) }
        return try solve(askedBy: user, in: snapshot, scratch.pageRank, &scratch.hop)
    }
}

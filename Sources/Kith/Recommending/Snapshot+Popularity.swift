/// A ``Popularity`` found in a store.
struct PopularityWalk {
    let attention: Popularity
    let hop: HopTables
    let steps: [Hop.Step]
    let key: PopularityCache.Key
    /// Whether the same edges make another ranking later.
    let dependsOnTime: Bool

    /// - Throws: ``GraphStoreError/badRequest(_:)``, ``GraphStoreError/edgeTypesDoNotFit(_:)``.
    init(_ attention: Popularity, along steps: [Hop.Step], snapshot: borrowing Snapshot) throws {
        try attention.validate()
        self.attention = attention
        self.steps = steps
        hop = try HopTables(Hop(steps), in: snapshot.tables)
        key = PopularityCache.Key(
            measure: attention.measure, halfLifeSeconds: attention.halfLifeSeconds, steps: steps)
        dependsOnTime =
            switch attention.measure {
            case .followers, .pageRank: false
            case .recent, .composite: true
            case .interactions: hop.fades(EdgeAging(WalkOptions(), now: snapshot.now))
            }
    }
}

extension Snapshot {
    /// The attention the nodes that the hop leads to get by it.
    func ranking(_ walk: PopularityWalk) throws -> PopularityRanking {
        try caches.attention.ranking(
            walk.key, commit: commit, now: now, stalenessSeconds: walk.attention.stalenessSeconds,
            dependsOnTime: walk.dependsOnTime
        ) {
            PopularityRanking(try scores(walk))
        }
    }

    private func scores(_ walk: PopularityWalk) throws -> [Double] {
        let (attention, hop) = (walk.attention, walk.hop)
        var scores = Array(repeating: 0.0, count: Int(counters.kinds[hop.destination.index].nextID))
        var cancellation = cancellation
        switch attention.measure {
        case .followers:
            for step in hop.steps {
                var reader = step.reversedTable.neighbors(in: self)
                try reader.forEachBlock { node, isFirst, block in
                    try cancellation.pass()
                    if isFirst, Int(node) < scores.count { scores[Int(node)] += Double(block.degree) }
                }
            }
        case .recent:
            if let type = hop.steps.first?.edges.type.name,
                !hop.steps.contains(where: { $0.edges.type.columns.contains(.time) })
            {
                throw GraphStoreError.noSuchColumn(type, column: "time")
            }
            for step in hop.steps {
                var reader = step.reversedTable.neighbors(in: self)
                try reader.forEachEdge { node, _, value in
                    try cancellation.pass()
                    let time = step.edges.type.time(of: value)
                    guard time != 0, Int(node) < scores.count else { return }
                    scores[Int(node)] += EdgeValue.faded(1, of: time, to: now.rawValue, attention.halfLifeSeconds)
                }
            }
        case .interactions:
            for step in hop.steps {
                var reader = step.reversedTable.neighbors(in: self)
                try reader.forEachEdge { node, _, value in
                    try cancellation.pass()
                    guard Int(node) < scores.count else { return }
                    scores[Int(node)] += step.edges.type.weight(of: value, at: now.rawValue)
                }
            }
        case .pageRank:
            scores = try globalPageRank(along: walk.steps, restart: 0.15, tolerance: 1e-6)
        case .composite:
            for measure in [.followers, .recent, .interactions, .pageRank] as [Popularity.Measure] {
                // A walk goes on from where an edge leads, so items that users look at have no PageRank.
                if measure == .pageRank, hop.origin.index != hop.destination.index { continue }
                var part = attention
                part.measure = measure
                let ranking = try ranking(try PopularityWalk(part, along: walk.steps, snapshot: self))
                guard ranking.max > 0 else { continue }
                for id in scores.indices { scores[id] += ranking.scores[id] / ranking.max / 4 }
            }
        }
        return scores
    }

    /// PageRank from everywhere: the probability of each id that a walk which restarts at any node alike is there.
    ///
    /// - Complexity: O(edges) for each of some ten sweeps.
    private func globalPageRank(along steps: [Hop.Step], restart: Double, tolerance: Double) throws -> [Double] {
        let walk = try PageRankWalk(
            PersonalizedPageRank(restart: restart, tolerance: tolerance), steps: steps, snapshot: self)
        let dictionary = walk.hop.origin
        let kind = counters.kinds[dictionary.index]
        var ids: [UInt32] = []
        var cancellation = cancellation
        for id in 0..<walk.nodeLimit
        where try kind.nodes == kind.nextID || dictionary.key(of: id, in: self) != nil {
            try cancellation.pass()
            ids.append(id)
        }
        return try caches.scratch.withScratch { scratch in
            let vectors = scratch.pageRank
            defer { vectors.clear(Int(walk.nodeLimit)) }
            vectors.seeds.removeAll(keepingCapacity: true)
            for id in ids { vectors.seeds.append((id, 1 / Double(ids.count))) }
            _ = try walk.solve(askedBy: nil, in: self, vectors, &scratch.hop)
            return (0..<Int(walk.nodeLimit)).map { unsafe vectors.estimate[$0] }
        }
    }

    /// The nodes that get most attention, most first; equal ones by smaller id.
    ///
    /// - Parameters:
    ///   - type: the edges that are attention: follows, unless given, or friends where the store has those.
    ///   - includesHidden: whether accounts that are hidden are listed, which is for those who run the store.
    /// - Complexity: a scan of the edges, once for each state of the graph (see ``Popularity/stalenessSeconds``); then
    ///   O(limit + hidden accounts).
    /// - Throws: ``GraphStoreError/unknownEdgeType(_:known:)``, ``GraphStoreError/badRequest(_:)``,
    ///   ``GraphStoreError/notRead(_:by:readers:)``, `CancellationError`.
    public func top(
        by attention: Popularity = Popularity(), via type: EdgeType.Name? = nil, limit: Int = 10,
        includesHidden: Bool = false
    ) throws -> [(key: NodeKey, score: Double)] {
        guard limit >= 0 else { throw GraphStoreError.badRequest("a limit needs to be 0 or more, found \(limit)") }
        let type = try type ?? defaultType(of: attention.measure)
        let walk = try PopularityWalk(attention, along: [Hop.Step(type)], snapshot: self)
        let dictionary = walk.hop.destination
        let hidden = includesHidden ? nil : try MarkedNodes(Setting.isHidden, of: dictionary, in: self)
        let best = try ranking(walk).first(limit) { node in try hidden?.contains(node, in: self) != true }
        return try best.map { (try dictionary.existingKey(of: $0.id, in: self), $0.score) }
    }

    /// What is attention where nothing else is said.
    func defaultType(of measure: Popularity.Measure) throws -> EdgeType.Name {
        let interacts = schema.edgeType(.interacts) != nil
        if measure == .interactions, interacts, try edgeCount(of: .interacts) > 0 { return .interacts }
        return try relation
    }
}

import LMDB

/// A ``Recommender`` found in a store: its tables, the kinds it leads between, and how it ranks.
struct PreparedRecommender {
    enum Core {
        case twoHop(TwoHop)
        case collaborative(CollaborativeWalk)
        case pageRank(PageRankWalk)
        case attention(Attention, [Hop.Step])
        case followBack(FollowBack)
    }

    let by: Recommender.Method
    let weight: Double
    private(set) var core: Core
    let users: NodeDictionary
    let candidates: NodeDictionary
    /// The edge types of the first hop: what is recommended, where they join users and candidates.
    let relation: [EdgeType.Name]

    init(_ recommender: Recommender, in snapshot: borrowing Snapshot) throws {
        by = recommender.by
        weight = recommender.weight ?? 1
        let options = recommender.options ?? WalkOptions()
        let tables = snapshot.tables
        func twoHop(_ first: Hop, _ second: Hop, _ score: TwoHopScore) throws -> TwoHop {
            try TwoHop(
                first: HopTables(first, in: tables), second: HopTables(second, in: tables),
                score: recommender.score ?? score, options: options, snapshot: snapshot)
        }
        func types(_ standard: @autoclosure () throws -> EdgeType.Name) throws -> [EdgeType.Name] {
            if let via = recommender.via, !via.isEmpty { return via }
            return [try standard()]
        }
        func hop(_ types: [EdgeType.Name], _ direction: EdgeDirection) -> Hop {
            Hop(types.map { Hop.Step($0, direction) })
        }
        let core: Core
        switch recommender.by {
        case .friendsOfFriends:
            let via = try types(try snapshot.relation)
            core = .twoHop(try twoHop(hop(via, .out), hop(via, .out), .adamicAdar))
        case .coFollow:
            let via = try types(try snapshot.relation)
            core = .twoHop(try twoHop(hop(via, .out), hop(via, .in), .cosine))
        case .sameAudience:
            let via = try types(try snapshot.relation)
            core = .twoHop(try twoHop(hop(via, .in), hop(via, .out), .cosine))
        case .interests:
            let via = try types(.interests)
            core = .twoHop(try twoHop(hop(via, .out), hop(via, .in), .tfidfCosine))
        case .behaviour:
            let via = try types(try snapshot.behaviour)
            core = .twoHop(try twoHop(hop(via, .out), hop(via, .in), .tfidfCosine))
        case .interactions:
            let via = try types(.interacts)
            core = .twoHop(try twoHop(hop(via, .out), hop(via, .out), .weighted))
        case .content:
            let via = recommender.via ?? [.interests, .about]
            guard via.count == 2 else {
                throw GraphStoreError.badRequest(
                    "content needs two edge types, from users to topics and from items to topics, found \(via.count)")
            }
            core = .twoHop(try twoHop(.out(via[0]), .in(via[1]), .tfidfCosine))
        case .walk:
            guard let hops = recommender.hops, hops.count == 2 else {
                throw GraphStoreError.badRequest(
                    "a walk needs two hops, found \(recommender.hops?.count ?? 0)")
            }
            core = .twoHop(try twoHop(hops[0], hops[1], .paths))
        case .followBack:
            let via = try types(try snapshot.relation)
            core = .followBack(try FollowBack(try HopTables(hop(via, .in), in: tables), options, snapshot))
        case .pageRank:
            var request = recommender.pageRank ?? PersonalizedPageRank()
            request.budget = request.budget ?? options.budget
            let steps = try request.via.isEmpty ? types(try snapshot.relation).map { Hop.Step($0) } : request.via
            core = .pageRank(try PageRankWalk(request, steps: steps, snapshot: snapshot))
        case .attention:
            let attention = recommender.attention ?? Attention()
            try attention.validate()
            core = .attention(
                attention, try types(try snapshot.defaultType(of: attention.measure)).map { Hop.Step($0) })
        case .linearFilter, .itemBased, .userBased:
            let first = try HopTables(hop(try types(try snapshot.behaviour), .out), in: tables)
            var formula = recommender.by == .linearFilter ? CollaborativeWalk.Formula.linearFilter : .itemBased
            if recommender.by == .userBased {
                let similarity = try TwoHop(
                    first: first, second: first.reversed, score: recommender.score ?? .cosine, options: options,
                    snapshot: snapshot)
                let neighborsMax = recommender.neighborsMax ?? 50
                guard neighborsMax > 0 else {
                    throw GraphStoreError.badRequest("'neighborsMax' needs to be above 0, found \(neighborsMax)")
                }
                formula = .userBased(similarity, neighborsMax: neighborsMax)
            }
            core = .collaborative(try CollaborativeWalk(formula, along: first, snapshot: snapshot))
        }
        self.core = core
        switch core {
        case .twoHop(let walk):
            (users, candidates) = (walk.first.origin, walk.second.destination)
            relation = walk.first.steps.map(\.edges.type.name)
        case .collaborative(let walk):
            (users, candidates) = (walk.first.origin, walk.first.destination)
            relation = walk.first.steps.map(\.edges.type.name)
        case .pageRank(let walk):
            (users, candidates) = (walk.hop.origin, walk.hop.origin)
            relation = walk.hop.steps.map(\.edges.type.name)
        case .attention(_, let steps):
            let hop = try HopTables(Hop(steps), in: tables)
            (users, candidates) = (hop.origin, hop.destination)
            relation = steps.map(\.type)
        case .followBack(let walk):
            (users, candidates) = (walk.hop.origin, walk.hop.destination)
            relation = walk.hop.steps.map(\.edges.type.name)
        }
    }
}

extension PreparedRecommender {
    /// From here on uses, and fills, what the threads of a batch share.
    mutating func share(_ hops: SharedHops, number: Int, _ counters: StoreCounters) {
        switch core {
        case .twoHop(var walk):
            walk.share(hops, number: number, counters)
            core = .twoHop(walk)
        case .collaborative(var walk):
            walk.share(hops, number: number, counters)
            core = .collaborative(walk)
        case .pageRank, .attention, .followBack: break
        }
    }
}

extension Snapshot {
    /// The relation people are joined by in this store: `friends` where there are any, else `follows`.
    public var relation: EdgeType.Name {
        get throws {
            if schema.edgeType(.friends) != nil, try edgeCount(of: .friends) > 0 { return .friends }
            return .follows
        }
    }

    /// Of `purchases`, `clicks` and `views` the one with most edges; of equals the first.
    var behaviour: EdgeType.Name {
        get throws {
            var best: (name: EdgeType.Name, count: Int)?
            for name in [.purchases, .clicks, .views] as [EdgeType.Name] where schema.edgeType(name) != nil {
                let count = try edgeCount(of: name)
                if count > best?.count ?? -1 { best = (name, count) }
            }
            return best?.name ?? .views
        }
    }
}

extension PreparedRecommender {
    /// Whether both recommend the same kind to the same kind.
    func recommendsLike(_ other: PreparedRecommender) -> Bool {
        users.index == other.users.index && candidates.index == other.candidates.index
    }
}

/// The candidates of one recommender, best first.
struct CandidateList {
    var ranked: [RankedNode]
    var isComplete = true
    var residual: Double?
}

extension PreparedRecommender {
    func rank(
        for user: UInt32, limit: Int, by filter: CandidateFilter, in snapshot: borrowing Snapshot,
        _ scratch: RequestScratch
    ) throws -> CandidateList {
        switch core {
        case .twoHop(let walk):
            let (ranked, isComplete) = try walk.rank(
                for: user, limit: limit, by: filter, in: snapshot.transaction, scratch)
            return CandidateList(ranked: ranked, isComplete: isComplete)
        case .collaborative(let walk):
            let (ranked, isComplete) = try walk.rank(
                for: user, limit: limit, by: filter, in: snapshot.transaction, scratch)
            return CandidateList(ranked: ranked, isComplete: isComplete)
        case .pageRank(let walk):
            let (ranked, outcome) = try walk.rank(
                for: user, limit: limit, by: filter, in: snapshot.transaction, scratch)
            return CandidateList(ranked: ranked, isComplete: outcome.isComplete, residual: outcome.residual)
        case .attention(let attention, let steps):
            let ranking = try snapshot.attention(attention, by: steps)
            return CandidateList(
                ranked: try ranking.first(limit, for: user, by: filter, in: snapshot.transaction))
        case .followBack(let walk):
            return CandidateList(
                ranked: try walk.rank(for: user, limit: limit, by: filter, in: snapshot.transaction, scratch))
        }
    }

    /// Reads what evidence needs of the user, who may not have been ranked last.
    func prepareEvidence(
        for user: UInt32, in snapshot: borrowing Snapshot, _ scratch: RequestScratch
    ) throws {
        switch core {
        case .twoHop(let walk): try walk.readIntermediates(of: user, in: snapshot.transaction, scratch)
        case .collaborative(let walk): try walk.prepare(for: user, in: snapshot.transaction, scratch)
        case .pageRank, .attention, .followBack: break
        }
    }

    /// Why `candidate` was found for the user prepared last.
    func evidence(
        for candidate: RankedNode, limit: Int, in snapshot: borrowing Snapshot, _ scratch: RequestScratch
    ) throws -> Evidence {
        var count = 0
        var strongest = TopK(limit: limit)
        var intermediates = candidates
        switch core {
        case .twoHop(let walk):
            intermediates = walk.first.destination
            let paths = try walk.paths(to: candidate.id, in: snapshot.transaction, scratch)
            count = paths.places.count
            for path in paths.places {
                strongest.offer(RankedNode(score: path.amount, id: scratch.intermediates.ids[path.place]))
            }
        case .collaborative(let walk):
            intermediates = walk.first.origin
            let paths = try walk.paths(to: candidate.id, in: snapshot.transaction, scratch)
            count = paths.count
            for path in paths { strongest.offer(path) }
        case .pageRank, .attention, .followBack: break
        }
        let through = try strongest.ranked().map { try intermediates.existingKey(of: $0.id, in: snapshot.transaction) }
        return Evidence(by: by, via: relation[0], paths: count, through: through, score: candidate.score)
    }
}

extension AttentionRanking {
    /// The best for a user, best first.
    func first(
        _ limit: Int, for user: UInt32, by filter: CandidateFilter, in transaction: borrowing ReadTransaction
    ) throws -> [RankedNode] {
        var excluded: Set<UInt32> = []
        try filter.forEachExcluded(for: user, in: transaction) { excluded.insert($0) }
        var found: [RankedNode] = []
        for candidate in head {
            if found.count >= limit { return found }
            if try !excluded.contains(candidate.id) && filter.accepts(candidate.id, in: transaction) {
                found.append(candidate)
            }
        }
        guard found.count < limit, head.count == AttentionRanking.headCount else { return found }
        var best = TopK(limit: limit)
        for (place, score) in scores.enumerated() where score > 0 && score >= best.scoreMin {
            let id = UInt32(place)
            if try !excluded.contains(id) && filter.accepts(id, in: transaction) {
                best.offer(RankedNode(score: score, id: id))
            }
        }
        return best.ranked()
    }
}

/// Those who are joined to the user and whom the user is not joined to: one hop, newest first.
///
/// The score is 2^(-age / half-life), with 30 days unless the options say otherwise; 0 where the time is not known.
struct FollowBack {
    let hop: HopTables
    private let aging: EdgeAging
    private let candidateLimit: UInt32

    init(_ hop: HopTables, _ options: WalkOptions, _ snapshot: borrowing Snapshot) throws {
        try options.validate()
        self.hop = hop
        var aging = EdgeAging(options, now: snapshot.now)
        aging.halfLifeSeconds = options.halfLifeSeconds ?? 30 * 86_400
        self.aging = aging
        candidateLimit = UInt32(snapshot.counters.kinds[hop.destination.index].nextID)
    }

    func rank(
        for user: UInt32, limit: Int, by filter: CandidateFilter, in transaction: borrowing ReadTransaction,
        _ scratch: RequestScratch
    ) throws -> [RankedNode] {
        let sums = scratch.pathSums(capacity: Int(candidateLimit))
        do {
            for step in hop.steps {
                scratch.hop.list.removeAll(columns: step.table.columns)
                try step.table.read(user, in: transaction, into: &scratch.hop.list)
                for index in 0..<scratch.hop.list.count where scratch.hop.list.neighbors[index] < candidateLimit {
                    let value = EdgeValue(scratch.hop.list.value(at: index))
                    let hasTimes = step.table.columns.contains(.time)
                    if hasTimes, aging.filtersTimes, !aging.includes(value.time) { continue }
                    let unit = EdgeValue(weight: 1, time: value.time)
                    let score = value.time == 0 ? 0 : EdgeValue.faded(unit, to: aging.now, aging.halfLifeSeconds)
                    sums.add(score, to: scratch.hop.list.neighbors[index])
                }
            }
            try filter.forEachExcluded(for: user, in: transaction) { sums.exclude($0) }
        } catch {
            sums.drain { _, _ in }
            throw error
        }
        var best = TopK(limit: limit)
        try sums.drain { id, entry in
            guard entry.sum >= best.scoreMin, try filter.accepts(id, in: transaction) else { return }
            best.offer(RankedNode(score: entry.sum, id: id))
        }
        return best.ranked()
    }
}

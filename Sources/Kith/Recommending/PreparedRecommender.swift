/// A ``Recommender`` found in a store: its tables, the kinds it leads between, and how it ranks.
struct PreparedRecommender {
    enum Core {
        case twoHop(TwoHop)
        case collaborative(CollaborativeWalk)
        case pageRank(PageRankWalk)
        case attention(AttentionWalk)
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
        let formula = recommender.formula ?? .paths
        func twoHop(_ first: Hop, _ second: Hop) throws -> TwoHop {
            try TwoHop(
                first: HopTables(first, in: tables), second: HopTables(second, in: tables), score: formula,
                options: options, snapshot: snapshot)
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
            core = .twoHop(try twoHop(hop(via, .out), hop(via, .out)))
        case .coFollow:
            let via = try types(.follows)
            core = .twoHop(try twoHop(hop(via, .out), hop(via, .in)))
        case .sameAudience:
            let via = try types(.follows)
            core = .twoHop(try twoHop(hop(via, .in), hop(via, .out)))
        case .interests:
            let via = try types(.interests)
            core = .twoHop(try twoHop(hop(via, .out), hop(via, .in)))
        case .behaviour:
            let via = try types(try snapshot.behaviour)
            core = .twoHop(try twoHop(hop(via, .out), hop(via, .in)))
        case .interactions:
            let via = try types(.interacts)
            core = .twoHop(try twoHop(hop(via, .out), hop(via, .out)))
        case .content:
            let via = recommender.via ?? [.interests, .about]
            guard via.count == 2 else {
                throw GraphStoreError.badRequest(
                    "content needs two edge types, from users to topics and from items to topics, found \(via.count)")
            }
            core = .twoHop(try twoHop(.out(via[0]), .in(via[1])))
        case .walk:
            guard let hops = recommender.hops, hops.count == 2 else {
                throw GraphStoreError.badRequest(
                    "a walk needs two hops, found \(recommender.hops?.count ?? 0)")
            }
            core = .twoHop(try twoHop(hops[0], hops[1]))
        case .followBack:
            let via = try types(.follows)
            core = .followBack(try FollowBack(try HopTables(hop(via, .in), in: tables), options, snapshot))
        case .pageRank:
            var request = recommender.pageRank ?? PersonalizedPageRank()
            request.budget = request.budget ?? options.budget
            let steps = try request.via.isEmpty ? types(try snapshot.relation).map { Hop.Step($0) } : request.via
            core = .pageRank(try PageRankWalk(request, steps: steps, snapshot: snapshot))
        case .attention:
            let attention = recommender.attention ?? Attention()
            core = .attention(
                try AttentionWalk(
                    attention, along: try types(try snapshot.defaultType(of: attention.measure)).map { Hop.Step($0) },
                    snapshot: snapshot))
        case .linearFilter, .itemBased, .userBased:
            let first = try HopTables(hop(try types(try snapshot.behaviour), .out), in: tables)
            var collaborative =
                recommender.by == .linearFilter ? CollaborativeWalk.Formula.linearFilter : .itemBased
            if recommender.by == .userBased {
                let similarity = try TwoHop(
                    first: first, second: first.reversed, score: formula, options: options, snapshot: snapshot)
                let neighborsMax = recommender.neighborsMax ?? 50
                guard neighborsMax > 0 else {
                    throw GraphStoreError.badRequest("'neighborsMax' needs to be above 0, found \(neighborsMax)")
                }
                collaborative = .userBased(similarity, neighborsMax: neighborsMax)
            }
            core = .collaborative(try CollaborativeWalk(collaborative, along: first, snapshot: snapshot))
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
        case .attention(let walk):
            (users, candidates) = (walk.hop.origin, walk.hop.destination)
            relation = walk.hop.steps.map(\.edges.type.name)
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
    /// The relation people are joined by in this store: `friends` where there are any, else `follows`. What is about
    /// follows by its nature is not told by it: who follows the same accounts, whom they follow, who follows back.
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
    var ranked: [RankedNode] = []
    var isComplete = true
    var residual: Double?
}

extension PreparedRecommender {
    /// Puts the best candidates of `user` in `list`, in place of what was there.
    func rank(
        for user: UInt32, limit: Int, by filter: CandidateFilter, in snapshot: borrowing Snapshot,
        _ scratch: RequestScratch, into list: inout CandidateList
    ) throws {
        list.ranked.removeAll(keepingCapacity: true)
        list.isComplete = true
        list.residual = nil
        switch core {
        case .twoHop(let walk):
            list.isComplete = try walk.rank(
                for: user, limit: limit, by: filter, in: snapshot, scratch, into: &list.ranked)
        case .collaborative(let walk):
            list.isComplete = try walk.rank(
                for: user, limit: limit, by: filter, in: snapshot, scratch, into: &list.ranked)
        case .pageRank(let walk):
            let outcome = try walk.rank(
                for: user, limit: limit, by: filter, in: snapshot, scratch, into: &list.ranked)
            (list.isComplete, list.residual) = (outcome.isComplete, outcome.residual)
        case .attention(let walk):
            try snapshot.ranking(walk).rank(
                for: user, limit: limit, by: filter, in: snapshot, scratch, into: &list.ranked)
        case .followBack(let walk):
            try walk.rank(
                for: user, limit: limit, by: filter, in: snapshot, scratch, into: &list.ranked)
        }
    }

    /// Reads what evidence needs of the user, who may not have been ranked last.
    func prepareEvidence(
        for user: UInt32, in snapshot: borrowing Snapshot, _ scratch: RequestScratch
    ) throws {
        switch core {
        case .twoHop(let walk): try walk.readIntermediates(of: user, in: snapshot, scratch)
        case .collaborative(let walk): try walk.prepare(for: user, in: snapshot, scratch)
        case .pageRank, .attention, .followBack: break
        }
    }

    /// Why `candidate` was found for `user`, who was prepared last.
    func evidence(
        for candidate: RankedNode, to user: UInt32, limit: Int, in snapshot: borrowing Snapshot,
        _ scratch: RequestScratch
    ) throws -> Evidence {
        scratch.paths.removeAll(keepingCapacity: true)
        var intermediates = candidates
        switch core {
        case .twoHop(let walk):
            intermediates = walk.first.destination
            _ = try walk.findPaths(to: candidate.id, in: snapshot, scratch)
        case .collaborative(let walk):
            intermediates = walk.first.origin
            try walk.findPaths(to: candidate.id, in: snapshot, scratch)
        case .pageRank, .attention, .followBack: break
        }
        var strongest: [RankedNode] = []
        swap(&strongest, &scratch.strongest)
        defer { swap(&strongest, &scratch.strongest) }
        strongest.removeAll(keepingCapacity: true)
        scratch.selecting(limit, into: &strongest) { best in
            for path in scratch.paths { best.offer(path) }
        }
        let through = try strongest.map { try intermediates.existingKey(of: $0.id, in: snapshot) }
        return Evidence(
            by: by, via: try type(of: candidate.id, to: user, strongest.first?.id, in: snapshot),
            paths: scratch.paths.count, through: through, score: candidate.score)
    }

    /// The edge type of the first hop of the strongest path, which leads through `strongest`; of several the first that
    /// was asked for.
    private func type(
        of candidate: UInt32, to user: UInt32, _ strongest: UInt32?, in snapshot: borrowing Snapshot
    ) throws -> EdgeType.Name {
        switch core {
        case .twoHop(let walk):
            guard let strongest else { return relation[0] }
            return try walk.first.type(from: user, to: strongest, walk.aging, in: snapshot) ?? relation[0]
        case .followBack(let walk):
            return try walk.hop.type(from: user, to: candidate, walk.aging, in: snapshot) ?? relation[0]
        case .collaborative, .pageRank, .attention: return relation[0]
        }
    }
}

/// A ``Recommender`` found in a store: its source of candidates, and what a request needs to know of it.
struct PreparedRecommender {
    let by: Recommender.Method
    let weight: Double
    let users: NodeDictionary
    let candidates: NodeDictionary
    /// The edge types of the first hop: what is recommended, where they join users and candidates.
    let relation: [EdgeType.Name]
    private(set) var source: any CandidateSource

    init(_ recommender: Recommender, in snapshot: borrowing Snapshot) throws {
        by = recommender.by
        weight = recommender.weight ?? 1
        source = try recommender.by.type.prepare(recommender, in: snapshot)
        users = source.users
        candidates = source.candidates
        relation = source.relation
    }

    /// From here on uses, and fills, what the threads of a batch share.
    mutating func share(_ hops: SharedHops, number: Int, _ counters: StoreCounters) {
        source.share(hops, number: number, counters)
    }

    /// Whether both recommend the same kind to the same kind.
    func recommendsLike(_ other: PreparedRecommender) -> Bool {
        users.index == other.users.index && candidates.index == other.candidates.index
    }

    /// Why `candidate` was found for the user, whom the source has read last.
    func evidence(
        for candidate: RankedNode, limit: Int, _ run: RequestRun, in snapshot: borrowing Snapshot
    ) throws -> Evidence {
        let scratch = run.scratch
        scratch.paths.removeAll(keepingCapacity: true)
        try source.findPaths(to: candidate.id, run, in: snapshot)
        var strongest: [RankedNode] = []
        swap(&strongest, &scratch.strongest)
        defer { swap(&strongest, &scratch.strongest) }
        strongest.removeAll(keepingCapacity: true)
        scratch.selecting(limit, into: &strongest) { best in
            for path in scratch.paths { best.offer(path) }
        }
        let intermediates = source.intermediates
        let through = try strongest.map { try intermediates.existingKey(of: $0.id, in: snapshot) }
        let via = try source.firstType(to: candidate.id, through: strongest.first?.id, run, in: snapshot)
        return Evidence(
            by: by, via: via ?? relation[0], paths: scratch.paths.count, through: through, score: candidate.score)
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

import Adjacency

extension Recommender.Method {
    /// Those who follow one and are not followed back, newest first.
    public static let followBack = Self("follow-back", FollowBack.self)
}

/// Those who are joined to the user and whom the user is not joined to: one hop, newest first.
///
/// The score is 2^(-age / half-life), with 30 days unless the options say otherwise; 0 where the time is not known.
struct FollowBack {
    let hop: HopTables
    let aging: EdgeAging
    private let candidateLimit: UInt32

    init(_ hop: HopTables, _ options: WalkOptions, _ snapshot: borrowing Snapshot) throws {
        try options.validate()
        try options.validate(walking: [hop])
        self.hop = hop
        var aging = EdgeAging(options, now: snapshot.now)
        aging.halfLifeSeconds = options.halfLifeSeconds ?? 30 * 86_400
        self.aging = aging
        candidateLimit = UInt32(snapshot.counters.kinds[hop.destination.index].nextID)
    }

    /// Appends the best to `ranked`, best first.
    private func rank(
        _ run: RequestRun, limit: Int, in snapshot: borrowing Snapshot, into ranked: inout [RankedNode]
    ) throws {
        let scratch = run.scratch
        let sums = scratch.pathSums(capacity: Int(candidateLimit))
        do {
            for step in hop.steps {
                scratch.hop.list.removeAll(columns: step.table.columns)
                var reader = step.table.neighbors(in: snapshot)
                try reader.read(run.user, into: &scratch.hop.list)
                scratch.work.edges += scratch.hop.list.count
                for index in 0..<scratch.hop.list.count where scratch.hop.list.neighbors[index] < candidateLimit {
                    let value = EdgeValue(scratch.hop.list.value(at: index))
                    let hasTimes = step.edges.type.columns.contains(.time)
                    if hasTimes, aging.filtersTimes, !aging.includes(value.time) { continue }
                    let time = hasTimes ? value.time : 0
                    let score = time == 0 ? 0 : EdgeValue.faded(1, of: time, to: aging.now, aging.halfLifeSeconds)
                    sums.add(score, to: scratch.hop.list.neighbors[index])
                }
            }
            try run.filter.forEachExcluded(for: run.user, in: snapshot) { sums.exclude($0) }
        } catch {
            sums.drain { _, _ in }
            throw error
        }
        try scratch.selecting(limit, into: &ranked) { best in
            try sums.drain { id, entry in
                guard entry.sum >= best.scoreMin, try run.filter.accepts(id, in: snapshot) else { return }
                best.offer(RankedNode(score: entry.sum, id: id))
            }
        }
    }
}

extension FollowBack: RecommenderMethod {
    static let summary = "those who follow one and are not followed back, by 'follows'"
    static let members = Recommender.Member.ofTimes.union([.via])

    static func prepare(
        _ recommender: Recommender, in snapshot: borrowing Snapshot
    ) throws -> any CandidateSource {
        let hop = Hop(recommender.types(or: .follows), .in)
        return try FollowBack(
            HopTables(hop, in: snapshot.tables), recommender.options ?? WalkOptions(), snapshot)
    }
}

extension FollowBack: HopSource {
    func rank(
        _ run: RequestRun, limit: Int, in snapshot: borrowing Snapshot, into list: inout CandidateList
    ) throws {
        try rank(run, limit: limit, in: snapshot, into: &list.ranked)
    }

    func firstType(
        to candidate: UInt32, through strongest: UInt32?, _ run: RequestRun, in snapshot: borrowing Snapshot
    ) throws -> EdgeType.Name? {
        try hop.type(from: run.user, to: candidate, aging, in: snapshot)
    }

    func score(of candidate: UInt32, _ run: RequestRun, in snapshot: borrowing Snapshot) throws -> Double {
        let everyone = RequestRun(user: run.user, filter: CandidateFilter(), scratch: run.scratch)
        var ranked: [RankedNode] = []
        try rank(everyone, limit: .max, in: snapshot, into: &ranked)
        return ranked.first { $0.id == candidate }?.score ?? 0
    }
}

import Foundation
import Kith

/// Every score computed the slow, obvious way from dictionaries: what the engine must equal.
///
/// Where the definition fixes the order of a sum, it is ascending id here too, so that the bits are the same.
public struct SlowRecommender {
    /// The graph.
    public let graph: ReferenceGraph
    /// The ids of its nodes, by kind: only their order matters.
    public let ids: [NodeKind: [NodeKey: NodeID]]
    /// The moment weights are read at.
    public let now: UInt32
    private let privates: Set<NodeKey>
    /// For each user who blocks or is blocked, the others.
    private let blocks: [NodeKey: Set<NodeKey>]

    /// An oracle for the graph of a store.
    public init(_ graph: ReferenceGraph, _ snapshot: borrowing Snapshot) throws {
        self.graph = graph
        var ids: [NodeKind: [NodeKey: NodeID]] = [:]
        for (kind, keys) in graph.nodes {
            for key in keys { ids[kind, default: [:]][key] = try snapshot.id(of: key, kind: kind) }
        }
        self.ids = ids
        now = snapshot.now.rawValue
        privates = Set(graph.sources(.settings, of: Setting.isPrivate).keys)
        var blocks: [NodeKey: Set<NodeKey>] = [:]
        for (source, targets) in graph.edges[.blocks] ?? [:] {
            for target in targets.keys {
                blocks[source, default: []].insert(target)
                blocks[target, default: []].insert(source)
            }
        }
        self.blocks = blocks
    }

    /// The kind a hop leads from and the kind it leads to.
    public func kinds(_ hop: Hop) -> (from: NodeKind, to: NodeKind) {
        let type = graph.schema.edgeType(hop.steps[0].type)!
        return hop.steps[0].direction == .out ? (type.source, type.target) : (type.target, type.source)
    }

    private func list(_ step: Hop.Step, _ node: NodeKey) -> [NodeKey: ReferenceGraph.Value] {
        let isSymmetric = graph.schema.edgeType(step.type)!.isSymmetric
        return isSymmetric || step.direction == .out
            ? graph.neighbors(step.type, of: node) : graph.sources(step.type, of: node)
    }

    /// The steps of a hop, a symmetric type once.
    private func steps(_ hop: Hop) -> [Hop.Step] {
        var kept: [Hop.Step] = []
        for step in hop.steps {
            let isSymmetric = graph.schema.edgeType(step.type)!.isSymmetric
            let same = Hop.Step(step.type, isSymmetric ? .out : step.direction)
            if !kept.contains(same) { kept.append(same) }
        }
        return kept
    }

    /// The users no path leads through when `asker` asks: whose connections are private, who blocks the asker, and whom
    /// the asker blocks; never the asker.
    public func closed(to asker: NodeKey, kind: NodeKind = .user) -> Set<NodeKey> {
        kind == .user ? privates.union(blocks[asker] ?? []).subtracting([asker]) : privates
    }

    /// What a hop of somebody's request leads to, without those closed to them.
    public func openReach(
        _ hop: Hop, from asker: NodeKey, _ options: WalkOptions = WalkOptions()
    ) -> [(key: NodeKey, weight: Double)] {
        let kinds = kinds(hop)
        let reached = reach(hop, from: asker, options)
        guard kinds.to == .user else { return reached }
        let closed = closed(to: asker, kind: kinds.from)
        return reached.filter { !closed.contains($0.key) }
    }

    private func faded(_ time: UInt32, _ halfLifeSeconds: Double) -> Double {
        now > time ? exp2(-Double(now - time) / halfLifeSeconds) : 1
    }

    private func weight(_ value: ReferenceGraph.Value, _ type: EdgeType, _ options: WalkOptions) -> Double {
        var weight = 1.0
        if type.columns.contains(.weight) {
            weight = Double(value.weight)
            if case .accumulate(let halfLifeSeconds?) = type.repetition {
                weight *= faded(value.time, halfLifeSeconds)
            }
        }
        if let halfLifeSeconds = options.halfLifeSeconds, type.columns.contains(.time), value.time != 0 {
            weight *= faded(value.time, halfLifeSeconds)
        }
        return weight
    }

    /// Where a hop leads, ascending, with weights.
    public func reach(_ hop: Hop, from node: NodeKey, _ options: WalkOptions) -> [(key: NodeKey, weight: Double)] {
        var weights: [NodeKey: Double] = [:]
        for step in steps(hop) {
            let type = graph.schema.edgeType(step.type)!
            for (neighbor, value) in list(step, node) {
                if type.columns.contains(.time) {
                    if let since = options.since, value.time < since.rawValue { continue }
                    if let until = options.until, value.time > until.rawValue { continue }
                }
                weights[neighbor, default: 0] += weight(value, type, options)
            }
        }
        let order = ids[kinds(hop).to]!
        return weights.map { (key: $0.key, weight: $0.value) }.sorted { order[$0.key]! < order[$1.key]! }
    }

    private func size(_ hop: Hop, _ node: NodeKey) -> Int {
        let steps = steps(hop)
        if steps.count == 1 { return list(steps[0], node).count }
        return Set(steps.flatMap { list($0, node).keys }).count
    }

    /// The score of a candidate by two hops, and the number of paths; nil when there are none that count.
    public func score(
        _ formula: TwoHopScore, _ first: Hop, _ second: Hop, _ options: WalkOptions, of candidate: NodeKey,
        for user: NodeKey
    ) -> Double? {
        let rows = openReach(first, from: user, options)
        let column = Dictionary(
            uniqueKeysWithValues: reach(second.reversed, from: candidate, options).map { ($0.key, $0.weight) })
        let reversed = steps(second.reversed)[0]
        let nodes = graph.nodes[kinds(second).to] ?? []
        let sizes = nodes.map { list(reversed, $0).count }.filter { $0 > 0 }
        let n = Double(sizes.count)
        let mean = Double(sizes.reduce(0, +)) / max(n, 1)
        func idf(_ node: NodeKey) -> Double {
            let df = list(steps(second)[0], node).count
            return df == 0 ? 0 : log(1 + n / Double(df))
        }
        func norm(_ row: [(key: NodeKey, weight: Double)]) -> Double {
            row.reduce(0) { $0 + ($1.weight * idf($1.key)) * ($1.weight * idf($1.key)) }.squareRoot()
        }
        var (sum, count) = (0.0, 0.0)
        for (node, a) in rows {
            guard let b = column[node], size(second, node) <= options.maximumDegree ?? .max else { continue }
            count += 1
            let lists = Set(steps(second) + steps(first.reversed))
            let degree = Double(lists.reduce(0) { $0 + list($1, node).count })
            let df = Double(list(steps(second)[0], node).count)
            switch formula {
            case .paths, .jaccard, .cosine, .hubDepressed, .preferentialAttachment: break
            case .adamicAdar: sum += 1 / log(degree)
            case .resourceAllocation: sum += 1 / degree
            case .weighted: sum += a * b
            case .tfidfCosine: sum += a * (idf(node) * idf(node)) * b
            case .bm25:
                let length = Double(list(reversed, candidate).count)
                let amount = a * log(1 + (n - df + 0.5) / (df + 0.5))
                sum += amount * (b * (1.2 + 1) / (b + 1.2 * (1 - 0.75 + 0.75 * length / mean)))
            default: preconditionFailure("the oracle does not know the formula \(formula)")
            }
        }
        guard count > 0, count >= Double(options.minimumPaths ?? 1) else { return nil }
        let (a, b) = (Double(rows.count), Double(column.count))
        switch formula {
        case .paths: return count
        case .jaccard: return count / (a + b - count)
        case .cosine: return count / (a * b).squareRoot()
        case .hubDepressed: return count / max(a, b)
        case .preferentialAttachment: return a * b
        case .tfidfCosine: return sum / (norm(rows) * norm(reach(second.reversed, from: candidate, options)))
        default: return sum
        }
    }

    /// The PageRank of every node, by power iteration until nothing changes.
    ///
    /// - Parameters:
    ///   - steps: what is walked, each with its multiplier.
    ///   - seeds: where it restarts; the weights sum to 1.
    ///   - asker: who wants to know, if anybody: nobody's edges are walked who is closed to them.
    public func pageRank(
        _ steps: [(step: Hop.Step, multiplier: Double)], kind: NodeKind = .user, restart: Double,
        seeds: [NodeKey: Double], askedBy asker: NodeKey? = nil
    ) -> [NodeKey: Double] {
        let nodes = Array(graph.nodes[kind] ?? [])
        let closed = asker.map { self.closed(to: $0) } ?? []
        var transitions: [NodeKey: [NodeKey: Double]] = [:]
        for node in nodes where !closed.contains(node) {
            for (step, multiplier) in steps {
                let type = graph.schema.edgeType(step.type)!
                for (neighbor, value) in list(step, node) {
                    transitions[node, default: [:]][neighbor, default: 0] +=
                        multiplier * weight(value, type, WalkOptions())
                }
            }
        }
        var ranks = seeds
        for _ in 0..<2_000 {
            var next: [NodeKey: Double] = [:]
            for (seed, share) in seeds { next[seed, default: 0] += restart * share }
            for (node, rank) in ranks {
                let edges = transitions[node] ?? [:]
                let total = edges.values.reduce(0, +)
                if total == 0 {
                    for (seed, share) in seeds { next[seed, default: 0] += (1 - restart) * rank * share }
                } else {
                    for (neighbor, weight) in edges {
                        next[neighbor, default: 0] += (1 - restart) * rank * weight / total
                    }
                }
            }
            let change = nodes.reduce(0) { $0 + abs((next[$1] ?? 0) - (ranks[$1] ?? 0)) }
            ranks = next
            if change < 1e-14 { break }
        }
        return ranks
    }

    /// The candidates of a user by triangular loops, `candidate -> user -> w -> candidate` without `user -> candidate`, each
    /// with the open w.
    public func triangular(_ type: EdgeType.Name, for user: NodeKey) -> [NodeKey: Set<NodeKey>] {
        let followed = Set(graph.neighbors(type, of: user).keys)
        let open = followed.subtracting(closed(to: user))
        var found: [NodeKey: Set<NodeKey>] = [:]
        for candidate in graph.sources(type, of: user).keys where !followed.contains(candidate) {
            let through = open.intersection(graph.sources(type, of: candidate).keys)
            if !through.isEmpty { found[candidate] = through }
        }
        return found
    }

    /// The score of an item by three hops along one type: see the table of the engine's collaborative walk.
    public func collaborative(
        _ type: EdgeType.Name, p: Double, q: Double, r: Double, of item: NodeKey, for user: NodeKey
    ) -> Double {
        let (out, back) = (Hop.Step(type, .out), Hop.Step(type, .in))
        let items = openReach(Hop([out]), from: user).map(\.key)
        let closed = closed(to: user)
        var sum = 0.0
        for neighbor in reach(Hop([back]), from: item, WalkOptions()).map(\.key) where !closed.contains(neighbor) {
            var mass = 0.0
            for shared in items where list(out, neighbor)[shared] != nil {
                mass += 1 / pow(Double(list(back, shared).count), p)
            }
            sum += mass / pow(Double(list(out, neighbor).count), q)
        }
        return sum / pow(Double(list(back, item).count), r)
    }

    /// The items of the users most like one, each with the sum of their similarities: see the engine's collaborative walk.
    public func userBased(
        _ type: EdgeType.Name, _ formula: TwoHopScore, neighborsMax: Int, for user: NodeKey,
        _ options: WalkOptions = WalkOptions()
    ) -> [NodeKey: Double] {
        let (out, back) = (Hop.out(type), Hop.in(type))
        let closed = closed(to: user)
        let similar = (graph.nodes[.user] ?? []).filter { $0 != user && !closed.contains($0) }
            .compactMap { other in score(formula, out, back, options, of: other, for: user).map { (other, $0) } }
            .sorted { left, right in
                left.1 != right.1 ? left.1 > right.1 : ids[.user]![left.0]! < ids[.user]![right.0]!
            }
            .prefix(neighborsMax).sorted { ids[.user]![$0.0]! < ids[.user]![$1.0]! }
        var scores: [NodeKey: Double] = [:]
        for (other, similarity) in similar {
            for (item, _) in reach(out, from: other, options) { scores[item, default: 0] += similarity }
        }
        return scores
    }
}

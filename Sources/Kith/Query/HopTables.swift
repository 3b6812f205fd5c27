import Adjacency

/// A ``Hop`` found in a store: the tables it reads, and the kinds it leads between.
struct HopTables {
    struct Step {
        let edges: EdgeTables
        let direction: EdgeDirection

        /// From a node to where the hop leads.
        var table: AdjacencyTable { edges.table(direction) }
        /// From there back.
        var reversedTable: AdjacencyTable { edges.table(direction.reversed) }
    }

    let steps: [Step]
    /// The kind of the nodes it starts from.
    let origin: NodeDictionary
    /// The kind of the nodes it leads to.
    let destination: NodeDictionary

    /// Finds the tables; a symmetric type that is walked both ways is walked once.
    ///
    /// - Throws: ``GraphStoreError/unknownEdgeType(_:known:)``, ``GraphStoreError/edgeTypesDoNotFit(_:)`` when the steps do
    ///   not lead from one kind to one kind, or when there is none.
    init(_ hop: Hop, in tables: StoreTables) throws(GraphStoreError) {
        var steps: [Step] = []
        for step in hop.steps {
            let edges = try tables.edges(step.type)
            let direction = edges.type.isSymmetric ? .out : step.direction
            let isThere = steps.contains { $0.edges.index == edges.index && $0.direction == direction }
            if !isThere { steps.append(Step(edges: edges, direction: direction)) }
        }
        guard let first = steps.first else {
            throw .edgeTypesDoNotFit("a hop needs an edge type, and this one has none")
        }
        origin = first.edges.origin(first.direction)
        destination = first.edges.destination(first.direction)
        for step in steps {
            let (from, to) = (step.edges.origin(step.direction), step.edges.destination(step.direction))
            guard from.index == origin.index, to.index == destination.index else {
                throw .edgeTypesDoNotFit(
                    "the edge types of one hop need to lead between the same kinds; '\(first.edges.type.name)' leads from "
                        + "\(origin.kind) to \(destination.kind), '\(step.edges.type.name)' from \(from.kind) to \(to.kind)"
                )
            }
        }
        self.steps = steps
    }

    private init(reversing hop: HopTables) {
        steps = hop.steps.map {
            Step(edges: $0.edges, direction: $0.edges.type.isSymmetric ? .out : $0.direction.reversed)
        }
        origin = hop.destination
        destination = hop.origin
    }

    /// The edge types of its steps.
    var types: [EdgeType.Name] { steps.map(\.edges.type.name) }

    /// The hop walked back.
    var reversed: HopTables { HopTables(reversing: self) }

    /// Whether neighbours have weights: those of edges, or by their age, or because several types lead to them.
    func isWeighted(_ aging: EdgeAging) -> Bool {
        steps.count > 1
            || steps.contains {
                $0.edges.type.columns.contains(.weight)
                    || aging.halfLifeSeconds != nil && $0.edges.type.columns.contains(.time)
            }
    }

    /// Whether the weights depend on the moment they are read at.
    func fades(_ aging: EdgeAging) -> Bool {
        steps.contains { aging.fades($0.edges.type) }
    }

    /// Whether all neighbours in the lists count.
    func isWhole(_ aging: EdgeAging) -> Bool {
        !aging.filtersTimes || !steps.contains { $0.edges.type.columns.contains(.time) }
    }
}

extension HopTables {
    /// How many neighbours the hop reaches from `node`: O(1) with one step, else the lists are read.
    func degree(
        of node: UInt32, in snapshot: borrowing Snapshot, scratch: inout HopScratch
    ) throws -> Int {
        if steps.count == 1 { return try steps[0].table.degree(of: node, in: snapshot) }
        var union = WeightedNeighbors()
        swap(&union, &scratch.union)
        defer { swap(&union, &scratch.union) }
        try read(node, EdgeAging.none, weighted: false, in: snapshot, into: &union, scratch: &scratch)
        return union.ids.count
    }

    /// The type of the first step that leads from `node` to `neighbor` by an edge that counts; nil where none does.
    func type(
        from node: UInt32, to neighbor: UInt32, _ aging: EdgeAging, in snapshot: borrowing Snapshot
    ) throws -> EdgeType.Name? {
        if steps.count == 1 { return steps[0].edges.type.name }
        for step in steps {
            guard let value = try step.table.edge(from: node, to: neighbor, in: snapshot) else { continue }
            if aging.filtersTimes, step.edges.type.columns.contains(.time), !aging.includes(value.time) { continue }
            return step.edges.type.name
        }
        return nil
    }

    /// Reads where the hop leads from `node`, ascending, each once, with the sum of the weights.
    ///
    /// - Parameter weighted: whether weights are wanted; ``WeightedNeighbors/weights`` stays empty otherwise.
    func read(
        _ node: UInt32, _ aging: EdgeAging, weighted: Bool, in snapshot: borrowing Snapshot,
        into neighbors: inout WeightedNeighbors, scratch: inout HopScratch
    ) throws {
        neighbors.removeAll()
        for (index, step) in steps.enumerated() {
            scratch.list.removeAll(columns: step.table.columns)
            var reader = step.table.neighbors(in: snapshot)
            try reader.read(node, into: &scratch.list)
            if index == 0 {
                neighbors.append(scratch.list, step.edges.type, aging, weighted: weighted)
            } else {
                scratch.step.removeAll()
                scratch.step.append(scratch.list, step.edges.type, aging, weighted: weighted)
                neighbors.merge(scratch.step, weighted: weighted, by: &scratch.merged)
            }
        }
    }
}

/// Reused memory for reading a hop.
struct HopScratch {
    var list = NeighborList()
    fileprivate var step = WeightedNeighbors()
    fileprivate var merged = WeightedNeighbors()
    fileprivate var union = WeightedNeighbors()
}

/// What makes of a stored edge the weight a walk uses: the moment it is read at, a half-life, and the times that count.
struct EdgeAging: Hashable {
    var now: UInt32
    var since: UInt32
    var until: UInt32
    var halfLifeSeconds: Double?

    /// Everything counts.
    static let none = EdgeAging(now: 0, since: 0, until: .max, halfLifeSeconds: nil)

    var filtersTimes: Bool { since > 0 || until < .max }

    /// Whether an edge of this time counts.
    func includes(_ time: UInt32) -> Bool { time >= since && time <= until }

    /// Whether the weights of such edges depend on the moment they are read at.
    func fades(_ type: EdgeType) -> Bool {
        if case .accumulate(.some) = type.repetition { true } else { halfLifeSeconds != nil }
    }

    /// What the edge weighs.
    @inline(__always)
    func weight(of value: EdgeValue, _ type: EdgeType) -> Double {
        let weight = type.columns.contains(.weight) ? type.weight(of: value, at: now) : 1
        guard let halfLifeSeconds, value.time != 0, type.columns.contains(.time) else { return weight }
        return weight * EdgeValue.faded(1, of: value.time, to: now, halfLifeSeconds)
    }
}

/// Where a hop leads: ids ascending, and what the edges weigh.
struct WeightedNeighbors {
    private(set) var ids: [UInt32] = []
    /// As long as ``ids`` where weights were wanted, else empty.
    private(set) var weights: [Double] = []

    mutating func removeAll() {
        ids.removeAll(keepingCapacity: true)
        weights.removeAll(keepingCapacity: true)
    }

    mutating func append(_ list: NeighborList, _ type: EdgeType, _ aging: EdgeAging, weighted: Bool) {
        let filters = aging.filtersTimes && type.columns.contains(.time)
        if !filters, !weighted {
            ids.append(contentsOf: list.neighbors)
            return
        }
        if !filters, !aging.fades(type), type.columns.contains(.weight), type.precision == .single {
            ids.append(contentsOf: list.neighbors)
            weights.append(addingCapacity: list.count) { output in
                for weight in list.weights { output.append(Double(weight)) }
            }
            return
        }
        for index in 0..<list.count {
            let value = EdgeValue(list.value(at: index))
            if filters, !aging.includes(value.time) { continue }
            ids.append(list.neighbors[index])
            if weighted { weights.append(aging.weight(of: value, type)) }
        }
    }

    /// Adds what another step reaches.
    mutating func merge(_ other: WeightedNeighbors, weighted: Bool, by merged: inout WeightedNeighbors) {
        merged.removeAll()
        var (left, right) = (0, 0)
        while left < ids.count || right < other.ids.count {
            let takesLeft = right == other.ids.count || (left < ids.count && ids[left] <= other.ids[right])
            let takesRight = left == ids.count || (right < other.ids.count && other.ids[right] <= ids[left])
            merged.ids.append(takesLeft ? ids[left] : other.ids[right])
            if weighted {
                merged.weights.append((takesLeft ? weights[left] : 0) + (takesRight ? other.weights[right] : 0))
            }
            if takesLeft { left += 1 }
            if takesRight { right += 1 }
        }
        swap(&self, &merged)
    }

    /// Leaves only those that `isKept` says.
    mutating func filter(_ isKept: (UInt32) throws -> Bool) rethrows {
        var kept = 0
        for index in ids.indices where try isKept(ids[index]) {
            ids[kept] = ids[index]
            if !weights.isEmpty { weights[kept] = weights[index] }
            kept += 1
        }
        ids.removeSubrange(kept...)
        if !weights.isEmpty { weights.removeSubrange(kept...) }
    }
}

import Adjacency

/// How many nodes have how many edges of a type in one direction; nodes without any are left out.
public struct DegreeDistribution: Sendable, Hashable {
    /// The edge type.
    public let type: EdgeType.Name
    /// Which edges of a node count.
    public let direction: EdgeDirection
    /// How many nodes there are of each degree.
    public let nodesByDegree: [Int: Int]
    /// How many nodes have at least one edge.
    public let nodes: Int
    /// The greatest degree; 0 when there are no edges.
    public let degreeMax: Int
    /// The mean degree of the nodes that have edges; 0 when there are none.
    public let mean: Double
    private let ascending: [Int]

    init(type: EdgeType.Name, direction: EdgeDirection, nodesByDegree: [Int: Int]) {
        self.type = type
        self.direction = direction
        self.nodesByDegree = nodesByDegree
        ascending = nodesByDegree.keys.sorted()
        nodes = nodesByDegree.values.reduce(0, +)
        degreeMax = ascending.last ?? 0
        let edges = nodesByDegree.reduce(0) { $0 + $1.key * $1.value }
        mean = nodes == 0 ? 0 : Double(edges) / Double(nodes)
    }

    /// The least degree that a share of the nodes do not exceed: the nearest-rank percentile; 0 when there are no edges.
    ///
    /// - Parameter share: above 0, up to 1: 0.5 is the median. What is below, or no number, is taken for 0, and what is above
    ///   for 1.
    public func percentile(_ share: Double) -> Int {
        let share = share > 0 ? min(share, 1) : 0
        let rank = max(1, Int((share * Double(nodes)).rounded(.up)))
        var seen = 0
        for degree in ascending {
            seen += nodesByDegree[degree] ?? 0
            if seen >= rank { return degree }
        }
        return degreeMax
    }
}

extension Snapshot {
    /// How many nodes have how many edges of `type` in a direction.
    ///
    /// - Complexity: reads every page of the type's table, O(edges).
    /// - Throws: ``GraphStoreError/unknownEdgeType(_:known:)``.
    public func degreeDistribution(
        of type: EdgeType.Name, direction: EdgeDirection = .out
    ) throws -> DegreeDistribution {
        let table = try tables.edges(type).table(direction)
        var nodesByDegree: [Int: Int] = [:]
        var cancellation = cancellation
        var reader = table.neighbors(in: self)
        try reader.forEachDegree { _, degree in
            try cancellation.pass()
            nodesByDegree[degree, default: 0] += 1
        }
        return DegreeDistribution(type: type, direction: direction, nodesByDegree: nodesByDegree)
    }
}

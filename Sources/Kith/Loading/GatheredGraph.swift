import Adjacency

/// A graph in the making: rows with provisional ids, in the order they came, then merged, numbered and written.
struct GatheredGraph {
    /// The keys of a kind; provisional ids are places in ``keys``.
    private struct Nodes {
        var keys: [NodeKey] = []
        var ids: [NodeKey: UInt32] = [:]

        mutating func id(of key: NodeKey) -> UInt32 {
            if let id = ids[key] { return id }
            let id = UInt32(keys.count)
            keys.append(key)
            ids[key] = id
            return id
        }
    }

    private struct Edge {
        var source: UInt32
        var target: UInt32
        var value: EdgeValue
    }

    private let schema: Schema
    private var nodes: [Nodes]
    private var edges: [[Edge]]
    /// Places in the schema of the kinds each type joins.
    private let ends: [(source: Int, target: Int)]

    init(_ schema: Schema) throws {
        self.schema = schema
        nodes = Array(repeating: Nodes(), count: schema.nodeKinds.count)
        edges = Array(repeating: [], count: schema.edgeTypes.count)
        ends = try schema.edgeTypes.map { type in
            guard let source = schema.nodeKinds.firstIndex(of: type.source) else {
                throw GraphStoreError.unknownKind(type.source, known: schema.nodeKinds)
            }
            guard let target = schema.nodeKinds.firstIndex(of: type.target) else {
                throw GraphStoreError.unknownKind(type.target, known: schema.nodeKinds)
            }
            return (source, target)
        }
    }

    /// The place of a type in the schema.
    func index(of name: EdgeType.Name) throws(GraphStoreError) -> Int {
        guard let index = schema.edgeTypes.firstIndex(where: { $0.name == name }) else {
            throw .unknownEdgeType(name, known: schema.edgeTypes.map(\.name))
        }
        return index
    }

    mutating func add(_ row: EdgeFileReader.Row, to type: Int, now: Timestamp) {
        let hasTime = schema.edgeTypes[type].columns.contains(.time)
        let source = nodes[ends[type].source].id(of: row.source)
        let target = nodes[ends[type].target].id(of: row.target)
        edges[type].append(
            Edge(
                source: source, target: target,
                value: EdgeValue(weight: row.weight ?? 1, time: hasTime ? (row.time ?? now).rawValue : 0)))
    }

    /// Leaves one edge of those with the same ends, by the rule of the type; answers how many others there were.
    mutating func mergeDuplicates() -> Int {
        var duplicates = 0
        for (index, type) in schema.edgeTypes.enumerated() where !edges[index].isEmpty {
            var all: [Edge] = []
            swap(&all, &edges[index])
            if type.isSymmetric {
                for (place, edge) in all.enumerated() where edge.source > edge.target {
                    all[place] = Edge(source: edge.target, target: edge.source, value: edge.value)
                }
            }
            let order = all.indices.sorted { left, right in
                (all[left].source, all[left].target, left) < (all[right].source, all[right].target, right)
            }
            var merged: [Edge] = []
            merged.reserveCapacity(all.count)
            for place in order {
                let edge = all[place]
                if let last = merged.last, last.source == edge.source, last.target == edge.target {
                    merged[merged.count - 1].value = type.repetition.combining(last.value, edge.value)
                    duplicates += 1
                } else {
                    merged.append(edge)
                }
            }
            edges[index] = merged
        }
        return duplicates
    }

    /// Writes dictionaries and lists, nodes by descending in-degree, then by ascending key.
    func write(to builder: inout StoreBuilder) throws {
        let numbering = numbering()
        for (kind, dictionary) in builder.tables.dictionaries.enumerated() {
            let keys = nodes[kind].keys
            var byID = Array(repeating: 0, count: keys.count)
            for (provisional, id) in numbering[kind].enumerated() { byID[Int(id)] = provisional }
            for provisional in byID {
                let encoded = keys[provisional].encoded
                unsafe try builder.appendKey(encoded.span.bytes, to: dictionary)
            }
            for provisional in keys.indices.sorted(by: { keys[$0] < keys[$1] }) {
                let encoded = keys[provisional].encoded
                unsafe try builder.appendID(numbering[kind][provisional], of: encoded.span.bytes, to: dictionary)
            }
        }
        for (index, tables) in builder.tables.edges.enumerated() where !edges[index].isEmpty {
            var renumbered = edges[index].map { edge in
                Edge(
                    source: numbering[ends[index].source][Int(edge.source)],
                    target: numbering[ends[index].target][Int(edge.target)], value: edge.value)
            }
            builder.setEdgeCount(UInt64(renumbered.count), of: tables)
            if tables.type.isSymmetric {
                let mirrored = renumbered.filter { $0.source != $0.target }
                renumbered += mirrored.map { Edge(source: $0.target, target: $0.source, value: $0.value) }
                try GatheredGraph.append(renumbered, to: tables.out, &builder)
            } else {
                try GatheredGraph.append(renumbered, to: tables.out, &builder)
                let reversed = renumbered.map { Edge(source: $0.target, target: $0.source, value: $0.value) }
                try GatheredGraph.append(reversed, to: tables.in, &builder)
            }
        }
    }

    /// The id of every provisional id, per kind.
    private func numbering() -> [[UInt32]] {
        var degrees = nodes.map { Array(repeating: 0, count: $0.keys.count) }
        for (index, type) in schema.edgeTypes.enumerated() {
            for edge in edges[index] {
                degrees[ends[index].target][Int(edge.target)] += 1
                if type.isSymmetric, edge.source != edge.target { degrees[ends[index].source][Int(edge.source)] += 1 }
            }
        }
        return nodes.indices.map { kind in
            let keys = nodes[kind].keys
            let order = keys.indices.sorted { left, right in
                let (leftDegree, rightDegree) = (degrees[kind][left], degrees[kind][right])
                return leftDegree == rightDegree ? keys[left] < keys[right] : leftDegree > rightDegree
            }
            var ids = Array(repeating: UInt32(0), count: keys.count)
            for (id, provisional) in order.enumerated() { ids[provisional] = UInt32(id) }
            return ids
        }
    }

    private static func append(_ edges: [Edge], to table: AdjacencyTable, _ builder: inout StoreBuilder) throws {
        let sorted = edges.sorted { ($0.source, $0.target) < ($1.source, $1.target) }
        var list = NeighborList(columns: table.columns)
        var start = 0
        while start < sorted.count {
            let node = sorted[start].source
            list.removeAll(columns: table.columns)
            var end = start
            while end < sorted.count, sorted[end].source == node {
                list.insert(
                    sorted[end].target, weight: sorted[end].value.weight, time: sorted[end].value.time, at: list.count)
                end += 1
            }
            try builder.appendList(list, of: node, to: table)
            start = end
        }
    }
}

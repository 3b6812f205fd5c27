/// What an export will write, for formats of which a file is one graph and begins with what it holds.
struct ExportedGraph {
    /// Nodes of one kind, by id.
    struct Nodes {
        let keys: KeyTexts
        fileprivate(set) var ids: IDSet

        fileprivate init(_ keys: KeyTexts) {
            self.keys = keys
            ids = IDSet(limit: UInt64(keys.count))
        }

        /// Visits the nodes in the order of ids.
        func forEach(_ visit: (UInt32) throws -> Void) rethrows {
            for id in 0..<UInt32(keys.count) where ids.contains(id) { try visit(id) }
        }

        /// The greatest key, when keys are numbers; 0 when there is none.
        var greatestNumber: Int {
            var greatest = 0
            forEach { id in
                greatest = max(greatest, Int(String(decoding: keys.bytes[keys.range(id)], as: UTF8.self)) ?? 0)
            }
            return greatest
        }
    }

    /// What it is called: as the type of its edges, or as the kind of its nodes.
    let name: String
    /// The type of its edges; nil when it has none.
    let type: EdgeType?
    /// How many edges it has, or nodes.
    let rowCount: Int
    /// The nodes that edges come from, and those that edges point to. Where both are of one kind, or there are no edges, all
    /// are sources.
    private(set) var sources: Nodes
    private(set) var targets: Nodes

    /// Nodes of a kind, without edges.
    init(_ keys: KeyTexts, of kind: NodeKind, count: Int) {
        name = kind.name
        type = nil
        rowCount = count
        sources = Nodes(keys)
        targets = Nodes(keys)
    }

    /// The edges of a type, and the nodes that they join.
    ///
    /// - Complexity: O(edges); a bit of memory a node.
    init(
        _ edges: EdgeTables, _ sourceKeys: KeyTexts, _ targetKeys: KeyTexts, count: Int, in snapshot: borrowing Snapshot
    ) throws {
        name = edges.type.name.text
        type = edges.type
        rowCount = count
        var (sources, targets) = (Nodes(sourceKeys), Nodes(targetKeys))
        let isOfOneKind = edges.source.index == edges.target.index
        var cancellation = snapshot.cancellation
        var reader = edges.out.neighbors(in: snapshot.transaction)
        try reader.forEachEdge { node, neighbor, _ in
            try cancellation.pass()
            guard sourceKeys.contains(node), targetKeys.contains(neighbor) else {
                throw edges.out.namesNoNode(node, neighbor)
            }
            sources.ids.insert(node)
            if isOfOneKind { sources.ids.insert(neighbor) } else { targets.ids.insert(neighbor) }
        }
        (self.sources, self.targets) = (sources, targets)
    }

    /// Refuses a key that is a source's and a target's of another kind, where a format knows a node by its key alone.
    ///
    /// - Complexity: a lookup for each target.
    /// - Throws: ``LoadError/cannotExport(reason:)``.
    func refuseSharedKeys(of edges: EdgeTables, _ format: EdgeFileFormat, in snapshot: borrowing Snapshot) throws {
        if edges.source.index == edges.target.index { return }
        for id in 0..<UInt32(targets.keys.count) where targets.ids.contains(id) {
            let key = try edges.target.existingKey(of: id, in: snapshot)
            guard let source = try edges.source.id(of: key, in: snapshot), sources.ids.contains(source) else {
                continue
            }
            throw LoadError.cannotExport(
                reason:
                    "'\(key)' is the key of a \(edges.type.source) and of a \(edges.type.target), which would be one node "
                    + "in \(format.plural); \(EdgeFileFormat.complete.advice)")
        }
    }
}

/// The nodes of a kind that have a setting.
struct MarkedNodes {
    private let table: AdjacencyTable
    private let setting: UInt32
    /// How many there are.
    let count: Int

    /// The nodes of `dictionary` that have `key`; nil when there is none.
    init?(_ key: NodeKey, of dictionary: NodeDictionary, in snapshot: borrowing Snapshot) throws {
        guard let edges = snapshot.tables.edges.first(where: { $0.type.name == .settings }),
            edges.source.index == dictionary.index, !edges.type.isSymmetric,
            let setting = try edges.target.id(of: key, in: snapshot)
        else { return nil }
        count = try edges.in.degree(of: setting, in: snapshot)
        if count == 0 { return nil }
        table = edges.in
        self.setting = setting
    }

    /// Whether `node` is among them. One or two lookups.
    func contains(_ node: UInt32, in snapshot: borrowing Snapshot) throws -> Bool {
        try table.edge(from: setting, to: node, in: snapshot) != nil
    }

    /// Visits them in ascending order.
    func forEach(in snapshot: borrowing Snapshot, _ visit: (UInt32) -> Void) throws {
        var reader = table.neighbors(in: snapshot)
        try unsafe reader.forEachGroup(of: setting, below: .max) { group in
            for index in 0..<group.count { visit(unsafe group[index]) }
        }
    }
}

import LMDB

/// What an account has set, as edges of type `settings` from a user to a node of kind `setting`.
///
/// A setting is a node like any other, so it is written, loaded, exported and proved as all edges are:
/// `kith add people.kith settings alice hidden`.
public enum Setting {
    /// Never recommended to anyone.
    public static let isHidden: NodeKey = "hidden"
    /// Never used as an intermediate and never shown as evidence: who is connected to it stays untold.
    public static let isPrivate: NodeKey = "private"
}

/// The nodes of a kind that have a setting.
struct MarkedNodes {
    private let table: AdjacencyTable
    private let setting: UInt32

    /// The nodes of `dictionary` that have `key`; nil when there is none.
    init?(_ key: NodeKey, of dictionary: NodeDictionary, in snapshot: borrowing Snapshot) throws {
        guard let edges = snapshot.tables.edges.first(where: { $0.type.name == .settings }),
            edges.source.index == dictionary.index, !edges.type.isSymmetric,
            let setting = try edges.target.id(of: key, in: snapshot.transaction),
            try edges.in.degree(of: setting, in: snapshot.transaction) > 0
        else { return nil }
        table = edges.in
        self.setting = setting
    }

    /// Whether `node` is among them. One or two lookups.
    func contains(_ node: UInt32, in transaction: borrowing ReadTransaction) throws -> Bool {
        try table.edge(from: setting, to: node, in: transaction) != nil
    }
}

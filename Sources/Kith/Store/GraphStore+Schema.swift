import LMDB

/// Schemas grow: a kind or a type is added behind those there are, and none is changed or taken away. So what a snapshot, a
/// load or a group of writes knows of the schema stays right when another adds to it.
extension GraphStore {
    /// Adds kinds of node and types of edge to the store, in one durable change.
    ///
    /// Every process that has the store open knows them from its next ``read(at:isCancelled:_:)`` or ``write(_:)`` on; a snapshot that is
    /// open already stays as it is. Waits for other writers, and is refused inside a ``write(_:)``.
    /// - Returns: the store's schema from now on.
    /// - Complexity: O(kinds + types), whatever the store holds.
    /// - Throws: ``SchemaError`` when the schema would make no sense, say because a name is taken; nothing is changed then.
    @discardableResult
    public func add(nodeKinds: [NodeKind] = [], edgeTypes: [EdgeType] = []) throws -> Schema {
        try GraphStore.translatingErrors(at: path) {
            while true {
                let file = file
                guard let tables = try file.adding(nodeKinds, edgeTypes, path: path) else {
                    try follow(file)
                    continue
                }
                logger.info(
                    "added to the schema",
                    metadata: [
                        "kinds": "\(nodeKinds.map(\.name).joined(separator: ","))",
                        "types": "\(edgeTypes.map(\.name.text).joined(separator: ","))",
                    ])
                return tables.schema
            }
        }
    }
}

extension OpenFile {
    /// Adds kinds and types in one write; nil when the file was replaced, and nothing is added.
    fileprivate func adding(_ nodeKinds: [NodeKind], _ edgeTypes: [EdgeType], path: String) throws -> StoreTables? {
        let meta = tables.meta
        let tables = try makingTables { maker -> StoreTables? in
            if isReplaced { return nil }
            let (version, schema) = try StoreMeta.head(in: meta, of: path, maker.transaction)
            let known = try StoreTables(of: version, for: schema, by: &maker)
            guard let counters = try StoreMeta.countersToChange(of: known, in: maker.transaction) else {
                throw StoreMeta.damagedCounters
            }
            let grown = try Schema(nodeKinds: schema.nodeKinds + nodeKinds, edgeTypes: schema.edgeTypes + edgeTypes)
            let tables = try StoreTables(for: grown, by: &maker)
            try StoreMeta.putSchema(of: tables, counters.grown(for: grown), in: &maker.transaction)
            return tables
        }
        if let tables { note(tables) }
        return tables
    }

    /// Finds the tables that a process has added since `tables` were all there were, or the form they have been given.
    ///
    /// Not inside a transaction of LMDB's that is to see them.
    /// - Throws: ``GraphStoreError/damaged(table:node:reason:)`` when there are none.
    func followSchema(from tables: StoreTables) throws {
        guard try hasGrown(since: tables) else { throw StoreMeta.damagedCounters }
    }

    /// Whether there are more tables than `tables`, or a later version, which are found then.
    func hasGrown(since tables: StoreTables) throws -> Bool {
        let latest = try StoreTables(in: environment, at: path)
        note(latest)
        return latest.schema != tables.schema || latest.version != tables.version
    }
}

extension StoreTables {
    /// How many kinds and types there are; of two schemas of one store the one with more is the later.
    var tableCount: Int { dictionaries.count + edges.count }

    /// Makes the tables of a new, empty store, and what it says about itself.
    static func make(_ schema: Schema, _ identity: StoreMeta.Identity, in environment: Environment) throws
        -> StoreTables
    {
        try environment.makingTables { maker in
            let tables = try StoreTables(for: schema, by: &maker)
            try StoreMeta.initialize(tables, identity, in: &maker.transaction)
            return tables
        }
    }

    /// The tables of the store at `path`, as its latest schema says.
    init(in environment: Environment, at path: String) throws {
        var opener = ExistingTables(environment: environment)
        let meta: Database<Bytes> = try opener.database(named: StoreMeta.tableName)
        let version: FormatVersion
        let schema: Schema
        do {
            let transaction = try environment.beginRead()
            (version, schema) = try StoreMeta.head(in: meta, of: path, transaction)
        }
        try self.init(of: version, for: schema, by: &opener)
    }
}

/// A store written anew in place of itself, with nodes numbered anew.
extension GraphStore {
    /// Writes the store at `path` anew as a load of its graph would, and puts the new file in place of the old: the nodes
    /// get their ids anew, the most pointed at first, and pages are full.
    ///
    /// After many additions lists become smaller by that, and two-hop requests faster. Cursors of pages and ids that were
    /// kept are then of no use any more. The schema, the identity and the date of the store stay. The store is proved sound
    /// first. Nobody else may have the store open, in this process or another. The old file is there until the new one is
    /// whole and on the disk, and has its mode, owner, group, access list and extended attributes. Where `path` is a symbolic
    /// link, what it leads to is replaced.
    /// - Parameter loader: how many threads and how much memory it takes, who is told how far it is, and whether to give up.
    /// - Complexity: that of ``BulkLoader/load(_:nodes:into:)`` and ``check(problemsMax:onProgress:isCancelled:)``.
    /// - Throws: ``GraphStoreError/busy(path:reason:)`` when somebody has the store open,
    ///   ``GraphStoreError/damaged(table:node:reason:)`` when it is not sound,
    ///   ``GraphStoreError/olderFormatVersion(path:found:written:)`` unless it was upgraded; ``GraphStoreError``,
    ///   ``LoadError``, `CancellationError`. The store is then as it was.
    public static func reorder(_ path: String, by loader: BulkLoader = BulkLoader()) throws {
        try loader.validate()
        try StoreFile.replace(path) { temporary in
            // Nobody else can open the file, so LMDB's own locks are not needed.
            let store = try GraphStore(unlocked: path, loader.options.verification)
            try store.checkCanWrite()
            try store.requireSound(telling: StoreProgressTeller { _ in }, isCancelled: loader.isCancelled)
            try loader.rebuild(store, at: temporary)
        }
        loader.options.storeLogger(path).info("compacted a store", metadata: ["reordering": "true"])
    }
}

extension BulkLoader {
    /// Loads the graph of a store into a new one at `path`, which has the same schema and identity.
    fileprivate func rebuild(_ store: GraphStore, at path: String) throws {
        try store.read(isCancelled: isCancelled) { snapshot in
            var expected = ExpectedLoad()
            for (type, count) in zip(store.schema.edgeTypes, snapshot.counters.edges) {
                expected.add(Int(count), of: type, hasValues: !type.storedColumns.isEmpty)
            }
            let pipeline = makePipeline(store.schema, beside: path, expectedRows: expected.rows)
            try pipeline.checkRoom(for: expected)
            try GraphStore.build(
                at: path, schema: store.schema, options: options, identity: try StoreMeta.Identity(of: snapshot)
            ) { builder in
                try pipeline.read(snapshot)
                try pipeline.merge()
                _ = try pipeline.write(to: &builder)
            }
        }
    }
}

extension LoadPipeline {
    /// Takes in all nodes and edges of a store.
    fileprivate func read(_ snapshot: borrowing Snapshot) throws {
        var cancellation = snapshot.cancellation
        // By kind, the provisional id of each id; the greatest number for an id without a node.
        let provisional = try snapshot.tables.dictionaries.map { dictionary in
            let ids = Column<UInt32>(
                repeating: .max, count: Int(snapshot.counters.kinds[dictionary.index].nextID))
            for id in 0..<ids.count {
                try cancellation.pass()
                guard let key = try dictionary.key(of: UInt32(id), in: snapshot.transaction) else { continue }
                ids[id] = interners[dictionary.index].intern(key)
            }
            return ids
        }
        let rows = makeParsedRows().edges
        for edges in snapshot.tables.edges {
            let (sources, targets) = (provisional[edges.source.index], provisional[edges.target.index])
            var reader = edges.out.neighbors(in: snapshot.transaction)
            try reader.forEachEdge { node, neighbor, value in
                try cancellation.pass()
                if edges.type.isSymmetric, neighbor < node { return }
                guard Int(node) < sources.count, Int(neighbor) < targets.count, sources[Int(node)] != .max,
                    targets[Int(neighbor)] != .max
                else { throw edges.out.namesNoNode(node, neighbor) }
                rows[edges.index].append(
                    UInt64(sources[Int(node)]), UInt64(targets[Int(neighbor)]),
                    flags: [.sourceIsID, .targetIsID], value: RecordValue.pack(value))
                if rows[edges.index].count == 1 << 15 {
                    try handIn(makeRecords(of: rows), nodeRows: 0)
                    rows[edges.index].removeAll()
                }
            }
            try handIn(makeRecords(of: rows), nodeRows: 0)
            rows[edges.index].removeAll()
        }
        try finishReading()
    }
}

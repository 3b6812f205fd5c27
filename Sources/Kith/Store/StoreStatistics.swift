import Glibc

/// What a store holds and how large it is.
public struct StoreStatistics: Sendable, Hashable {
    /// Nodes of a kind.
    public struct Nodes: Sendable, Hashable {
        /// The kind.
        public let kind: NodeKind
        /// How many.
        public let count: Int
    }

    /// Edges of a type.
    public struct Edges: Sendable, Hashable {
        /// The type.
        public let type: EdgeType.Name
        /// How many; one of a symmetric type counts once.
        public let count: Int
    }

    /// The version of the file format.
    public let formatVersion: UInt32
    /// The store's identity, given when it was made.
    public let uuid: String
    /// When it was made, in seconds since 1970.
    public let created: UInt64
    /// Nodes by kind, in the order of the schema.
    public let nodes: [Nodes]
    /// Edges by type, in the order of the schema.
    public let edges: [Edges]
    /// The size of the file.
    public let bytes: Int
    /// How much of the file is free for later writes; some of it only when those who read now have ended.
    public let freeBytes: Int
    /// A process that has a place of a reader.
    public struct Reader: Sendable, Hashable {
        /// Its number.
        public let process: Int
        /// How many commits were made since the state it reads; nil when it reads nothing now.
        public let commitsBehind: Int?
    }

    /// The places of readers that are taken, in all processes.
    public let readers: [Reader]
    /// How many commits were made since the oldest state that somebody reads; nil when nobody does.
    public var oldestReaderCommitsBehind: Int? { readers.compactMap(\.commitsBehind).max() }
}

extension GraphStore {
    /// What the store holds and how large it is. O(kinds + types).
    ///
    /// - Throws: ``GraphStoreError``.
    public func statistics() throws -> StoreStatistics {
        let readers = try environment.readers().map {
            StoreStatistics.Reader(process: Int($0.process), commitsBehind: $0.commitsBehind)
        }
        let identity = try identity()
        return try read { snapshot in
            var status = stat()
            guard unsafe stat(path, &status) == 0 else {
                throw GraphStoreError.cannotOpen(path: path, reason: unsafe String(cString: strerror(errno)))
            }
            return StoreStatistics(
                formatVersion: StoreMeta.formatVersion, uuid: identity.uuid, created: identity.created,
                nodes: try snapshot.schema.nodeKinds.map { .init(kind: $0, count: try snapshot.nodeCount(of: $0)) },
                edges: try snapshot.schema.edgeTypes.map {
                    .init(type: $0.name, count: try snapshot.edgeCount(of: $0.name))
                },
                bytes: Int(status.st_size), freeBytes: try snapshot.transaction.freeBytes(), readers: readers)
        }
    }

    private func identity() throws -> (uuid: String, created: UInt64) {
        try read { snapshot in try StoreMeta.identity(of: snapshot.tables, in: snapshot.transaction) }
    }
}

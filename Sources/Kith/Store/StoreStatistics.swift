import Glibc
import LMDB
import OperatingSystem

/// What a store holds and how large it is.
public struct StoreStatistics: Sendable, Hashable {
    /// Nodes of a kind.
    public struct Nodes: Sendable, Hashable {
        /// The kind.
        public let kind: NodeKind
        /// How many.
        public let count: Int
        /// The size of the tables of their keys.
        public let bytes: Int
    }

    /// Edges of a type.
    public struct Edges: Sendable, Hashable {
        /// The type.
        public let type: EdgeType.Name
        /// How many; one of a symmetric type counts once.
        public let count: Int
        /// The size of their tables, both directions together.
        public let bytes: Int
        /// ``bytes`` shared among them; nil when there is none.
        public var bytesPerEdge: Double? { count == 0 ? nil : Double(bytes) / Double(count) }
    }

    /// The version of the file format.
    public let formatVersion: UInt32
    /// The features of the format that a program must know to read the store.
    public let featuresToRead: FormatFeatures
    /// Those that it must know, too, to write to it.
    public let featuresToWrite: FormatFeatures
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
    /// The size of a page of the file.
    public let pageBytes: Int
    /// How many pages are free for later writes; some of them only when those who read now have ended.
    public let freePages: Int
    /// ``freePages`` in bytes.
    public var freeBytes: Int { freePages * pageBytes }
    /// The places of readers that are taken, in all processes.
    public let readers: [StoreReader]
    /// How many commits were made since the oldest state that somebody reads; nil when nobody does.
    public var oldestReaderCommitsBehind: Int? { readers.compactMap(\.commitsBehind).max() }
}

extension GraphStore {
    /// What the store holds and how large it is. O(kinds + types).
    ///
    /// - Throws: ``GraphStoreError``.
    public func statistics() throws -> StoreStatistics {
        let readers = try readers()
        return try read { snapshot in
            var status = stat()
            guard unsafe stat(path, &status) == 0 else {
                throw GraphStoreError.cannotOpen(path: path, reason: "\(Refusal(errno))")
            }
            let identity = try StoreMeta.identity(of: snapshot.tables, in: snapshot.transaction)
            let pageBytes = try snapshot.transaction.size(of: snapshot.tables.meta).pageBytes
            return StoreStatistics(
                formatVersion: snapshot.tables.version.rawValue, featuresToRead: snapshot.counters.features.toRead,
                featuresToWrite: snapshot.counters.features.toWrite, uuid: identity.uuid, created: identity.created,
                nodes: try snapshot.tables.dictionaries.map { dictionary in
                    .init(
                        kind: dictionary.kind, count: try snapshot.nodeCount(of: dictionary.kind),
                        bytes: try snapshot.transaction.size(of: dictionary.ids).bytes
                            + snapshot.transaction.size(of: dictionary.keys).bytes)
                },
                edges: try snapshot.tables.edges.map { edges in
                    let out = try edges.out.byteCount(in: snapshot.transaction)
                    let mirrored =
                        edges.type.isSymmetric
                        ? 0 : try edges.in.byteCount(in: snapshot.transaction)
                    return .init(
                        type: edges.type.name, count: try snapshot.edgeCount(of: edges.type.name),
                        bytes: out + mirrored)
                },
                bytes: Int(status.st_size), pageBytes: pageBytes,
                freePages: try snapshot.transaction.freeBytes() / pageBytes, readers: readers)
        }
    }
}

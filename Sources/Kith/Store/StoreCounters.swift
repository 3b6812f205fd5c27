/// What a store counts so that nothing needs a scan: nodes and ids per kind, edges and lists per type.
///
/// Kept under the key `counters` of the table `meta`, written by every transaction that changed it, as little-endian
/// 64-bit integers: the features required to read, and to write (not in a file of version 3); for each kind, in schema
/// order, its next id and its number of nodes; then for each type its number of edges (an edge of a symmetric type counts
/// once), its number of nodes with edges out, and of nodes with edges in (both the same for a symmetric type).
struct StoreCounters: Equatable, Sendable {
    struct Kind: Equatable, Sendable {
        /// The id the next new node gets; ids of removed nodes are not given again.
        var nextID: UInt64 = 0
        /// Nodes there are.
        var nodes: UInt64 = 0
    }

    var kinds: [Kind]
    var edges: [UInt64]
    /// How many nodes have a list: for each type those in its table `out`, then those in its table `in`.
    private var lists: [UInt64]
    /// What a program must know of the store; here, because every transaction reads its counters.
    var features: RequiredFeatures

    init(for schema: Schema) {
        kinds = Array(repeating: Kind(), count: schema.nodeKinds.count)
        edges = Array(repeating: 0, count: schema.edgeTypes.count)
        lists = Array(repeating: 0, count: 2 * schema.edgeTypes.count)
        features = RequiredFeatures(for: schema)
    }

    /// These counters with zeros for what a schema that has grown has more, behind what there was.
    func grown(for schema: Schema) -> StoreCounters {
        var counters = StoreCounters(for: schema)
        counters.kinds.replaceSubrange(kinds.indices, with: kinds)
        counters.edges.replaceSubrange(edges.indices, with: edges)
        counters.lists.replaceSubrange(lists.indices, with: lists)
        counters.features.formUnion(features)
        return counters
    }

    /// How many nodes have at least one edge of the type in this direction.
    func listCount(of edges: EdgeTables, _ direction: EdgeDirection) -> Int {
        Int(lists[2 * edges.index + (direction == .out ? 0 : 1)])
    }

    /// Notes that so many more nodes have edges of the type in this direction, or fewer; what goes below zero wraps.
    mutating func addLists(_ count: Int, of edges: EdgeTables, _ direction: EdgeDirection) {
        for place in 0...1 where edges.type.isSymmetric || (place == 0) == (direction == .out) {
            lists[2 * edges.index + place] &+= UInt64(truncatingIfNeeded: count)
        }
    }

    /// Notes that a type has no edges any more.
    mutating func removeEdges(of type: EdgeTables) {
        edges[type.index] = 0
        lists[2 * type.index] = 0
        lists[2 * type.index + 1] = 0
    }

    /// The size of the counters in a file of a version, without a checksum.
    static func byteCount(of version: FormatVersion, for schema: Schema) -> Int {
        (version >= .four ? RequiredFeatures.byteCount : 0)
            + 8 * (2 * schema.nodeKinds.count + 3 * schema.edgeTypes.count)
    }

    /// The counters as `meta` holds them, in front of their checksum. Each commit that changes the graph writes them.
    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(RequiredFeatures.byteCount + 8 * (2 * kinds.count + 3 * edges.count))
        func append(_ value: UInt64) {
            unsafe withUnsafeBytes(of: value.littleEndian) { unsafe bytes.append(contentsOf: $0) }
        }
        append(features.toRead.rawValue)
        append(features.toWrite.rawValue)
        for kind in kinds {
            append(kind.nextID)
            append(kind.nodes)
        }
        for index in edges.indices {
            append(edges[index])
            append(lists[2 * index])
            append(lists[2 * index + 1])
        }
        return bytes
    }

    /// Whether they count nodes, edges and lists of `tables` that a store can have: ids below 2^32 - 1, no more nodes than
    /// ids, no more lists than ids. Sums and differences of them then fit an `Int`.
    func arePossible(in tables: StoreTables) -> Bool {
        kinds.allSatisfy { $0.nextID <= UInt64(UInt32.max) && $0.nodes <= $0.nextID }
            && tables.edges.allSatisfy { type in
                edges[type.index] <= StoreCounters.edgesMax
                    && lists[2 * type.index] <= kinds[type.source.index].nextID
                    && lists[2 * type.index + 1] <= kinds[type.target.index].nextID
            }
    }

    /// More edges than fit on any disk.
    private static let edgesMax: UInt64 = 1 << 48

    /// The features that stand in front of the counters of version 4; nil when there are fewer bytes than those take.
    static func features(in bytes: RawSpan) -> RequiredFeatures? {
        guard bytes.byteCount >= RequiredFeatures.byteCount else { return nil }
        func features(at offset: Int) -> FormatFeatures {
            FormatFeatures(
                rawValue: UInt64(
                    littleEndian: unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self)))
        }
        return RequiredFeatures(toRead: features(at: 0), toWrite: features(at: 8))
    }

    /// Reads the counters of a file of a version; nil when their number does not fit the schema.
    init?(_ bytes: RawSpan, of version: FormatVersion, for schema: Schema) {
        self.init(for: schema)
        guard bytes.byteCount == StoreCounters.byteCount(of: version, for: schema) else { return nil }
        var begin = 0
        if version >= .four, let features = StoreCounters.features(in: bytes) {
            self.features = features
            begin = RequiredFeatures.byteCount
        }
        func value(_ index: Int) -> UInt64 {
            UInt64(littleEndian: unsafe bytes.unsafeLoadUnaligned(fromByteOffset: begin + 8 * index, as: UInt64.self))
        }
        for index in kinds.indices {
            kinds[index] = Kind(nextID: value(2 * index), nodes: value(2 * index + 1))
        }
        for index in edges.indices {
            let start = 2 * kinds.count + 3 * index
            edges[index] = value(start)
            lists[2 * index] = value(start + 1)
            lists[2 * index + 1] = value(start + 2)
        }
    }
}

/// What a store counts so that nothing needs a scan: nodes and ids per kind, edges and lists per type.
///
/// Kept under the key `counters` of the table `meta`, written by every transaction that changed it, as little-endian
/// 64-bit integers: for each kind, in schema order, its next id and its number of nodes; then for each type its number
/// of edges (an edge of a symmetric type counts once), its number of nodes with edges out, and of nodes with edges in (both
/// the same for a symmetric type).
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

    init(for schema: Schema) {
        kinds = Array(repeating: Kind(), count: schema.nodeKinds.count)
        edges = Array(repeating: 0, count: schema.edgeTypes.count)
        lists = Array(repeating: 0, count: 2 * schema.edgeTypes.count)
    }

    /// These counters with zeros for what a schema that has grown has more, behind what there was.
    func grown(for schema: Schema) -> StoreCounters {
        var counters = StoreCounters(for: schema)
        counters.kinds.replaceSubrange(kinds.indices, with: kinds)
        counters.edges.replaceSubrange(edges.indices, with: edges)
        counters.lists.replaceSubrange(lists.indices, with: lists)
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

    /// The size of ``bytes``.
    static func byteCount(for schema: Schema) -> Int { 8 * (2 * schema.nodeKinds.count + 3 * schema.edgeTypes.count) }

    /// The counters as `meta` holds them.
    var bytes: [UInt8] {
        let values =
            kinds.flatMap { [$0.nextID, $0.nodes] }
            + edges.indices.flatMap { [edges[$0], lists[2 * $0], lists[2 * $0 + 1]] }
        return values.flatMap { value in (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * UInt64($0))) } }
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

    /// Reads ``bytes`` back; nil when their number does not fit the schema.
    init?(_ bytes: RawSpan, for schema: Schema) {
        self.init(for: schema)
        guard bytes.byteCount == StoreCounters.byteCount(for: schema) else { return nil }
        func value(_ index: Int) -> UInt64 {
            UInt64(littleEndian: unsafe bytes.unsafeLoadUnaligned(fromByteOffset: 8 * index, as: UInt64.self))
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

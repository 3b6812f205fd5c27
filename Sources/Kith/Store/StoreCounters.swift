/// What a store counts so that nothing needs a scan: nodes and ids per kind, edges per type.
///
/// Kept under the key `counters` of the table `meta`, written by every transaction that changed it, as little-endian
/// 64-bit integers: for each kind, in schema order, its next id and its number of nodes; then for each type its number
/// of edges (an edge of a symmetric type counts once).
struct StoreCounters: Equatable, Sendable {
    struct Kind: Equatable, Sendable {
        /// The id the next new node gets; ids of removed nodes are not given again.
        var nextID: UInt64 = 0
        /// Nodes there are.
        var nodes: UInt64 = 0
    }

    var kinds: [Kind]
    var edges: [UInt64]

    init(for schema: Schema) {
        kinds = Array(repeating: Kind(), count: schema.nodeKinds.count)
        edges = Array(repeating: 0, count: schema.edgeTypes.count)
    }

    /// The counters as `meta` holds them.
    var bytes: [UInt8] {
        let values = kinds.flatMap { [$0.nextID, $0.nodes] } + edges
        return values.flatMap { value in (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * UInt64($0))) } }
    }

    /// Reads ``bytes`` back; nil when their number does not fit the schema.
    init?(_ bytes: RawSpan, for schema: Schema) {
        self.init(for: schema)
        guard bytes.byteCount == 8 * (2 * kinds.count + edges.count) else { return nil }
        func value(_ index: Int) -> UInt64 {
            UInt64(littleEndian: unsafe bytes.unsafeLoadUnaligned(fromByteOffset: 8 * index, as: UInt64.self))
        }
        for index in kinds.indices {
            kinds[index] = Kind(nextID: value(2 * index), nodes: value(2 * index + 1))
        }
        for index in edges.indices {
            edges[index] = value(2 * kinds.count + index)
        }
    }
}

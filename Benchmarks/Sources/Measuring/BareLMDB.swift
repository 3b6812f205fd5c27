import CLMDBBare

/// LMDB's C calls and nothing around them.
public final class BareLMDB: @unchecked Sendable {
    private var environment: OpaquePointer?
    private var lists: MDB_dbi = 0
    private var out: MDB_dbi = 0
    private var back: MDB_dbi = 0

    /// A new file at `path`: a table of lists, and one of edges each way, a node's neighbours sorted under it.
    public init(path: String) {
        check(mdb_env_create(&environment))
        check(mdb_env_set_mapsize(environment, 1 << 36))
        check(mdb_env_set_maxdbs(environment, 4))
        check(mdb_env_open(environment, path, UInt32(MDB_NOSUBDIR | MDB_NOTLS), 0o600))
        write { transaction in
            let sorted = UInt32(MDB_INTEGERKEY | MDB_DUPSORT | MDB_DUPFIXED | MDB_INTEGERDUP | MDB_CREATE)
            check(mdb_dbi_open(transaction, "lists", UInt32(MDB_INTEGERKEY | MDB_CREATE), &lists))
            check(mdb_dbi_open(transaction, "out", sorted, &out))
            check(mdb_dbi_open(transaction, "in", sorted, &back))
        }
    }

    deinit {
        mdb_env_close(environment)
    }

    /// Puts every list of a graph as an array of its targets, under the node's number, in order.
    public func putLists(of graph: PlainGraph) {
        write { transaction in
            for node in 0..<graph.nodeCount where graph.degree(node) > 0 {
                put(UInt64(node), UnsafeRawBufferPointer(graph[node]), into: lists, transaction, UInt32(MDB_APPEND))
            }
        }
    }

    /// Puts every edge of a graph, in both directions and in order.
    public func putEdges(of graph: PlainGraph) {
        write { transaction in
            for (graph, table) in [(graph, out), (graph.transposed(), back)] {
                for node in 0..<graph.nodeCount {
                    for target in graph[node] { put(UInt64(node), target, into: table, transaction) }
                }
            }
        }
    }

    /// Puts these edges in both directions, and commits.
    public func addAndCommit(_ edges: ArraySlice<(source: UInt32, target: UInt32)>) {
        write { transaction in
            for edge in edges {
                put(UInt64(edge.source), edge.target, into: out, transaction)
                put(UInt64(edge.target), edge.source, into: back, transaction)
            }
        }
    }

    /// The sum of all neighbours of `nodes`, each looked up among the lists and read.
    public func sumLists(of nodes: [Int]) -> UInt64 {
        var transaction: OpaquePointer?
        check(mdb_txn_begin(environment, nil, UInt32(MDB_RDONLY), &transaction))
        defer { mdb_txn_abort(transaction) }
        var sum: UInt64 = 0
        for node in nodes {
            var value = MDB_val()
            var number = UInt64(node)
            withUnsafeMutableBytes(of: &number) { bytes in
                var key = MDB_val(mv_size: 8, mv_data: bytes.baseAddress)
                check(mdb_get(transaction, lists, &key, &value))
            }
            let list = UnsafeRawBufferPointer(start: value.mv_data, count: value.mv_size)
            for offset in stride(from: 0, to: list.count, by: 4) {
                sum &+= UInt64(list.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
            }
        }
        return sum
    }

    private func write(_ body: (OpaquePointer?) -> Void) {
        var transaction: OpaquePointer?
        check(mdb_txn_begin(environment, nil, 0, &transaction))
        body(transaction)
        check(mdb_txn_commit(transaction))
    }

    private func put(_ key: UInt64, _ neighbor: UInt32, into table: MDB_dbi, _ transaction: OpaquePointer?) {
        withUnsafeBytes(of: neighbor) { put(key, $0, into: table, transaction, 0) }
    }

    private func put(
        _ key: UInt64, _ bytes: UnsafeRawBufferPointer, into table: MDB_dbi, _ transaction: OpaquePointer?,
        _ flags: UInt32
    ) {
        var number = key
        withUnsafeMutableBytes(of: &number) { keyBytes in
            var key = MDB_val(mv_size: 8, mv_data: keyBytes.baseAddress)
            var value = MDB_val(mv_size: bytes.count, mv_data: UnsafeMutableRawPointer(mutating: bytes.baseAddress))
            check(mdb_put(transaction, table, &key, &value, flags))
        }
    }

    private func check(_ code: Int32) {
        precondition(code == 0, String(cString: mdb_strerror(code)))
    }
}

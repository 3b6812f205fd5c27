import CLMDBBare

/// LMDB's C calls and nothing around them.
public final class BareLMDB: @unchecked Sendable {
    private var environment: OpaquePointer?
    private var database: MDB_dbi = 0

    /// A new file at `path` with one table.
    public init(path: String) {
        check(mdb_env_create(&environment))
        check(mdb_env_set_mapsize(environment, 1 << 36))
        check(mdb_env_set_maxdbs(environment, 4))
        check(mdb_env_open(environment, path, UInt32(MDB_NOSUBDIR | MDB_NOTLS), 0o600))
        var transaction: OpaquePointer?
        check(mdb_txn_begin(environment, nil, 0, &transaction))
        check(mdb_dbi_open(transaction, "lists", UInt32(MDB_INTEGERKEY | MDB_CREATE), &database))
        check(mdb_txn_commit(transaction))
    }

    deinit {
        mdb_env_close(environment)
    }

    /// Puts every list of a graph as an array of its targets, under the node's number, in order.
    public func putLists(of graph: PlainGraph) {
        var transaction: OpaquePointer?
        check(mdb_txn_begin(environment, nil, 0, &transaction))
        for node in 0..<graph.nodeCount where graph.degree(node) > 0 {
            put(UInt64(node), UnsafeRawBufferPointer(graph[node]), transaction, flags: UInt32(MDB_APPEND))
        }
        check(mdb_txn_commit(transaction))
    }

    /// The sum of all neighbours of `nodes`, each looked up and read.
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
                check(mdb_get(transaction, database, &key, &value))
            }
            let list = UnsafeRawBufferPointer(start: value.mv_data, count: value.mv_size)
            for offset in stride(from: 0, to: list.count, by: 4) {
                sum &+= UInt64(list.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
            }
        }
        return sum
    }

    private func put(_ key: UInt64, _ bytes: UnsafeRawBufferPointer, _ transaction: OpaquePointer?, flags: UInt32) {
        var number = key
        withUnsafeMutableBytes(of: &number) { keyBytes in
            var key = MDB_val(mv_size: 8, mv_data: keyBytes.baseAddress)
            var value = MDB_val(mv_size: bytes.count, mv_data: UnsafeMutableRawPointer(mutating: bytes.baseAddress))
            check(mdb_put(transaction, database, &key, &value, flags))
        }
    }

    private func check(_ code: Int32) {
        precondition(code == 0, String(cString: mdb_strerror(code)))
    }
}

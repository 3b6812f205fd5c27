import CLMDBBare

/// LMDB's C calls and nothing around them.
final class BareLMDB {
    private var environment: OpaquePointer?
    private var database: MDB_dbi = 0

    init(path: String) {
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

    /// Puts every list of a graph as an array of its targets, under the node's number.
    func putLists(of graph: PlainGraph) {
        var transaction: OpaquePointer?
        check(mdb_txn_begin(environment, nil, 0, &transaction))
        for node in 0..<graph.nodeCount where graph.offsets[node + 1] > graph.offsets[node] {
            let count = graph.offsets[node + 1] - graph.offsets[node]
            put(UInt64(node), UnsafeMutableRawPointer(graph.targets + graph.offsets[node]), 4 * count, transaction)
        }
        check(mdb_txn_commit(transaction))
    }

    /// Puts a record of 100 bytes and commits it.
    func putAndCommit(_ key: UInt64) {
        var transaction: OpaquePointer?
        check(mdb_txn_begin(environment, nil, 0, &transaction))
        var record = [UInt8](repeating: 7, count: 100)
        record.withUnsafeMutableBytes { put(key, $0.baseAddress!, 100, transaction) }
        check(mdb_txn_commit(transaction))
    }

    /// The sum of all neighbours of `nodes`.
    func sumLists(of nodes: [UInt64]) -> UInt64 {
        var transaction: OpaquePointer?
        check(mdb_txn_begin(environment, nil, UInt32(MDB_RDONLY), &transaction))
        defer { mdb_txn_abort(transaction) }
        var sum: UInt64 = 0
        for var node in nodes {
            var value = MDB_val()
            withUnsafeMutableBytes(of: &node) { bytes in
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

    private func put(_ key: UInt64, _ bytes: UnsafeMutableRawPointer, _ count: Int, _ transaction: OpaquePointer?) {
        var number = key
        withUnsafeMutableBytes(of: &number) { keyBytes in
            var key = MDB_val(mv_size: 8, mv_data: keyBytes.baseAddress)
            var value = MDB_val(mv_size: count, mv_data: bytes)
            check(mdb_put(transaction, database, &key, &value, 0))
        }
    }

    private func check(_ code: Int32) {
        precondition(code == 0, String(cString: mdb_strerror(code)))
    }
}

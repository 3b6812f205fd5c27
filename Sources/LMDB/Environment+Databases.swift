import CLMDB
import Synchronization

extension Environment {
    /// Opens the table `name`, making it when `creating`, which waits for writers.
    ///
    /// - Throws: ``LMDBError/notFound`` when there is none and none is to be made; ``LMDBError/incompatible`` when its keys
    ///   are of another kind; ``LMDBError/writeInsideWrite`` when one
    ///   is to be made and this thread has a write transaction; what ``beginRead()`` throws.
    public func openDatabase<Key>(named name: String, creating: Bool) throws(LMDBError) -> Database<Key> {
        if creating {
            do {
                return try makingTables { maker in try maker.database(named: name) }
            } catch let error as LMDBError {
                throw error
            } catch {
                preconditionFailure("making a table fails with LMDB's errors only: \(error)")
            }
        }
        try checkProcess()
        do throws(LMDBError) {
            return try opening.withLock { _ throws(LMDBError) in
                var transaction: OpaquePointer?
                try reading.withLock { readers throws(LMDBError) in try readers.enter() }
                let begun = begin { unsafe mdb_txn_begin(handle, nil, UInt32(MDB_RDONLY), &transaction) }
                guard begun == 0 else { throw leave(begun) }
                defer { didEnd() }
                return unsafe try openDatabase(named: name, endingWith: transaction)
            }
        } catch {
            guard error == .readersFull, readsAsWriter else { throw error }
            // The writer's turn first, as in ``makingTables(waiting:_:)``.
            let transaction = unsafe try beginWriting(waiting: nil)
            defer { didEndWrite() }
            return try opening.withLock { _ throws(LMDBError) in
                _ = willEndWrite()
                return unsafe try openDatabase(named: name, endingWith: transaction)
            }
        }
    }

    /// Whether the table compares its keys as keys of this kind are: LMDB opens a table as the file says it is.
    static func keysFit<Key: DatabaseKey>(_: Key.Type, _ database: MDB_dbi, of transaction: OpaquePointer?) -> Bool {
        var flags: UInt32 = 0
        let code = unsafe mdb_dbi_flags(transaction, database, &flags)
        return code == 0 && flags == (Key.isInteger ? UInt32(MDB_INTEGERKEY) : 0)
    }

    /// Opens a table that exists, and ends the transaction, which has changed nothing: the handle is everybody's then.
    @unsafe
    private func openDatabase<Key: DatabaseKey>(
        named name: String, endingWith transaction: OpaquePointer?
    ) throws(LMDBError) -> Database<Key> {
        var database: MDB_dbi = 0
        let code = unsafe mdb_dbi_open(transaction, name, Key.isInteger ? UInt32(MDB_INTEGERKEY) : 0, &database)
        let fits = unsafe code == 0 && Environment.keysFit(Key.self, database, of: transaction)
        guard fits else {
            unsafe mdb_txn_abort(transaction)
            throw code == 0 ? .incompatible : explain(code)
        }
        let committed = unsafe mdb_txn_commit(transaction)
        if committed != 0 { throw explain(committed) }
        return Database(handle: database)
    }

    /// Runs `body` as one write transaction that makes tables, and commits it: tables, and what is put, are there together
    /// or not at all.
    ///
    /// Waits for writers first and for others who open tables then; who opens tables never waits for a writer meanwhile.
    /// - Throws: what ``beginWrite(waiting:)``, ``WriteTransaction/commit()`` and `body` throw.
    public func makingTables<Result>(
        waiting patience: Duration? = nil, _ body: (inout TableMaker) throws -> Result
    ) throws -> Result {
        var maker: TableMaker? = TableMaker(transaction: try beginWrite(waiting: patience))
        var result: Result?
        try opening.withLock { _ in
            // Handles are others' to use when it has been committed, and taken back when it has not: inside the lock.
            defer { maker = nil }
            result = try body(&maker!)
            try maker.take()?.commit()
        }
        return result!
    }
}

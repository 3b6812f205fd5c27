import CLMDB

/// A write transaction that makes tables: see ``Environment/makingTables(_:)``.
public struct TableMaker: ~Copyable {
    /// The transaction, to put in the tables what belongs there from the start.
    public var transaction: WriteTransaction

    /// The table `name`, which is made when there is none. To be used in other transactions when this one has been
    /// committed.
    public mutating func database<Key>(named name: String) throws(LMDBError) -> Database<Key> {
        var database: MDB_dbi = 0
        let flags = UInt32((Key.isInteger ? MDB_INTEGERKEY : 0) | MDB_CREATE)
        unsafe try LMDBError.check(mdb_dbi_open(transaction.handle, name, flags, &database))
        guard unsafe Environment.keysFit(Key.self, database, of: transaction.handle) else { throw .incompatible }
        return Database(handle: database)
    }

    consuming func commit() throws(LMDBError) {
        try transaction.commit()
    }
}

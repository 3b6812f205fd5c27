import CLMDB

/// The memory in which LMDB makes the pages of the next transactions.
///
/// LMDB never gives back the memory of a page it has written: it goes on a list, the last one first, and the next page is
/// made in it. A page that is copied there gets the used parts of the old page, and between them stays what the memory
/// held: bytes of any page that this process has written since it opened the file. So a process that wrote a page with a
/// name on it can write that name again, into the unused part of another page, long after every page of the file was
/// overwritten. New memory LMDB fills with zeros.
extension Environment {
    /// Overwrites the memory that LMDB has kept, by a transaction that is given up: nothing is written to the file.
    ///
    /// ```
    /// 1. values of exactly one overflow page each take memory from the list, and are zeros
    ///    the pages that lead to them are copied into memory from the list as well: their unused parts are left
    /// 2. a nested transaction removes the values, and copies each of these pages once more, into memory that is clean by
    ///    now; as it ends, LMDB frees the memory they had before
    /// 3. giving up puts all memory back on the list
    /// ```
    /// The list is clean below the first run of clean pages, because pages come back on top of it. Values are removed one by
    /// one, so every leaf that a value was put on, and the leaf before it, are among the copied.
    /// - Complexity: O(pages that one transaction of this process has changed at most), in memory.
    /// - Throws: what ``beginWrite()`` throws; ``LMDBError`` where there is no memory.
    public func clearPageBuffers() throws {
        var transaction = try beginWrite()
        let main = Database<Bytes>(handle: Environment.mainTable)
        var count = 0
        var cleanCount = 0
        while cleanCount < Environment.cleanRun, count < Environment.buffersMax {
            let wasClean = try transaction.putZeros(forKey: Environment.bufferKey(count), in: main)
            cleanCount = wasClean ? cleanCount + 1 : 0
            count += 1
        }
        try transaction.nested { child in
            for index in 0..<count { try child.remove(Environment.bufferKey(index), in: main) }
        }
    }

    /// Whether the memory is clear of everything that was erased, when it was erased `count` times.
    ///
    /// A process has memory of pages from its first transaction on.
    public func hasClearBuffers(at count: UInt64) -> Bool {
        clearedAt.withLock { known in
            if known == nil { known = count }
            return known == count
        }
    }

    /// ``clearPageBuffers()`` once for all that was erased so far.
    public func clearPageBuffers(at count: UInt64) throws {
        try clearPageBuffers()
        clearedAt.withLock { $0 = count }
    }

    /// LMDB's own table, which has the names of all others.
    private static let mainTable: MDB_dbi = 1
    private static let cleanRun = 8
    /// LMDB writes pages of a transaction to the file early when it has changed 131,071. A process that has once changed
    /// more than this many keeps the memory of the rest until it closes the file.
    private static let buffersMax = 125_000

    /// Behind all names of tables.
    private static func bufferKey(_ index: Int) -> Bytes {
        Bytes([0xFF] + (0..<4).map { UInt8(truncatingIfNeeded: index >> (24 - 8 * $0)) })
    }
}

extension WriteTransaction {
    /// Puts a value of zeros that takes an overflow page to its last byte; whether the memory of the page was zero before.
    fileprivate mutating func putZeros(forKey key: Bytes, in database: Database<Bytes>) throws(LMDBError) -> Bool {
        let bytes = try size(of: database).pageBytes - PageBytes.headerBytes
        var value = unsafe MDB_val(mv_size: bytes, mv_data: nil)
        let code = unsafe key.withKeyBytes { key in
            var key = unsafe MDB_val(lending: key)
            return unsafe mdb_put(handle, database.handle, &key, &value, UInt32(MDB_RESERVE))
        }
        try LMDBError.check(code)
        let page = unsafe UnsafeMutableRawBufferPointer(start: value.mv_data, count: bytes)
        let wasClean = unsafe page.allSatisfy { $0 == 0 }
        unsafe page.initializeMemory(as: UInt8.self, repeating: 0)
        return wasClean
    }
}

import CLMDB

// Every promise about lifetimes that the compiler cannot check stands in this file. The reason is the same for each: LMDB
// keeps the bytes it points to until the transaction ends or, in a write transaction, changes; a span that borrows the
// transaction cannot be used after either.

extension Transaction where Self: ~Copyable {
    /// The value of `key`, or nil when the table does not have it. One descent of the tree, no allocation.
    @inlinable
    @_lifetime(borrow self)
    public func value<Key>(forKey key: Key, in database: Database<Key>) throws(LMDBError) -> RawSpan? {
        var found = unsafe MDB_val()
        let code = unsafe key.withKeyBytes { key in
            var key = unsafe MDB_val(lending: key)
            return unsafe mdb_get(handle, database.handle, &key, &found)
        }
        if code == MDB_NOTFOUND { return nil }
        try LMDBError.check(code)
        return unsafe _overrideLifetime(RawSpan(lent: found), borrowing: self)
    }

    /// The table as this transaction sees it, at no place yet.
    @inlinable
    @_lifetime(borrow self)
    public func cursor<Key>(in database: Database<Key>) -> Cursor<Key> {
        unsafe _overrideLifetime(Cursor(handle, database.handle, pool: cursors), borrowing: self)
    }

    /// How many pages the table takes, and of what size they are. O(1).
    ///
    /// - Throws: ``LMDBError/corrupted`` when the file says more than it can have.
    public func size<Key>(of database: Database<Key>) throws(LMDBError) -> TableSize {
        let statistics = try statistics(of: database)
        return TableSize(
            pages: statistics.ms_branch_pages + statistics.ms_leaf_pages + statistics.ms_overflow_pages,
            pageBytes: Int(statistics.ms_psize))
    }

    /// How many entries the table has. O(1).
    ///
    /// - Throws: ``LMDBError/corrupted`` when the file says more than it can have.
    public func entryCount<Key>(in database: Database<Key>) throws(LMDBError) -> Int {
        try statistics(of: database).ms_entries
    }

    /// What the file says of the table; its numbers, summed and multiplied by the size of a page, fit an `Int`.
    private func statistics<Key>(of database: Database<Key>) throws(LMDBError) -> MDB_stat {
        var statistics = MDB_stat()
        unsafe try LMDBError.check(mdb_stat(handle, database.handle, &statistics))
        let numbers = [
            statistics.ms_branch_pages, statistics.ms_leaf_pages, statistics.ms_overflow_pages, statistics.ms_entries,
        ]
        guard numbers.allSatisfy({ (0..<1 << 44).contains($0) }) else { throw .corrupted }
        return statistics
    }
}

/// Where a value lies, for as long as the transaction that found it.
@safe public struct ValuePlace: BitwiseCopyable {
    fileprivate let value: MDB_val

    fileprivate init(value: MDB_val) { unsafe self.value = value }
}

extension Cursor {
    /// The value of `key`, or nil when the table does not have it. A descent of the tree, wherever the cursor is.
    @inlinable
    @_lifetime(copy self)
    public func lookUp(_ key: Key) throws(LMDBError) -> RawSpan? {
        var found = unsafe MDB_val()
        let code = unsafe key.withKeyBytes { key in
            var key = unsafe MDB_val(lending: key)
            return unsafe mdb_get(transaction, database, &key, &found)
        }
        if code == MDB_NOTFOUND { return nil }
        try LMDBError.check(code)
        return unsafe _overrideLifetime(RawSpan(lent: found), copying: self)
    }
}

// Only a read transaction has a pool, and only its bytes stay where they are.
extension Cursor where Key == UInt64 {
    /// ``lookUp(_:)`` of keys that are looked up again and again: of those looked up lately in the same state of the file,
    /// the place is remembered.
    @_lifetime(copy self)
    public func lookUpAgain(_ key: UInt64) throws(LMDBError) -> RawSpan? {
        guard let place = try place(of: key) else { return nil }
        return unsafe value(at: place)
    }

    /// Where the value of ``lookUpAgain(_:)`` lies.
    public func place(of key: UInt64) throws(LMDBError) -> ValuePlace? {
        let commit = unsafe UInt64(mdb_txn_id(transaction))
        let places = unsafe pool?._withUnsafeGuaranteedRef { $0.places }
        if let places, let found = unsafe places.value(of: key, in: database, at: commit) {
            return unsafe ValuePlace(value: found)
        }
        guard let value = try lookUp(key) else { return nil }
        return unsafe value.withUnsafeBytes { bytes in
            let found = unsafe MDB_val(lending: bytes)
            unsafe places?.note(found, of: key, in: database, at: commit)
            return unsafe ValuePlace(value: found)
        }
    }

    /// The value at a place that this transaction found; of any other there is no saying what is there.
    @unsafe
    @_lifetime(copy self)
    public func value(at place: ValuePlace) -> RawSpan {
        unsafe _overrideLifetime(RawSpan(lent: place.value), copying: self)
    }

    /// Visits the places of ``place(of:)`` of many keys, one after the other, until `visit` answers false.
    ///
    /// A place is waited for, and then what is there: both are asked for a few keys ahead.
    /// - Parameters:
    ///   - key: the key of a number below `count`; may be asked more than once.
    ///   - visit: gets the number of a key that there is, and its value's place.
    public func forEachPlace(
        _ count: Int, key: (Int) -> UInt64, _ visit: (Int, ValuePlace) throws -> Bool
    ) throws {
        let places = unsafe pool?._withUnsafeGuaranteedRef { $0.places }
        let commit = unsafe UInt64(mdb_txn_id(transaction))
        for number in 0..<count {
            if let places {
                if number + 8 < count { places.prefetch(key(number + 8), in: database) }
                if number + 4 < count,
                    let ahead = unsafe places.value(of: key(number + 4), in: database, at: commit)
                {
                    unsafe lmdb_prefetch(ahead.mv_data)
                }
                if let found = unsafe places.value(of: key(number), in: database, at: commit) {
                    guard try visit(number, unsafe ValuePlace(value: found)) else { return }
                    continue
                }
            }
            guard let place = try place(of: key(number)) else { continue }
            guard try visit(number, place) else { return }
        }
    }

    /// Asks for the bytes from which the value at a place is read first.
    public func prefetch(_ place: ValuePlace) {
        guard let start = unsafe place.value.mv_data else { return }
        for offset in stride(from: 0, to: 256, by: 64) { unsafe lmdb_prefetch(start + offset) }
    }
}

extension Cursor {
    /// The value of `key`, or nil when the table does not have it.
    @inlinable
    @_lifetime(copy self)
    public mutating func value(at key: Key) throws(LMDBError) -> RawSpan? {
        var found = unsafe MDB_val()
        let handle = unsafe try handle
        let code = unsafe key.withKeyBytes { key in
            var key = unsafe MDB_val(lending: key)
            return unsafe mdb_cursor_get(handle, &key, &found, MDB_SET_KEY)
        }
        if code == MDB_NOTFOUND { return nil }
        try LMDBError.check(code)
        return unsafe _overrideLifetime(RawSpan(lent: found), copying: self)
    }

    /// The first entry whose key is not below `key`.
    @inlinable
    @_lifetime(copy self)
    public mutating func seek(atOrAfter key: Key) throws(LMDBError) -> Entry<Key>? {
        var foundKey = unsafe MDB_val()
        var found = unsafe MDB_val()
        let handle = unsafe try handle
        let code = unsafe key.withKeyBytes { key in
            unsafe foundKey = unsafe MDB_val(lending: key)
            return unsafe mdb_cursor_get(handle, &foundKey, &found, MDB_SET_RANGE)
        }
        if code == MDB_NOTFOUND { return nil }
        try LMDBError.check(code)
        let entry = unsafe Entry<Key>(keyBytes: RawSpan(lent: foundKey), value: RawSpan(lent: found))
        return unsafe _overrideLifetime(entry, copying: self)
    }

    /// The last entry whose key is not above `key`.
    @inlinable
    @_lifetime(copy self)
    public mutating func seek(atOrBefore key: Key) throws(LMDBError) -> Entry<Key>? {
        guard let found = try seek(atOrAfter: key) else { return try last() }
        let isKey = unsafe key.withKeyBytes { key in
            unsafe found.keyBytes.withUnsafeBytes { unsafe $0.elementsEqual(key) }
        }
        return isKey ? found : try previous()
    }

    /// The first entry of the table.
    @inlinable
    @_lifetime(copy self)
    public mutating func first() throws(LMDBError) -> Entry<Key>? { try move(MDB_FIRST) }

    /// The last entry of the table.
    @inlinable
    @_lifetime(copy self)
    public mutating func last() throws(LMDBError) -> Entry<Key>? { try move(MDB_LAST) }

    /// The entry behind this one.
    @inlinable
    @_lifetime(copy self)
    public mutating func next() throws(LMDBError) -> Entry<Key>? { try move(MDB_NEXT) }

    /// The entry before this one.
    @inlinable
    @_lifetime(copy self)
    public mutating func previous() throws(LMDBError) -> Entry<Key>? { try move(MDB_PREV) }

    @inlinable
    @_lifetime(copy self)
    mutating func move(_ operation: MDB_cursor_op) throws(LMDBError) -> Entry<Key>? {
        var foundKey = unsafe MDB_val()
        var found = unsafe MDB_val()
        let code = unsafe mdb_cursor_get(try handle, &foundKey, &found, operation)
        if code == MDB_NOTFOUND { return nil }
        try LMDBError.check(code)
        let entry = unsafe Entry<Key>(keyBytes: RawSpan(lent: foundKey), value: RawSpan(lent: found))
        return unsafe _overrideLifetime(entry, copying: self)
    }
}

extension RawSpan {
    @inlinable
    @_lifetime(immortal)
    init(lent value: MDB_val) {
        let bytes = unsafe UnsafeRawBufferPointer(start: value.mv_data, count: value.mv_size)
        self = unsafe _overrideLifetime(RawSpan(_unsafeBytes: bytes), copying: ())
    }
}

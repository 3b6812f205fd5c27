import CLMDB

/// A key and its value, lent by a transaction.
public struct Entry<Key: DatabaseKey>: ~Escapable {
    /// The key's bytes.
    public let keyBytes: RawSpan
    /// The value.
    public let value: RawSpan

    @inlinable
    @_lifetime(copy keyBytes, copy value)
    init(keyBytes: RawSpan, value: RawSpan) {
        self.keyBytes = keyBytes
        self.value = value
    }
}

extension Entry where Key: FixedWidthInteger & BitwiseCopyable {
    /// The key.
    @inlinable public var key: Key {
        guard keyBytes.byteCount >= MemoryLayout<Key>.size else { return 0 }
        return unsafe keyBytes.unsafeLoadUnaligned(fromByteOffset: 0, as: Key.self)
    }
}

/// A table as one transaction sees it, and a place in it to read from there on.
///
/// Looking up keys near the last one is cheaper than from the root. What it returns is lent by the transaction and stays
/// when the cursor moves on. LMDB's own cursor is opened at the first move: looking single keys up does without.
@safe public struct Cursor<Key: DatabaseKey>: ~Copyable, ~Escapable {
    @usableFromInline let transaction: OpaquePointer
    @usableFromInline let database: MDB_dbi
    /// LMDB's cursor; nil until it is needed.
    @usableFromInline var opened: OpaquePointer?
    /// Where that goes when it is not used any more; nil when it is closed. The transaction, which outlives this, holds it.
    @usableFromInline let pool: Unmanaged<CursorPool>?

    @inlinable
    @_lifetime(immortal)
    init(_ transaction: OpaquePointer, _ database: MDB_dbi, pool: CursorPool?) {
        unsafe self.transaction = unsafe transaction
        self.database = database
        unsafe opened = nil
        if let pool { unsafe self.pool = unsafe .passUnretained(pool) } else { unsafe self.pool = nil }
    }

    @inlinable
    deinit {
        if let opened = unsafe opened { unsafe close(opened) }
    }

    @usableFromInline
    func close(_ opened: OpaquePointer) {
        if let pool = unsafe pool {
            unsafe pool._withUnsafeGuaranteedRef { unsafe $0.give(opened) }
        } else {
            unsafe mdb_cursor_close(opened)
        }
    }
}

extension Cursor {
    /// LMDB's own cursor, opened when it is not yet.
    @inlinable
    var handle: OpaquePointer {
        mutating get throws(LMDBError) {
            if let opened = unsafe opened { return unsafe opened }
            return unsafe try open()
        }
    }

    @usableFromInline
    mutating func open() throws(LMDBError) -> OpaquePointer {
        if let pool = unsafe pool, let idle = unsafe pool._withUnsafeGuaranteedRef({ unsafe $0.take(database) }) {
            let code = unsafe mdb_cursor_renew(transaction, idle)
            if code == 0 {
                unsafe opened = idle
                return unsafe idle
            }
            unsafe mdb_cursor_close(idle)
            try LMDBError.check(code)
        }
        var made: OpaquePointer?
        unsafe try LMDBError.check(mdb_cursor_open(transaction, database, &made))
        guard let made = unsafe made else { throw .badTransaction }
        unsafe opened = made
        return unsafe made
    }
}

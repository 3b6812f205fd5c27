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

/// A place in a table, to read from there on.
///
/// Looking up keys near the last one is cheaper than from the root. What it returns is lent by the transaction and stays
/// when the cursor moves on.
@safe public struct Cursor<Key: DatabaseKey>: ~Copyable, ~Escapable {
    @usableFromInline let handle: OpaquePointer
    /// Where it goes when it is not used any more; nil when it is closed.
    private let pool: CursorPool?

    @_lifetime(immortal)
    init(_ handle: OpaquePointer, pool: CursorPool?) {
        unsafe self.handle = unsafe handle
        self.pool = pool
    }

    deinit {
        if let pool {
            unsafe pool.give(handle)
        } else {
            unsafe mdb_cursor_close(handle)
        }
    }
}

import CLMDB

/// One table while it is changed entry by entry: each finds its place from that of the one before, so that changes in the
/// order of keys descend the tree once a page.
///
/// Lent by ``WriteTransaction/edit(_:_:)``, for its braces only.
@safe public struct TableEditor<Key: DatabaseKey>: ~Copyable {
    private let cursor: OpaquePointer
    private let environment: Environment
    /// How many bytes of keys and values were put.
    fileprivate var bytesPut = 0

    fileprivate init(_ cursor: OpaquePointer, of environment: Environment) {
        unsafe self.cursor = unsafe cursor
        self.environment = environment
    }
}

@available(*, unavailable)
extension TableEditor: Sendable {}

extension TableEditor {
    /// Puts `value` under `key`, in place of the one there.
    public mutating func put(_ value: RawSpan, forKey key: Key) throws(LMDBError) {
        let code = unsafe value.withUnsafeBytes { value in
            unsafe key.withKeyBytes { key in
                bytesPut += key.count + value.count
                var key = unsafe MDB_val(lending: key)
                var value = unsafe MDB_val(lending: value)
                return unsafe mdb_cursor_put(cursor, &key, &value, 0)
            }
        }
        if code != 0 { throw environment.explain(code) }
    }

    /// Removes `key` with its value; false when it is not there.
    @discardableResult
    public mutating func remove(_ key: Key) throws(LMDBError) -> Bool {
        let code = unsafe key.withKeyBytes { key in
            var key = unsafe MDB_val(lending: key)
            var value = unsafe MDB_val()
            let code = unsafe mdb_cursor_get(cursor, &key, &value, MDB_SET)
            return unsafe code == 0 ? mdb_cursor_del(cursor, 0) : code
        }
        if code == MDB_NOTFOUND { return false }
        if code != 0 { throw environment.explain(code) }
        return true
    }
}

extension WriteTransaction {
    /// Changes entries of one table, best in ascending order of keys.
    ///
    /// - Throws: ``LMDBError``, what `body` throws.
    public mutating func edit<Key, Result>(
        _ database: Database<Key>, _ body: (inout TableEditor<Key>) throws -> Result
    ) throws -> Result {
        var opened: OpaquePointer?
        unsafe try LMDBError.check(mdb_cursor_open(handle, database.handle, &opened))
        guard let opened = unsafe opened else { throw LMDBError.badTransaction }
        defer { unsafe mdb_cursor_close(opened) }
        var editor = unsafe TableEditor<Key>(opened, of: environment)
        let result = try body(&editor)
        bytesPut += editor.bytesPut
        return result
    }
}

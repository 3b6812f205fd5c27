import CLMDB

/// A state of the file to read: what a read and a write transaction have in common.
///
/// Bytes come back as spans that cannot outlive the transaction, nor a change of it: the compiler sees to both.
public protocol Transaction: ~Copyable {
    /// LMDB's own handle; valid as long as the transaction.
    @unsafe var handle: OpaquePointer { get }
    /// Its idle cursors, when it keeps any.
    var cursors: CursorPool? { get }
}

/// One state of the file, the latest when it began; others may write meanwhile.
///
/// Ends when it goes out of scope; its handle is kept for the next reader.
@safe public struct ReadTransaction: ~Copyable, Transaction {
    /// LMDB's own handle.
    public let handle: OpaquePointer
    let environment: Environment
    /// Its idle cursors, kept with the handle.
    public let cursors: CursorPool?
    /// Whether it has the writer's turn, for want of a reader's place.
    let isWriter: Bool

    init(_ handle: OpaquePointer, _ cursors: CursorPool, of environment: Environment) {
        unsafe self.handle = unsafe handle
        self.cursors = cursors
        self.environment = environment
        isWriter = false
    }

    /// A read by a write transaction that changes nothing.
    init(_ writing: OpaquePointer, of environment: Environment) {
        unsafe handle = unsafe writing
        cursors = nil
        self.environment = environment
        isWriter = true
    }

    deinit {
        guard isWriter else { return unsafe environment.endRead(handle, cursors) }
        guard environment.willEndWrite() else { return }
        unsafe mdb_txn_abort(handle)
        environment.didEndWrite()
    }
}

@available(*, unavailable)
extension ReadTransaction: Sendable {}

extension ReadTransaction {
    /// The number of the commit it reads: the same number, the same bytes.
    public var id: UInt64 {
        // A writer has the number of the commit it would make.
        unsafe UInt64(mdb_txn_id(handle)) - (isWriter ? 1 : 0)
    }

    /// Where the file is, without symbolic links.
    public var path: String { environment.path }
}

/// The changes of one writer: all of them are committed, or none.
///
/// Begins and ends on one thread, which LMDB's lock demands; not being `Sendable` it cannot leave it. Going out of scope
/// without ``commit()`` takes everything back.
@safe public struct WriteTransaction: ~Copyable, Transaction {
    /// LMDB's own handle.
    public let handle: OpaquePointer
    /// Retained; unmanaged, because ``commit()`` can only discard what needs no destruction.
    private let retained: Unmanaged<Environment>
    /// Whether it stands inside another.
    private let isNested: Bool
    /// How many bytes of keys and values were put, those of nested transactions that were committed included.
    public internal(set) var bytesPut = 0

    init(_ handle: OpaquePointer, of environment: Environment, isNested: Bool) {
        unsafe self.handle = unsafe handle
        unsafe retained = unsafe .passRetained(environment)
        self.isNested = isNested
    }

    deinit {
        let environment = unsafe retained.takeRetainedValue()
        guard isNested || environment.willEndWrite() else { return }
        unsafe mdb_txn_abort(handle)
        if !isNested { environment.didEndWrite() }
    }

    var environment: Environment { unsafe retained.takeUnretainedValue() }
}

@available(*, unavailable)
extension WriteTransaction: Sendable {}

extension WriteTransaction {
    /// The number of the commit it becomes; it sees the one before.
    public var id: UInt64 { unsafe UInt64(mdb_txn_id(handle)) }

    /// None: its cursors end with it.
    public var cursors: CursorPool? { nil }

    /// How a value is put.
    public enum PutMode: Sendable {
        /// In place of the one there, if there is one.
        case upsert
        /// Behind all others: the key is greater than the last of the table.
        case append
    }

    /// Makes every change visible and, as the environment's durability says, durable.
    ///
    /// - Throws: ``LMDBError``; everything is taken back then. ``LMDBError/forked`` in a child that the process forked
    ///   since, where the transaction remains the parent's.
    public consuming func commit() throws(LMDBError) {
        let handle = unsafe handle
        let environment = unsafe retained.takeRetainedValue()
        let isNested = isNested
        discard self
        guard isNested || environment.willEndWrite() else { throw .forked }
        let code = unsafe mdb_txn_commit(handle)
        if !isNested { environment.didEndWrite() }
        if code != 0 { throw environment.explain(code) }
    }

    /// Puts `value` under `key`.
    ///
    /// - Throws: ``LMDBError/keyExists`` when an appended key is not greater than the last.
    public mutating func put<Key>(
        _ value: RawSpan, forKey key: Key, in database: Database<Key>, mode: PutMode = .upsert
    ) throws(LMDBError) {
        let code = unsafe value.withUnsafeBytes { value in
            unsafe key.withKeyBytes { key in
                bytesPut += key.count + value.count
                var key = unsafe MDB_val(lending: key)
                var value = unsafe MDB_val(lending: value)
                return unsafe mdb_put(handle, database.handle, &key, &value, mode == .append ? UInt32(MDB_APPEND) : 0)
            }
        }
        if code != 0 { throw environment.explain(code) }
    }

    /// Removes `key` with its value; false when it is not there.
    @discardableResult
    public mutating func remove<Key>(_ key: Key, in database: Database<Key>) throws(LMDBError) -> Bool {
        let code = unsafe key.withKeyBytes { key in
            var key = unsafe MDB_val(lending: key)
            return unsafe mdb_del(handle, database.handle, &key, nil)
        }
        if code == MDB_NOTFOUND { return false }
        if code != 0 { throw environment.explain(code) }
        return true
    }

    /// Removes every entry of a table, which stays.
    ///
    /// O(pages of the table), whose numbers are put on the free list.
    public mutating func removeAll<Key>(in database: Database<Key>) throws(LMDBError) {
        let code = unsafe mdb_drop(handle, database.handle, 0)
        if code != 0 { throw environment.explain(code) }
    }

    /// Runs `body` in a transaction inside this one: what it throws takes back its own changes only.
    public mutating func nested(_ body: (inout WriteTransaction) throws -> Void) throws {
        var begun: OpaquePointer?
        unsafe try LMDBError.check(mdb_txn_begin(mdb_txn_env(handle), handle, 0, &begun))
        guard let begun = unsafe begun else { throw LMDBError.badTransaction }
        var child = unsafe WriteTransaction(begun, of: environment, isNested: true)
        try body(&child)
        let bytes = child.bytesPut
        try child.commit()
        bytesPut += bytes
    }
}

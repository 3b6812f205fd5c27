import CLMDB
import Glibc

public enum LMDBError: Error, Equatable, Sendable { case code(Int32); case system(Int32) }
public struct Bytes: Hashable, Sendable { let bytes: [UInt8]; public init(_ b: [UInt8]) { bytes = b } }
public protocol DatabaseKey {
    static var isInteger: Bool { get }
    func withBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R
}
extension UInt64: DatabaseKey {
    public static var isInteger: Bool { true }
    @inlinable public func withBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        unsafe try withUnsafeBytes(of: self) { unsafe try body($0) }
    }
}
extension UInt32: DatabaseKey {
    public static var isInteger: Bool { true }
    @inlinable public func withBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        unsafe try withUnsafeBytes(of: self) { unsafe try body($0) }
    }
}
extension Bytes: DatabaseKey {
    public static var isInteger: Bool { false }
    public func withBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        try unsafe bytes.withUnsafeBytes { unsafe try body($0) }
    }
}
public struct Database<Key: DatabaseKey>: Sendable {
    @usableFromInline let h: MDB_dbi; @usableFromInline init(h: MDB_dbi) { self.h = h }
}
@safe public final class Environment: @unchecked Sendable {
    public enum Access: Sendable { case readWrite, readOnly }
    public enum Durability: Sendable { case full, noMetaSync, none }
    public struct Options: Sendable {
        public var access = Access.readWrite, createsFile = false, mapSizeMax = 1 << 40, databasesMax = 256,
            readersMax = 1024
        public var durability = Durability.full, allowsNetworkFilesystem = false
        public init() {}
    }
    let env: OpaquePointer
    init(_ e: OpaquePointer) { unsafe env = e }
    deinit { unsafe mdb_env_close(env) }
    public static func open(at path: String, options: Options) throws -> Environment {
        if !options.createsFile, unsafe access(path, F_OK) != 0 { throw LMDBError.system(ENOENT) }
        var e: OpaquePointer?
        unsafe mdb_env_create(&e)
        unsafe mdb_env_set_mapsize(e, options.mapSizeMax)
        unsafe mdb_env_set_maxdbs(e, UInt32(options.databasesMax))
        unsafe mdb_env_set_maxreaders(e, UInt32(options.readersMax))
        var f = UInt32(MDB_NOSUBDIR) | UInt32(MDB_NOTLS)
        if options.durability == .none { f |= UInt32(MDB_NOSYNC) }
        if options.access == .readOnly { f |= UInt32(MDB_RDONLY) }
        let rc = unsafe mdb_env_open(e, path, f, 0o600)
        if rc != 0 { unsafe mdb_env_close(e); throw LMDBError.code(rc) }
        return unsafe Environment(e!)
    }
    public func openDatabase<K>(named n: String, creating: Bool) throws -> Database<K> {
        var t: OpaquePointer?
        var rc = unsafe mdb_txn_begin(env, nil, creating ? 0 : UInt32(MDB_RDONLY), &t)
        if rc != 0 { throw LMDBError.code(rc) }
        var d: MDB_dbi = 0
        rc = unsafe mdb_dbi_open(
            t, n, (K.isInteger ? UInt32(MDB_INTEGERKEY) : 0) | (creating ? UInt32(MDB_CREATE) : 0), &d)
        if rc != 0 { unsafe mdb_txn_abort(t); throw LMDBError.code(rc) }
        rc = unsafe mdb_txn_commit(t)
        if rc != 0 { throw LMDBError.code(rc) }
        return Database(h: d)
    }
    /// How many places of readers are taken.
    public func readersUsed() throws -> Int {
        var info = unsafe MDB_envinfo()
        let code = unsafe mdb_env_info(env, &info)
        if code != 0 { throw LMDBError.code(code) }
        return unsafe Int(info.me_numreaders)
    }
    public func sync(force: Bool) throws { _ = unsafe mdb_env_sync(env, 1) }
    public func beginRead() throws -> ReadTransaction {
        var t: OpaquePointer?
        let rc = unsafe mdb_txn_begin(env, nil, UInt32(MDB_RDONLY), &t)
        if rc != 0 { throw LMDBError.code(rc) }
        return unsafe ReadTransaction(t!)
    }
    public func beginWrite() throws -> WriteTransaction {
        var t: OpaquePointer?
        let rc = unsafe mdb_txn_begin(env, nil, 0, &t)
        if rc != 0 { throw LMDBError.code(rc) }
        return unsafe WriteTransaction(t!)
    }
}
public protocol Transaction: ~Copyable { @unsafe var handle: OpaquePointer { get } }
@safe public struct ReadTransaction: ~Copyable, Transaction {
    public let handle: OpaquePointer
    init(_ h: OpaquePointer) { unsafe handle = h }
    deinit { unsafe mdb_txn_abort(handle) }
}
@safe public struct WriteTransaction: ~Copyable, Transaction {
    public let handle: OpaquePointer
    init(_ h: OpaquePointer) { unsafe handle = h }
    deinit { unsafe mdb_txn_abort(handle) }
    public enum PutMode { case upsert, insert, append }
    public consuming func commit() throws {
        let h = unsafe handle
        discard self
        let rc = unsafe mdb_txn_commit(h)
        if rc != 0 { throw LMDBError.code(rc) }
    }
    public mutating func put<K>(_ value: RawSpan, forKey key: K, in db: Database<K>, mode: PutMode = .upsert) throws {
        try unsafe value.withUnsafeBytes { v in
            try unsafe key.withBytes { k in
                var kk = unsafe MDB_val(mv_size: k.count, mv_data: UnsafeMutableRawPointer(mutating: k.baseAddress))
                var vv = unsafe MDB_val(mv_size: v.count, mv_data: UnsafeMutableRawPointer(mutating: v.baseAddress))
                let rc = unsafe mdb_put(handle, db.h, &kk, &vv, mode == .append ? UInt32(MDB_APPEND) : 0)
                if rc != 0 { throw LMDBError.code(rc) }
            }
        }
    }
    @discardableResult
    public mutating func remove<K>(_ key: K, in db: Database<K>) throws -> Bool {
        try unsafe key.withBytes { k in
            var kk = unsafe MDB_val(mv_size: k.count, mv_data: UnsafeMutableRawPointer(mutating: k.baseAddress))
            let rc = unsafe mdb_del(handle, db.h, &kk, nil)
            if rc == MDB_NOTFOUND { return false }
            if rc != 0 { throw LMDBError.code(rc) }
            return true
        }
    }
    public mutating func nested<R>(_ body: (inout WriteTransaction) throws -> R) throws -> R {
        var t: OpaquePointer?
        let e = unsafe mdb_txn_env(handle)
        let rc = unsafe mdb_txn_begin(e, handle, 0, &t)
        if rc != 0 { throw LMDBError.code(rc) }
        var child = unsafe WriteTransaction(t!)
        let r = try body(&child)
        try child.commit()
        return r
    }
}
extension Transaction where Self: ~Copyable {
    @inlinable @_lifetime(borrow self)
    public func value<K>(forKey key: K, in db: Database<K>) throws -> RawSpan? {
        let found = try unsafe key.withBytes { k -> UnsafeRawBufferPointer? in
            var kk = unsafe MDB_val(mv_size: k.count, mv_data: UnsafeMutableRawPointer(mutating: k.baseAddress))
            var vv = unsafe MDB_val()
            let rc = unsafe mdb_get(handle, db.h, &kk, &vv)
            if rc == MDB_NOTFOUND { return nil }
            if rc != 0 { throw LMDBError.code(rc) }
            return unsafe UnsafeRawBufferPointer(start: vv.mv_data, count: vv.mv_size)
        }
        guard let found = unsafe found else { return nil }
        return unsafe _overrideLifetime(RawSpan(_unsafeBytes: found), borrowing: self)
    }
    @_lifetime(borrow self)
    public func cursor<K>(in db: Database<K>) throws -> Cursor<K> {
        var c: OpaquePointer?
        let rc = unsafe mdb_cursor_open(handle, db.h, &c)
        if rc != 0 { throw LMDBError.code(rc) }
        return unsafe _overrideLifetime(Cursor<K>(c!), borrowing: self)
    }
    public func entryCount<K>(in db: Database<K>) throws -> Int {
        var s = MDB_stat()
        unsafe mdb_stat(handle, db.h, &s)
        return s.ms_entries
    }
}
public struct Entry<Key: DatabaseKey>: ~Escapable {
    public let keyBytes: RawSpan
    public let value: RawSpan
    @_lifetime(copy k, copy v) @usableFromInline init(k: RawSpan, v: RawSpan) { keyBytes = k; value = v }
}
extension Entry where Key: BitwiseCopyable {
    @inlinable public var key: Key { unsafe keyBytes.unsafeLoadUnaligned(fromByteOffset: 0, as: Key.self) }
}
@safe public struct Cursor<Key: DatabaseKey>: ~Copyable, ~Escapable {
    @usableFromInline let c: OpaquePointer
    @_lifetime(immortal) @usableFromInline init(_ c: OpaquePointer) { unsafe self.c = c }
    deinit { unsafe mdb_cursor_close(c) }
    @inlinable @_lifetime(copy self)
    mutating func go(_ key: Key?, _ op: MDB_cursor_op) throws -> Entry<Key>? {
        var kk = unsafe MDB_val(), vv = unsafe MDB_val()
        var rc: Int32
        if let key {
            rc = unsafe key.withBytes { k in
                unsafe kk = MDB_val(mv_size: k.count, mv_data: UnsafeMutableRawPointer(mutating: k.baseAddress))
                return unsafe mdb_cursor_get(c, &kk, &vv, op)
            }
        } else {
            rc = unsafe mdb_cursor_get(c, &kk, &vv, op)
        }
        if rc == MDB_NOTFOUND { return nil }
        if rc != 0 { throw LMDBError.code(rc) }
        let k = unsafe _overrideLifetime(
            RawSpan(_unsafeBytes: UnsafeRawBufferPointer(start: kk.mv_data, count: kk.mv_size)), copying: self)
        let v = unsafe _overrideLifetime(
            RawSpan(_unsafeBytes: UnsafeRawBufferPointer(start: vv.mv_data, count: vv.mv_size)), copying: self)
        return unsafe _overrideLifetime(Entry(k: k, v: v), copying: self)
    }
    @inlinable @_lifetime(copy self) public mutating func value(at key: Key) throws -> RawSpan? {
        guard let e = try go(key, MDB_SET_KEY) else { return nil }
        return unsafe _overrideLifetime(e.value, copying: self)
    }
    @inlinable @_lifetime(copy self) public mutating func first() throws -> Entry<Key>? { try go(nil, MDB_FIRST) }
    @inlinable @_lifetime(copy self) public mutating func last() throws -> Entry<Key>? { try go(nil, MDB_LAST) }
    @inlinable @_lifetime(copy self) public mutating func next() throws -> Entry<Key>? { try go(nil, MDB_NEXT) }
    @inlinable @_lifetime(copy self) public mutating func previous() throws -> Entry<Key>? { try go(nil, MDB_PREV) }
    @inlinable @_lifetime(copy self) public mutating func seek(atOrAfter key: Key) throws -> Entry<Key>? {
        try go(key, MDB_SET_RANGE)
    }
}

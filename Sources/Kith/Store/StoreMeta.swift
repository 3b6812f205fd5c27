import FoundationEssentials
import LMDB

/// What a store says about itself, in the table `meta`:
///
/// | key | value |
/// |---|---|
/// | `format` | the format version, `UInt32` |
/// | `uuid` | 16 random bytes given at creation |
/// | `schema` | the schema as JSON |
/// | `counters` | ``StoreCounters`` behind the ``RequiredFeatures`` |
/// | `created` | seconds since 1970, `UInt64` |
/// | `erasures` | how often nodes were erased, `UInt64`; missing before the first time |
///
/// Integers are little-endian. Every value but `format` is followed by its ``MetaChecksum``, in a file of version 3 by nothing.
/// Every value is verified when it is read, and all are when a store is opened.
enum StoreMeta {
    static let tableName = "meta"

    private static let formatKey = Bytes(Array("format".utf8))
    private static let uuidKey = Bytes(Array("uuid".utf8))
    private static let schemaKey = Bytes(Array("schema".utf8))
    private static let countersKey = Bytes(Array("counters".utf8))
    private static let erasuresKey = Bytes(Array("erasures".utf8))
    private static let createdKey = Bytes(Array("created".utf8))

    /// Who a store is, and since when.
    struct Identity: Sendable {
        let uuid: UUID
        let created: UInt64

        /// A new store, made at a moment.
        init(created: Timestamp) {
            uuid = UUID()
            self.created = UInt64(created.rawValue)
        }

        /// The identity of a store that is there.
        init(of snapshot: borrowing Snapshot) throws {
            let (uuid, created) = try StoreMeta.identity(of: snapshot.tables, in: snapshot.transaction)
            self.uuid = UUID(uuidString: uuid) ?? UUID()
            self.created = created
        }
    }

    /// Writes what a new, empty store says.
    static func initialize(_ tables: StoreTables, _ identity: Identity, in transaction: inout WriteTransaction) throws {
        try putVersion(in: tables.meta, &transaction)
        try put(
            unsafe withUnsafeBytes(of: identity.uuid.uuid) { unsafe Array($0) }, uuidKey, in: tables.meta, &transaction)
        try put(littleEndian(identity.created), createdKey, in: tables.meta, &transaction)
        try putSchema(of: tables, StoreCounters(for: tables.schema), in: &transaction)
    }

    /// Writes the schema, and the counters, which go with it.
    static func putSchema(
        of tables: StoreTables, _ counters: StoreCounters, in transaction: inout WriteTransaction
    ) throws {
        try put(Array(tables.schema.json.utf8), schemaKey, in: tables.meta, &transaction)
        try put(counters, of: tables, in: &transaction)
    }

    static func put(
        _ counters: StoreCounters, of tables: StoreTables, in transaction: inout WriteTransaction
    ) throws {
        try put(counters.bytes, countersKey, in: tables.meta, &transaction)
    }

    static func putErasureCount(
        _ count: UInt64, in meta: Database<Bytes>, _ transaction: inout WriteTransaction
    ) throws {
        try put(littleEndian(count), erasuresKey, in: meta, &transaction)
    }

    /// Writes a value with its checksum.
    private static func put(
        _ value: [UInt8], _ key: Bytes, in meta: Database<Bytes>, _ transaction: inout WriteTransaction
    ) throws {
        unsafe try transaction.put(MetaChecksum.sealed(value, forKey: key).span.bytes, forKey: key, in: meta)
    }

    private static func putVersion(in meta: Database<Bytes>, _ transaction: inout WriteTransaction) throws {
        unsafe try transaction.put(littleEndian(FormatVersion.current.rawValue).span.bytes, forKey: formatKey, in: meta)
    }

    private static func littleEndian<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
        (0..<Value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> Value(8 * $0)) }
    }
}

// MARK: - Opening

extension StoreMeta {
    /// Reads the version and the schema of the file at `path`, after all values were verified.
    ///
    /// - Throws: ``GraphStoreError/notAStore(path:reason:)``, ``GraphStoreError/otherFormatVersion(path:found:expected:)``,
    ///   ``GraphStoreError/damaged(table:node:reason:)``, ``FormatRefusal``.
    static func head(
        in meta: Database<Bytes>, of path: String, _ transaction: borrowing some Transaction & ~Copyable
    ) throws -> (version: FormatVersion, schema: Schema) {
        guard let found = try versionNumber(in: meta, transaction) else {
            throw GraphStoreError.notAStore(path: path, reason: "it is an LMDB file without a Kith format version")
        }
        guard let version = FormatVersion(rawValue: found) else {
            throw GraphStoreError.otherFormatVersion(
                path: path, found: found, expected: FormatVersion.current.rawValue)
        }
        if let key = try wrongValues(in: meta, version, transaction).first { throw wrongChecksum(key) }
        if version >= .four, let counters = try transaction.value(forKey: countersKey, in: meta) {
            try StoreCounters.features(in: counters)?.checkCanRead()
        }
        guard let json = try transaction.value(forKey: schemaKey, in: meta) else {
            throw GraphStoreError.notAStore(path: path, reason: "it has no schema")
        }
        let count = try verifiedCount(of: json, schemaKey, version)
        do {
            return (version, try Schema(json: unsafe json.withUnsafeBytes { unsafe Array($0.prefix(count)) }))
        } catch {
            throw GraphStoreError.notAStore(path: path, reason: "its schema cannot be read: \(error)")
        }
    }

    /// The number of the format version, whether this program knows it or not.
    private static func versionNumber(
        in meta: Database<Bytes>, _ transaction: borrowing some Transaction & ~Copyable
    ) throws -> UInt32? {
        guard let format = try transaction.value(forKey: formatKey, in: meta), format.byteCount == 4 else { return nil }
        return UInt32(littleEndian: unsafe format.unsafeLoadUnaligned(fromByteOffset: 0, as: UInt32.self))
    }

    /// The keys of the values that do not give their checksums.
    static func wrongValues(
        in meta: Database<Bytes>, _ version: FormatVersion, _ transaction: borrowing some Transaction & ~Copyable
    ) throws -> [String] {
        guard version >= .four else { return [] }
        var wrong: [String] = []
        var cursor = transaction.cursor(in: meta)
        var entry = try cursor.first()
        while let current = entry {
            let key = unsafe current.keyBytes.withUnsafeBytes { unsafe Array($0) }
            if key != formatKey.bytes, MetaChecksum.verifiedCount(of: current.value, forKey: current.keyBytes) == nil {
                wrong.append(String(decoding: key, as: UTF8.self))
            }
            entry = try cursor.next()
        }
        return wrong
    }

    /// ``wrongValues(in:_:_:)`` of a file whose table `meta` can be read, and which may be damaged elsewhere; none where it
    /// is of no version with checksums.
    static func wrongValues(in environment: Environment) throws -> [String] {
        let meta: Database<Bytes> = try environment.openDatabase(named: tableName, creating: false)
        let transaction = try environment.beginRead()
        guard let version = try versionNumber(in: meta, transaction).flatMap(FormatVersion.init(rawValue:)) else {
            return []
        }
        return try wrongValues(in: meta, version, transaction)
    }

    /// What is said of a value that does not give its checksum.
    static func wrongChecksumMessage(_ key: String) -> String { "the value of '\(key)' does not give its checksum" }

    private static func wrongChecksum(_ key: String) -> GraphStoreError {
        .damaged(table: tableName, node: nil, reason: wrongChecksumMessage(key))
    }

    /// How many bytes of a value stand before its checksum, which is verified.
    ///
    /// - Throws: ``GraphStoreError/damaged(table:node:reason:)``.
    private static func verifiedCount(of value: RawSpan, _ key: Bytes, _ version: FormatVersion) throws -> Int {
        guard version >= .four else { return value.byteCount }
        guard let count = unsafe MetaChecksum.verifiedCount(of: value, forKey: key.bytes.span.bytes) else {
            throw wrongChecksum(String(decoding: key.bytes, as: UTF8.self))
        }
        return count
    }
}

// MARK: - Transactions

extension StoreMeta {
    /// The counters as of the transaction; nil when they do not fit the version and the schema of `tables`.
    ///
    /// Versions and schemas only grow, and the counters with them: where they fit, `tables` are all there are, in the form
    /// that is known. So this, which every transaction reads anyway, tells whether both are still those that are known.
    /// - Throws: ``GraphStoreError/damaged(table:node:reason:)`` when they count what cannot be, or do not give their checksum;
    ///   ``FormatRefusal/unknownFeatures(_:reading:)``.
    static func counters(
        of tables: StoreTables, in transaction: borrowing some Transaction & ~Copyable
    ) throws -> StoreCounters? {
        guard let bytes = try transaction.value(forKey: countersKey, in: tables.meta) else { return nil }
        let count = try verifiedCount(of: bytes, countersKey, tables.version)
        // First: a feature may be one of the counters' own form.
        if tables.version >= .four { try StoreCounters.features(in: bytes)?.checkCanRead() }
        guard let counters = StoreCounters(bytes.extracting(first: count), of: tables.version, for: tables.schema)
        else {
            return nil
        }
        guard counters.arePossible(in: tables) else { throw impossibleCounters }
        return counters
    }

    /// ``counters(of:in:)`` for a transaction that changes the store.
    ///
    /// - Throws: ``FormatRefusal`` when this program may not write to the store.
    static func countersToChange(
        of tables: StoreTables, in transaction: borrowing WriteTransaction
    ) throws -> StoreCounters? {
        guard let counters = try counters(of: tables, in: transaction) else { return nil }
        try checkCanWrite(tables, counters)
        return counters
    }

    /// - Throws: ``FormatRefusal``.
    static func checkCanWrite(_ tables: StoreTables, _ counters: StoreCounters) throws(FormatRefusal) {
        guard tables.version == .current else { throw .olderVersion(tables.version) }
        try counters.features.checkCanWrite()
    }

    /// The counters say more than there can be, or are taken below zero.
    static var impossibleCounters: GraphStoreError {
        .damaged(table: tableName, node: nil, reason: "the counters are not those of any graph")
    }

    /// Whether there are as many counters as the schema of `tables` has, in the form of its version.
    static func countersFit(
        _ tables: StoreTables, in transaction: borrowing some Transaction & ~Copyable
    ) throws -> Bool {
        try transaction.value(forKey: countersKey, in: tables.meta)?.byteCount
            == StoreCounters.byteCount(of: tables.version, for: tables.schema)
            + (tables.version >= .four ? MetaChecksum.byteCount : 0)
    }

    /// The counters do not fit the schema beside them.
    static var damagedCounters: GraphStoreError {
        .damaged(table: tableName, node: nil, reason: "the counters do not fit the schema")
    }

    /// How often nodes were erased, as of the transaction.
    static func erasureCount(
        of tables: StoreTables, in transaction: borrowing some Transaction & ~Copyable
    ) throws -> UInt64 {
        guard let bytes = try transaction.value(forKey: erasuresKey, in: tables.meta) else { return 0 }
        // More bytes than of the version that is known are there behind an upgrade, which the counters tell of.
        guard try verifiedCount(of: bytes, erasuresKey, tables.version) >= 8 else { return 0 }
        return UInt64(littleEndian: unsafe bytes.unsafeLoadUnaligned(fromByteOffset: 0, as: UInt64.self))
    }

    /// The identity and the date of creation, as text and seconds since 1970.
    static func identity(
        of tables: StoreTables, in transaction: borrowing some Transaction & ~Copyable
    ) throws -> (uuid: String, created: UInt64) {
        guard let uuid = try transaction.value(forKey: uuidKey, in: tables.meta),
            try verifiedCount(of: uuid, uuidKey, tables.version) == 16,
            let created = try transaction.value(forKey: createdKey, in: tables.meta),
            try verifiedCount(of: created, createdKey, tables.version) == 8
        else {
            throw GraphStoreError.damaged(table: tableName, node: nil, reason: "the identity of the store is missing")
        }
        let bytes = unsafe uuid.unsafeLoadUnaligned(fromByteOffset: 0, as: uuid_t.self)
        let seconds = UInt64(littleEndian: unsafe created.unsafeLoadUnaligned(fromByteOffset: 0, as: UInt64.self))
        // Farther than any clock; what is shown of it then fits a signed number.
        guard seconds < 1 << 40 else {
            throw GraphStoreError.damaged(
                table: tableName, node: nil, reason: "the store was made \(seconds) seconds after 1970")
        }
        return (UUID(uuid: bytes).uuidString.lowercased(), seconds)
    }
}

// MARK: - Upgrading

extension StoreMeta {
    /// Writes what a store of an older version says in the form of the current one.
    ///
    /// - Parameter counters: those of the store; they were read by `tables`.
    /// - Throws: ``GraphStoreError/damaged(table:node:reason:)``: what is damaged gets no checksum.
    static func upgrade(
        _ tables: StoreTables, _ counters: StoreCounters, in transaction: inout WriteTransaction
    ) throws {
        _ = try identity(of: tables, in: transaction)
        for key in [uuidKey, createdKey, schemaKey, erasuresKey] {
            guard let value = try bytes(of: key, in: tables.meta, transaction) else { continue }
            try put(value, key, in: tables.meta, &transaction)
        }
        try put(counters, of: tables, in: &transaction)
        try putVersion(in: tables.meta, &transaction)
    }
    private static func bytes(
        of key: Bytes, in meta: Database<Bytes>, _ transaction: borrowing WriteTransaction
    ) throws -> [UInt8]? {
        guard let value = try transaction.value(forKey: key, in: meta) else { return nil }
        return unsafe value.withUnsafeBytes { unsafe Array($0) }
    }
}

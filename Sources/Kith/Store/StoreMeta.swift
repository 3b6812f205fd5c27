import FoundationEssentials
import LMDB

/// What a store says about itself, in the table `meta`:
///
/// | key | value |
/// |---|---|
/// | `format` | the format version, `UInt32` |
/// | `uuid` | 16 random bytes given at creation |
/// | `schema` | the schema as JSON |
/// | `counters` | ``StoreCounters`` |
/// | `created` | seconds since 1970, `UInt64` |
/// | `erasures` | how often nodes were erased, `UInt64`; missing before the first time |
///
/// Integers are little-endian.
enum StoreMeta {
    static let tableName = "meta"

    /// Raised when bytes on disk change their meaning; a program reads exactly one version.
    static let formatVersion: UInt32 = 3

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
        func put(_ bytes: [UInt8], _ key: Bytes) throws {
            unsafe try transaction.put(bytes.span.bytes, forKey: key, in: tables.meta)
        }
        try put(littleEndian(formatVersion), formatKey)
        unsafe try put(withUnsafeBytes(of: identity.uuid.uuid) { unsafe Array($0) }, uuidKey)
        try put(littleEndian(identity.created), createdKey)
        try putSchema(of: tables, StoreCounters(for: tables.schema), in: &transaction)
    }

    /// Writes the schema, and the counters, which go with it.
    static func putSchema(
        of tables: StoreTables, _ counters: StoreCounters, in transaction: inout WriteTransaction
    ) throws {
        let json = Array(tables.schema.json.utf8)
        unsafe try transaction.put(json.span.bytes, forKey: schemaKey, in: tables.meta)
        try put(counters, of: tables, in: &transaction)
    }

    /// Reads the version and the schema of the file at `path`.
    ///
    /// - Throws: ``GraphStoreError/notAStore(path:reason:)``, ``GraphStoreError/otherFormatVersion(path:found:expected:)``.
    static func schema(
        in meta: Database<Bytes>, of path: String, _ transaction: borrowing some Transaction & ~Copyable
    ) throws -> Schema {
        guard let format = try transaction.value(forKey: formatKey, in: meta), format.byteCount == 4 else {
            throw GraphStoreError.notAStore(path: path, reason: "it is an LMDB file without a Kith format version")
        }
        let found = UInt32(littleEndian: unsafe format.unsafeLoadUnaligned(fromByteOffset: 0, as: UInt32.self))
        guard found == formatVersion else {
            throw GraphStoreError.otherFormatVersion(path: path, found: found, expected: formatVersion)
        }
        guard let json = try transaction.value(forKey: schemaKey, in: meta) else {
            throw GraphStoreError.notAStore(path: path, reason: "it has no schema")
        }
        do {
            return try Schema(json: unsafe json.withUnsafeBytes { unsafe Array($0) })
        } catch {
            throw GraphStoreError.notAStore(path: path, reason: "its schema cannot be read: \(error)")
        }
    }

    /// The counters as of the transaction; nil when they do not fit the schema of `tables`.
    ///
    /// A schema only grows, and the counters with it: where they fit, `tables` are all there are. So this, which every
    /// transaction reads anyway, tells whether the schema is still the one that is known.
    /// - Throws: ``GraphStoreError/damaged(table:node:reason:)`` when they count what cannot be.
    static func counters(
        of tables: StoreTables, in transaction: borrowing some Transaction & ~Copyable
    ) throws -> StoreCounters? {
        guard let bytes = try transaction.value(forKey: countersKey, in: tables.meta) else { return nil }
        guard let counters = StoreCounters(bytes, for: tables.schema) else { return nil }
        guard counters.arePossible(in: tables) else { throw impossibleCounters }
        return counters
    }

    /// The counters say more than there can be, or are taken below zero.
    static var impossibleCounters: GraphStoreError {
        .damaged(table: tableName, node: nil, reason: "the counters are not those of any graph")
    }

    /// Whether there are as many counters as the schema of `tables` has.
    static func countersFit(
        _ tables: StoreTables, in transaction: borrowing some Transaction & ~Copyable
    ) throws -> Bool {
        try transaction.value(forKey: countersKey, in: tables.meta)?.byteCount
            == StoreCounters.byteCount(for: tables.schema)
    }

    /// How often nodes were erased, as of the transaction.
    static func erasureCount(
        in meta: Database<Bytes>, _ transaction: borrowing some Transaction & ~Copyable
    ) throws -> UInt64 {
        guard let bytes = try transaction.value(forKey: erasuresKey, in: meta), bytes.byteCount == 8 else { return 0 }
        return UInt64(littleEndian: unsafe bytes.unsafeLoadUnaligned(fromByteOffset: 0, as: UInt64.self))
    }

    static func putErasureCount(
        _ count: UInt64, in meta: Database<Bytes>, _ transaction: inout WriteTransaction
    ) throws {
        unsafe try transaction.put(littleEndian(count).span.bytes, forKey: erasuresKey, in: meta)
    }

    /// The counters do not fit the schema beside them.
    static var damagedCounters: GraphStoreError {
        .damaged(table: tableName, node: nil, reason: "the counters do not fit the schema")
    }

    /// The identity and the date of creation, as text and seconds since 1970.
    static func identity(
        of tables: StoreTables, in transaction: borrowing ReadTransaction
    ) throws -> (uuid: String, created: UInt64) {
        guard let uuid = try transaction.value(forKey: uuidKey, in: tables.meta), uuid.byteCount == 16,
            let created = try transaction.value(forKey: createdKey, in: tables.meta), created.byteCount == 8
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

    static func put(
        _ counters: StoreCounters, of tables: StoreTables, in transaction: inout WriteTransaction
    ) throws {
        unsafe try transaction.put(counters.bytes.span.bytes, forKey: countersKey, in: tables.meta)
    }

    private static func littleEndian<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
        (0..<Value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> Value(8 * $0)) }
    }
}

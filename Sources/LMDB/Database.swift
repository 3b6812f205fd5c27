import CLMDB

/// What the keys of a table can be: integers of the machine, which LMDB compares as such, or byte strings.
public protocol DatabaseKey {
    /// Whether the table is one of integer keys.
    static var isInteger: Bool { get }
    /// Lends the key as bytes.
    func withKeyBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result
}

extension UInt32: DatabaseKey {
    /// Compared as an integer.
    public static var isInteger: Bool { true }

    /// Lends its four bytes.
    @inlinable
    @inline(__always)
    public func withKeyBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        unsafe withUnsafeBytes(of: self) { unsafe body($0) }
    }
}

extension UInt64: DatabaseKey {
    /// Compared as an integer.
    public static var isInteger: Bool { true }

    /// Lends its eight bytes.
    @inlinable
    @inline(__always)
    public func withKeyBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        unsafe withUnsafeBytes(of: self) { unsafe body($0) }
    }
}

/// A key of 1 to 511 bytes, compared byte by byte.
public struct Bytes: DatabaseKey, Hashable, Sendable {
    /// The bytes.
    public let bytes: [UInt8]

    /// A key of these bytes.
    public init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Compared byte by byte.
    public static var isInteger: Bool { false }

    /// Lends the bytes.
    public func withKeyBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        unsafe bytes.withUnsafeBytes { unsafe body($0) }
    }
}

/// A table of an environment, open for as long as that is; its keys are of one kind, and the type says which.
public struct Database<Key: DatabaseKey>: Sendable {
    @usableFromInline let handle: MDB_dbi

    init(handle: MDB_dbi) {
        self.handle = handle
    }
}

/// What a table takes of its file.
public struct TableSize: Sendable, Hashable {
    /// How many pages.
    public let pages: Int
    /// The size of a page.
    public let pageBytes: Int
    /// Both together.
    public var bytes: Int { pages * pageBytes }
}

extension MDB_val {
    /// LMDB does not write through keys and values it is given; its C type cannot say so.
    @inlinable
    init(lending bytes: UnsafeRawBufferPointer) {
        unsafe self.init(mv_size: bytes.count, mv_data: UnsafeMutableRawPointer(mutating: bytes.baseAddress))
    }
}

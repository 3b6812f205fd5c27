/// What LMDB notes of a tree: `MDB_db`. Two are in a meta page, and one is the data of each named database.
/// ```
///    0  u32  md_pad             the size of a page, in the record of the free list; else unused here
///    4  u16  md_flags           2 MDB_REVERSEKEY, 4 MDB_DUPSORT, 8 MDB_INTEGERKEY, ...
///    6  u16  md_depth           how many pages a descent reads
///    8  u64  md_branch_pages
///   16  u64  md_leaf_pages
///   24  u64  md_overflow_pages
///   32  u64  md_entries
///   40  u64  md_root            the number of the first page; 2^64 - 1 for an empty tree
/// ```
struct TreeRecord: Hashable, Sendable {
    static let bytes = 48
    /// `MDB_INTEGERKEY`.
    static let integerKeys: UInt16 = 8

    let pad: UInt32
    let flags: UInt16
    let depth: Int
    let size: Size
    let root: UInt64

    /// How many pages and entries a tree has.
    struct Size: Hashable {
        var branchPages: UInt64 = 0
        var leafPages: UInt64 = 0
        var overflowPages: UInt64 = 0
        var entries: UInt64 = 0
    }

    /// Reads the record at `offset` of a page, which has all of it.
    init(_ page: PageBytes, at offset: Int) {
        pad = page.integer(at: offset)
        flags = page.integer(at: offset + 4)
        depth = Int(page.integer(at: offset + 6, UInt16.self))
        size = Size(
            branchPages: page.integer(at: offset + 8), leafPages: page.integer(at: offset + 16),
            overflowPages: page.integer(at: offset + 24), entries: page.integer(at: offset + 32))
        root = page.integer(at: offset + 40)
    }
}

/// A key of a tree, in the order LMDB sorts its kind by.
enum TreeKey: Comparable {
    /// `MDB_INTEGERKEY`: 4 or 8 bytes of the machine's integer.
    case integer(UInt64)
    /// Compared byte by byte, and the shorter first.
    case bytes([UInt8])

    static func < (left: TreeKey, right: TreeKey) -> Bool {
        switch (left, right) {
        case (.integer(let left), .integer(let right)): left < right
        case (.bytes(let left), .bytes(let right)): left.lexicographicallyPrecedes(right)
        case (.integer, .bytes): true
        case (.bytes, .integer): false
        }
    }
}

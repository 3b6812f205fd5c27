/// The bytes of one page of an LMDB 0.9 file, read by offsets that are checked first.
///
/// Names are those of mdb.c of LMDB 0.9.24, on little-endian machines of 64 bits.
/// ```
/// page    MDB_page, every page but the later ones of an overflow value
///    0  u64  mp_pgno    the page's own number
///    8  u16  mp_pad     unused here
///   10  u16  mp_flags   1 branch, 2 leaf, 4 overflow, 8 meta; the others are never on disk
///   12  u16  mp_lower   where the index of nodes ends         an overflow page has one u32 here:
///   14  u16  mp_upper   where the first node's bytes begin    mp_pages, how many pages the value takes
///   16  u16  mp_ptrs    the offset of each node, in the order of keys
///
///    | header | index of nodes -> | free | <- nodes, one beside the other to the page's end |
///    0        16           mp_lower      mp_upper                                   pageBytes
///
/// node    MDB_node, at an even offset and padded to an even size
///    0  u16  mn_lo      in a leaf: mn_lo | mn_hi << 16 is the size of the data
///    2  u16  mn_hi
///    4  u16  mn_flags   in a leaf: 1 F_BIGDATA, the data is the number of an overflow page; 2 F_SUBDATA, the data is
///                       the record of a named database; 4 F_DUPDATA, several values
///                       in a branch: mn_lo | mn_hi << 16 | mn_flags << 32 is the number of the page below
///    6  u16  mn_ksize   the size of the key
///    8       mn_data    the key, then the data
/// ```
struct PageBytes {
    /// `mp_flags`.
    enum Flag {
        static let branch: UInt16 = 1
        static let leaf: UInt16 = 2
        static let overflow: UInt16 = 4
        static let meta: UInt16 = 8
    }

    /// `PAGEHDRSZ`.
    static let headerBytes = 16
    /// LMDB's own limit on the depth of a tree, `CURSOR_STACK`.
    static let depthMax = 32
    /// `P_INVALID`, the root of an empty tree.
    static let noPage = UInt64.max
    /// The size of a page number.
    static let numberBytes = 8

    private(set) var bytes: [UInt8]

    init(count: Int) {
        bytes = Array(repeating: 0, count: count)
    }

    /// Fills the page with what `read` puts into it; false when that is too short.
    mutating func fill(_ read: (UnsafeMutableRawBufferPointer) -> Int) -> Bool {
        let count = bytes.count
        return unsafe bytes.withUnsafeMutableBytes { unsafe read($0) } == count
    }

    /// The integer at `offset`, which lies in the page.
    func integer<Value: FixedWidthInteger & BitwiseCopyable>(at offset: Int, _: Value.Type = Value.self) -> Value {
        precondition(offset >= 0 && offset + MemoryLayout<Value>.size <= bytes.count, "an offset was not checked")
        return unsafe bytes.withUnsafeBytes {
            unsafe Value(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: Value.self))
        }
    }

    var number: UInt64 { integer(at: 0) }
    var flags: UInt16 { integer(at: 10) }
    var lower: Int { Int(integer(at: 12, UInt16.self)) }
    var upper: Int { Int(integer(at: 14, UInt16.self)) }
    /// How many pages the value of an overflow page takes.
    var overflowPages: UInt64 { UInt64(integer(at: 12, UInt32.self)) }
    var nodeCount: Int { (lower - PageBytes.headerBytes) / 2 }

    /// The greatest size of a node that holds its data itself, `me_nodemax`: two fit a page.
    static func nodeBytesMax(pageBytes: Int) -> Int { ((pageBytes - headerBytes) / 2 & -2) - 2 }

    /// The node that is `index`-th in the order of keys; its header lies in the page.
    func node(_ index: Int) -> Node {
        let offset = Int(integer(at: PageBytes.headerBytes + 2 * index, UInt16.self))
        return Node(
            offset: offset, low: UInt64(integer(at: offset, UInt16.self)),
            high: UInt64(integer(at: offset + 2, UInt16.self)), flags: integer(at: offset + 4),
            keyBytes: Int(integer(at: offset + 6, UInt16.self)))
    }

    /// A key and what belongs to it.
    struct Node {
        /// `mn_flags` of a leaf.
        enum Flag {
            static let bigData: UInt16 = 1
            static let subData: UInt16 = 2
        }

        /// `NODESIZE`.
        static let headerBytes = 8

        let offset: Int
        fileprivate let low: UInt64
        fileprivate let high: UInt64
        let flags: UInt16
        let keyBytes: Int

        /// The page below, in a branch.
        var child: UInt64 { low | high << 16 | UInt64(flags) << 32 }
        /// The size of the data, in a leaf.
        var dataBytes: Int { Int(low | high << 16) }
        /// Whether the data is in overflow pages.
        var isBig: Bool { flags & Flag.bigData != 0 }

        var key: Range<Int> { offset + Node.headerBytes..<offset + Node.headerBytes + keyBytes }
        /// Where the data is, or the number of the overflow page.
        var data: Int { key.upperBound }

        /// How many bytes of the page it takes, without padding.
        func bytes(inLeaf: Bool) -> Int {
            Node.headerBytes + keyBytes + (inLeaf ? (isBig ? PageBytes.numberBytes : dataBytes) : 0)
        }
    }
}

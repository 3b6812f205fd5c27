import CLMDB
import Glibc
import OperatingSystem

/// The pages of an LMDB 0.9 file that nothing is on, read by hand and never trusted.
///
/// LMDB leaves a page unwritten that was taken at the end of the file and given back in the same transaction. So a sound
/// file may be shorter than its meta page says, by pages that are free; and a file that was cut off lacks others. To tell the
/// two apart before LMDB maps the file, which would end in a bus error, this walks the tree of free pages with `pread`.
///
/// ```
/// page     u64 number   u16 -   u16 flags   u16 lower   u16 upper   then one u16 a node: where it is in the page
///          an overflow page has u32 pages in place of lower and upper, and data from byte 16 on
/// node     u16 low   u16 high   u16 flags   u16 key bytes   key   data
///          in a branch: low | high << 16 | flags << 32 is the page below
///          in a leaf:   low | high << 16 bytes of data, or the number of an overflow page when flag 1 is set
/// entry    key: a transaction; data: u64 count, then as many page numbers
/// ```
/// The layout is that of `MDB_page` and `MDB_node` in mdb.c of LMDB 0.9.24, on little-endian machines of 64 bits; there
/// `MDB_meta.mm_last_pg` says "Actually the file may be shorter if the freeDB lists the final pages". No more pages are
/// read than the file has, a few at a time: garbage costs no more than a pass over the file, and little memory.
struct FreeList {
    private enum Flag {
        static let branch: UInt16 = 1
        static let leaf: UInt16 = 2
        static let overflow: UInt16 = 4
        static let bigData: UInt16 = 1
    }

    private static let pageHeaderBytes = 16
    private static let nodeHeaderBytes = 8
    /// LMDB's own limit on the depth of a tree.
    private static let depthMax = 32
    private static let noPage = UInt64.max
    /// How much of a long entry is in memory at once.
    private static let pagesAtOnce = 64

    private let descriptor: Int32
    private let pageBytes: Int
    /// How many whole pages the file has.
    private let pageCount: UInt64
    private let wanted: Range<UInt64>
    private var isFree: [Bool]
    /// How many page numbers the list has.
    private var numberCount = 0
    private var pagesRead: UInt64 = 0

    /// Whether all pages in `wanted` are free.
    ///
    /// - Parameters:
    ///   - root: the first page of the tree of free pages.
    ///   - pageCount: how many whole pages the file has; no other is looked at.
    static func covers(
        _ wanted: Range<UInt64>, root: UInt64, of descriptor: Int32, pageBytes: Int, pageCount: UInt64
    ) -> Bool {
        // As many pages as a file has cannot be missing and free: the list of them takes room.
        guard wanted.count < 1 << 24 else { return false }
        var list = FreeList(
            descriptor: descriptor, pageBytes: pageBytes, pageCount: pageCount, wanted: wanted,
            isFree: Array(repeating: false, count: wanted.count))
        guard root != noPage, list.walk(root, depth: 0) else { return false }
        return list.isFree.allSatisfy { $0 }
    }

    /// How many pages are free in the state that a meta page leads to; nil when something is not as it must be.
    static func pageCount(of meta: MetaPage, in descriptor: Int32, fileBytes: UInt64) -> Int? {
        if meta.free.root == noPage { return 0 }
        let pageBytes = UInt64(meta.pageSize)
        var list = FreeList(
            descriptor: descriptor, pageBytes: Int(pageBytes), pageCount: fileBytes / pageBytes, wanted: 0..<0,
            isFree: [])
        return list.walk(meta.free.root, depth: 0) ? list.numberCount : nil
    }

    /// Notes what is free below a page; false when something is not as it must be.
    private mutating func walk(_ number: UInt64, depth: Int) -> Bool {
        guard depth < FreeList.depthMax, let page = read(number, pages: 1),
            FreeList.integer(page, 0, UInt64.self) == number
        else { return false }
        let flags = FreeList.integer(page, 10, UInt16.self)
        let lower = Int(FreeList.integer(page, 12, UInt16.self))
        guard lower >= FreeList.pageHeaderBytes, lower <= pageBytes else { return false }
        for index in 0..<(lower - FreeList.pageHeaderBytes) / 2 {
            let node = Int(FreeList.integer(page, FreeList.pageHeaderBytes + 2 * index, UInt16.self))
            guard node >= lower, node + FreeList.nodeHeaderBytes <= pageBytes else { return false }
            let low = UInt64(FreeList.integer(page, node, UInt16.self))
            let high = UInt64(FreeList.integer(page, node + 2, UInt16.self))
            let nodeFlags = FreeList.integer(page, node + 4, UInt16.self)
            if flags & FreeList.Flag.branch != 0 {
                guard walk(low | high << 16 | UInt64(nodeFlags) << 32, depth: depth + 1) else { return false }
                continue
            }
            guard flags & FreeList.Flag.leaf != 0 else { return false }
            let data = node + FreeList.nodeHeaderBytes + Int(FreeList.integer(page, node + 6, UInt16.self))
            let dataBytes = Int(low | high << 16)
            switch nodeFlags {
            case 0:
                guard data + dataBytes <= pageBytes, note(page, data, dataBytes) else { return false }
            case FreeList.Flag.bigData:
                guard data + 8 <= pageBytes, noteOverflow(FreeList.integer(page, data, UInt64.self), dataBytes) else {
                    return false
                }
            default:
                return false
            }
        }
        return true
    }

    /// Notes the pages of an entry that has overflow pages, some at a time.
    private mutating func noteOverflow(_ number: UInt64, _ dataBytes: Int) -> Bool {
        guard let first = read(number, pages: 1), FreeList.integer(first, 0, UInt64.self) == number,
            FreeList.integer(first, 10, UInt16.self) & FreeList.Flag.overflow != 0,
            dataBytes >= 8
        else { return false }
        let numbers = FreeList.integer(first, FreeList.pageHeaderBytes, UInt64.self)
        guard numbers <= UInt64(dataBytes / 8 - 1) else { return false }
        let numbersEnd = FreeList.pageHeaderBytes + 8 + 8 * Int(numbers)
        noteNumbers(first, FreeList.pageHeaderBytes + 8..<min(numbersEnd, pageBytes))
        var page = 1
        while page * pageBytes < numbersEnd {
            let pages = min(FreeList.pagesAtOnce, (numbersEnd - page * pageBytes + pageBytes - 1) / pageBytes)
            guard let bytes = read(number + UInt64(page), pages: pages) else { return false }
            noteNumbers(bytes, 0..<min(numbersEnd - page * pageBytes, bytes.count))
            page += pages
        }
        return true
    }

    /// Notes the pages of one entry.
    private mutating func note(_ bytes: [UInt8], _ start: Int, _ count: Int) -> Bool {
        guard count >= 8 else { return false }
        let numbers = FreeList.integer(bytes, start, UInt64.self)
        guard numbers <= UInt64(count / 8 - 1) else { return false }
        noteNumbers(bytes, start + 8..<start + 8 + 8 * Int(numbers))
        return true
    }

    /// Notes the page numbers in a part of `bytes`.
    private mutating func noteNumbers(_ bytes: [UInt8], _ part: Range<Int>) {
        numberCount += part.count / 8
        for offset in stride(from: part.lowerBound, to: part.upperBound, by: 8) {
            let number = FreeList.integer(bytes, offset, UInt64.self)
            if wanted.contains(number) { isFree[Int(number - wanted.lowerBound)] = true }
        }
    }

    /// Whole pages of the file; nil where the file does not have them, or more were read than there are.
    private mutating func read(_ number: UInt64, pages: Int) -> [UInt8]? {
        guard number < pageCount, UInt64(pages) <= pageCount - number else { return nil }
        pagesRead += UInt64(pages)
        guard pagesRead <= pageCount else { return nil }
        var bytes = [UInt8](repeating: 0, count: pages * pageBytes)
        let count = unsafe bytes.withUnsafeMutableBytes {
            unsafe preadWhole(descriptor, $0, Int(number) * pageBytes)
        }
        return count == bytes.count ? bytes : nil
    }

    private static func integer<Value: FixedWidthInteger & BitwiseCopyable>(
        _ bytes: [UInt8], _ offset: Int, _: Value.Type
    ) -> Value {
        unsafe bytes.withUnsafeBytes {
            unsafe Value(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: Value.self))
        }
    }
}

extension ReadTransaction {
    /// How many bytes of the file are free for later writes, as far as no reader needs them any more.
    ///
    /// A multiple of the page's size. O(transactions that freed pages which are free still).
    public func freeBytes() throws(LMDBError) -> Int {
        if isWriter { return try environment.freeBytesOnDisk() }
        // Table 0 is the tree of free pages, which LMDB lets be read like any other.
        let freePages: MDB_dbi = 0
        var statistics = MDB_stat()
        unsafe try LMDBError.check(mdb_stat(handle, freePages, &statistics))
        var cursor: OpaquePointer?
        unsafe try LMDBError.check(mdb_cursor_open(handle, freePages, &cursor))
        defer { unsafe mdb_cursor_close(cursor) }
        var pages = 0
        while true {
            var key = unsafe MDB_val()
            var list = unsafe MDB_val()
            let code = unsafe mdb_cursor_get(cursor, &key, &list, MDB_NEXT)
            if code == MDB_NOTFOUND { return pages * Int(statistics.ms_psize) }
            try LMDBError.check(code)
            guard unsafe list.mv_size >= 8, let start = unsafe list.mv_data else { throw .corrupted }
            let numbers = unsafe start.loadUnaligned(as: UInt64.self)
            guard unsafe numbers <= UInt64(list.mv_size / 8 - 1) else { throw .corrupted }
            pages += Int(numbers)
        }
    }
}

extension Environment {
    /// ``ReadTransaction/freeBytes()`` for a read by the writer's turn: LMDB shows the free list to readers alone, and
    /// while nobody else can write, it is in the file as the last commit left it.
    fileprivate func freeBytesOnDisk() throws(LMDBError) -> Int {
        var descriptor: mdb_filehandle_t = -1
        unsafe try LMDBError.check(mdb_env_get_fd(handle, &descriptor))
        let meta = try MetaPage.latest(of: descriptor, path)
        guard let pages = FreeList.pageCount(of: meta, in: descriptor, fileBytes: try MetaPage.size(of: descriptor))
        else { throw .corrupted }
        return pages * Int(meta.pageSize)
    }
}

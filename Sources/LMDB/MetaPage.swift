import Glibc
import OperatingSystem

/// One of the two meta pages at the start of an LMDB 0.9 file: where a committed state begins.
///
/// Transaction n writes meta page n mod 2, so the other page keeps the state before. LMDB trusts both: a page size of
/// zero is a division by zero, a file cut short a bus error, a transaction of the wrong parity a state of another time.
/// ```
/// meta    MDB_meta, behind the header of pages 0 and 1; see PageBytes
///   16  u32  mm_magic     0xBEEFC0DE
///   20  u32  mm_version   1
///   24  u64  mm_address   unused here
///   32  u64  mm_mapsize   the size of the map, in bytes
///   40       mm_dbs[0]    the record of the free list; its md_pad is the size of a page, mm_psize, and its md_flags
///                         have the environment's flags too, mm_flags
///   88       mm_dbs[1]    the record of the table of tables
///  136  u64  mm_last_pg   the last page in use or free
///  144  u64  mm_txnid     the transaction that wrote it
/// ```
struct MetaPage: Hashable, Sendable {
    /// 0 or 1.
    let index: UInt64
    /// What the page's header says: its number and its kind.
    private let number: UInt64
    private let flags: UInt16
    let mapSize: UInt64
    /// The tree of free pages.
    let free: TreeRecord
    /// The tree of tables.
    let main: TreeRecord
    let lastPage: UInt64
    let transaction: UInt64

    var pageSize: UInt32 { free.pad }

    private static let bytes = 152
    private static let magic: UInt32 = 0xBEEF_C0DE
    private static let dataVersion: UInt32 = 1
    /// `MDB_NOSUBDIR`: the file is no folder's.
    private static let noSubdirectory: UInt16 = 0x4000
    /// No file has so many pages, and no map so many bytes: the address space of a process is smaller.
    private static let mapSizeLimit: UInt64 = 1 << 47
    /// A million commits a second would take 2,000 years to get there.
    private static let transactionLimit: UInt64 = 1 << 56

    /// How many meta pages are looked at, while somebody writes new ones, before a file is refused.
    static let attemptsMax = 100
}

extension MetaPage {
    /// Refuses a file that is none of LMDB's, or cut short. Not while the process has it open: closing it drops its locks.
    ///
    /// Others may write to the file meanwhile.
    static func validate(_ path: String) throws(LMDBError) {
        let descriptor = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system(errno) }
        defer { close(descriptor) }
        if try size(of: descriptor) == 0 { throw .invalidFile(path: path, reason: "it is empty") }
        var refusal: (transaction: UInt64, error: LMDBError)?
        for _ in 0..<attemptsMax {
            let latest = try Self.latest(of: descriptor, path)
            // A writer reuses the pages that an older meta page leads to; only one that stays tells of a loss.
            if let refusal, refusal.transaction == latest.transaction { throw refusal.error }
            // The size after the meta page, because a writer makes the file longer first.
            let bytes = try size(of: descriptor)
            guard let error = truncation(of: descriptor, path, bytes, latest) else { return }
            refusal = (latest.transaction, error)
        }
        if let refusal { throw refusal.error }
    }

    /// What is to be said of a file of `bytes` bytes, when pages are missing that `meta` needs.
    private static func truncation(
        of descriptor: Int32, _ path: String, _ bytes: UInt64, _ meta: MetaPage
    ) -> LMDBError? {
        let pageBytes = UInt64(meta.pageSize)
        if bytes / pageBytes > meta.lastPage { return nil }
        // LMDB does not write a page that was free again before its transaction ended.
        let missing = bytes / pageBytes..<meta.lastPage + 1
        let areFree = FreeList.covers(
            missing, root: meta.free.root, of: descriptor, pageBytes: Int(pageBytes), pageCount: missing.lowerBound)
        return areFree ? nil : .truncatedFile(path: path, bytes: bytes, expected: missing.upperBound * pageBytes)
    }

    /// The meta page that LMDB would read: that of the later transaction.
    static func latest(of descriptor: Int32, _ path: String) throws(LMDBError) -> MetaPage {
        let (first, second) = try both(of: descriptor, path)
        let latest = first.transaction < second.transaction ? second : first
        func refusal(_ reason: String) -> LMDBError {
            .invalidFile(path: path, reason: "its meta page \(latest.index) \(reason); restore a backup")
        }
        guard latest.lastPage < mapSizeLimit / UInt64(latest.pageSize) else {
            throw refusal("names page \(latest.lastPage)")
        }
        // LMDB would read the other page, or count on past the end of 64 bits.
        guard latest.transaction % 2 == latest.index, latest.transaction < transactionLimit else {
            throw refusal("is of transaction \(latest.transaction)")
        }
        return latest
    }

    /// Both meta pages, as they are when nobody writes them.
    static func both(of descriptor: Int32, _ path: String) throws(LMDBError) -> (first: MetaPage, second: MetaPage) {
        func read() throws(LMDBError) -> (MetaPage, MetaPage) {
            let first = try MetaPage(0, pageSize: 0, of: descriptor, path)
            let second = try MetaPage(1, pageSize: UInt64(first.pageSize), of: descriptor, path)
            guard second.pageSize == first.pageSize else {
                throw .invalidFile(path: path, reason: "its two meta pages have different page sizes")
            }
            return (first, second)
        }
        var pages = try read()
        for _ in 0..<attemptsMax {
            let again = try read()
            if again == pages { break }
            pages = again
        }
        return pages
    }

    static func size(of descriptor: Int32) throws(LMDBError) -> UInt64 {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw .system(errno) }
        return UInt64(status.st_size)
    }

    private init(_ index: UInt64, pageSize: UInt64, of descriptor: Int32, _ path: String) throws(LMDBError) {
        let offset = index * pageSize
        var page = PageBytes(count: MetaPage.bytes)
        var refusal: Int32 = 0
        let isWhole = unsafe page.fill { bytes in
            let count = unsafe preadWhole(descriptor, bytes, Int(offset))
            if count < 0 { refusal = errno }
            return count
        }
        // A disk that cannot be read says nothing about what is on it.
        guard refusal == 0 else { throw .system(refusal) }
        let magic: UInt32 = page.integer(at: 16)
        // Of a file that was cut off the beginning is there.
        guard isWhole || magic != MetaPage.magic && index == 0 else {
            throw .truncatedFile(
                path: path, bytes: try MetaPage.size(of: descriptor), expected: offset + UInt64(MetaPage.bytes))
        }
        guard magic == MetaPage.magic else {
            let reason =
                magic == MetaPage.magic.byteSwapped
                ? "it was written on a machine of the other byte order; export it there" : "it is no LMDB file"
            throw .invalidFile(path: path, reason: reason)
        }
        let version: UInt32 = page.integer(at: 20)
        guard version == MetaPage.dataVersion else {
            throw .invalidFile(
                path: path,
                reason:
                    "it is of version \(version) of LMDB's files, and this program reads \(MetaPage.dataVersion)")
        }
        self.index = index
        number = page.number
        flags = page.flags
        mapSize = page.integer(at: 32)
        free = TreeRecord(page, at: 40)
        main = TreeRecord(page, at: 88)
        lastPage = page.integer(at: 136)
        transaction = page.integer(at: 144)
        guard free.pad >= 512, free.pad <= 65_536, free.pad.nonzeroBitCount == 1 else {
            throw .invalidFile(path: path, reason: "its meta page says pages of \(free.pad) bytes")
        }
    }
}

extension MetaPage {
    /// What LMDB could not work with in the meta page of a state that is read, and in the other.
    ///
    /// The other may be of the transaction before or, while somebody writes, after. No more is asked of it: after a commit
    /// that failed in its last write, the rest may be of the state that was not reached.
    static func problems(latest: MetaPage, other: MetaPage) -> [String] {
        var problems: [String] = []
        for page in [latest, other] where page.number != page.index || page.flags != PageBytes.Flag.meta {
            problems.append("meta page \(page.index) says it is page \(page.number), flags \(page.flags)")
        }
        if latest.transaction % 2 != latest.index || latest.transaction >= transactionLimit {
            problems.append("meta page \(latest.index) is of transaction \(latest.transaction)")
        }
        let isNew = latest.transaction == 0 && other.transaction == 0
        if !isNew, other.transaction &+ 1 != latest.transaction, other.transaction != latest.transaction &+ 1 {
            problems.append(
                "the meta pages are of transactions \(latest.transaction) and \(other.transaction), which do not follow one another"
            )
        }
        let (size, overflows) = (latest.lastPage &+ 1).multipliedReportingOverflow(by: UInt64(latest.pageSize))
        if overflows || latest.mapSize < size || latest.mapSize >= mapSizeLimit {
            problems.append("the map has \(latest.mapSize) bytes for \(latest.lastPage) pages")
        }
        if latest.free.flags & ~noSubdirectory != TreeRecord.integerKeys {
            problems.append("the free list has flags \(latest.free.flags)")
        }
        if latest.main.flags != 0 { problems.append("the table of tables has flags \(latest.main.flags)") }
        return problems
    }
}

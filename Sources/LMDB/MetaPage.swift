import Glibc

/// One of the two meta pages at the start of an LMDB 0.9 file: where a committed state begins.
///
/// Transaction n writes meta page n mod 2, so the other page keeps the state before. LMDB trusts both: a page size of
/// zero is a division by zero, a file cut short a bus error. Offsets are those of `MDB_page` and `MDB_meta` on 64-bit
/// machines.
struct MetaPage {
    let pageSize: UInt32
    /// The root of the tree of free pages.
    let freeRoot: UInt64
    let lastPage: UInt64
    let transaction: UInt64

    private static let pageHeaderBytes = 16
    private static let metaBytes = 136
    private static let magic: UInt32 = 0xBEEF_C0DE
    private static let dataVersion: UInt32 = 1

    /// How many meta pages are looked at, while somebody writes new ones, before a file is refused.
    private static let attemptsMax = 100

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
            missing, root: meta.freeRoot, of: descriptor, pageBytes: Int(pageBytes), pageCount: missing.lowerBound)
        return areFree ? nil : .truncatedFile(path: path, bytes: bytes, expected: missing.upperBound * pageBytes)
    }

    /// The meta page that LMDB would read: that of the later transaction.
    static func latest(of descriptor: Int32, _ path: String) throws(LMDBError) -> MetaPage {
        let first = try read(at: 0, of: descriptor, path)
        let second = try read(at: UInt64(first.pageSize), of: descriptor, path)
        guard second.pageSize == first.pageSize else {
            throw .invalidFile(path: path, reason: "its two meta pages have different page sizes")
        }
        let latest = first.transaction < second.transaction ? second : first
        guard latest.lastPage < 1 << 47 else {
            throw .invalidFile(path: path, reason: "its meta page names page \(latest.lastPage)")
        }
        return latest
    }

    private static func size(of descriptor: Int32) throws(LMDBError) -> UInt64 {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw .system(errno) }
        return UInt64(status.st_size)
    }

    private static func read(
        at offset: UInt64, of descriptor: Int32, _ path: String
    ) throws(LMDBError) -> MetaPage {
        var page = [UInt8](repeating: 0, count: pageHeaderBytes + metaBytes)
        let count = unsafe page.withUnsafeMutableBytes {
            unsafe pread(descriptor, $0.baseAddress, $0.count, off_t(offset))
        }
        func integer<Value: FixedWidthInteger & BitwiseCopyable>(_ offset: Int, _: Value.Type) -> Value {
            unsafe page.withUnsafeBytes {
                unsafe $0.loadUnaligned(fromByteOffset: pageHeaderBytes + offset, as: Value.self)
            }
        }
        let found = integer(0, UInt32.self)
        // Of a file that was cut off the beginning is there.
        guard count == page.count || found != magic && offset == 0 else {
            throw .truncatedFile(
                path: path, bytes: try size(of: descriptor), expected: offset + UInt64(page.count))
        }
        guard found == magic else {
            let reason =
                found == magic.byteSwapped
                ? "it was written on a machine of the other byte order; export it there" : "it is no LMDB file"
            throw .invalidFile(path: path, reason: reason)
        }
        let version = integer(4, UInt32.self)
        guard version == dataVersion else {
            throw .invalidFile(
                path: path, reason: "it is of version \(version) of LMDB's files, and this program reads \(dataVersion)"
            )
        }
        let pageSize = integer(24, UInt32.self)
        guard pageSize >= 512, pageSize <= 65_536, pageSize.nonzeroBitCount == 1 else {
            throw .invalidFile(path: path, reason: "its meta page says pages of \(pageSize) bytes")
        }
        return MetaPage(
            pageSize: pageSize, freeRoot: integer(64, UInt64.self), lastPage: integer(120, UInt64.self),
            transaction: integer(128, UInt64.self))
    }
}

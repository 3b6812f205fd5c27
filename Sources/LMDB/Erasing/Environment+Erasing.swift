import CLMDB
import Glibc
import OperatingSystem

/// Overwriting what a file's committed states do not use.
///
/// LMDB leaves the bytes of what was removed in four places: in free pages; between the index and the nodes of a page in
/// use, because removing a node moves the others over it and copying a page copies its used parts into memory that held
/// another; behind the end of a value in its overflow pages; and behind the last page. None of them is ever read, so they
/// can be overwritten with zeros by `pwrite`, as LMDB itself writes beside its read-only map. When is that safe?
/// ```
/// held                              so nobody
/// writer's lock                     takes a free page, or writes another meta page
/// both states' trees are in use     loses the state that a crash falls back to
/// no reader of an older state       reads a page that is in neither
/// both states are on the disk       comes to a state, after a crash, whose pages were overwritten
/// ```
/// A crash in the middle leaves some of these bytes as they were, and a sound file: nothing that a state uses has changed.
/// Where a page is in use, its unused bytes alone are written; a disk that loses the rest of a sector, when power fails
/// while it writes a part, would lose used bytes too. Disks and file systems of today write whole sectors.
extension Environment {
    /// What was overwritten, and what was found in the rest.
    public struct Overwriting: Sendable, Hashable {
        /// Unused bytes that were not zero, and are now.
        public internal(set) var bytesOverwritten = 0
        /// In how many pages.
        public internal(set) var pagesOverwritten = 0
        /// The size of the file that was searched.
        public internal(set) var bytesScanned = 0
        /// How often the strings occur in what is in use, by the name of the tree.
        public internal(set) var occurrences: [String: Int] = [:]
    }

    /// Finds what the two committed states use, and which separators of branches `isWanted` picks out.
    ///
    /// LMDB leaves the key of a removed entry in a branch, where it separates others still.
    /// - Parameters:
    ///   - writer: a transaction that has changed nothing; its lock keeps both states as they are.
    ///   - onPage: called for each page that is read; what it throws ends the walk.
    /// - Complexity: O(pages), each read once for each state.
    /// - Throws: ``LMDBError/unsound(tree:problem:)`` when a state is damaged, ``LMDBError/system(_:)``, what `onPage`
    ///   throws.
    public func usedPages(
        under writer: borrowing WriteTransaction, isWanted: @escaping (_ tree: String, _ separator: [UInt8]) -> Bool,
        onPage: @escaping (_ done: UInt64, _ total: UInt64) throws -> Void = { _, _ in }
    ) throws -> UsedPages {
        let descriptor = try descriptor()
        let (first, second) = try MetaPage.both(of: descriptor, path)
        let fileBytes = try MetaPage.size(of: descriptor)
        let pages = UsedPages(
            pageBytes: Int(first.pageSize), pageCount: Int(fileBytes / UInt64(first.pageSize)), isWanted: isWanted)
        for (state, other) in [(first, second), (second, first)] {
            var proof = StructureProof(
                state, of: descriptor, fileBytes: fileBytes, problemsMax: 1, usedPages: pages
            ) { done, total in try onPage(state.index * total + done, 2 * total) }
            try proof.run(.file, other: other)
            try proof.report.throwProblem()
        }
        return pages
    }

    /// Overwrites with zeros every byte that `pages` does not use, brings that to the disk, then reads the whole file anew:
    /// all unused bytes are zero, and `search` says where its strings are in the others.
    ///
    /// - Parameters:
    ///   - pages: what is in use, found under the same `writer`.
    ///   - writer: a transaction that has changed nothing. No reader may see a state before the one before its own.
    ///   - onBytes: called now and then with how many bytes were read; what it throws ends it.
    /// - Complexity: O(file), read twice.
    /// - Throws: ``LMDBError/corrupted`` when an unused byte is not zero after all, ``LMDBError/diskFull``,
    ///   ``LMDBError/system(_:)``, what `onBytes` throws.
    public func overwrite(
        outside pages: UsedPages, under writer: borrowing WriteTransaction, searching search: ByteSearch,
        onBytes: (_ done: Int, _ total: Int) throws -> Void = { _, _ in }
    ) throws -> Overwriting {
        let file = PageFile(descriptor: try descriptor(), pageBytes: pages.pageBytes)
        let size = Int(try MetaPage.size(of: file.descriptor))
        var overwriting = Overwriting()
        try sync()
        unsafe try file.forEachPage(before: size) { number, page in
            try onBytes(number * file.pageBytes, 2 * size)
            let unused = unsafe pages.unusedBytes(of: number, page)
            if unsafe PageFile.isZero(page, unused) { return }
            try file.overwrite(unused, of: number)
            overwriting.bytesOverwritten += unsafe page[unused].count { $0 != 0 }
            overwriting.pagesOverwritten += 1
        }
        guard fdatasync(file.descriptor) == 0 else { throw explain(errno) }
        unsafe try file.forEachPage(before: size) { number, page in
            try onBytes(size + number * file.pageBytes, 2 * size)
            guard unsafe PageFile.isZero(page, pages.unusedBytes(of: number, page)) else { throw LMDBError.corrupted }
        }
        try file.search(search, before: size) { overwriting.occurrences[pages.tree(of: $0), default: 0] += 1 }
        overwriting.bytesScanned = size
        return overwriting
    }

    private func descriptor() throws(LMDBError) -> Int32 {
        // LMDB's own: closing another of the same file would drop nothing, but there is no need for one.
        var descriptor: mdb_filehandle_t = -1
        unsafe try LMDBError.check(mdb_env_get_fd(handle, &descriptor))
        return descriptor
    }
}

extension ByteSearch {
    /// Whether one of the strings is in the file at `path`, which is none of LMDB's that this process has open.
    ///
    /// - Complexity: O(bytes of the file).
    /// - Throws: ``LMDBError/system(_:)`` when it cannot be read.
    public func occurs(inFileAt path: String) throws -> Bool {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw LMDBError.system(errno) }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw LMDBError.system(errno) }
        guard status.st_mode & S_IFMT == S_IFREG else { return false }
        var occurs = false
        let file = PageFile(descriptor: descriptor, pageBytes: 4_096)
        try file.search(self, before: Int(status.st_size)) { _ in occurs = true }
        return occurs
    }
}

/// The pages of a file, in the order of the file, some hundred kilobytes at a time.
private struct PageFile {
    let descriptor: Int32
    let pageBytes: Int
    private static let pagesAtOnce = 64
    private static let zeros = [UInt8](repeating: 0, count: 1 << 16)

    /// Whether the bytes in `range` of a page are all zero.
    static func isZero(_ page: UnsafeRawBufferPointer, _ range: Range<Int>) -> Bool {
        guard let start = page.baseAddress else { return true }
        return unsafe zeros.withUnsafeBytes { zeros in
            guard let zeros = zeros.baseAddress else { return true }
            return unsafe memcmp(start + range.lowerBound, zeros, range.count) == 0
        }
    }

    /// Calls `visit` for each page, the last of which may be cut short.
    func forEachPage(before size: Int, _ visit: (Int, UnsafeRawBufferPointer) throws -> Void) throws {
        var piece = [UInt8](repeating: 0, count: PageFile.pagesAtOnce * pageBytes)
        for start in stride(from: 0, to: size, by: piece.count) {
            let count = min(piece.count, size - start)
            unsafe try piece.withUnsafeMutableBytes { piece in
                let bytes = unsafe UnsafeMutableRawBufferPointer(rebasing: piece[..<count])
                unsafe try read(into: bytes, at: start)
                for offset in stride(from: 0, to: count, by: pageBytes) {
                    let page = unsafe bytes[offset..<min(offset + pageBytes, count)]
                    unsafe try visit((start + offset) / pageBytes, UnsafeRawBufferPointer(rebasing: page))
                }
            }
        }
    }

    /// Calls `found` with the page in which each occurrence begins, also of one that goes on in the next page.
    func search(_ search: ByteSearch, before size: Int, _ found: (Int) -> Void) throws {
        // The end of a piece is read again with the next.
        let overlap = max(0, search.bytesMax - 1)
        let pieceBytes = PageFile.pagesAtOnce * pageBytes
        var piece = [UInt8](repeating: 0, count: pieceBytes + overlap)
        for start in stride(from: 0, to: size, by: pieceBytes) {
            let count = min(piece.count, size - start)
            unsafe try piece.withUnsafeMutableBytes { piece in
                let bytes = unsafe UnsafeMutableRawBufferPointer(rebasing: piece[..<count])
                unsafe try read(into: bytes, at: start)
                unsafe search.forEachOccurrence(in: UnsafeRawBufferPointer(bytes)) { range in
                    if range.lowerBound < pieceBytes { found((start + range.lowerBound) / pageBytes) }
                }
            }
        }
    }

    private func read(into bytes: UnsafeMutableRawBufferPointer, at start: Int) throws(LMDBError) {
        let count = unsafe preadWhole(descriptor, bytes, start)
        guard count >= 0 else { throw LMDBError(code: errno) }
        // The file has become shorter, which nobody does who has the lock.
        guard count == bytes.count else { throw .corrupted }
    }

    func overwrite(_ range: Range<Int>, of page: Int) throws(LMDBError) {
        var done = 0
        while done < range.count {
            let offset = off_t(page * pageBytes + range.lowerBound + done)
            let count = unsafe PageFile.zeros.withUnsafeBytes {
                unsafe pwrite(descriptor, $0.baseAddress, range.count - done, offset)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw LMDBError(code: errno) }
            done += count
        }
    }
}

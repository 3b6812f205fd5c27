import CLMDB
import Glibc
import OperatingSystem

/// A proof that one committed state of a file is what LMDB writes, by a reader that trusts nothing.
///
/// LMDB believes its pages: a wrong offset is a wild pointer, a wrong count a failed assertion, a page that is in use and
/// free at once is overwritten by the next commit. This reads each page once, with `pread`, and compares all that LMDB would
/// rely on, for reading and for the next commits:
/// 1. **meta pages**: both are whole; their transactions follow one another; the later has a size of map, a last page and
///    flags that LMDB can work with;
/// 2. **trees** (the table of tables, each table, the free list): every page has its own number, the kind its level
///    demands, and nodes that fill it without a gap; keys ascend, in a page and between the separators of the branches
///    above; depth and counts are those of the tree's record;
/// 3. **free list**: no entry is younger than the state, the last is of the state's own transaction, page numbers descend;
/// 4. **pages**: each is reached exactly once or is free, none is both, none is neither.
///
/// What LMDB guarantees besides, as seen in its source and in files: it leaves free pages at the end of the file unwritten,
/// so the file may be shorter than its last page; a value's overflow pages may be more than it needs; the key of a branch's
/// first node means nothing; bytes between the index and the nodes, `mp_pad` and the padding of nodes are what memory
/// held. After a commit whose last write failed, the meta page that is not the latest may belong to no state: nothing of it
/// is read but its transaction. All of that is left unproved because nothing can come of it.
///
/// Never follows more pages than there are: O(pages of the file), two bits a page, and one page for each level of a tree.
struct StructureProof {
    private let descriptor: Int32
    let meta: MetaPage
    let pageBytes: Int
    /// How many whole pages the file has.
    let filePages: UInt64
    /// How many pages the state has, those included that LMDB left unwritten.
    let pageCount: UInt64
    private let problemsMax: Int
    private let onPage: (_ done: UInt64, _ total: UInt64) throws -> Void
    /// Told of every page that a tree leads to.
    let usedPages: UsedPages?

    /// Pages that a tree leads to.
    var reached: PageSet
    /// Pages that the free list names.
    var free: PageSet
    var report = StructureReport()

    /// The name of the tree that has the other tables' records.
    static let mainName = "table of tables"
    static let freeName = "free list"
    static let metaName = "meta pages"

    /// A proof of the state that `meta` leads to.
    ///
    /// - Parameter onPage: called for each page that is read; what it throws ends the proof.
    init(
        _ meta: MetaPage, of descriptor: Int32, fileBytes: UInt64, problemsMax: Int, usedPages: UsedPages? = nil,
        onPage: @escaping (_ done: UInt64, _ total: UInt64) throws -> Void
    ) {
        self.descriptor = descriptor
        self.meta = meta
        self.problemsMax = problemsMax
        self.onPage = onPage
        self.usedPages = usedPages
        pageBytes = Int(meta.pageSize)
        filePages = fileBytes / UInt64(meta.pageSize)
        // As many pages as a file has cannot be missing and free: their list takes room. See FreeList.
        let isPlausible = meta.lastPage < filePages + 1 << 24
        pageCount = isPlausible ? meta.lastPage + 1 : 0
        reached = PageSet(limit: pageCount)
        free = PageSet(limit: pageCount)
    }

    /// Proves what is in `scope`.
    mutating func run(_ scope: StructureReport.Scope, other: MetaPage) throws {
        for problem in MetaPage.problems(latest: meta, other: other) { note(StructureProof.metaName, problem) }
        guard pageCount > 0 else {
            return note(
                StructureProof.metaName,
                "the last page is \(meta.lastPage), and the file has \(filePages) pages")
        }
        // Not to be reached by any tree.
        _ = (reached.insert(0), reached.insert(1))
        var tables: [(name: String, record: TreeRecord)] = []
        try walk(meta.main, named: StructureProof.mainName, .tables) { proof, entry in
            proof.readTable(entry.page, entry.node, into: &tables)
        }
        switch scope {
        case .tables(let names):
            for table in tables where names.contains(table.name) { try walkTable(table.name, table.record) }
        case .file:
            for table in tables { try walkTable(table.name, table.record) }
            try walkFreeList()
            // Where a tree could not be followed, all that is below it would be said once more.
            if report.isSound { checkAllPages() }
        }
    }

    private mutating func walkTable(_ name: String, _ record: TreeRecord) throws {
        let keyBytes = try walk(record, named: name, .values) { _, _ in }
        report.tables[name] = record.flags & TreeRecord.integerKeys != 0 ? .integers(bytes: keyBytes) : .bytes
    }

    /// Reads the record of a table in the table of tables.
    private mutating func readTable(
        _ page: PageBytes, _ node: PageBytes.Node, into tables: inout [(name: String, record: TreeRecord)]
    ) {
        guard node.flags == PageBytes.Node.Flag.subData, node.dataBytes == TreeRecord.bytes else {
            return note(
                StructureProof.mainName,
                "page \(page.number) has a value of \(node.dataBytes) bytes and flags "
                    + "\(node.flags) where the record of a table belongs")
        }
        guard let name = String(validating: page.bytes[node.key], as: UTF8.self) else {
            return note(StructureProof.mainName, "page \(page.number) has a table whose name is not UTF-8")
        }
        let record = TreeRecord(page, at: node.data)
        guard record.flags & ~TreeRecord.integerKeys == 0 else {
            return note(name, "the table has flags \(record.flags), of which only \(TreeRecord.integerKeys) is in use")
        }
        tables.append((name, record))
    }

    /// Every page is in one tree or free, and not both.
    private mutating func checkAllPages() {
        for page in 2..<max(2, pageCount) where reached.contains(page) == free.contains(page) {
            note(
                StructureProof.freeName,
                reached.contains(page)
                    ? "page \(page) is free, and a tree uses it" : "page \(page) is neither in a tree nor free")
        }
    }

    /// The lock file leads to a state that the file does not have.
    fileprivate mutating func noteForeign(_ transaction: UInt64) {
        note(
            StructureProof.metaName,
            "the lock file says transaction \(transaction), and the meta page is of \(meta.transaction)")
    }

    mutating func note(_ tree: String, _ message: String) {
        report.problemCount += 1
        if report.problems.count < problemsMax { report.problems.append(.init(tree: tree, message: message)) }
    }

    /// Reads a page into `page`; false where the file does not have it.
    mutating func read(_ number: UInt64, into page: inout PageBytes) throws -> Bool {
        report.pages += 1
        try onPage(UInt64(report.pages), pageCount)
        guard number < filePages else { return false }
        let offset = Int(number) * pageBytes
        var failure: Int32 = 0
        let isWhole = unsafe page.fill { bytes in
            let count = unsafe preadWhole(descriptor, bytes, offset)
            if count < 0 { failure = errno }
            return count
        }
        if failure != 0 { throw LMDBError.system(failure) }
        return isWhole
    }
}

extension StructureProof {
    /// What asks, now and then, whether to give up, for each page that is read.
    static func cancelling(_ isCancelled: @escaping () -> Bool) -> (_ done: UInt64, _ total: UInt64) throws -> Void {
        { done, _ in if done % pagesPerQuestion == 1, isCancelled() { throw CancellationError() } }
    }

    /// Some milliseconds' worth.
    private static let pagesPerQuestion: UInt64 = 1_024

    /// Proves the latest state of a file that nobody has open.
    ///
    /// - Throws: ``LMDBError/unsound(tree:problem:)``, what ``MetaPage/validate(_:)`` throws, `CancellationError`.
    static func prove(_ path: String, isCancelled: @escaping () -> Bool) throws {
        try MetaPage.validate(path)
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw LMDBError.system(errno) }
        defer { close(descriptor) }
        let (first, second) = try MetaPage.both(of: descriptor, path)
        let (latest, other) = first.transaction < second.transaction ? (second, first) : (first, second)
        var proof = StructureProof(
            latest, of: descriptor, fileBytes: try MetaPage.size(of: descriptor), problemsMax: 1,
            onPage: cancelling(isCancelled))
        try proof.run(.file, other: other)
        try proof.report.throwProblem()
    }
}

extension Environment {
    /// Begins to read the latest state, and proves it before LMDB's own code reads any of its pages.
    ///
    /// The transaction keeps the pages of the state from being written to. Whether the state is sound is in `report`; only
    /// then may more of it be read than the scope.
    /// - Parameters:
    ///   - scope: how much is proved.
    ///   - problemsMax: how many problems are listed; all are counted.
    ///   - report: what was found.
    ///   - onPage: called for each page that is read, with how many were and how many there are; what it throws ends the
    ///     proof.
    /// - Complexity: O(pages of the scope), each read once; two bits of memory for each page of the file.
    /// - Throws: what ``beginRead()`` and `onPage` throw; ``LMDBError/system(_:)`` when the file cannot be read.
    public func beginRead(
        proving scope: StructureReport.Scope, problemsMax: Int = 100, report: inout StructureReport,
        onPage: @escaping (_ done: UInt64, _ total: UInt64) throws -> Void = { _, _ in }
    ) throws -> ReadTransaction {
        var descriptor: mdb_filehandle_t = -1
        unsafe try LMDBError.check(mdb_env_get_fd(handle, &descriptor))
        var attempts = 0
        while true {
            let transaction = try beginRead()
            let (first, second) = try MetaPage.both(of: descriptor, path)
            let (latest, other) = transaction.id % 2 == 0 ? (first, second) : (second, first)
            attempts += 1
            // Two commits came since the transaction began, and its meta page is another's by now.
            if latest.transaction != transaction.id, attempts < MetaPage.attemptsMax { continue }
            var proof = StructureProof(
                latest, of: descriptor, fileBytes: try MetaPage.size(of: descriptor), problemsMax: problemsMax,
                onPage: onPage)
            if latest.transaction != transaction.id { proof.noteForeign(transaction.id) }
            try proof.run(scope, other: other)
            report = proof.report
            return transaction
        }
    }
}

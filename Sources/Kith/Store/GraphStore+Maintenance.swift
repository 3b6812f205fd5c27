import LMDB

/// What an operator does with a whole store; each tells how far it is, and can be given up.
extension GraphStore {
    /// Proves every invariant of the store from what is on disk, in one snapshot.
    ///
    /// First the structure of the file, by a reader of its own that trusts nothing: both meta pages, every page of every
    /// tree, the free list. Then, unless something is wrong there, what the pages hold. A damaged file is a report or an
    /// error, never a crash.
    /// - Parameters:
    ///   - problemsMax: how many problems are listed; all are counted.
    ///   - onProgress: called now and then, by the calling thread, with how far it is.
    ///   - isCancelled: asked now and then whether to give up.
    /// - Complexity: O(file + nodes + edges); memory of two bits a page, a bit a node and up to 1 GiB.
    /// - Throws: ``GraphStoreError/storage(path:_:)`` when the file cannot be read at all, `CancellationError`.
    public func check(
        problemsMax: Int = 100, onProgress: @escaping @Sendable (StoreProgress) -> Void = { _ in },
        isCancelled: @escaping @Sendable () -> Bool = { false }
    ) throws -> IntegrityReport {
        try check(problemsMax: problemsMax, telling: StoreProgressTeller(onProgress), isCancelled: isCancelled)
    }

    private func check(
        problemsMax: Int, telling teller: StoreProgressTeller, isCancelled: @escaping @Sendable () -> Bool
    ) throws -> IntegrityReport {
        let report = try GraphStore.translatingErrors(at: path) {
            while true {
                let file = try currentFile()
                let tables = file.tables
                var structure = StructureReport()
                let transaction = try GraphStore.prove(
                    .file, of: file.environment, problemsMax: problemsMax, into: &structure, telling: teller,
                    isCancelled)
                var report = IntegrityReport(structure)
                if report.isSound { report.noteUnfitTables(structure, tables) }
                guard report.isSound else { return report }
                if try !StoreMeta.countersFit(tables, in: transaction), try file.hasGrown(since: tables) { continue }
                var check = IntegrityCheck(
                    tables, problemsMax: problemsMax, after: report, telling: teller, isCancelled: isCancelled)
                return try check.run(in: transaction)
            }
        }
        if let problem = report.problems.first {
            logger.error(
                "a store is not sound",
                metadata: ["problems": "\(report.problemCount)", "first": "\(problem.table): \(problem.message)"])
        }
        return report
    }

    /// Proves every invariant of the store at `path`, which may be too damaged to be opened: see
    /// ``check(problemsMax:onProgress:isCancelled:)``.
    ///
    /// - Throws: ``GraphStoreError/noSuchStore(path:)``, ``GraphStoreError/notAStore(path:reason:)`` when its first pages are
    ///   not those of a store, ``GraphStoreError/storage(path:_:)``, `CancellationError`.
    public static func check(
        _ path: String, options: Options = Options(isReadOnly: true), problemsMax: Int = 100,
        onProgress: @escaping @Sendable (StoreProgress) -> Void = { _ in },
        isCancelled: @escaping @Sendable () -> Bool = { false }
    ) throws -> IntegrityReport {
        let unopened = try translatingErrors(at: path) {
            let environment = try StoreFile.open(path, options: options)
            let teller = StoreProgressTeller(onProgress)
            var structure = StructureReport()
            // What opening reads; the rest is proved by the check, or now when there will be none.
            _ = try prove(
                .tables([StoreMeta.tableName]), of: environment, problemsMax: 1, into: &structure, telling: nil,
                isCancelled)
            let wrongValues = structure.isSound ? try StoreMeta.wrongValues(in: environment) : []
            guard !structure.isSound || !wrongValues.isEmpty else { return nil as IntegrityReport? }
            _ = try prove(
                .file, of: environment, problemsMax: problemsMax, into: &structure, telling: teller, isCancelled)
            var report = IntegrityReport(structure)
            report.noteWrongValues(wrongValues)
            return report
        }
        if let unopened { return unopened }
        return try GraphStore(opening: path, options: options)
            .check(problemsMax: problemsMax, onProgress: onProgress, isCancelled: isCancelled)
    }

    /// Begins to read a state of the file, proved as far as `scope`; what is wrong with it is in `structure`.
    private static func prove(
        _ scope: StructureReport.Scope, of environment: Environment, problemsMax: Int,
        into structure: inout StructureReport, telling teller: StoreProgressTeller?,
        _ isCancelled: @escaping @Sendable () -> Bool
    ) throws -> ReadTransaction {
        var cancellation = CancellationPoint(isCancelled)
        teller?.begin(.proving)
        let transaction = try environment.beginRead(
            proving: scope, problemsMax: problemsMax, report: &structure
        ) { done, total in
            if try cancellation.pass() { teller?.pass(Double(done), of: Double(total)) }
        }
        teller?.end()
        return transaction
    }

    /// Copies the store as it is now into a new file, while others read and write.
    ///
    /// The copy has the mode, the owner, the group and the access list of the store, as far as this user may give them, and
    /// is open to nobody whom the store is not open to. It is on the disk, and has been proved sound by
    /// ``check(problemsMax:onProgress:isCancelled:)``, before it gets its name: it is there whole or not at all. The structure
    /// of the store itself is proved before it is copied.
    /// - Parameters:
    ///   - compacting: whether pages that are free are left out.
    ///   - onProgress: called now and then, by the calling thread, with how far it is.
    ///   - isCancelled: asked now and then whether to give up; nothing is left then.
    /// - Throws: ``GraphStoreError/storeExists(path:)``, ``GraphStoreError/diskFull(path:)``,
    ///   ``GraphStoreError/busy(path:reason:)`` when all places of readers are taken: LMDB copies as a reader;
    ///   ``GraphStoreError/damaged(table:node:reason:)`` when the store itself is not sound, `CancellationError`.
    public func backup(
        to copy: String, compacting: Bool = false, onProgress: @escaping @Sendable (StoreProgress) -> Void = { _ in },
        isCancelled: @escaping @Sendable () -> Bool = { false }
    ) throws {
        guard !StoreFile.exists(copy) else { throw GraphStoreError.storeExists(path: copy) }
        try StoreFile.checkName(copy)
        let file = try currentFile()
        try GraphStore.translatingErrors(at: copy) {
            try TemporaryFile.making(copy) { temporary in
                let teller = StoreProgressTeller(onProgress)
                teller.begin(.copying)
                do {
                    try file.environment.copy(
                        to: temporary.path, compacting: compacting, onProgress: teller.passCopied,
                        isCancelled: isCancelled)
                } catch LMDBError.readersFull {
                    // LMDB copies as a reader, whoever asks; the places are those of the store.
                    throw StoreFile.translate(.readersFull, at: path)
                }
                teller.end()
                try GraphStore(opening: temporary.path, options: Options(isReadOnly: true))
                    .requireSound(telling: teller, isCancelled: isCancelled)
                try temporary.take(FileAttributes(of: path))
                try temporary.takeName()
            }
        }
        logger.info("made a backup", metadata: ["copy": "\(copy)"])
    }

    /// Refuses a store that ``check(problemsMax:onProgress:isCancelled:)`` finds a problem in, before it is copied, written anew
    /// or put in the place of another: what is written anew would be sound, without what could not be read, and nothing would
    /// tell of the damage any more.
    ///
    /// - Throws: ``GraphStoreError/damaged(table:node:reason:)``, `CancellationError`.
    func requireSound(telling teller: StoreProgressTeller, isCancelled: @escaping @Sendable () -> Bool) throws {
        let report = try check(problemsMax: 1, telling: teller, isCancelled: isCancelled)
        guard let problem = report.problems.first else { return }
        throw GraphStoreError.damaged(table: problem.table, node: problem.node, reason: problem.message)
    }

    /// Removes what the loads, backups, compactions and exports of this process have made so far, for a process that ends at
    /// once. What a process leaves that has no time for this is removed by the next that makes a file in the same folder, and
    /// by ``removeStaleFiles(beside:)``.
    public static func discardTemporaryFiles() {
        PrivateFolder.removeAll()
    }

    /// Removes what loads, backups, compactions and exports of processes that have ended left in the folder of `path`.
    ///
    /// Whoever makes a file there does so first; what a living process makes is let be.
    /// - Complexity: O(names in the folder).
    public static func removeStaleFiles(beside path: String) {
        PrivateFolder.removeStale(in: TemporaryFile.folder(of: TemporaryFile.destination(of: path)))
    }

    /// Writes the store at `path` anew, full pages only, and puts the new file in place of the old. Nodes keep their ids.
    ///
    /// The store is proved sound first. Nobody else may have it open, in this process or another. The old file is there until
    /// the new one is whole and on the disk, and has its mode, owner, group, access list and extended attributes. Where `path` is a symbolic link,
    /// what it leads to is replaced; another hard link of the old file leads to the old file still. The format version stays
    /// what it is.
    /// - Parameters:
    ///   - options: whose logger is told; how much of the store is verified when it is opened.
    ///   - onProgress: called now and then, by the calling thread, with how far it is.
    ///   - isCancelled: asked now and then whether to give up.
    /// - Complexity: that of ``check(problemsMax:onProgress:isCancelled:)``, and O(file).
    /// - Throws: ``GraphStoreError/busy(path:reason:)`` when somebody has the store open,
    ///   ``GraphStoreError/damaged(table:node:reason:)`` when it is not sound, ``GraphStoreError/cannotReplace(path:reason:)`` when this user may not make a file like it; ``GraphStoreError``,
    ///   `CancellationError`. The store is then as it was.
    public static func compact(
        _ path: String, options: Options = Options(),
        onProgress: @escaping @Sendable (StoreProgress) -> Void = { _ in },
        isCancelled: @escaping @Sendable () -> Bool = { false }
    ) throws {
        try StoreFile.replace(path) { temporary in
            // Nobody else can open the file, so LMDB's own locks are not needed.
            let store = try GraphStore(unlocked: path, options.verification)
            try translatingErrors(at: path) {
                let teller = StoreProgressTeller(onProgress)
                try store.requireSound(telling: teller, isCancelled: isCancelled)
                teller.begin(.copying)
                try store.file.environment.copy(
                    to: temporary, compacting: true, onProgress: teller.passCopied, isCancelled: isCancelled)
                teller.end()
            }
        }
        options.storeLogger(path).info("compacted a store", metadata: ["reordering": "false"])
    }
}

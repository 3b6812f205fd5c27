import LMDB

/// What an operator does with a whole store; each tells how far it is, and can be given up.
extension GraphStore {
    /// Proves every invariant of the store from what is on disk, in one snapshot.
    ///
    /// The file may be so damaged that reading it crashes the process; the command `kith check` walks in a process of its
    /// own for that reason.
    /// - Parameters:
    ///   - problemsMax: how many problems are listed; all are counted.
    ///   - onProgress: called now and then, by the calling thread, with how far it is.
    ///   - isCancelled: asked now and then whether to give up.
    /// - Complexity: O(nodes + edges); memory of a bit per node and up to 1 GiB.
    /// - Throws: ``GraphStoreError/storage(_:)`` when the file cannot be read at all, `CancellationError`.
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
                let tables = tables
                let transaction = try environment.beginRead()
                if try StoreMeta.counters(of: tables, in: transaction) == nil, try hasGrown(since: tables) { continue }
                var check = IntegrityCheck(
                    tables, problemsMax: problemsMax, telling: teller, isCancelled: isCancelled)
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

    /// Copies the store as it is now into a new file, while others read and write.
    ///
    /// The copy has the permissions of the store, is on the disk, and has been proved sound by
    /// ``check(problemsMax:onProgress:isCancelled:)`` before it gets its name: it is there whole or not at all.
    /// - Parameters:
    ///   - compacting: whether pages that are free are left out.
    ///   - onProgress: called now and then, by the calling thread, with how far it is.
    ///   - isCancelled: asked now and then whether to give up; nothing is left then.
    /// - Throws: ``GraphStoreError/storeExists(path:)``, ``GraphStoreError/diskFull(path:)``,
    ///   ``GraphStoreError/damaged(table:node:reason:)`` when the store itself is not sound, `CancellationError`.
    public func backup(
        to copy: String, compacting: Bool = false, onProgress: @escaping @Sendable (StoreProgress) -> Void = { _ in },
        isCancelled: @escaping @Sendable () -> Bool = { false }
    ) throws {
        guard !StoreFile.exists(copy) else { throw GraphStoreError.storeExists(path: copy) }
        try StoreFile.checkFolder(of: copy)
        UnfinishedFile.removeLitter(of: copy)
        try GraphStore.translatingErrors(at: copy) {
            let teller = StoreProgressTeller(onProgress)
            teller.begin(.copying)
            try environment.copy(
                to: copy, compacting: compacting, onProgress: teller.passCopied, isCancelled: isCancelled
            ) { unnamed in
                teller.end()
                let report = try GraphStore(opening: unnamed, options: Options(isReadOnly: true))
                    .check(problemsMax: 1, telling: teller, isCancelled: isCancelled)
                guard let problem = report.problems.first else { return }
                throw GraphStoreError.damaged(table: problem.table, node: problem.node, reason: problem.message)
            }
        }
        logger.info("made a backup", metadata: ["copy": "\(copy)"])
    }

    /// Removes what a load, a backup or a compaction of this process has made so far of a file that will be `path`, for a
    /// process that ends at once.
    public static func discardUnfinished(at path: String) {
        // Twice: the lock file of a copy can be made as long as the copy is there.
        for _ in 0..<2 { UnfinishedFile.discard(path) }
    }

    /// Writes the store at `path` anew, full pages only, and puts the new file in place of the old. Nodes keep their ids.
    ///
    /// Nobody else may have the store open, in this process or another. The old file is there until the new one is whole
    /// and on the disk.
    /// - Parameters:
    ///   - options: whose logger is told.
    ///   - onProgress: called now and then, by the calling thread, with how far it is.
    ///   - isCancelled: asked now and then whether to give up.
    /// - Complexity: O(file).
    /// - Throws: ``GraphStoreError/busy(path:reason:)`` when somebody has the store open; ``GraphStoreError``,
    ///   `CancellationError`. The store is then as it was.
    public static func compact(
        _ path: String, options: Options = Options(),
        onProgress: @escaping @Sendable (StoreProgress) -> Void = { _ in },
        isCancelled: @escaping @Sendable () -> Bool = { false }
    ) throws {
        try StoreFile.replace(path) { temporary in
            // Nobody else can open the file, so LMDB's own locks are not needed.
            let store = try GraphStore(unlocked: path)
            try translatingErrors(at: path) {
                let teller = StoreProgressTeller(onProgress)
                teller.begin(.copying)
                try store.environment.copy(
                    to: temporary, compacting: true, onProgress: teller.passCopied, isCancelled: isCancelled)
                teller.end()
            }
        }
        options.storeLogger(path).info("compacted a store", metadata: ["reordering": "false"])
    }
}

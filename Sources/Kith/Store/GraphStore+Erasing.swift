import Glibc
import LMDB

/// Erasing people for good: not only from the graph, but from the bytes of its file.
///
/// A removal is a commit like any other: it frees pages and leaves on them what was there, names included, until later
/// commits use them again. Erasing goes on:
/// ```
/// 1. one commit    removes the nodes with all their edges, and counts the erasure
/// 2. one more      so that the state a crash falls back to does not have them either
/// 3. writers wait, readers of older states end; dictionaries whose branches keep a key as a separator are written anew,
///    and 2 comes again
/// 4. every byte that neither of both states uses is overwritten with zeros, and the file is searched
/// ```
/// See ``Environment/overwrite(outside:under:searching:onBytes:)``. The count in the table `meta` tells every process that
/// writes to the store, now or later, to overwrite the memory in which it has made pages: see
/// ``Environment/clearPageBuffers()``.
extension GraphStore {
    /// Removes nodes with all their edges, overwrites what their removal and all earlier changes have left in the file, and
    /// proves by a pass over the file that nothing of them is left.
    ///
    /// The removal is one durable change and comes first. Until the rest is done, writers wait; readers do not. A node that
    /// is not there is no error, so what was interrupted is finished by doing it again.
    ///
    /// Copies are not reached: backups, exports, replicas, logs, the memory of processes that read the node, and blocks of
    /// the disk that the file had once and a file system or a solid-state disk keeps.
    /// - Parameters:
    ///   - keys: whom to forget; many cost one pass.
    ///   - readerWaitSeconds: how long to wait for snapshots to end that were open before the removal, in any process.
    ///   - onProgress: called now and then, by the calling thread, with how far the second part is.
    ///   - isCancelled: asked now and then whether to give up; the removal stays done.
    /// - Complexity: as removing each edge, then O(file): each page in use is read five times. Memory: two bytes a page.
    /// - Throws: ``GraphStoreError/unknownKind(_:known:)`` and what ``write(_:)`` throws: nothing was removed then.
    ///   ``GraphStoreError/erasureUnfinished(nodes:cause:)`` when the nodes are removed and their bytes may be there still:
    ///   because of a snapshot that stays open (``GraphStoreError/busy(path:reason:)``), a damaged file, or the disk.
    ///   ``GraphStoreError/doneExcept(done:reason:)`` when the files beside the store cannot be listed. `CancellationError`.
    @discardableResult
    public func forget(
        _ keys: some Sequence<NodeKey>, kind: NodeKind = .user, readerWaitSeconds: Double = 10,
        onProgress: @escaping @Sendable (StoreProgress) -> Void = { _ in },
        isCancelled: @escaping @Sendable () -> Bool = { false }
    ) throws -> Erasure {
        var seen: Set<NodeKey> = []
        let keys = keys.filter { seen.insert($0).inserted }
        let file = try currentFile()
        let dictionary = try file.tables.dictionary(kind)
        if isCancelled() { throw CancellationError() }
        var erasure = try write { graph in try graph.erase(keys, kind: kind) }
        do {
            let erasing = Erasing(
                store: self, file: file, keys: keys, dictionary: dictionary,
                deadline: .now + .seconds(max(0, readerWaitSeconds)), teller: StoreProgressTeller(onProgress),
                isCancelled: isCancelled)
            try GraphStore.translatingErrors(at: path) { try erasing.run(&erasure) }
        } catch let cause as GraphStoreError {
            if case .doneExcept = cause { throw cause }
            throw GraphStoreError.erasureUnfinished(nodes: erasure.nodes, cause: cause)
        }
        logger.info(
            "forgot nodes",
            metadata: ["nodes": "\(erasure.nodes)", "bytesOverwritten": "\(erasure.bytesOverwritten)"])
        return erasure
    }

    /// ``forget(_:kind:readerWaitSeconds:onProgress:isCancelled:)`` of one node.
    @discardableResult
    public func forget(
        _ key: NodeKey, kind: NodeKind = .user, readerWaitSeconds: Double = 10,
        onProgress: @escaping @Sendable (StoreProgress) -> Void = { _ in },
        isCancelled: @escaping @Sendable () -> Bool = { false }
    ) throws -> Erasure {
        try forget(
            CollectionOfOne(key), kind: kind, readerWaitSeconds: readerWaitSeconds, onProgress: onProgress,
            isCancelled: isCancelled)
    }
}

extension OpenFile {
    /// Begins to write, in memory that has no bytes of what was erased since this process began to write.
    func beginWrite() throws -> WriteTransaction {
        while true {
            let transaction = try environment.beginWrite(waiting: options.busyTimeout)
            let count = try StoreMeta.erasureCount(of: tables, in: transaction)
            if environment.hasClearBuffers(at: count) { return transaction }
            _ = consume transaction
            try environment.clearPageBuffers(at: count)
        }
    }

    /// ``Environment/makingTables(_:)``, in such memory.
    func makingTables<Result>(_ body: (inout TableMaker) throws -> Result) throws -> Result {
        while true {
            do {
                return try environment.makingTables(waiting: options.busyTimeout) { maker in
                    let count = try StoreMeta.erasureCount(of: tables, in: maker.transaction)
                    guard environment.hasClearBuffers(at: count) else { throw UnclearBuffers(count: count) }
                    return try body(&maker)
                }
            } catch let unclear as UnclearBuffers {
                try environment.clearPageBuffers(at: unclear.count)
            }
        }
    }
}

/// Memory of pages was written to before nodes were erased for the `count`-th time.
private struct UnclearBuffers: Error {
    let count: UInt64
}

extension GraphTransaction {
    /// Removes the nodes, and notes that pages have been written to that had them.
    fileprivate mutating func erase(_ keys: [NodeKey], kind: NodeKind) throws -> Erasure {
        var erasure = Erasure()
        let edgesBefore = counters.edges.reduce(0, +)
        for key in keys {
            if try removeNode(key, kind: kind) { erasure.nodes += 1 } else { erasure.missing.append(key) }
        }
        erasure.edges = Int(edgesBefore - counters.edges.reduce(0, +))
        try countErasure()
        return erasure
    }

    fileprivate mutating func countErasure() throws {
        let count = try StoreMeta.erasureCount(of: tables, in: transaction)
        try StoreMeta.putErasureCount(count + 1, in: tables.meta, &transaction)
    }

    /// Writes a dictionary's table of keys anew, with the keys of its blocks for separators.
    fileprivate mutating func rewriteIDs(of dictionary: NodeDictionary, from state: borrowing ReadTransaction) throws {
        try transaction.removeAll(in: dictionary.ids)
        var cursor = state.cursor(in: dictionary.ids)
        var entry = try cursor.first()
        while let block = entry {
            let key = EncodedKey(key: try NodeKey(encoded: block.keyBytes))
            try transaction.put(block.value, forKey: key, in: dictionary.ids, mode: .append)
            entry = try cursor.next()
        }
    }
}

/// What comes after the removal.
private struct Erasing {
    let store: GraphStore
    /// The file that the nodes were removed from. A store that follows may have another by now.
    let file: OpenFile
    let keys: [NodeKey]
    let dictionary: NodeDictionary
    let deadline: ContinuousClock.Instant
    let teller: StoreProgressTeller
    let isCancelled: @Sendable () -> Bool

    /// How often a dictionary is written anew, because others may split its pages between.
    private static let attemptsMax = 4

    func run(_ erasure: inout Erasure) throws {
        TemporaryFile.removeStale(beside: store.path)
        teller.begin(.erasing)
        for _ in 0..<Erasing.attemptsMax {
            // The state before the latest must be one without the nodes as well.
            try store.write { graph in try graph.countErasure() }
            if try overwrite(&erasure) {
                erasure.filesBeside = try FilesBeside(of: store.path).holding(search)
                teller.end()
                return
            }
            try store.write { graph in
                guard store.file === file else { throw GraphStoreError.replaced(path: store.path) }
                let state = try file.environment.beginRead()
                try graph.rewriteIDs(of: dictionary, from: state)
            }
        }
        throw GraphStoreError.busy(
            path: store.path, reason: "other processes write keys beside those that are forgotten; let them pause")
    }

    private var search: ByteSearch { ByteSearch(keys.lazy.compactMap(\.searchedBytes)) }

    /// Overwrites, searches and answers true; or answers false, when the keys are separators still.
    private func overwrite(_ erasure: inout Erasure) throws -> Bool {
        let environment = file.environment
        let writer = try environment.beginWrite(waiting: store.options.busyTimeout)
        guard store.file === file, !file.isReplaced else { throw GraphStoreError.replaced(path: store.path) }
        for key in keys where try dictionary.id(of: key, in: writer) != nil {
            throw GraphStoreError.busy(
                path: store.path, reason: "somebody has added \(dictionary.kind) '\(key)' again; stop that first")
        }
        // The states in the file are those of the transaction before this one, and of the one before that.
        try waitForReaders(before: writer.id - 2)
        let forgotten = Set(keys.map(\.encoded))
        let tree = NodeDictionary.idsName(dictionary.kind)
        let pages = try environment.usedPages(under: writer, isWanted: { $0 == tree && forgotten.contains($1) }) {
            done, total in
            try checkCancelled()
            teller.pass(Double(done), of: Double(3 * total))
        }
        guard pages.separators.isEmpty else { return false }
        let overwriting = try environment.overwrite(outside: pages, under: writer, searching: search) { done, total in
            try checkCancelled()
            teller.pass(Double(total + 2 * done), of: Double(3 * total))
        }
        erasure.bytesOverwritten = overwriting.bytesOverwritten
        erasure.pagesOverwritten = overwriting.pagesOverwritten
        erasure.bytesScanned = overwriting.bytesScanned
        erasure.occurrences = overwriting.occurrences
        return true
    }

    private func checkCancelled() throws {
        if isCancelled() { throw CancellationError() }
    }

    /// Waits until nobody reads a state before that of the transaction `first`.
    private func waitForReaders(before first: UInt64) throws {
        let environment = file.environment
        _ = try environment.clearStaleReaders()
        while true {
            try checkCancelled()
            let oldest = try environment.readers().filter { $0.transaction.map { $0 < first } ?? false }
                .min { $0.transaction ?? 0 < $1.transaction ?? 0 }
            guard let oldest else { return }
            guard ContinuousClock.now < deadline else {
                let age =
                    oldest.process == getpid()
                    ? "this process, for \(Int(environment.oldestReadSeconds)) seconds"
                    : "process \(oldest.process)"
                throw GraphStoreError.busy(
                    path: store.path,
                    reason: "\(age) reads a state of \(oldest.commitsBehind ?? 0) commits ago; end that snapshot")
            }
            usleep(1_000)
        }
    }
}

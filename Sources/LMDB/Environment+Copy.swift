import CLMDB
import Glibc

extension Environment {
    /// Copies the latest state into a new file, while others read and write.
    ///
    /// The structure of this file is proved first, because LMDB's copy follows its pages. The copy is on the disk and proved in
    /// its turn when this returns, and its owner alone may read it. A crash leaves half a copy; whoever must not see one makes
    /// the copy under another name first.
    /// - Parameters:
    ///   - compacting: whether free pages are left out, which takes longer and gives a smaller file.
    ///   - onProgress: told, at every piece of some hundred kilobytes, by the calling thread, how many bytes were written
    ///     and how many there will be, about.
    ///   - isCancelled: asked at every piece, by the calling thread, whether to give up.
    /// - Complexity: O(file), read three times and written once.
    /// - Throws: ``LMDBError/system(_:)`` with `EEXIST` when there is something at `path`, ``LMDBError/diskFull``,
    ///   ``LMDBError/writeInsideWrite`` when this thread has a write transaction, ``LMDBError/unsound(tree:problem:)`` when
    ///   this file is not sound, `CancellationError`; nothing is left then.
    public func copy(
        to path: String, compacting: Bool, onProgress: (_ bytes: Int, _ total: Int) -> Void = { _, _ in },
        isCancelled: @escaping () -> Bool = { false }
    ) throws {
        // Without compacting, LMDB takes the writers' lock for a moment.
        try checkNoWriter()
        var status = stat()
        guard unsafe stat(self.path, &status) == 0 else { throw LMDBError.system(errno) }
        let descriptor = unsafe Glibc.open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw LMDBError(code: errno) }
        do {
            defer { close(descriptor) }
            // LMDB copies by following pages.
            var report = StructureReport()
            let proved = try beginRead(
                proving: .file, report: &report, onPage: StructureProof.cancelling(isCancelled))
            try report.throwProblem()
            let freeBytes = compacting ? try proved.freeBytes() : 0
            _ = consume proved
            let pump = try CopyPump(of: self, compacting: compacting)
            let total = Int(status.st_size) - freeBytes
            try pump.run(into: descriptor, { onProgress($0, total) }, isCancelled)
            guard fsync(descriptor) == 0 else { throw LMDBError(code: errno) }
            try StructureProof.prove(path, isCancelled: isCancelled)
        } catch {
            _ = unsafe unlink(path)
            throw error
        }
    }
}

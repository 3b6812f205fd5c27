import CLMDB
import Glibc

extension Environment {
    /// Copies the latest state into a new file, while others read and write.
    ///
    /// The structure of this file is proved first, because LMDB's copy follows its pages. The copy is made under another
    /// name, in the folder of `path`, with the permissions of this file; it is brought to the disk, proved in its turn and
    /// verified by `verify`, and only then gets its name: it is there whole or not at all. A crash leaves at most a file
    /// whose name begins with that of `path` and `.copying-`.
    /// - Parameters:
    ///   - compacting: whether free pages are left out, which takes longer and gives a smaller file.
    ///   - onProgress: told, at every piece of some hundred kilobytes, by the calling thread, how many bytes were written
    ///     and how many there will be, about.
    ///   - isCancelled: asked at every piece, by the calling thread, whether to give up.
    ///   - verify: is given the name the copy has until it is sound; throws when it is not.
    /// - Complexity: O(file), read three times and written once.
    /// - Throws: ``LMDBError/system(_:)`` with `EEXIST` when there is something at `path`, ``LMDBError/diskFull``,
    ///   ``LMDBError/writeInsideWrite`` when this thread has a write transaction, ``LMDBError/unsound(tree:problem:)`` when
    ///   this file is not sound, `CancellationError`, what `verify` throws; nothing is left then.
    public func copy(
        to path: String, compacting: Bool, onProgress: (_ bytes: Int, _ total: Int) -> Void = { _, _ in },
        isCancelled: @escaping () -> Bool = { false },
        verify: (String) throws -> Void = { _ in }
    ) throws {
        // Without compacting, LMDB takes the writers' lock for a moment.
        try checkNoWriter()
        if LockFile.isName(path) { throw LMDBError.lockFileName(path: path) }
        guard unsafe Glibc.access(path, F_OK) != 0 else { throw LMDBError.system(EEXIST) }
        var status = stat()
        guard unsafe stat(self.path, &status) == 0 else { throw LMDBError.system(errno) }
        // Not the process alone: in a container, the one before had the same number, and may have been killed in a copy.
        let temporary = path + ".copying-\(getpid())-" + String(UInt32.random(in: 0...UInt32.max), radix: 16)
        let descriptor = unsafe Glibc.open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw LMDBError(code: errno) }
        defer {
            _ = unsafe unlink(temporary)
            _ = unsafe unlink(temporary + "-lock")
        }
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
            guard fchmod(descriptor, status.st_mode & 0o777) == 0, fsync(descriptor) == 0 else {
                throw LMDBError(code: errno)
            }
        }
        try StructureProof.prove(temporary, isCancelled: isCancelled)
        try verify(temporary)
        // A hard link fails when the name is taken meanwhile, which a rename does not.
        guard unsafe link(temporary, path) == 0 else { throw LMDBError(code: errno) }
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        let directory = unsafe Glibc.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { throw LMDBError.system(errno) }
        defer { close(directory) }
        guard fsync(directory) == 0 else { throw LMDBError.system(errno) }
    }
}

import CLMDB
import Glibc

extension Environment {
    /// Copies the latest state into a new file, while others read and write.
    ///
    /// The copy is made under another name, in the folder of `path`, with the permissions of this file; it is brought to
    /// the disk, verified and only then gets its name: it is there whole or not at all.
    /// - Parameters:
    ///   - compacting: whether free pages are left out, which takes longer and gives a smaller file.
    ///   - verify: is given the name the copy has until it is sound; throws when it is not.
    /// - Throws: ``LMDBError/system(_:)`` with `EEXIST` when there is something at `path`, ``LMDBError/diskFull``, what
    ///   `verify` throws; nothing is left then.
    public func copy(to path: String, compacting: Bool, verify: (String) throws -> Void = { _ in }) throws {
        try checkProcess()
        guard unsafe Glibc.access(path, F_OK) != 0 else { throw LMDBError.system(EEXIST) }
        var status = stat()
        guard unsafe stat(self.path, &status) == 0 else { throw LMDBError.system(errno) }
        let temporary = path + ".copy-" + String(getpid())
        let descriptor = unsafe Glibc.open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw LMDBError.system(errno) }
        defer {
            _ = unsafe unlink(temporary)
            _ = unsafe unlink(temporary + "-lock")
        }
        do {
            defer { close(descriptor) }
            let code = unsafe mdb_env_copyfd2(handle, descriptor, compacting ? UInt32(MDB_CP_COMPACT) : 0)
            if code != 0 { throw code == ENOSPC ? LMDBError.diskFull : explain(code) }
            guard fchmod(descriptor, status.st_mode & 0o777) == 0, fsync(descriptor) == 0 else {
                throw errno == ENOSPC ? LMDBError.diskFull : LMDBError.system(errno)
            }
        }
        try FileHead.validate(temporary)
        try verify(temporary)
        // A hard link fails when the name is taken meanwhile, which a rename does not.
        guard unsafe link(temporary, path) == 0 else { throw LMDBError.system(errno) }
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        let directory = unsafe Glibc.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { throw LMDBError.system(errno) }
        defer { close(directory) }
        guard fsync(directory) == 0 else { throw LMDBError.system(errno) }
    }
}

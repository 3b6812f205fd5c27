import CLMDB
import Glibc

extension Environment {
    /// Copies the latest state into a new file, while others read and write.
    ///
    /// The copy is made under another name, in the folder of `path`, with the permissions of this file; it is brought to
    /// the disk, verified and only then gets its name: it is there whole or not at all. Verified means that its meta pages
    /// are sound, that every table has as many entries as it says, and what `verify` adds. A crash leaves at most a file
    /// whose name begins with that of `path` and `.copying-`.
    /// - Parameters:
    ///   - compacting: whether free pages are left out, which takes longer and gives a smaller file.
    ///   - onProgress: told, at every piece of some hundred kilobytes, by the calling thread, how many bytes were written
    ///     and how many there will be, about.
    ///   - isCancelled: asked at every piece, by the calling thread, whether to give up.
    ///   - verify: is given the name the copy has until it is sound; throws when it is not.
    /// - Complexity: O(file) reading and writing, then O(entries) reading.
    /// - Throws: ``LMDBError/system(_:)`` with `EEXIST` when there is something at `path`, ``LMDBError/diskFull``,
    ///   ``LMDBError/writeInsideWrite`` when this thread has a write transaction, ``LMDBError/corrupted`` when the copy is
    ///   not sound because this file is not, `CancellationError`, what `verify` throws; nothing is left then.
    public func copy(
        to path: String, compacting: Bool, onProgress: (_ bytes: Int, _ total: Int) -> Void = { _, _ in },
        isCancelled: @escaping () -> Bool = { false },
        verify: (String) throws -> Void = { _ in }
    ) throws {
        // Without compacting, LMDB takes the writers' lock for a moment.
        try checkNoWriter()
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
            try checkProcess()
            let freeBytes = compacting ? try beginRead().freeBytes() : 0
            let pump = try CopyPump(of: self, compacting: compacting)
            let total = Int(status.st_size) - freeBytes
            try pump.run(into: descriptor, { onProgress($0, total) }, isCancelled)
            guard fchmod(descriptor, status.st_mode & 0o777) == 0, fsync(descriptor) == 0 else {
                throw LMDBError(code: errno)
            }
        }
        try MetaPage.validate(temporary)
        try TableWalk(isCancelled: isCancelled).verify(temporary)
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

/// A look at every entry of a file that nobody else knows: opened without locks, in one transaction for each table.
private struct TableWalk {
    let isCancelled: () -> Bool
    /// How many entries are looked at between two questions: a millisecond's worth.
    private static let entriesPerQuestion = 1 << 14

    /// Throws ``LMDBError/corrupted`` unless every table of the file has as many entries as it says.
    func verify(_ path: String) throws {
        var created: OpaquePointer?
        unsafe try LMDBError.check(mdb_env_create(&created))
        guard let environment = unsafe created else { throw LMDBError.system(ENOMEM) }
        defer { unsafe mdb_env_close(environment) }
        // LMDB makes the map as large as the file, when that is larger.
        unsafe try LMDBError.check(mdb_env_set_mapsize(environment, 1 << 20))
        unsafe try LMDBError.check(mdb_env_set_maxdbs(environment, 1))
        let flags = MDB_NOSUBDIR | MDB_NOTLS | MDB_NOLOCK | MDB_RDONLY
        unsafe try LMDBError.check(mdb_env_open(environment, path, UInt32(flags), 0))
        var names: [[UInt8]] = []
        unsafe try walk(nil, of: environment) { names.append(unsafe Array($0) + [0]) }
        for name in names { unsafe try walk(name, of: environment) { _ in } }
    }

    /// Visits the keys of a table, or of the table of tables when it has no name.
    private func walk(
        _ name: [UInt8]?, of environment: OpaquePointer, _ visit: (UnsafeRawBufferPointer) -> Void
    ) throws {
        var transaction: OpaquePointer?
        unsafe try LMDBError.check(mdb_txn_begin(environment, nil, UInt32(MDB_RDONLY), &transaction))
        // Ending so closes the table, which leaves its place to the next.
        defer { unsafe mdb_txn_abort(transaction) }
        var table: MDB_dbi = 0
        let opened =
            if let name {
                unsafe name.withUnsafeBufferPointer { bytes in
                    unsafe bytes.withMemoryRebound(to: CChar.self) { characters in
                        unsafe mdb_dbi_open(transaction, characters.baseAddress, 0, &table)
                    }
                }
            } else {
                unsafe mdb_dbi_open(transaction, nil, 0, &table)
            }
        try LMDBError.check(opened)
        var statistics = MDB_stat()
        unsafe try LMDBError.check(mdb_stat(transaction, table, &statistics))
        var cursor: OpaquePointer?
        unsafe try LMDBError.check(mdb_cursor_open(transaction, table, &cursor))
        defer { unsafe mdb_cursor_close(cursor) }
        var count = 0
        var key = unsafe MDB_val()
        while true {
            let code = unsafe mdb_cursor_get(cursor, &key, nil, MDB_NEXT)
            if code == MDB_NOTFOUND { break }
            try LMDBError.check(code)
            unsafe visit(UnsafeRawBufferPointer(start: key.mv_data, count: key.mv_size))
            if count % TableWalk.entriesPerQuestion == 0, isCancelled() { throw CancellationError() }
            count += 1
        }
        guard count == statistics.ms_entries else { throw LMDBError.corrupted }
    }
}

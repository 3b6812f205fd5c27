extension Environment {
    /// Runs `body` while nobody else has the file at `path` open, in this process or another, and nobody can open it.
    ///
    /// Takes the lock that LMDB takes of whoever opens a file, in the lock file beside it; inside, the file is to be
    /// opened without LMDB's own locks. Others that open the file meanwhile wait until `body` has ended; in this process
    /// they are refused. Where there is no lock file, nobody has opened the file yet, and one is made.
    /// - Throws: ``LMDBError/inUse(path:)``, what `body` throws.
    public static func withExclusiveUse<Result>(of path: String, _ body: () throws -> Result) throws -> Result {
        let registry = EnvironmentRegistry.shared
        while true {
            let resolved = resolve(path)
            let lockPath = LockFile.path(of: resolved)
            if try registry.isReserved(lockPath) { throw LMDBError.inUse(path: path) }
            let data = try DataFile(resolved, creating: false)
            guard try data.tryBeginSetUp() else { throw LMDBError.inUse(path: path) }
            defer { data.endSetUp() }
            // Another file was put in its place just now.
            guard try data.isNamed() else { continue }
            let lock = try registry.reserve(data, lockPath: lockPath, for: path)
            let result = Swift.Result { try body() }
            registry.release(lock)
            return try result.get()
        }
    }
}

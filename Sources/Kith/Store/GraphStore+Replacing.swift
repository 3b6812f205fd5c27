import LMDB

extension GraphStore {
    /// Puts the store at `new` in the place of the one at `path`, while others read and write that.
    ///
    /// What a load made anew, a restored backup, a copy from another machine: make it beside the store under a name of its
    /// own, and replace. Nobody may have `new` open; it is proved by ``check(problemsMax:onProgress:isCancelled:)`` first,
    /// then gets owner, group and permissions of the store, and its name, in one step. The step waits for the writers of the
    /// store, whose next write throws ``GraphStoreError/replaced(path:)`` or follows, as ``Options/followsReplacement``
    /// says; so do readers, within 100 ms. A snapshot that is open stays as it is. What was written to the old store after
    /// `new` was made is in the old file alone, which is gone with the last who has it open.
    ///
    /// Both must have the same format version, which ``upgrade(isCancelled:)`` sees to, so that who has the store open can go on.
    ///
    /// A symbolic link at `path` stays, and its target is replaced. A store at `path` that cannot be opened, because its
    /// head is damaged, is replaced while nobody has it open. A file that shows no sign of having been a store is let be.
    /// - Parameters:
    ///   - options: how the store at `path` is opened, and whose logger is told.
    ///   - onProgress: called now and then, by the calling thread, with how far the check is.
    ///   - isCancelled: asked now and then during the check whether to give up.
    /// - Complexity: that of the check; the step itself is O(1).
    /// - Throws: ``GraphStoreError/noSuchStore(path:)``, ``GraphStoreError/busy(path:reason:)`` when somebody has `new` open,
    ///   ``GraphStoreError/damaged(table:node:reason:)`` and ``GraphStoreError/notAStore(path:reason:)`` when `new` is not
    ///   sound, the latter also when `path` never was a store; ``GraphStoreError/olderFormatVersion(path:found:written:)`` for
    ///   the one of the two that is; ``GraphStoreError/cannotOpen(path:reason:)`` when it is on
    ///   another file system or cannot be given to the store's owner, ``GraphStoreError/storage(path:_:)`` when a file cannot
    ///   be read, `CancellationError`. The store is then as it was.
    public static func replace(
        at path: String, with new: String, options: Options = Options(),
        onProgress: @escaping @Sendable (StoreProgress) -> Void = { _ in },
        isCancelled: @escaping @Sendable () -> Bool = { false }
    ) throws {
        for file in [path, new] where !StoreFile.exists(file) { throw GraphStoreError.noSuchStore(path: file) }
        guard !Environment.areSameFile(path, new) else {
            throw GraphStoreError.badRequest("'\(path)' and '\(new)' are one file; name the store and another file")
        }
        let isStore = try translatingErrors(at: path) {
            try Environment.isDataFileOrRemains(TemporaryFile.destination(of: path))
        }
        guard isStore else {
            throw GraphStoreError.notAStore(
                path: path,
                reason: "it is no LMDB file, and would be lost; remove it and rename '\(new)' if that is meant")
        }
        let version = try formatVersion(of: path, options: options)
        try StoreFile.replace(path, with: new, options: options) {
            let store = try GraphStore(unlocked: new, .none)
            if let version { try checkVersions(of: [(path, version), (new, store.tables.version)]) }
            try store.requireSound(telling: StoreProgressTeller(onProgress), isCancelled: isCancelled)
        }
        options.storeLogger(path).info("replaced a store", metadata: ["new": "\(new)"])
    }

    /// The format version of the store at `path`; nil when it is too damaged to be opened.
    private static func formatVersion(of path: String, options: Options) throws -> FormatVersion? {
        var options = options
        options.isReadOnly = true
        // What is to be replaced need not be sound.
        options.verification = .none
        do {
            return try GraphStore(opening: path, options: options).tables.version
        } catch GraphStoreError.damaged, GraphStoreError.notAStore {
            return nil
        }
    }

    /// Who has a store open goes on with one of the same version only: not every program reads the newer one, and none that
    /// writes the newer one writes the older.
    private static func checkVersions(of stores: [(path: String, version: FormatVersion)]) throws {
        for (path, version) in stores where stores.contains(where: { $0.version > version }) {
            throw FormatRefusal.olderVersion(version).error(at: path)
        }
    }
}

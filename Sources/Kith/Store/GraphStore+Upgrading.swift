import LMDB

/// What ``GraphStore/upgrade(isCancelled:)`` found and did.
public struct FormatUpgrade: Sendable, Hashable {
    /// The format version the store had.
    public let versionBefore: UInt32
    /// The one it has.
    public let version: UInt32
    /// Whether the store was changed.
    public var isChange: Bool { version != versionBefore }
}

/// Bringing a store to the format version that this program writes.
///
/// A program that knows the older version alone must not meet the newer by surprise: so an upgrade is asked for, and never
/// comes with a write.
extension GraphStore {
    /// Brings the store to the format version that this program writes, in one durable change; one that has it already stays
    /// as it is.
    ///
    /// Readers go on, and waits for other writers are those of ``write(_:)``. Programs that do not know the new version are
    /// refused from then on, at the start of their next transaction. There is no way back but a backup that was made before.
    /// ``Options/upgrades`` does this when a store is opened.
    /// - Parameter isCancelled: asked whether to give up when this is the only writer; what has begun then is finished.
    /// - Returns: the version before and after.
    /// - Complexity: O(kinds + types), whatever the store holds.
    /// - Throws: what ``write(_:)`` throws; ``GraphStoreError/damaged(table:node:reason:)`` when what a store says of itself is
    ///   damaged, `CancellationError`. Nothing is changed then.
    @discardableResult
    public func upgrade(isCancelled: () -> Bool = { false }) throws -> FormatUpgrade {
        try GraphStore.translatingErrors(at: path) {
            while true {
                let file = file
                guard let upgrade = try file.upgrade(isCancelled) else {
                    try follow(file)
                    continue
                }
                if upgrade.isChange {
                    logger.notice("upgraded a store", metadata: ["version": "\(upgrade.version)"])
                }
                return upgrade
            }
        }
    }

    /// Refuses, before long work for it is begun, a change that a transaction of its own would refuse.
    ///
    /// - Throws: ``GraphStoreError/olderFormatVersion(path:found:written:)``,
    ///   ``GraphStoreError/unknownFeatures(path:_:isReadable:)``.
    func checkCanWrite() throws {
        try read { snapshot in try StoreMeta.checkCanWrite(snapshot.tables, snapshot.counters) }
    }
}

extension OpenFile {
    /// ``GraphStore/upgrade(isCancelled:)``; nil when the file was replaced, and nothing is changed.
    ///
    /// The tables in the new form are found, like those of a grown schema, by the next transaction.
    func upgrade(_ isCancelled: () -> Bool) throws -> FormatUpgrade? {
        while true {
            let tables = tables
            if isReplaced { return nil }
            // What is known of the version may be out of date, but never ahead of the file.
            guard tables.version < .current else { return FormatUpgrade(from: .current) }
            var transaction = try beginWrite()
            if isReplaced { return nil }
            if isCancelled() { throw CancellationError() }
            guard let counters = try StoreMeta.counters(of: tables, in: transaction) else {
                _ = consume transaction
                try followSchema(from: tables)
                continue
            }
            try StoreMeta.upgrade(tables, counters, in: &transaction)
            try transaction.commit()
            return FormatUpgrade(from: tables.version)
        }
    }
}

extension FormatUpgrade {
    fileprivate init(from version: FormatVersion) {
        self.init(versionBefore: version.rawValue, version: FormatVersion.current.rawValue)
    }
}

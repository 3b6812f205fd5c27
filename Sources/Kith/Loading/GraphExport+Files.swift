import FoundationEssentials
import Glibc
import LMDB

extension GraphExport {
    /// A file of an export that was written.
    public struct WrittenFile: Sendable, Hashable {
        /// What it holds.
        public var part: Part
        /// Where it is.
        public var path: String
        /// How many edges or nodes.
        public var rows: Int
    }

    /// Writes a part into the file at `path`, compressed when its name ends with `.gz`.
    ///
    /// The file has its name when it is whole and on the disk; one that was there before is as it was until then. A pipe or
    /// a terminal is written to as it is. A new file is as private as the store, unless ``fileMode`` is given; one that
    /// replaces another keeps its owner and group, as far as this user may give them, and is never more open than either.
    /// - Complexity: as ``edges(of:in:to:)`` and ``nodes(of:in:to:)``.
    /// - Throws: what these throw; ``GraphStoreError/outputIsInput(output:input:)`` when the file is the store's, by whatever
    ///   name, before anything is written; ``GraphStoreError/outputIsStore(output:)`` when it is another store;
    ///   ``LoadError/cannotWrite(path:reason:)``; ``GraphStoreError/busy(path:reason:)`` when another thread of this process
    ///   writes the same file.
    @discardableResult
    public func write(_ part: Part, of snapshot: borrowing Snapshot, toFile path: String) throws -> WrittenFile {
        let rows = try ExportedFile.make(
            at: path, access: access(to: snapshot), protected: ProtectedFiles(store: snapshot.transaction.path)
        ) { file in
            switch part {
            case .edges(let type): unsafe try edges(of: type, in: snapshot) { unsafe try file.write($0) }
            case .nodes(let kind): unsafe try nodes(of: kind, in: snapshot) { unsafe try file.write($0) }
            }
        }
        return WrittenFile(part: part, path: path, rows: rows)
    }

    /// Writes the whole graph into a folder, which is made: `schema.json`, a file `KIND.nodes.tsv` for each kind that has
    /// nodes, a file `TYPE.edges.tsv` for each type that has edges; their names end as the format's do.
    ///
    /// The folder has its name when it is whole and on the disk.
    /// - Parameter compressing: whether the files but for the schema are compressed, and their names end with `.gz`.
    /// - Returns: the files but for the schema.
    /// - Complexity: O(nodes + edges); memory of the keys of two kinds.
    /// - Throws: ``GraphStoreError/storeExists(path:)`` when there is something of that name; as
    ///   ``write(_:of:toFile:)``.
    @discardableResult
    public func writeAll(
        of snapshot: borrowing Snapshot, toFolder path: String, compressing: Bool = false
    ) throws -> [WrittenFile] {
        let folder = GraphExport.withoutEndingSlashes(path)
        guard !StoreFile.exists(folder) else { throw GraphStoreError.storeExists(path: path) }
        let above = TemporaryFile.folder(of: TemporaryFile.destination(of: folder))
        do {
            try FileManager.default.createDirectory(atPath: above, withIntermediateDirectories: true)
            return try TemporaryFile.making(folder) { try writeAll(of: snapshot, as: $0, folder, compressing) }
        } catch let error as LMDBError {
            throw OutputFile.failure(path, error)
        } catch is CocoaError {
            throw LoadError.cannotWrite(path: path, reason: OutputFile.folderReason)
        }
    }

    private func writeAll(
        of snapshot: borrowing Snapshot, as made: TemporaryFile, _ folder: String, _ compressing: Bool
    ) throws -> [WrittenFile] {
        let temporary = made.path
        guard unsafe mkdir(temporary, 0o777) == 0 else { throw LMDBError(code: errno) }
        let schema = snapshot.schema
        let ending = format.fileNameExtension + (compressing ? ".gz" : "")
        let access = access(to: snapshot)
        var files: [WrittenFile] = []
        var names = ["schema.json"]
        var hasName = false
        defer {
            // By their names: also where the folder cannot be opened any more to be listed.
            if !hasName {
                for name in names { _ = unsafe unlink("\(temporary)/\(name)") }
                _ = unsafe rmdir(temporary)
            }
        }
        func write(_ part: Part, _ name: String) throws {
            names.append("\(name).\(ending)")
            var file = try self.write(part, of: snapshot, toFile: "\(temporary)/\(name).\(ending)")
            file.path = "\(folder)/\(name).\(ending)"
            files.append(file)
        }
        do {
            try ExportedFile.make(at: temporary + "/schema.json", access: access, protected: ProtectedFiles()) { file in
                unsafe try Array(schema.json.utf8).withUnsafeBytes { unsafe try file.write($0) }
            }
            for kind in schema.nodeKinds where try snapshot.nodeCount(of: kind) > 0 {
                try write(.nodes(kind), "\(kind).nodes")
            }
            for type in schema.edgeTypes where try snapshot.edgeCount(of: type.name) > 0 {
                try write(.edges(type.name), "\(type.name).edges")
            }
        } catch GraphStoreError.doneExcept(_, let reason) {
            // One of the files has its name, and the folder has none yet.
            throw LoadError.cannotWrite(path: folder, reason: reason)
        }
        try access.openFolder(temporary)
        guard unsafe rename(temporary, made.destination) == 0 else {
            if errno == ENOTEMPTY || errno == EEXIST { throw GraphStoreError.storeExists(path: folder) }
            throw GraphStoreError.storage(path: folder, LMDBError(code: errno))
        }
        hasName = true
        try TemporaryFile.syncFolder(of: made.destination)
        return files
    }

    private func access(to snapshot: borrowing Snapshot) -> OutputFile.Access {
        fileMode.map { .exactly($0) } ?? .ofStore(at: snapshot.transaction.path)
    }

    private static func withoutEndingSlashes(_ path: String) -> String {
        String(path.reversed().drop { $0 == "/" }.reversed())
    }
}

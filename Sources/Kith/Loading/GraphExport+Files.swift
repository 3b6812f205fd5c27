import FoundationEssentials
import Glibc

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
    /// The file has its name when it is whole and on the disk; until then there is one of another name beside it, and one
    /// that was there before is as it was. A pipe or a terminal is written to as it is.
    /// - Complexity: as ``edges(of:in:to:)`` and ``nodes(of:in:to:)``.
    /// - Throws: what these throw; ``LoadError/cannotWrite(path:reason:)``; ``GraphStoreError/busy(path:reason:)`` when
    ///   another thread of this process writes the same file.
    @discardableResult
    public func write(_ part: Part, of snapshot: borrowing Snapshot, toFile path: String) throws -> WrittenFile {
        let rows = try ExportedFile.make(at: path) { file in
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
        let schema = snapshot.schema
        let ending = format.fileNameExtension + (compressing ? ".gz" : "")
        return try UnfinishedFile.making(folder) { temporary in
            do {
                try FileManager.default.createDirectory(atPath: temporary, withIntermediateDirectories: true)
            } catch {
                throw LoadError.cannotWrite(path: path, reason: "the folder it is to be in may not be written")
            }
            var files: [WrittenFile] = []
            do {
                try ExportedFile.make(at: temporary + "/schema.json") { file in
                    unsafe try Array(schema.json.utf8).withUnsafeBytes { unsafe try file.write($0) }
                }
                func write(_ part: Part, _ name: String) throws {
                    var file = try self.write(part, of: snapshot, toFile: "\(temporary)/\(name).\(ending)")
                    file.path = "\(folder)/\(name).\(ending)"
                    files.append(file)
                }
                for kind in schema.nodeKinds where try snapshot.nodeCount(of: kind) > 0 {
                    try write(.nodes(kind), "\(kind).nodes")
                }
                for type in schema.edgeTypes where try snapshot.edgeCount(of: type.name) > 0 {
                    try write(.edges(type.name), "\(type.name).edges")
                }
            } catch GraphStoreError.doneExcept(_, let reason) {
                // One of the files has its name, and the folder has none yet.
                throw LoadError.cannotWrite(path: path, reason: reason)
            }
            guard unsafe rename(temporary, folder) == 0 else {
                if errno == ENOTEMPTY || errno == EEXIST { throw GraphStoreError.storeExists(path: path) }
                throw GraphStoreError.storage(.system(errno))
            }
            try UnfinishedFile.syncFolder(of: folder)
            return files
        }
    }

    /// Removes what this process has written so far of a file or a folder at `path`, for a process that ends at once.
    public static func discardUnfinished(at path: String) {
        UnfinishedFile.discard(withoutEndingSlashes(ExportedFile.destination(of: path)))
    }

    private static func withoutEndingSlashes(_ path: String) -> String {
        String(path.reversed().drop { $0 == "/" }.reversed())
    }
}

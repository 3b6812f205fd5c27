import FoundationEssentials
import Glibc

/// A folder as ``GraphExport/writeAll(of:toFolder:compressing:)`` writes it: a schema, and files of edges and nodes.
///
/// ```swift
/// let report = try BulkLoader().load(ExportFolder(at: "dump"), into: "copy.kith")
/// ```
/// | file | holds |
/// |---|---|
/// | `schema.json` | the schema |
/// | `TYPE.edges.tsv`, `TYPE.edges.csv.gz`, ... | the edges of a type |
/// | `KIND.nodes.tsv`, `KIND.nodes.csv.gz`, ... | the nodes of a kind |
///
/// Their names end as those of files of a format do, with `.gz` where they are compressed. Each file of the folder is one of
/// these, or the folder is none.
public struct ExportFolder: Sendable, Hashable {
    /// Where it is.
    public let path: String
    /// The schema of the graph.
    public let schema: Schema
    /// The files of edges, at most one for each type, in the order of the schema.
    public let edges: [BulkLoader.EdgeFile]
    /// The files of nodes, at most one for each kind, in the order of the schema.
    public let nodes: [BulkLoader.NodeFile]

    private static let schemaName = "schema.json"
    /// At most so many names are told of in an error.
    private static let namesToldMax = 5

    /// Finds out what a folder holds.
    ///
    /// - Throws: ``LoadError/cannotRead(path:reason:)``, ``LoadError/readFailed(path:reason:)``;
    ///   ``LoadError/badFolder(path:reason:)`` that names the files that are not understood; ``SchemaError``.
    public init(at path: String) throws {
        self.path = path
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: path).sorted()
        } catch let error as CocoaError {
            throw LoadError.reading(path, (error.underlying as? POSIXError)?.code.rawValue ?? EIO)
        }
        guard names.contains(ExportFolder.schemaName) else {
            throw LoadError.badFolder(
                path: path,
                reason: "it has no \(ExportFolder.schemaName), as a folder that 'export --folder' wrote has")
        }
        let schemaPath = ExportFolder.file(ExportFolder.schemaName, in: path)
        let schema = try Schema(json: FileBytes.contents(of: schemaPath))
        let files = names.filter { $0 != ExportFolder.schemaName }
        var unknown = Set(files)
        func fileOf(_ part: String) throws(LoadError) -> String? {
            // Names of types and kinds have no dots.
            let found = files.filter { $0.hasPrefix(part + ".") && EdgeFileFormat(ofExportNamed: $0) != nil }
            unknown.subtract(found)
            guard found.count < 2 else {
                throw .badFolder(
                    path: path, reason: "'\(found[0])' and '\(found[1])' are files of the same; take one of them out")
            }
            return found.first.map { ExportFolder.file($0, in: path) }
        }
        edges = try schema.edgeTypes.compactMap { type throws(LoadError) in
            try fileOf("\(type.name).edges").map { .init(type: type.name, path: $0) }
        }
        nodes = try schema.nodeKinds.compactMap { kind throws(LoadError) in
            try fileOf("\(kind).nodes").map { .init(kind: kind, path: $0) }
        }
        self.schema = schema
        guard unknown.isEmpty else {
            let told = unknown.sorted().prefix(ExportFolder.namesToldMax).map { "'\($0)'" }.joined(separator: ", ")
            let rest = unknown.count - ExportFolder.namesToldMax
            throw LoadError.badFolder(
                path: path,
                reason:
                    "\(told)\(rest > 0 ? " and \(rest) more" : "") \(unknown.count == 1 ? "is" : "are") no TYPE.edges.tsv "
                    + "and no KIND.nodes.tsv of a type and a kind of its schema, nor such a file of another format; take "
                    + "out what is not of the export")
        }
    }

    private static func file(_ name: String, in folder: String) -> String {
        folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
    }

    /// Sees to it that a store has the schema of the folder, in whatever order.
    ///
    /// - Throws: ``LoadError/badFolder(path:reason:)`` that says what differs.
    func check(_ found: Schema, of store: String) throws(LoadError) {
        guard let difference = schema.difference(from: found) else { return }
        // A half-life is written in days, and may be another number of seconds when it is read back.
        if let written = try? Schema(json: found.json.utf8), schema.difference(from: written) == nil { return }
        throw .badFolder(
            path: path,
            reason:
                "its schema is not that of '\(store)', where \(difference); change the store by 'kith schema', or load "
                + "into a new one")
    }
}

extension EdgeFileFormat {
    /// The format of a file of an export: of `follows.edges.tsv.gz`, and not of `follows.edges.old.tsv`.
    fileprivate init?(ofExportNamed name: String) {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3 || parts.count == 4 && parts[3] == "gz" else { return nil }
        self.init(ofFileNamed: name)
    }
}

extension BulkLoader {
    /// Loads what an export wrote into a folder into the store at `path`, which is made with the schema of the folder when it
    /// is missing: then it is the same graph.
    ///
    /// - Throws: ``LoadError/badFolder(path:reason:)`` when the store has another schema; as
    ///   ``load(_:nodes:into:)``.
    public func load(_ folder: ExportFolder, into path: String) throws -> Report {
        if StoreFile.exists(path) {
            var options = options
            options.isReadOnly = true
            try folder.check(GraphStore(opening: path, options: options).schema, of: path)
        }
        var loader = self
        loader.schema = folder.schema
        return try loader.load(folder.edges, nodes: folder.nodes, into: path)
    }

    /// Says what loading a folder into a new store would give and take: see ``dryRun(_:nodes:)``.
    public func dryRun(_ folder: ExportFolder) throws -> Estimate {
        var loader = self
        loader.schema = folder.schema
        return try loader.dryRun(folder.edges, nodes: folder.nodes)
    }
}

extension Schema {
    /// The first thing that `other` has otherwise, in words; nil when it has the same kinds and types.
    fileprivate func difference(from other: Schema) -> String? {
        if let kind = nodeKinds.first(where: { !other.nodeKinds.contains($0) }) {
            return "the kind '\(kind)' is missing"
        }
        if let kind = other.nodeKinds.first(where: { !nodeKinds.contains($0) }) {
            return "there is the kind '\(kind)', which the folder does not have"
        }
        for type in edgeTypes {
            guard let found = other.edgeType(type.name) else { return "the edge type '\(type.name)' is missing" }
            if let difference = type.difference(from: found) { return difference }
        }
        if let type = other.edgeTypes.first(where: { edgeType($0.name) == nil }) {
            return "there is the edge type '\(type.name)', which the folder does not have"
        }
        return nil
    }
}

extension EdgeType {
    /// How a type of the same name differs, in words.
    fileprivate func difference(from other: EdgeType) -> String? {
        if self == other { return nil }
        let pairs: [(String, String)] = [
            ("leads from '\(source)' to '\(target)'", "leads from '\(other.source)' to '\(other.target)'"),
            (isSymmetric ? "is symmetric" : "is directed", other.isSymmetric ? "is symmetric" : "is directed"),
            ("has the columns \(columns.words)", "has the columns \(other.columns.words)"),
            ("has weights of \(precision) precision", "has weights of \(other.precision) precision"),
            (repetition.words, other.repetition.words),
            (
                allowsSelfLoops ? "allows self-loops" : "allows no self-loops",
                other.allowsSelfLoops ? "allows self-loops" : "allows no self-loops"
            ),
        ]
        return pairs.first { $0.0 != $0.1 }.map { "'\(name)' \($0.1) and in the folder \($0.0)" }
    }
}

extension EdgeType.Columns {
    fileprivate var words: String {
        let names = (contains(.weight) ? ["weight"] : []) + (contains(.time) ? ["time"] : [])
        return names.isEmpty ? "none" : names.joined(separator: " and ")
    }
}

extension EdgeType.Repetition {
    fileprivate var words: String {
        switch self {
        case .replace: "replaces edges that are there"
        case .accumulate(nil): "adds up weights"
        case .accumulate(.some(let seconds)): "adds up weights that are halved every \(seconds / 86_400) days"
        }
    }
}

import Foundation
import GraphTesting
import Synchronization

@testable import Kith

/// A text that was loaded as a file: what became of its rows.
struct LoadedFile {
    /// The edges, sorted: `ann bob`, with the weight and the time behind them where the type has them.
    let edges: [String]
    /// The nodes of the kind that the file has, sorted; empty for files of edges.
    let nodes: [String]
    /// The bad rows: `3: bad-key`.
    let rejected: [String]
    let file: FileReport

    /// Loads a file of edges.
    ///
    /// - Parameter chunkBytes: how many bytes of text are read at once; many when nil.
    init(
        _ text: String, _ name: String, as type: EdgeType.Name? = .follows, format: EdgeFileFormat? = nil,
        dialect: FileDialect = FileDialect(), schema: Schema = .social, chunkBytes: Int? = nil
    ) throws {
        try self.init(Array(text.utf8), name, schema, chunkBytes) { path in
            ([.init(type: type, path: path, format: format, dialect: dialect)], [])
        }
    }

    /// Loads a file of nodes.
    init(_ text: String, _ name: String, nodes kind: NodeKind, dialect: FileDialect = FileDialect()) throws {
        try self.init(Array(text.utf8), name, .social, nil) { path in
            ([], [.init(kind: kind, path: path, dialect: dialect)])
        }
    }

    private init(
        _ text: [UInt8], _ name: String, _ schema: Schema, _ chunkBytes: Int?,
        _ files: (String) -> ([BulkLoader.EdgeFile], [BulkLoader.NodeFile])
    ) throws {
        let folder = try TemporaryFolder()
        try Data(text).write(to: URL(fileURLWithPath: folder.file(name)))
        let rows = Mutex<[String]>([])
        var loader = BulkLoader(
            schema: schema, onError: .skip,
            onReject: { row in rows.withLock { $0.append("\(row.line): \(row.error.code)") } })
        loader.pieces = chunkBytes.map {
            BulkLoader.Pieces(chunkBytes: $0, partCount: 4, recordsPerPart: 50, recordBytes: 500)
        }
        let (edgeFiles, nodeFiles) = files(folder.file(name))
        let report = try loader.load(edgeFiles, nodes: nodeFiles, into: folder.file("s.kith"))
        rejected = rows.withLock { $0 }
        file = report.files[0]
        let store = try GraphStore(opening: folder.file("s.kith"))
        var edges: [String] = []
        for type in schema.edgeTypes where report.edges[type.name] != nil {
            let path = folder.file("out.jsonl")
            try store.read { _ = try GraphExport(.jsonl).write(.edges(type.name), of: $0, toFile: path) }
            edges += try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map(LoadedFile.edge)
        }
        self.edges = edges.sorted()
        var nodes: [String] = []
        if let kind = nodeFiles.first?.kind {
            let path = folder.file("nodes.tsv")
            try store.read { _ = try GraphExport(.tsv).write(.nodes(kind), of: $0, toFile: path) }
            nodes = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").dropFirst().map(
                String.init)
        }
        self.nodes = nodes.sorted()
    }

    private static func edge(_ line: some StringProtocol) throws -> String {
        let object = try JSONDecoder().decode(Line.self, from: Data(line.utf8))
        var text = "\(object.from) \(object.to)"
        if let weight = object.weight { text += " \(weight)" }
        if let time = object.time { text += " @\(time)" }
        return text
    }

    private struct Line: Decodable {
        let from: NodeKey
        let to: NodeKey
        let weight: Float?
        let time: UInt32?
    }
}

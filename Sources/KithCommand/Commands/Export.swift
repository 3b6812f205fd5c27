import ArgumentParser
import Foundation
import Kith

/// `kith export`
struct Export: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write the graph as files that can be loaded again.",
        discussion: """
            With --edges or --nodes one file, to standard output or --output. With --folder everything: a file \
            TYPE.edges.tsv for each edge type that has edges, KIND.nodes.tsv for each kind that has nodes, and schema.json. \
            What is exported and loaded again is the same graph. All of it is of one moment.

            Examples:
              kith export people.kith --edges follows > follows.tsv
              kith export people.kith --folder dump --file-format jsonl
            """)

    @OptionGroup var store: StoreArgument
    @Option(help: "Write the edges of this type.") var edges: EdgeType.Name?
    @Option(help: "Write the keys of the nodes of this kind.") var nodes: NodeKind?
    @Option(help: "Write everything into this folder, which is made.") var folder: String?
    @Option(help: "How rows are written: tsv, csv or jsonl.") var fileFormat: EdgeFileFormat = .tsv
    @Option(help: "Where to write instead of to standard output.") var output: String?

    func validate() throws {
        let count = [edges != nil, nodes != nil, folder != nil].filter { $0 }.count
        guard count == 1 else { throw ValidationError("say one of --edges TYPE, --nodes KIND and --folder FOLDER") }
        guard output == nil || folder == nil else { throw ValidationError("--output goes with --edges or --nodes") }
    }

    func run() throws {
        let export = try GraphExport(fileFormat)
        let graph = try store.openToRead()
        try graph.read { snapshot in
            guard let folder else {
                let file = try ExportFile(output)
                if let edges {
                    unsafe try export.edges(of: edges, in: snapshot) { bytes in unsafe try file.write(bytes) }
                }
                if let nodes {
                    unsafe try export.nodes(of: nodes, in: snapshot) { bytes in unsafe try file.write(bytes) }
                }
                try file.close()
                return
            }
            guard !FileManager.default.fileExists(atPath: folder) else {
                throw GraphStoreError.storeExists(path: folder)
            }
            do {
                try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
                try writeAll(snapshot, export, to: folder)
            } catch {
                // An export that failed is none.
                try? FileManager.default.removeItem(atPath: folder)
                throw error
            }
        }
    }

    private func writeAll(_ snapshot: borrowing Snapshot, _ export: GraphExport, to folder: String) throws {
        let schema = snapshot.schema
        try Data(schema.json.utf8).write(to: URL(fileURLWithPath: folder + "/schema.json"))
        for kind in schema.nodeKinds where try snapshot.nodeCount(of: kind) > 0 {
            let file = try ExportFile("\(folder)/\(kind).nodes.\(fileFormat.rawValue)")
            unsafe try export.nodes(of: kind, in: snapshot) { bytes in unsafe try file.write(bytes) }
            try file.close()
        }
        for type in schema.edgeTypes where try snapshot.edgeCount(of: type.name) > 0 {
            let file = try ExportFile("\(folder)/\(type.name).edges.\(fileFormat.rawValue)")
            unsafe try export.edges(of: type.name, in: snapshot) { bytes in unsafe try file.write(bytes) }
            try file.close()
        }
    }
}

/// A file that is written in large pieces, or standard output.
private final class ExportFile {
    private let handle: FileHandle
    private let name: String

    init(_ path: String?) throws {
        name = path ?? "standard output"
        guard let path else {
            handle = .standardOutput
            return
        }
        guard FileManager.default.createFile(atPath: path, contents: nil),
            let handle = FileHandle(forWritingAtPath: path)
        else { throw LoadError.cannotWrite(path: path, reason: "the folder is missing or may not be written") }
        self.handle = handle
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws {
        do {
            unsafe try handle.write(contentsOf: Data(bytes))
        } catch {
            throw LoadError.cannotWrite(path: name, reason: error.localizedDescription)
        }
    }

    func close() throws {
        do {
            if name != "standard output" { try handle.close() }
        } catch {
            throw LoadError.cannotWrite(path: name, reason: error.localizedDescription)
        }
    }
}

import ArgumentParser
import Foundation
import Kith

/// `kith backup`
struct Backup: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Copy the store as it is now, while others read and write.",
        discussion: """
            The copy is on the disk and proved sound before it gets its name; it has the permissions of the store. A file \
            of that name is never overwritten.
            """)

    @OptionGroup var store: StoreArgument
    @Argument(help: "The file to make.", completion: .file()) var file: String
    @Flag(help: "Leave out free pages.") var compact = false
    @OptionGroup var output: OutputOptions

    func run() throws {
        let graph = try store.openToRead()
        let file = file
        let interruption = Interruption { Backup.removeUnfinished(file) }
        let line = output.progressLine
        defer { line.clear() }
        let total = try graph.statistics().bytes
        try line.watching("copying", total: total, unit: "bytes") {
            try graph.backup(to: file, compacting: compact, isCancelled: interruption.wasRequested)
        } measure: {
            Backup.unfinished(file).compactMap(Backup.size).max()
        }
        line.clear()
        let bytes = Backup.size(file) ?? 0
        try Report(
            json: .object([("file", .string(file)), ("bytes", .integer(bytes))]), headings: ["file", "bytes"],
            rows: [[.string(file), .integer(bytes)]]
        ).print(as: output.format)
    }

    /// What this process has written of the copy before it has its name; see ``GraphStore/backup(to:compacting:isCancelled:)``.
    private static func unfinished(_ file: String) -> [String] {
        let (folder, name) = ((file as NSString).deletingLastPathComponent, (file as NSString).lastPathComponent)
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.isEmpty ? "." : folder)) ?? []
        return names.filter { $0.hasPrefix("\(name).copying-\(getpid())-") }
            .map { (folder as NSString).appendingPathComponent($0) }
    }

    private static func removeUnfinished(_ file: String) {
        // Twice: the lock file of a copy can be made as long as the copy is there.
        for _ in 0..<2 { for path in unfinished(file) { try? FileManager.default.removeItem(atPath: path) } }
    }

    private static func size(_ path: String) -> Int? {
        (try? FileManager.default.attributesOfItem(atPath: path)[.size]) as? Int
    }
}

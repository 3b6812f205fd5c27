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
        let interruption = try Interruption { GraphStore.discardUnfinished(at: file) }
        let line = output.progressLine
        defer { line.clear() }
        try graph.backup(
            to: file, compacting: compact, onProgress: { line.show($0) }, isCancelled: interruption.wasRequested)
        Accomplishment.current.note("the copy '\(file)' is made")
        line.clear()
        let bytes = try FileManager.default.attributesOfItem(atPath: file)[.size] as? Int ?? 0
        try Report(
            json: .object([("file", .string(file)), ("bytes", .integer(bytes))]), headings: ["file", "bytes"],
            rows: [[.string(file), .integer(bytes)]]
        ).print(as: output.format)
    }
}

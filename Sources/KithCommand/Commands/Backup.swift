import ArgumentParser
import Foundation
import Kith

/// `kith backup`
struct Backup: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Copy the store as it is now, while others read and write.",
        discussion: """
            The copy is on the disk and proved sound before it gets its name; it has the permissions, the owner and the group \
            of the store, as far as you may give them, and is open to nobody the store is not open to. A file of that name \
            is never overwritten.
            """)

    @OptionGroup var store: StoreArgument
    @Argument(help: "The file to make.", completion: .file()) var file: String
    @Flag(help: "Leave out free pages.") var compact = false
    @OptionGroup var output: OutputOptions

    func run() throws {
        let graph = try store.openToRead()
        let file = file
        let interruption = try Interruption()
        let line = output.progressLine
        defer { line.clear() }
        try graph.backup(
            to: file, compacting: compact, onProgress: { line.show($0) }, isCancelled: interruption.wasRequested)
        Accomplishment.current.note("the copy '\(file)' is made")
        line.clear()
        let bytes = try byteCount(of: file)
        try Report(
            json: .object([("file", .string(file)), ("bytes", .integer(bytes))]), headings: ["file", "bytes"],
            rows: [[.string(file), .integer(bytes)]]
        ).print(as: output.format)
    }
}

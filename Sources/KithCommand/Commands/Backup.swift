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
    @Argument(help: "The file to make.") var file: String
    @Flag(help: "Leave out free pages.") var compact = false
    @OptionGroup var output: OutputOptions

    func run() throws {
        try store.openToRead().backup(to: file, compacting: compact)
        let bytes = try FileManager.default.attributesOfItem(atPath: file)[.size] as? Int ?? 0
        try Report(
            json: .object([("file", .string(file)), ("bytes", .integer(bytes))]), headings: ["file", "bytes"],
            rows: [[.string(file), .integer(bytes)]]
        ).print(as: output.format)
    }
}

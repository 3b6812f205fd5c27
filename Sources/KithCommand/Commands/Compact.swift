import ArgumentParser
import Foundation
import Kith

/// `kith compact`
struct Compact: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write the store anew without free pages; with --reorder number its nodes anew too.",
        discussion: """
            --reorder gives the most followed nodes the smallest ids again, as a load does: lists become smaller and \
            recommendations faster after many additions. "next" places of pages are then no longer good.

            The store is proved sound first, as by 'check'. Nobody else may have it open. The old file stays until the new \
            one is whole; Ctrl-C leaves it as it was. A store of an older format version keeps it; --reorder takes one of \
            this version only: see 'kith upgrade'.
            """)

    @OptionGroup var store: StoreArgument
    @Flag(help: "Number the nodes anew, the most followed first.") var reorder = false
    @Option(
        help: ArgumentHelp(
            "How much memory a reordering takes, such as 512M; half of what is free unless given.", valueName: "bytes"))
    var memory: ByteCount?
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard memory == nil || reorder else { throw ValidationError("--memory goes with --reorder") }
    }

    func run() throws {
        try store.begin()
        let path = store.store
        let before = try byteCount(of: path)
        let interruption = try Interruption()
        let line = output.progressLine
        defer { line.clear() }
        if reorder {
            try GraphStore.reorder(
                path,
                by: BulkLoader(
                    options: .init(verification: store.verification), memoryBytes: memory?.bytes,
                    onProgress: { line.show($0) }, isCancelled: interruption.wasRequested))
        } else {
            try GraphStore.compact(
                path, options: .init(verification: store.verification), onProgress: { line.show($0) },
                isCancelled: interruption.wasRequested)
        }
        Accomplishment.current.note("'\(path)' is written anew")
        line.clear()
        let after = try byteCount(of: path)
        try Report(
            json: .object([("bytesBefore", .integer(before)), ("bytes", .integer(after))]),
            headings: ["bytes before", "bytes"], rows: [[.integer(before), .integer(after)]]
        ).print(as: output.format)
    }
}

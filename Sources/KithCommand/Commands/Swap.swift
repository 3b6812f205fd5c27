import ArgumentParser
import Kith

/// `kith swap`
struct Swap: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Put another store in the place of this one, while others read and write.",
        discussion: """
            The new store is proved sound first, as 'kith check' does, and nobody may have it open. It gets owner, group and \
            permissions of STORE and then, while no writer is at it, the name. A symbolic link stays and its target is \
            replaced. Who has STORE open is told so before the next write and within a tenth of a second of reading, or goes \
            on with the new store where it was opened to follow. NEW is gone then: its file has the name STORE. What was written to STORE after NEW was made is lost. \
            Both have the same format version, which 'kith upgrade' sees to.

            Never replace a store that is open by 'mv' or 'cp': writes would go on into a file without a name.

            Examples:
              kith load new.kith --edges follows=today.tsv && kith swap people.kith new.kith   # a fresh load
              kith backup copy.kith new.kith && kith swap people.kith new.kith                  # a backup, restored
            """)

    @OptionGroup var store: StorePath
    @Argument(help: "The store to put in its place, on the same file system.", completion: .file()) var new: String
    @OptionGroup var output: OutputOptions

    func run() throws {
        // Results go behind what the new store holds as soon as they go into its file.
        try StorePath.checkStreams(ProtectedFiles(store: store.store, inputs: [new]))
        let interruption = try Interruption {}
        let line = output.progressLine
        defer { line.clear() }
        let before = try byteCount(of: store.store)
        try GraphStore.replace(
            at: store.store, with: new, onProgress: { line.show($0) }, isCancelled: interruption.wasRequested)
        line.clear()
        Accomplishment.current.note("'\(store.store)' is replaced")
        let after = try byteCount(of: store.store)
        try Report(
            json: .object([("bytesBefore", .integer(before)), ("bytes", .integer(after))]),
            headings: ["bytes before", "bytes"], rows: [[.integer(before), .integer(after)]]
        ).print(as: output.format)
    }
}

import ArgumentParser
import Foundation
import Kith

/// `kith create`
struct Create: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make a new, empty store; never overwrites.",
        discussion: """
            Its kinds of node and types of edge are those of the social schema, or of a file; 'kith schema STORE --format \
            json' prints one to start from.

            Examples:
              kith create people.kith
              kith create museum.kith --schema museum.json
            """)

    @OptionGroup var store: StorePath
    @Option(
        help: ArgumentHelp("The schema, a JSON file; the social schema unless given.", valueName: "file"),
        completion: .file())
    var schema: String?
    @OptionGroup var output: OutputOptions

    func run() throws {
        let schema = try schema.map { try readSchema($0) } ?? .social
        _ = try GraphStore(creating: store.store, schema: schema)
        Accomplishment.current.note("'\(store.store)' is created")
        let report = Report(
            json: .object([("created", .string(store.store))]), headings: ["created"], rows: [[.string(store.store)]])
        try report.print(as: output.format)
    }
}

/// Reads a schema file.
func readSchema(_ path: String) throws -> Schema {
    try Schema(json: InputFile.text(of: path))
}

/// How many bytes the file has that a name leads to.
func byteCount(of path: String) throws -> Int {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { throw GraphStoreError.noSuchStore(path: path) }
    return Int(status.st_size)
}

import Foundation
import GraphTesting
import Testing

/// The shell examples of the documents are run, each document's as one story in a folder of its own.
@Suite("A shell example")
struct ShellExampleTests {
    private static let documents = Document.all.filter { $0.blocks.contains { $0.language == "sh" } }

    /// What examples begin with. `Tools/…` is what CI runs; here it is only there.
    private static let commands = ["kith", "printf", "Tools/demo", "Tools/test"]

    @Test("does what it says, line by line, without an error", arguments: documents)
    func run(_ document: Document) throws {
        let folder = try TemporaryFolder()
        var environment = ProcessInfo.processInfo.environment
        let kith = try BuiltProgram("kith").url.deletingLastPathComponent().path
        environment["PATH"] = kith + ":" + (environment["PATH"] ?? "")
        for block in document.blocks where block.language == "sh" {
            for (offset, line) in block.lines.enumerated() {
                let place = "\(document.path):\(block.line + offset)"
                let command = line.prefix { $0 != " " }
                // Each line has a shell of its own, so what one sets for those behind it is kept here.
                if command == "export", let sign = line.firstIndex(of: "=") {
                    let name = String(line[..<sign].dropFirst("export ".count))
                    environment[name] = String(line[line.index(after: sign)...])
                    continue
                }
                guard Self.commands.contains(String(command)) else {
                    Issue.record("\(place): '\(command)' is not run by tests; let an example begin with kith")
                    continue
                }
                if command.hasPrefix("Tools/") {
                    let path = Document.root.appendingPathComponent(String(command)).path
                    #expect(FileManager.default.isExecutableFile(atPath: path), "\(place)")
                    #expect(Document.lines(of: ".ci/run").contains(String(command)), "\(place): CI does not run it")
                    continue
                }
                let outcome = try BuiltProgram(path: "/bin/sh").run(["-c", line], in: folder, environment: environment)
                #expect(outcome.code == 0, "\(place): \(line)\n\(outcome.output)")
            }
        }
    }
}

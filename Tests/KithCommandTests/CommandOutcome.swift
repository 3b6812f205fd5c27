import Foundation
import GraphTesting
import Testing

/// How one run of the built command ended, and what it said.
struct CommandOutcome {
    let code: Int32
    /// The signal it was ended by; nil when it ended by itself.
    let signal: Int32?
    let output: String
    let errors: String

    /// The output as one JSON object.
    func object() throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any])
    }
}

/// Runs the built command in a folder.
func kith(in folder: TemporaryFolder, _ arguments: String...) throws -> CommandOutcome {
    try kith(in: folder, arguments: arguments)
}

/// Runs the built command in a folder, with a file of it as standard input, with more in its environment, and under a
/// limit of the system, such as `ulimit -n 7`, that a shell sets before; standard output may go elsewhere.
func kith(
    in folder: TemporaryFolder, arguments: [String], input: String? = nil, environment: [String: String] = [:],
    limit: String? = nil, output outputPath: String? = nil
) throws -> CommandOutcome {
    let process = Process()
    process.executableURL = try builtCommand()
    process.arguments = arguments
    if let limit {
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", "\(limit) && exec \"$0\" \"$@\"", try builtCommand().path] + arguments
    }
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { _, new in new }
    process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
    let output = folder.file(".output")
    let errors = folder.file(".errors")
    for path in [output, errors] { try Data().write(to: URL(fileURLWithPath: path)) }
    process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: outputPath ?? output))
    process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: errors))
    if let input { process.standardInput = try FileHandle(forReadingFrom: URL(fileURLWithPath: folder.file(input))) }
    try process.run()
    process.waitUntilExit()
    return CommandOutcome(
        code: process.terminationStatus,
        signal: process.terminationReason == .uncaughtSignal ? process.terminationStatus : nil,
        output: try String(contentsOfFile: output, encoding: .utf8),
        errors: try String(contentsOfFile: errors, encoding: .utf8))
}

/// Writes a file of a folder.
func write(_ text: String, _ name: String, in folder: TemporaryFolder) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: folder.file(name)))
}

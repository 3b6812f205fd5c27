import Foundation
import GraphTesting
import ProcessTesting

/// A program that was built beside these tests.
struct BuiltProgram {
    /// How a run ended, and what it said on both streams.
    struct Outcome {
        let code: Int32
        let output: String
    }

    let url: URL

    init(_ name: String) throws {
        url = try Process.url(ofBuiltProgram: name)
    }

    /// A program of the machine.
    init(path: String) {
        url = URL(fileURLWithPath: path)
    }

    /// Runs it to its end.
    func run(
        _ arguments: [String] = [], in folder: TemporaryFolder, environment: [String: String]? = nil
    ) throws -> Outcome {
        let process = Process()
        process.executableURL = url
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
        if let environment { process.environment = environment }
        process.standardInput = FileHandle.nullDevice
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let said = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return Outcome(code: process.terminationStatus, output: String(decoding: said, as: UTF8.self))
    }
}

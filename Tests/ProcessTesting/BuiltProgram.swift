import Foundation

extension Process {
    /// A program that was built beside the tests, ready to run.
    public static func builtProgram(_ name: String, _ arguments: [String]) throws -> Process {
        let process = Process()
        process.executableURL = try url(ofBuiltProgram: name)
        process.arguments = arguments
        return process
    }

    /// Where a program is that was built beside the tests.
    public static func url(ofBuiltProgram name: String) throws -> URL {
        var folder = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        for _ in 0..<4 {
            let candidate = folder.appendingPathComponent(name)
            if FileManager.default.isExecutableFile(atPath: candidate.path) { return candidate }
            folder.deleteLastPathComponent()
        }
        throw CocoaError(.fileNoSuchFile)
    }
}

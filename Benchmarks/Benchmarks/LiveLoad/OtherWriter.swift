import Foundation

/// This program started again, as the process that adds edges: see ``AddLoop``.
struct OtherWriter {
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()

    /// Starts it, and waits until it has added its first edge.
    init(
        adding added: AddLoop.Added, into path: String, scale: Int, seed: Int, pauseMilliseconds: Int
    ) throws {
        let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = [
            "--add", added.rawValue, "--into", path, "--scale", "\(scale)", "--seed", "\(seed)", "--pause",
            "\(pauseMilliseconds)",
        ]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        let said = output.fileHandleForReading.availableData
        precondition(said == AddLoop.ready, "the other writer did not begin")
    }

    /// Ends it, after the edge it is at.
    func end() throws -> AddTimes {
        try input.fileHandleForWriting.close()
        let said = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        precondition(process.terminationStatus == 0, "the other writer failed")
        return try JSONDecoder().decode(AddTimes.self, from: said)
    }
}

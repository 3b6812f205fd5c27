import Foundation

/// The store of format version 3 that is kept, and what the program that made it said of it: see `Tools/version-3-store`.
public enum OlderStore {
    private static func resource(_ name: String) throws -> Data {
        let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        return try gunzipped(tests.appendingPathComponent("KithTests/Resources/\(name)").path)
    }

    /// Puts the store there.
    public static func copy(to path: String) throws {
        try resource("version-3.kith.gz").write(to: URL(fileURLWithPath: path))
    }

    /// Lines of the record, cut at tabs.
    public static func record() throws -> [[Substring]] {
        try String(decoding: resource("version-3.tsv.gz"), as: UTF8.self).split(separator: "\n")
            .map { $0.split(separator: "\t") }
    }
}

/// What a compressed file holds.
public func gunzipped(_ path: String) throws -> Data {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["gzip", "-dc", path]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return data
}

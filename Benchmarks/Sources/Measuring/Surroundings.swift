import Foundation

/// What the environment says about a run.
public enum Surroundings {
    /// A number from a variable.
    public static func number(_ name: String, unless missing: Int) -> Int {
        guard let text = ProcessInfo.processInfo.environment[name] else { return missing }
        guard let number = Int(text) else { fatalError("\(name) needs to be a number, found '\(text)'") }
        return number
    }

    /// Numbers with commas between them, from a variable.
    public static func numbers(_ name: String, unless missing: [Int]) -> [Int] {
        guard let text = ProcessInfo.processInfo.environment[name] else { return missing }
        return text.split(separator: ",").map { part in
            guard let number = Int(part) else { fatalError("\(name) needs numbers and commas, found '\(text)'") }
            return number
        }
    }

    /// Names with commas between them, from a variable; nil when it is not set.
    public static func names(_ name: String) -> [String]? {
        ProcessInfo.processInfo.environment[name]?.split(separator: ",").map(String.init)
    }

    /// Where the shared graphs are: `KITH_DATA`, or the folder beside the project.
    public static let data =
        ProcessInfo.processInfo.environment["KITH_DATA"]
        ?? URL(fileURLWithPath: #filePath).appendingPathComponent("../../../../../shared/data").standardized.path

    /// Runs `body` with a folder of its own, on the disk where temporary files are, and removes it afterwards.
    public static func withFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
        let folder = NSTemporaryDirectory() + "kith-benchmark-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer {
            do { try FileManager.default.removeItem(atPath: folder) } catch { note("'\(folder)' stays: \(error)") }
        }
        return try body(folder)
    }

    /// Prints what was measured on.
    public static func printMachine() {
        let cpu = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8))?
            .split(separator: "\n").first { $0.hasPrefix("model name") }?
            .split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) }
        print("\(cpu ?? "unknown processor"), \(ProcessInfo.processInfo.activeProcessorCount) cores")
    }
}

import CAllocations
import Foundation

/// Who took memory in requests that were prepared, by the names in the program's own code.
enum Callers {
    private static let shown = 12

    static func print() throws {
        var counts: [[UInt]: Int] = [:]
        for call in 0..<allocations_traced() {
            guard let trace = allocations_trace(call) else { continue }
            let frames = (0..<Int(allocations_depth)).map { UInt(trace[$0]) }.prefix { $0 != 0 }
            counts[Array(frames), default: 0] += 1
        }
        for (frames, count) in counts.sorted(by: { $0.value > $1.value }).prefix(shown) {
            Swift.print("\n\(count) calls from")
            for frame in frames {
                var offset: UInt = 0
                guard let path = allocations_locate(frame, &offset) else { continue }
                Swift.print("    " + (try symbol(String(cString: path), offset)))
            }
        }
    }

    private static func symbol(_ path: String, _ offset: UInt) throws -> String {
        let names = try run(["llvm-symbolizer", "--obj=\(path)", "--functions", "0x" + String(offset, radix: 16)])
        let name = String(names.split(separator: "\n").first ?? "??")
        let plain = try run(["swift", "demangle", "--simplified", "--compact", name])
        return plain.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private static func run(_ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return String(decoding: output, as: UTF8.self)
    }
}

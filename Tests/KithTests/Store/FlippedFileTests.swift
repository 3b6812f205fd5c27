import Foundation
import GraphTesting
import Kith
import ProcessTesting
import Testing

/// Bytes of a small store are turned over, and a process of its own tries what becomes of it: see `FlippedFiles`.
///
/// A process that dies has crashed by that flip; the next goes on behind it.
@Suite("A store of which bytes were turned over", .serialized)
struct FlippedFileTests {
    /// What the trial of one line of flips ended with, when the process lived.
    private struct Outcome {
        let flips: [Substring]
        let verdict: Substring?
    }

    /// Runs the program on lines of input; answers its output, and whether it ended by itself.
    private static func run(
        _ arguments: [String], in folder: TemporaryFolder, input: [String] = []
    ) throws -> (lines: [Substring], isOver: Bool) {
        let lines = folder.file("input")
        try (input.joined(separator: "\n") + "\n").write(toFile: lines, atomically: false, encoding: .utf8)
        let process = try Process.builtProgram("FlippedFiles", arguments)
        process.standardInput = try FileHandle(forReadingFrom: URL(fileURLWithPath: lines))
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (text.split(separator: "\n"), process.terminationReason == .exit && process.terminationStatus == 0)
    }

    /// Tries each line, with a new process behind one that died.
    private static func outcomes(of lines: [String], store: String, in folder: TemporaryFolder) throws -> [Outcome] {
        var outcomes: [Outcome] = []
        while outcomes.count < lines.count {
            let rest = Array(lines[outcomes.count...])
            let (said, isOver) = try run(["try", store, folder.path], in: folder, input: rest)
            for line in said where line.hasPrefix("ends ") {
                let words = line.dropFirst(5).split(separator: "\t")
                outcomes.append(Outcome(flips: words[1].split(separator: " "), verdict: words[0]))
            }
            if !isOver { outcomes.append(Outcome(flips: lines[outcomes.count].split(separator: " "), verdict: nil)) }
        }
        return outcomes
    }

    @Test(
        "crashes nobody; where a check calls it sound it is the same graph, and takes more",
        arguments: [(1, 40), (2, 12)])
    func flips(atOnce: Int, count: Int) throws {
        let folder = try TemporaryFolder()
        let store = folder.file("small.kith")
        #expect(try FlippedFileTests.run(["make", store], in: folder).isOver)
        let flips = Repetitions.of(count) * atOnce
        let plan = try FlippedFileTests.run(["plan", store, "\(atOnce)", "\(flips)"], in: folder).lines
        #expect(plan.count == flips)
        let lines = stride(from: 0, to: flips, by: atOnce).map {
            plan[$0..<$0 + atOnce].joined(separator: " ")
        }
        let outcomes = try FlippedFileTests.outcomes(of: lines, store: store, in: folder)
        #expect(outcomes.count == lines.count)
        for outcome in outcomes {
            // What nothing else in the file says as well: see the page on the file format.
            let isAllowed =
                ["refused", "harmless"].contains(outcome.verdict) || outcome.verdict?.hasPrefix("untold") == true
            #expect(isAllowed, "\(outcome.flips): \(outcome.verdict ?? "a crash")")
        }
        #expect(outcomes.contains { $0.verdict == "refused" })
        // Of two flips at once hardly any pair is harmless.
        if atOnce == 1 { #expect(outcomes.contains { $0.verdict == "harmless" }) }
    }
}

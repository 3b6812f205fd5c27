import Foundation
import GraphTesting
import Kith
import Testing

/// A writer in another process is killed at random moments. What it said was durable is there; the store is sound.
@Suite("A killed writer", .serialized)
struct KilledWriterTests {
    private static let rounds = Repetitions.of(100)

    /// The program that writes until it is killed.
    static func writer() throws -> URL {
        var folder = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        for _ in 0..<4 {
            let candidate = folder.appendingPathComponent("CrashingWriter")
            if FileManager.default.isExecutableFile(atPath: candidate.path) { return candidate }
            folder.deleteLastPathComponent()
        }
        throw CocoaError(.fileNoSuchFile)
    }

    @Test("loses nothing that was acknowledged, while another process reads")
    func losesNothing() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("people.kith")
        let store = try GraphStore(creating: path)
        var random = SplitMix64(seed: 99)
        var acknowledged: UInt64 = 0
        for round in 0..<KilledWriterTests.rounds {
            let process = Process()
            process.executableURL = try KilledWriterTests.writer()
            process.arguments = [path, String(acknowledged + 1)]
            let output = Pipe()
            process.standardOutput = output
            try process.run()
            usleep(UInt32.random(in: 500...25_000, using: &random))
            // This process reads while the other writes.
            let seen = try store.read { try $0.edgeCount(of: .friends) }
            #expect(seen >= Int(acknowledged))
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
            let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            // The last line may be cut off.
            let lines = text.split(separator: "\n", omittingEmptySubsequences: true)
            let whole = text.hasSuffix("\n") ? lines[...] : lines.dropLast()
            if let last = whole.last, let number = UInt64(last) { acknowledged = number }
            let problem = try store.read { snapshot -> String? in
                let count = try UInt64(snapshot.edgeCount(of: .friends))
                guard count >= acknowledged, count % 5 == 0 else {
                    return "\(count) edges after \(acknowledged) were acknowledged"
                }
                for edge in [1, acknowledged / 2, acknowledged] as [UInt64] where edge > 0 && acknowledged > 0 {
                    guard try snapshot.edge(from: NodeKey(edge), .friends, to: 0) != nil else {
                        return "edge \(edge) is missing"
                    }
                }
                // A commit that was not acknowledged may have been made.
                acknowledged = count
                return nil
            }
            #expect(problem == nil)
            if round % 20 == 0 || round == KilledWriterTests.rounds - 1 {
                #expect(try store.check().problems == [])
            }
        }
        #expect(acknowledged > 0)
    }
}

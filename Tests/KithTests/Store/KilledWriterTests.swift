import Foundation
import GraphTesting
import Kith
import ProcessTesting
import Testing

/// A writer in another process is killed at random moments. What it said was durable is there; the store is sound.
@Suite("A killed writer", .serialized)
struct KilledWriterTests {
    private static let rounds = Repetitions.of(100)

    @Test("loses nothing that was acknowledged, while another process reads")
    func losesNothing() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("people.kith")
        let store = try GraphStore(creating: path)
        var random = SplitMix64(seed: 99)
        var acknowledged: UInt64 = 0
        for round in 0..<KilledWriterTests.rounds {
            var text = ""
            let process = try Process.builtProgram("CrashingWriter", [path, String(acknowledged + 1)])
            let output = Pipe()
            process.standardOutput = output
            try process.run()
            // The moment is counted in lines that the writer says, one a commit, and then in reads of this process,
            // which fall into any part of a commit.
            let linesMin = Int.random(in: 0...6, using: &random)
            while text.count(where: { $0 == "\n" }) < linesMin {
                text += String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
            }
            for _ in 0..<Int.random(in: 1...100, using: &random) {
                let seen = try store.read { try $0.edgeCount(of: .friends) }
                #expect(seen >= Int(acknowledged))
            }
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
            text += String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
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

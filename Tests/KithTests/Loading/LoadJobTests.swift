import Foundation
import GraphTesting
import ProcessTesting
import Testing

@testable import Kith

@Suite("A load in the background")
struct LoadJobTests {
    private func input(_ folder: TemporaryFolder) throws -> String {
        let path = folder.file("e.tsv")
        let text = (0..<300_000).map { "\($0 % 5_000)\t\($0 * 7_919 % 100_003 + 5_000)\n" }.joined()
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        return path
    }

    @Test("tells how far it is, phase by phase, and what it did")
    func progress() async throws {
        let folder = try TemporaryFolder()
        let job = BulkLoader().start([.init(type: .follows, path: try input(folder))], into: folder.file("s.kith"))
        var phases: [LoadProgress.Phase] = []
        var rows = 0
        for await progress in job.progress {
            if phases.last != progress.phase { phases.append(progress.phase) }
            #expect(progress.rows >= rows)
            rows = progress.rows
            if let fraction = progress.fraction { #expect((0...1).contains(fraction)) }
        }
        let report = try await job.report
        #expect(report.rows == 300_000)
        // Whoever looks late sees the latest only; what is seen is in order.
        #expect(!phases.isEmpty)
        let order = LoadProgress.Phase.allCases
        #expect(
            phases.compactMap { order.firstIndex(of: $0) } == phases.compactMap { order.firstIndex(of: $0) }.sorted())
        #expect(try GraphStore(opening: folder.file("s.kith")).check().problems == [])
    }

    @Test("that is cancelled, by itself or with the task that waits for it, leaves nothing", arguments: [false, true])
    func cancelled(withTask: Bool) async throws {
        let folder = try TemporaryFolder()
        // It is under way until its input ends.
        let input = try OpenInput(folder.file("e.tsv"), "1\t2\n")
        let job = BulkLoader(threads: 2).start([.init(type: .follows, path: input.path)], into: folder.file("s.kith"))
        try await input.waitUntilRead()
        if withTask {
            let waiting = Task { try await job.report }
            waiting.cancel()
            // The task may not have come to the report yet.
            while !job.isCancelled.isSet { await Task.yield() }
            input.end()
            await #expect(throws: CancellationError.self) { try await waiting.value }
        } else {
            job.cancel()
            input.end()
            await #expect(throws: CancellationError.self) { try await job.report }
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["e.tsv"])
    }

    @Test("into a store that exists and is cancelled leaves it as it was, with readers going on")
    func intoStore() async throws {
        let folder = try TemporaryFolder()
        let input = try OpenInput(folder.file("e.tsv"), "1\t2\n")
        let store = try GraphStore(creating: folder.file("s.kith"))
        try store.write { graph in _ = try graph.add(1, .follows, 2) }
        let job = BulkLoader(threads: 2).start([.init(type: .follows, path: input.path)], into: folder.file("s.kith"))
        try await input.waitUntilRead()
        #expect(try store.read { try $0.edgeCount(of: .follows) } == 1)
        job.cancel()
        input.end()
        await #expect(throws: CancellationError.self) { try await job.report }
        #expect(try store.read { try $0.edgeCount(of: .follows) } == 1)
        #expect(try store.check().problems == [])
    }
}

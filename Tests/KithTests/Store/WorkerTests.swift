import Foundation
import GraphTesting
import Kith
import OperatingSystem
import Testing

/// Threads: what they do when there are some, and what is said when there are none.
@Suite("Workers")
struct WorkerTests {
    @Test("of a pool run every job once, in the order in which they came where there is one")
    func pool() {
        for workers in [1, 3] {
            let pool = WorkerPool(workersMax: workers)
            let order = Monitor<[Int]>([])
            for number in 0..<1_000 {
                pool.submit { refusal in
                    #expect(refusal == nil)
                    order.change { $0.append(number) }
                }
            }
            let found = order.wait(until: { $0.count == 1_000 }) { $0 }
            #expect(workers == 1 ? found == Array(0..<1_000) : found.sorted() == Array(0..<1_000))
        }
    }

    @Test("run at once as far as the pool lets them, and no further")
    func together() {
        let pool = WorkerPool(workersMax: 3)
        let running = Monitor((now: 0, most: 0, ended: 0))
        for _ in 0..<12 {
            pool.submit { _ in
                running.change { state in
                    state.now += 1
                    state.most = max(state.most, state.now)
                }
                // Goes on when three are here.
                running.wait(until: { $0.most == 3 }) { _ in }
                running.change { state in
                    state.now -= 1
                    state.ended += 1
                }
            }
        }
        running.wait(until: { $0.ended == 12 }) { #expect($0.most == 3) }
    }

    @Test("that find no room for their stack are an error, not a thread that never runs")
    func tooLarge() {
        #expect(throws: Worker.NotStarted.self) { try Worker(stackBytes: 1 << 46) {} }
    }

    @Test("let go of what they captured before a join returns")
    func released() throws {
        final class Captured: Sendable {}
        weak var captured: Captured?
        do {
            let object = Captured()
            captured = object
            let worker = try Worker { _ = object }
            worker.join()
        }
        #expect(captured == nil)
    }

    /// Lets the process start no more threads; false where the system does not let a process say so.
    private static func forbidThreads() -> Bool {
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        return setrlimit(__rlimit_resource_t(__RLIMIT_NPROC.rawValue), &none) == 0
    }

    @Test("that cannot be started are an error of whatever needs them, and nothing is changed")
    func none() async throws {
        let folder = try TemporaryFolder()
        try #require(chmod(folder.path, 0o777) == 0)
        try "3\t4\n5\t6\n".write(toFile: folder.file("e.tsv"), atomically: true, encoding: .utf8)
        await #expect(processExitsWith: .success) { [folder = folder.path as String] in
            // The superuser has as many threads as there are.
            guard getuid() != 0 || setuid(65_534) == 0 else { exit(2) }
            let path = folder + "/s.kith"
            let files = [BulkLoader.EdgeFile(type: .follows, path: folder + "/e.tsv")]
            let store = try GraphStore(creating: path, options: .forTests)
            try store.write { graph in _ = try graph.add(1, .follows, 2) }
            // A hang ends the process. Tasks have as many threads as they will need.
            alarm(120)
            let awake = Monitor(0)
            let count = ProcessInfo.processInfo.activeProcessorCount
            await withTaskGroup { group in
                for _ in 0..<count {
                    group.addTask {
                        awake.change { $0 += 1 }
                        awake.wait(until: { $0 == count }) { _ in }
                    }
                }
            }
            guard WorkerTests.forbidThreads() else { exit(3) }
            var refused: [String] = []
            func expectRefusal(of name: String, _ body: () async throws -> Void) async {
                do {
                    try await body()
                } catch GraphStoreError.noThread(let reason) where reason.contains("ulimit -u") {
                    refused.append(name)
                } catch {
                    print("\(name): \(error)")
                }
            }
            await expectRefusal(of: "submit") { _ = try await store.submit { graph in try graph.add(1, .follows, 3) } }
            await expectRefusal(of: "query") { _ = try await store.query { try $0.edgeCount(of: .follows) } }
            await expectRefusal(of: "recommendations") {
                try store.recommendationsForAll(
                    RecommendationRequest { FriendsOfFriends(via: .follows) }, threads: 2
                ) { _ in }
            }
            await expectRefusal(of: "backup") { try store.backup(to: folder + "/copy.kith") }
            await expectRefusal(of: "compacting backup") {
                try store.backup(to: folder + "/copy.kith", compacting: true)
            }
            await expectRefusal(of: "load") {
                _ = try BulkLoader(threads: 2).load(files, into: folder + "/new.kith")
            }
            await expectRefusal(of: "load into a store") { _ = try BulkLoader(threads: 2).load(files, into: path) }
            await expectRefusal(of: "load job") {
                _ = try await BulkLoader(threads: 2).start(files, into: folder + "/job.kith").report
            }
            await expectRefusal(of: "dry run") { _ = try BulkLoader(threads: 2).dryRun(files) }
            // What needs no thread goes on.
            guard try store.check().isSound, try store.read({ try $0.edgeCount(of: .follows) }) == 1 else { exit(4) }
            let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
            guard names == ["e.tsv", "s.kith", "s.kith-lock"] else { exit(5) }
            exit(refused.count == 9 ? 0 : 6)
        }
    }
}

import Foundation
import GraphTesting
import Kith
import ProcessTesting
import Synchronization
import Testing

/// Holds the writer's turn on a thread of its own, from the end of `init` until ``end()``.
private final class HeldWrite: Sendable {
    private let mayEnd = DispatchSemaphore(value: 0)
    private let isOver = DispatchSemaphore(value: 0)

    init(_ store: GraphStore) {
        let hasBegun = DispatchSemaphore(value: 0)
        Thread { [mayEnd, isOver] in
            #expect(throws: Never.self) {
                try store.write { graph in
                    try graph.addNode("held")
                    hasBegun.signal()
                    mayEnd.wait()
                }
            }
            isOver.signal()
        }.start()
        hasBegun.wait()
    }

    func end() {
        mayEnd.signal()
        isOver.wait()
    }
}

/// Whether something has happened.
private final class Flag: Sendable {
    private let value = Mutex(false)
    var isSet: Bool { value.withLock { $0 } }
    func set() { value.withLock { $0 = true } }
}

/// One after the other: bodies that hold on have the threads that others would wait for.
@Suite("Waiting for a writer", .serialized)
struct DeadlineTests {
    @Test("a submitted change that is cancelled throws while the writer still holds on, and its body never runs")
    func cancelledSubmit() async throws {
        let folder = try TemporaryFolder()
        let store = try GraphStore(creating: folder.file("s.kith"), options: .forTests)
        let held = HeldWrite(store)
        let hasRun = Flag()
        // The writer holds on until all tasks have been answered: a task that waited for it would wait for ever.
        for _ in 0..<3 {
            let task = Task {
                try await store.submit { graph in
                    hasRun.set()
                    try graph.addNode("late")
                }
            }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
        }
        held.end()
        try await store.submit { graph in _ = try graph.addNode("next") }
        #expect(!hasRun.isSet)
        try store.read { snapshot in
            let found = try ["held", "next", "late"].map { try snapshot.contains($0) }
            #expect(found == [true, true, false])
        }
    }

    @Test("a read whose turn has not come and is cancelled throws while others hold on, and its body never runs")
    func cancelledQuery() async throws {
        let folder = try TemporaryFolder()
        let store = try GraphStore(creating: folder.file("s.kith"), options: .forTests)
        let mayEnd = DispatchSemaphore(value: 0)
        let hasRun = Flag()
        let readers = ProcessInfo.processInfo.activeProcessorCount
        await withTaskGroup(of: Void.self) { group in
            let begun = AsyncStream<Void>.makeStream()
            for _ in 0..<readers {
                group.addTask {
                    try? await store.query { _ in
                        begun.continuation.yield()
                        mayEnd.wait()
                    }
                }
            }
            var iterator = begun.stream.makeAsyncIterator()
            for _ in 0..<readers { await iterator.next() }
            let task = Task { try await store.query { _ in hasRun.set() } }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            for _ in 0..<readers { mayEnd.signal() }
        }
        let count = try await store.query { try $0.nodeCount(of: .user) }
        #expect(count == 0)
        #expect(!hasRun.isSet)
    }

    @Test("ends with busy after the time that is given, for a write, a submitted change, a load and a new type")
    func busy() async throws {
        let folder = try TemporaryFolder()
        let path = folder.file("s.kith")
        let store = try GraphStore(creating: path, options: .forTests)
        var options = GraphStore.Options.forTests
        options.busyTimeout = .milliseconds(20)
        let impatient = try GraphStore(opening: path, options: options)
        func isBusy(_ error: any Error) -> Bool {
            if case GraphStoreError.busy = error { true } else { false }
        }
        let held = HeldWrite(store)
        #expect { try impatient.write { graph in _ = try graph.addNode("late") } } throws: { isBusy($0) }
        #expect { try impatient.add(nodeKinds: ["place"]) } throws: { isBusy($0) }
        #expect {
            try BulkLoader(options: options).load(into: path) { sink in try sink.addNode("late") }
        } throws: { isBusy($0) }
        await #expect {
            try await impatient.submit { graph in _ = try graph.addNode("late") }
        } throws: { isBusy($0) }
        held.end()
        try impatient.write { graph in _ = try graph.addNode("now") }
        let found = try store.read { snapshot in try ["now", "late"].map { try snapshot.contains($0) } }
        #expect(found == [true, false])
        #expect(try store.check().problems == [])
    }

    @Test("that is another process names it, after a second and at the end, and is over when that process is killed")
    func otherProcess() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("s.kith")
        _ = try GraphStore(creating: path, options: .forTests)
        let holder = try Process.builtProgram("CrashingWriter", [path, "hold"])
        let output = Pipe()
        holder.standardOutput = output
        try holder.run()
        defer { holder.waitUntilExit() }
        #expect(try output.fileHandleForReading.read(upToCount: 1) != nil)
        let process = holder.processIdentifier
        func isNamed(_ text: String) -> Bool {
            text.contains("process \(process) (") && text.contains("CrashingWriter \(path) hold)")
        }
        var options = GraphStore.Options.forTests
        options.busyTimeout = .milliseconds(20)
        do {
            let store = try GraphStore(opening: path, options: options)
            #expect {
                try store.write { graph in _ = try graph.addNode("late") }
            } throws: { error in
                if case GraphStoreError.busy(_, let reason) = error { isNamed(reason) } else { false }
            }
        }
        let told = Mutex<[String?]>([])
        options.busyTimeout = nil
        options.onLongWait = { name in
            told.withLock { $0.append(name) }
            kill(process, SIGKILL)
        }
        let store = try GraphStore(opening: path, options: options)
        try store.write { graph in _ = try graph.addNode("now") }
        #expect(told.withLock { $0.count } == 1 && told.withLock { $0.allSatisfy { isNamed($0 ?? "") } })
        let found = try store.read { snapshot in try ["now", "late", "held"].map { try snapshot.contains($0) } }
        #expect(found == [true, false, false])
    }
}

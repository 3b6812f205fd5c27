import Foundation
import GraphTesting
import Synchronization
import Testing

@testable import Kith

/// A listener that is told everything there is to tell.
private final class Listener: Sendable {
    private let heard = Mutex<[StoreProgress]>([])
    var told: [StoreProgress] { heard.withLock { $0 } }

    /// Runs `body`, whose work tells the listener each step.
    func hear<Result>(_ body: (@escaping @Sendable (StoreProgress) -> Void) throws -> Result) rethrows -> Result {
        try ProgressPace.$interval.withValue(.zero) {
            try body { [self] progress in heard.withLock { $0.append(progress) } }
        }
    }
}

@Suite("The progress of what is done with a whole store")
struct ProgressTests {
    /// A store of some thousand lists and more than a mebibyte, by keys that are long.
    private func store(_ folder: TemporaryFolder, nodes: UInt64 = 2_500) throws -> GraphStore {
        let path = folder.file("people.kith")
        _ = try BulkLoader(threads: 1, memoryBytes: 1 << 25).load(into: path) { sink in
            for node in 0..<nodes {
                let key = try NodeKey("\(node)".padding(toLength: 200, withPad: "\(node * 7_919)-", startingAt: 0))
                try sink.add(key, .interests, NodeKey(node % 10), weight: 1)
                try sink.add(key, .friends, NodeKey(node))
            }
        }
        return try GraphStore(opening: path)
    }

    /// Begins with nothing, grows, and ends with the whole, phase by phase; answers how many were told in each.
    private func expectWhole(_ told: [StoreProgress], phases: [StoreProgress.Phase]) -> [Int] {
        var rest = told[...]
        var counts: [Int] = []
        for phase in phases {
            let part = rest.prefix { $0.phase == phase }
            rest = rest.dropFirst(part.count)
            let fractions = part.map(\.fraction)
            #expect(fractions.first == 0 && fractions.last == 1)
            #expect(fractions == fractions.sorted())
            #expect(fractions.count { $0 == 1 } <= 2, "it says it is done, and goes on: \(fractions)")
            counts.append(part.count)
        }
        #expect(rest.isEmpty)
        #expect(told.map(\.seconds) == told.map(\.seconds).sorted())
        #expect(told.map(\.bytes) == told.map(\.bytes).sorted())
        return counts
    }

    @Test("grows from nothing to the whole in a check")
    func check() throws {
        let folder = try TemporaryFolder()
        let listener = Listener()
        _ = try listener.hear { try store(folder).check(onProgress: $0) }
        let counts = expectWhole(listener.told, phases: [.proving, .checking])
        #expect(counts[1] > 5)
        #expect(listener.told.allSatisfy { $0.bytes == 0 })
    }

    @Test("of a check is by what is walked, however many ranges the mirrors take", arguments: [1 << 30, 1 << 16])
    func steps(mirrorBytesMax: Int) throws {
        let folder = try TemporaryFolder()
        let store = try store(folder, nodes: 5_000)
        let listener = Listener()
        let isSound = try listener.hear { onProgress in
            let transaction = try store.environment.beginRead()
            var check = IntegrityCheck(
                store.tables, problemsMax: 1, mirrorBytesMax: mirrorBytesMax, telling: StoreProgressTeller(onProgress),
                isCancelled: { false })
            return try check.run(in: transaction).isSound
        }
        #expect(isSound)
        _ = expectWhole(listener.told, phases: [.checking])
        // A thousand blocks of some fifty thousand steps at most lie between two questions.
        let fractions = listener.told.map(\.fraction)
        for (before, after) in zip(fractions, fractions.dropFirst()) { #expect(after - before < 0.35) }
    }

    @Test("grows from nothing to the whole in a backup: first the copy, then its check", arguments: [false, true])
    func backup(compacting: Bool) throws {
        let folder = try TemporaryFolder()
        let listener = Listener()
        let copy = folder.file("copy.kith")
        try listener.hear { try store(folder).backup(to: copy, compacting: compacting, onProgress: $0) }
        let counts = expectWhole(listener.told, phases: [.copying, .proving, .checking])
        #expect(counts[0] > 3 && counts[2] > 5)
        #expect(try listener.told.last?.bytes == Data(contentsOf: URL(fileURLWithPath: copy)).count)
    }

    @Test("grows from nothing to the whole in a compaction: first the check, then the copy, small as that may be")
    func compaction() throws {
        let folder = try TemporaryFolder()
        let path: String
        do {
            let store = try store(folder)
            path = store.path
            try store.write { graph in for node in 10..<2_500 as Range<UInt64> { try graph.removeNode(NodeKey(node)) } }
        }
        let before = try Data(contentsOf: URL(fileURLWithPath: path)).count
        let listener = Listener()
        try listener.hear { try GraphStore.compact(path, onProgress: $0) }
        let counts = expectWhole(listener.told, phases: [.proving, .checking, .copying])
        let after = try Data(contentsOf: URL(fileURLWithPath: path)).count
        #expect(counts[2] > 2 && after < before)
        #expect(listener.told.last?.bytes == after)
    }

    @Test("is told at once and then at most ten times a second")
    func pace() throws {
        let folder = try TemporaryFolder()
        let count = Mutex(0)
        let store = try store(folder)
        let start = ContinuousClock.now
        _ = try store.check(onProgress: { _ in count.withLock { $0 += 1 } })
        let seconds = start.duration(to: .now) / .seconds(1)
        #expect(Double(count.withLock { $0 }) <= 4 + 10 * seconds)
    }
}

import Foundation
import GraphTesting
import Kith
import Testing

@Suite("A backup")
struct BackupTests {
    private static let commits: UInt64 = 1_000

    @Test("taken while a writer commits a thousand times is sound, and is the graph as some commit left it")
    func whileWriting() throws {
        let folder = try TemporaryFolder()
        let store = try GraphStore(creating: folder.file("people.kith"), options: .forTests)
        let writerEnded = DispatchSemaphore(value: 0)
        // Commit k adds the edge k -> k + 1 and moves a mark from k - 1 to k: two tables tell which state it is.
        let writer = Thread {
            defer { writerEnded.signal() }
            for number in 1...Self.commits {
                do {
                    try store.write { graph in
                        try graph.add(NodeKey(number), .follows, NodeKey(number + 1))
                        try graph.remove("mark", .friends, NodeKey(number - 1))
                        try graph.add("mark", .friends, NodeKey(number))
                    }
                } catch {
                    Issue.record(error)
                    return
                }
            }
        }
        writer.start()
        var states: [Int] = []
        while states.last != Int(Self.commits) {
            // The last one is of what the writer left.
            let isLast = writerEnded.wait(timeout: .now()) == .success
            let copy = folder.file("copy\(states.count).kith")
            try store.backup(to: copy, compacting: states.count.isMultiple(of: 2))
            states.append(try state(of: copy))
            for name in [copy, copy + "-lock"] { try? FileManager.default.removeItem(atPath: name) }
            if isLast { break }
        }
        #expect(states.last == Int(Self.commits))
        #expect(states == states.sorted())
        #expect(Set(states).count > 3, "the backups were not taken while the writer wrote")
    }

    /// The number of the commit that left the graph in `path`, which it equals in every edge.
    private func state(of path: String) throws -> Int {
        let copy = try GraphStore(opening: path)
        #expect(try copy.check().problems == [])
        let count = try copy.read { try $0.edgeCount(of: .follows) }
        var expected = ReferenceGraph(schema: .social)
        let (follows, friends) = try (type(.follows), type(.friends))
        let value = ReferenceGraph.Value(weight: 1, time: GraphStore.Options.forTests.clock().rawValue)
        for number in 0..<UInt64(count) { expected.add(follows, NodeKey(number + 1), NodeKey(number + 2), value) }
        if count > 0 { expected.add(friends, "mark", NodeKey(UInt64(count)), value) }
        let difference = try firstDifference(between: copy, and: expected)
        #expect(difference == nil)
        return count
    }

    private func type(_ name: EdgeType.Name) throws -> EdgeType {
        try #require(Schema.social.edgeType(name))
    }
}

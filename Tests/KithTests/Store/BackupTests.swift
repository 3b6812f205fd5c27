import Foundation
import GraphTesting
import Kith
import ProcessTesting
import Synchronization
import Testing

@Suite("A backup")
struct BackupTests {
    @Test("taken while a writer commits is sound, and is the graph as some commit left it")
    func whileWriting() throws {
        let folder = try TemporaryFolder()
        let store = try GraphStore(creating: folder.file("people.kith"), options: .forTests)
        let isOver = Atomic(false)
        let (permits, ended) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        // Commit k adds the edge k -> k + 1 and moves a mark from k - 1 to k: two tables tell which state it is.
        let writer = Thread {
            defer { ended.signal() }
            for number in 1...UInt64.max {
                permits.wait()
                if isOver.load(ordering: .relaxed) { return }
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
        func backUp() throws {
            let copy = folder.file("copy\(states.count).kith")
            try store.backup(to: copy, compacting: states.count.isMultiple(of: 2))
            states.append(try state(of: copy))
        }
        // Some commits beside each backup, until the backups show several states.
        try waitUntil("six backups differ") {
            for _ in 0..<200 { permits.signal() }
            try backUp()
            return Set(states).count >= 6
        }
        isOver.store(true, ordering: .relaxed)
        permits.signal()
        ended.wait()
        try backUp()
        #expect(try states.last == store.read { try $0.edgeCount(of: .follows) })
        #expect(states == states.sorted())
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

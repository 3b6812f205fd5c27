import GraphTesting
import Kith
import Testing

@Suite("Pages of neighbours")
struct NeighborPageTests {
    private func store(_ folder: TemporaryFolder, count: UInt64) throws -> GraphStore {
        let store = try GraphStore(creating: folder.file("people.kith"), options: .forTests)
        try store.write { graph in
            for number in 1...count {
                try graph.add(0, .follows, NodeKey(number), at: Timestamp(rawValue: UInt32((number * 7) % 100)))
            }
        }
        return store
    }

    @Test(
        "put one behind the other are the whole list, in order, whatever the size of a page",
        arguments: [NeighborOrder.ascending, .newestFirst], [1, 7, 100, 999, 1_000, .max])
    func coverTheList(order: NeighborOrder, limit: Int) throws {
        let folder = try TemporaryFolder()
        let store = try store(folder, count: 1_000)
        var keys: [NodeKey] = []
        var times: [Timestamp] = []
        var cursor: NeighborCursor?
        repeat {
            let page = try store.read { snapshot in
                try snapshot.neighbors(of: 0, via: .follows, order: order, limit: limit, after: cursor)
            }
            #expect(page.degree == 1_000)
            #expect(page.neighbors.count <= limit)
            keys += page.neighbors.map(\.key)
            times += page.neighbors.compactMap(\.time)
            cursor = try page.next.map { try #require(NeighborCursor($0.description)) }
        } while cursor != nil
        #expect(Set(keys).count == 1_000)
        #expect(keys.count == 1_000)
        if order == .newestFirst {
            #expect(times == times.sorted(by: >))
        } else {
            #expect(keys == (1...1_000).map { NodeKey($0) })
        }
    }

    @Test("hold the ids that a walk by groups visits, in the same order")
    func groups() throws {
        let folder = try TemporaryFolder()
        let store = try store(folder, count: 3_000)
        try store.read { snapshot in
            var visited: [UInt32] = []
            let id = try snapshot.id(of: 0)
            try snapshot.forEachNeighborGroup(of: id!, via: .follows) { group in
                for index in group.indices { visited.append(group[index]) }
            }
            let page = try snapshot.neighbors(of: 0, via: .follows, limit: 5_000)
            let expected = try page.neighbors.map { try snapshot.id(of: $0.key)!.rawValue }
            #expect(visited == expected)
        }
    }

    @Test("go on where they were when neighbours before that place come and go")
    func surviveWrites() throws {
        let folder = try TemporaryFolder()
        let store = try store(folder, count: 100)
        let first = try store.read { try $0.neighbors(of: 0, via: .follows, limit: 50) }
        try store.write { graph in
            for number in 1...20 as ClosedRange<UInt64> { try graph.remove(0, .follows, NodeKey(number)) }
            try graph.add(0, .follows, 1_000)
        }
        let rest = try store.read { try $0.neighbors(of: 0, via: .follows, limit: 100, after: first.next) }
        #expect(rest.neighbors.map(\.key) == (51...100).map { NodeKey($0) } + [1_000])
        #expect(rest.next == nil)
    }

    @Test("are refused with a limit of zero, a cursor of the other order, and by time where there is none")
    func refuseNonsense() throws {
        let folder = try TemporaryFolder()
        let store = try store(folder, count: 10)
        let next = try store.read { try $0.neighbors(of: 0, via: .follows, limit: 1) }.next
        #expect(throws: GraphStoreError.self) { try store.read { try $0.neighbors(of: 0, via: .follows, limit: 0) } }
        #expect(throws: GraphStoreError.self) {
            try store.read { try $0.neighbors(of: 0, via: .follows, order: .newestFirst, after: next) }
        }
        try store.write { graph in _ = try graph.add(0, .interests, "jazz") }
        #expect(throws: GraphStoreError.noSuchColumn("interests", column: "time")) {
            try store.read { try $0.neighbors(of: 0, via: .interests, order: .newestFirst) }
        }
        #expect(NeighborCursor("x.1") == nil)
    }
}

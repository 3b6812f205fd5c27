import GraphTesting
import Kith
import Testing

@Suite("Group commit")
struct GroupCommitTests {
    private struct Refused: Error {}

    @Test("Every task gets its own result; what throws takes back its own changes and nobody else's")
    func resultsAndErrors() async throws {
        let folder = try TemporaryFolder()
        let store = try GraphStore(creating: folder.file("people.kith"), options: .forTests)
        let outcomes = await withTaskGroup(of: (UInt64, Bool).self) { group in
            for number in 1...400 as ClosedRange<UInt64> {
                group.addTask {
                    do {
                        let isNew = try await store.submit { graph in
                            let isNew = try graph.add(NodeKey(number), .follows, 0)
                            if number % 3 == 0 { throw Refused() }
                            return isNew
                        }
                        return (number, isNew)
                    } catch {
                        return (number, false)
                    }
                }
            }
            var outcomes: [UInt64: Bool] = [:]
            for await (number, isNew) in group { outcomes[number] = isNew }
            return outcomes
        }
        #expect(outcomes.count == 400)
        for (number, isNew) in outcomes { #expect(isNew == (number % 3 != 0)) }
        try store.read { snapshot in
            let count = try snapshot.edgeCount(of: .follows)
            #expect(count == 400 - 133)
            for number in 1...400 as ClosedRange<UInt64> {
                let exists = try snapshot.contains(NodeKey(number))
                #expect(exists == (number % 3 != 0))
            }
        }
        #expect(try store.check().problems == [])
    }

    @Test("A submitted change is there when submit returns, for other stores too")
    func isThereAtOnce() async throws {
        let folder = try TemporaryFolder()
        let path = folder.file("people.kith")
        let store = try GraphStore(creating: path)
        try await store.submit { graph in _ = try graph.add("a", .friends, "b") }
        #expect(try GraphStore(opening: path).read { try $0.edge(from: "b", .friends, to: "a") } != nil)
    }

    @Test("A write inside a write is refused, not waited for")
    func writeInsideWrite() throws {
        let folder = try TemporaryFolder()
        let store = try GraphStore(creating: folder.file("people.kith"), options: .forTests)
        #expect(throws: GraphStoreError.self) {
            try store.write { _ in try store.write { _ in } }
        }
        try store.write { graph in _ = try graph.addNode("still") }
        #expect(try store.read { try $0.contains("still") })
    }
}

import Foundation
import GraphTesting
import Kith
import ProcessTesting
import Testing

@Suite("A schema that grows")
struct SchemaGrowthTests {
    private static let mentors = EdgeType("mentors", from: .user, to: .user, columns: .time)
    private static let visits = EdgeType(
        "visits", from: .user, to: "place", columns: [.weight, .time], repetition: .accumulate(halfLifeSeconds: 100))
    private static let twins = EdgeType("twins", from: "place", to: "place", isSymmetric: true)

    private func store(_ folder: TemporaryFolder) throws -> GraphStore {
        let store = try GraphStore(creating: folder.file("people.kith"), options: .forTests)
        try store.write { graph in
            for number in 1...50 as ClosedRange<UInt64> { try graph.add(0, .follows, NodeKey(number)) }
            try graph.add("ann", .friends, "ben")
        }
        return store
    }

    private func useNewTypes(_ store: GraphStore) throws {
        try store.write { graph in
            try graph.add("ann", "visits", "rome")
            try graph.add("rome", "twins", "paris")
            try graph.add("ann", "mentors", "ben")
        }
    }

    @Test("takes kinds and types into a store that is open, beside what it holds, and stays sound")
    func grow() throws {
        let folder = try TemporaryFolder()
        do {
            let store = try store(folder)
            let schema = try store.add(
                nodeKinds: ["place"], edgeTypes: [SchemaGrowthTests.visits, SchemaGrowthTests.twins])
            #expect(schema == store.schema)
            #expect(schema.nodeKinds == Schema.social.nodeKinds + ["place"])
            #expect(schema.edgeTypes == Schema.social.edgeTypes + [SchemaGrowthTests.visits, SchemaGrowthTests.twins])
            #expect(try store.check().problems == [])
            try store.add(edgeTypes: [SchemaGrowthTests.mentors])
            try useNewTypes(store)
            #expect(try store.check().problems == [])
        }
        let store = try GraphStore(opening: folder.file("people.kith"), options: .forTests)
        #expect(store.schema.edgeTypes.suffix(1) == [SchemaGrowthTests.mentors])
        try store.read { (snapshot: borrowing Snapshot) throws in
            #expect(try snapshot.degree(of: 0, via: .follows) == 50)
            #expect(try snapshot.edgeCount(of: .friends) == 1)
            #expect(try snapshot.nodeCount(of: "place") == 2)
            #expect(try snapshot.edge(from: "paris", "twins", to: "rome") != nil)
            #expect(try snapshot.edge(from: "ann", "mentors", to: "ben") != nil)
        }
        #expect(try store.statistics().edges.map(\.count).suffix(3) == [1, 1, 1])
        #expect(try store.check().problems == [])
    }

    @Test("leaves a snapshot that is open as it is; the next one has it")
    func openSnapshots() throws {
        let folder = try TemporaryFolder()
        let store = try store(folder)
        try store.read { snapshot in
            try store.add(nodeKinds: ["place"], edgeTypes: [SchemaGrowthTests.visits])
            #expect(snapshot.schema == .social)
            #expect(try snapshot.degree(of: 0, via: .follows) == 50)
            #expect(throws: GraphStoreError.self) { try snapshot.edgeCount(of: "visits") }
            #expect(try store.read { try $0.edgeCount(of: "visits") } == 0)
            #expect(try snapshot.edgeCount(of: .friends) == 1)
        }
    }

    @Test("is met by every other store over the file at its next transaction, whichever that is")
    func otherStores() async throws {
        let folder = try TemporaryFolder()
        let store = try store(folder)
        let others = try (0..<5).map { _ in
            try GraphStore(opening: folder.file("people.kith"), options: .forTests)
        }
        try store.add(
            nodeKinds: ["place"],
            edgeTypes: [SchemaGrowthTests.visits, SchemaGrowthTests.twins, SchemaGrowthTests.mentors])
        #expect(others.allSatisfy { $0.schema == .social })
        #expect(try others[0].read { try $0.nodeCount(of: "place") } == 0)
        try useNewTypes(others[1])
        #expect(try await others[2].submit { try $0.add("ben", "visits", "rome") })
        #expect(try others[3].check().problems == [])
        #expect(try others[4].statistics().edges.count == Schema.social.edgeTypes.count + 3)
        #expect(try store.read { try $0.degree(of: "rome", via: "visits", direction: .in) } == 2)
        #expect(others.allSatisfy { $0.schema == store.schema })
    }

    @Test("grows while another process writes, which goes on writing")
    func otherProcess() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("people.kith")
        let store = try GraphStore(creating: path)
        let process = try Process.builtProgram("CrashingWriter", [path, "1"])
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        defer {
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
        for number in 0..<10 {
            // A line is a commit that the other made, with the schema as it was or as it is.
            #expect(!output.fileHandleForReading.availableData.isEmpty)
            let before = try store.read { try $0.edgeCount(of: .friends) }
            try store.add(
                nodeKinds: [NodeKind("kind\(number)")],
                edgeTypes: [EdgeType(EdgeType.Name("type\(number)"), from: .user, to: NodeKind("kind\(number)"))])
            try waitUntil("20 more edges are written") {
                try #require(process.isRunning)
                return try store.read { try $0.edgeCount(of: .friends) } >= before + 20
            }
        }
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        try store.write { graph in _ = try graph.add("ann", "type9", "x") }
        #expect(try store.check().problems == [])
    }

    @Test("while threads read and write, is never seen in part")
    func threads() async throws {
        let folder = try TemporaryFolder()
        let store = try store(folder)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in 0..<4 as Range<UInt64> {
                group.addTask {
                    let own = try GraphStore(opening: folder.file("people.kith"), options: .forTests)
                    for number in 0..<50 as Range<UInt64> {
                        let types = try own.read { snapshot in
                            try snapshot.schema.edgeTypes.map { try snapshot.edgeCount(of: $0.name) }.count
                        }
                        #expect(types >= Schema.social.edgeTypes.count)
                        _ = try await own.submit { try $0.add(NodeKey(worker), .friends, NodeKey(100 + number)) }
                    }
                }
            }
            group.addTask {
                for number in 0..<10 {
                    try store.add(edgeTypes: [EdgeType(EdgeType.Name("type\(number)"), from: .user, to: .user)])
                    #expect(throws: SchemaError.self) { try store.add(nodeKinds: ["user"]) }
                }
            }
            try await group.waitForAll()
        }
        #expect(try store.read { try $0.edgeCount(of: .friends) } == 201)
        #expect(try store.check().problems == [])
    }

    @Test("refuses what makes no sense, and is as it was then")
    func refusals() throws {
        let folder = try TemporaryFolder()
        let store = try store(folder)
        #expect(throws: SchemaError.declaredTwice("user")) { try store.add(nodeKinds: ["user"]) }
        #expect(throws: SchemaError.self) { try store.add(edgeTypes: [SchemaGrowthTests.visits]) }
        #expect(throws: SchemaError.declaredTwice("mentors")) {
            try store.add(edgeTypes: [SchemaGrowthTests.mentors, SchemaGrowthTests.mentors])
        }
        #expect(throws: GraphStoreError.self) {
            try store.write { _ in _ = try store.add(edgeTypes: [SchemaGrowthTests.mentors]) }
        }
        #expect(store.schema == .social)
        #expect(try store.read { $0.schema } == .social)
        try store.add(nodeKinds: ["place"], edgeTypes: [SchemaGrowthTests.visits])
        try store.write { graph in _ = try graph.add("ann", "visits", "rome") }
        #expect(try store.check().problems == [])
    }

    @Test("reads an edge type from JSON, and says what is wrong with it")
    func json() throws {
        let text = #"{"name": "mentors", "from": "user", "to": "user", "columns": ["time"]}"#
        #expect(try EdgeType(json: text.utf8) == SchemaGrowthTests.mentors)
        #expect(throws: SchemaError.badJSON(#"at the top the key "name" is missing"#)) {
            try EdgeType(json: #"{"from": "user"}"#.utf8)
        }
    }
}

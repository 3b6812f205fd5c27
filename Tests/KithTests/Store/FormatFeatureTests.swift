import Foundation
import GraphTesting
import LMDB
import Testing

@testable import Kith

/// Another program, of a later version, sets features that this one does not know.
@Suite("A feature of the format that is not known")
struct FormatFeatureTests {
    private let folder: TemporaryFolder
    private let path: String
    private let store: GraphStore

    init() throws {
        folder = try TemporaryFolder()
        path = folder.file("people.kith")
        store = try GraphStore(creating: path, options: .forTests)
        try store.write { try $0.add("alice", .follows, "bob") }
    }

    /// Sets the features as another program would, in a transaction of its own.
    private func set(_ features: RequiredFeatures) throws {
        var transaction = try store.environment.beginWrite()
        var counters = try #require(try StoreMeta.counters(of: store.tables, in: transaction))
        counters.features = features
        try StoreMeta.put(counters, of: store.tables, in: &transaction)
        try transaction.commit()
    }

    private func refuses(_ features: FormatFeatures, isReadable: Bool, _ body: () throws -> Void) -> Bool {
        do {
            try body()
            return false
        } catch {
            return error as? GraphStoreError == .unknownFeatures(path: path, features, isReadable: isReadable)
        }
    }

    @Test("and required to read is refused by whoever reads or writes, opens or has open")
    func reading() throws {
        let features = FormatFeatures(rawValue: 1 << 63 | 1 << 3)
        try set(RequiredFeatures(toRead: features))
        let uses: [() throws -> Void] = [
            { try store.read { _ in } }, { try store.write { _ in } }, { _ = try store.add(nodeKinds: ["place"]) },
            { _ = try store.statistics() }, { _ = try GraphStore(opening: path) },
            { _ = try GraphStore(opening: path, options: .init(isReadOnly: true, verification: .structure)) },
            { _ = try GraphStore.check(path) }, { _ = try store.check() },
        ]
        for use in uses { #expect(refuses(features, isReadable: false, use)) }
        let error = GraphStoreError.unknownFeatures(path: path, features, isReadable: false)
        #expect("\(error)".contains("(3, 63), and can neither be read nor written to by it; use a newer kith"))
    }

    @Test("and required to write is refused by whoever writes, and kept by what copies the file")
    func writing() throws {
        let features = FormatFeatures(rawValue: 1 << 5)
        try set(RequiredFeatures(toWrite: features))
        let loader = BulkLoader(options: .forTests)
        let changes: [() throws -> Void] = [
            { _ = try store.write { try $0.add("alice", .follows, "carol") } },
            { _ = try store.add(nodeKinds: ["place"]) }, { _ = try store.forget("alice") },
            { _ = try loader.load(into: path) { _ in Issue.record("rows are read") } },
        ]
        for change in changes { #expect(refuses(features, isReadable: true, change)) }
        #expect(try store.read { try $0.edgeCount(of: .follows) } == 1)
        #expect(try GraphStore(opening: path).check().problems == [])
        let copy = folder.file("copy.kith")
        try store.backup(to: copy, compacting: true)
        #expect(try GraphStore(opening: copy).statistics().featuresToWrite == features)
        #expect(try store.statistics().featuresToWrite.numbers == [5])
        let error = GraphStoreError.unknownFeatures(path: path, features, isReadable: true)
        #expect("\(error)".contains("(5), and can be read by it, but not written to; use a newer kith"))
    }

    @Test("and required to write keeps a store from being numbered anew, and lets it be compacted")
    func rewriting() throws {
        let path = folder.file("other.kith")
        let features = FormatFeatures(rawValue: 1 << 7)
        do {
            let other = try GraphStore(creating: path, options: .forTests)
            var transaction = try other.environment.beginWrite()
            var counters = StoreCounters(for: other.schema)
            counters.features.toWrite = features
            try StoreMeta.put(counters, of: other.tables, in: &transaction)
            try transaction.commit()
        }
        #expect(throws: GraphStoreError.unknownFeatures(path: path, features, isReadable: true)) {
            try GraphStore.reorder(path)
        }
        try GraphStore.compact(path)
        #expect(try GraphStore(opening: path).statistics().featuresToWrite == features)
    }

    @Test("is no matter once it is gone")
    func gone() throws {
        try set(RequiredFeatures(toRead: [.init(rawValue: 2)], toWrite: [.init(rawValue: 4)]))
        #expect(throws: GraphStoreError.self) { try store.read { _ in } }
        // As the program does that knows it.
        var transaction = try store.environment.beginWrite()
        try StoreMeta.put(try counters(), of: store.tables, in: &transaction)
        try transaction.commit()
        #expect(try store.write { try $0.add("alice", .follows, "carol") })
        #expect(try store.check().problems == [])
    }

    /// The counters of the one edge of the store.
    private func counters() throws -> StoreCounters {
        var counters = StoreCounters(for: store.schema)
        counters.kinds[0] = .init(nextID: 2, nodes: 2)
        counters.edges[0] = 1
        counters.addLists(1, of: try store.tables.edges(.follows), .out)
        counters.addLists(1, of: try store.tables.edges(.follows), .in)
        return counters
    }
}

import Foundation
import GraphTesting
import LMDB
import Synchronization
import Testing

@testable import Kith

/// A store as version 3 of the format has it, made by the last program that wrote it: see `Tools/version-3-store`.
@Suite("A store of an older version")
struct OlderVersionTests {
    private let folder: TemporaryFolder
    private let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder.file("old.kith")
        try OlderStore.copy(to: path)
    }

    private static let recommenders: [Substring: Recommender] = [
        "friends-of-friends": Recommender(.friendsOfFriends, via: [.follows], score: .adamicAdar),
        "co-follow": Recommender(.coFollow, via: [.follows]), "interests": Recommender(.interests),
        "pagerank": Recommender(.pageRank, via: [.follows], pageRank: PersonalizedPageRank(tolerance: 1e-9)),
    ]

    /// What is different from the record of the program that made the store.
    private func differences(_ snapshot: borrowing Snapshot) throws -> [String] {
        var differences: [String] = []
        var expected: [String: [Substring]] = [:]
        var suggestions: [[Substring]: [[Substring]]] = [:]
        for line in try OlderStore.record() {
            if line[0] == "suggestion" {
                suggestions[Array(line[1...2]), default: []].append(Array(line[3...]))
            } else {
                expected["\(line[0]) \(line[1])", default: []].append(line[2])
            }
        }
        for (part, lines) in expected {
            let name = String(part.split(separator: " ")[1])
            let found = try exported(snapshot, part.hasPrefix("node") ? .nodes(NodeKind(name)) : .edges(.init(name)))
            if found.split(separator: "\n") != lines { differences.append(part) }
        }
        for (asked, expected) in suggestions {
            let recommender = try #require(OlderVersionTests.recommenders[asked[0]])
            let found = try snapshot.recommend(RecommendationRequest([recommender]), for: NodeKey(asked[1])).results
            let isSame = zip(found, expected).allSatisfy { found, expected in
                found.user.description == expected[0] && found.score == Double(expected[1])
            }
            if found.count != expected.count || !isSame { differences.append("\(asked)") }
        }
        if expected.count < 10 || suggestions.count < 190 { differences.append("nothing is recorded") }
        return differences
    }

    private func exported(_ snapshot: borrowing Snapshot, _ part: GraphExport.Part) throws -> String {
        var bytes = Data()
        let export = try GraphExport(.jsonl)
        switch part {
        case .nodes(let kind): _ = try export.nodes(of: kind, in: snapshot) { bytes.append(Data($0)) }
        case .edges(let type): _ = try export.edges(of: type, in: snapshot) { bytes.append(Data($0)) }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func contents() throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path)) }

    private func isOlder(_ error: any Error) -> Bool {
        error as? GraphStoreError == .olderFormatVersion(path: path, found: 3, written: 4)
    }

    @Test("is read as it is, with every answer of the program that made it", arguments: [true, false])
    func reading(isReadOnly: Bool) throws {
        let before = try contents()
        let store = try GraphStore(
            opening: path, options: .init(isReadOnly: isReadOnly, verification: .structure))
        #expect(try store.read { try differences($0) } == [])
        #expect(try store.check().problems == [])
        #expect(try GraphStore.check(path).problems == [])
        #expect(try store.statistics().formatVersion == 3)
        #expect(try contents() == before)
    }

    @Test("is not written to, by whatever writes, and says to upgrade")
    func writing() async throws {
        let before = try contents()
        let loader = BulkLoader(options: .forTests)
        // First, because it needs the store alone.
        #expect { try GraphStore.reorder(path, by: loader) } throws: { isOlder($0) }
        do {
            let store = try GraphStore(opening: path, options: .forTests)
            #expect { try store.write { try $0.add("alice", .follows, "zoe") } } throws: { isOlder($0) }
            #expect { try store.write { _ in } } throws: { isOlder($0) }
            await #expect { try await store.submit { _ = try $0.addNode("zoe") } } throws: { isOlder($0) }
            #expect { try store.add(nodeKinds: ["place"]) } throws: { isOlder($0) }
            #expect { try store.forget("alice") } throws: { isOlder($0) }
            #expect {
                try loader.load(into: path) { _ in Issue.record("rows are read for nothing") }
            } throws: { isOlder($0) }
            #expect(try store.read { try differences($0) } == [])
        }
        #expect(try contents() == before)
        let error = GraphStoreError.olderFormatVersion(path: path, found: 3, written: 4)
        #expect("\(error)".contains("kith upgrade"))
    }

    @Test("is copied and compacted, and keeps its version then")
    func copying() throws {
        let copy = folder.file("copy.kith")
        try GraphStore(opening: path, options: .init(isReadOnly: true)).backup(to: copy, compacting: true)
        try GraphStore.compact(path)
        for path in [copy, path] {
            let store = try GraphStore(opening: path, options: .init(isReadOnly: true))
            #expect(try store.statistics().formatVersion == 3)
            #expect(try store.read { try differences($0) } == [])
        }
    }

    @Test("is upgraded in one change: sound, with every answer as before, and written to from then on")
    func upgrading() throws {
        let store = try GraphStore(opening: path, options: .forTests)
        let before = try store.statistics()
        #expect(try store.upgrade() == FormatUpgrade(versionBefore: 3, version: 4))
        for store in [store, try GraphStore(opening: path, options: .init(verification: .structure))] {
            #expect(try store.read { try differences($0) } == [])
            #expect(try store.check().problems == [])
            let after = try store.statistics()
            #expect(after.formatVersion == 4 && after.featuresToRead.isEmpty && after.featuresToWrite.isEmpty)
            #expect(after.uuid == before.uuid && after.created == before.created)
            #expect(after.nodes == before.nodes && after.edges.map(\.count) == before.edges.map(\.count))
        }
        #expect(try store.upgrade() == FormatUpgrade(versionBefore: 4, version: 4))
        #expect(try store.write { try $0.add("zoe", .follows, "alice") })
        try store.add(nodeKinds: ["place"])
        try store.forget("zoe")
        #expect(try store.check().problems == [])
    }

    @Test("is upgraded when it is opened so, and not when it is opened so for reading only")
    func option() throws {
        do {
            let reading = try GraphStore(opening: path, options: .init(isReadOnly: true, upgrades: true))
            #expect(try reading.statistics().formatVersion == 3)
        }
        let waiting = try GraphStore(opening: path, options: .forTests)
        let writing = try GraphStore(opening: path, options: .init(durability: .none, upgrades: true))
        #expect(try writing.statistics().formatVersion == 4)
        #expect(try writing.write { try $0.add("zoe", .follows, "alice") })
        #expect(try waiting.read { try $0.edge(from: "zoe", .follows, to: "alice") } != nil)
    }

    @Test("is upgraded beside a reader, whose snapshot stays as it is, and beside stores that are open and go on")
    func openSnapshots() throws {
        let reader = try GraphStore(opening: path, options: .forTests)
        let writer = try GraphStore(opening: path, options: .forTests)
        try reader.read { snapshot in
            #expect(try writer.upgrade().isChange)
            #expect(try differences(snapshot) == [])
            let identity = try StoreMeta.identity(of: snapshot.tables, in: snapshot.transaction)
            #expect(try writer.statistics().uuid == identity.uuid)
        }
        #expect(try reader.statistics().formatVersion == 4)
        #expect(try reader.read { try differences($0) } == [])
    }

    @Test("is not taken for upgraded, nor upgraded for what it was, by a reader that looked at its tables before")
    func tablesBefore() throws {
        let store = try GraphStore(opening: path, options: .forTests)
        let (file, tables) = (store.file, store.tables)
        try store.upgrade()
        try store.read { snapshot in #expect(snapshot.tables.version == .four) }
        let transaction = try file.environment.beginRead()
        #expect(try file.counters(of: file.tables, in: transaction) != nil)
        #expect(try file.counters(of: tables, in: transaction) == nil)
    }

    @Test("is what it was when an upgrade is given up, or does not come to its commit")
    func unfinished() throws {
        let before = try contents()
        let store = try GraphStore(opening: path, options: .forTests)
        #expect(throws: CancellationError.self) { try store.upgrade { true } }
        do {
            var transaction = try store.environment.beginWrite()
            let counters = try #require(try StoreMeta.counters(of: store.tables, in: transaction))
            try StoreMeta.upgrade(store.tables, counters, in: &transaction)
            let (version, _) = try StoreMeta.head(in: store.tables.meta, of: path, transaction)
            #expect(version == .four)
        }
        #expect(try contents() == before)
        #expect(try store.statistics().formatVersion == 3)
        #expect(try store.read { try differences($0) } == [])
    }

    @Test("waits for who writes, and gives up when it is told to")
    func waiting() throws {
        let store = try GraphStore(opening: path, options: .init(durability: .none, busyTimeout: .zero))
        let found = Mutex<(any Error)?>(nil)
        let isDone = DispatchSemaphore(value: 0)
        do {
            let transaction = try store.environment.beginWrite()
            // A thread that writes already would be refused for that.
            Thread.detachNewThread {
                do { try store.upgrade() } catch { found.withLock { $0 = error } }
                isDone.signal()
            }
            isDone.wait()
            _ = consume transaction
        }
        let error = found.withLock { $0 }
        let isBusy = if case GraphStoreError.busy? = error { true } else { false }
        #expect(isBusy)
        #expect(try store.upgrade().isChange)
    }

    @Test("keeps the count of its erasures when it is upgraded")
    func erasures() throws {
        let store = try GraphStore(opening: path, options: .forTests)
        do {
            var transaction = try store.environment.beginWrite()
            let value: [UInt8] = [5, 1, 0, 0, 0, 0, 0, 0]
            try transaction.put(value.span.bytes, forKey: Bytes(Array("erasures".utf8)), in: store.tables.meta)
            try transaction.commit()
        }
        #expect(try GraphStore.check(path).problems == [])
        try store.upgrade()
        #expect(try store.read { try StoreMeta.erasureCount(of: $0.tables, in: $0.transaction) } == 261)
        try store.forget("alice")
        #expect(try store.read { try StoreMeta.erasureCount(of: $0.tables, in: $0.transaction) } > 261)
        #expect(try store.check().problems == [])
    }

    @Test("that is damaged in what it says of itself is not upgraded")
    func damaged() throws {
        let store = try GraphStore(opening: path, options: .forTests)
        do {
            var transaction = try store.environment.beginWrite()
            try transaction.put([1, 2, 3].span.bytes, forKey: Bytes(Array("uuid".utf8)), in: store.tables.meta)
            try transaction.commit()
        }
        #expect {
            try store.upgrade()
        } throws: { error in
            if case GraphStoreError.damaged(StoreMeta.tableName, nil, _) = error { true } else { false }
        }
        #expect(try store.read { try $0.edgeCount(of: .blocks) } == 10)
        #expect(throws: GraphStoreError.self) { try store.write { _ in } }
    }

    @Test("takes the place of, and gives it to, one of its own version only")
    func swapping() throws {
        let new = folder.file("new.kith")
        _ = try GraphStore(creating: new)
        #expect { try GraphStore.replace(at: path, with: new) } throws: { isOlder($0) }
        #expect { try GraphStore.replace(at: new, with: path) } throws: { isOlder($0) }
        let copy = folder.file("copy.kith")
        try OlderStore.copy(to: copy)
        try GraphStore.replace(at: path, with: copy)
        try GraphStore(opening: path).upgrade()
        try GraphStore.replace(at: path, with: new)
        #expect(try GraphStore(opening: path).read { try $0.nodeCount(of: .user) } == 0)
    }

    @Test("whose program has it open meets counters of a length that it refuses, whatever the schema")
    func lengths() throws {
        // A program of version 3 asks at the start of each transaction whether the counters have its schema's length, a
        // multiple of 8; where not, it reads the version again.
        for kinds in 1...4 {
            let schema = try Schema(nodeKinds: [.user, "a", "b", "c"].prefix(kinds) + [], edgeTypes: [])
            let bytes = MetaChecksum.sealed(
                StoreCounters(for: schema).bytes, forKey: Bytes(Array("counters".utf8)))
            #expect(bytes.count == StoreCounters.byteCount(of: .four, for: schema) + 4)
            #expect(bytes.count % 8 == 4 && StoreCounters.byteCount(of: .three, for: schema) % 8 == 0)
        }
        let store = try GraphStore(opening: path, options: .forTests)
        try store.upgrade()
        try store.read { snapshot in
            let format = try snapshot.transaction.value(forKey: Bytes(Array("format".utf8)), in: snapshot.tables.meta)
            #expect(format?.withUnsafeBytes { Array($0) } == [4, 0, 0, 0])
        }
    }
}

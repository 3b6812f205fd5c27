import Foundation
import GraphTesting
import Testing

@testable import Kith
@testable import LMDB

/// Whether a file has these bytes anywhere, as `grep` sees it.
private func fileContains(_ bytes: some Sequence<UInt8>, _ path: String) throws -> Bool {
    try Data(contentsOf: URL(fileURLWithPath: path)).range(of: Data(bytes)) != nil
}

@Suite("A forgotten node")
struct ErasingTests {
    private let folder: TemporaryFolder
    private var path: String { folder.file("people.kith") }

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test("leaves its key in the file when it is removed, and not when it is forgotten")
    func leavesNothing() throws {
        let store = try GraphStore(creating: path, options: .forTests)
        let integer = NodeKey(0xBEAD_FACE_5EED)
        try store.write { graph in
            for number in 1...400 as ClosedRange<UInt64> {
                try graph.add(NodeKey("neighbour-\(number)"), .follows, "evangeline-of-avalon")
                try graph.add(integer, .follows, NodeKey(integer.integer! + number))
            }
        }
        try store.write { graph in try graph.removeNode("evangeline-of-avalon") }
        #expect(try fileContains("evangeline-of-avalon".utf8, path))
        let first = try store.forget("evangeline-of-avalon")
        #expect(first.nodes == 0 && first.missing == ["evangeline-of-avalon"] && first.bytesOverwritten > 0)
        #expect(try !fileContains("evangeline-of-avalon".utf8, path))
        #expect(try fileContains(integer.encoded, path))
        let second = try store.forget(integer)
        #expect(second.nodes == 1 && second.missing == [] && second.edges == 400)
        #expect(try !fileContains(integer.encoded, path))
        let size = try Data(contentsOf: URL(fileURLWithPath: path)).count
        #expect(second.bytesScanned == size)
        #expect(second.occurrences == [:] && second.filesBeside == [])
        #expect(try store.check().problems == [])
    }

    @Test("is no separator of a branch any more", arguments: [2, 10])
    func separators(share: Int) throws {
        let store = try GraphStore(creating: path, options: .forTests)
        var random = SplitMix64(seed: UInt64(share))
        // Long keys, so that every tenth begins a block and every twentieth a page.
        let keys = (0..<1_500).map { _ in
            NodeKey.known(
                "\(UInt64.random(in: 0...UInt64.max, using: &random))-"
                    + String(repeating: "x", count: 150))
        }
        for part in stride(from: 0, to: keys.count, by: 500) {
            try store.write { graph in for key in keys[part..<part + 500] { try graph.addNode(key) } }
        }
        let forgotten = keys.sorted().enumerated().filter { $0.offset % share == 0 }.map(\.element)
        let erasure = try store.forget(forgotten)
        #expect(erasure.nodes == forgotten.count)
        // Not even the numbers that the keys begin with.
        let beginnings = ByteSearch(forgotten.map { Array($0.description.utf8.prefix(18)) })
        #expect(try !beginnings.occurs(inFileAt: path))
        #expect(try store.check().problems == [])
        #expect(try store.read { try $0.nodeCount(of: .user) } == 1_500 - forgotten.count)
    }

    @Test("that has a short name is told from others that begin with it")
    func shortNames() throws {
        let store = try GraphStore(creating: path, options: .forTests)
        try store.write { graph in
            for name in ["ann", "anna", "hannah", "a"] as [NodeKey] { try graph.add(name, .follows, "zoe") }
        }
        let erasure = try store.forget(["ann", "a"])
        #expect(erasure.nodes == 2 && erasure.edges == 2)
        #expect(Set(erasure.occurrences.keys) == ["id>key.user", "key>id.user"])
        let (ids, edges) = try store.read { snapshot in
            (
                try ["ann", "a"].compactMap { try snapshot.id(of: $0) },
                try ["anna", "hannah"].compactMap { try snapshot.edge(from: $0, .follows, to: "zoe") }
            )
        }
        #expect(ids.isEmpty && edges.count == 2)
    }

    @Test("is gone from a store that equals the graph without it: random stores")
    func equalsOracle() throws {
        for seed in 0..<Repetitions.of(3) {
            let path = folder.file("\(seed).kith")
            var random = SplitMix64(seed: UInt64(seed))
            let store = try GraphStore(creating: path, options: .forTests)
            var reference = ReferenceGraph(schema: .social)
            // No key is a part of another.
            func key(_ number: Int) -> NodeKey {
                number % 3 == 0
                    ? NodeKey(1 << 40 + UInt64(number) * 0x1_0001) : NodeKey.known("<node \(number)>")
            }
            let nodes = [20, 200, 2_000][seed % 3]
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                try store.write { graph in
                    for _ in 0..<Int.random(in: 0...nodes, using: &random) {
                        let type = reference.schema.edgeTypes.randomElement(using: &random)!
                        // A few hubs.
                        let source = key(Int.random(in: 0..<nodes, using: &random))
                        let target = key(Int.random(in: 0..<(Bool.random(using: &random) ? 4 : nodes), using: &random))
                        if type.source == type.target, source == target { continue }
                        let time: UInt32? = type.columns.contains(.time) ? 7 : nil
                        try graph.add(source, type.name, target, at: time.map { Timestamp(rawValue: $0) })
                        reference.add(type, source, target, .init(weight: 1, time: time ?? 0))
                    }
                }
            }
            let kind = reference.schema.nodeKinds.randomElement(using: &random)!
            let known = reference.nodes[kind, default: []].sorted().shuffled(using: &random)
            let forgotten = known.prefix(Int.random(in: 1...5, using: &random))
            let edges = reference.schema.edgeTypes.reduce(0) { $0 + reference.edgeCount($1) }
            let erasure = try store.forget(forgotten, kind: kind)
            for key in forgotten { reference.removeNode(key, kind: kind) }
            #expect(erasure.nodes == forgotten.count)
            #expect(edges - erasure.edges == reference.schema.edgeTypes.reduce(0) { $0 + reference.edgeCount($1) })
            #expect(try firstDifference(between: store, and: reference) == nil, "seed \(seed)")
            #expect(try store.check().problems == [], "seed \(seed)")
            // A key of one kind may be one of another, which stays.
            let others = Set(reference.nodes.values.joined())
            for key in forgotten where !others.contains(key) {
                let bytes = try #require(key.searchedBytes)
                #expect(try !fileContains(bytes, path), "seed \(seed), \(key)")
            }
        }
    }

    @Test("stays forgotten when its process writes on, in memory that had its key")
    func writingOn() throws {
        let store = try GraphStore(creating: path, options: .forTests)
        // Pages full of the key, made in memory that the next pages are made in.
        let secret = "evangeline-of-avalon"
        for round in 0..<5 {
            try store.write { graph in
                for number in 0..<500 { try graph.addNode(NodeKey.known("\(secret) \(round) \(number)")) }
            }
        }
        let keys = (0..<5).flatMap { round in (0..<500).map { NodeKey.known("\(secret) \(round) \($0)") } }
        try store.forget(keys)
        #expect(try !fileContains(secret.utf8, path))
        for number in 0..<200 as Range<UInt64> {
            try store.write { graph in try graph.add(NodeKey(number), .follows, NodeKey(number * 7 % 50 + 1_000)) }
            if number % 50 == 0 { try store.add(nodeKinds: [NodeKind("kind\(number)")]) }
        }
        #expect(try !fileContains(secret.utf8, path))
        #expect(try store.check().problems == [])
    }

    @Test("waits for a snapshot that sees it; what was done is said, and forgetting again finishes")
    func heldSnapshot() throws {
        let store = try GraphStore(creating: path, options: .forTests)
        try store.write { graph in try graph.add("evangeline-of-avalon", .follows, "zoe") }
        try store.read { snapshot in
            do {
                try store.forget("evangeline-of-avalon", readerWaitSeconds: 0)
                Issue.record("nobody can overwrite what a snapshot sees")
            } catch GraphStoreError.erasureUnfinished(let nodes, .busy(let path, let reason)) {
                #expect(nodes == 1 && path == self.path)
                #expect(reason.contains("this process") && reason.contains("commits ago"))
            }
            let edge = try snapshot.edge(from: "evangeline-of-avalon", .follows, to: "zoe")
            #expect(edge != nil)
        }
        #expect(try store.read { try $0.id(of: "evangeline-of-avalon") } == nil)
        #expect(try fileContains("evangeline-of-avalon".utf8, path))
        let erasure = try store.forget("evangeline-of-avalon")
        #expect(erasure.nodes == 0 && erasure.missing.count == 1)
        #expect(try !fileContains("evangeline-of-avalon".utf8, path))
    }

    @Test("is removed whole, in a sound store, whenever the process stops")
    func crashes() throws {
        let store = try GraphStore(creating: path, options: .forTests)
        var reference = ReferenceGraph(schema: .social)
        let follows = try #require(Schema.social.edgeType(.follows))
        for round in 0..<4 as Range<UInt64> {
            try store.write { graph in
                for number in 0..<300 as Range<UInt64> {
                    let source = NodeKey.known("person \(number * 4 + round)")
                    try graph.add(source, .follows, "evangeline-of-avalon", at: Timestamp(rawValue: 7))
                    reference.add(follows, source, "evangeline-of-avalon", .init(weight: 1, time: 7))
                }
            }
        }
        reference.removeNode("evangeline-of-avalon", kind: .user)
        let images = Images(of: path, in: folder, every: 25)
        try store.forget("evangeline-of-avalon", isCancelled: { images.take() })
        #expect(images.paths.count > 3)
        for image in images.paths {
            let store = try GraphStore(opening: image, options: .forTests)
            #expect(try firstDifference(between: store, and: reference) == nil)
            #expect(try store.check().problems == [])
            try store.forget("evangeline-of-avalon")
            #expect(try !fileContains("evangeline-of-avalon".utf8, image))
        }
    }

    /// Copies of a file, as a crash of the process would leave it.
    private final class Images: @unchecked Sendable {
        private let path: String
        private let folder: TemporaryFolder
        private let interval: Int
        private var calls = 0
        private(set) var paths: [String] = []

        init(of path: String, in folder: TemporaryFolder, every interval: Int) {
            (self.path, self.folder, self.interval) = (path, folder, interval)
        }

        /// Copies the file at the first of some calls; answers false.
        func take() -> Bool {
            calls += 1
            // The first asks before anything is done.
            guard calls > 1, calls % interval == 2 else { return false }
            let image = folder.file("image-\(calls).kith")
            guard (try? FileManager.default.copyItem(atPath: path, toPath: image)) != nil else { return false }
            paths.append(image)
            return false
        }
    }

    @Test("is removed when it is given up meanwhile, and finished by another try")
    func cancelled() throws {
        for limit in [1, 2, 10, 60] {
            let path = folder.file("\(limit).kith")
            let store = try GraphStore(creating: path, options: .forTests)
            try store.write { graph in
                for number in 0..<500 { try graph.add(NodeKey("p\(number)"), .follows, "evangeline-of-avalon") }
            }
            let calls = Calls()
            #expect(throws: CancellationError.self) {
                try store.forget("evangeline-of-avalon", isCancelled: { calls.next() >= limit })
            }
            let id = try store.read { try $0.id(of: "evangeline-of-avalon") }
            #expect((id == nil) == (limit > 1))
            #expect(try store.check().problems == [])
            try store.forget("evangeline-of-avalon")
            #expect(try !fileContains("evangeline-of-avalon".utf8, path))
        }
    }

    private final class Calls: @unchecked Sendable {
        private var count = 0

        func next() -> Int {
            count += 1
            return count
        }
    }

    @Test("of a kind that the schema does not have changes nothing")
    func unknownKind() throws {
        let store = try GraphStore(creating: path, options: .forTests)
        let commit = try store.read { $0.transaction.id }
        #expect(throws: GraphStoreError.unknownKind(NodeKind("robot"), known: store.schema.nodeKinds)) {
            try store.forget("alice", kind: NodeKind("robot"))
        }
        #expect(try store.read { $0.transaction.id } == commit)
    }

    @Test("is named in a copy beside the store, which is said; what a killed process has left is removed")
    func filesBeside() throws {
        let store = try GraphStore(creating: path, options: .forTests)
        try store.write { graph in try graph.add("evangeline-of-avalon", .follows, "zoe") }
        try store.backup(to: folder.file("people.kith.backup"))
        let stale = folder.file(".kith-temporary-0123456789abcdef")
        try FileManager.default.createDirectory(atPath: stale, withIntermediateDirectories: true)
        try Data("evangeline-of-avalon".utf8).write(to: URL(fileURLWithPath: stale + "/new"))
        let erasure = try store.forget("evangeline-of-avalon")
        #expect(erasure.filesBeside == ["people.kith.backup"])
        #expect(!FileManager.default.fileExists(atPath: stale))
    }

    @Test("keeps the file's mode, and a symbolic link to it")
    func keepsFile() throws {
        let store = try GraphStore(creating: path, options: .forTests)
        try store.write { graph in try graph.add("evangeline-of-avalon", .follows, "zoe") }
        try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: path)
        let link = folder.file("link.kith")
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: path)
        try GraphStore(opening: link, options: .forTests).forget("evangeline-of-avalon")
        #expect(try !fileContains("evangeline-of-avalon".utf8, path))
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == path)
        #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o640)
    }
}

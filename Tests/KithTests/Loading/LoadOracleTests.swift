import Foundation
import GraphTesting
import ProcessTesting
import Synchronization
import Testing

@testable import Kith

/// Loads of random files against dictionaries, whatever the format, the threads and the memory.
@Suite("A load, compared with dictionaries")
struct LoadOracleTests {
    private struct Case {
        var files: [BulkLoader.EdgeFile] = []
        var reference = ReferenceGraph(schema: .social)
        var rejected: [String] = []
        var rows = 0
        var duplicates = 0
    }

    private static let clock: Timestamp = 1_700_000_000
    /// One for all stores here. To set it to zero in the files would not do: LMDB moves entries within a page and leaves
    /// their old bytes behind, whole or in part.
    private static let identity = StoreMeta.Identity(created: clock)

    private func make(_ format: EdgeFileFormat, _ random: inout SplitMix64, in folder: TemporaryFolder) throws -> Case {
        var made = Case()
        for (number, type) in Schema.social.edgeTypes.shuffled(using: &random).prefix(3).enumerated() {
            let writer = EdgeFileText(format: format, type: type)
            let file = writer.make(Int.random(in: 0...900, using: &random), badShare: number == 0 ? 5 : 0, &random)
            var path = folder.file("\(type.name).\(format.rawValue)")
            try Data(file.text).write(to: URL(fileURLWithPath: path))
            if Bool.random(using: &random) {
                let gzip = Process()
                gzip.executableURL = URL(fileURLWithPath: "/usr/bin/env")
                gzip.arguments = ["gzip", path]
                try gzip.run()
                gzip.waitUntilExit()
                path += ".gz"
            }
            made.files.append(.init(type: type.name, path: path, format: format))
            made.rejected += file.rejected.map { "\(path):\($0.line): \($0.code)" }
            made.rows += file.rows.count + file.rejected.count
            for row in file.rows {
                let weight = try row.weight.map { Double(try #require(Float($0))) } ?? 1
                var time: UInt32 = 0
                if type.columns.contains(.time) {
                    if let text = row.time {
                        time = try Timestamp(parsing: text).rawValue
                    } else if case .accumulate = type.repetition {
                        time = LoadOracleTests.clock.rawValue
                    }
                }
                let isNew = made.reference.add(
                    type, try NodeKey(row.source), try NodeKey(row.target), .init(weight: weight, time: time),
                    inOneLoad: true)
                if !isNew { made.duplicates += 1 }
            }
        }
        return made
    }

    private func loader(threads: Int, pieces: BulkLoader.Pieces?) -> BulkLoader {
        var loader = BulkLoader(
            options: .init(clock: { LoadOracleTests.clock }), onError: .skip, threads: threads)
        loader.pieces = pieces
        loader.identity = LoadOracleTests.identity
        return loader
    }

    /// Pieces so small that a few hundred rows are many: every boundary is crossed, and nearly all records are spilled.
    private static let tiny = BulkLoader.Pieces(
        chunkBytes: 300, partCount: 4, recordsPerPart: 40, recordBytes: 600, recordsInMemory: 20)
    private static let some = BulkLoader.Pieces(
        chunkBytes: 2_000, partCount: 8, recordsPerPart: 300, recordBytes: 9_000, recordsInMemory: 100)

    @Test(
        "is the same for every format, one to eight threads and any memory, to the byte",
        arguments: EdgeFileFormat.general, 0..<Repetitions.of(2))
    func equalsDictionaries(format: EdgeFileFormat, seed: Int) throws {
        let folder = try TemporaryFolder()
        var random = SplitMix64(seed: UInt64(1_000 + seed))
        let made = try make(format, &random, in: folder)
        var first: Data?
        for threads in [1, 2, 3, 8] {
            let pieces = [nil, LoadOracleTests.tiny, LoadOracleTests.some][(threads + seed) % 3]
            let path = folder.file("\(threads).kith")
            let rejected = Mutex<[String]>([])
            var loader = loader(threads: threads, pieces: pieces)
            loader.onReject = { row in rejected.withLock { $0.append("\(row.path):\(row.line): \(row.error.code)") } }
            let report = try loader.load(made.files, into: path)
            #expect(rejected.withLock { $0 } == made.rejected)
            #expect(report.rows == made.rows)
            if pieces != nil, report.edges.values.reduce(0, +) > 100 { #expect(report.spilledBytes > 0) }
            #expect(report.duplicates == made.duplicates)
            let store = try GraphStore(opening: path)
            #expect(try firstDifference(between: store, and: made.reference) == nil)
            #expect(try store.check().problems == [])
            let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            #expect(bytes == first ?? bytes, "\(threads) threads and \(String(describing: pieces)) gave other bytes")
            first = first ?? bytes

            loader.onError = .stop
            let stopped = folder.file("stopped.kith")
            guard let firstBad = made.rejected.first else { continue }
            let error = #expect(throws: LoadError.self) { try loader.load(made.files, into: stopped) }
            guard case .badRow(let row) = error else {
                Issue.record("\(String(describing: error)) is no bad row")
                continue
            }
            #expect("\(row.path):\(row.line): \(row.error.code)" == firstBad)
            #expect(!FileManager.default.fileExists(atPath: stopped))
        }
    }

    @Test("into a store that is there adds to it as single edges would", arguments: 0..<Repetitions.of(6))
    func intoStore(seed: Int) throws {
        let folder = try TemporaryFolder()
        var random = SplitMix64(seed: UInt64(2_000 + seed))
        let format = EdgeFileFormat.general[seed % EdgeFileFormat.general.count]
        let path = folder.file("s.kith")
        var made = try make(format, &random, in: folder)
        let pieces = [nil, LoadOracleTests.tiny][seed % 2]
        _ = try loader(threads: 2, pieces: pieces).load(made.files, into: path)
        let second = try TemporaryFolder()
        let more = try make(.jsonl, &random, in: second)
        var duplicates = more.duplicates
        for type in Schema.social.edgeTypes {
            for (source, targets) in more.reference.edges[type.name, default: [:]] {
                for (target, value) in targets where !type.isSymmetric || source <= target {
                    if !made.reference.add(type, source, target, value) { duplicates += 1 }
                }
            }
        }
        let report = try loader(threads: 3, pieces: pieces).load(more.files, into: path)
        let store = try GraphStore(opening: path)
        #expect(try firstDifference(between: store, and: made.reference) == nil)
        #expect(try store.check().problems == [])
        #expect(report.duplicates == duplicates)
    }

    @Test("from code is the load of a file with the same rows")
    func fromCode() throws {
        let folder = try TemporaryFolder()
        var random = SplitMix64(seed: 3)
        let rows = (0..<70_000).map { _ in
            (UInt64.random(in: 0..<3_000, using: &random), UInt64.random(in: 3_000..<6_000, using: &random))
        }
        let text = rows.map { "\($0.0)\tn\($0.1)\n" }.joined()
        try Data(text.utf8).write(to: URL(fileURLWithPath: folder.file("e.tsv")))
        _ = try loader(threads: 2, pieces: nil).load(
            [.init(type: .follows, path: folder.file("e.tsv"))], into: folder.file("file.kith"))
        let report = try loader(threads: 2, pieces: nil).load(into: folder.file("code.kith")) { sink in
            for (source, target) in rows { try sink.add(NodeKey(source), .follows, NodeKey("n\(target)")) }
        }
        #expect(report.rows == 70_000)
        let one = try Data(contentsOf: URL(fileURLWithPath: folder.file("file.kith")))
        let other = try Data(contentsOf: URL(fileURLWithPath: folder.file("code.kith")))
        #expect(one == other)

        #expect(throws: GraphStoreError.selfLoop(.follows, 1)) {
            try BulkLoader().load(into: folder.file("x.kith")) { sink in
                try sink.add(1, .follows, 2)
                try sink.add(1, .follows, 1)
            }
        }
        #expect(!FileManager.default.fileExists(atPath: folder.file("x.kith")))
    }

    @Test("numbers nodes by in-degree, then by key: integers by value, then strings by bytes")
    func order() throws {
        let folder = try TemporaryFolder()
        var random = SplitMix64(seed: 5)
        var followers: [NodeKey: Set<NodeKey>] = [:]
        let names = try (0..<400).map { number in
            number % 2 == 0
                ? NodeKey(UInt64.random(in: 0...UInt64.max, using: &random) >> UInt64(number % 60))
                : try NodeKey("same-prefix-\(number * 7919 % 1000)")
        }
        let path = folder.file("s.kith")
        _ = try BulkLoader().load(into: path) { sink in
            for key in names {
                try sink.addNode(key)
                followers[key] = followers[key] ?? []
            }
            for _ in 0..<900 {
                guard let source = names.randomElement(using: &random),
                    let target = names.randomElement(using: &random), source != target
                else { continue }
                try sink.add(source, .follows, target)
                followers[target, default: []].insert(source)
            }
        }
        let expected = followers.keys.sorted {
            let (left, right) = (followers[$0, default: []].count, followers[$1, default: []].count)
            return left == right ? $0 < $1 : left > right
        }
        let store = try GraphStore(opening: path)
        let found = try store.read { snapshot in
            try expected.indices.map { try #require(try snapshot.key(of: NodeID(rawValue: UInt32($0)))) }
        }
        #expect(found == expected)
    }
}

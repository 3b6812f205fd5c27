import Foundation
import GraphTesting
import ProcessTesting
import Synchronization
import Testing

@testable import Kith

/// Files with bytes changed, cut off, doubled and mixed: no crash, every reject named, and the same result however the
/// file is cut into chunks and whoever reads them.
@Suite("The readers, fuzzed")
struct EdgeFileFuzzTests {
    private struct Outcome: Equatable {
        var rejects: [String] = []
        var failure: String?
        var report: BulkLoader.Report?
        var edges: [String] = []
    }

    /// What may be wrong with a row.
    static let codes: Set<String> = [
        "too-few-columns", "too-many-columns", "bad-key", "bad-weight", "bad-time", "self-loop", "bad-json",
        "open-quote", "text-after-quote", "record-too-long", "unknown-edge-type", "unreadable", "bad-index",
        "bad-dictionary", "lone-delimiter", "quoted-field", "row-or-comment",
    ]

    private func load(
        _ path: String, _ format: EdgeFileFormat, _ part: GraphExport.Part, _ pieces: BulkLoader.Pieces?, threads: Int,
        in folder: TemporaryFolder
    ) throws -> Outcome {
        let rejects = Mutex<[String]>([])
        var loader = BulkLoader(
            options: .init(clock: { 1_700_000_000 }), onError: .skip, threads: threads,
            onReject: { row in rejects.withLock { $0.append("\(row.line) \(row.error.code) \(row.text)") } })
        loader.pieces = pieces
        var outcome = Outcome()
        let store = folder.file("s.kith")
        do {
            var report =
                switch part {
                case .edges(let type): try loader.load([.init(type: type, path: path, format: format)], into: store)
                case .nodes(let kind):
                    try loader.load([], nodes: [.init(kind: kind, path: path, format: format)], into: store)
                }
            #expect(Set(report.rejected.keys).isSubset(of: EdgeFileFuzzTests.codes))
            report.spilledBytes = 0
            outcome.report = report
            try GraphStore(opening: store).read(at: 0) { snapshot in
                for id in 0..<(try snapshot.nodeCount(of: .user)) {
                    guard let key = try snapshot.key(of: NodeID(rawValue: UInt32(id))) else { continue }
                    outcome.edges.append("\(key)")
                    for type in Schema.social.edgeTypes where type.source == .user {
                        try snapshot.forEachNeighbor(of: key, via: type.name) { neighbor, weight, time in
                            outcome.edges.append("\(key) \(type.name) \(neighbor) \(weight) \(time)")
                        }
                    }
                }
            }
            try FileManager.default.removeItem(atPath: store)
            try FileManager.default.removeItem(atPath: store + "-lock")
        } catch let error as LoadError {
            outcome.failure = "\(error)"
        }
        outcome.rejects = rejects.withLock { $0 }
        return outcome
    }

    @Test(
        "however a damaged file is cut into chunks, the result is the same", arguments: EdgeFileFormat.general,
        0..<Repetitions.of(3))
    func mutated(format: EdgeFileFormat, seed: Int) throws {
        let folder = try TemporaryFolder()
        var random = SplitMix64(seed: UInt64(90_000 + seed))
        let types: [EdgeType.Name] = [.follows, .interacts]
        let name = types[seed % 2]
        let type = try #require(Schema.social.edgeType(name))
        let file = EdgeFileText(format: format, type: type).make(120, badShare: 3, &random)
        for _ in 0..<4 {
            let path = folder.file("e")
            try Data(MutatedText.of(file.text, &random)).write(to: URL(fileURLWithPath: path))
            try expectSame(path, format, .edges(name), in: folder)
        }
    }

    @Test(
        "so it is for damaged files of nodes, of edges of all types, and with the headers of neo4j-admin",
        arguments: EdgeFileFormat.general, 0..<Repetitions.of(1))
    func mutatedExports(format: EdgeFileFormat, seed: Int) throws {
        let folder = try TemporaryFolder()
        var random = SplitMix64(seed: UInt64(92_000 + seed))
        _ = try BulkLoader().load(into: folder.file("whole.kith")) { sink in
            for _ in 0..<100 {
                let type: EdgeType.Name = [.follows, .interacts, .blocks].randomElement(using: &random) ?? .follows
                let source = UInt64.random(in: 0..<30, using: &random)
                let target = try NodeKey("user-\(UInt64.random(in: 0..<20, using: &random))")
                try sink.add(NodeKey(source), type, target, at: 1_600_000_000)
            }
        }
        let store = try GraphStore(opening: folder.file("whole.kith"))
        let isTable = format == .tsv || format == .csv
        for header in isTable ? GraphExport.Header.allCases : [.plain] {
            for part in EdgeFileFormat.complete.contains(format)
                ? [.edges(nil), .nodes(.user)]
                : [.nodes(.user)]
                    as [GraphExport.Part]
            {
                let path = folder.file("e")
                let export = try GraphExport(format, header: header)
                try store.read { _ = try export.write(part, of: $0, toFile: path) }
                let text = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
                for _ in 0..<2 {
                    try Data(MutatedText.of(text, &random)).write(to: URL(fileURLWithPath: path))
                    try expectSame(path, format, part, in: folder)
                }
            }
        }
    }

    /// Expects that a file gives the same however it is cut into chunks, and whoever reads them.
    private func expectSame(
        _ path: String, _ format: EdgeFileFormat, _ part: GraphExport.Part, in folder: TemporaryFolder
    ) throws {
        let whole = try load(path, format, part, nil, threads: 1, in: folder)
        for chunkBytes in [40, 257] {
            let pieces = BulkLoader.Pieces(chunkBytes: chunkBytes, partCount: 4, recordsPerPart: 50, recordBytes: 500)
            #expect(try load(path, format, part, pieces, threads: 3, in: folder) == whole)
        }
    }

    @Test(
        "a compressed file with damaged bytes, or cut off, is refused or read; it never crashes",
        arguments: 0..<Repetitions.of(8))
    func damagedGzip(seed: Int) throws {
        let folder = try TemporaryFolder()
        var random = SplitMix64(seed: UInt64(95_000 + seed))
        let type = try #require(Schema.social.edgeType(.follows))
        let text = EdgeFileText(format: .tsv, type: type).make(3_000, badShare: 0, &random).text
        let plain = folder.file("e.tsv")
        try Data(text).write(to: URL(fileURLWithPath: plain))
        let gzip = Process()
        gzip.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        gzip.arguments = ["gzip", plain]
        try gzip.run()
        gzip.waitUntilExit()
        var bytes = Array(try Data(contentsOf: URL(fileURLWithPath: plain + ".gz")))
        if seed % 3 == 0 {
            bytes.removeLast(Int.random(in: 1..<bytes.count - 30, using: &random))
        } else {
            bytes[Int.random(in: 12..<bytes.count, using: &random)] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        }
        try Data(bytes).write(to: URL(fileURLWithPath: plain + ".gz"))
        let outcome = try load(plain + ".gz", .tsv, .edges(.follows), nil, threads: 2, in: folder)
        let failure = try #require(outcome.failure, "damage went unseen")
        #expect(failure.contains("cannot be read on"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["e.tsv.gz"])
    }

    @Test("a quote that is not closed costs its line, a line beyond a mebibyte itself; what follows is read")
    func longRecords() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("e.csv")
        let long = String(repeating: "x", count: 3 << 20)
        let rows = (0..<12_000).map { "\($0),\(String(repeating: "k", count: 100))\($0)\n" }
        let text = "1,2\n\"open,3\n4,5\n" + rows.joined() + "6,\(long)\n7,8\n"
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        let whole = try load(path, .csv, .edges(.follows), nil, threads: 1, in: folder)
        #expect(
            whole.rejects.map { $0.split(separator: " ").prefix(2).joined(separator: " ") } == [
                "2 open-quote", "12004 record-too-long",
            ])
        #expect(whole.report?.edges == [.follows: 12_003])
        let pieces = BulkLoader.Pieces(chunkBytes: 100_000, partCount: 4, recordsPerPart: 100_000, recordBytes: 1 << 22)
        #expect(try load(path, .csv, .edges(.follows), pieces, threads: 2, in: folder) == whole)
    }
}

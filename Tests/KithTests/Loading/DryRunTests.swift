import Foundation
import GraphTesting
import Testing

@testable import Kith

@Suite("A dry run")
struct DryRunTests {
    /// What a graph is like: what its keys look like, and how many rows it has.
    struct Sort: Sendable, CustomTestStringConvertible {
        let type: EdgeType.Name
        let prefix: String
        let rows: Int
        var hasColumns = false
        var testDescription: String { "\(type) \(prefix) \(rows)" }
    }

    static let sorts: [Sort] = [
        Sort(type: .follows, prefix: "", rows: 40_000), Sort(type: .friends, prefix: "", rows: 40_000),
        Sort(type: .follows, prefix: "5f0c8a6e-93b1-4d2f-8f5d-", rows: 20_000),
        Sort(type: .interacts, prefix: "", rows: 40_000, hasColumns: true),
        Sort(type: .interests, prefix: "t", rows: 10_000), Sort(type: .follows, prefix: "", rows: 3),
    ]

    private func text(_ sort: Sort) -> String {
        var random = SplitMix64(seed: 12)
        var text = ""
        for _ in 0..<sort.rows {
            // The product of two has many small ones: some nodes have long lists.
            let source = UInt64.random(in: 0..<100, using: &random) * UInt64.random(in: 1..<60, using: &random)
            let target = 6_000 + UInt64.random(in: 0..<100, using: &random) * UInt64.random(in: 1..<60, using: &random)
            text += "\(sort.prefix)\(source)\t\(sort.prefix)\(target)"
            if sort.hasColumns {
                text += "\t\(Float.random(in: 0...9, using: &random))"
                text += "\t\(UInt64.random(in: 1_690_000_000...1_700_000_000, using: &random))"
            }
            text += "\n"
        }
        return text
    }

    @Test("says what a load would report, and how large the store would be, to a few pages", arguments: sorts)
    func size(sort: Sort) throws {
        let folder = try TemporaryFolder()
        try Data(text(sort).utf8).write(to: URL(fileURLWithPath: folder.file("e.tsv")))
        let files = [BulkLoader.EdgeFile(type: sort.type, path: folder.file("e.tsv"))]
        let loader = BulkLoader(options: .init(clock: { 1_700_000_000 }), threads: 2)
        let estimate = try loader.dryRun(files)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["e.tsv"])
        let report = try loader.load(files, into: folder.file("s.kith"))
        #expect(estimate.report == report)
        let bytes = try Data(contentsOf: URL(fileURLWithPath: folder.file("s.kith"))).count
        #expect(abs(estimate.storeBytes - bytes) <= 10 * 4_096 + bytes / 50, "\(estimate.storeBytes) of \(bytes) bytes")
    }

    @Test(
        "says how much memory is enough for no temporary file; the least there is is not",
        arguments: [
            Sort(type: .follows, prefix: "", rows: 400_000), Sort(type: .interacts, prefix: "", rows: 300_000),
        ])
    func memory(sort: Sort) throws {
        let folder = try TemporaryFolder()
        let rows = (0..<sort.rows).map { "\($0 % 1_000)\t\($0 &* 7_919 % 60_000 + 1_000)\n" }.joined()
        try Data(rows.utf8).write(to: URL(fileURLWithPath: folder.file("e.tsv")))
        let files = [BulkLoader.EdgeFile(type: sort.type, path: folder.file("e.tsv"))]
        var loader = BulkLoader(threads: 2)
        let estimate = try loader.dryRun(files)
        #expect(estimate.report.spilledBytes == 0)
        loader.memoryBytes = estimate.memoryBytes
        #expect(try loader.load(files, into: folder.file("enough.kith")).spilledBytes == 0)
        loader.memoryBytes = LoadPipeline.memoryBytesMin
        #expect(try loader.load(files, into: folder.file("least.kith")).spilledBytes > 0)
    }
}

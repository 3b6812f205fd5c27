import Foundation
import Glibc
import GraphTesting
import ProcessTesting
import Testing

@testable import Kith

/// Lists of nodes with more edges than a thread may hold.
@Suite("A list longer than the memory of a thread")
struct LongListTests {
    private static let clock: Timestamp = 1_700_000_000
    private static let identity = StoreMeta.Identity(created: clock)

    private func loader(_ recordsInMemory: Int, threads: Int) -> BulkLoader {
        var loader = BulkLoader(options: .init(clock: { LongListTests.clock }), threads: threads)
        loader.pieces = .init(
            chunkBytes: 1 << 16, partCount: 4, recordsPerPart: 1_000, recordBytes: 100_000,
            recordsInMemory: recordsInMemory)
        loader.identity = LongListTests.identity
        return loader
    }

    /// One who follows, befriends and interacts with very many, is followed by them, and often so.
    private func rows(_ seed: Int) -> [(
        source: NodeKey, type: EdgeType.Name, target: NodeKey, value: ReferenceGraph.Value
    )] {
        var random = SplitMix64(seed: UInt64(seed))
        let times = (0..<50).map { _ in UInt32.random(in: 1_600_000_000...1_700_000_000, using: &random) }
        return (0..<40_000).map { _ in
            let other = NodeKey(UInt64.random(in: 1..<25_000, using: &random))
            let type = [EdgeType.Name.follows, .friends, .interacts].randomElement(using: &random) ?? .follows
            let isOut = Bool.random(using: &random)
            let weight = type == .interacts ? Double.random(in: 0...3, using: &random) : 1
            let time = times.randomElement(using: &random) ?? 0
            return (isOut ? 0 : other, type, isOut ? other : 0, .init(weight: weight, time: time))
        }
    }

    @Test("is the same store, to the byte, as one that was held whole, for any number of threads", arguments: 1...3)
    func sameBytes(threads: Int) throws {
        let folder = try TemporaryFolder()
        let rows = rows(threads)
        func load(_ recordsInMemory: Int, _ name: String) throws -> (report: BulkLoader.Report, bytes: Data) {
            let report = try loader(recordsInMemory, threads: threads).load(into: folder.file(name)) { sink in
                for row in rows {
                    try sink.add(
                        row.source, row.type, row.target, weight: row.type == .interacts ? row.value.weight : nil,
                        at: Timestamp(rawValue: row.value.time))
                }
            }
            return (report, try Data(contentsOf: URL(fileURLWithPath: folder.file(name))))
        }
        let whole = try load(.max, "whole.kith")
        for recordsInMemory in [100, 1_500, 9_000] {
            let pieces = try load(recordsInMemory, "\(recordsInMemory).kith")
            #expect(pieces.bytes == whole.bytes, "\(recordsInMemory)")
            #expect(pieces.report.edges == whole.report.edges)
            #expect(pieces.report.duplicates == whole.report.duplicates)
            #expect(pieces.report.spilledBytes > whole.report.spilledBytes)
        }
        let store = try GraphStore(opening: folder.file("100.kith"))
        #expect(try store.check().problems == [])
        #expect(try store.read { try $0.degree(of: 0, via: .follows, direction: .in) } > 4_096)
    }

    @Test("is merged into the list that a store has, in memory or part by part", arguments: [Int.max, 3_000])
    func merged(recordsInMemory: Int) throws {
        let folder = try TemporaryFolder()
        var random = SplitMix64(seed: 71)
        let type = try #require(Schema.social.edgeTypes.first { $0.name == .interacts })
        // Many into few, few into many, more than are written at a time into as many, and a list that is new.
        for (first, second) in [(100, 6_000), (9_000, 200), (40_000, 40_000), (0, 7_000)] {
            let path = folder.file("\(first)-\(second).kith")
            var reference = ReferenceGraph(schema: .social)
            for count in [first, second] {
                var keys = Set<UInt64>()
                while keys.count < count { keys.insert(UInt64.random(in: 1..<200_000, using: &random)) }
                var duplicates = 0
                let report = try loader(recordsInMemory, threads: 2).load(into: path) { sink in
                    for key in keys {
                        let (weight, time) = (Double(1 + key % 3), UInt32(1_600_000_000 + key % 1_000))
                        try sink.add(0, .interacts, NodeKey(key), weight: weight, at: Timestamp(rawValue: time))
                        if !reference.add(type, 0, NodeKey(key), .init(weight: weight, time: time)) { duplicates += 1 }
                    }
                }
                #expect(report.duplicates == duplicates)
            }
            let store = try GraphStore(opening: path, options: .init(clock: { LongListTests.clock }))
            #expect(try firstDifference(between: store, and: reference) == nil)
            #expect(try store.check().problems == [])
        }
    }

    @Test("is one edge where all its rows are of one pair; a sum that is none is refused by name")
    func onePair() throws {
        let folder = try TemporaryFolder()
        let report = try loader(10, threads: 2).load(into: folder.file("s.kith")) { sink in
            for number in 1...1_000 {
                try sink.add("a", .interacts, "b", weight: 1, at: 1_700_000_000)
                try sink.add("a", .follows, "b", at: Timestamp(rawValue: UInt32(number)))
            }
        }
        #expect(report.edges == [.interacts: 1, .follows: 1] && report.duplicates == 1_998)
        let store = try GraphStore(
            opening: folder.file("s.kith"), options: .init(clock: { LongListTests.clock }))
        let edges = try store.read { snapshot in
            try [EdgeType.Name.interacts, .follows].map { try snapshot.edge(from: "a", $0, to: "b") }
        }
        #expect(edges[0]?.weight == 1_000 && edges[1]?.time == 1_000, "\(edges)")
        #expect {
            try loader(10, threads: 2).load(into: folder.file("x.kith")) { sink in
                try sink.add("a", .interacts, "b", weight: 16_777_216, at: 5)
                for _ in 0..<100 { try sink.add("a", .interacts, "b", weight: 1, at: 5) }
                try sink.add("a", .interacts, "b", weight: 1, at: 5)
            }
        } throws: { error in
            guard case GraphStoreError.badWeightSum(.interacts, "a", "b", .notExact(sum: 16_777_317, .single)) = error
            else {
                return false
            }
            return true
        }
        #expect(!FileManager.default.fileExists(atPath: folder.file("x.kith")))
    }

    @Test("is cancelled while it is sorted; nothing is left")
    func cancelled() throws {
        let folder = try TemporaryFolder()
        var loader = loader(10, threads: 1)
        loader.isCancelled = { true }
        #expect(throws: CancellationError.self) {
            try loader.load(into: folder.file("s.kith")) { sink in
                for key in 1...1_000 as ClosedRange<UInt64> { try sink.add(NodeKey(key), .follows, 0) }
            }
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [])
    }

    @Test("takes the memory of its pieces, not of the list, while it is sorted")
    func memory() async {
        await #expect(processExitsWith: .success) {
            let folder = try TemporaryFolder()
            let count = 400_000
            let memory = LoadMemory(bytes: 0)
            let records = PartitionedRecords(partCount: 1, beside: folder.file("s.kith"), memory: memory)
            for first in stride(from: 0, to: count, by: 4_000) {
                let (ends, values) = (Column<UInt64>(count: 4_000), Column<UInt64>(count: 4_000))
                for index in 0..<4_000 {
                    ends[index] = UInt64((first + index) * 7_919 % count)
                    values[index] = UInt64(first + index)
                }
                // What is left is less than nothing, so each block goes to the file at once.
                try records.append(
                    RecordBlock(ends: ends, values: values, constant: 0, firstPart: 0, offsets: [0, 4_000]))
            }
            try records.finish()
            func most() -> Int {
                var usage = rusage()
                getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
                return usage.ru_maxrss << 10
            }
            let before = most()
            let runs = try SortedRuns(
                records, part: 0, recordsMax: 10_000, beside: folder.file("s.kith"), RadixSort(), checkCancelled: {})
            var last: UInt64?
            var seen = 0
            while let record = try runs.next() {
                guard record.ends >= last ?? 0, record.value * 7_919 % UInt64(count) == record.ends else { exit(2) }
                last = record.ends
                seen += 1
            }
            // The list takes 6.4 MB, and as much again to be sorted at once; a piece takes 0.3 MB.
            exit(seen == count && most() - before < 4 << 20 ? EXIT_SUCCESS : EXIT_FAILURE)
        }
    }
}

import Foundation
import GraphTesting
import Testing

@testable import Kith

@Suite("A sum of weights")
struct WeightSumTests {
    /// Types that add up, with and without a half-life.
    private static func schema() throws -> Schema {
        try Schema(
            nodeKinds: Schema.social.nodeKinds,
            edgeTypes: Schema.social.edgeTypes + [
                EdgeType(
                    "counts", from: .user, to: .user, columns: [.weight], repetition: .accumulate(halfLifeSeconds: nil))
            ])
    }
    private static let day: Timestamp = 1_704_067_200
    private static let types: [EdgeType.Name] = ["counts", .interacts]

    private func store(_ folder: TemporaryFolder) throws -> GraphStore {
        try GraphStore(creating: folder.file("s.kith"), schema: WeightSumTests.schema(), options: .forTests)
    }

    private func add(_ weight: Float, _ type: EdgeType.Name, to graph: inout GraphTransaction) throws {
        try graph.add("a", type, "b", weight: Double(weight), at: type == .interacts ? WeightSumTests.day : nil)
    }

    private func weight(_ type: EdgeType.Name, in store: GraphStore) throws -> Double? {
        try store.read(at: WeightSumTests.day) { snapshot in try snapshot.edge(from: "a", type, to: "b")?.weight }
    }

    @Test("that no weight can be is refused, the edge is named, and the edge stays as it was", arguments: types)
    func refused(type: EdgeType.Name) throws {
        let cases: [(first: Float, second: Float, error: WeightSumError)] = [
            (3e38, 3e38, .outOfRange), (-3e38, -3e38, .outOfRange),
            (16_777_216, 1, .notExact(sum: 16_777_217, .single)),
            (16_777_215, 2, .notExact(sum: 16_777_217, .single)),
            (-16_777_216, -1, .notExact(sum: -16_777_217, .single)),
            (0x1p60, 1, .notExact(sum: 0x1p60, .single)),
        ]
        for (first, second, error) in cases {
            let folder = try TemporaryFolder()
            let store = try store(folder)
            try store.write { graph in try add(first, type, to: &graph) }
            #expect(throws: GraphStoreError.badWeightSum(type, "a", "b", error)) {
                try store.write { graph in try add(second, type, to: &graph) }
            }
            #expect(try weight(type, in: store) == Double(first))
            // A load into the store, one list and many.
            for padding in [0, 100] {
                #expect(throws: GraphStoreError.badWeightSum(type, "a", "b", error)) {
                    try BulkLoader(options: .forTests, time: WeightSumTests.day).load(into: folder.file("s.kith")) {
                        sink in
                        try sink.add("a", type, "b", weight: Double(second))
                        for number in 0..<padding { try sink.add("a", type, NodeKey(UInt64(number)), weight: 1) }
                    }
                }
            }
            // Rows of one load, into a new store.
            #expect(throws: GraphStoreError.badWeightSum(type, "a", "b", error)) {
                try BulkLoader(schema: WeightSumTests.schema(), options: .forTests, time: WeightSumTests.day).load(
                    into: folder.file("new.kith")
                ) { sink in
                    for weight in [first, second] { try sink.add("a", type, "b", weight: Double(weight)) }
                }
            }
            #expect(!FileManager.default.fileExists(atPath: folder.file("new.kith")))
            #expect(try weight(type, in: store) == Double(first))
            #expect(try store.check().problems == [])
        }
    }

    @Test("of rows is made in double precision and rounded once", arguments: types)
    func inDouble(type: EdgeType.Name) throws {
        let folder = try TemporaryFolder()
        let loads: [(rows: [Float], sum: Float)] = [
            // One by one, each 1 would be lost.
            ([16_777_216] + Array(repeating: 1, count: 1_000), 16_778_216),
            (Array(repeating: 0.1, count: 10_000), Float(10_000 * Double(Float(0.1)))),
            ([1e30, 0.5, -1e30], 0), ([16_777_216, 1, -1], 16_777_216), ([3e38, 3e38, -3e38], 3e38),
        ]
        for (number, (rows, sum)) in loads.enumerated() {
            let path = folder.file("\(number).kith")
            _ = try BulkLoader(schema: WeightSumTests.schema(), options: .forTests, time: WeightSumTests.day).load(
                into: path
            ) { sink in
                for weight in rows { try sink.add("a", type, "b", weight: Double(weight)) }
            }
            #expect(try weight(type, in: GraphStore(opening: path, options: .forTests)) == Double(sum))
        }
    }

    @Test("of fractions, and one that fades, is rounded to the nearest weight as ever")
    func rounded() throws {
        let folder = try TemporaryFolder()
        let store = try store(folder)
        try store.write { graph in
            try add(16_777_216, "counts", to: &graph)
            try add(0.5, "counts", to: &graph)
            try graph.add("a", .interacts, "b", weight: 16_777_216, at: WeightSumTests.day)
            try graph.add(
                "a", .interacts, "b", weight: 1, at: Timestamp(rawValue: WeightSumTests.day.rawValue + 30 * 86_400))
        }
        #expect(try weight("counts", in: store) == 16_777_216)
        #expect(try weight(.interacts, in: store) == 8_388_609)
    }

    @Test("of double precision is exact up to 2^53, and refused above where it would be rounded")
    func precise() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("s.kith")
        let store = try GraphStore(creating: path, schema: .socialWithTotals, options: .forTests)
        func total() throws -> Double? { try store.read { try $0.edge(from: "a", "totals", to: "b")?.weight } }
        func load(_ weights: [Double]) throws {
            _ = try BulkLoader(options: .forTests).load(into: path) { sink in
                for weight in weights { try sink.add("a", "totals", "b", weight: weight) }
            }
        }
        try store.write { try $0.add("a", "totals", "b", weight: 16_777_216) }
        try store.write { try $0.add("a", "totals", "b", weight: 1) }
        #expect(try total() == 16_777_217)
        try load([1, 0x1p52, 0.25])
        #expect(try total() == 0x1p52 + 16_777_218)
        try load([0x1p52 - 16_777_218])
        #expect(try total() == 0x1p53)
        let error = GraphStoreError.badWeightSum("totals", "a", "b", .notExact(sum: 0x1p53, .double))
        #expect(throws: error) { try store.write { try $0.add("a", "totals", "b", weight: 1) } }
        #expect(throws: error) { try load([1]) }
        #expect(try total() == 0x1p53)
        #expect(try store.check().problems == [])
    }

    @Test("of double precision holds what a Double does within the range of a Float, to the bit")
    func preciseBits() throws {
        var random = SplitMix64(seed: 53)
        var weights: [Double] = [
            0, -0.0, 1, -1, 0.1, 0x1p24 + 1, 0x1p53 - 1, 1 / 3, Double(Float.greatestFiniteMagnitude),
            Double(Float.greatestFiniteMagnitude).nextUp, Double(Float.leastNormalMagnitude),
            Double(Float.leastNonzeroMagnitude), Double(Float.leastNormalMagnitude).nextUp, 1.0.nextUp, 1.0.nextDown,
            (0x1p-30).nextDown,
        ]
        while weights.count < 10_000 {
            let sign = Bool.random(using: &random) ? 1.0 : -1.0
            weights.append(
                sign
                    * Double(
                        sign: .plus, exponent: .random(in: -126...126, using: &random),
                        significand: .random(in: 1..<2, using: &random)))
        }
        for weight in weights {
            let value = EdgeValue(precise: weight)
            #expect(value.weight == Float(weight), "\(weight)")
            #expect(value.preciseWeight.bitPattern == weight.bitPattern, "\(weight)")
            #expect((value.time == 0) == (Double(Float(weight)) == weight), "\(weight)")
        }
        // Below the least normal Float a weight is one that a Float holds, or a Double that is as near.
        for weight in [1e-39, -1.2e-40, 3e-45] {
            let kept = EdgeValue(precise: weight).preciseWeight
            #expect(kept == weight || kept == Double(Float(weight)))
        }
        #expect(!EdgeValue(precise: 3.5e38).weight.isFinite)
    }

    @Test(
        "and a weight that a type cannot hold is refused by what it is",
        arguments: [EdgeType.Name.interests, "ratings"])
    func refusedWeights(type: EdgeType.Name) throws {
        let folder = try TemporaryFolder()
        let path = folder.file("s.kith")
        let store = try GraphStore(creating: path, schema: .socialWithTotals, options: .forTests)
        let precision = try #require(store.schema.edgeType(type)).precision
        var refused: [Double] = [.infinity, -.infinity, 1e39, -1e39, 1e-46]
        if precision == .single { refused.append(16_777_217) }
        for weight in refused {
            let error = GraphStoreError.badWeight(type, weight, precision)
            #expect(throws: error) { try store.write { try $0.add("a", type, "b", weight: weight) } }
            #expect(throws: error) {
                _ = try BulkLoader(options: .forTests).load(into: path) { try $0.add("a", type, "b", weight: weight) }
            }
        }
        let rows: [(text: String, isRead: Bool)] = [
            ("16777217", precision == .double), ("16777217.0", true), ("9007199254740993", false), ("1e39", false),
            ("18446744073709551615", false), ("18446744073709551616", true),
            ("123456789012345678901234567890", false), ("-9223372036854775809", false), ("4.289305879150052e+18", true),
            ("1e-40", precision == .single),
            ("1e-46", false), ("nan", false), ("inf", false), ("0.1", true), ("-2.5", true), ("x", false),
        ]
        for (text, isRead) in rows {
            let file = folder.file("rows.tsv")
            try "a\tb\t\(text)\n".write(toFile: file, atomically: true, encoding: .utf8)
            let load = { try BulkLoader(options: .forTests).load([.init(type: type, path: file)], into: path) }
            guard isRead else {
                #expect(throws: LoadError.self, "\(text)") { try load() }
                continue
            }
            _ = try load()
            let found = try store.read { try $0.edge(from: "a", type, to: "b")?.weight }
            let number = try #require(Double(text))
            #expect(found == (precision == .double ? number : Double(Float(number))), "\(text)")
        }
    }

    @Test("of a type with times, or without weights, is no precision to choose")
    func schemas() throws {
        let times =
            #"{"name": "t", "from": "user", "to": "user", "columns": ["weight", "time"], "precision": "double"}"#
        let none = #"{"name": "t", "from": "user", "to": "user", "precision": "double"}"#
        let other = #"{"name": "t", "from": "user", "to": "user", "columns": ["weight"], "precision": "half"}"#
        func schema(_ json: String) throws {
            _ = try Schema(nodeKinds: [.user], edgeTypes: [EdgeType(json: json.utf8)])
        }
        #expect(throws: SchemaError.preciseWithTime("t")) { try schema(times) }
        #expect(throws: SchemaError.preciseWithoutWeight("t")) { try schema(none) }
        #expect { try schema(other) } throws: { "\($0)".contains("is \"single\" or \"double\", found \"half\"") }
        #expect(try Schema(json: Schema.socialWithTotals.json.utf8) == .socialWithTotals)
    }

    @Test(
        "and every other weight is exported as text that is loaded as the same bits", arguments: EdgeFileFormat.general
    )
    func roundTrip(format: EdgeFileFormat) throws {
        guard format != .adjacency else { return }
        let folder = try TemporaryFolder()
        var random = SplitMix64(seed: 19)
        var weights: [Float] = [
            0, -0.0, .leastNonzeroMagnitude, .leastNormalMagnitude, .greatestFiniteMagnitude, 16_777_216, 16_777_218,
            0.1, 8_388_607.5,
        ]
        while weights.count < 1_000 {
            let weight = Float(bitPattern: UInt32.random(in: 0 ... .max, using: &random))
            if weight.isFinite { weights.append(weight) }
        }
        let first = try BulkLoader(options: .forTests).load(into: folder.file("s.kith")) { sink in
            for (number, weight) in weights.enumerated() {
                try sink.add("a", .interests, NodeKey(UInt64(number)), weight: Double(weight))
            }
        }
        let file = folder.file("weights.\(format.rawValue)")
        _ = try GraphStore(opening: folder.file("s.kith"), options: .forTests).read { snapshot in
            try GraphExport(format).write(.edges(.interests), of: snapshot, toFile: file)
        }
        let second = try BulkLoader(options: .forTests).load(
            [.init(type: .interests, path: file, format: format)], into: folder.file("t.kith"))
        #expect(first.edges == second.edges)
        let found = try GraphStore(opening: folder.file("t.kith"), options: .forTests).read { snapshot in
            try weights.indices.map { number in
                Float(try #require(try snapshot.edge(from: "a", .interests, to: NodeKey(UInt64(number)))?.weight))
            }
        }
        #expect(found.map(\.bitPattern) == weights.map(\.bitPattern))
    }
}

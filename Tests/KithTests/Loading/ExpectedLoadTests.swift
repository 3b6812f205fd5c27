import Foundation
import GraphTesting
import Testing

@testable import Kith

@Suite("What a load will need")
struct ExpectedLoadTests {
    /// A file of 30,000 rows in a form, and what its edges are.
    struct Form: Sendable, CustomTestStringConvertible {
        let name: String
        let type: EdgeType.Name
        let row: @Sendable (Int) -> String
        let hasValues: Bool
        var testDescription: String { "\(type) \(name)" }
    }

    static let forms: [Form] = [
        Form(name: "e.tsv", type: .follows, row: { "\($0)\t\($0 + 1)\n" }, hasValues: false),
        Form(
            name: "e.tsv", type: .friends, row: { "\($0)\t\($0 + 1)\t170000\($0 % 9_000 + 1_000)\n" }, hasValues: true),
        Form(
            name: "e.csv", type: .follows, row: { "5f0c8a6e-93b1-4d2f-8f5d-\($0),5f0c8a6e-93b1-4d2f-8f5e-\($0)\n" },
            hasValues: false),
        Form(
            name: "e.jsonl", type: .interacts, row: { "{\"from\": \($0), \"to\": \"x\", \"weight\": 2}\n" },
            hasValues: true),
        Form(name: "e.adj", type: .follows, row: { "\($0)\ta,b,c,d\n" }, hasValues: false),
    ]

    @Test("is told from the first rows of a file, plain or compressed", arguments: forms, [false, true])
    func files(form: Form, isCompressed: Bool) throws {
        let folder = try TemporaryFolder()
        var path = folder.file(form.name)
        try Data((100_000..<130_000).map(form.row).joined().utf8).write(to: URL(fileURLWithPath: path))
        if isCompressed {
            let gzip = Process()
            gzip.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            gzip.arguments = ["gzip", path]
            try gzip.run()
            gzip.waitUntilExit()
            path += ".gz"
        }
        let type = try #require(Schema.social.edgeTypes.firstIndex { $0.name == form.type })
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path)).count
        var expected = ExpectedLoad()
        expected.add(
            .init(
                path: path, format: nil, dialect: FileDialect(), codings: [], rows: .edges(undirected: .once),
                subject: .edges(type)),
            bytes: bytes, schema: .social)
        let rows = form.name == "e.adj" ? 120_000 : 30_000
        // Rows that are alike are packed better where there are more of them.
        #expect((rows * 4 / 5...rows * 5 / 4).contains(expected.rows), "\(expected.rows)")
        var exact = ExpectedLoad()
        exact.add(expected.rows, of: Schema.social.edgeTypes[type], hasValues: form.hasValues)
        #expect(expected.spilledBytes == exact.spilledBytes && expected.storeBytes == exact.storeBytes)
        let records = expected.rows * 8 * (form.hasValues ? 2 : 1)
        #expect(expected.spilledBytes == (form.type == .friends ? 4 * records : 3 * records))
    }

    @Test("adds up over files, and is nothing for those that cannot be read: that is told when they are")
    func unreadable() throws {
        let folder = try TemporaryFolder()
        try Data([0x1F, 0x8B, 8, 0, 1, 2, 3]).write(to: URL(fileURLWithPath: folder.file("e.gz")))
        try Data("1\t2\n3\t4\n".utf8).write(to: URL(fileURLWithPath: folder.file("e.tsv")))
        var expected = ExpectedLoad()
        for name in ["none", "e.gz", "e.tsv", "e.tsv"] {
            expected.add(
                .init(
                    path: folder.file(name), format: nil, dialect: FileDialect(), codings: [],
                    rows: .edges(undirected: .once),
                    subject: .edges(0)), bytes: 8, schema: .social)
        }
        #expect(expected.rows == 4)
    }
}

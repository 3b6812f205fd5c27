import Foundation
import GraphTesting
import ProcessTesting
import Synchronization
import Testing

@testable import Kith

@Suite("A format of edge files")
struct EdgeFormatTests {
    private func load(
        _ text: String, _ name: String, as type: EdgeType.Name? = .interests, format: EdgeFileFormat? = nil,
        chunkBytes: Int? = nil
    ) throws -> (edges: [String], rejected: [String]) {
        let folder = try TemporaryFolder()
        try Data(text.utf8).write(to: URL(fileURLWithPath: folder.file(name)))
        let rejected = Mutex<[String]>([])
        var loader = BulkLoader(
            onError: .skip, onReject: { row in rejected.withLock { $0.append("\(row.line): \(row.error.code)") } })
        loader.pieces = chunkBytes.map {
            BulkLoader.Pieces(chunkBytes: $0, partCount: 4, recordsPerPart: 50, recordBytes: 500)
        }
        let store = folder.file("s.kith")
        _ = try loader.load([.init(type: type, path: folder.file(name), format: format)], into: store)
        var edges: [String] = []
        try GraphStore(opening: store).read { snapshot in
            for id in 0..<(try snapshot.nodeCount(of: .user)) {
                guard let key = try snapshot.key(of: NodeID(rawValue: UInt32(id))) else { continue }
                for neighbor in try snapshot.neighbors(of: key, via: .interests).neighbors {
                    edges.append("\(key) \(neighbor.key) \(try #require(neighbor.weight))")
                }
            }
        }
        return (edges.sorted(), rejected.withLock { $0 })
    }

    @Test("is one file: one that the library does not know is loaded, exported, and loaded again")
    func oneFile() throws {
        let format = EdgeFileFormat(ArrowFormat())
        let folder = try TemporaryFolder()
        let path = folder.file("e")
        try Data("ann -> bob\r\nbob\n\nbob -> 7\n".utf8).write(to: URL(fileURLWithPath: path))
        var loader = BulkLoader(onError: .skip)
        loader.pieces = BulkLoader.Pieces(chunkBytes: 8, partCount: 4, recordsPerPart: 50, recordBytes: 500)
        let files = [BulkLoader.EdgeFile(type: .follows, path: path, format: format)]
        let report = try loader.load(files, into: folder.file("one.kith"))
        #expect(report.edges == [.follows: 2])
        #expect(report.rejected == ["too-few-columns": 1])
        #expect(try loader.dryRun(files).report.edges == report.edges)
        let export = try GraphExport(format)
        let store = try GraphStore(opening: folder.file("one.kith"))
        try store.read { _ = try export.write(.edges(.follows), of: $0, toFile: path) }
        #expect(
            try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").sorted() == [
                "ann -> bob", "bob -> 7",
            ])
        let again = try BulkLoader().load(files, into: folder.file("two.kith"))
        #expect(again.edges == report.edges && again.nodes == report.nodes && again.rejected == [:])
        try store.write { graph in try graph.add("x y", .follows, "ann") }
        let error = #expect(throws: LoadError.self) {
            try store.read { _ = try export.write(.edges(.follows), of: $0, toFile: path) }
        }
        #expect(
            "\(try #require(error))"
                == "the key 'x y' has a blank, which arrows cannot hold; export as tsv or csv or jsonl")
    }

    @Test("has a name and endings of its own")
    func names() {
        let formats = EdgeFileFormat.allCases
        #expect(Set(formats.map(\.rawValue)).count == formats.count)
        #expect(
            Set(formats.flatMap(\.format.fileNameExtensions)).count
                == formats.flatMap(\.format.fileNameExtensions).count)
        for format in formats {
            #expect(EdgeFileFormat(rawValue: format.rawValue) == format)
            #expect(EdgeFileFormat(ofFileNamed: "a.b.\(format.fileNameExtension.uppercased()).gz") == format)
        }
        #expect(EdgeFileFormat(rawValue: "TSV") == nil && EdgeFileFormat(ofFileNamed: "a.txt") == nil)
    }

    @Test(
        "reads quotes in a header as in a row",
        arguments: [
            ("\"id, internal\",from,to,weight\n1,ann,jazz,2\n2,bob,rock,3\n", ["ann jazz 2.0", "bob rock 3.0"]),
            ("from,to,\"comment\nfree\",weight\nann,jazz,hi,4\n", ["ann jazz 4.0"]),
            ("\"Name; full\";from;to;x\n1;ann;jazz;c\n", ["ann jazz 1.0"]),
            ("\"a \"\"from\"\"\",\"to\",\"from\"\nx,jazz,ann\n", ["ann jazz 1.0"]),
            ("\"a;b;c\",\"d\"\nann,jazz\n", ["a;b;c d 1.0", "ann jazz 1.0"]),
        ])
    func quotedHeader(text: String, edges: [String]) throws {
        for chunkBytes in [nil, 10] {
            let loaded = try load(text, "e.csv", chunkBytes: chunkBytes)
            #expect(loaded.edges == edges && loaded.rejected == [])
        }
    }

    @Test("reads quotes in the header of a file of nodes")
    func quotedHeaderOfNodes() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("u.csv")
        try Data("\"name, full\",id,x\nAnn,1,z\nBob,2,y\n".utf8).write(to: URL(fileURLWithPath: path))
        _ = try BulkLoader().load([], nodes: [.init(kind: .user, path: path)], into: folder.file("s.kith"))
        let store = try GraphStore(opening: folder.file("s.kith"))
        #expect(try store.read { try $0.contains(1) && $0.contains(2) && $0.nodeCount(of: .user) == 2 })
    }

    @Test("finds the delimiter of CSV in the first row, also below blank lines and where a quote stays open")
    func delimiters() throws {
        #expect(try load("\n\r\nann;jazz\n", "e.csv").edges == ["ann jazz 1.0"])
        let open = try load("ann;\"jazz\nbob;rock\n", "e.csv")
        #expect(open.edges == ["bob rock 1.0"] && open.rejected == ["1: open-quote"])
    }

    @Test("leaves out a header wherever the blocks of the file begin")
    func headerBehindBlocks() throws {
        let header = String(repeating: "\n", count: 100) + "to,from\njazz,ann\n"
        #expect(try load(header, "e.csv", chunkBytes: 40).edges == ["ann jazz 1.0"])
        let comments = String(repeating: "# a remark\n", count: 20) + "to from\njazz ann\n"
        #expect(try load(comments, "e.edges", chunkBytes: 40).edges == ["ann jazz 1.0"])
    }

    @Test(
        "ends lines with LF, CR LF, CR CR LF and CR",
        arguments: ["\n", "\r\n", "\r\r\n", "\r"],
        [
            ("e.tsv", ["ann\tjazz", "bob\t7", "", "1\t2"]), ("e.csv", ["ann,jazz", "bob,\"7\"", "", "1,2"]),
            ("e.csv", ["from,to", "ann,jazz", "bob,7", "1,2"]),
            ("e.edges", ["% x", "ann jazz ", "bob 7", "   ", "1 2"]),
            ("e.adj", ["# x", "ann\tjazz", "bob\t7", "", "1\t2"]),
            (
                "e.jsonl",
                [
                    "{\"from\": \"ann\", \"to\": \"jazz\"}", "{\"from\": \"bob\", \"to\": 7}", "",
                    "{\"from\":1,\"to\":2}",
                ]
            ),
        ])
    func lineEnds(end: String, file: (name: String, lines: [String])) throws {
        let text = (file.lines + ["bad\u{1}"]).joined(separator: end) + end
        for chunkBytes in [nil, 7, 8, 9] {
            let loaded = try load(text, file.name, chunkBytes: chunkBytes)
            #expect(loaded.edges == ["1 2 1.0", "ann jazz 1.0", "bob 7 1.0"])
            let code = file.name == "e.jsonl" ? "bad-json" : "too-few-columns"
            #expect(loaded.rejected == ["\(file.lines.count + 1): \(code)"])
        }
    }

    @Test("keeps a line end in quotes, and counts its lines")
    func quotedLineEnds() throws {
        let text = "ann,\"a\rb\"\r\nann,\"a\r\nb\"\nann,\"a\n\nb\"\nbad\n"
        for chunkBytes in [nil, 9] {
            let loaded = try load(text, "e.csv", chunkBytes: chunkBytes)
            #expect(loaded.edges == ["ann a\n\nb 1.0", "ann a\r\nb 1.0", "ann a\rb 1.0"])
            #expect(loaded.rejected == ["8: too-few-columns"])
        }
    }

    @Test(
        "is told by the first bytes of JSON lines where the name of the file tells none, and is an edge list otherwise")
    func firstBytes() throws {
        #expect(try load("\n { \"from\": \"ann\", \"to\": \"jazz\"}\n", "e.txt").edges == ["ann jazz 1.0"])
        #expect(try load("{ann} jazz\n", "e.txt").edges == ["{ann} jazz 1.0"])
        #expect(
            try load("{\"from\": \"a\"\t\"to\": \"b\"}\n", "e.tsv").edges == ["{\"from\": \"a\" \"to\": \"b\"} 1.0"])
    }

    @Test("that has no room for the types of edges says so")
    func typesOfAdjacencyLines() throws {
        let error = #expect(throws: LoadError.self) { try load("ann\tjazz\n", "e.adj", as: nil) }
        #expect("\(try #require(error))".hasSuffix("name the type of all, or write them as tsv or csv or jsonl"))
    }
}

import Foundation
import GraphTesting
import Testing

@testable import Kith

/// Formats for other programs, in which a file is one graph: their bytes, which NetworkX 3.6.1, igraph 1.0.0, PyGraphviz 2.0 and SciPy 1.17 read
/// as the same graphs.
@Suite("A graph for other programs")
struct GraphWriterTests {
    private func export(
        _ format: EdgeFileFormat, _ part: GraphExport.Part = .edges(.interests), schema: Schema = .social,
        _ fill: (inout GraphTransaction) throws -> Void
    ) throws -> String {
        let folder = try TemporaryFolder()
        let store = try GraphStore(creating: folder.file("s.kith"), schema: schema)
        try store.write { graph in try fill(&graph) }
        var text = Data()
        try store.read { snapshot in
            switch part {
            case .edges(let type): _ = try GraphExport(format).edges(of: type, in: snapshot) { text += Data($0) }
            case .nodes(let kind): _ = try GraphExport(format).nodes(of: kind, in: snapshot) { text += Data($0) }
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    private func refusal(
        _ format: EdgeFileFormat, _ part: GraphExport.Part, _ fill: (inout GraphTransaction) throws -> Void
    ) throws -> String {
        let error = #expect(throws: LoadError.self) { try export(format, part, fill) }
        return "\(try #require(error))"
    }

    private static func fill(_ graph: inout GraphTransaction) throws {
        try graph.add("ann", .interacts, 7, weight: 0.5, at: 1_700_000_000)
        try graph.add(7, .interacts, "bob <\"&\">", weight: 1e-7, at: 5)
        try graph.addNode("lonely")
    }

    @Test("in GraphML has its nodes before its edges, and data with the names of the columns")
    func graphML() throws {
        #expect(
            try export(.graphml, .edges(.interacts), GraphWriterTests.fill) == """
                <?xml version="1.0" encoding="UTF-8"?>
                <graphml xmlns="http://graphml.graphdrawing.org/xmlns">
                <key id="weight" for="edge" attr.name="weight" attr.type="float"/>
                <key id="time" for="edge" attr.name="time" attr.type="long"/>
                <graph id="interacts" edgedefault="directed">
                <node id="ann"/>
                <node id="7"/>
                <node id="bob &lt;&quot;&amp;&quot;&gt;"/>
                <edge source="ann" target="7"><data key="weight">0.5</data><data key="time">1700000000</data></edge>
                <edge source="7" target="bob &lt;&quot;&amp;&quot;&gt;"><data key="weight">1e-07</data><data key="time">5</data></edge>
                </graph>
                </graphml>

                """)
        #expect(
            try export(.graphml, .edges(.friends)) { graph in
                try graph.add("a\tb\r\n", .friends, "日本", at: 0)
            } == """
                <?xml version="1.0" encoding="UTF-8"?>
                <graphml xmlns="http://graphml.graphdrawing.org/xmlns">
                <key id="time" for="edge" attr.name="time" attr.type="long"/>
                <graph id="friends" edgedefault="undirected">
                <node id="a&#9;b&#13;&#10;"/>
                <node id="日本"/>
                <edge source="a&#9;b&#13;&#10;" target="日本"/>
                </graph>
                </graphml>

                """)
        #expect(
            try export(.graphml, .nodes(.topic)) { graph in try graph.addNode("tea", kind: .topic) }
                .hasSuffix(
                    "<graph id=\"topic\" edgedefault=\"undirected\">\n<node id=\"tea\"/>\n</graph>\n</graphml>\n"))
        #expect(
            try export(.graphml, .edges(.follows)) { _ in }
                .hasSuffix("<graph id=\"follows\" edgedefault=\"directed\">\n</graph>\n</graphml>\n"))
    }

    @Test("in DOT is a digraph or a graph, its keys quoted where Graphviz wants it")
    func dot() throws {
        #expect(
            try export(.dot, .edges(.interacts), GraphWriterTests.fill) == """
                digraph "interacts" {
                  ann -> 7 [weight=0.5, time=1700000000];
                  7 -> "bob <\\"&\\">" [weight="1e-07", time=5];
                }

                """)
        #expect(
            try export(.dot, .edges(.settings)) { graph in
                for key in ["node", "Edge", "_a1", "1a", "007", "-1", "a-b", "ümlaut", "a\\\\", "c\\d", "two\nlines"] {
                    try graph.add("x", .settings, NodeKey(key))
                }
            } == """
                digraph "settings" {
                  x -> "node";
                  x -> "Edge";
                  x -> _a1;
                  x -> "1a";
                  x -> 007;
                  x -> "-1";
                  x -> "a-b";
                  x -> "ümlaut";
                  x -> "a\\\\";
                  x -> "c\\d";
                  x -> "two
                lines";
                }

                """)
        #expect(
            try export(.dot, .edges(.friends)) { graph in try graph.add(2, .friends, 1, at: 9) }
                == "graph \"friends\" {\n  2 -- 1 [time=9];\n}\n")
        #expect(try export(.dot, .nodes(.user)) { try $0.addNode("a b") } == "graph \"user\" {\n  \"a b\";\n}\n")
    }

    @Test("as a sparse matrix has rows and columns as its keys say, one triangle where it is symmetric")
    func matrixMarket() throws {
        #expect(
            try export(.matrixMarket, .edges(.interests)) { graph in
                try graph.add(3, .interests, 12, weight: 0.5)
                try graph.add(1, .interests, 2)
                try graph.addNode(99)
            } == "%%MatrixMarket matrix coordinate real general\n3 12 2\n3 12 0.5\n1 2 1.0\n")
        #expect(
            try export(.matrixMarket, .edges(.friends)) { graph in
                try graph.add(2, .friends, 10, at: 0)
                try graph.add(11, .friends, 9, at: 0)
            } == "%%MatrixMarket matrix coordinate pattern symmetric\n11 11 2\n10 2\n11 9\n")
        #expect(
            try export(.matrixMarket, .edges(.follows)) { graph in try graph.add(2, .follows, 5, at: 0) }
                == "%%MatrixMarket matrix coordinate pattern general\n5 5 1\n2 5\n")
        #expect(
            try export(.matrixMarket, .edges(.blocks)) { _ in }
                == "%%MatrixMarket matrix coordinate pattern general\n0 0 0\n")
    }

    @Test(
        "is refused where it cannot be held, by what it has",
        arguments: [
            (.graphml, "bell\u{7}", "a character that XML does not have, which GraphML files cannot hold"),
            (.graphml, "\u{FFFF}", "a character that XML does not have, which GraphML files cannot hold"),
            (.dot, "end\\", "a backslash before a quote, a line end or its end, which DOT files cannot hold"),
            (.dot, "a\\\"b", "the key 'a\\\"b' has a backslash before a quote"), (.dot, "a\\\nb", "a backslash before"),
            (.dot, "zero\0", "a zero byte"), (.dot, "%x", "a % at its start"),
            (.matrixMarket, "ann", "the key 'ann' has something else than a number of a row"),
            (.matrixMarket, "0", "the key '0' has something else"),
            (.matrixMarket, "9223372036854775808", "from 1 to 9223372036854775807"),
        ] as [(EdgeFileFormat, String, String)])
    func refusedKeys(format: EdgeFileFormat, key: String, words: String) throws {
        for isSource in [true, false] {
            let said = try refusal(format, .edges(.settings)) { graph in
                try graph.add(isSource ? NodeKey(key) : 1, .settings, isSource ? 2 : NodeKey(key))
            }
            #expect(said.contains(words) && said.contains("export as"), "\(said)")
        }
    }

    @Test("is refused where nodes of two kinds have a key, where there are times for a matrix, or several types")
    func refused() throws {
        for format in [EdgeFileFormat.graphml, .dot] {
            let shared = try refusal(format, .edges(.interests)) { graph in
                try graph.add("ann", .interests, "tea")
                try graph.add("tea", .interests, "milk")
            }
            #expect(shared.contains("'tea' is the key of a user and of a topic, which would be one node"), "\(shared)")
            // A user of that name that the edges do not join is no matter.
            #expect(
                try export(format) { graph in
                    try graph.add("ann", .interests, "tea")
                    try graph.addNode("tea")
                }.contains("ann"))
        }
        let times = try refusal(.matrixMarket, .edges(.follows)) { graph in try graph.add(1, .follows, 2, at: 9) }
        #expect(times.contains("edges of 'follows' have times, which Matrix Market files cannot hold"), "\(times)")
        let nodes = try refusal(.matrixMarket, .nodes(.user)) { graph in try graph.addNode(1) }
        #expect(nodes.contains("hold edges and no nodes"), "\(nodes)")
        for format in [EdgeFileFormat.graphml, .dot, .matrixMarket] {
            let types = try refusal(format, .edges(nil)) { graph in try graph.add(1, .follows, 2, at: 0) }
            #expect(types.contains("cannot hold the types of edges; export one type, or export as tsv"), "\(types)")
        }
    }

    @Test("of many nodes and edges has all of them, in pieces")
    func large() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("s.kith")
        _ = try BulkLoader().load(into: path) { sink in
            for key in 1...30_000 as ClosedRange<UInt64> {
                try sink.add(NodeKey(key), .interests, NodeKey(key + 50_000))
            }
        }
        var pieces: [Int] = []
        var text = Data()
        try GraphStore(opening: path).read { snapshot in
            let count = try GraphExport(.graphml).edges(of: .interests, in: snapshot) { piece in
                pieces.append(piece.count)
                text += Data(piece)
            }
            #expect(count == 30_000)
        }
        #expect(pieces.count > 5 && pieces.allSatisfy { $0 < 1 << 19 })
        let lines = String(decoding: text, as: UTF8.self).split(separator: "\n")
        #expect(lines.count { $0.hasPrefix("<node ") } == 60_000)
        #expect(lines.count { $0.hasPrefix("<edge ") } == 30_000)
        #expect(lines.lastIndex { $0.hasPrefix("<node ") }! < lines.firstIndex { $0.hasPrefix("<edge ") }!)
    }

    @Test("is told of by what stands in it where it is not loaded, and by its name where that is given")
    func notLoaded() throws {
        let folder = try TemporaryFolder()
        func error(_ format: EdgeFileFormat?) throws -> String {
            let files = [BulkLoader.EdgeFile(type: .follows, path: folder.file("e.dot"), format: format)]
            let error = #expect(throws: LoadError.self) { try BulkLoader().load(files, into: folder.file("s.kith")) }
            return "\(try #require(error))"
        }
        try Data("digraph { 1 -> 2; }\n".utf8).write(to: URL(fileURLWithPath: folder.file("e.dot")))
        #expect(try error(nil).contains("gvpr"))
        #expect(try error(.dot).contains("\(EdgeFileFormat.dot.plural) are written and not loaded"))
    }
}

import Foundation
import GraphTesting
import Kith
import ProcessTesting
import Testing

@testable import KithCommand

/// Documents of GraphML are read as the rows they hold.
@Suite("A GraphML document")
struct GraphMLTests {
    private static let coding = GraphMLCoding()

    private func rows(
        _ document: String, _ rows: DecodedRows = .edges(undirected: .bothWays), pieceBytes: Int = 1 << 16
    ) throws -> [String] {
        try Self.coding.text(of: Array(document.utf8), holding: rows, pieceBytes: pieceBytes)
            .split(separator: "\n").map(String.init)
    }

    private static func document(_ inside: String, keys: String = "", directed: Bool = true) -> String {
        "<graphml>\(keys)<graph edgedefault=\"\(directed ? "directed" : "undirected")\">\(inside)</graph></graphml>"
    }

    /// As NetworkX 3.6.1 writes it: `write_graphml`, a key for each type of the values of one name.
    private static let networkX = """
        <?xml version='1.0' encoding='utf-8'?>
        <graphml xmlns="http://graphml.graphdrawing.org/xmlns" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" \
        xsi:schemaLocation="http://graphml.graphdrawing.org/xmlns http://graphml.graphdrawing.org/xmlns/1.0/graphml.xsd">
          <key id="d3" for="edge" attr.name="weight" attr.type="double" />
          <key id="d2" for="edge" attr.name="time" attr.type="string" />
          <key id="d1" for="edge" attr.name="weight" attr.type="long" />
          <key id="d0" for="node" attr.name="age" attr.type="long" />
          <graph edgedefault="directed">
            <node id="ann" />
            <node id="bob" />
            <node id="cy &amp; co" />
            <node id="alone">
              <data key="d0">3</data>
            </node>
            <edge source="ann" target="bob">
              <data key="d1">2</data>
              <data key="d2">2024-05-01</data>
            </edge>
            <edge source="bob" target="cy &amp; co">
              <data key="d3">0.5</data>
            </edge>
          </graph>
        </graphml>

        """

    /// As igraph 1.0.0 writes it: `Graph.write_graphml`.
    private static let igraph = """
        <?xml version="1.0" encoding="UTF-8"?>
        <graphml xmlns="http://graphml.graphdrawing.org/xmlns"
                 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
                 xsi:schemaLocation="http://graphml.graphdrawing.org/xmlns
                 http://graphml.graphdrawing.org/xmlns/1.0/graphml.xsd">
        <!-- Created by igraph -->
          <key id="v_name" for="node" attr.name="name" attr.type="string"/>
          <key id="e_weight" for="edge" attr.name="weight" attr.type="double"/>
          <graph id="G" edgedefault="undirected">
            <node id="n0">
              <data key="v_name">ann</data>
            </node>
            <node id="n1">
              <data key="v_name">bob</data>
            </node>
            <edge source="n0" target="n1">
              <data key="e_weight">1.5</data>
            </edge>
          </graph>
        </graphml>
        """

    @Test(
        "of NetworkX or igraph gives its edges with the columns that its keys name, and its nodes",
        arguments: [1, 17, 1 << 16])
    func writers(pieceBytes: Int) throws {
        #expect(
            try rows(Self.networkX, pieceBytes: pieceBytes) == [
                "source,target,weight,time", "ann,bob,2,2024-05-01", "bob,\"cy & co\",0.5,",
            ])
        #expect(
            try rows(Self.networkX, .nodes, pieceBytes: pieceBytes) == ["key", "ann", "bob", "\"cy & co\"", "alone"])
        #expect(
            try rows(Self.igraph, pieceBytes: pieceBytes) == ["source,target,weight", "n0,n1,1.5", "n1,n0,1.5"])
        #expect(try rows(Self.igraph, .edges(undirected: .once)) == ["source,target,weight", "n0,n1,1.5"])
    }

    @Test("is loaded, compressed or not, with its weights and times, and isolated nodes from a file of nodes")
    func loaded() throws {
        let folder = try TemporaryFolder()
        try write(Self.networkX, "g.graphml", in: folder)
        for (program, ending) in [("gzip", ".gz"), ("zstd", ".zst")] {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            process.arguments = [program, "-kq", folder.file("g.graphml")]
            try process.run()
            process.waitUntilExit()
            guard FileManager.default.fileExists(atPath: folder.file("g.graphml" + ending)) else { continue }
            let store = "s\(ending).kith"
            let loaded = try kith(
                in: folder, "load", store, "--edges", "interacts=g.graphml" + ending, "--nodes", "user=g.graphml",
                "--format",
                "json")
            #expect(loaded.code == 0, "\(loaded.errors)")
            #expect(try loaded.object()["nodes"] as? [String: Int] == ["user": 4])
            let edges = try kith(in: folder, "export", store, "--edges", "interacts", "--file-format", "tsv").output
            let expected = ["ann\tbob\t2.0\t1714521600", "bob\tcy & co\t0.5\t"]
            for row in expected { #expect(edges.contains(row), "\(edges)") }
        }
    }

    @Test("says an edge without a direction in the manner of the edge type: once, both ways, or not at all")
    func undirected() throws {
        let folder = try TemporaryFolder()
        try write(Self.document("<edge source='1' target='2'/>", directed: false), "g.xml", in: folder)
        func edges(_ argument: String) throws -> CommandOutcome {
            try? FileManager.default.removeItem(atPath: folder.file("s.kith"))
            return try kith(in: folder, "load", "s.kith", "--edges", argument, "--format", "json")
        }
        #expect(try edges("follows=g.xml").object()["edges"] as? [String: Int] == ["follows": 2])
        #expect(try edges("friends=g.xml").object()["edges"] as? [String: Int] == ["friends": 1])
        #expect(try edges("interests=g.xml").object()["edges"] as? [String: Int] == ["interests": 1])
        let refused = try edges(":TYPE=g.xml")
        #expect(
            refused.code == 65 && refused.errors.contains("line 1: an undirected edge, of which nothing says its type"))
        #expect(
            try rows(
                Self.document(
                    "<edge directed='false' source='1' target='2'/><edge source='2' target='3'/>"
                        + "<edge directed='false' source='4' target='4'/>")
            ) == [
                "source,target", "1,2", "2,1", "2,3", "4,4",
            ])
    }

    @Test("has defaults of its keys, quoted text, elements of other programs, and prefixes")
    func details() throws {
        let keys = """
            <key id="w" for="edge" attr.name="weight"><desc>how much</desc><default> 7 </default></key>
            <key id="all" attr.name="note; or |"/><key id="y" for="edge" yfiles.type="edgegraphics"/>
            """
        let edges = """
            <node id="1"><port name="North"/></node>
            <edge source="1" target="say &quot;hi&quot;, you" sourceport="North"/>
            <edge id="e" source="1" target="&#228;&#10;b"><data key="w"><![CDATA[ 2 ]]></data>
              <data key="y"><y:Line xmlns:y="http://y"><y:Text>9</y:Text></y:Line></data><data key="all">a
            b</data></edge>
            """
        let document = Self.document(edges, keys: keys).replacing("<edge ", with: "<g:edge ").replacing(
            "</edge", with: "</g:edge")
        let text = try Self.coding.text(of: Array(document.utf8), holding: .edges(undirected: .once))
        // An empty line stands where the document goes on and no row does.
        let lines = text.split(separator: "\n", maxSplits: 1).map(String.init)
        #expect(
            lines == [
                "source,target,weight,\"note_ or _\"",
                "\n1,\"say \"\"hi\"\", you\",7,\n1,\"ä\nb\",2,\"a\nb\"\n\n",
            ], "\(lines)")
    }

    @Test("is read as what it is where its format is given by hand")
    func given() throws {
        let folder = try TemporaryFolder()
        try write(Self.networkX, "g.xml", in: folder)
        let outcome = try kith(
            in: folder, "load", "s.kith", "--edges", "interacts=g.xml", "--input-format", "graphml", "--format", "json")
        #expect(outcome.code == 0, "\(outcome)")
        try write("1,2\n", "no.graphml", in: folder)
        let other = try kith(in: folder, "load", "s.kith", "--edges", "follows=no.graphml")
        #expect(other.code == 65 && other.errors.contains("which begin with <graphml>"), "\(other)")
    }

    @Test("tells of a bad row in its line of the document")
    func lines() throws {
        let folder = try TemporaryFolder()
        try write(Self.networkX.replacing("0.5", with: "much"), "g.graphml", in: folder)
        let stopped = try kith(in: folder, "load", "s.kith", "--edges", "interacts=g.graphml")
        #expect(stopped.code == 65)
        #expect(
            stopped.errors.contains("g.graphml:18: column 3: a weight is a finite number, found 'much'"),
            "\(stopped.errors)")
        let skipped = try kith(
            in: folder, "load", "s.kith", "--edges", "interacts=g.graphml", "--on-error", "skip", "--rejects", "r",
            "--format",
            "json")
        #expect(try skipped.object()["rejected"] as? Int == 1)
        #expect(try String(contentsOfFile: folder.file("r"), encoding: .utf8).contains("\"line\": 18"))
    }

    private static let refusals: [(String, String)] = [
        ("<graphml><graph><hyperedge/></graph></graphml>", "a <hyperedge> joins any number of nodes"),
        ("<graphml><graph><node id='1'><graph/></node></graph></graphml>", "a <graph> within a <node>"),
        ("<graphml><graph/>\n<graph/></graphml>", "line 2: there is a second <graph>"),
        ("<graphml><graph/><key id='d'/></graphml>", "a <key> stands behind the <graph>"),
        ("<graphml></graphml>", "there is no <graph>"),
        ("<people><graphml></graphml></people>", "the first element is <people>"),
        ("<graphml><graph><edge source='1'", "it is cut off"),
        ("<graphml>\n<graph></graphml>", "line 2: mismatched tag"),
        ("<graphml><graph></graph></graphml><more/>", "junk after document element"),
        (
            "<!DOCTYPE graphml [<!ENTITY a \"aa\"><!ENTITY b \"&a;&a;\">]><graphml><graph><node id='&b;'/></graph></graphml>",
            "entities such as 'a' are not expanded"
        ),
        (
            "<!DOCTYPE graphml SYSTEM \"http://example.org/g.dtd\"><graphml><graph><desc>&who;</desc></graph></graphml>",
            "entities such as 'who' are not expanded"
        ),
        ("<graphml>" + String(repeating: "<a>", count: 300), "more than 256 elements are open"),
        (
            "<graphml><graph><node id='" + String(repeating: "x", count: 3 << 20) + "'/>",
            "a tag has more than 1048576 bytes"
        ),
    ]

    @Test("with what no edge says is refused by name", arguments: GraphMLTests.refusals)
    func refused(document: String, reason: String) throws {
        let failure = #expect(throws: (any Error).self) { try rows(document) }
        #expect("\(try #require(failure))".contains(reason), "\(String(describing: failure))")
    }

    @Test("is recognised behind declarations and comments, and no other text is taken for one")
    func recognised() {
        for text in [
            Self.networkX, Self.igraph, "<graphml>", "\u{FEFF}\n<!-- x --><g:graphml xmlns:g='u'>", "<graphml\n",
        ] {
            #expect(Self.coding.isRecognized(by: Array(text.utf8)), "\(text)")
        }
        for text in ["1\t<graphml>\n", "<gexf>", "<graphmlx>", "<graphml", "", "<"] {
            #expect(!Self.coding.isRecognized(by: Array(text.utf8)), "\(text)")
        }
    }

    @Test("of random edges becomes the same rows, however it is cut into pieces", arguments: Repetitions.seeds(10))
    func random(seed: UInt64) throws {
        var random = SplitMix64(seed: 400_000 + seed)
        let names = ["1", "22", "a&b", "<x>", "say \"hi\"", "ümlaut", "日本", "a,b", "two  blanks"]
        var edges = ""
        var expected = ["source,target,weight"]
        for _ in 0..<200 {
            let (source, target) = (
                names.randomElement(using: &random) ?? "", names.randomElement(using: &random) ?? ""
            )
            let weight = Bool.random(using: &random) ? "\(Int.random(in: 0..<9, using: &random)).5" : ""
            func escaped(_ text: String) -> String {
                text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing("\"", with: "&quot;")
            }
            func field(_ text: String) -> String {
                text.contains(where: { "&<> \",".contains($0) }) ? CSVText.quoted(text) : text
            }
            edges += "<edge source=\"\(escaped(source))\" target=\"\(escaped(target))\""
            edges += weight.isEmpty ? "/>\n" : "><data key=\"w\">\(weight)</data></edge>\n"
            expected.append("\(field(source)),\(field(target)),\(weight)")
        }
        let document = Self.document(edges, keys: "<key id=\"w\" for=\"edge\" attr.name=\"weight\"/>")
        for pieceBytes in [3, 1 << 16] {
            #expect(try rows(document, .edges(undirected: .once), pieceBytes: pieceBytes) == expected)
        }
    }

    @Test("is held piece by piece, however long it is, and each of its lines stays where it is")
    func large() throws {
        let edges = (0..<60_000).map { "<edge source=\"\($0)\" target=\"\($0 + 1)\">\n</edge>\n" }.joined()
        #expect(edges.utf8.count > 2 * XMLReader.tokenBytesMax)
        let text = try Self.coding.text(of: Array(Self.document(edges).utf8), holding: .edges(undirected: .once))
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        // The header and the first edge share the first line of the document.
        #expect(lines.prefix(4) == ["source,target", "0,1", "1,2", ""])
        #expect(lines[119_998] == "59999,60000")
    }

    @Test("mutated anywhere is read or refused, and nothing else", arguments: Repetitions.seeds(300))
    func mutated(seed: UInt64) throws {
        var random = SplitMix64(seed: 500_000 + seed)
        var bytes = Array((Bool.random(using: &random) ? Self.networkX : Self.igraph).utf8)
        let pieces = [
            "<edge ", "</edge>", "<graph>", "<data key='d1'>", "<!--", "]]>", "&#0;", "&lt;", "<key ", "'", "\"", "\0",
            "\u{FFFD}",
        ]
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let place = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0: bytes[place] = .random(in: 0...255, using: &random)
            case 1: bytes.remove(at: place)
            case 2: bytes.insert(contentsOf: Array((pieces.randomElement(using: &random) ?? "").utf8), at: place)
            default: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 0...60, using: &random)))
            }
        }
        do {
            _ = try Self.coding.text(
                of: bytes, holding: Bool.random(using: &random) ? .nodes : .edges(undirected: .bothWays),
                pieceBytes: Int.random(in: 1...200, using: &random))
        } catch is RowError {
        } catch is LoadError {
        }
    }
}

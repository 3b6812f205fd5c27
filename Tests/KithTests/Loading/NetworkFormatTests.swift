import GraphTesting
import ProcessTesting
import Testing

@testable import Kith

@Suite("A file of a collection of networks, or of NetworkX")
struct NetworkFormatTests {
    @Test("of KONECT has weights in the third column and times in the fourth, whatever the edge type has")
    func konect() throws {
        // The shape of out.opsahl-ucsocial and out.moreno_crime_crime as konect.cc has them: blanks and tabs mixed.
        let text = "% asym positive\n% 3 4 4\n1 2 1 1082008561\n2\t3 2\t1082008562 \n 3 4 -1\n"
        for name in ["out.ucsocial", "out.tsv", "a.edges", "a.konect"] {
            for chunkBytes in [nil, 12] {
                let rated = try LoadedText(text, name, as: "rates", chunkBytes: chunkBytes)
                #expect(rated.edges == ["1 2 1.0 @1082008561", "2 3 2.0 @1082008562", "3 4 -1.0"])
                #expect(rated.remarks.count == (name.hasPrefix("out.u") || name == "a.konect" ? 0 : 1))
            }
        }
        let trusted = try LoadedText(text, "out.x", as: "trusts")
        #expect(trusted.edges == ["1 2 1.0", "2 3 2.0", "3 4 -1.0"] && trusted.remarks == ["left out: time"])
        let seen = try LoadedText(text, "out.x", as: "sees")
        #expect(seen.edges == ["1 2", "2 3", "3 4"] && seen.remarks == ["left out: weight, time"])
    }

    @Test("of KONECT that is undirected is an edge both ways, and one of two kinds is for types that join two")
    func konectDirections() throws {
        let text = "% sym unweighted\n1 2\n2 3\n"
        let seen = try LoadedText(text, "out.x", as: "sees")
        #expect(seen.edges == ["1 2", "2 1", "2 3", "3 2"])
        #expect(seen.remarks == ["the network is undirected: a row is an edge both ways"])
        #expect(try LoadedText(text, "out.x", as: "meets").edges == seen.edges)
        let bipartite = "% bip weighted\n% 2 1 2\n1 1 3.5\n1 2 4\n"
        #expect(try LoadedText(bipartite, "out.x", as: "likes").edges == ["1 1 3.5", "1 2 4.0"])
        #expect(try LoadedText.failure(bipartite, "out.x", as: "rates")?.contains("name a type that joins two") == true)
        #expect(
            try LoadedText.failure("% asym dynamic\n1 2 -1 5\n", "out.x", as: "rates")?.contains("come and go") == true)
    }

    @Test("of KONECT has bad rows, and another number of them than it says is told")
    func konectRows() throws {
        let loaded = try LoadedText(
            "% asym posweighted\n% 9 4 4\n1\n1 2 3 4 5\n1 2 x\n1 2 3 x\n#a b 1\n", "out.x", as: "rates")
        #expect(loaded.edges == ["#a b 1.0"])
        #expect(loaded.rejected == ["3: too-few-columns", "4: too-many-columns", "5: bad-weight", "6: bad-time"])
        #expect(loaded.remarks == ["line 2 says that there are 9 edges, and the file has 5 rows"])
        let failure = try #require(try LoadedText.failure("1 2\n", "a.konect", as: "rates"))
        #expect(
            failure.contains("a.konect:1: a KONECT file begins as '% asym unweighted' does, and this one with '1 2'"))
        // A comment of words is a comment.
        #expect(try LoadedText("% sym table\n1 2\n", "out.x", as: "sees").edges == ["1 2"])
    }

    /// As NetworkX 3.6.1 writes them: `nx.write_edgelist(graph, file)`.
    private static let edgeList = """
        ann bob {'weight': 3.0, 'time': 1714550400, 'label': "it's", 'x': 'a"b\\'\\n}', 'n': None, 't': True}
        bob cy {'weight': 1e-05, 'l': [1, (2,), {'a': {}}], 'time': '2024-05-01'}
        cy 7 {}

        """

    @Test("of NetworkX has the data of its edges in dictionaries")
    func networkXEdges() throws {
        let edges = ["ann bob 3.0 @1714550400", "bob cy \(Float(1e-05)) @1714521600", "cy 7 1.0"]
        for name in ["g.edgelist", "g.txt", "g.edges", "g.tsv"] {
            for chunkBytes in [nil, 20] {
                let loaded = try LoadedText(NetworkFormatTests.edgeList, name, as: "rates", chunkBytes: chunkBytes)
                #expect(loaded.edges.map { $0.replacing("9.999999747378752e-06", with: "1e-05") } == edges)
                #expect(loaded.rejected == [])
                #expect(loaded.remarks.last == "left out: label, x, n, t, l")
            }
        }
        // With delimiter="\t" nodes may have blanks, with "," tabs.
        let tabs = try LoadedText("ann lee\tbob\t{}\nbob\t7\t{'weight': 2, 'time': None}\n", "g.edgelist", as: "rates")
        #expect(tabs.edges == ["ann lee bob 1.0", "bob 7 2.0"])
        let commas = try LoadedText("ann,bob,{}\nbob,7,{'weight': 2, 'a': 1}\n", "g.csv", as: "trusts")
        #expect(commas.edges == ["ann bob 1.0", "bob 7 2.0"])
        // nx.write_weighted_edgelist(graph, file)
        #expect(
            try LoadedText("ann bob 3.0\nbob cy 1.5\n", "g.edgelist", as: "trusts").edges == [
                "ann bob 3.0", "bob cy 1.5",
            ])
        // Keys of an edge list may begin with a brace.
        #expect(try LoadedText("{a} {b}\n{c} {d}\n", "g.edgelist", as: "sees").edges == ["{a} {b}", "{c} {d}"])
    }

    @Test("of NetworkX has bad rows where a dictionary is none")
    func badDictionaries() throws {
        let rows = [
            "1 2 {", "1 2 }", "1 2 {'weight' 3}", "1 2 {'weight': }", "1 2 {'weight': 3, , 'a': 1}", "1 2 {'a': [1}",
            "1 2 {'a': 'b}", "1 2 {'a': (1]}", "1 2 {} x", "1 2 3 {}", "1 2 {'weight': 1, 'weight': 2}",
            "1 2 {'a': " + String(repeating: "[", count: 65) + String(repeating: "]", count: 65) + "}",
            "1 2 {'weight': '3'}",
            "1 2 {'weight': nan}", "1 2 {'weight': [3]}", "1 2 {'time': 'x'}", "1 2 {'time': (1,)}", "1", "1 1 {}",
        ]
        let good = (0..<20).map { "a\($0) b\($0) {}\n" }.joined()
        let loaded = try LoadedText(good + rows.joined(separator: "\n"), "g.edgelist", as: "rates")
        let codes =
            Array(repeating: "bad-dictionary", count: 12) + Array(repeating: "bad-weight", count: 3) + [
                "bad-time", "bad-time",
            ]
            + ["too-few-columns", "self-loop"]
        #expect(loaded.rejected == codes.enumerated().map { "\($0 + 21): \($1)" })
        #expect(loaded.edges.count == 20)
        #expect(
            loaded.reasons[0]
                == "the data of an edge is a dictionary such as {'weight': 3.0, 'time': 1700000000}: a value is expected at its "
                + "byte 2, found the end of the line")
    }

    @Test("of NetworkX of adjacency lists is told from the lists of this program")
    func networkXAdjacency() throws {
        // nx.write_adjlist(graph, file) of NetworkX 3.6.1, by a script without a name.
        let head = "#-\n# GMT Mon Nov 30 19:39:02 2026\n# x y\n"
        for name in ["g.adjlist", "g.adj", "g.txt"] {
            let loaded = try LoadedText(head + "ann bob cy\nbob cy\ncy\n7\n", name, as: "sees", chunkBytes: 11)
            #expect(loaded.edges == ["ann bob", "ann cy", "bob cy"] && loaded.users == ["ann", "bob", "cy", "7"])
        }
        #expect(try LoadedText(head + "ann lee\tbob\nbob\n", "g.adjlist", as: "sees").edges == ["ann lee bob"])
        #expect(try LoadedText("1 2 3\n2 3\n", "g.adjlist", as: "sees").edges == ["1 2", "1 3", "2 3"])
        #expect(try LoadedText("1\t2,3 4\n2\t3\n", "g.adjlist", as: "sees").edges == ["1 2", "1 3 4", "2 3"])
        let bad = try LoadedText(head + "1 2\n2 2\n3 1\n", "g.adjlist", as: "sees")
        #expect(bad.edges == ["1 2", "3 1"] && bad.rejected == ["5: self-loop"])
        // nx.write_multiline_adjlist(graph, file)
        let multiline = head + "ann 1\nbob {'weight': 3.0}\nbob 0\n"
        let failure = try #require(try LoadedText.failure(multiline, "g.adjlist", as: "sees"))
        #expect(
            failure.hasSuffix(
                "g.adjlist:1: this is a multiline adjacency list of NetworkX, which is not read; write the graph with "
                    + "nx.write_edgelist(graph, 'graph.edgelist')"))
        for unclear in ["1 2,3\n2 3\n", "1: 2 3\n"] {
            #expect(
                try LoadedText.failure(unclear, "g.adjlist", as: "sees")?.contains("or all of them between blanks")
                    == true)
        }
    }

    @Test("of NetworkX has no comments between its rows, but may have keys that begin as some")
    func hashtagsBetweenRows() throws {
        let head = "#-\n# GMT Mon Nov 30 19:39:02 2026\n# x y\n"
        let lists = try LoadedFile(head + "jazz bob\n#tag cy\n# so it is\n", "e.adjlist")
        #expect(lists.edges == ["jazz bob"] && lists.rejected == ["5: row-or-comment"])
        let multiline = head + "jazz 1\n#tag {'weight': 3.217}\n#tag 0\n"
        let cut = try LoadedFile(multiline, "e.adjlist")
        #expect(cut.rejected == ["5: row-or-comment", "6: row-or-comment"])
        #expect(try LoadedFile("#by hand\nann bob\n#cy dan\n", "e.adjlist").edges == ["ann bob"])
        let edges = try LoadedFile("jazz bob {}\n#tag cy {}\n# so it is\n", "e.edgelist")
        #expect(edges.edges == ["jazz bob"] && edges.rejected == ["2: row-or-comment"])
        let commentedOut = try LoadedFile("# by hand\njazz bob {}\n#tag cy {}\n", "e.edgelist")
        #expect(commentedOut.edges == ["jazz bob"] && commentedOut.rejected == [])
    }

    @Test("of RecBole is a TSV file by its name")
    func recBole() throws {
        for ending in ["inter", "user", "item", "net", "kg", "link"] {
            #expect(EdgeFileFormat(ofFileNamed: "ml-100k.\(ending)") == .tsv)
        }
        // ml-100k.inter as RecSysDatasets writes it, without the columns that say more.
        let loaded = try LoadedText("user_id:token\titem_id:token\n196\t242\n186\t302\n", "ml-100k.inter", as: "visits")
        #expect(loaded.edges == ["186 302", "196 242"])
    }

    /// Small files of each of these formats, to be damaged.
    private static let files: [(name: String, text: String)] = [
        (
            "a.mtx",
            "%%MatrixMarket matrix coordinate real general\n%\n9 9 6\n1 2 5E-1\n2 3 1\n4 5 2\n5 6 1\n9 1 1\n1 3 2\n"
        ),
        ("b.mtx", "%%MatrixMarket matrix coordinate pattern symmetric\n9 9 4\n2 1\n3 2\n5 4\n9 8\n"),
        (
            "a.graph",
            "7 11 001\n5 1 3 2 2 1\n1 1 3 2 4 1\n5 3 4 2 2 2 1 2\n2 1 3 2 6 2 7 5\n1 1 3 3 6 2\n5 2 4 2 7 6\n6 6 4 5\n"
        ),
        ("b.graph", "% x\n7 11\n5 3 2\n1 3 4\n5 4 2 1\n2 3 6 7\n1 3 6\n5 4 7\n6 4\n"),
        ("out.a", "% sym positive\n% 5 6 6\n1 2 1 1082008561\n2 3\n3 4 5\n4\t5 6 1082008562\n5 6\n"),
        (
            "a.edgelist",
            "1 2 {'weight': 3.0, 'time': 5, 'x': [1, {}]}\nann bob {}\nbob cy {'a': \"it's\"}\n3 4 {'time': '2024-05-01'}\n"
        ),
        ("a.adjlist", "#-\n# GMT Mon Nov 30 19:39:02 2026\n# x\nann bob cy\nbob cy\ncy\n7 8 9 10\n"),
        (
            "a.jsonl",
            "{\"from\": \"a\\u0062\", \"to\": 7, \"weight\": 2}\n{\"src\": 1, \"dst\": [1, {\"x\": null}]}\n{\"to\": 1, \"from\": -2, \"t\": 1e5}\n"
        ),
    ]

    @Test(
        "that is damaged gives the same however it is cut into chunks", arguments: files.indices, 0..<Repetitions.of(2))
    func damaged(index: Int, seed: Int) throws {
        let (name, whole) = NetworkFormatTests.files[index]
        var random = SplitMix64(seed: UInt64(96_000 + 100 * index + seed))
        let special = Array("\"'{}[](),:\\%# \t\n\r019.eE-".utf8)
        for _ in 0..<12 {
            var text = Array(whole.utf8)
            for _ in 0..<Int.random(in: 1...4, using: &random) where !text.isEmpty {
                let place = Int.random(in: 0..<text.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: text[place] = special.randomElement(using: &random) ?? 0
                case 1: text.insert(special.randomElement(using: &random) ?? 0, at: place)
                case 2: text.remove(at: place)
                default: text.removeSubrange(place..<min(text.count, place + Int.random(in: 0...20, using: &random)))
                }
            }
            let damaged = String(decoding: text, as: UTF8.self)
            func outcome(_ chunkBytes: Int?, _ threads: Int) throws -> String {
                do {
                    let loaded = try LoadedText(damaged, name, as: "rates", chunkBytes: chunkBytes, threads: threads)
                    return
                        "\(loaded.edges) \(loaded.users.sorted()) \(loaded.rejected) \(loaded.reasons) \(loaded.remarks)"
                } catch let error as LoadError {
                    return "\(error)".split(separator: "/").last.map { String($0) } ?? ""
                }
            }
            let first = try outcome(nil, 1)
            for (chunkBytes, threads) in [(10, 3), (33, 2)] {
                #expect(try outcome(chunkBytes, threads) == first, "\(damaged)")
            }
        }
    }
}

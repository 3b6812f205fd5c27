import GraphTesting
import ProcessTesting
import Testing

@testable import Kith

@Suite("A file of a matrix or of neighbours")
struct MatrixFormatTests {
    /// As SciPy 1.17.1 writes it: `mmwrite(file, coo_array(([.5, 1, 3, 1, 2], ([0, 0, 1, 2, 3], [0, 1, 0, 2, 1])), shape=(4, 3)))`.
    private static let ratings =
        "%%MatrixMarket matrix coordinate real general\n%users by topics\n4 3 5\n1 1 5E-1\n1 2 1\n2 1 3\n3 3 1\n4 2 2\n\n"
    /// The same of an undirected graph: `mmwrite` writes half of what is symmetric.
    private static let symmetric =
        "%%MatrixMarket matrix coordinate integer symmetric\n%\n3 3 3\n2 1 1\n3 2 5\n3 3 2\n"
    /// As the collections of SuiteSparse and of Network Repository have it: remarks, carriage returns, blanks.
    private static let pattern =
        "%%MatrixMarket matrix coordinate pattern symmetric \r\n%-----\r\n% UF Sparse Matrix Collection\r\n%-----\r\n 3 3 2\r\n2 1\r\n 3   1 \r\n"

    @Test("of Matrix Market is read, whatever its name and however it is cut")
    func matrixMarket() throws {
        let topics = ["1 1 0.5", "1 2 1.0", "2 1 3.0", "3 3 1.0", "4 2 2.0"]
        for name in ["a.mtx", "a.MTX", "a.txt", "a.csv", "a.graph"] {
            for chunkBytes in [nil, 16] {
                let loaded = try LoadedText(MatrixFormatTests.ratings, name, as: "likes", chunkBytes: chunkBytes)
                #expect(loaded.edges == topics && loaded.rejected == [])
                #expect(loaded.remarks.count == (["a.csv", "a.graph"].contains(name) ? 1 : 0))
            }
        }
        let loaded = try LoadedText(MatrixFormatTests.ratings, "a.graph", as: "likes")
        #expect(
            loaded.remarks == [
                "by its name it is one of the METIS files, by what stands in it one of the Matrix Market files"
            ])
        let bare = try LoadedText(MatrixFormatTests.ratings, "a.mtx", as: "visits")
        #expect(bare.edges == topics.map { String($0.dropLast(4)) })
        #expect(bare.remarks == ["values are left out: the edge type has no weight"])
    }

    @Test("of a symmetric matrix is one edge an entry for a symmetric type, and two for another")
    func symmetricMatrix() throws {
        let rated = try LoadedText(
            MatrixFormatTests.symmetric.replacing("3 3 2", with: "3 1 2"), "a.mtx", as: "trusts")
        #expect(rated.edges == ["1 2 1.0", "1 3 2.0", "2 1 1.0", "2 3 5.0", "3 1 2.0", "3 2 5.0"])
        #expect(rated.remarks == ["the matrix is symmetric: an entry is an edge both ways"])
        let known = try LoadedText(MatrixFormatTests.symmetric, "a.mtx", as: "knows")
        #expect(known.edges == ["1 2 1.0", "2 1 1.0", "2 3 5.0", "3 2 5.0"])
        // A node is not joined to itself; of topics and users there are two that are called 3.
        #expect(known.rejected == ["6: self-loop"])
        let liked = try LoadedText(MatrixFormatTests.symmetric, "a.mtx", as: "likes")
        #expect(liked.edges == ["1 2 1.0", "2 1 1.0", "2 3 5.0", "3 2 5.0", "3 3 2.0"] && liked.rejected == [])
        let pattern = try LoadedText(MatrixFormatTests.pattern, "a.mtx", as: "trusts")
        #expect(pattern.edges == ["1 2 1.0", "1 3 1.0", "2 1 1.0", "3 1 1.0"] && pattern.rejected == [])
    }

    @Test("of Matrix Market has its numbers checked")
    func badEntries() throws {
        let text =
            "%%matrixmarket MATRIX Coordinate Real General\n3 2 8\n0 1 1\n4 1 1\n1 3 1\n1 1\n1 1 1 1\n1 1 x\n01 1 1\n3 2 7\n"
        let loaded = try LoadedText(text, "a.mtx", as: "likes")
        #expect(loaded.edges == ["3 2 7.0"])
        let codes = [
            "bad-index", "bad-index", "bad-index", "too-few-columns", "too-many-columns", "bad-weight", "bad-index",
        ]
        #expect(loaded.rejected == codes.enumerated().map { "\($0 + 3): \($1)" })
        #expect(loaded.reasons[1] == "column 1: the head of the file allows the numbers from 1 to 3, found '4'")
    }

    @Test(
        "of Matrix Market that holds another number of entries, or what is no edge, is refused",
        arguments: [
            (
                "%%MatrixMarket matrix coordinate real general\n2 2 2\n1 2 1\n",
                "a.mtx:2: it says that there are 2 entries, and the file has 1: it is cut off"
            ),
            (
                "%%MatrixMarket matrix coordinate real general\n2 2 1\n1 2 1\n2 1 1\n",
                "1 entries, and the file has 2; write"
            ),
            (
                "%%MatrixMarket matrix coordinate real general\n% x\n",
                "a.mtx:1: the line with the numbers of rows, columns"
            ),
            (
                "%%MatrixMarket matrix coordinate real general\n2 2\n1 2 1\n",
                "a.mtx:2: the numbers of rows, columns and entries are expected, found '2 2'"
            ),
            ("%%MatrixMarket matrix coordinate complex general\n2 2 1\n1 2 1 0\n", "these are 'complex'"),
            ("%%MatrixMarket matrix coordinate real skew-symmetric\n2 2 1\n2 1 1\n", "as in a 'skew-symmetric' matrix"),
            ("%%MatrixMarket matrix coordinate complex hermitian\n2 2 1\n2 1 1 0\n", "these are 'complex'"),
            ("%%MatrixMarket matrix array real general\n1 2\n1\n2\n", "an 'array' has a value for every pair"),
            (
                "%%MatrixMarket vector coordinate real general\n",
                "'%%MatrixMarket matrix coordinate', a field and a symmetry are"
            ),
            (
                "1 2\n2 3\n",
                "a.mtx:1: a Matrix Market file begins with '%%MatrixMarket matrix coordinate', and this one with '1 2'"
            ),
            ("", "and this one with nothing"),
        ])
    func refusedMatrices(text: String, words: String) throws {
        let failure = try #require(try LoadedText.failure(text, "a.mtx", as: "likes"))
        #expect(failure.contains(words), "\(failure)")
    }

    /// The example of the METIS manual 5.1.0, figure 3a: nodes and edges and no more.
    private static let metis = "7 11\n5 3 2\n1 3 4\n5 4 2 1\n2 3 6 7\n1 3 6\n5 4 7\n6 4\n"
    /// Figure 3b: weights of edges.
    private static let metisWeights =
        "7 11 001\n5 1 3 2 2 1\n1 1 3 2 4 1\n5 3 4 2 2 2 1 2\n2 1 3 2 6 2 7 5\n1 1 3 3 6 2\n5 2 4 2 7 6\n6 6 4 5\n"

    private static let metisEdges = [
        (1, 2), (1, 3), (1, 5), (2, 3), (2, 4), (3, 4), (3, 5), (4, 6), (4, 7), (5, 6), (6, 7),
    ]

    private static func bothWays(_ edges: [(Int, Int)]) -> [String] {
        edges.flatMap { ["\($0.0) \($0.1)", "\($0.1) \($0.0)"] }.sorted()
    }

    @Test("of METIS is read by line, wherever the blocks of the file begin")
    func metis() throws {
        let expected = MatrixFormatTests.bothWays(MatrixFormatTests.metisEdges)
        for (chunkBytes, threads) in [(nil, 1), (9, 1), (9, 3), (10, 3), (17, 2)] {
            for type in ["sees", "meets"] as [EdgeType.Name] {
                let loaded = try LoadedText(
                    "% a graph\n" + MatrixFormatTests.metis, "a.graph", as: type, chunkBytes: chunkBytes,
                    threads: threads)
                #expect(loaded.edges == expected && loaded.rejected == [])
            }
        }
        let weighted = try LoadedText(MatrixFormatTests.metisWeights, "a.metis", as: "knows")
        #expect(weighted.edges.contains("4 7 5.0") && weighted.edges.contains("7 4 5.0") && weighted.edges.count == 22)
        #expect(weighted.edges == (try LoadedText(MatrixFormatTests.metisWeights, "a.metis", as: "trusts")).edges)
        let bare = try LoadedText(MatrixFormatTests.metisWeights, "a.metis", as: "sees")
        #expect(bare.edges == expected && bare.remarks == ["weights are left out: the edge type has none"])
    }

    @Test(
        "of METIS may have sizes and weights of nodes, remarks and nodes without edges",
        arguments: [
            ("3 1 10\n5 2\n7 1\n9\n", ["1 2 1.0", "2 1 1.0"]), ("3 1 011\n5 2 4\n7 1 4\n9\n", ["1 2 4.0", "2 1 4.0"]),
            ("3 1 100\n5 2\n7 1\n9\n", ["1 2 1.0", "2 1 1.0"]),
            ("3 1 111 2\n1 1 1 2 4\n1 1 1 1 4\n1 1 1\n", ["1 2 4.0", "2 1 4.0"]),
            ("3 1 010 2\n1 1 2\n% x\n1 1 1\n1 1\n", ["1 2 1.0", "2 1 1.0"]),
            ("3 1\n2\n1\n\n\n\n", ["1 2 1.0", "2 1 1.0"]),
            ("3 1 000 1\n2\r\n1\r\n\r\n", ["1 2 1.0", "2 1 1.0"]), ("3 0\n\n\n\n", []),
        ])
    func metisLayouts(text: String, edges: [String]) throws {
        for chunkBytes in [nil, 3] {
            let loaded = try LoadedText(text, "a.graph", as: "trusts", chunkBytes: chunkBytes)
            #expect(loaded.edges == edges && loaded.rejected == [])
            #expect(loaded.users == ["1", "2", "3"])
        }
    }

    @Test(
        "of METIS is refused where lines, numbers and ends of edges do not go together",
        arguments: [
            (
                "4 3\n2 3\n1 4\n1 4\n2 3\n",
                "a.graph:1: it says that there are 3 edges, which stand twice, and the lines have 8 neighbours"
            ),
            ("4 2\n2\n1\n4\n", "there are 4 nodes, and the file has lines of 3: it is cut off"),
            ("2 1\n2\n1\n1\n", "there are 2 nodes, and the file has lines of more"),
            ("3 2\n2 3\n1\n2\n", "an edge stands in the lines of both its ends"),
            ("2 1 1\n2 5\n1 6\n", "an edge stands in the lines of both its ends, with one weight"),
            (
                "ann bob\n",
                "a.graph:1: 'ann bob' is not the head of one; a METIS file begins with its numbers of nodes and edges"
            ),
            ("2 1 7\n2\n1\n", "'7' is not three digits of 0 and 1"), ("% x\n", "the file has no line but comments"),
            ("", "the file has no line but comments"),
        ])
    func refusedNeighbors(text: String, words: String) throws {
        let failure = try #require(try LoadedText.failure(text, "a.graph", as: "sees"))
        #expect(failure.contains(words) && failure.contains("say what it is with `--input-format`"), "\(failure)")
    }

    @Test("of METIS turns lines down, and the others keep their nodes")
    func badLines() throws {
        for chunkBytes in [nil, 5] {
            let loaded = try LoadedText("4 2\n2 x\n1 2\n4\n3\n", "a.graph", as: "sees", chunkBytes: chunkBytes)
            #expect(loaded.edges == ["3 4", "4 3"] && loaded.rejected == ["2: bad-index", "3: self-loop"])
        }
        let long = "2 0\n" + String(repeating: "7 ", count: 1 << 20) + "\n\n"
        let loaded = try LoadedText(long, "a.graph", as: "sees")
        #expect(loaded.rejected == ["2: record-too-long"] && loaded.users == ["2"])
    }

    @Test("is for edges of one type between nodes of the right kinds")
    func wrongUse() throws {
        #expect(
            try LoadedText.failure(MatrixFormatTests.metis, "a.graph", as: "likes")?.contains("are of one kind") == true
        )
        #expect(
            try LoadedText.failure(MatrixFormatTests.metis, "a.graph", as: nil)?.contains("name the type of all")
                == true)
        #expect(
            try LoadedText.failure(MatrixFormatTests.ratings, "a.mtx", as: nil)?.contains("name the type of all")
                == true)
        let folder = try TemporaryFolder()
        let store = try GraphStore(creating: folder.file("s.kith"))
        let error = #expect(throws: LoadError.self) {
            try store.read {
                _ = try GraphExport(.metis).write(.edges(.follows), of: $0, toFile: folder.file("a.graph"))
            }
        }
        #expect("\(try #require(error))" == "METIS files are read and not written; export as tsv or csv or jsonl")
    }
}

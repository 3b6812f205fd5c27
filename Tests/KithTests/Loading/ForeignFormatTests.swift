import Foundation
import GraphTesting
import ProcessTesting
import Testing

@testable import Kith

/// What is no file of rows is told of by its name, and no file of rows is taken for anything else.
@Suite("A file that holds no rows")
struct ForeignFormatTests {
    /// How a file begins, what it is called, and what the refusal says of it.
    struct Example: Sendable, CustomTestStringConvertible {
        let name: String
        let bytes: [UInt8]
        let words: [String]

        init(_ name: String, _ bytes: [UInt8], then text: String = "", _ words: String...) {
            (self.name, self.bytes, self.words) = (name, bytes + Array(text.utf8), words)
        }

        init(_ name: String, _ text: String, _ words: String...) {
            (self.name, self.bytes, self.words) = (name, Array(text.utf8), words)
        }

        var testDescription: String { words[0] }
    }

    private static func utf16(_ text: String, isBigEndian: Bool) -> [UInt8] {
        text.utf16.flatMap { isBigEndian ? [UInt8($0 >> 8), UInt8($0 & 255)] : [UInt8($0 & 255), UInt8($0 >> 8)] }
    }

    private static func padded(_ text: String, at offset: Int) -> [UInt8] {
        [UInt8](repeating: 7, count: offset) + Array(text.utf8)
    }

    private static let rows = "1\t2\n3\t4\n"

    static let binary: [Example] = [
        .init(
            "e.tsv.bz2", [0x42, 0x5A, 0x68, 0x39, 0x31, 0x41, 0x59, 0x26, 0x53, 0x59], "compressed by bzip2",
            "bzip2 -dc"),
        .init("e.tsv.xz", [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0, 0, 4], "compressed by xz", "xz -dc"),
        .init("e.tsv.zst", [0x28, 0xB5, 0x2F, 0xFD, 4, 0x41], "compressed by zstd", "zstd -dc"),
        .init("e.tsv.lz4", [0x04, 0x22, 0x4D, 0x18, 0x64], "compressed by lz4", "lz4 -dc"),
        .init("e.zip", [0x50, 0x4B, 3, 4, 20, 0], then: "edges.csv", "a zip archive", "unzip -p"),
        .init("e.xlsx", [0x50, 0x4B, 3, 4, 20, 0], then: "[Content_Types].xml", "a workbook of Excel", "CSV"),
        .init("e.npz", [0x50, 0x4B, 3, 4, 20, 0], then: "indices.npy", "NumPy's arrays", "mmwrite"),
        .init("e.xls", [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1], "a workbook of Excel"),
        .init("e.tar", padded("ustar\u{0}00", at: 257), "a tar archive", "tar -xf"),
        .init("e.tar", padded("ustar  \0", at: 257), "a tar archive"),
        .init("e.7z", [0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C, 0, 4], "a 7z archive", "7z e"),
        .init("e.csv", utf16("\u{FEFF}" + rows, isBigEndian: false), "text in UTF-16", "iconv -f UTF-16 -t UTF-8"),
        .init("e.csv", utf16("\u{FEFF}" + rows, isBigEndian: true), "text in UTF-16"),
        .init("e.csv", [0xFF, 0xFE, 0, 0, 0x31, 0, 0, 0], "text in UTF-32", "iconv"),
        .init("e.tsv", utf16(rows, isBigEndian: false), "text in UTF-16LE", "iconv -f UTF-16LE"),
        .init("e.tsv", utf16("東京\t京都\n大阪\t7\n", isBigEndian: true), "text in UTF-16BE", "iconv -f UTF-16BE"),
        .init("e.parquet", "PAR1\u{15}\u{4}\u{15}", "a Parquet file", "duckdb"),
        .init("e.arrow", "ARROW1\0\0", "an Arrow file", "pandas"),
        .init("e.arrows", [0xFF, 0xFF, 0xFF, 0xFF, 0x80, 1, 0, 0, 16], "a stream of Arrow"),
        .init("e.db", "SQLite format 3\0", "an SQLite database", "sqlite3 -csv"),
        .init("e.duckdb", "checksumDUCK@\0\0", "a DuckDB database"),
        .init("e.h5", [0x89], then: "HDF\r\n\u{1A}\n", "an HDF5 file"),
        .init("e.npy", [0x93], then: "NUMPY\u{1}\0", "an array of NumPy"),
        .init(
            "e.kith", [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0xDE, 0xC0, 0xEF, 0xBE, 1, 0, 0, 0],
            "a store of Kith",
            "kith export"),
        .init("e.pickle", [0x80, 4, 0x95, 1, 0], "a pickle of Python"),
        .init("e.pdf", "%PDF-1.7\n", "a PDF"),
    ]

    static let text: [Example] = [
        .init(
            "e.txt", "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n", "Git LFS", "git lfs pull"),
        .init("e.csv", "<!DOCTYPE html>\n<html><body>Log in</body></html>\n", "a web page"),
        .init("e.csv", "\n  <HTML>\n<head>", "a web page"),
        .init("e.xml", "<?xml version=\"1.0\"?>\n<!-- by hand -->\n<people>", "an XML document (people)"),
        .init("e.gexf", "<?xml version='1.0'?><gexf version=\"1.2\">", "a graph in GEXF", "read_gexf"),
        .init("e.graphml", "<graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\">", "a GraphML document"),
        .init(
            "e.gml", "Creator \"igraph\"\nVersion 1\ngraph\n[\n  directed 1\n  node\n  [\n    id 0\n", "a graph in GML",
            "read_gml"),
        .init("e.gml", "graph [\n  node [\n    id 0\n", "a graph in GML"),
        .init("e.net", "% made by hand\n*Vertices 3\n1 \"Ann\"\n", "a network of Pajek", "read_pajek"),
        .init("e.net", "*Network friends\n*vertices 3\n", "a network of Pajek"),
        .init("e.txt", "# ann\nbob 1\ncy 2\n# bob\ncy 3\n", "a graph in LGL", "awk"),
        .init("e.lgl", "# ann\nbob\n", "a graph in LGL"),
        .init("e.gv", "// people\nstrict digraph \"my people\" {\n  a -> b;\n}\n", "a graph in DOT", "gvpr"),
        .init("e.dot", "graph G\n{\n  a -- b\n}\n", "a graph in DOT"),
        .init("e.json", "[\n  {\"source\": \"a\", \"target\": \"b\"}\n]\n", "one JSON array", "jq -c '.[]'"),
        .init("e", "[[\"a\", \"b\"], [\"b\", \"c\"]]", "one JSON array"),
        .init("e", "[[1,2],[2,3]]", "one JSON array"),
        .init("e.csv", "[{\"from\":1,\"to\":2}]", "one JSON array"),
        .init(
            "e.json", "{\"directed\": false, \"nodes\": [{\"id\": 1}], \"links\": [{\"source\": 1}]}", "lists of nodes",
            "jq -c '.links[]'"),
        .init("e", "{\n  \"nodes\": [],\n  \"edges\": [\n", "lists of nodes", "jq -c '.edges[]'"),
        .init("e.json", "{\"elements\": {\"nodes\": []}}", "lists of nodes", ".data"),
        .init("e.json", "{\n  \"from\": \"a\",\n  \"to\": \"b\"\n}\n", "objects in several lines", "jq -c ."),
        .init(
            "following_accounts.csv",
            "Account address,Show boosts,Notify on new posts,Languages\nann@x.example,true,false,\n", "Mastodon",
            "follows.csv"),
        .init("following.js", "window.YTD.following.part0 = [\n", "a Twitter archive", "follows.csv"),
        .init("following.json", "{\n  \"relationships_following\": [\n", "Instagram", "follows.csv"),
    ]

    private func refusal(_ name: String, _ bytes: [UInt8], given: EdgeFileFormat? = nil) -> LoadError? {
        do throws(LoadError) {
            try bytes.withUnsafeBufferPointer { bytes throws(LoadError) in
                try ForeignFormat.refuse(
                    name, beginningWith: bytes, given: given, named: EdgeFileFormat(ofFileNamed: name))
            }
            return nil
        } catch {
            return error
        }
    }

    @Test(
        "is refused by name, in a line that says what to do",
        arguments: ForeignFormatTests.binary + ForeignFormatTests.text)
    func refused(example: Example) throws {
        let error = try #require(refusal(example.name, example.bytes))
        guard case .otherFormat(let path, _) = error else {
            Issue.record("\(error)")
            return
        }
        #expect(path == example.name)
        let line = "\(error)"
        #expect(!line.contains("\n") && line.hasPrefix("'\(example.name)' cannot be read as rows: it is "))
        for words in example.words { #expect(line.contains(words)) }
    }

    @Test("is refused for its bytes even where a format was given by hand, and read where it is text")
    func byHand() {
        for format in EdgeFileFormat.allCases {
            for example in Self.binary {
                #expect(refusal(example.name, example.bytes, given: format) != nil, "\(example)")
            }
            for example in Self.text {
                #expect(refusal(example.name, example.bytes, given: format) == nil, "\(example)")
            }
        }
    }

    @Test("is refused compressed as well, and as a file of nodes, and nothing is stored")
    func inside() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("users.csv.gz")
        try Data(GzipMember.bytes(Array("<!DOCTYPE html>\n<html>".utf8))).write(to: URL(fileURLWithPath: path))
        let failure = #expect(throws: LoadError.self) {
            try BulkLoader(onError: .skip).load(
                [], nodes: [.init(kind: .user, path: path)], into: folder.file("s.kith"))
        }
        #expect("\(try #require(failure))".contains("a web page"))
        #expect(try folder.names() == ["users.csv.gz"])
    }

    @Test(
        "is none of the files of rows that there are, whatever they are called", arguments: EdgeFileFormat.allCases,
        Repetitions.seeds(60))
    func rows(format: EdgeFileFormat, seed: UInt64) throws {
        var random = SplitMix64(seed: 97_000 + seed)
        for type in Schema.social.edgeTypes {
            let text = EdgeFileText(format: format, type: type).make(40, badShare: 5, &random).text
            for name in ["e", "e.txt", "e.\(format.fileNameExtension)"] { #expect(refusal(name, text) == nil) }
        }
    }

    @Test("is none of the files of odd keys, where each of the words above is a key", arguments: Repetitions.seeds(60))
    func oddKeys(seed: UInt64) throws {
        var random = SplitMix64(seed: 98_000 + seed)
        let keys = [
            "PAR1", "ORC", "BZh9", "PK", "DUCK", "RDX3", "ustar", "graph", "digraph", "strict", "[", "{", "[[2024]]",
            "<b>",
            "*", "*Vertices", "*Network", "nodes", "%", "node", "window", "Account address", "FEA1", "version",
            "https://git-lfs.github.com", "<3", "[a,b]", "{a}",
        ]
        for (delimiter, name) in [("\t", "e.tsv"), ("\t", "e"), (",", "e.csv"), (" ", "e.edges"), (" ", "e")] {
            var text = ""
            for _ in 0..<Int.random(in: 1...30, using: &random) {
                let row = (0..<2).map { _ in keys.randomElement(using: &random) ?? "" }
                text += row.joined(separator: delimiter) + "\n"
            }
            #expect(refusal(name, Array(text.utf8)) == nil, "\(text)")
        }
    }

    @Test("is none of the edge lists with comments of one word")
    func comments() {
        for text in [
            "# people\n1 2\n# more\n3 4\n", "# 1\n1 2\n1 3\n# 2\n2 5\n", "# from to\n1 2\n", "# ann\n",
            "#ann\nann bob\n# bob\n",
        ] {
            #expect(refusal("e.txt", Array(text.utf8)) == nil, "\(text)")
        }
    }

    @Test("mutated anywhere is refused or read, and nothing else", arguments: Repetitions.seeds(20))
    func mutated(seed: UInt64) {
        var random = SplitMix64(seed: 99_000 + seed)
        for example in Self.binary + Self.text {
            var bytes = example.bytes
            for _ in 0..<Int.random(in: 1...6, using: &random) where !bytes.isEmpty {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                let special: [UInt8] = Array("\"\\\n\r\t, []{}<>!?-#*%:".utf8) + [0, 0xFF, 0xC3]
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes[place] = special.randomElement(using: &random) ?? 0
                case 1: bytes.remove(at: place)
                case 2: bytes.insert(special.randomElement(using: &random) ?? 0, at: place)
                default: bytes.removeLast(Int.random(in: 0..<bytes.count, using: &random))
                }
            }
            for name in [example.name, "e", "e.json", "e.tsv"] { _ = refusal(name, bytes) }
        }
    }
}

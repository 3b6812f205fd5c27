import Foundation
import GraphTesting
import ProcessTesting
import Synchronization
import Testing

@testable import Kith

@Suite("A bulk load")
struct BulkLoaderTests {
    private func file(_ text: String, _ name: String, in folder: TemporaryFolder) throws -> String {
        let path = folder.file(name)
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        return path
    }

    private func edges(_ path: String, _ type: EdgeType.Name, of key: NodeKey) throws -> [Neighbor] {
        try GraphStore(opening: path).read { try $0.neighbors(of: key, via: type) }.neighbors
    }

    @Test(
        "reads tabs, commas, blanks, headers, quotes, comments, CRLF and a byte-order mark",
        arguments: [
            ("a.tsv", "x y\tb\t5\nx y\tc\t6\n"), ("a.csv", "x y,b,5\r\nx y,c,6\r\n"),
            ("a.csv", "to,time,from\nb,5,x y\nc,6,\"x y\"\n"), ("b.csv", "\"x y\",\"b\",5\n\"x y\",c,\"6\""),
            ("a.tsv", "\u{FEFF}source\tnote\ttarget\ttime\nx y\tn\tb\t5\nx y\tn\tc\t6\n"),
            ("b.tsv", ":START_ID\t:END_ID\ttime\nx y\tb\t5\n\nx y\tc\t6"),
        ])
    func formats(name: String, text: String) throws {
        let folder = try TemporaryFolder()
        let path = folder.file("people.kith")
        let input = try file(text, name, in: folder)
        let report = try BulkLoader().load([.init(type: .follows, path: input)], into: path)
        #expect(report.edges == [.follows: 2])
        #expect(report.nodes == [.user: 3])
        #expect(try edges(path, .follows, of: "x y").map(\.key) == ["b", "c"])
        #expect(try edges(path, .follows, of: "x y").map(\.time) == [5, 6])
    }

    @Test("reads the headers of neo4j-admin, and each row's type from its column; a type that is none is a bad row")
    func neo4jHeaders() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("people.kith")
        let input = try file(
            "since:int,:START_ID(User),weight:float,:END_ID(User),:TYPE\n"
                + "2001,a,0.5,b,FOLLOWS\n2002,b,2,t,interests\n2003,a,1,b,likes\n2004,a,,c,follows\n", "e.csv",
            in: folder)
        let report = try BulkLoader(onError: .skip).load([.init(type: nil, path: input)], into: path)
        #expect(report.edges == [.follows: 2, .interests: 1])
        #expect(report.rejected == ["unknown-edge-type": 1])
        #expect(try edges(path, .follows, of: "a").map(\.key) == ["b", "c"])
        #expect(try edges(path, .interests, of: "b").map(\.weight) == [2])
        let plain = try file("a\tb\n", "p.tsv", in: folder)
        #expect(throws: LoadError.self) {
            try BulkLoader().load([.init(type: nil, path: plain)], into: folder.file("x"))
        }
    }

    @Test("takes words above numbers for a header, and words above words for a row")
    func headerInOtherWords() throws {
        let folder = try TemporaryFolder()
        let words = try file("userID\tfriendID\n1\t2\n2\t3\n", "w.tsv", in: folder)
        #expect(try BulkLoader().load([.init(type: .friends, path: words)], into: folder.file("a")).nodes == [.user: 3])
        let names = try file("ann\tbob\n1\t2\nbob\tcy\n", "n.tsv", in: folder)
        #expect(try BulkLoader().load([.init(type: .friends, path: names)], into: folder.file("b")).nodes == [.user: 5])
        let weights = try file("user\tartist\tplays\nann\trock\t7\n", "x.tsv", in: folder)
        #expect(
            try BulkLoader().load([.init(type: .interests, path: weights)], into: folder.file("c")).edges == [
                .interests: 1
            ])
        let half = try file("from\tname\n1\t2\n", "h.tsv", in: folder)
        #expect(throws: LoadError.self) {
            try BulkLoader().load([.init(type: .follows, path: half)], into: folder.file("d"))
        }
    }

    @Test(
        "takes a comment of names of columns that an edge list starts with for its header, and no other comment",
        arguments: [
            ("# time to from\n5 b ann\n6 c ann\n", 2), ("#target\tsource\n# more\nb ann\r\nc ann", 2),
            ("# from ann to b\nann b\nann c\n", 2), ("# from to\nann b\nann c\n1 2\n", 3),
            ("\n# a crawl\n# to from\nb ann\nc ann\n", 2), ("# src dst\nfrom to\nann b\nann c\n", 3),
        ])
    func headerInComment(text: String, count: Int) throws {
        let folder = try TemporaryFolder()
        let path = folder.file("people.kith")
        let input = try file(text, "e.txt", in: folder)
        #expect(try BulkLoader().load([.init(type: .follows, path: input)], into: path).edges == [.follows: count])
        #expect(try edges(path, .follows, of: "ann").map(\.key) == ["b", "c"])
        if text.contains("time") { #expect(try edges(path, .follows, of: "ann").map(\.time) == [5, 6]) }
    }

    @Test("reads lines of a source and its targets, and files of nodes that may have no edges")
    func adjacencyAndNodes() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("people.kith")
        let lists = try file("# from the crawl\na\t1,2,c d\n2\t\nb\t1\n", "l.adj", in: folder)
        let users = try file("name,:ID(User)\nAnn,zoe\nBob,1\n", "u.csv", in: folder)
        let topics = try file("{\"key\": \"jazz\"}\n{\"id\": 7}\n", "t.jsonl", in: folder)
        let report = try BulkLoader().load(
            [.init(type: .follows, path: lists)],
            nodes: [.init(kind: .user, path: users), .init(kind: .topic, path: topics)], into: path)
        #expect(report.edges == [.follows: 4])
        #expect(report.nodes == [.user: 6, .topic: 2])
        #expect(try edges(path, .follows, of: "a").map(\.key) == [1, 2, "c d"])
        #expect(try GraphStore(opening: path).read { try $0.contains("zoe") })
    }

    @Test("reads a SNAP edge list, plain and compressed, with comments and runs of blanks")
    func edgeList() throws {
        let folder = try TemporaryFolder()
        let plain = try file("# Nodes: 3\n% also\n1 \t 2\n 1  3 \n", "snap.txt", in: folder)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["gzip", "-k", plain]
        try process.run()
        process.waitUntilExit()
        for input in [plain, plain + ".gz"] {
            let path = folder.file("\(input.utf8.count).kith")
            _ = try BulkLoader().load([.init(type: .friends, path: input)], into: path)
            #expect(try edges(path, .friends, of: 1).map(\.key) == [2, 3])
        }
    }

    @Test("numbers nodes by descending in-degree of distinct edges, then integers before strings, by value and bytes")
    func order() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("people.kith")
        let input = try file("10\tz\n9\tz\n9\tz\n8\t7\n7\t8\nb\t7\na\tb\n", "e.tsv", in: folder)
        _ = try BulkLoader().load([.init(type: .follows, path: input)], into: path)
        let ids = try GraphStore(opening: path).read { snapshot in
            try (["7", "z", "8", "b", "9", "10", "a"] as [NodeKey]).map { try snapshot.id(of: $0)?.rawValue }
        }
        #expect(ids == [0, 1, 2, 3, 4, 5, 6])
        #expect(try GraphStore(opening: path).check().problems == [])
    }

    static let badRows: [(String, String, Int)] = [
        ("1\t2\n3\n", "too-few-columns", 2), ("1\t2\n\t3\n", "bad-key", 2), ("1\t2\t5\t6\n", "too-many-columns", 1),
        ("1\t\(String(repeating: "k", count: 501))\n", "bad-key", 1), ("1\t2\t-5\n", "bad-time", 1),
        ("1\t2\t1969-12-31\n", "bad-time", 1), ("1\t2\t4294967296\n", "bad-time", 1), ("1\t2\tsoon\n", "bad-time", 1),
        ("1\t2\n1\t2\n4\t4\n", "self-loop", 3),
    ]

    @Test("A bad row stops the load with its place and reason, and leaves nothing behind", arguments: badRows)
    func stops(text: String, code: String, line: Int) throws {
        let folder = try TemporaryFolder()
        let input = try file(text, "bad.tsv", in: folder)
        let path = folder.file("people.kith")
        let error = #expect(throws: LoadError.self) {
            try BulkLoader().load([.init(type: .follows, path: input)], into: path)
        }
        guard case .badRow(let row) = error else {
            Issue.record("\(String(describing: error)) is no bad row")
            return
        }
        #expect(row.error.code == code)
        #expect(row.line == line)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["bad.tsv"])
    }

    @Test("New nodes of a load go before, between and behind those that are there, more than a block at once")
    func manyNewNodes() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("people.kith")
        let old = (5_000..<7_000 as Range<UInt64>).filter { $0 % 3 == 0 }
        let new = (0..<14_000 as Range<UInt64>).filter { !old.contains($0) }
        for numbers in [old, new] {
            _ = try BulkLoader(threads: 2).load(into: path) { sink in
                for number in numbers {
                    try sink.addNode(NodeKey(number))
                    if number % 2 == 0 { try sink.addNode(NodeKey("name-\(number * 7_919 % 20_011)")) }
                }
            }
        }
        let store = try GraphStore(opening: path)
        #expect(try store.check().problems == [])
        let ids = try store.read { snapshot in
            try (old + new).flatMap { number in
                let name = number % 2 == 0 ? [try NodeKey("name-\(number * 7_919 % 20_011)")] : []
                return try ([NodeKey(number)] + name).map { key in
                    let id = try #require(try snapshot.id(of: key))
                    #expect(try snapshot.key(of: id) == key)
                    return id.rawValue
                }
            }
        }
        #expect(ids.sorted() == (0..<21_000).map { UInt32($0) })
    }

    @Test(
        "A store that is being made by this process is not begun a second time; where there is no folder, none is begun"
    )
    func madeTwice() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("people.kith")
        let report = try BulkLoader().load(into: path) { sink in
            try sink.add(1, .follows, 2)
            #expect(throws: GraphStoreError.self) { try GraphStore(creating: path) }
            try sink.add(2, .follows, 3)
        }
        #expect(report.edges == [.follows: 2])
        let lost = folder.file("none/people.kith")
        #expect(throws: GraphStoreError.noSuchFolder(path: lost)) { try GraphStore(creating: lost) }
        #expect(throws: GraphStoreError.noSuchFolder(path: lost)) { try GraphStore(opening: path).backup(to: lost) }
    }

    @Test("A new store never takes the place of a file")
    func existing() throws {
        let folder = try TemporaryFolder()
        let path = try file("as it was", "people.kith", in: folder)
        #expect(throws: GraphStoreError.storeExists(path: path)) { try GraphStore(creating: path) }
        #expect(throws: GraphStoreError.self) { try BulkLoader().load(into: path) { _ in } }
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "as it was")
        #expect(try folder.names() == ["people.kith"])
    }

    @Test("Bad rows are left out and reported when they may be")
    func skips() throws {
        let folder = try TemporaryFolder()
        let input = try file(
            "1\t2\t3\t7\n1\n3\t4\tnan\n5\t6\tinf\n7\t8\t1e400\n8\t9\t0.5\t2001-09-09T01:46:40Z\n", "mixed.tsv",
            in: folder)
        let path = folder.file("people.kith")
        let rejected = Mutex<[Int]>([])
        let loader = BulkLoader(onError: .skip, onReject: { row in rejected.withLock { $0.append(row.line) } })
        let report = try loader.load([.init(type: .interacts, path: input)], into: path)
        #expect(report.rejected == ["too-few-columns": 1, "bad-weight": 3])
        #expect(rejected.withLock { $0 } == [2, 3, 4, 5])
        #expect(report.edges == [.interacts: 2])
        #expect(try edges(path, .interacts, of: 8).map(\.time) == [1_000_000_000])
    }

    @Test("A load into a store adds to it in one transaction, or leaves it as it was")
    func intoStore() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("people.kith")
        let store = try GraphStore(creating: path, options: .forTests)
        try store.write { graph in _ = try graph.add(1, .follows, 2, at: 5) }
        let good = try file("1\t2\t9\n2\t3\t9\n", "good.tsv", in: folder)
        let bad = try file("5\t6\t9\nx\n", "bad.tsv", in: folder)
        #expect(throws: LoadError.self) { try BulkLoader().load([.init(type: .follows, path: bad)], into: path) }
        #expect(try store.read { try $0.contains(5) } == false)
        let report = try BulkLoader().load([.init(type: .follows, path: good)], into: path)
        #expect(report.edges == [.follows: 2])
        #expect(report.duplicates == 1)
        #expect(try store.read { try $0.edge(from: 1, .follows, to: 2)?.time } == 9)
        #expect(try store.check().problems == [])
    }

    @Test(
        "Random files equal dictionaries: the last row wins where edges are replaced, all are summed where they add up",
        arguments: 0..<Repetitions.of(12))
    func equalsDictionaries(seed: Int) throws {
        let folder = try TemporaryFolder()
        let path = folder.file("people.kith")
        var random = SplitMix64(seed: UInt64(seed))
        var reference = ReferenceGraph(schema: .socialWithTotals)
        var files: [BulkLoader.EdgeFile] = []
        for type in Schema.socialWithTotals.edgeTypes {
            var text = ""
            for _ in 0..<Int.random(in: 0...600, using: &random) {
                let source = NodeKey(UInt64.random(in: 0..<40, using: &random))
                let target = try NodeKey("n\(UInt64.random(in: 0..<30, using: &random))")
                let weight = Double.random(in: 0...4, using: &random)
                let time = UInt32.random(in: 1_000_000_000...1_003_000_000, using: &random)
                let hasWeight = type.columns.contains(.weight)
                let hasTime = type.columns.contains(.time)
                text += "\(source)\t\(target)" + (hasWeight ? "\t\(weight)" : "") + (hasTime ? "\t\(time)" : "") + "\n"
                reference.add(
                    type, source, target, .init(weight: hasWeight ? weight : 1, time: hasTime ? time : 0),
                    inOneLoad: true)
            }
            files.append(.init(type: type.name, path: try file(text, "\(type.name).tsv", in: folder)))
        }
        _ = try BulkLoader(schema: .socialWithTotals).load(files, into: path)
        let store = try GraphStore(opening: path)
        #expect(try firstDifference(between: store, and: reference) == nil)
        #expect(try store.check().problems == [])
    }
}

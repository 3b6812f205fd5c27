import Foundation
import GraphTesting
import Synchronization
import Testing

@testable import Kith

@Suite("A file of changes")
struct ChangeFileTests {
    private static let clock: Timestamp = 1_700_000_000

    private func makeStore(_ folder: TemporaryFolder) throws -> GraphStore {
        try GraphStore(creating: folder.file("s.kith"), options: .init(clock: { ChangeFileTests.clock }))
    }

    private func write(_ text: String, _ name: String, in folder: TemporaryFolder) throws -> String {
        let path = folder.file(name)
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        guard name.hasSuffix(".gz") else { return path }
        try FileManager.default.moveItem(atPath: path, toPath: folder.file("plain"))
        let gzip = Process()
        gzip.executableURL = URL(fileURLWithPath: "/bin/sh")
        gzip.arguments = ["-c", "gzip < '\(folder.file("plain"))' > '\(path)'"]
        try gzip.run()
        gzip.waitUntilExit()
        return path
    }

    /// A key as JSON has it: integers bare or in quotes.
    private func json(_ key: NodeKey, _ random: inout SplitMix64) -> String {
        key.integer != nil && Bool.random(using: &random) ? "\(key)" : JSONLinesFormat().text(ofKey: "\(key)")
    }

    /// Random changes as lines, made on a reference too, with the counts that come of it.
    private func make(
        _ count: Int, _ reference: inout ReferenceGraph, _ expected: inout ChangeFile.Report,
        _ random: inout SplitMix64
    ) throws -> String {
        let keys = (0..<12 as Range<UInt64>).map { NodeKey($0) } + ["ann", "say \"hi\"", "two\nlines", "日本"]
        var text = ""
        for _ in 0..<count {
            let type = try #require(Schema.social.edgeTypes.randomElement(using: &random))
            let source = try #require(keys.randomElement(using: &random))
            let target = try #require(keys.randomElement(using: &random))
            let ends = "\"from\": \(json(source, &random)), \"to\": \(json(target, &random))"
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<6:
                if source == target, type.source == type.target { continue }
                let weight: Double? =
                    type.columns.contains(.weight) && Bool.random(using: &random)
                    ? Double.random(in: -4...4, using: &random) : nil
                let time: UInt32? =
                    type.columns.contains(.time) && Bool.random(using: &random)
                    ? UInt32.random(in: 1_690_000_000...1_700_000_000, using: &random) : nil
                text += "{\"add\": \"\(type.name)\", \(ends)"
                if let weight { text += ", \"weight\": \(weight)" }
                if let time { text += ", \"time\": \(time)" }
                text += "}\n"
                let stored = type.columns.contains(.time) ? time ?? ChangeFileTests.clock.rawValue : 0
                if reference.add(type, source, target, .init(weight: weight ?? 1, time: stored)) {
                    expected.added += 1
                } else {
                    expected.updated += 1
                }
            case 6, 7:
                text += "{\"remove\": \"\(type.name)\", \(ends)}\r\n"
                if reference.remove(type, source, target) { expected.removed += 1 } else { expected.missing += 1 }
            case 8:
                text += "{\"add\": {\"kind\": \"\(type.target)\", \"key\": \(json(target, &random))}}\n"
                if reference.addNode(target, kind: type.target) {
                    expected.nodesAdded += 1
                } else {
                    expected.nodesKnown += 1
                }
            default:
                text += " {\"remove\": {\"key\": \(json(source, &random)), \"kind\": \"\(type.source)\"}}\n\n"
                if reference.removeNode(source, kind: type.source) {
                    expected.nodesRemoved += 1
                } else {
                    expected.nodesMissing += 1
                }
                expected.lines += 1
            }
            expected.rows += 1
            expected.lines += 1
        }
        return text
    }

    @Test("does what single additions and removals do, in the order of lines", arguments: 0..<Repetitions.of(6))
    func oracle(seed: Int) throws {
        let folder = try TemporaryFolder()
        let store = try makeStore(folder)
        var random = SplitMix64(seed: UInt64(9_300 + seed))
        var reference = ReferenceGraph(schema: .social)
        for round in 0..<2 {
            var expected = ChangeFile.Report()
            let text = try make(1_200, &reference, &expected, &random)
            let path = try write(text, round == 0 ? "c.jsonl" : "c.jsonl.gz", in: folder)
            var file = ChangeFile(path: path)
            file.rowsPerCommit = [nil, 1_000, 7][(seed + round) % 3]
            let report = try store.apply(file)
            expected.commits = file.rowsPerCommit.map { (expected.rows + $0 - 1) / $0 } ?? 1
            #expect(report == expected)
            #expect(try firstDifference(between: store, and: reference) == nil)
            #expect(try store.check().problems == [])
        }
    }

    @Test(
        "is refused by the line, with what was found and what is expected, and changes nothing",
        arguments: [
            (
                "{\"add\": \"follows\", \"from\": \"a\", \"to\": \"b\", \"wieght\": 2}", "bad-change",
                "did you mean 'weight'?"
            ),
            (
                "{\"add\": \"follows\", \"from\": \"a\", \"to\": \"b\", \"to\": \"c\"}", "bad-change",
                "'to': it is written twice"
            ),
            ("{\"add\": \"follows\", \"from\": \"a\", \"to\": \"b\",}", "bad-change", "comma"),
            ("{\"add\": \"follows\", \"from\": \"a\"}", "bad-change", "'to' is missing"),
            ("{\"from\": \"a\", \"to\": \"b\"}", "bad-change", "needs one of \"add\" and \"remove\", and has neither"),
            ("{\"add\": \"follows\", \"remove\": \"follows\"}", "bad-change", "has both"),
            ("{\"add\": {\"kind\": \"user\", \"key\": \"a\"}, \"to\": \"b\"}", "bad-change", "a node has no \"to\""),
            ("{\"add\": {\"kind\": \"user\", \"name\": \"a\"}}", "bad-change", "'add.name': there is no such member"),
            (
                "{\"add\": 7, \"from\": \"a\", \"to\": \"b\"}", "bad-change",
                "'add': an object is expected, found a number"
            ),
            (
                "{\"add\": \"interests\", \"from\": \"a\", \"to\": \"b\", \"weight\": \"2\"}", "bad-change",
                "'weight': a number is expected, found text"
            ),
            (
                "{\"add\": \"follows\", \"from\": null, \"to\": \"b\"}", "bad-change",
                "'from': text in quotes is expected, found null"
            ),
            ("[1]", "bad-change", "an object is expected, found an array"),
            (
                "{\"add\": \"interests\", \"from\": \"a\", \"to\": \"b\", \"weight\": 9007199254740993}", "bad-change",
                "9007199254740993 is a whole number that is rounded even in double precision"
            ),
            (
                "{\"add\": \"interests\", \"from\": \"a\", \"to\": \"b\", \"weight\": 123456789012345678901}",
                "bad-change",
                "123456789012345678901 is a whole number"
            ),
            (
                "{\"remove\": \"interacts\", \"from\": \"a\", \"to\": \"b\", \"weight\": 1}", "bad-change",
                "has no \"weight\""
            ),
            (
                "{\"add\": \"interests\", \"from\": \"a\", \"to\": \"b\", \"weight\": 1e99}", "bad-weight",
                "this one is 1e+99"
            ),
            (
                "{\"add\": \"interests\", \"from\": \"a\", \"to\": \"b\", \"weight\": 1e-99}", "bad-weight",
                "is 0, or from 1e-45 to"
            ),
            (
                "{\"add\": \"interests\", \"from\": \"a\", \"to\": \"b\", \"weight\": 16777217}", "bad-weight",
                "a 32-bit float, which does not hold 16777217"
            ),
            (
                "{\"add\": \"follows\", \"from\": \"a\", \"to\": \"b\", \"time\": \"2024-02-30\"}", "bad-change",
                "2024-02-30"
            ),
            ("{\"add\": \"follows\", \"from\": \"\", \"to\": \"b\"}", "bad-change", "'from': a key needs"),
            ("{\"add\": \"follows\", \"from\": 1.5, \"to\": \"b\"}", "bad-change", "found 1.5"),
            ("a\tb", "bad-change", "not valid JSON"), ("[]", "bad-change", "array"), ("\u{0}", "bad-change", "UTF-8"),
            ("{\"add\": \"folows\", \"from\": \"a\", \"to\": \"b\"}", "unknown-edge-type", "'folows'"),
            ("{\"add\": {\"kind\": \"usr\", \"key\": \"a\"}}", "unknown-kind", "'usr'"),
            ("{\"add\": \"follows\", \"from\": \"a\", \"to\": \"a\"}", "self-loop", "'a'"),
            ("{\"add\": \"follows\", \"from\": \"a\", \"to\": \"b\", \"weight\": 2}", "no-such-column", "weight"),
            ("{\"add\": \"settings\", \"from\": \"a\", \"to\": \"hiden\"}", "unknown-setting", "hidden"),
            ("{\"add\": \"views\", \"from\": 1, \"to\": 2, \"weight\": 3e38}", "bad-weight-sum", "3.4"),
        ])
    func refused(line: String, code: String, words: String) throws {
        let folder = try TemporaryFolder()
        let store = try makeStore(folder)
        try store.write { graph in try graph.add(1, .views, 2, weight: 3e38) }
        let first = "{\"add\": \"follows\", \"from\": \"x\", \"to\": \"y\"}\n"
        let path = try write(first + "\n" + line + "\n" + first, "c", in: folder)
        let error = #expect(throws: LoadError.self) { try store.apply(ChangeFile(path: path)) }
        guard case .badChange(let row, 0) = error else {
            Issue.record("\(String(describing: error)) is no bad change")
            return
        }
        #expect(row.line == 3 && row.error.code == code && row.text == line, "\(row)")
        #expect("\(row.error)".contains(words), "\(row.error)")
        #expect(try store.read { try $0.edgeCount(of: .follows) } == 0)

        // Left out, it costs nothing but itself.
        let rejected = Mutex<[Int]>([])
        var file = ChangeFile(path: path, onError: .skip)
        file.onReject = { row in rejected.withLock { $0.append(row.line) } }
        let report = try store.apply(file)
        #expect(report.added == 1 && report.updated == 1 && report.rejected == [code: 1] && report.rows == 3)
        #expect(rejected.withLock { $0 } == [3])
        #expect(try store.check().problems == [])
    }

    @Test("in several commits leaves those before a bad line, and says up to which line")
    func severalCommits() throws {
        let folder = try TemporaryFolder()
        let store = try makeStore(folder)
        let lines = (1...25).map { "{\"add\": \"follows\", \"from\": \($0), \"to\": 0}\n" }
        let path = try write(lines.joined() + "{\"add\"}\n", "c.jsonl", in: folder)
        let commits = Mutex<[Int]>([])
        var file = ChangeFile(path: path, rowsPerCommit: 10)
        file.onCommit = { report in commits.withLock { $0.append(report.added) } }
        let error = #expect(throws: LoadError.self) { try store.apply(file) }
        guard case .badChange(let row, 20) = error else {
            Issue.record("\(String(describing: error)) does not name line 20")
            return
        }
        #expect(row.line == 26)
        #expect("\(try #require(error))".hasSuffix("apply what stands behind line 20"))
        #expect(commits.withLock { $0 } == [10, 20])
        #expect(try store.read { try $0.degree(of: 0, via: .follows, direction: .in) } == 20)

        // Gives up when it is asked to, with what is committed in place.
        file = ChangeFile(path: try write(lines.joined(), "d.jsonl", in: folder), rowsPerCommit: 5)
        file.isCancelled = { true }
        #expect(throws: CancellationError.self) { try store.apply(file) }
        #expect(try store.apply(ChangeFile(path: try write("", "e", in: folder))).rows == 0)
        #expect(throws: LoadError.self) { try store.apply(ChangeFile(path: folder.file("none"))) }
        #expect(throws: GraphStoreError.self) { try store.apply(ChangeFile(path: path, rowsPerCommit: 0)) }
        #expect(try store.check().problems == [])
    }

    @Test("keeps weights of double precision to the last bit, and rounds no whole number")
    func preciseWeights() throws {
        let folder = try TemporaryFolder()
        let store = try GraphStore(creating: folder.file("s.kith"), schema: .socialWithTotals)
        var random = SplitMix64(seed: 53)
        var texts = [
            "9007199254740992", "12345678901234567.5", "1e-7", "-0.1", "4.289305879150052e+18", "1e38", "-1e20",
        ]
        for _ in 0..<500 {
            let exponent = Int.random(in: -126...126, using: &random)
            texts.append(
                "\(Double(sign: .minus, exponent: exponent, significand: .random(in: 1..<2, using: &random)))")
        }
        let lines = texts.enumerated().map { number, text in
            "{\"add\": \"ratings\", \"from\": \"a\", \"to\": \(number), \"weight\": \(text)}\n"
        }
        _ = try store.apply(ChangeFile(path: try write(lines.joined(), "c.jsonl", in: folder)))
        try store.read { snapshot in
            for (number, text) in texts.enumerated() {
                let weight = try snapshot.edge(from: "a", "ratings", to: NodeKey(UInt64(number)))?.weight
                #expect(weight == Double(text), "\(text)")
            }
        }
        for text in ["9007199254740993", "-9007199254740993", "18446744073709551615", "123456789012345678901"] {
            let line = "{\"add\": \"ratings\", \"from\": \"a\", \"to\": \"b\", \"weight\": \(text)}\n"
            let file = ChangeFile(path: try write(line, "c.jsonl", in: folder))
            #expect(throws: LoadError.self, "\(text)") { try store.apply(file) }
        }
    }

    @Test("that is cut off, or damaged, when it is compressed changes nothing")
    func damaged() throws {
        let folder = try TemporaryFolder()
        let store = try makeStore(folder)
        let lines = (1...40_000).map { "{\"add\": \"follows\", \"from\": \($0), \"to\": 0}\n" }
        let path = try write(lines.joined(), "c.jsonl.gz", in: folder)
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        try whole.prefix(whole.count - 1_000).write(to: URL(fileURLWithPath: path))
        #expect(throws: LoadError.self) { try store.apply(ChangeFile(path: path)) }
        #expect(try store.read { try $0.nodeCount(of: .user) } == 0)
    }

    @Test(
        "of edges to be removed may be of any format that is loaded", arguments: EdgeFileFormat.general, [false, true])
    func removedEdges(format: EdgeFileFormat, isCompressed: Bool) throws {
        let folder = try TemporaryFolder()
        let store = try makeStore(folder)
        var reference = ReferenceGraph(schema: .social)
        let type = try #require(Schema.social.edgeType(format == .adjacency ? .settings : .interests))
        try store.write { graph in
            for number in 0..<3_000 as Range<UInt64> {
                let source = number % 3 == 0 ? try NodeKey("user-\(number % 50)") : NodeKey(number % 50)
                let target = number % 5 == 0 ? try NodeKey("tag-\(number % 70)") : NodeKey(number % 70)
                try graph.add(source, type.name, target)
                reference.add(type, source, target, .init(weight: 1, time: 0))
            }
        }
        let path = folder.file("gone.\(format.fileNameExtension)" + (isCompressed ? ".gz" : ""))
        let rows = try store.read { try GraphExport(format).write(.edges(type.name), of: $0, toFile: path).rows }
        for (source, targets) in reference.edges[type.name, default: [:]] {
            for target in targets.keys { reference.remove(type, source, target) }
        }
        try store.write { graph in try graph.add("kept", type.name, "kept too") }
        reference.add(type, "kept", "kept too", .init(weight: 1, time: 0))
        let file = ChangeFile(path: path, contents: .removedEdges(of: type.name))
        #expect(try store.apply(file).removed == rows)
        #expect(try firstDifference(between: store, and: reference) == nil)
        #expect(try store.check().problems == [])
        let again = try store.apply(file)
        #expect(again.removed == 0 && again.missing == rows)
    }

    @Test("of edges of all types takes each row's from its column, and one of keys takes nodes, each once")
    func removedOfAll() throws {
        let folder = try TemporaryFolder()
        let store = try makeStore(folder)
        try store.write { graph in
            try graph.add(1, .follows, 2)
            try graph.add(1, .friends, 2)
            try graph.add(1, .interests, "tea")
            try graph.add(3, .follows, 1)
        }
        let edges = try write("from,to,type\n1,2,follows\n2,1,friends\n9,9,interests\n", "e.csv", in: folder)
        let report = try store.apply(ChangeFile(path: edges, contents: .removedEdges(of: nil)))
        #expect(report.removed == 2 && report.missing == 1 && report.rows == 3)
        let bad = try write("from,to,type\n3,1,follows\n1,2,folows\n", "b.csv", in: folder)
        #expect(throws: LoadError.self) { try store.apply(ChangeFile(path: bad, contents: .removedEdges(of: nil))) }
        #expect(throws: GraphStoreError.self) {
            try store.apply(ChangeFile(path: edges, contents: .removedEdges(of: "folows")))
        }
        #expect(try store.read { try $0.edgeCount(of: .follows) } == 1)
        let keys = try write("1\nnobody\n1\n2\n", "keys", in: folder)
        let nodes = try store.apply(ChangeFile(path: keys, contents: .removedNodes(of: .user)))
        #expect(nodes.nodesRemoved == 2 && nodes.nodesMissing == 2)
        #expect(try store.read { try $0.nodeCount(of: .user) == 1 && $0.contains(3) && !$0.contains(1) })
        #expect(try store.check().problems == [])
    }
}

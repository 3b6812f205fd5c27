import Foundation
import GraphTesting
import ProcessTesting
import Synchronization
import Testing

@testable import Kith

@Suite("An export")
struct ExportTests {
    /// How a graph is written in a test.
    struct Way: Sendable, CustomTestStringConvertible {
        var format: EdgeFileFormat
        var header = GraphExport.Header.plain
        var isCompressed = false

        var testDescription: String { "\(format) \(header)\(isCompressed ? " gz" : "")" }

        static let all = [false, true].flatMap { isCompressed in
            EdgeFileFormat.general.map { Way(format: $0, isCompressed: isCompressed) }
                + [EdgeFileFormat.tsv, .csv].map { Way(format: $0, header: .neo4j, isCompressed: isCompressed) }
        }

        /// Keys that are odd, but not too odd for the format.
        var oddKeys: [String] {
            [
                "say \"hi\"", "accent\"\u{301}", "back\\slash", "ümlaut", "日本", "to", ":ID", "\u{FEFF}", "\u{1}",
            ].filter {
                format != .edges || !$0.contains(" ")
            } + (format == .edges ? [] : ["two words"]) + (format == .tsv ? [] : ["from", "key"])
                + (format == .csv || format == .jsonl ? [" ", " x", "x\t"] : [])
                + (format == .adjacency ? [] : ["a,b", ";|"])
                + (format == .csv || format == .jsonl ? ["two\nlines", "tab\tbed", "cr\r", "crlf\r\n"] : [])
                + (format == .csv || format == .jsonl || format == .tsv ? ["#first", "% of all"] : [])
        }

        /// Whether rows can have the weights and times of edges.
        var hasValues: Bool { format != .adjacency }
    }

    private static let clock: Timestamp = 1_600_000_000

    private func fill(
        _ path: String, for way: Way, seed: Int, types: [EdgeType] = Schema.socialWithTotals.edgeTypes
    ) throws -> ReferenceGraph {
        var random = SplitMix64(seed: UInt64(3_100 + seed))
        var reference = ReferenceGraph(schema: .socialWithTotals)
        let keys = try (0..<60 as Range<UInt64>).map { NodeKey($0) } + way.oddKeys.map { try NodeKey($0) }
        _ = try BulkLoader(schema: .socialWithTotals, options: .init(clock: { ExportTests.clock })).load(into: path) {
            sink in
            for type in types {
                var accumulates = false
                if case .accumulate = type.repetition { accumulates = true }
                // What accumulates has a time always, which such rows cannot say.
                if accumulates, !way.hasValues { continue }
                for _ in 0..<200 {
                    guard let source = keys.randomElement(using: &random),
                        let target = keys.randomElement(using: &random),
                        source != target || type.source != type.target
                    else { continue }
                    let weight: Double? =
                        type.columns.contains(.weight) && way.hasValues
                        ? Double.random(in: -3...3, using: &random) : nil
                    // Some times are not known, and some of what accumulates is of the first second.
                    let time: Timestamp? =
                        type.columns.contains(.time) && way.hasValues && Bool.random(using: &random)
                        ? Timestamp(
                            rawValue: UInt32.random(in: 0...3, using: &random) == 0
                                ? 0 : UInt32.random(in: 1...2_000_000_000, using: &random)) : nil
                    try sink.add(source, type.name, target, weight: weight, at: time)
                    reference.add(
                        type, source, target,
                        .init(
                            weight: weight ?? 1,
                            time: type.columns.contains(.time)
                                ? time?.rawValue ?? (accumulates ? ExportTests.clock.rawValue : 0) : 0))
                }
            }
            for key in ["lonely", "42x"] as [NodeKey] {
                try sink.addNode(key, kind: .topic)
                reference.addNode(key, kind: .topic)
            }
        }
        return reference
    }

    /// Loads files into a new store and expects the graph, and the ids of another store, there.
    private func expect(
        _ reference: ReferenceGraph, from edges: [BulkLoader.EdgeFile], _ nodes: [BulkLoader.NodeFile],
        asIn store: GraphStore, _ folder: TemporaryFolder
    ) throws {
        let again = folder.file("again.kith")
        _ = try BulkLoader(schema: .socialWithTotals, options: .init(clock: { ExportTests.clock })).load(
            edges, nodes: nodes, into: again)
        let loaded = try GraphStore(opening: again)
        #expect(try firstDifference(between: loaded, and: reference) == nil)
        #expect(try loaded.check().problems == [])
        let same = try store.read { old in
            try loaded.read { new in
                try (0..<UInt32(old.nodeCount(of: .user))).allSatisfy {
                    try old.key(of: NodeID(rawValue: $0)) == new.key(of: NodeID(rawValue: $0))
                }
            }
        }
        #expect(same)
    }

    @Test("that is loaded again is the same graph, with the same ids", arguments: Way.all, 0..<Repetitions.of(2))
    func roundTrip(way: Way, seed: Int) throws {
        let folder = try TemporaryFolder()
        let path = folder.file("s.kith")
        let reference = try fill(path, for: way, seed: seed)
        let store = try GraphStore(opening: path)
        let export = try GraphExport(way.format, header: way.header)
        let dump = folder.file("dump")
        let files = try store.read { try export.writeAll(of: $0, toFolder: dump, compressing: way.isCompressed) }
        var edges: [BulkLoader.EdgeFile] = []
        var nodes: [BulkLoader.NodeFile] = []
        for file in files {
            // The name tells the format.
            #expect(
                try Data(contentsOf: URL(fileURLWithPath: file.path)).starts(with: [0x1F, 0x8B]) == way.isCompressed)
            switch file.part {
            case .edges(let type?):
                #expect(try file.rows == reference.edgeCount(#require(Schema.socialWithTotals.edgeType(type))))
                edges.append(.init(type: type, path: file.path))
            case .edges(nil): Issue.record("each type has its file")
            case .nodes(let kind):
                #expect(file.rows == reference.nodes[kind, default: []].count)
                nodes.append(.init(kind: kind, path: file.path))
            }
        }
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: dump).sorted()
                == (files.map { String($0.path.dropFirst(dump.count + 1)) } + ["schema.json"]).sorted())
        try expect(reference, from: edges, nodes, asIn: store, folder)
    }

    @Test(
        "of all types in one file is read by the column of types",
        arguments: Way.all.filter { $0.format != .edges && $0.format != .adjacency })
    func allTypes(way: Way) throws {
        let folder = try TemporaryFolder()
        let path = folder.file("s.kith")
        // One header of neo4j has one kind of source and one of target.
        let types = Schema.socialWithTotals.edgeTypes.filter { way.header == .plain || $0.target == .user }
        let reference = try fill(path, for: way, seed: 9, types: types)
        let store = try GraphStore(opening: path)
        let export = try GraphExport(way.format, header: way.header)
        let file = folder.file("all.\(way.format.fileNameExtension)\(way.isCompressed ? ".gz" : "")")
        let topics = folder.file("topics.\(way.format.fileNameExtension)")
        try store.read { snapshot in
            let rows = try export.write(.edges(nil), of: snapshot, toFile: file).rows
            #expect(rows == types.reduce(0) { $0 + reference.edgeCount($1) })
            try export.write(.nodes(.topic), of: snapshot, toFile: topics)
        }
        try expect(
            reference, from: [.init(type: nil, path: file)], [.init(kind: .topic, path: topics)], asIn: store, folder)
    }

    @Test("keeps words above numbers, and names of columns, in the first row", arguments: EdgeFileFormat.general)
    func wordsFirst(format: EdgeFileFormat) throws {
        let folder = try TemporaryFolder()
        let export = try GraphExport(format)
        for (number, first) in [("ann", "bob"), ("from", "to"), ("src", "x"), ("\u{FEFF}key", "y")].enumerated() {
            let store = try GraphStore(creating: folder.file("\(number).kith"))
            try store.write { graph in
                try graph.add(NodeKey(first.0), .settings, NodeKey(first.1))
                for key in 1...30 as ClosedRange<UInt64> { try graph.add(NodeKey(key), .settings, NodeKey(key + 1)) }
            }
            let (edges, nodes) = (
                folder.file("\(number).\(format.fileNameExtension)"),
                folder.file("\(number).n.\(format.fileNameExtension)")
            )
            if format == .tsv, first.0 == "from" {
                // A row that says what the header says is no edge; so none may be written.
                let error = #expect(throws: LoadError.self) {
                    try store.read { _ = try export.write(.edges(.settings), of: $0, toFile: edges) }
                }
                #expect("\(try #require(error))".contains("the key 'from' has the name of a column"))
                continue
            }
            try store.read { snapshot in
                try export.write(.edges(.settings), of: snapshot, toFile: edges)
                try export.write(.nodes(.user), of: snapshot, toFile: nodes)
            }
            let again = folder.file("\(number).again.kith")
            let report = try BulkLoader().load([.init(type: .settings, path: edges)], into: again)
            #expect(report.edges == [.settings: 31])
            let keys = try BulkLoader().load(
                [], nodes: [.init(kind: .user, path: nodes)], into: folder.file("\(number).nodes.kith"))
            #expect(keys.nodes == [.user: 31])
            #expect(try GraphStore(opening: again).read { try $0.degree(of: NodeKey(first.0), via: .settings) } == 1)
        }
    }

    @Test("of a list longer than a row may be goes on in another line")
    func longLists() throws {
        let folder = try TemporaryFolder()
        let store = folder.file("s.kith")
        _ = try BulkLoader().load(into: store) { sink in
            for number in 0..<5_000 {
                try sink.add("hub", .settings, NodeKey("\(number)" + String(repeating: "k", count: 480)))
            }
        }
        let file = folder.file("e.adj")
        try GraphStore(opening: store).read { snapshot in
            _ = try GraphExport(.adjacency).write(.edges(.settings), of: snapshot, toFile: file)
        }
        let lines = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n")
        #expect(lines.count == 4 && lines.allSatisfy { $0.utf8.count <= 1 << 20 })
        let report = try BulkLoader().load([.init(type: .settings, path: file)], into: folder.file("again.kith"))
        #expect(report.edges == [.settings: 5_000])
    }

    @Test(
        "refuses what the format cannot hold, says which can, and writes nothing",
        arguments: [
            (.tsv, "tab\tbed", "ann", "a tab or a line end, which TSV files cannot hold; export as csv or jsonl"),
            (.tsv, "ann", "cr\r", "a tab or a line end, which TSV files cannot hold; export as csv or jsonl"),
            (
                .edges, "x y", "ann",
                "the key 'x y' has a blank, which edge lists cannot hold; export as tsv or csv or jsonl"
            ),
            (.edges, "ann", "x\ny", "a tab or a line end, which edge lists cannot hold; export as csv or jsonl"),
            (
                .edges, "#ann", "bob",
                "the start of a comment, which edge lists cannot hold; export as tsv or csv or jsonl"
            ),
            (.adjacency, "ann", "x,y", "a comma, which adjacency lines cannot hold; export as tsv or csv or jsonl"),
            (
                .adjacency, "ann", "x\ty",
                "a tab or a line end, which adjacency lines cannot hold; export as csv or jsonl"
            ),
            (.adjacency, "%ann", "bob", "the start of a comment, which adjacency lines cannot hold"),
        ] as [(EdgeFileFormat, String, String, String)])
    func refusedKeys(format: EdgeFileFormat, source: String, target: String, words: String) throws {
        let folder = try TemporaryFolder()
        let store = try GraphStore(creating: folder.file("s.kith"))
        try store.write { graph in try graph.add(NodeKey(source), .settings, NodeKey(target)) }
        try expectRefusal(words, by: try GraphExport(format), .edges(.settings), of: store, in: folder)
    }

    @Test(
        "refuses no key for what it has where that is no harm, nor for edges of another type",
        arguments: [EdgeFileFormat.edges, .adjacency])
    func harmlessKeys(format: EdgeFileFormat) throws {
        let folder = try TemporaryFolder()
        let store = try GraphStore(creating: folder.file("s.kith"))
        let target: NodeKey = format == .edges ? "#a,b" : "#a b"
        try store.write { graph in
            try graph.add("a", .settings, target)
            try graph.add("tab\tbed", .blocks, "x, y")
        }
        let file = folder.file("e.\(format.fileNameExtension)")
        try store.read { _ = try GraphExport(format).write(.edges(.settings), of: $0, toFile: file) }
        let again = folder.file("again.kith")
        _ = try BulkLoader().load([.init(type: .settings, path: file)], into: again)
        #expect(try GraphStore(opening: again).read { try $0.edge(from: "a", .settings, to: target) } != nil)
    }

    @Test(
        "refuses weights, times and types that the format cannot hold",
        arguments: [
            (.adjacency, .follows, nil, 5, "edges of 'follows' have times, which adjacency lines cannot hold"),
            (.adjacency, .interests, 0.5, nil, "edges of 'interests' have weights, which adjacency lines cannot hold"),
            (.adjacency, .interacts, 1, nil, "edges of 'interacts' have times, which adjacency lines cannot hold"),
            (
                .adjacency, nil, nil, nil,
                "adjacency lines cannot hold the types of edges; export one type, or export as tsv"
            ),
            (.edges, nil, nil, nil, "edge lists cannot hold the types of edges; export one type, or export as tsv"),
        ] as [(EdgeFileFormat, EdgeType.Name?, Double?, Timestamp?, String)])
    func refusedValues(
        format: EdgeFileFormat, type: EdgeType.Name?, weight: Double?, time: Timestamp?, words: String
    ) throws {
        let folder = try TemporaryFolder()
        let store = try GraphStore(creating: folder.file("s.kith"))
        try store.write { graph in
            try graph.add(1, type ?? .settings, 2, weight: weight, at: time)
        }
        try expectRefusal(words, by: try GraphExport(format), .edges(type), of: store, in: folder)
    }

    @Test("with neo4j's header refuses formats without one, and types that join different kinds in one file")
    func refusedHeaders() throws {
        for format in [EdgeFileFormat.edges, .jsonl, .adjacency] {
            #expect(throws: LoadError.self) { try GraphExport(format, header: .neo4j) }
        }
        let folder = try TemporaryFolder()
        let store = try GraphStore(creating: folder.file("s.kith"))
        try store.write { graph in
            try graph.add(1, .follows, 2)
            try graph.add(1, .interests, "tea")
        }
        try expectRefusal(
            "'follows' and 'interests' join different kinds", by: try GraphExport(.csv, header: .neo4j), .edges(nil),
            of: store, in: folder)
    }

    private func expectRefusal(
        _ words: String, by export: GraphExport, _ part: GraphExport.Part, of store: GraphStore,
        in folder: TemporaryFolder
    ) throws {
        let file = folder.file("e.out")
        try Data("as it was".utf8).write(to: URL(fileURLWithPath: file))
        let error = #expect(throws: LoadError.self) {
            try store.read { _ = try export.write(part, of: $0, toFile: file) }
        }
        #expect("\(try #require(error))".contains(words), "\(String(describing: error))")
        #expect(try String(contentsOfFile: file, encoding: .utf8) == "as it was")
        guard case .edges(let type) = part else { return }
        if type != nil {
            #expect(throws: LoadError.self) {
                try store.read { _ = try export.writeAll(of: $0, toFolder: folder.file("dump")) }
            }
        }
        #expect(throws: LoadError.self) {
            try store.read { try export.edges(of: type, in: $0) { _ in Issue.record("something was written") } }
        }
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == [
                "e.out", "s.kith", "s.kith-lock",
            ])
    }

    @Test("is there whole or not at all: an old file stays until then, a link leads on, stale files are removed")
    func wholeFiles() throws {
        let folder = try TemporaryFolder()
        let store = try GraphStore(creating: folder.file("s.kith"))
        try store.write { graph in try graph.add(1, .settings, 2) }
        let file = folder.file("e.tsv")
        try Data("as it was".utf8).write(to: URL(fileURLWithPath: file))
        try FileManager.default.createSymbolicLink(atPath: folder.file("link.tsv"), withDestinationPath: file)
        try FileManager.default.createDirectory(
            atPath: folder.file(".kith-temporary-0123456789abcdef/inside"), withIntermediateDirectories: true)
        var export = try GraphExport(.tsv)
        let written = Mutex<[GraphExport.Progress]>([])
        export.onProgress = { progress in
            #expect((try? String(contentsOfFile: file, encoding: .utf8)) == "as it was")
            written.withLock { $0.append(progress) }
        }
        try store.read { _ = try export.write(.edges(.settings), of: $0, toFile: folder.file("link.tsv")) }
        export.onProgress = { _ in }
        #expect(written.withLock { $0 } == [.init(part: .edges(.settings), rows: 1, rowsTotal: 1)])
        #expect(try String(contentsOfFile: file, encoding: .utf8) == "from\tto\n1\t2\n")
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == [
                "e.tsv", "link.tsv", "s.kith", "s.kith-lock",
            ])
        for bad in [folder.path, folder.file("none/e.tsv"), "/dev/full"] {
            let error = #expect(throws: LoadError.self) {
                try store.read { _ = try export.write(.edges(.settings), of: $0, toFile: bad) }
            }
            #expect("\(try #require(error))".contains("cannot be written"))
        }
        try store.read { _ = try export.write(.edges(.settings), of: $0, toFile: "/dev/null") }
    }

    private func compact(_ path: String, reordering: Bool) throws {
        if reordering { try GraphStore.reorder(path) } else { try GraphStore.compact(path) }
    }

    @Test(
        "A compacted store is the same graph and the same store; reordered, its ids are those of a load",
        arguments: [false, true])
    func compaction(reordering: Bool) throws {
        let folder = try TemporaryFolder()
        let path = folder.file("s.kith")
        var reference = ReferenceGraph(schema: .social)
        var random = SplitMix64(seed: 8)
        let uuid: String
        do {
            let store = try GraphStore(creating: path, options: .init(clock: { 1_600_000_000 }))
            uuid = try store.statistics().uuid
            let types = Schema.social.edgeTypes
            for _ in 0..<60 {
                try store.write { graph in
                    for _ in 0..<40 {
                        guard let type = types.randomElement(using: &random) else { continue }
                        let source = NodeKey(UInt64.random(in: 0..<50, using: &random))
                        let target = try NodeKey("k\(UInt64.random(in: 0..<50, using: &random))")
                        try graph.add(source, type.name, target)
                        reference.add(
                            type, source, target,
                            .init(weight: 1, time: type.columns.contains(.time) ? 1_600_000_000 : 0))
                    }
                    // Ids that are not given again leave holes.
                    let gone = NodeKey(UInt64.random(in: 0..<50, using: &random))
                    try graph.removeNode(gone)
                    reference.removeNode(gone, kind: .user)
                }
            }
            #expect(throws: GraphStoreError.self, "it is open") { try compact(path, reordering: reordering) }
        }
        let before = try Data(contentsOf: URL(fileURLWithPath: path)).count
        try compact(path, reordering: reordering)
        let store = try GraphStore(opening: path)
        #expect(try firstDifference(between: store, and: reference) == nil)
        #expect(try store.check().problems == [])
        #expect(try store.statistics().uuid == uuid)
        #expect(try store.statistics().bytes < before)
        try store.write { graph in _ = try graph.add(1, .follows, 2) }
        if reordering {
            let degrees = try store.read { snapshot in
                try (0..<UInt32(snapshot.nodeCount(of: .user))).map { id in
                    let key = try #require(try snapshot.key(of: NodeID(rawValue: id)))
                    return try [EdgeType.Name.follows, .friends, .interacts, .blocks, .dismisses].reduce(0) {
                        try $0 + snapshot.degree(of: key, via: $1, direction: .in)
                    }
                }
            }
            // Edge 1 -> 2 came afterwards.
            #expect(zip(degrees, degrees.dropFirst()).filter { $0 < $1 }.count <= 2)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == ["s.kith", "s.kith-lock"])
    }
}

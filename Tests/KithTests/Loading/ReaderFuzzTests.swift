import GraphTesting
import ProcessTesting
import Testing

@testable import Kith

/// Every reader by itself, in memory, fed with many small damaged files: none crashes or runs on, and the blocks that a file
/// is cut into change nothing. No store is made, so that an input costs less than a millisecond.
@Suite("A reader of a format, fuzzed")
struct ReaderFuzzTests {
    /// A small file, and what its rows are taken for.
    private struct Sample {
        enum Rows {
            case edges(EdgeType.Name?)
            case nodes(NodeKind)
        }

        let format: EdgeFileFormat
        let name: String
        let rows: Rows
        let text: String
        var dialect = FileDialect()
    }

    private static let samples: [Sample] = [
        Sample(
            format: .tsv, name: "e.tsv", rows: .edges("rates"),
            text: "source\ttarget\tweight\ttime\tnote\nann\tbob\t2.5\t1714550400\thi\nbob\t7\t1e-3\t2024-05-01\t\n"),
        Sample(
            format: .tsv, name: "e.tsv", rows: .edges("sees"),
            text: "\"from\"\t\"to\"\n\"1\"\t\"ann\"\t\"bob\"\n\"2\"\t\"bob\"\t\"cy\"\n"),
        Sample(
            format: .tsv, name: "e.tsv", rows: .edges(nil),
            text: ":START_ID\t:END_ID\t:TYPE\tweight\nann\tbob\tRATES\t2\nbob\tcy\tsees\t\ncy\tjazz\tlikes\t3\n"),
        Sample(
            format: .csv, name: "e.csv", rows: .edges("rates"),
            text: "\"to\",\"from\",\"count\"\r\n\"a,b\",\"say \"\"hi\"\"\",3\r\n"
                + "\"two\nlines\",7,\r\n\r\n\" x \",18,0.5\r\n"),
        Sample(
            format: .csv, name: "e.csv", rows: .edges("likes"),
            text: "sep=;\nuser;topic;weight;time\nann;jazz;2;2024-05-01 08:00:00\nbob;rock;;1714550400123\n"),
        Sample(format: .csv, name: "e.dat", rows: .edges("rates"), text: "1::2::5::978300760\n2::3::3::978302109\n"),
        Sample(format: .csv, name: "e.csv", rows: .edges("meets"), text: "# two of them\r1|2\r2|3\r#x\r3|4\r4|1\r"),
        Sample(format: .csv, name: "e.csv", rows: .nodes(.user), text: "id,name\n1,\"Smith, Ann\"\n2,Bob\nbob,\"B\"\n"),
        Sample(
            format: .csv, name: "e.csv", rows: .edges("rates"),
            text: "by hand\n'ann'~x~'bob ~'~01.05.2024\n'it''s'~y~7~02.05.2024\n! so\n7~z~8~\n",
            dialect: FileDialect(
                columns: [.source, .skipped, .target, .time], header: FileDialect.Header.none,
                delimiter: FileDialect.Delimiter("~"), quote: .single, comment: FileDialect.Comment("!"),
                skippedLines: 1, timeFormat: TimeFormat("%d.%m.%Y"))),
        Sample(
            format: .edges, name: "e.txt", rows: .edges("rates"),
            text: "# FromNodeId\tToNodeId\tWeight\tTime\n1\t2\t1.5\n% so\n2  3 2 1714550400\r\n\n 7 ann\n"
                + "18446744073709551616 7\n"),
        Sample(
            format: .edges, name: "e.txt", rows: .edges("sees"),
            text: "\"from\" \"to\"\n\"1\" \"ann lee\" \"bob\"\n\"2\" \"bob\" \"cy\"\n"),
        Sample(
            format: .edges, name: "e.edgelist", rows: .edges("rates"),
            text: "1 2 {'weight': 3.0, 'time': 5, 'x': [1, {}]}\nann bob {}\nbob cy {'a': \"it's\", 'n': None}\n"),
        Sample(
            format: .edges, name: "e.edgelist", rows: .edges("trusts"),
            text: "ann lee\tbob\t{'weight': 2}\nbob\tcy\t{'time': '2024-05-01', 't': (1,)}\n"),
        Sample(
            format: .jsonl, name: "e.jsonl", rows: .edges("rates"),
            text: "{\"from\": \"a\\u0062\", \"to\": 7, \"weight\": 2}\n"
                + "{\"z\": [1, {\"x\": null}], \"to\": 1, \"from\": \"\\ud83d\\ude00\", \"time\": \"2024-05-01\"}\n"),
        Sample(
            format: .jsonl, name: "e.jsonl", rows: .edges(nil),
            text: "{\"from\": 1, \"to\": 2, \"type\": \"rates\"}\n\n"
                + "{\"type\":\"likes\",\"from\":\"a\",\"to\":\"b\"}\r\n"),
        Sample(
            format: .jsonl, name: "e.jsonl", rows: .nodes(.topic),
            text: "{\"key\": \"a\", \"x\": true}\n{\"key\": 7}\n{\"key\": \"\\n\"}"),
        Sample(
            format: .adjacency, name: "e.adj", rows: .edges("sees"),
            text: "# from\tto\n1\t2,3 4\n2\t3\nann\t\n7\tann\n"),
        Sample(format: .adjacency, name: "e.adj", rows: .nodes(.user), text: "ann\nbob lee\n7\n#x\n"),
        Sample(
            format: .adjacency, name: "e.txt", rows: .edges("sees"),
            text: "#-\n# GMT Mon Nov 30 19:39:02 2026\n# x\nann bob cy\nbob cy\ncy\n7 8 9 10\n"),
        Sample(format: .adjacency, name: "e.adjlist", rows: .edges("meets"), text: "1 2 3\n2 3\n3\n7 8\n"),
        Sample(
            format: .matrixMarket, name: "e.mtx", rows: .edges("likes"),
            text: "%%MatrixMarket matrix coordinate real general\n%\n9 9 4\n1 2 5E-1\n2 3 1\n\n9 1 1\n1 3 -2\n"),
        Sample(
            format: .matrixMarket, name: "e.txt", rows: .edges("trusts"),
            text: "%%MatrixMarket matrix coordinate pattern symmetric \r\n9 9 3\r\n2 1\r\n 3  2\r\n5 4\r\n"),
        Sample(
            format: .metis, name: "e.graph", rows: .edges("knows"),
            text: "% x\n4 3 001\n2 5 3 1\n1 5\n1 1 4 2\n3 2\n\n"),
        Sample(
            format: .metis, name: "e.metis", rows: .edges("sees"),
            text: "5 2 110 2\n1 1 1 2\n1 1 1 1 3\n1 2 3 2\n1 1 1\n1 1 1\n"),
        Sample(
            format: .konect, name: "out.a", rows: .edges("rates"),
            text: "% sym positive\n% 4 6 6\n1 2 1 1082008561\n2 3\n3 4 5\n4\t5 6 1082008562\n"),
        Sample(
            format: .konect, name: "out.b", rows: .edges("visits"),
            text: "% bip unweighted\n1 2\n% x\n2 3\n\n3 1\n"),
    ]

    private let schema = LoadedText.schema
    private let interners: [KeyInterner]
    private let parsed: ParsedRows

    init() {
        interners = schema.nodeKinds.map { _ in KeyInterner() }
        parsed = ParsedRows(schema: schema, interners: interners, defaultTime: { _ in 0 })
    }

    /// What was read of a file.
    private struct Outcome: Equatable {
        struct Edge: Equatable {
            let source: NodeKey
            let target: NodeKey
            let value: UInt64
        }

        /// By type.
        var edges: [[Edge]]
        var nodeRowCount = 0
        var firstNodes: [FileReport.Row] = []
        /// The lines of rows that were turned down, why, and what they are.
        var rejected: [String] = []
        var codes: Set<String> = []
        /// Lines, comments, blank lines, headers that stand again.
        var counts = [0, 0, 0, 0]
        var readingCounts = Readings.noCounts
        var leftOut = LeftOutNames()
        var tally = RecordTally()
    }

    /// Adds what a block has.
    private func note(_ subject: RowSubject, in outcome: inout Outcome) throws {
        for (index, type) in schema.edgeTypes.enumerated() {
            let rows = parsed.edges[index]
            let sources = try interner(type.source)
            let targets = try interner(type.target)
            for row in 0..<rows.count {
                outcome.edges[index].append(
                    .init(
                        source: try rows.sourceKey(row, of: sources), target: try rows.targetKey(row, of: targets),
                        value: rows.values?[row] ?? rows.defaultValue))
            }
        }
        outcome.nodeRowCount += parsed.nodeRowCount
        if case .nodes = subject {
            outcome.firstNodes += parsed.firstRows.prefix(FileReport.rowsShown - outcome.firstNodes.count)
        }
        for row in parsed.rejected {
            outcome.rejected.append("\(outcome.counts[0] + row.line) \(row.error) \(row.text)")
            outcome.codes.insert(row.error.code)
        }
        let counts = [parsed.lineCount, parsed.commentCount, parsed.blankLineCount, parsed.repeatedHeaderCount]
        outcome.counts = zip(outcome.counts, counts).map { $0 + $1 }
        outcome.readingCounts = zip(outcome.readingCounts, parsed.readingCounts).map { $0 + $1 }
        outcome.leftOut.formUnion(parsed.leftOut)
        outcome.tally += parsed.tally
    }

    private func interner(_ kind: NodeKind) throws -> KeyInterner {
        let index = try #require(schema.nodeKinds.firstIndex(of: kind))
        return interners[index]
    }

    /// Reads a text as a source of rows cuts it into blocks, when it reads so many bytes at once.
    private func read(
        _ text: [UInt8], by reader: any RecordReader, as subject: RowSubject, blockBytes: Int
    ) throws -> Outcome {
        var outcome = Outcome(edges: schema.edgeTypes.map { _ in [] })
        let block = TextChunk(capacity: blockBytes)
        var (start, count, recordCount) = (0, blockBytes, 0)
        while start < text.count {
            let end = min(text.count, start + count)
            block.set(Array(text[start..<end]))
            let recordEnd = end == text.count ? block.count : reader.lastRecordEnd(block.text)
            if recordEnd == 0 {
                count *= 2
                continue
            }
            guard (1...block.count).contains(recordEnd) else {
                Issue.record("a record ends at \(recordEnd) of \(block.count) bytes")
                break
            }
            _ = block.cut(at: recordEnd)
            block.offset = start
            block.recordsBefore = recordCount
            recordCount += reader.recordCount(block.text) ?? 0
            parsed.read(block, by: reader, as: subject)
            try note(subject, in: &outcome)
            start += recordEnd
            count = blockBytes
        }
        return outcome
    }

    private func rowSubject(of sample: Sample) throws -> RowSubject {
        switch sample.rows {
        case .nodes(let kind): return .nodes(try #require(schema.nodeKinds.firstIndex(of: kind)))
        case .edges(nil): return .edges(nil)
        case .edges(let name?):
            let index: Int = try #require(schema.edgeTypes.firstIndex { $0.name == name })
            return .edges(index)
        }
    }

    /// The format of a file as a load finds it out, without the lines that are passed over.
    private func sniff(_ text: [UInt8], of sample: Sample) throws -> (head: FileHead, found: EdgeFileFormat) {
        let chunk = TextChunk(capacity: text.count)
        chunk.set(text)
        let named = EdgeFileFormat(ofFileNamed: sample.name)
        var head = FileHead(text: chunk, isWhole: true, path: sample.name)
        head.dialect = sample.dialect
        head.kinds = parsed.kinds(of: try rowSubject(of: sample))
        try ForeignFormat.refuse(sample.name, beginningWith: chunk.text, given: nil, named: named)
        return (head, EdgeFileFormat(ofFileWith: head, named: named))
    }

    /// What is behind the lines that are passed over.
    private func bytes(of sample: Sample) -> [UInt8] {
        var text = Substring(sample.text)
        for _ in 0..<sample.dialect.skippedLines { text = text.drop { $0 != "\n" }.dropFirst() }
        return Array(text.utf8)
    }

    @Test("is fed with files that it reads as they are", arguments: samples.indices)
    func whole(index: Int) throws {
        let sample = ReaderFuzzTests.samples[index]
        let text = bytes(of: sample)
        let subject = try rowSubject(of: sample)
        let (head, found) = try sniff(text, of: sample)
        #expect(found == sample.format)
        let reader = try found.format.makeReader(of: head, for: parsed.shape(of: subject))
        let outcome = try read(text, by: reader, as: subject, blockBytes: text.count)
        #expect(outcome.rejected == [] && outcome.nodeRowCount + outcome.edges.joined().count > 1, "\(outcome)")
        _ = try reader.finish(outcome.tally, of: sample.name)
    }

    @Test("is one of all that are in the library")
    func all() {
        // GraphML is read by the command, and DOT by nobody.
        let formats = Set(ReaderFuzzTests.samples.map(\.format))
        #expect(formats == Set(EdgeFileFormat.allCases).subtracting([.graphml, .dot]))
    }

    private static let inputsPerSeed = 80

    @Test(
        "takes or refuses whatever is in a damaged file, and the same wherever its blocks end",
        arguments: samples.indices, Repetitions.seeds(1))
    func damaged(index: Int, seed: UInt64) throws {
        let sample = ReaderFuzzTests.samples[index]
        let whole = bytes(of: sample)
        let subject = try rowSubject(of: sample)
        var random = SplitMix64(seed: 98_000 + 1_000_000 * UInt64(index) + seed)
        for _ in 0..<ReaderFuzzTests.inputsPerSeed {
            let text = MutatedText.of(whole, changes: 1...6, &random)
            // Now and then a file is said to be of another format than it is of.
            var given: EdgeFileFormat?
            switch Int.random(in: 0..<4, using: &random) {
            case 0: given = sample.format
            case 1: given = EdgeFileFormat.allCases.randomElement(using: &random)
            default: break
            }
            let blockBytes = Int.random(in: 1...40, using: &random)
            func shown() -> String { String(decoding: text, as: UTF8.self).debugDescription }
            do {
                let (head, found) = try sniff(text, of: sample)
                let format = given ?? found
                let reader = try format.format.makeReader(of: head, for: parsed.shape(of: subject))
                let outcome = try read(text, by: reader, as: subject, blockBytes: max(1, text.count))
                #expect(outcome.codes.isSubset(of: EdgeFileFuzzTests.codes), "\(shown()) as \(format)")
                #expect(outcome.edges.joined().count <= text.count, "\(shown()) as \(format)")
                let cut = try read(text, by: reader, as: subject, blockBytes: blockBytes)
                #expect(cut == outcome, "\(shown()) as \(format), in blocks of \(blockBytes)")
                _ = try reader.finish(outcome.tally, of: sample.name)
            } catch is LoadError {
                // It was refused.
            }
        }
    }
}

@testable import Kith

/// Lines such as `ann -> bob`: a format that the library does not know, in one file.
struct ArrowFormat: EdgeFormat {
    let name = "arrows"
    let plural = "arrows"
    let fileNameExtensions = ["arrows"]
    let contents: EdgeFormatContents = []

    func makeReader(of head: FileHead, for shape: RowShape) -> any RecordReader { Reader() }
    func makeWriter(of columns: RowColumns, isSafe: Bool) -> any RecordWriter { Writer() }
    func flaw(ofKey key: String, in places: KeyTexts.Places) -> String? {
        key.contains(" ") ? "a blank" : KeyTexts.tabOrLineEnd(in: key)
    }

    private struct Reader: RecordReader {
        private let tokenizer = FieldTokenizer()

        func lastRecordEnd(_ text: UnsafeBufferPointer<UInt8>) -> Int { tokenizer.lastRecordEnd(text) }

        func read(_ block: TextChunk, as subject: RowSubject, into rows: ParsedRows) {
            tokenizer.forEachRow(of: block, into: rows) { fields throws(RowError) in
                switch subject {
                case .nodes(let kind): rows.addNode(try RowKey(fields[0], column: 1), kind)
                case .edges(let type):
                    guard fields.count == 3, fields[1].text == "->", let type else {
                        throw .tooFewColumns(found: fields.count, expected: 3)
                    }
                    let (source, target) = (try RowKey(fields[0], column: 1), try RowKey(fields[2], column: 3))
                    try rows.check(source, target, type)
                    rows.append(source, target, rows.defaultValue(type), type)
                }
            }
        }
    }

    private struct Writer: RecordWriter {
        func appendHeader(_ names: [String], to bytes: inout [UInt8]) {}

        func append(_ batch: EdgeBatch, to bytes: inout [UInt8]) {
            for edge in batch.edges {
                bytes += batch.sources.bytes[batch.sources.range(edge.source)] + Array(" -> ".utf8)
                bytes += batch.targets.bytes[batch.targets.range(edge.target)] + [LineEnds.lineFeed]
            }
        }

        func append(_ batch: NodeBatch, to bytes: inout [UInt8]) {
            for id in batch.ids { bytes += batch.keys.bytes[batch.keys.range(id)] + [LineEnds.lineFeed] }
        }
    }
}
